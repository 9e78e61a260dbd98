"""Threads as trees for the terminal."""

from __future__ import annotations

import time

import pytest

from indexer.columns import columns
from indexer.thread_tree import DEEPEST, NARROWEST, Told, tree
from indexer.threads import Entry


def _drawn(entries: list[Entry], told: dict[str, Told], *, shown: str = "", width: int = 60) -> list[str]:
    return [line.branches + line.text for line in tree(entries, told, shown=shown, width=width)]


def _told(name: str, subject: str = "Re: Salt", day: str = "2004-03-02") -> Told:
    return Told(name, day, subject)


THREAD = [Entry("a", None, 0), Entry("b", "a", 1), Entry("c", "b", 2), Entry("d", "a", 1)]
TOLD = {
    "a": _told("Ada", "Salt"),
    "b": _told("Bo"),
    "c": _told("Cleo", "Pepper (was: Salt)"),
    "d": _told("Dan", day=""),
}


def test_branches_lead_to_answers_and_subjects_stand_where_they_change() -> None:
    """A line a message; a branch goes on past what lies below it; `Re:` makes no other subject."""
    assert _drawn(THREAD, TOLD) == [
        "Ada         2004-03-02  Salt",
        "├─ Bo       2004-03-02",
        "│  └─ Cleo  2004-03-02  Pepper (was: Salt)",
        "└─ Dan",
    ]


def test_answers_to_what_nobody_has_seen_stand_side_by_side() -> None:
    """Each of them begins a tree and tells its subject."""
    assert _drawn([Entry("b", None, 0), Entry("d", None, 0)], TOLD) == [
        "Bo   2004-03-02  Re: Salt",
        "Dan              Re: Salt",
    ]


def test_the_message_asked_for_is_told_apart() -> None:
    """Exactly one line says so."""
    assert [line.shown for line in tree(THREAD, TOLD, shown="c", width=60)] == [False, False, True, False]


@pytest.mark.parametrize("width", [1, 40, 60, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Long names and subjects are cut, wide letters count twice; forty columns are the least."""
    told = {id: _told("料理の鉄人" * 9, f"{id} 出汁の取り方" * 20) for id in TOLD}

    for line in _drawn(THREAD, told, width=width):
        assert columns(line) <= max(width, NARROWEST)
        assert "2004-03-02" in line


def test_what_is_deep_stays_at_the_last_step_and_is_drawn_in_no_time() -> None:
    """Fifty thousand answers, each to the one before, are lines of bounded width; dotted beyond the last step."""
    count = 50_000
    entries = [Entry(str(n), str(n - 1) if n else None, n) for n in range(count)]
    began = time.process_time()
    drawn = list(tree(entries, {str(n): _told("Ada") for n in range(count)}, shown="", width=200))

    assert time.process_time() - began < 10
    assert len(drawn) == count
    assert max(len(line.branches) for line in drawn) == 3 * DEEPEST
    assert "╌" not in drawn[DEEPEST].branches
    assert all("╌" in line.branches for line in drawn[DEEPEST + 1 :])
