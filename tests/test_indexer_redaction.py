"""Redaction: addresses in every spelling go, prose and code stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Attachment, Message
from crawler.parse.wordings import WORDINGS
from indexer.redaction import (
    Privacy,
    privacy_for,
    published,
    redact,
    redact_address,
    redact_message_id,
    redact_name,
)
from indexer.spellings import SPELLINGS, WORDS, words_there

PIECES = (
    "at", "At", "AT", "a", "em", "la", "w", "-n", "tại", "@", ".", "..", "-", ":", "|", "dot", "indigo", "host", ".com",
    "example.org", "x.y.z.de", "1.2", "_at_", "ä", "=40", " ", "  ", "\n", "\n> ", "\t", "\xa0", "\r\n", " at ", "(at)",
    "[ at ]", "<at>", "{ @ }", " dot ", "(.)", "atexample.org",
)  # fmt: skip

SENDERS = ("indigo@example.org", "ada.byron-2@mail.example.co.uk", "x_y+list@example.net", "look@example.com", "b@a.de")

# what is written, and what is shown of it
ADDRESSES = [
    ("<indigo@example.org>", "<i…@example.org>"),
    ("mailto:indigo@example.org?subject=x", "mailto:i…@example.org?subject=x"),
    ("mailto:indigo%40example.org", "mailto:i…@example.org"),
    ("indigo&#64;example.org indigo&#x40;example.org", "i…@example.org i…@example.org"),
    ("indigo＠example.org", "i…@example.org"),
    ("indigo=40example.org=20", "i…@example.org=20"),
    ("root@localhost", "r…@localhost"),
    ("?email=indigo@example.org&x=1", "?e…@example.org&x=1"),
    ('"Indigo J"@example.org', "I…@example.org"),
    ("j@example.org", "…@example.org"),
    ("请联系indigo@example.org吧", "请联系i…@example.org吧"),
    ("josé@example.org", "j…@example.org"),
    ("indigo at example.org", "i…@example.org"),
    ("indigo  at  example.org", "i…@example.org"),
    ("indigo AT example DOT org", "i…@example.org"),
    ("indigo (at) example (dot) org", "i…@example.org"),
    ("indigo[at]example[dot]org", "i…@example.org"),
    ("indigo <at> example.org", "i…@example.org"),
    ("indigo_at_example.org", "i…@example.org"),
    ("On Monday, Indigo <indigo at\n> example.org> wrote:", "On Monday, Indigo <i…@example.org> wrote:"),
    ("indigo\nat example.org", "i…@example.org"),
    ("indigo @ example.org", "i…@example.org"),
    ("escribe a indigo en example.es", "escribe a i…@example.es"),
    ("indigo在example.org", "i…@example.org"),
    ("indigo στο example.gr", "i…@example.gr"),
    ("indigo ב example.co.il", "i…@example.co.il"),
    ("indigo  example.pt", "i…@example.pt"),
    ("indigo (a) example.org", "i…@example.org"),
    ("indigo at example.orghttps://example.org/list", "i…@example.orghttps://example.org/list"),
    (
        "Indigo (indigo at example.org(mailto:indigo@example.org)) wrote",
        "Indigo (i…@example.org(mailto:i…@example.org)) wrote",
    ),
    ("421174439 at example.cn", "4…@example.cn"),
    ("a@b@c.org", "…@…@c.org"),
    ('<indigo7 @example.org="">', '<i…@example.org="">'),
    ("indigo@<wbr>example.org", "i…@<wbr>example.org"),
    ("<b>indigo</b>@example.org", "<b>i…@example.org"),
    ("indigo<wbr><b>@</b>example.org", "i…@</b>example.org"),
]

PROSE = [
    "Have a look at example.com for more.",
    "It is hosted at example.org, port 80 at example.org",
    "Look at twisted.internet.task.LoopingCall and at setup.py",
    "It breaks at server.start() and at lib.pl line 3.",
    "@property\ndef host(self): return 1\n\n    @defer.inlineCallbacks",
    "@@ -1,3 +1,4 @@ class A",
    "See https://example.com/@indigo/post and //td/@class",
    "Let us meet at noon. Write a socket.recv loop, made a wx.App",
    "Look at me at 10.30",
    "Everybody with @example.org may come.",
    "3107769bbac3de34ad66ad611738e902  docs-0.99.tar.gz",
]


@pytest.mark.parametrize(("written", "shown"), ADDRESSES)
def test_an_address_shows_its_first_letter_and_host(written: str, shown: str) -> None:
    """An address in any documented spelling shows its first letter and its host."""
    assert redact(written) == shown


@pytest.mark.parametrize("text", PROSE)
def test_prose_and_code_stay(text: str) -> None:
    """Text that only resembles an address is left alone."""
    assert redact(text) == text


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_known_sender_is_left(sender: str, spelling: str) -> None:
    """Whatever the rules would leave of a known sender is an exception, so that nothing is left."""
    local, _, host = sender.partition("@")
    written = spelling.format(local=local, host=host, dotted=host.replace(".", " dot "))

    shown = redact(f"From {{{written}}};", privacy_for(SENDERS).exceptions)

    assert written not in shown
    assert "…@" in shown


def test_every_at_of_mailman_is_a_spelling() -> None:
    """Each word for "at" of Mailman's languages is among the spellings, the one that no reader can tell apart."""
    words = {s.removeprefix("{local}").removesuffix("{host}") for s in SPELLINGS}

    assert set(WORDINGS["at"]) - words == {"a"}


@given(st.text(alphabet=st.sampled_from('ab. @…<>"\n=40%&#;-_()dotaten在＠/:\u00e9'), max_size=60))
def test_redacting_again_changes_nothing(text: str) -> None:
    """What is redacted comes back unchanged."""
    once = redact(text)

    assert redact(once) == once


@given(st.lists(st.sampled_from(["a.b at c.de", "x@y", "ada ", "\n> ", " dot ", "look at b.org", "  ", "@", "é"])))
def test_redacting_pieces_of_addresses_again_changes_nothing(pieces: list[str]) -> None:
    """Addresses run into each other as they may: the second time finds none."""
    once = redact("".join(pieces), frozenset({"look@b.org"}))

    assert redact(once, frozenset({"look@b.org"})) == once


def test_names_that_are_addresses() -> None:
    """A sender's name that is an address is redacted even where prose would not be."""
    assert redact_name("see at example.org") == "s…@example.org"
    assert redact_name("Ada <ada@example.org>") == "Ada <a…@example.org>"
    assert redact_name("Ada Byron") == "Ada Byron"
    assert redact_address("ada at example.org") == "a…@example.org"


@pytest.mark.parametrize(
    ("message_id", "shown"),
    [
        ("<4162B3A7.5040102@example.org>", "<4162B3A7.5040102@example.org>"),
        ("<mailman.7.1096977600.1234.list@example.org>", "<m…@example.org>"),
        ("<indigo@example.org>", "<i…@example.org>"),
        ("<20041005.indigo=40example.org@relay.example.net>", "<2…@e…@relay.example.net>"),
        ("nonsense", "nonsense"),
    ],
)
def test_message_ids_that_a_machine_made_stay(message_id: str, shown: str) -> None:
    """A Message-ID is shown unless it may be somebody's address."""
    assert redact_message_id(message_id) == shown


def test_a_message_id_that_ends_with_a_sender_s_address_is_no_machine_s() -> None:
    """A sender's name with a digit at its end is redacted in the Message-IDs that a mailer made with it."""
    privacy = privacy_for(["in.digo7@example.org", "ada@example.org"])
    made = ["<20041005114703.1a2b3c.in.digo7@example.org>", "<20041005114703.1a2b3c.digo8@example.org>"]

    assert [redact_message_id(one, privacy.numbered) for one in made] == ["<2…@example.org>", made[1]]


def test_notices_keep_their_place() -> None:
    """The place of a scrubbed part moves with the text before it."""
    part = Attachment("other", "ada@example.org.txt", None, None, "of indigo@example.org", None, None, "missing", 0)
    body = "Write to indigo@example.org.\nHere:\n|and on"
    at = body.index("|")
    message = _message(body, (part, replace(part, at=at)))

    shown = published(message, Privacy())

    assert shown.body == "Write to i…@example.org.\nHere:\n|and on"
    assert [p.at for p in shown.attachments] == [0, shown.body.index("|")]
    assert shown.attachments[0].name == "a…@example.org.txt"
    assert shown.attachments[0].description == "of i…@example.org"


def test_the_owner_may_publish_addresses() -> None:
    """With publish_addresses a message is published as it is."""
    message = _message("indigo@example.org", ())

    assert published(message, privacy_for(SENDERS, publish_addresses=True)) is message
    assert published(message, privacy_for(SENDERS)).from_address == "a…@example.org"


def _message(body: str, attachments: tuple[Attachment, ...]) -> Message:
    return Message(
        list="kitchen",
        list_url="http://example.org/pipermail/kitchen/",
        id="a" * 26,
        volume=None,
        number=None,
        page=None,
        pages=(),
        message_id=None,
        in_reply_to=None,
        references=(),
        from_name="ada@example.org",
        from_address="ada@example.org",
        date=None,
        date_raw=None,
        subject="from ada@example.org",
        body=body,
        attachments=attachments,
        thread=None,
        defects=(),
    )


@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=9).map("".join))
def test_words_that_are_not_looked_for_are_not_there(text: str) -> None:
    """A first look at what stands before the dots of a text tells of every word for "at" that stands before a host."""
    looked_for = set(words_there(text))

    assert all(word in looked_for for word in WORDS if word.strict.search(text))
