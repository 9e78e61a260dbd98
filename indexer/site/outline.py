"""The skeleton of a list: its threads and volumes, with what lists of messages show of each.

Read from the store without any body, redacted like everything that is published. What a page
looks like is decided in pages.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, TypeVar

from crawler.message import Heading
from crawler.store import Ledger, MailingList, Store, Volume
from indexer.redaction import Privacy, redact, redact_name
from indexer.threads import Entry, threads

T = TypeVar("T")

# The title of Mailman's list index (archtoc.html); in other languages it is left as it is.
TITLE: Final = re.compile(r"The (.+) Archives?")

# What does not tell one subject from another: the list's own prefix, answers, forwards.
SUBJECT_PREFIX: Final = re.compile(
    r"(?:\s*(?:\[[^\]]{1,40}\]|(?:re|aw|antw|sv|vs|fwd?|wg|tr|rv)(?:\[\d+\])?\s*:))+\s*", re.IGNORECASE
)
NO_SUBJECT: Final = "(no subject)"
NOBODY: Final = "(unknown sender)"


@dataclass(frozen=True, slots=True)
class Row:
    """A message as lists of messages show it; `date` in seconds since 1970 UTC, `depth` below its thread's first.

    The subject goes without the list's name in brackets, which every message of the list has.
    `digest` changes when anything that is shown of the message does.
    """

    id: str
    thread: str
    volume: str | None
    number: int | None
    subject: str
    name: str
    date: int | None
    depth: int
    parent: str | None
    digest: str

    @property
    def told(self) -> tuple[str | int | None, ...]:
        """Give all that a page can tell of it, as plain values."""
        return self.id, self.thread, self.subject, self.name, self.date, self.depth, self.parent, self.digest


@dataclass(frozen=True, slots=True)
class ThreadOutline:
    """A thread: its messages in reading order; `ghost` where nobody has seen what its first ones answer."""

    key: str
    ghost: bool
    rows: tuple[Row, ...]

    @property
    def subject(self) -> str:
        """Give the subject of its first message."""
        return self.rows[0].subject

    @property
    def last(self) -> int | None:
        """Give the date of its newest message."""
        return max((row.date for row in self.rows if row.date is not None), default=None)


@dataclass(frozen=True, slots=True)
class ListOutline:
    """A list: its threads by their first messages' dates, and what stands in each volume.

    `messages` of a volume are in the archive's order, `threads_in` a volume those that have a message there.
    """

    list: MailingList
    threads: tuple[ThreadOutline, ...]
    volumes: tuple[Volume, ...]
    messages: dict[str, tuple[Row, ...]]
    threads_in: dict[str, tuple[ThreadOutline, ...]]
    ledger: tuple[Ledger, ...]

    @property
    def name(self) -> str:
        """Give the list's name."""
        return self.list.name

    @property
    def title(self) -> str:
        """Give what the list calls itself."""
        return title_of(self.list)

    @property
    def filled(self) -> tuple[Volume, ...]:
        """Give the volumes that have messages."""
        return tuple(volume for volume in self.volumes if self.messages.get(volume.name))


def title_of(mailing_list: MailingList) -> str:
    """Give what a list calls itself."""
    title = mailing_list.title or mailing_list.name
    match = TITLE.fullmatch(title)
    return match[1] if match else title


@lru_cache(maxsize=4096)
def bare_subject(subject: str) -> str:
    """Give what tells a subject from others.

    >>> bare_subject("[kitchen] Re: Soup"), bare_subject("Re: ")
    ('soup', 're: ')
    """
    return SUBJECT_PREFIX.sub("", subject, count=1).casefold() or subject.casefold()


def read_outline(store: Store, mailing_list: MailingList, privacy: Privacy) -> ListOutline:
    """Read the skeleton of a list."""
    name = mailing_list.name
    headings = store.headings(name)
    found = tuple(_threads(store, name, headings, privacy))
    rows = {row.id: row for thread in found for row in thread.rows}
    placed = ((heading.volume, rows[heading.id]) for heading in headings if heading.volume is not None)
    present = ((volume, t) for t in found for volume in dict.fromkeys(row.volume for row in t.rows) if volume)
    return ListOutline(
        mailing_list, found, tuple(store.volumes(name)), _grouped(placed), _grouped(present), tuple(store.ledger(name))
    )


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for name, member in pairs:
        groups.setdefault(name, []).append(member)
    return {name: tuple(members) for name, members in groups.items()}


def _threads(store: Store, name: str, headings: list[Heading], privacy: Privacy) -> Iterator[ThreadOutline]:
    by_id = {heading.id: heading for heading in headings}
    states, nameless = store.states(name), store.nameless(name)
    subjects, names = _shown(redact, privacy), _shown(redact_name, privacy)
    prefix = re.compile(rf"((?:\w{{2,4}}: )*)\[{re.escape(name)}\] *", re.IGNORECASE)

    def row(entry: Entry, key: str) -> Row:
        heading = by_id[entry.id]
        return Row(
            entry.id,
            key,
            heading.volume,
            heading.number,
            prefix.sub(r"\1", subjects(heading.subject), count=1) or NO_SUBJECT,
            names(heading.from_name or nameless.get(entry.id, "")) or NOBODY,
            heading.date,
            entry.depth,
            entry.parent,
            states[entry.id][1],
        )

    for thread in threads(headings):
        yield ThreadOutline(thread.key, thread.ghost, tuple(row(entry, thread.key) for entry in thread.entries))


def _shown(redaction: Callable[[str, frozenset[str]], str], privacy: Privacy) -> Callable[[str], str]:
    """Make what shows a header's text on one line, redacted; the same text is redacted once."""

    @cache
    def shown(text: str) -> str:
        line = " ".join(text.split())
        return line if privacy.addresses else redaction(line, privacy.exceptions)

    return shown
