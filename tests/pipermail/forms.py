"""The forms that an archive can have: the generations of Mailman, and how a list is set up.

A `Generation` holds what a release changed (the facts are those of docs/formats.md); a `ListForm`
what the list's owner chose. `Wording` is what a language makes of it, from wordings.json.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Literal

WORDINGS = Path(__file__).with_name("wordings.json")
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]


@dataclass(frozen=True)
class Generation:
    """What a release of Mailman does; `reply` is the id in a page's mailto link, `key` the thread comments' form."""

    name: str
    reads_mime: bool = True
    reply: Literal["none", "parent", "own"] = "own"
    key: Literal["epoch", "message-id", "number"] = "number"
    angled_urls: bool = True
    blank_after_url: bool = False
    keeps_file_names: bool = False
    obscures_text: bool = True
    dates_with_zone: bool = True
    escapes_entities: bool = False
    by_thread: bool = False
    doctype: str = "HTML 4.01 Transitional"
    version: str = "Pipermail 0.09 (Mailman edition)"


V2_1_39 = Generation("2.1.39", by_thread=True)
V2_1_13 = replace(V2_1_39, name="2.1.13", by_thread=False)
V2_1_10 = replace(V2_1_13, name="2.1.10", key="message-id", escapes_entities=True, doctype="HTML 3.2")
V2_1_9 = replace(V2_1_10, name="2.1.9", reply="parent", angled_urls=False, blank_after_url=True)
V2_1_5 = replace(
    V2_1_9, name="2.1.5", blank_after_url=False, keeps_file_names=True, obscures_text=False, dates_with_zone=False
)
V2_0 = replace(
    V2_1_5, name="2.0", reads_mime=False, reply="none", key="epoch", dates_with_zone=True,
    version="Pipermail 0.05 (Mailman edition)",
)  # fmt: skip
V1 = replace(V2_0, name="1.1")


@dataclass(frozen=True)
class Wording:
    """The words of a language; `words` are those of wordings.json."""

    language: str
    words: dict[str, Any] = field(hash=False)

    def __getitem__(self, key: str) -> Any:
        return self.words[key]

    def time(self, when: datetime) -> str:
        """Say a time as a page does, in the zone that it has."""
        parts = {
            "wday": self["days"][when.weekday()],
            "mon": self["short_months"][when.month - 1],
            "day": when.day,
            "hh": when.hour,
            "mm": when.minute,
            "ss": when.second,
            "tzname": when.tzname() or "UTC",
            "year": when.year,
        }
        return str(self["ctime"] % parts)


@cache
def wording(language: str) -> Wording:
    """Give the words of a language: en, fr, de or ja."""
    return Wording(language, json.loads(WORDINGS.read_text("utf-8"))[language])


@dataclass(frozen=True)
class ListForm:
    """A list and how it is archived.

    `name` is the last part of its address on the web; `posting` its mail address, `base` the address
    of its archive on the day of writing, which stands in every attachment's URL. `texts`: "nightly"
    is a gzip beside each text but the newest. `sanitizer`: what becomes of HTML, 0 dropped, 1 escaped in a
    file, 2 escaped in the text, 3 as it is in a file. `since` is the number of the first mail.
    """

    name: str
    generation: Generation = V2_1_39
    language: str = "en"
    charset: str = ""
    zone: tzinfo = UTC
    frequency: Literal["yearly", "monthly", "quarterly", "weekly", "daily"] = "monthly"
    texts: Literal["nightly", "plain", "gzip", "none"] = "nightly"
    host: str = "lists.example.org"
    title: str = ""
    posting: str = ""
    base: str = ""
    sanitizer: int = 1
    obscured: bool = True
    since: int = 0

    def __post_init__(self) -> None:
        """Fill in what follows from the name."""
        defaults = {
            "charset": wording(self.language)["charset"],
            "title": self.name.capitalize(),
            "posting": f"{self.name}@{self.host}",
            "base": f"http://{self.host}/pipermail/{self.name}",
        }
        for name, value in defaults.items():
            object.__setattr__(self, name, getattr(self, name) or value)

    @property
    def words(self) -> Wording:
        """The words of the list's language."""
        return wording(self.language)

    @property
    def about(self) -> str:
        """The address of the list's information page."""
        return f"http://{self.host}/mailman/listinfo/{self.name}"

    def volume(self, when: datetime) -> str:
        """Name the volume of a time in the server's zone; months are English in every language."""
        monday = when - timedelta(days=when.weekday())
        return {
            "yearly": f"{when:%Y}",
            "monthly": f"{when:%Y}-{MONTHS[when.month - 1]}",
            "quarterly": f"{when:%Y}q{(when.month + 2) // 3}",
            "weekly": f"Week-of-Mon-{monday:%Y%m%d}",
            "daily": f"{when:%Y%m%d}",
        }[self.frequency]

    def label(self, when: datetime) -> str:
        """Say the volume of a time in the list's language."""
        words, monday = self.words, when - timedelta(days=when.weekday())
        day = monday if self.frequency == "weekly" else when
        parts = {"year": day.year, "month": words["months"][day.month - 1], "day": day.day}
        if self.frequency == "quarterly":
            return str(words["quarter"] % (parts | {"ord": words["ordinals"][(when.month - 1) // 3]}))
        key = {"monthly": "month_year", "weekly": "week_of", "daily": "day_of"}.get(self.frequency)
        return str(words[key] % parts) if key else str(day.year)
