"""Segments: which messages an index keeps together, and that a message more or less moves few of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Heading
from indexer import segments as cutting
from indexer.segments import BLOCK, MANY, in_order, segments

DAY = 86400


def _heading(date: int | None, list_name: str = "kitchen", number: int | None = 1, id: str = "a") -> Heading:
    return Heading(id, list_name, None, number, None, None, (), "", None, date)


def _date(year: int, month: int = 1) -> int:
    return int(datetime(year, month, 2, tzinfo=UTC).timestamp())


def test_read_backwards_the_order_is_that_of_results() -> None:
    """Newest first; of one second by list, number and id; without a date last."""
    wanted = [
        _heading(90, "attic", 7, "z"),
        _heading(50, "attic", None, "y"),
        _heading(50, "attic", 3, "c"),
        _heading(50, "attic", 4, "b"),
        _heading(50, "kitchen", 1, "a"),
        _heading(50, "kitchen", 1, "b"),
        _heading(None, "attic", 1, "x"),
    ]

    assert wanted == in_order(wanted[::-1])[::-1] == in_order(wanted)[::-1]


@given(st.lists(st.integers(-(10**9), 2 * 10**9), max_size=300))
def test_segments_are_a_partition(dates: list[int]) -> None:
    """Every message is in one segment, and they follow each other."""
    found = segments(sorted(dates))

    assert [n for start, end in found for n in range(start, end)] == list(range(len(dates)))
    assert all(start < end for start, end in found)


def test_small_archives_are_cut_by_number_only() -> None:
    """Mail of many decades stays together while it is little; only its number cuts it."""
    dates = [_date(1975 + year) for year in range(50) for _ in range(6)]

    assert segments(dates) == [(0, BLOCK), (BLOCK, 2 * BLOCK), (2 * BLOCK, 300)]


def test_many_messages_are_cut_at_the_calendar() -> None:
    """Decades, and years where a decade has many; each cut is where the calendar's is."""
    dates = [_date(1999)] * 10 + [_date(2001)] * MANY + [_date(2007)] * 5 + [_date(2012)] * (2 * BLOCK + 3)

    assert (segments(dates)) == [
        (0, 10),
        (10, 10 + MANY),
        (10 + MANY, 15 + MANY),
        (15 + MANY, 15 + BLOCK + MANY),
        (15 + BLOCK + MANY, 15 + 2 * BLOCK + MANY),
        (15 + 2 * BLOCK + MANY, 18 + 2 * BLOCK + MANY),
    ]


def test_a_message_less_moves_only_its_own_stretch() -> None:
    """All other segments hold what they held."""
    dates = sorted([_date(2001, month) for month in range(1, 13) for _ in range(900)] + [_date(2015)] * 40)
    gone = 1500
    before = {tuple(range(start, end)) for start, end in segments(dates)}
    after = segments(dates[:gone] + dates[gone + 1 :])
    renumbered = {tuple(n + (n >= gone) for n in range(start, end)) for start, end in after}

    assert [gone in segment for segment in before - renumbered] == [True]
    assert len(before) > 4


NAIVE = (  # each says in which stretch a time is, from coarse to fine
    lambda time: time.year // 10,
    lambda time: time.year,
    lambda time: (time.year, (time.month - 1) // 3),
    lambda time: (time.year, time.month),
)


@given(st.lists(st.integers(-62135596800, 253402300799), max_size=60) | st.lists(st.integers(0, 10**8), max_size=60))
def test_stretches_are_those_of_the_calendar(dates: list[int]) -> None:
    """A second way, which asks of each message in which decade, year, quarter and month it is, cuts the same."""
    dates.sort()
    times = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=date) for date in dates]
    with patch.object(cutting, "MANY", 5), patch.object(cutting, "BLOCK", 100):
        parts = [list(range(len(dates)))] if dates else []
        for stretch_of in NAIVE:
            parts = [
                piece
                for part in parts
                for piece in (
                    [part]
                    if len(part) <= 5
                    else [list(group) for _, group in groupby(part, key=lambda n: stretch_of(times[n]))]
                )
            ]

        assert segments(dates) == [(part[0], part[-1] + 1) for part in parts]
