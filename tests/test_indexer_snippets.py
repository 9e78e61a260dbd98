"""Snippets: which stretch of a text is shown, and what is marked in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.answers import wrapped
from indexer.query.parse import parse
from indexer.snippets import WIDTH, Snippet, marks, snippet, wanted

QUERIES = ("a", "ab*", '"a b"', "a.b", "東京", "abab~", "é b")
FILLER = "and so it goes on and on with words that nobody asked for "


def _snippet(text: str, query: str, language: str = "en") -> Snippet:
    return snippet(text, wanted(parse(query, now=0).tree, language))


def _marked(shown: Snippet) -> list[str]:
    return [shown.text[start:end] for start, end in shown.marks]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("leaks", "It leaks, leaking memory", ["leaks", "leaking"]),
        ("memory leak", "A leak of memory", ["leak", "memory"]),
        ('"memory leak"', "memory? leak!", ["memory", "leak"]),
        ("connecti*", "connected to one connection", ["connection"]),
        ("leek~", "a leak in the league", ["leak"]),
        ("reactor.run", "Reactor.run() runs", ["Reactor.run"]),
        ("café", "CAFE and Café", ["CAFE", "Café"]),
        ("東京都", "ここは東京都です", ["東京都"]),
        ("leak -memory", "leak of memory", ["leak"]),
        ("subject:leak from:memory", "leak of memory", []),
        ("said:leak OR quoted:memory", "leak of memory", ["leak", "memory"]),
        ("date:2004 leak", "leaks in 2004", ["leaks"]),
    ],
)
def test_what_was_asked_for_is_marked(query: str, text: str, expected: list[str]) -> None:
    """Words by their stems, beginnings and near spellings as written; nothing that a field or NOT keeps out."""
    assert expected == _marked(_snippet(text, query))


def test_words_of_other_languages_are_marked_as_they_are() -> None:
    """Only English is reduced to stems."""
    assert _marked(_snippet("leaks leak", "leaks", "fr")) == ["leaks"]


def test_the_stretch_with_most_words_is_shown() -> None:
    """Of two places that hold words asked for, the one with more different ones is shown, cut between words."""
    text = f"memory {FILLER * 5}a leak of memory in the reactor {FILLER * 5}"
    shown = _snippet(text, "memory leak reactor")

    assert _marked(shown) == ["leak", "memory", "reactor"]
    assert shown.text.startswith("…")
    assert shown.text.endswith("…")
    assert len(shown.text) <= WIDTH + 2
    assert shown.text[1:-1] in text
    assert text[text.index(shown.text[1:-1]) - 1] == " "


def test_without_a_find_the_beginning_is_shown() -> None:
    """A text that holds no word asked for is shown from its start, white space folded."""
    assert _snippet("  Salt\n\n and  pepper ", "leak") == Snippet("Salt and pepper", ())
    assert _snippet(FILLER * 9, "leak").text == f"{FILLER * 9}"[: _snippet(FILLER * 9, "leak").text.index("…")] + "…"


def test_a_word_longer_than_a_snippet_is_cut() -> None:
    """There is always something to show."""
    assert _snippet("x" * 999, "leak").text == "x" * WIDTH + "…"


@given(
    st.text(alphabet="ab .-_@\n東京é𠮷'", max_size=600),
    st.sampled_from(QUERIES),
)
def test_any_text_has_a_snippet(text: str, query: str) -> None:
    """Marks lie inside, apart and in order; what is shown is of the text."""
    asked = wanted(parse(query, now=0).tree, "en")
    shown = snippet(text, asked)
    ends = [end for mark in shown.marks for end in mark]

    assert ends == sorted(ends)
    assert all(start < end <= len(shown.text) for start, end in shown.marks)
    assert shown.text.strip("…") in " ".join(text.split()).strip("…") or not shown.text
    assert bool(marks(" ".join(text.split()), asked)) == bool(shown.marks)


def test_wide_letters_take_two_columns() -> None:
    """A line of them is as wide as any other, also where a single one is wider than it may be."""
    lines = list(wrapped(Snippet("脱進機と振り子は 決まり", ()), 10))

    assert [line.text for line in lines] == ["脱進機と振", "り子は", "決まり"]
    assert [line.text for line in wrapped(Snippet("機機", ()), 1)] == ["機", "機"]
