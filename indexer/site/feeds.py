"""A list's Atom feed (RFC 4287): its newest messages. Values in, a page out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crawler.message import Message
from crawler.parse.dates import rfc3339
from indexer.body.stretches import stretches
from indexer.site import urls
from indexer.site.outline import ListOutline, Row
from indexer.site.pages import Page

ENTRIES: Final = 30
SUMMARY: Final = 400  # characters


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A message in a feed; `path` is below the list's folder, where the feed stands."""

    id: str
    subject: str
    name: str
    date: str
    path: str
    summary: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """What a feed says; `updated` is the date of its newest message."""

    name: str
    updated: str
    entries: tuple[FeedEntry, ...]


def newest(outline: ListOutline) -> list[Row]:
    """Choose the messages of a list's feed, newest first."""
    rows = (row for thread in outline.threads for row in thread.rows if row.date is not None)
    return sorted(rows, key=lambda row: (-(row.date or 0), row.id))[:ENTRIES]


def feed_page(outline: ListOutline, rows: list[Row], messages: Mapping[str, Message]) -> Page:
    """Build a list's feed from its newest messages, which are redacted already."""
    path = urls.feed(outline.name)
    entries = tuple(
        FeedEntry(
            row.id,
            row.subject,
            row.name,
            rfc3339(row.date or 0),
            urls.relative(path, urls.message(outline.name, row.thread, row.id)),
            summary(messages[row.id].body),
        )
        for row in rows
    )
    return Page(path, "feed", outline.title, FeedView(outline.name, entries[0].date if entries else "", entries))


def summary(body: str) -> str:
    """Give the beginning of what the sender wrote.

    >>> summary("> Why?\\nBecause  of\\nthat.")
    'Because of that.'
    """
    said = " ".join(
        " ".join(text.split()) for text in (body[s.start : s.end] for s in stretches(body) if s.kind == "said")
    )
    return said if len(said) <= SUMMARY else said[:SUMMARY].rpartition(" ")[0] + " …"
