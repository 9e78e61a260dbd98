"""Which messages an index keeps together: stretches of time that stay as they are when mail arrives.

All messages stand in one order, the oldest first; it is the reverse of the order in which equally
good results are shown. The order is cut at ends of decades, of years within a decade that has
many messages, of quarters and of months, so that a message more or less changes its own stretch
and no other. The newest stretch is cut by number into blocks, so that new mail changes the last of them.

What is cut is a pure function of the messages: the same messages, the same segments. Nothing is
read or written here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from crawler.message import Heading

MANY: Final = 4096  # messages; a longer stretch is cut at the next finer ends
BLOCK: Final = 128  # messages; the newest stretch is cut at each multiple of this

Range = tuple[int, int]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
CALENDAR: Final = (120, 12, 3, 1)  # months: decades, years, quarters, months
LAST: Final = 9999 * 12 + 11  # of the months that a datetime knows, counted from the year 0
NEVER: Final = 1 << 62


def in_order(headings: Iterable[Heading]) -> list[Heading]:
    """Put messages into the order of an index: oldest first; of one second, last list, number and id first.

    Read backwards, that is how results of equal score are shown: newest first, then list and number.
    """
    last_first = sorted(headings, key=lambda h: (h.list, -1 if h.number is None else h.number, h.id), reverse=True)
    return sorted(last_first, key=lambda h: h.date or 0)


def segments(dates: Sequence[int]) -> list[Range]:
    """Cut messages with these ascending dates, in seconds since 1970 UTC, into segments: first, and behind the last.

    >>> day = 86400
    >>> segments([n * day for n in range(300)])
    [(0, 128), (128, 256), (256, 300)]
    """
    if not dates:
        return []
    *older, (start, end) = _stretches(dates)
    return [*older, *((a, min(a + BLOCK, end)) for a in range(start, end, BLOCK))]


def newest(counts: Sequence[int]) -> tuple[int, int]:
    """Count, by the numbers of their messages, the full blocks of the newest stretch, and the one that is not.

    >>> newest([900, 128, 128, 7]), newest([900, 128]), newest([900, 7])
    ((2, 1), (1, 0), (0, 1))
    """
    rest = int(bool(counts) and counts[-1] < BLOCK)
    full = 0
    for count in reversed(counts[: len(counts) - rest]):
        if count != BLOCK:
            break
        full += 1
    return full, rest


def _stretches(dates: Sequence[int]) -> list[Range]:
    found = [(0, len(dates))]
    for months in CALENDAR:
        found = [piece for part in found for piece in _cut(part, dates, months)]
    return found


def _cut(part: Range, dates: Sequence[int], months: int) -> Iterator[Range]:
    """Cut a range with many messages at the ends of one step of the calendar."""
    start, end = part
    if end - start <= MANY:
        yield part
        return
    while start < end:
        after = bisect_left(dates, _end_of(dates[start], months), start, end)
        yield start, after
        start = after


def _end_of(date: int, months: int) -> int:
    """Give the first second behind the decade, year, quarter or month (of so many months) that a date is in."""
    time = EPOCH + date * SECOND
    end = ((time.year * 12 + time.month - 1) // months + 1) * months
    if end > LAST:
        return NEVER
    return (datetime(end // 12, end % 12 + 1, 1, tzinfo=UTC) - EPOCH) // SECOND
