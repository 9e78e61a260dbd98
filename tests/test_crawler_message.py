"""The record, and the ids that are stable for ever."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Attachment, Message, key, key_of_text

PLAIN = Attachment("other", "plan.pdf", "application/pdf", 700, None, "http://x.example/plan.pdf", None, "missing", 0)
INLINE = Attachment("html", None, "text/html", None, None, None, "0" * 64, "inline", 4, "<p>Tick</p>")


def message(*attachments: Attachment) -> Message:
    """Make a message."""
    return Message(
        "clockwork", "http://lists.example.org/pipermail/clockwork/", "a" * 26, "2010-March", 7,
        "2010-March/000007.html", ("2010-March/000007.html",), "<tick@clock.example.org>", None, ("<a@b>",),
        "Ann", "ann@clock.example.org",
        "2010-03-01T12:00:00Z", "Mon, 01 Mar 2010 12:00:00 +0000", "Tick", "Tock.", attachments, "b" * 26, (),
    )  # fmt: skip


class TestIds:
    """Stable ids."""

    def test_an_id_never_changes(self) -> None:
        """These ids are in addresses of sites that are out there."""
        assert key("clockwork", "<tick@clock.example.org>") == "ludv72c67g4kk5hy7s4kjqugfy"
        assert key_of_text("clockwork", "2010-03-01T12:00:00Z", "Tick Tock.") == "duz76svomn3wpgf6s5htmeyp24"

    @given(name=st.text(), message_id=st.text())
    def test_an_id_is_26_letters_and_digits(self, name: str, message_id: str) -> None:
        """Whatever list and Message-ID are, the id can stand in an address and in a file's name."""
        assert re.fullmatch(r"[a-z2-7]{26}", key(name, message_id))

    def test_lists_do_not_share_ids(self) -> None:
        """A message that was sent to two lists is two messages; a list's name does not flow into the id."""
        assert key("a", "<1@x>") != key("b", "<1@x>")
        assert key("a", "b<1@x>") != key("ab", "<1@x>")

    def test_blanks_do_not_count(self) -> None:
        """Blanks around an id, and how a text is broken into lines, change nothing."""
        assert key("a", " <1@x>\n") == key("a", "<1@x>")
        assert key_of_text("a", "", "Tick\n  tock ") == key_of_text("a", "", "Tick tock")


class TestRecord:
    """The record as plain values."""

    def test_its_fields_stand_in_their_order(self) -> None:
        """The record has every field of a message, in the order of the class."""
        assert list(message().as_record()) == [field.name for field in fields(Message)]

    @pytest.mark.parametrize(("attachment", "has"), [(PLAIN, False), (INLINE, True)])
    def test_a_source_only_where_there_is_one(self, attachment: Attachment, has: bool) -> None:
        """Only HTML that stood in the text itself has its source in the record."""
        record = message(attachment).as_record()["attachments"][0]

        assert ("source" in record) == has
        assert Attachment(**record) == attachment
