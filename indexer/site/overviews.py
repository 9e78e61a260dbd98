"""The pages that give an overview: home, a list, search, and the page for lost addresses; health.py has one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from indexer.accounts import Account, account
from indexer.fields import Field
from indexer.site import urls
from indexer.site.outline import ListOutline, ThreadOutline
from indexer.site.pages import Page
from indexer.site.stamps import Stamp, month_of, stamp, volume_label, volume_title, year

LATEST: Final = 25  # threads that a list's page names
SHADES: Final = 5  # of the calendar


@dataclass(frozen=True, slots=True)
class ListCard:
    """A list on the home page: what it is called, how much there is and of what time."""

    title: str
    name: str
    path: str
    messages: int
    years: str
    last: Stamp | None


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the home page shows."""

    lists: tuple[ListCard, ...]
    messages: int
    latest: tuple[ThreadLine, ...]


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A thread in a list of threads: by whom it was begun, how many messages, the newest of them."""

    subject: str
    path: str
    name: str
    list: str
    messages: int
    last: Stamp | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A volume in the calendar; `shade` 1 to SHADES from few messages to many."""

    title: str
    label: str
    path: str
    messages: int
    shade: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the calendar: its months, None for one without a volume, and volumes of other lengths."""

    year: int
    messages: int
    months: tuple[Cell | None, ...]
    others: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """What the page of a list shows."""

    title: str
    name: str
    url: str
    feed: str
    messages: int
    threads: int
    people: int
    first: Stamp | None
    last: Stamp | None
    calendar: tuple[Year, ...]
    account: Account
    latest: tuple[ThreadLine, ...]


@dataclass(frozen=True, slots=True)
class NotFoundView:
    """What 404.html needs: the folders of lists, and its script."""

    folders: tuple[str, ...]
    script: str


def home_page(outlines: Sequence[ListOutline], title: str) -> Page:
    """Build the home page."""
    cards = tuple(_card(outline) for outline in outlines)
    latest = sorted(
        ((thread, outline) for outline in outlines for thread in outline.threads), key=lambda pair: -(pair[0].last or 0)
    )
    lines = tuple(_line(thread, outline) for thread, outline in latest[:10])
    return Page(urls.HOME, "home", title, HomeView(cards, sum(card.messages for card in cards), lines))


def list_page(outline: ListOutline) -> Page:
    """Build the page of a list."""
    rows = [row for thread in outline.threads for row in thread.rows]
    dates = [row.date for row in rows if row.date is not None]
    latest = sorted(outline.threads, key=lambda thread: (-(thread.last or 0), thread.key))[:LATEST]
    view = ListView(
        outline.title,
        outline.name,
        outline.list.url,
        urls.feed(outline.name),
        len(rows),
        len(outline.threads),
        len({row.name for row in rows}),
        stamp(min(dates, default=None)),
        stamp(max(dates, default=None)),
        calendar(outline),
        account(outline.ledger),
        tuple(_line(thread, outline) for thread in latest),
    )
    return Page(urls.list_page(outline.name), "list", outline.title, view)


def search_page(fields: Sequence[Field]) -> Page:
    """Build the search page; it explains the fields that a query can name."""
    return Page(urls.SEARCH, "search", "Search", tuple(fields))


def not_found_page(folders: Sequence[str], script: str) -> Page:
    """Build the page for addresses that are not there, from the lists' folders and the script that leads on."""
    return Page(urls.NOT_FOUND, "not_found", "Old links", NotFoundView(tuple(folders), script))


def calendar(outline: ListOutline) -> tuple[Year, ...]:
    """Lay a list's volumes out by year, the newest year first."""
    most = max((len(rows) for rows in outline.messages.values()), default=1)
    years: dict[int, list[tuple[int | None, Cell]]] = {}
    for volume in outline.filled:
        month = month_of(volume.name)
        held = len(outline.messages[volume.name])
        title, label = volume_title(volume.name), volume_label(volume.name)
        cell = Cell(title, label, urls.volume_page(outline.name, volume.name), held, shade(held, most))
        there = month[0] if month else year(volume.starts * 86400)
        years.setdefault(there, []).append((month[1] if month else None, cell))
    return tuple(_year(number, years[number]) for number in sorted(years, reverse=True))


def shade(messages: int, most: int) -> int:
    """Choose a shade by the logarithm, since volumes differ by orders of magnitude.

    >>> shade(1, 1000), shade(30, 1000), shade(1000, 1000), shade(1, 1)
    (1, 3, 5, 5)
    """
    return min(SHADES, 1 + int(SHADES * log(messages) / log(most))) if most > 1 else SHADES


def _card(outline: ListOutline) -> ListCard:
    dates = [row.date for thread in outline.threads for row in thread.rows if row.date is not None]
    first, last = (year(min(dates)), year(max(dates))) if dates else (0, 0)
    years = "" if not dates else f"{first}" if first == last else f"{first}–{last}"
    messages = sum(len(thread.rows) for thread in outline.threads)
    path = urls.list_page(outline.name)
    return ListCard(outline.title, outline.name, path, messages, years, stamp(max(dates, default=None)))


def _line(thread: ThreadOutline, outline: ListOutline) -> ThreadLine:
    return ThreadLine(
        thread.subject,
        urls.thread_page(outline.name, thread.key),
        thread.rows[0].name,
        outline.title,
        len(thread.rows),
        stamp(thread.last),
    )


def _year(number: int, cells: list[tuple[int | None, Cell]]) -> Year:
    months = {month: cell for month, cell in cells if month}
    return Year(
        number,
        sum(cell.messages for _, cell in cells),
        tuple(months.get(month) for month in range(1, 13)) if months else (),
        tuple(cell for month, cell in cells if month is None),
    )
