"""Whatever a server sends: no reader raises, and none takes long.

Random bytes, and long runs of what patterns stumble on.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.pages import read_key, read_list_index, read_volume_index
from crawler.parse.addresses import clear_address, clear_name, read_sender, shown_addresses, word_for_at
from crawler.parse.charsets import codec_name, decode, page_charset
from crawler.parse.dates import read_date, read_envelope, read_local_date, rfc3339, volume_span
from crawler.parse.doubts import Author, doubts
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.loss import fuller
from crawler.parse.message_page import read_article, read_page
from crawler.parse.notices import read_notice, scrub
from crawler.parse.repair import decode_transfer_encoding, join_addresses
from crawler.parse.volume import VolumeSource, read_volume
from crawler.parse.volume_text import read_entry, split, unpack
from crawler.parse.wordings import WORDINGS

URL = "http://lists.example.org/pipermail/clockwork/"
SEPARATOR = "-------------- next part --------------"
FILE = f"{URL}attachments/20100301/0123abcd/attachment.htm"
HEAD = "From ann at clock.example.org  Mon Mar  1 12:00:00 2010\nFrom: ann at clock.example.org (Ann)\n"

# Pieces of what archives are made of, to be thrown together.
PIECES = [
    "a", "?", "é", "\u3042", "\ud800", "\0", "\x1b$B", "\x1b(B", "\r\n", "\n", " ", "\t", "=", "=\n",
    "=?utf-8?q?", "?=", "=?x?b?", "<", ">", "</", "<a@b>", "(", ")", "@", " at ", " at b.c", "&", "&#",
    "&#128;", "&eacute;", ";", "-", "--- \n", SEPARATOR, SEPARATOR + "\n", "> ", "\nFrom ", HEAD, "\nDate: ",
    "\nSubject: ", "\nIn-Reply-To: ", "\nReferences: ", "\nMessage-ID: ", "Mon, 01 Mar 2010 12:00:00 +0000",
    "1 Jan 99 -0500", "2010", "Sat, ", "9" * 40, "+9999", "00:00", "An HTML attachment was scrubbed...\n",
    "A non-text attachment was scrubbed...\n", "Name: a\n", "Type: b\n", "Desc: d\n", "Size: 3 bytes\n",
    "URL: ", f"<{FILE}>\n", FILE, "Skipped content of type ", "multipart/mixed", "attachments/",
    "<!--beginarticle-->", "<!--endarticle-->", "<PRE>", "</PRE>", "<A HREF=\"", "\">", "</A>", "<I>", "</I>",
    "<i>", "<!--0 01267444800.1- -->", "<!--", "-->", "<LI>", "<A HREF=\"000001.html\">", "01267444800/",
    "-01267444800-", "<table><tr><td>", "</table>", "<a href=\"2010-March/thread.html\">", "2010-March.txt.gz",
    "<H1>", "<B>", "<html>", "<form action=\"/private/\">", "<META content=\"text/html; charset=", "euc-jp\">",
    "utf-16", "<p>", "<b>", "mailto:", "?Subject=Re%3A&In-Reply-To=%3C", "http://", "http://[", "/listinfo",
    "%", "%E9", "<div>", "</div>", "1" * 9,
]  # fmt: skip

TextReader = Callable[[str], object]
BytesReader = Callable[[bytes], object]

TEXT_READERS: dict[str, TextReader] = {
    "scrub": scrub,
    "scrub, nothing genuine": lambda text: scrub(text, lambda _: False),
    "read_notice": read_notice,
    "read_notice, html": lambda text: read_notice("An HTML attachment was scrubbed...\nURL: " + text),
    "read_notice, other": lambda text: read_notice("A non-text attachment was scrubbed...\nName: " + text),
    "read_notice, skipped": lambda text: read_notice("Skipped content of type " + text),
    "doubts": lambda text: list(doubts(text + "?", Author(["a?b"], ["ab"]), frozenset)),
    "fuller": lambda text: fuller(text, text[::-1]),
    "decode_words": decode_words,
    "decode_words, open": lambda text: decode_words("=?utf-8?q?" + text),
    "unfold": unfold,
    "read_sender": read_sender,
    "read_sender, named": lambda text: read_sender("ann at clock.example.org (" + text),
    "clear_address": clear_address,
    "clear_name": clear_name,
    "word_for_at": lambda text: word_for_at([text]),
    "shown_addresses": lambda text: [bool(shown_addresses(word).search(text)) for word in WORDINGS["at"]],
    "read_date": lambda text: dated(read_date(text)),
    "read_date, with a zone": lambda text: dated(read_date(text + " +0000")),
    "read_local_date": lambda text: dated(read_local_date(text)),
    "read_envelope": lambda text: dated(read_envelope("From " + text)),
    "volume_span": volume_span,
    "join_addresses": lambda text: join_addresses(text + "=\n"),
    "decode_transfer_encoding": decode_transfer_encoding,
    "read_key": read_key,
    "codec_name": codec_name,
}
BYTES_READERS: dict[str, BytesReader] = {
    "decode": lambda data: [decode(data, charset) for charset in (None, "us-ascii", "utf-8", "euc-jp", "iso-8859-7")],
    "page_charset": page_charset,
    "unpack": unpack,
    "unpack, a piece of gzip": lambda data: unpack(gzip.compress(data * 3, mtime=0)[:-9] + data),
    "split": lambda data: split(b"From " + data),
    "read_entry": lambda data: read_entry(HEAD.encode() + b"References: " + data + b"\nSubject: " + data, "us-ascii"),
    "read_page": read_page,
    "read_page, whole": lambda data: read_page(
        b"<h1>" + data + b"</h1><b>" + data + b"</b><!--beginarticle--><PRE>" + data + b"</PRE><!--endarticle-->"
    ),
    "read_article": lambda data: read_article(data, "euc-jp"),
    "read_list_index": lambda data: read_list_index(data, URL),
    "read_volume_index": read_volume_index,
    "read_volume": lambda data: read_volume(source(data)),
    "read_volume, all of it": lambda data: read_volume(everything(data)),
}


def dated(moment: int | None) -> str | None:
    """Write a moment as the record has it: a year that it cannot hold would raise."""
    return None if moment is None else rfc3339(moment)


def source(text: bytes, index: bytes | None = None, pages: dict[int, bytes] | None = None) -> VolumeSource:
    """Put together what is held of a volume."""
    return VolumeSource("clockwork", URL, "2010-March", "us-ascii", index, (text,), pages or {})


def everything(data: bytes) -> VolumeSource:
    """Make a volume of which each part holds the same odd bytes."""
    headers = b"".join(b"%s: %s\n" % (name, data) for name in (b"Date", b"Subject", b"In-Reply-To", b"Message-ID"))
    page = b"<h1>%s</h1><b>%s</b><!--beginarticle--><PRE>%s</PRE><!--endarticle-->" % (data, data, data)
    return source(HEAD.encode() + headers + b"\n" + data, data, {1: data, 2: page})


@pytest.mark.parametrize("name", BYTES_READERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=400))
def test_bytes_never_raise(name: str, data: bytes) -> None:
    """No bytes make a reader of bytes raise."""
    BYTES_READERS[name](data)


@pytest.mark.parametrize("name", TEXT_READERS)
@given(text=st.text(max_size=200))
def test_letters_never_raise(name: str, text: str) -> None:
    """No letters make a reader of text raise."""
    TEXT_READERS[name](text)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=60))
def test_pieces_of_archives_never_raise(pieces: list[str]) -> None:
    """What archives are made of, thrown together, makes no reader raise."""
    text = "".join(pieces)
    for read in TEXT_READERS.values():
        read(text)
    for take in BYTES_READERS.values():
        take(text.encode("utf-8", "replace"))


LENGTH = 60_000  # letters; what grows with their square would take minutes
SECONDS = 2.0  # of processor time, for what takes a tenth of that


def slow(read: Callable[[str], object]) -> dict[str, float]:
    """Run a reader over long runs of each piece; give those that take too long."""
    times: dict[str, float] = {}
    for piece in PIECES:
        run = piece * (LENGTH // len(piece))
        start = time.process_time()
        read(run)
        times[piece] = time.process_time() - start
    return {piece: seconds for piece, seconds in times.items() if seconds > SECONDS}


@pytest.mark.parametrize("name", TEXT_READERS)
def test_long_runs_do_not_take_long(name: str) -> None:
    """A long run of anything is read in a time that grows with its length, not with its square."""
    assert slow(TEXT_READERS[name]) == {}


@pytest.mark.parametrize("name", BYTES_READERS)
def test_long_runs_of_bytes_do_not_take_long(name: str) -> None:
    """The same goes for readers of bytes."""
    assert slow(lambda run: BYTES_READERS[name](run.encode("utf-8", "replace"))) == {}


class TestMuchOfIt:
    """Much of what is fine in itself."""

    def test_a_reply_to_a_hundred_thousand(self) -> None:
        """A References header with a hundred thousand ids, a line each, is read."""
        ids = [f"<{number}@clock.example.org>" for number in range(100_000)]
        entries, _ = read_volume(
            source(f"{HEAD}References: {chr(10).join([ids[0], *(f' {i}' for i in ids[1:])])}\n\nTock.\n".encode())
        )

        assert entries[0].references == tuple(ids)

    def test_a_notice_of_ten_thousand_lines(self) -> None:
        """A notice whose name goes on for ten thousand lines is no notice, and that is known soon."""
        text = "A non-text attachment was scrubbed...\nName: a\n" + "Type: b\nSize: 1 bytes\nDesc: c\n" * 3_333

        assert read_notice(text) == (None, text)

    def test_many_copies_on_one_side(self) -> None:
        """Thousands of copies of a message of which the index names one are paired in no time."""
        index = b'<ul><!--0 01267444800.7- --><LI><A HREF="000007.html">Tick</A><I>Ann</I></ul>'
        headers = "Date: Mon, 01 Mar 2010 12:00:00 +0000\nSubject: Tick\nMessage-ID: <1@clock.example.org>\n"
        one = f"{HEAD}{headers}\nTock.\n\n"
        entries, _ = read_volume(source(one.encode() * 5_000, index))

        assert [entry.number for entry in entries].count(7) == 1
        assert len(entries) == 5_000

    def test_a_bomb(self) -> None:
        """A gzip that unpacks beyond all measure is cut."""
        assert len(unpack(gzip.compress(bytes(300 << 20), 1)).data) <= 256 << 20

    def test_numbers_that_no_counter_holds(self) -> None:
        """Numbers of thousands of digits in names, counts and sizes are no numbers."""
        digits = "9" * 5_000
        index = f'<p><b>S</b><b>E</b><b>M</b> {digits}</p><ul><LI><A HREF="{digits}.html">Tick</A></ul>'.encode()
        notice = (
            f"A non-text attachment was scrubbed...\nName: a\nType: b/c\nSize: {digits} bytes\nDesc: d\nURL: <{FILE}>\n"
        )

        assert read_volume_index(index).entries == ()
        assert read_volume_index(index).claimed is None
        assert read_notice(notice) == (None, notice)
