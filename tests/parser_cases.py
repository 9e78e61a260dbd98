"""The cases of tests/data/clean and tests/data/broken: a piece of an archive as files, and what is to be read in it.

A case is a folder. `expected.json` says what it shows (`about`), what it is a piece of (`list_url`, `volume`,
`charset`), which of the list's attachments the server does not have (`missing`), and the messages to be read in it,
oldest first. Beside it lies what a crawl would hold: `thread.html`, texts named `*.txt` or `*.txt.gz`, pages named
`NNNNNN.html`. What a message of `expected.json` does not name is null or empty; a body is a list of lines.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler.parse.compose import ParsedEntry
from crawler.parse.dates import rfc3339
from crawler.parse.notices import Notice
from crawler.parse.volume import VolumeSource

DATA = Path(__file__).parent / "data"
NAMELESS = ("thread.html", "expected.json")


def cases(kind: str) -> list[Path]:
    """Give the folders of a kind of cases."""
    return sorted(path.parent for path in (DATA / kind).glob("*/expected.json"))


def expected(case: Path) -> dict[str, Any]:
    """Read what a case says of itself."""
    return json.loads((case / "expected.json").read_text("utf-8"))  # type: ignore[no-any-return]


def source(case: Path) -> VolumeSource:
    """Put together what a crawl would hold of the case."""
    about = expected(case)
    index = case / "thread.html"
    missing = set(about.get("missing", []))
    return VolumeSource(
        about["list_url"].rstrip("/").rpartition("/")[2],
        about["list_url"],
        about["volume"],
        about["charset"],
        index.read_bytes() if index.exists() else None,
        tuple(path.read_bytes() for path in sorted(case.glob("*.txt*"))),
        {int(path.stem): path.read_bytes() for path in case.glob("[0-9]*.html")},
        lambda tail: tail not in missing,
    )


def wanted(case: Path) -> list[dict[str, Any]]:
    """Give the messages that a case expects, what they do not name filled in."""
    about = expected(case)
    return [_filled(entry, about["volume"]) for entry in about["entries"]]


def _filled(entry: dict[str, Any], volume: str) -> dict[str, Any]:
    number = entry.get("number")
    fields = dict.fromkeys(
        ("number", "message_id", "in_reply_to", "from_name", "from_address", "date", "date_raw", "subject")
    )
    lists = {"references": [], "attachments": [], "defects": []}
    page = {"page": None if number is None else f"{volume}/{number:06}.html"}
    return fields | lists | page | entry | {"body": "\n".join(entry["body"])}


def shown(entry: ParsedEntry) -> dict[str, Any]:
    """Show what was read in the form of `expected.json`."""
    record = asdict(entry)
    del record["notices"], record["epoch"]
    date = None if entry.epoch is None else rfc3339(entry.epoch)
    attachments = [_notice(notice) for notice in entry.notices]
    lists = {"references": list(entry.references), "defects": list(entry.defects)}
    return record | lists | {"date": date, "attachments": attachments}


def _notice(notice: Notice) -> dict[str, Any]:
    return {name: value for name, value in asdict(notice).items() if value is not None}
