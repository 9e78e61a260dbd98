"""Marks that may stand for a lost character, and those that end a question."""

from __future__ import annotations

import pytest

from crawler.parse.doubts import Author, context, doubts, whole_words

KNOWN = {"page", "noir", "why", "so", "who", "really", "what", "else", "ann"}
AUTHOR = Author(spellings={"Thomas Herv?"}, own=["William", "Dode"])


def reasons(text: str) -> list[str]:
    """Give the reasons for all doubts of a text."""
    return [doubt.reason for doubt in doubts(text, AUTHOR, lambda: KNOWN)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It is na?ve.", "mark_in_word"),
        ("l?homme", "mark_in_word"),
        ("????? ??", "mark_alone"),
        ("> ???????? ?????? who", "mark_in_indent"),
        ("?quoted", "mark_before_word"),
        ("> ?quoted", "mark_before_word"),
        ("(?quoted", "mark_before_word"),
        ("a page ? another", "mark_alone"),
        ("?", "mark_alone"),
        ("? a list's bullet", "mark_in_indent"),
        ("voil? enfin", "mark_goes_on"),
        ("what is it ?", "mark_at_end"),
        ("he wrote so?:", "mark_by_mark"),
        ("napisa?(a)", "mark_by_mark"),
        ("The end.? And so on", "mark_by_mark"),
        ("take `page? as it is", "mark_by_mark"),
        ("take `page[1]? as it is", "mark_by_mark"),
        ("William Dod?", "mark_in_name"),
        ("un caf?", "word_unknown"),
        ("caf\ufffd", "undecoded"),
        ("何?それ", "mark_goes_on"),
    ],
)
def test_a_mark_where_none_belongs(text: str, reason: str) -> None:
    """Each place is named for what it looks like."""
    assert reasons(text)[:1] == [reason]


@pytest.mark.parametrize(
    "text",
    [
        "Why?",
        "Why? So.",
        "(really?)",
        "What?!",
        '"Who?"',
        "Really???????",
        "http://x.example.org/?a=b",
        "GET /page?id=1 HTTP/1.0",
        "<a?b@x>",
        '<?xml version="1.0"?>',
        "<?php echo 1 ?>",
        "find('?')",
        "=?utf-8?q?caf=C3=A9?= noir",
        "Perhaps...?",
        "",
    ],
)
def test_a_mark_of_its_author(text: str) -> None:
    """A question, code, an address and an encoded word are no loss."""
    assert reasons(text) == []


def test_senders_names_tell() -> None:
    """The end of a word looks like a question, but for the names of those who write here."""
    assert reasons("I asked Ann, then Thomas Herv? Ann?") == ["word_unknown", "mark_in_name"]


def test_places_are_those_of_the_text() -> None:
    """What is exempt does not move them."""
    text = "See http://x.example.org/?a\n> a na?ve one"

    assert [text[doubt.place - 2 : doubt.place + 3] for doubt in doubts(text, AUTHOR, lambda: KNOWN)] == ["na?ve"]


def test_a_context_survives_quoting() -> None:
    """Wrapped anew, quoted and with other numbers it is the same."""
    assert context("line 36, in ?\n  reactor.run()", 12) == context("> line\n> 47, in ?\n\nI see", 16)
    assert context("line 36, in ?", 12) != context("line 36, of ?", 12)


def test_a_word_before_a_mark_is_not_known() -> None:
    """It may lack its last letter."""
    assert whole_words(["Un caf? noir, un thé"]) == {"un", "noir", "thé"}
