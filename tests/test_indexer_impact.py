"""Ranking in whole numbers: impacts and weights keep their order and stay in their bounds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.fields import BY_NAME, PARTS
from indexer.impact import HALF, LENGTHS, MOST_IMPACT, MOST_MASS, impact, length_class, weight
from indexer.inversion import IMPACTS


def test_the_table_is_the_rule() -> None:
    """The table that index building reads holds what the rule gives."""
    expected = [[impact(mass, length) for mass in range(MOST_MASS + 1)] for length in range(len(HALF))]

    assert IMPACTS.tolist() == expected


def test_impacts_keep_their_bounds() -> None:
    """An impact is 1 to 63, whatever is counted."""
    assert {value for row in IMPACTS.tolist() for value in row} <= set(range(1, MOST_IMPACT + 1))
    assert impact(10**9, 0) <= MOST_IMPACT


@given(st.integers(0, MOST_MASS - 1), st.integers(0, len(HALF) - 2))
def test_more_is_better_and_longer_is_worse(mass: int, length: int) -> None:
    """A word that stands there more often weighs no less, and one in a longer text no more."""
    assert impact(mass, length) <= impact(mass + 1, length)
    assert impact(mass, length) >= impact(mass, length + 1)


def test_lengths_have_classes() -> None:
    """A class ends where the next begins."""
    assert [length_class(first) for first in LENGTHS] == list(range(1, len(LENGTHS) + 1))
    assert [length_class(first - 1) for first in LENGTHS] == list(range(len(LENGTHS)))
    assert len(HALF) == len(LENGTHS) + 1


@given(st.integers(1, 10**7), st.data())
def test_weights_follow_the_logarithm(messages: int, data: st.DataObject) -> None:
    """A weight is 16 times the binary logarithm of the ratio plus 1, rounded down by less than 2."""
    found = data.draw(st.integers(0, messages))
    exact = 1 + 16 * math.log2((messages + 1) / (found + 1))

    assert exact - 2 < weight(found, messages) <= exact + 1e-9


@pytest.mark.parametrize(
    ("found", "messages", "expected"), [(0, 0, 1), (5, 5, 1), (0, 1, 17), (1, 1, 1), (2, 5, 17), (65652, 65652, 1)]
)
def test_some_weights(found: int, messages: int, expected: int) -> None:
    """What all hold weighs 1, what half hold 17."""
    assert expected == weight(found, messages)


def test_the_tables_of_the_document_are_those_of_the_code() -> None:
    """docs/pack.md tells the classes of lengths, and what an occurrence counts for in each part, as they are."""
    text = (Path(__file__).parent.parent / "docs" / "pack.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    told = {name: [cell for row in rows if row[0] == name for cell in row[1:]] for name in ("words from", "half")}
    counts = {
        row[0].strip("`"): (int(row[1]), int(row[3])) for row in rows if row[0].strip("`") in PARTS and len(row) == 4
    }

    assert [f"{first:,}" for first in (0, *LENGTHS)] == told["words from"]
    assert [str(half) for half in HALF] == told["half"]
    assert {part: (number, BY_NAME[part].weight) for number, part in enumerate(PARTS)} == counts
