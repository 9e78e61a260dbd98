"""Pieces of archives, good ones and bad ones, read as the files beside them say: a new case needs no code."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.parse.defects import DEFECTS, NOTES
from crawler.parse.volume import read_volume
from tests.parser_cases import cases, expected, shown, source, wanted

CLEAN, BROKEN = cases("clean"), cases("broken")
ALL = [pytest.param(case, id=f"{case.parent.name}-{case.name}") for case in (*CLEAN, *BROKEN)]


def test_there_are_cases() -> None:
    """An empty folder would pass everything."""
    assert len(CLEAN) > 10
    assert len(BROKEN) > 10


@pytest.mark.parametrize("case", ALL)
def test_a_case_is_read_as_it_says(case: Path) -> None:
    """Every message of a case is read with every field as its expected.json has it, and no other message."""
    entries, _ = read_volume(source(case))

    assert [shown(entry) for entry in entries] == wanted(case)


@pytest.mark.parametrize("case", ALL)
def test_a_case_is_accounted_for_as_it_says(case: Path) -> None:
    """What reading a case had to note of its sources is what its expected.json has."""
    _, reading = read_volume(source(case))

    assert dict(+reading.notes) == expected(case).get("notes", {})


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CLEAN])
def test_a_clean_case_has_no_defect(case: Path) -> None:
    """What Mailman writes in good order has no defect."""
    assert [name for entry in wanted(case) for name in entry["defects"]] == []


def test_the_broken_cases_show_the_defects() -> None:
    """Each defect that reading a volume can name is shown by a case, and no case names another one."""
    shown_there = {name for case in BROKEN for entry in wanted(case) for name in entry["defects"]}

    # what only two entries of a list, a former state of a volume, or an answer's headers tell
    elsewhere = {"edited_upstream", "message_id_taken", "no_archive", "removed_upstream"}
    assert shown_there - elsewhere == set(DEFECTS) - elsewhere


def test_the_broken_cases_show_the_notes() -> None:
    """Each note that reading a volume can make is shown by a case."""
    found = {name for case in BROKEN for name in expected(case).get("notes", {})}

    assert found == {"text_cut", "text_unreadable"}
    assert found <= set(NOTES)
