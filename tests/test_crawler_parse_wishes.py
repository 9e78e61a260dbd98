"""Which pages of a volume are wished for, and why."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.parse.volume import VolumeReading, VolumeSource, read_slots
from crawler.parse.wishes import Wishes, as_text
from tests.kept import BASE, entry, index, page

WORDS = "the bell rings in this tower said so"


def read(*bodies: str, pages: Mapping[int, str] | None = None, charset: str = "us-ascii") -> VolumeReading:
    """Read a volume whose messages, numbered from 1, have these bodies."""
    texts = "".join(entry(number, body) for number, body in enumerate(bodies, 1))
    return read_slots(
        VolumeSource(
            "clockwork",
            f"{BASE}clockwork/",
            "2010-March",
            charset,
            index(*range(1, len(bodies) + 1)).encode(),
            (texts.encode(charset),),
            {number: page(number, body).encode("ascii", "xmlcharrefreplace") for number, body in (pages or {}).items()},
        )
    )


def wanted(reading: VolumeReading) -> dict[int, str]:
    """Give what is wanted of a volume whose neighbours know some words."""
    return dict(Wishes(reading, lambda: frozenset(WORDS.split())).wanted())


def test_a_text_that_looks_whole_has_no_wish() -> None:
    """Its page would tell nothing new."""
    assert wanted(read("the bell rings", "the bell?")) == {}


def test_the_strongest_reason_counts() -> None:
    """A text can have many."""
    assert wanted(read("in this tower ?\nna?ve")) == {1: "mark_in_word"}


def test_a_quoted_doubt_is_asked_for_once() -> None:
    """The first message that has it answers for its quotations."""
    assert wanted(read("the bell rings in ?", "> the bell rings in ?\nso")) == {1: "mark_at_end"}


def test_a_doubt_that_was_a_question_is_closed() -> None:
    """Its quotation has no page to wish for."""
    bodies = "the bell rings in ?", "> the bell rings in ?\nso"

    assert wanted(read(*bodies, pages={1: "the bell rings in ?"})) == {}


def test_a_doubt_that_was_a_loss_is_learnt() -> None:
    """Its quotation lost the same character."""
    bodies = "the bell rings in ?", "> the bell rings in ?\nso"

    assert wanted(read(*bodies, pages={1: "the bell rings in \u2013"})) == {2: "learnt"}


def test_held_pages_are_counted_by_their_reason() -> None:
    """One for which nothing speaks was asked for as all were."""
    reading = read("na?ve", "the bell", pages={1: "na\u00efve", 2: "the bell"})

    assert Wishes(reading).held() == {"learnt": 1, "asked": 1}


def test_nothing_is_lost_in_utf_8() -> None:
    """From the first text that shows it; before it the list may have had another charset."""
    assert wanted(read("na?ve", "naïve", "na?ve", charset="utf-8")) == {1: "mark_in_word"}


def test_a_body_as_its_text_has_it() -> None:
    """Each character that the charset lacks is one mark; an unknown charset has ASCII's."""
    assert as_text("a\u2013é\U0001f600", "iso-8859-1") == "a?é?"
    assert as_text("é", "x-nonsense") == "?"
