"""The word rule: letters, stems, terms and places, by vectors that the browser reads too."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import letters
from indexer.analysis import (
    LONGEST_WORD,
    beginning_of,
    begins,
    ends_in_word,
    is_run,
    phrase_of,
    places,
    read_stretch,
    stretches,
    terms_of,
    units,
    words,
)
from indexer.letters import fold, fold_letter, ranges
from indexer.stemming import stem
from tests.letters_table import tables

DATA = Path(__file__).parent / "data"
TOKENS: list[dict[str, Any]] = json.loads((DATA / "tokens.json").read_text("utf-8"))
STEMS: dict[str, str] = json.loads((DATA / "stems.json").read_text("utf-8"))["stems"]
LANGUAGES = st.sampled_from(["en", "fr"])

# Text that looks like mail: letters of many scripts, joints, marks, apostrophes, and anything.
TEXTS = st.text(st.sampled_from("abcXYZ019._@-'’+#* \n東京ガｶ한ภéß\u0301ςΣıİﬁ½\u200cс") | st.characters(), max_size=60)


@pytest.mark.parametrize("case", TOKENS, ids=lambda case: case["name"])
def test_tokens(case: dict[str, Any]) -> None:
    """The vectors that bind Python and the browser hold."""
    assert [list(place) for place in places(case["text"], language=case["language"])] == case["places"]


def test_there_are_vectors() -> None:
    """An empty file cannot pass."""
    assert len(TOKENS) > 50
    assert len({case["name"] for case in TOKENS}) == len(TOKENS)


@pytest.mark.parametrize("case", TOKENS, ids=lambda case: case["name"])
def test_words_stand_where_they_are_written(case: dict[str, Any]) -> None:
    """`words` gives the terms of `places`, and each covers the text that it was made of."""
    found = list(words(case["text"], language=case["language"]))
    read: list[list[str]] = [[] for _ in case["places"]]
    for word in found:
        read[word.position].append(word.term)
        written = units(case["text"][word.start : word.end])
        assert written
        assert word.term[0] in fold(case["text"][word.start : word.end])

    assert read == case["places"]


@given(TEXTS, LANGUAGES)
def test_words_and_places_agree_on_any_text(text: str, language: str) -> None:
    """Both ways of reading give the same terms at the same places, in rising order and within the text."""
    found = list(words(text, language=language))
    read = places(text, language=language)

    assert [(p, term) for p, place in enumerate(read) for term in place] == [(w.position, w.term) for w in found]
    assert all(0 <= w.start < w.end <= len(text) for w in found)
    assert sorted(w.start for w in found if w.term == read[w.position][0]) == [
        w.start for w in found if w.term == read[w.position][0]
    ]


@given(TEXTS)
def test_units_read_again_are_the_same(text: str) -> None:
    """A folded unit is a unit, so a query's tree can be read without its text."""
    for unit in units(text):
        assert units(unit) == [unit]


@given(TEXTS, LANGUAGES)
def test_what_a_text_holds_is_found_by_its_own_words(text: str, language: str) -> None:
    """Each unit's terms stand in the text, and all of its units stand side by side."""
    read = places(text, language=language)
    terms = {term for place in read for term in place}
    line = phrase_of(tuple(units(text)), language=language)

    for unit in units(text):
        if not (is_run(unit) and len(unit) == 1):
            assert set(terms_of(unit, language=language)) <= terms
    assert len(line) == len(read)
    assert all(term in place for term, place in zip(line, read, strict=True))


@given(TEXTS, st.integers(2, 8))
def test_what_a_text_holds_is_found_by_its_beginnings(text: str, length: int) -> None:
    """The beginning of a word finds it among the terms and forms of the text."""
    known = {term for place in places(text, language="en") for term in place} | _forms(text, stems=True)
    for unit in units(text):
        terms, beginning = beginning_of(unit)
        assert any(begins(term, beginning) for term in known)
        assert set(terms) <= known
        simple = unit.isalnum() and not is_run(unit)
        assert not simple or any(begins(term, unit[:length]) for term in known)


def test_a_beginning_finds_compounds_only_by_a_joint() -> None:
    """`rea*` is about words; `reactor.r*` is about pairs."""
    assert not begins("reactor.run", "rea")
    assert begins("reactor.run", "reactor.r")
    assert beginning_of("a.b.c") == (("a.b",), "b.c")
    assert beginning_of("東京都") == (("東京",), "京都")


def test_forms_are_the_words_that_stems_hide() -> None:
    """An English index can find `leaking` by `leaki*`; other languages have no forms."""
    assert _forms("leaks leak Leaking", stems=True) == {"leaks", "leaking"}
    assert _forms("leaks leak", stems=False) == set()


def _forms(text: str, *, stems: bool) -> set[str]:
    return {form for stretch in stretches(text) for form in read_stretch(stretch, stems=stems)[1]}


def test_a_word_ends_a_text_or_does_not() -> None:
    """What may carry a star or a tilde ends in a word."""
    assert ends_in_word("a.b")
    assert ends_in_word("e\u0301")
    assert not ends_in_word("a.")
    assert not ends_in_word("")


def test_analysis_pathological() -> None:
    """Megabytes without a blank are read in seconds: joints, marks, runs, one letter."""
    start = time.process_time()
    for text in ("a." * 200_000, "\u0301" * 300_000, "東" * 300_000, "x" * 1_000_000, "a'" * 200_000, "é" * 500_000):
        assert sum(len(term) <= 2 * LONGEST_WORD + 1 for p in places(text, language="en") for term in p) < 800_001

    assert time.process_time() - start < 30


def test_stemming() -> None:
    """Stems are those of the Snowball library for English."""
    assert len(STEMS) > 2000
    assert {word: stem(word) for word in STEMS} == STEMS


def test_stemming_leaves_other_words() -> None:
    """Digits, capitals and other letters are no English; neither are one or two letters."""
    assert [stem(word) for word in ("", "s", "is", "python3s", "Leaks", "naïfs", "µs")] == [
        "", "s", "is", "python3s", "Leaks", "naïfs", "µs"
    ]  # fmt: skip


def test_the_tables_of_letters_are_those_of_unicode() -> None:
    """The tables are what their maker gives for the Unicode they were made of; a later one only adds."""
    for pinned, made in zip((letters.WORD, letters.RUN, letters.DROPPED), tables(), strict=True):
        if unicodedata.unidata_version == "14.0.0":
            assert pinned.split() == made.split()
        else:
            assert _numbers(pinned) <= _numbers(made)


def _numbers(table: str) -> set[int]:
    return {number for first, last in ranges(table) for number in range(first, last + 1)}


def test_the_tables_of_letters_do_not_overlap() -> None:
    """A letter is of a word, of a run, or dropped."""
    word, run, dropped = (_numbers(table) for table in (letters.WORD, letters.RUN, letters.DROPPED))

    assert not word & run
    assert not word & dropped
    assert not run & dropped


def test_folding_is_done_once() -> None:
    """A folded letter folds to itself, and a letter of a word stays one, as does one of a run."""
    for table in (letters.WORD, letters.RUN):
        numbers = _numbers(table)
        for number in numbers:
            folded = fold(chr(number))
            assert folded == fold_letter(chr(number))
            assert fold(folded) == folded
            assert all(ord(char) in numbers for char in folded)


@given(st.text())
def test_folding_a_text_is_folding_its_characters(text: str) -> None:
    """No letter's folding depends on its neighbours."""
    assert fold(text) == "".join(map(fold, text))


def test_what_is_no_letter_is_not_folded() -> None:
    """Signs stay, also those that Unicode would take apart, and what a later Unicode may add."""
    assert fold("½ ™ (A) \u2028 \U0001f44d") == "½ ™ (a) \u2028 \U0001f44d"
    assert fold(chr(sys.maxunicode)) == chr(sys.maxunicode)
