"""Inversion: millions of words at once give what a message at a time gives, odd ones too."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import inversion, vocabulary
from indexer.analysis import places
from indexer.fields import BY_NAME, PARTS
from indexer.impact import impact, length_class
from indexer.inversion import Inversion, Inverted, inverted_names
from indexer.lookup import SegmentFiles
from indexer.lookup_writer import write_lookup
from indexer.postings import places_of
from indexer.vocabulary import Vocabulary

TEXTS = st.lists(st.tuples(st.sampled_from([0, 2, 3]), st.text("ab. é東\n", max_size=12)), max_size=5)
Messages = list[list[tuple[int, str]]]
Rows = dict[str, list[tuple[int, int, list[int]]]]


def _inverted(messages: Messages, known: Vocabulary | None = None) -> Inverted:
    inverted = Inversion(known or Vocabulary(stems=True))
    for number, texts in enumerate(messages):
        inverted.add(number, texts)
    return inverted.inverted()


def _rows(made: Inverted) -> Rows:
    """Take postings apart: by term, the numbers of messages, impacts and places."""
    rows: Rows = {}
    for place, term in enumerate(made.terms):
        rows[term.decode()] = [
            (
                int(made.numbers[p]),
                int(made.impacts[p]),
                made.places[made.first_places[p] : made.first_places[p + 1]].tolist(),
            )
            for p in range(made.starts[place], made.starts[place + 1])
        ]
    return rows


def _naive(messages: Messages) -> Rows:
    """Do the same word by word."""
    rows: Rows = defaultdict(list)
    for number, texts in enumerate(messages):
        stands: dict[str, list[int]] = defaultdict(list)
        begins, counted = defaultdict(int), 0
        for part, text in texts:
            read = places(text, language="en")
            for position, terms in enumerate(read, begins[part]):
                for term in terms:
                    stands[term].append(8 * position + part)
            begins[part] += len(read) + 1
            counted += len(read)
        for term, found in stands.items():
            mass = sum(BY_NAME[PARTS[place & 7]].weight for place in found)
            rows[term].append((number, impact(mass, length_class(counted)), sorted(found)))
    return rows


@given(st.lists(TEXTS, max_size=6))
def test_postings_are_those_of_a_slow_inversion(messages: Messages) -> None:
    """Terms, messages, impacts and places are the same, in the order of the terms' UTF-8."""
    made = _inverted(messages)

    assert _rows(made) == _naive(messages)
    assert made.terms == sorted(made.terms)


def test_memory_is_bounded_and_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gathering few stretches at a time, and forgetting them, gives the same postings."""
    messages: Messages = [[(0, f"w{n} common"), (2, f"x{n % 3} y{n % 5} w{n}")] for n in range(50)]
    expected = _rows(_inverted(messages))
    monkeypatch.setattr(inversion, "PENDING", 7)
    monkeypatch.setattr(vocabulary, "REMEMBERED", 5)

    assert _rows(_inverted(messages)) == expected == _naive(messages)


def test_a_vocabulary_serves_many_segments() -> None:
    """What was met in one segment is not in the next."""
    known = Vocabulary(stems=True)
    _inverted([[(2, "salt pepper")]], known)

    assert _rows(_inverted([[(2, "pepper")]], known)).keys() == {"pepper"}


def test_forms_are_those_of_all_texts() -> None:
    """Forms come back, those of texts that were worked through before too."""
    made = Inversion(Vocabulary(stems=True))
    made.add(0, [(2, "leaks")])
    made.add(1, [(2, "Leaking leak")])

    assert made.forms() == {"leaks", "leaking"}


def test_places_of_very_long_texts_are_kept(tmp_path: Any) -> None:
    """A text of more than 8192 words has places that need more than two bytes, and the file keeps them."""
    words = {"stems": _inverted([[(2, "a b " * 10_000)], [(2, "a")]]), "words": _inverted([])}
    write_lookup(tmp_path / "s.lookup", words, {"has": inverted_names({"x": [1]})}, [0, 1], [0, 0], [b"", b""])
    segment = SegmentFiles(str(tmp_path), "s", 2)
    found = segment.term("stems", "a")
    assert found
    held = segment.postings(found)

    assert list(held.numbers) == [0, 1]
    assert list(places_of(held.values()[0])) == [16 * position + 2 for position in range(10_000)]
    assert [list(found) for found in held.places([1])] == [[2]]
    assert [text for text, _ in segment.terms("has")] == ["x"]


def test_numbers_of_any_size_are_sorted() -> None:
    """Where term, message and place do not fit into 64 bits together, the order is the same."""
    import numpy as np

    rank, number = np.array([2, 1, 1], np.uint64), np.array([1 << 31, 7, 5], np.uint32)
    place = np.array([1 << 31, 3, 9], np.uint32)

    assert [column.tolist() for column in inversion._in_order(rank, number, place)] == [
        [1, 1, 2], [5, 7, 1 << 31], [9, 3, 1 << 31]
    ]  # fmt: skip
