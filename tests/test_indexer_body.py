"""Bodies: the kind and level of every line.

A case is a pair of files in tests/data/bodies: `NAME.txt` is a body, `NAME.json` says what it shows (`about`) and
what is to be read in it (`reads`), a run of lines each: how many, of what kind, and how deep they are quoted.
"""

from __future__ import annotations

import json
import time
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.body.flowed import is_flowed, reflowed
from indexer.body.quotation import level, unmarked
from indexer.body.stretches import read_body, stretches

CASES = sorted((Path(__file__).parent / "data" / "bodies").glob("*.txt"))


def reads(body: str) -> list[str]:
    """Write the reading of a body as the cases do."""
    lines = [(s.kind, s.level) for s in stretches(body) for _ in body[s.start : s.end].removesuffix("\n").split("\n")]
    runs = [(kind, depth, len(list(run))) for (kind, depth), run in groupby(lines)]
    return [f"{count} {kind}" + (f" {depth}" if depth else "") for kind, depth, count in runs]


def test_there_are_cases() -> None:
    """An empty folder would pass."""
    assert len(CASES) > 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_bodies_basic(case: Path) -> None:
    """Each line of a body is of the kind and level that its case says."""
    assert json.loads(case.with_suffix(".json").read_text("utf-8"))["reads"] == reads(case.read_text("utf-8"))


def test_a_body_is_taken_apart() -> None:
    """Texts hold the lines of their kinds in order, and the footer is in none."""
    body = f"Hello.\n> Salt?\nYes.\n-- \nAnn\n{'_' * 47}\nKitchen mailing list\nhttp://x.org/mailman/listinfo/kitchen\n"

    reading = read_body(body)

    assert (reading.said, reading.quoted, reading.signature) == ("Hello.\nYes.\n", "> Salt?\n", "-- \nAnn\n")


@pytest.mark.parametrize(("dashes", "lines"), [("--", 12), ("-- ", 25)])
def test_a_long_text_below_dashes_is_no_signature(dashes: str, lines: int) -> None:
    """Whoever rules off with two dashes has not signed."""
    assert read_body(f"Yes.\n{dashes}\n" + "More.\n" * lines).signature != ""
    assert read_body(f"Yes.\n{dashes}\n" + "More.\n" * (lines + 1)).signature == ""


def test_no_body_has_no_stretches() -> None:
    """Nothing is nothing."""
    assert stretches("") == []


LINES = st.sampled_from(
    (
        "> a", ">> b", ">>> c", "| d", ": e", "JD> f", "", "-- ", "--", "_" * 47, "x/mailman/listinfo/y", "Ann wrote:",
        "On Monday", "-----Original Message-----", "From: a", "Sent: b", "To: c", "text", "text:", "@@ -1,2 +1,2 @@",
        "--- a", "+++ b", "-x", "+y", " z", "12c13", "< a", "---", "*** 1,2 ****", "```", ">>> x = 1", "> >>> y",
        "Traceback (most recent call last):", "> wrote:", "On 1 May, Ann <ann at x.org",
    )
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=10)))
def test_every_character_is_of_one_kind(lines: list[str]) -> None:
    """Stretches cover a body without gap or overlap, neighbours differ, and cuts fall between lines."""
    body = "\n".join(lines)
    found = stretches(body)

    assert "".join(body[s.start : s.end] for s in found) == body
    assert all(a.end == b.start and (a.kind, a.level) != (b.kind, b.level) for a, b in pairwise(found))
    assert all(body[s.start - 1] == "\n" for s in found[1:])
    assert all(s.level == 0 for s in found if s.kind in ("said", "code", "patch", "signature"))
    assert all(s.level > 0 for s in found if s.kind in ("quoted", "attribution", "forwarded"))


@given(st.text(alphabet="> |\t", max_size=12), st.text(alphabet="> aF|", max_size=8))
def test_levels_as_a_naive_count_has_them(marks: str, text: str) -> None:
    """A level is a mark with at most three blanks before it, and a bar directly before it; counted sign by sign."""
    line = marks + text
    count = blanks = 0
    for place, sign in enumerate(line):
        if sign == ">":
            count, blanks = count + 1, 0
        elif sign == "|" and line[place + 1 : place + 2] == ">":
            continue
        elif sign in " \t" and blanks < 3 and not (place and line[place - 1] == "|" and blanks == 0):
            blanks += 1
        else:
            break

    assert level(line) == count


@given(st.integers(1, 60), st.integers(0, 60))
def test_marks_come_off_level_by_level(depth: int, taken: int) -> None:
    """What is left of a line has the levels that were not taken."""
    for mark in (">", "> "):
        line = mark * depth + ("" if mark.endswith(" ") else " ") + "Salt?"
        assert level(unmarked(line, taken)) == max(0, depth - taken)
        assert unmarked(line, taken).endswith("Salt?")


def test_flowed_text_is_told_by_all_its_lines() -> None:
    """Long lines that end with one blank are paragraphs; one that goes on without speaks against it."""
    soft = ["a" * 60 + " "] * 4 + ["end.", ""]

    assert is_flowed(soft)
    assert not is_flowed([*soft, "b" * 60, "goes on"])
    assert not is_flowed(["a" * 60 + "  "] * 4 + ["end."])
    assert not is_flowed([])


def test_flowed_text_is_put_together() -> None:
    """Soft ends join lines, hard ones and a signature's dashes do not; stuffed blanks go."""
    assert reflowed("a \nb\nc \n\n-- \nd\n >x\n From y") == "a b\nc \n\n-- \nd\n>x\nFrom y"


def test_bodies_pathological() -> None:
    """Long lines, deep quotations and many lines of every kind are read in seconds."""
    start = time.process_time()
    for line in (
        "> " * 50_000, "_" * 100_000, ": " * 50_000, "On " + "x" * 100_000 + ":", "-- " * 30_000, "From: a",
        "@@ -1,99999999 +1,99999999 @@", "```", ">>> x", "Traceback (most recent call last):", "| a", "AB> c",
        "***************", "On Mon 2004-10-04 11:47 <ann at example.org",
    ):  # fmt: skip
        stretches((line + "\n> a\n") * 3)
        stretches((line[:60] + "\n> a\n--\n") * 5_000)
        stretches((line[:60] + "\n") * 10_000)
    stretches("".join(">" * (n % 300) + " a\n" for n in range(10_000)))
    for letter in ("x", " ", ">", "|", "-", "\t", "wrote:"):
        stretches(letter * 1_000_000)

    assert time.process_time() - start < 30
