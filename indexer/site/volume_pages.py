"""The four pages of a volume: its messages by thread, by date, by author, by subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from indexer.site import urls
from indexer.site.outline import ListOutline, Row, bare_subject
from indexer.site.pages import DEEPEST, Link, Page, Steps, list_crumb
from indexer.site.stamps import Stamp, stamp, volume_title
from indexer.site.urls import VIEWS, View

VIEW_TITLES: Final = {"thread": "Threads", "date": "Dates", "author": "Authors", "subject": "Subjects"}
NO_DATE: Final = "Without a date"


@dataclass(frozen=True, slots=True)
class Line:
    """A message in a volume; `depth` only by thread. `name`, `subject` are empty where the line above says it."""

    path: str
    subject: str
    name: str
    date: Stamp | None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading; `path` leads to what it names, where there is such a place. `note` says more of it."""

    title: str
    path: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class VolumeView:
    """All that a page of a volume shows; `tabs` are its four pages."""

    title: str
    view: View
    tabs: tuple[Link, ...]
    messages: int
    groups: tuple[Group, ...]
    steps: Steps


def volume_pages(outline: ListOutline, volume: str) -> Iterator[Page]:
    """Build the pages of a volume."""
    rows = outline.messages[volume]
    title = volume_title(volume)
    tabs = tuple(Link(VIEW_TITLES[view], urls.volume_page(outline.name, volume, view)) for view in VIEWS)
    groupings = {"thread": _by_thread, "date": _by_date, "author": _by_author, "subject": _by_subject}
    for view in VIEWS:
        groups = tuple(groupings[view](outline, volume, rows))
        shown = VolumeView(title, view, tabs, len(rows), groups, _steps(outline, volume, view))
        path = urls.volume_page(outline.name, volume, view)
        yield Page(path, "volume", f"{title} – {VIEW_TITLES[view]}", shown, (list_crumb(outline),))


def _by_thread(outline: ListOutline, volume: str, rows: tuple[Row, ...]) -> Iterator[Group]:
    del rows
    for thread in outline.threads_in[volume]:
        members = [row for row in thread.rows if row.volume == volume]
        path = urls.thread_page(outline.name, thread.key)
        yield Group(thread.subject, path, _elsewhere(thread.rows, volume), tuple(_in_thread(outline.name, members)))


def _elsewhere(rows: tuple[Row, ...], volume: str) -> str:
    """Say where a thread began, if not in this volume."""
    first = rows[0]
    if first.volume == volume:
        return ""
    return f"began in {volume_title(first.volume)}" if first.volume else "began elsewhere"


def _in_thread(name: str, members: list[Row]) -> Iterator[Line]:
    top = min(row.depth for row in members)
    for row in members:
        yield Line(urls.message(name, row.thread, row.id), "", row.name, stamp(row.date), min(row.depth - top, DEEPEST))


def _by_date(outline: ListOutline, volume: str, rows: tuple[Row, ...]) -> Iterator[Group]:
    del volume
    ordered = sorted(rows, key=_time)
    for day, members in groupby(ordered, key=lambda row: day_of(row.date)):
        yield Group(day or NO_DATE, "", "", tuple(_line(outline.name, row) for row in members))


def _by_author(outline: ListOutline, volume: str, rows: tuple[Row, ...]) -> Iterator[Group]:
    del volume
    ordered = sorted(rows, key=lambda row: (row.name.casefold(), row.name, *_time(row)))
    for name, members in groupby(ordered, key=lambda row: row.name):
        yield Group(name, "", "", tuple(_line(outline.name, row, name_too=False) for row in members))


def _by_subject(outline: ListOutline, volume: str, rows: tuple[Row, ...]) -> Iterator[Group]:
    del volume
    ordered = sorted(rows, key=lambda row: (bare_subject(row.subject), *_time(row)))
    for _, group in groupby(ordered, key=lambda row: bare_subject(row.subject)):
        members = list(group)
        yield Group(members[0].subject, "", "", tuple(_line(outline.name, row, members[0].subject) for row in members))


def _line(name: str, row: Row, said: str = "", *, name_too: bool = True) -> Line:
    subject = "" if row.subject == said else row.subject
    return Line(urls.message(name, row.thread, row.id), subject, row.name if name_too else "", stamp(row.date))


def day_of(date: int | None) -> str:
    """Give the day of a moment, "" for none."""
    moment = stamp(date)
    return moment.day if moment else ""


def _time(row: Row) -> tuple[bool, int, int, str]:
    return row.date is None, row.date or 0, row.number or 0, row.id


def _steps(outline: ListOutline, volume: str, view: View) -> Steps:
    names = [v.name for v in outline.filled]
    place = names.index(volume)

    def link(position: int) -> Link | None:
        if not 0 <= position < len(names):
            return None
        return Link(volume_title(names[position]), urls.volume_page(outline.name, names[position], view))

    return Steps(link(place - 1), link(place + 1))
