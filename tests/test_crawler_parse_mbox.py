"""An mbox cut into mails: where each begins, in whatever blocks the bytes come."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.mbox import MOST_BYTES, mails

FIRST = b"From ann@example.org Mon Mar  1 12:00:00 2010\n"
ONE = FIRST + b"From: ann@example.org\nSubject: One\n\nHi.\n\n"
TWO = b"From bob@example.org  Tue Mar  2 12:00:00 2010\nMessage-ID: <2@x.org>\n\n>From afar.\n\n"


@pytest.mark.parametrize(
    "line",
    [
        b"From ann@example.org Mon Mar  1 12:00:00 2010",
        b"From ann at example.org  Mon Mar  1 12:00:00 2010",
        b"From - Mon Mar 01 12:00:00 2010",
        b"From 1234@xxx Mon Mar 01 12:00:00 +0000 2010",
        b"From ann@example.org Mon, 1 Mar 2010 12:00:00 +0000",
        b"From ann@example.org Mon Mar  1 12:00 MET 2010",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_mail_begins_at_a_line_that_tells_a_time(line: bytes, end: bytes) -> None:
    """All usual writings of the first line are known, in either form of line ends."""
    mail = line + end + b"Subject: Tea" + end + end + b"Hi." + end

    assert list(mails([mail + mail])) == [mail, mail]


@pytest.mark.parametrize(
    "body",
    [
        b"From Monday on we meet at noon.\n",
        b"From ann@example.org Mon Mar  1 12:00:00 2010\nand no header behind it\n",
        b">From ann@example.org Mon Mar  1 12:00:00 2010\nFrom: x\n",
        b" From ann@example.org Mon Mar  1 12:00:00 2010\nFrom: x\n",
    ],
)
def test_a_line_of_a_body_begins_no_mail(body: bytes) -> None:
    """Words that begin with From, or are escaped, stay in the mail that they stand in."""
    assert list(mails([ONE + body + b"\n" + TWO])) == [ONE + body + b"\n", TWO]


@given(st.lists(st.integers(1, 60), max_size=20))
def test_blocks_make_no_difference(sizes: list[int]) -> None:
    """However the bytes are cut into blocks, the same mails come out."""
    data, blocks = (ONE + TWO) * 3, []
    for size in sizes:
        blocks.append(data[:size])
        data = data[size:]

    assert list(mails([*blocks, data])) == [ONE, TWO] * 3


def test_what_stands_before_the_first_mail_is_left_out() -> None:
    """Lines before the first mail are nobody's."""
    assert list(mails([b"Archive of the list\n\n" + ONE + TWO])) == [ONE, TWO]


def test_lines_with_colons_are_no_mail() -> None:
    """A table of accounts, a file of settings: none of their lines begins a header that mails have."""
    assert list(mails([b"root:x:0:0:root:/root:/bin/sh\nmail:x:8:8:mail:/var/mail:/bin/no\n"])) == []
    assert list(mails([b"title: Kitchen\n\nFrom: ada@example.org\n"])) == []


def test_one_mail_needs_no_first_line() -> None:
    """A file that begins with headers is a mail."""
    assert list(mails([ONE.removeprefix(FIRST)])) == [ONE.removeprefix(FIRST)]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"nothing\n", bytes(range(256)) * 9000, b"x" * 3_000_000])
def test_what_is_no_mbox_gives_nothing(data: bytes) -> None:
    """Bytes of another kind hold no mail, and little of them is looked at."""
    assert list(mails([data[n : n + 65536] for n in range(0, len(data), 65536)])) == []


def test_a_long_line_costs_its_length_once() -> None:
    """A line of 30 MB in blocks is read through once, not again for each block."""
    line = b"x" * (30 << 20) + b"\n"
    blocks = [ONE + line[:65536], *(line[n : n + 65536] for n in range(65536, len(line), 65536)), b"\n" + TWO]
    before = time.process_time()

    found = list(mails(blocks))

    assert [len(mail) for mail in found] == [len(ONE) + len(line) + 1, len(TWO)]
    assert time.process_time() - before < 5


def test_a_mail_without_end_is_cut() -> None:
    """Of a mail that is larger than any, the beginning is read, and the next mail too."""
    block = b"y" * (1 << 20)
    found = list(mails([ONE, *[block] * 80, b"\n", TWO]))

    assert len(found[0]) <= MOST_BYTES + (2 << 20)
    assert found[-1] == TWO


@given(st.binary(max_size=2000))
def test_no_bytes_raise(data: bytes) -> None:
    """Any bytes between two mails leave the reader in peace, and lose nothing."""
    found = list(mails([ONE, data, b"\n" + TWO]))

    assert b"".join(found) == ONE + data + b"\n" + TWO
