"""Near-valid archives: real structures with something wrong in them, as Hypothesis draws them.

`damaged(part)` bends what a strategy gives: a piece doubled, moved, cut out or put in, a byte changed. So an input
reaches deep into a reader before it surprises it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from hypothesis import strategies as st

from crawler.parse.wordings import WORDINGS
from tests.fuzz.chain import CUT, ENVELOPE, URL

Bytes = st.SearchStrategy[bytes]

# What stands in archives: signs that readers look for, and letters of many charsets.
PIECES = [
    b"a", b"?", b"\xc3\xa9", b"\xe9", "時計".encode(), "時計".encode("euc-jp"),
    b"\x1b$B;~7W\x1b(B", b"\x1b$B", b"\x1b(B",
    b"\0", b"\r\n", b"\n", b" ", b"\t", b"=\n", b"=3D", b"=?utf-8?q?=C3=A9?=", b"=?", b"?=", b"=?iso-2022-jp?b?GyRC?=",
    b"<", b">", b"</", b"<a@b>", b"(", b")", b"@", b" at ", b"&", b"&#", b"&#128;", b"&#x110000;", b"&eacute;", b";",
    b"-- \n", b"> ", b">>> ", b"| ", b"\n\n", b"On Monday Ann wrote:\n", b"_" * 47 + b"\n", b"http://a.b/c", b"\nFrom ",
    b"\xff\xfe", b"\xef\xbb\xbf", b"+AGE-", b"\xed\xa0\x80",
    b"%40", b"[", b"]", b"{", b"\\", b"\x0b", b"\x85", b"\xc2\x85",
    "\u2028\u202e\ufeff".encode(), b"9" * 40, b"-1", b"0", b"attachments/20100301/0123abcd/a.bin",
]  # fmt: skip
DATES = [
    b"Mon, 01 Mar 2010 12:00:00 +0000", b"Mon, 1 Mar 10 12:00 EST", b"1 Mar 2010 12:00:00", b"Mon Mar  1 12:00:00 2010",
    b"31 Feb 2010 25:61:61 +9999", b"Thu, 01 Jan 1970 00:00:00 -0000", b"Fri, 31 Dec 9999 23:59:59 -1200", b"yesterday",
    b"01-Mar-2010 12:00 Z", b"2010-03-01T12:00:00+01:00", b"Mon, 01 Mar 0000 00:00:00 +0000", b"",
]  # fmt: skip
CHARSETS = [
    b"us-ascii",
    b"utf-8",
    b"iso-8859-1",
    b"euc-jp",
    b"iso-2022-jp",
    b"utf-7",
    b"utf-16",
    b"x-none",
    b"hz",
    b"big5",
]

noise: Bytes = st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=8).map(b"".join)
line: Bytes = noise.map(lambda data: data.replace(b"\n", b" "))
date: Bytes = st.sampled_from(DATES) | line
number = st.integers(0, 12)


def joined(*parts: Bytes | bytes) -> Bytes:
    """Join what each part gives."""
    return st.tuples(*(st.just(part) if isinstance(part, bytes) else part for part in parts)).map(b"".join)


def several(part: Bytes, most: int = 5) -> Bytes:
    """Give some of a part in a row."""
    return st.lists(part, max_size=most).map(b"".join)


def filled(template: str) -> Bytes:
    """Fill one of the scrubber's templates with anything; its address with one that a file could have."""
    pieces: list[Bytes | bytes] = []
    for at, piece in enumerate(template.replace("%(", "\0(").split("\0")):
        name, _, rest = piece[1:].partition(")") if at else ("", "", " " + piece)
        if at:
            pieces.append(
                ADDRESS
                if name == "url"
                else st.integers(0, 10**6).map(lambda n: b"%d" % n)
                if name == "size"
                else noise
            )
        pieces.append(rest[1:].encode())
    return joined(*pieces)


ADDRESS: Bytes = st.sampled_from([
    f"<{URL}attachments/20100301/0123abcd/a.bin>".encode(), b"http://a/attachments/20100301/0123abcd/a.htm",
    f"&lt;<A HREF=\"{URL}attachments/20100301/0123abcd/a.bin\">x</A>&gt;".encode(), b"none",
])  # fmt: skip
FORMS = [form for case in ("html", "other", "message", "text", "removed", "skipped") for form in WORDINGS[case]]
SEPARATORS = [separator.encode() + b"\n" for separator in WORDINGS["separator"]]

notice: Bytes = joined(st.sampled_from(SEPARATORS), st.sampled_from(FORMS).flatmap(filled), b"\n")
body: Bytes = several(noise | notice, 6)
header: Bytes = joined(
    st.sampled_from(
        [b"From: ", b"Date: ", b"Subject: ", b"In-Reply-To: ", b"References: ", b"Message-ID: ", b"X: ", b" "]
    ),
    st.one_of(line, date, number.map(lambda n: b"<%d@clock.example.org>" % n), noise),
    b"\n",
)
envelope: Bytes = st.sampled_from([
    b"From ann at clock.example.org  Mon Mar  1 12:00:00 2010\nFrom: ann at clock.example.org (Ann)\n",
    b"From ann@b.c Mon, 01 Mar 2010 12:00:00 +0000\nDate: Mon, 01 Mar 2010 12:00:00 +0000\nFrom: Ann ann@b.c\n",
    b"From   Mon Mar  1 12:00:00 2010\nFrom: \n",
])  # fmt: skip
entry: Bytes = joined(envelope, several(header, 6), b"\n", body, b"\n\n")
text: Bytes = several(entry, 4)

meta: Bytes = st.sampled_from(CHARSETS).map(
    lambda name: b'<META http-equiv="Content-Type" content="text/html; charset=%s">' % name
)
page: Bytes = joined(
    meta, b"<TITLE>", line, b"</TITLE><H1>", line, b"</H1><B>", line, b'</B> <A HREF="mailto:', line,
    b"?Subject=Re%3A&In-Reply-To=",
    line, b'">', line, b"</A><BR><I>", date, b"</I><P><!--beginarticle-->\n<PRE>", body, b"</PRE>\n<!--endarticle-->",
)  # fmt: skip
key: Bytes = st.sampled_from(
    [b"01267444800.1-", b"01267444800/1@clock.example.org-", b"01267444800-", b"0-", b"01267444800/-"]
)
row: Bytes = joined(
    st.sampled_from([b"<UL>", b"</UL>", b""]), b"<!--0 ", several(key, 3), b' -->\n<LI><A HREF="',
    number.map(lambda n: b"%06d.html" % n), b'">', line, b'\n</A><A NAME="1">&nbsp;</A>\n<I>', line, b"\n</I>\n",
)  # fmt: skip
volume_index: Bytes = joined(
    meta, b"<p><b>Starting:</b> <i>", date, b"</i><b>Ending:</b><b>Messages:</b> ", number.map(lambda n: b"%d" % n),
    b"<p><ul>",
    several(row, 6), b"</ul>",
)  # fmt: skip
VOLUMES = [
    b"2010-March/thread.html",
    b"2010q1/date.html",
    b"Week-of-Mon-20100301.txt",
    b"2010-March.txt.gz",
    b"20100230/",
]
volume_row: Bytes = joined(
    b"<tr><td>", line, b'</td><td><a href="',
    st.sampled_from(VOLUMES) | line,
    b'">', line, b"</a></td></tr>",
)  # fmt: skip
list_index: Bytes = joined(meta, b"<h1>", line, b"</h1><table>", several(volume_row, 5), b"</table>", noise)
held: Bytes = st.tuples(volume_index, text, page, page).map(CUT.join)


@st.composite
def damaged(draw: Callable[..., object], part: Bytes) -> bytes:
    """Bend what a strategy gives: up to four of its pieces doubled, taken out, moved or changed."""
    data = bytes(draw(part))  # type: ignore[call-overload]  # draw gives what `part` holds
    for _ in range(draw(st.integers(0, 4))):  # type: ignore[call-overload]  # the same
        start, length = (draw(st.integers(0, len(data))) for _ in range(2))
        piece = data[start : start + length]  # type: ignore[operator,misc]  # the same
        put = draw(st.sampled_from([piece + piece, b"", piece[::-1]]) | st.sampled_from(PIECES))
        data = data[:start] + put + data[start + length :]  # type: ignore[operator,misc]  # the same
    return data


def squeezed(data: bytes, cut: int, level: int) -> bytes:
    """Compress bytes, and cut the end off."""
    squeezed = gzip.compress(data, level, mtime=0)
    return squeezed[: len(squeezed) - cut]


gzipped: Bytes = st.builds(squeezed, text, st.sampled_from([0, 0, 1, 8, 12]), st.sampled_from([0, 9]))
TYPES = [
    b"text/plain",
    b"text/html",
    b"multipart/mixed; boundary=x",
    b"multipart/",
    b"message/rfc822",
    b"image/png",
    b"x",
]
CODINGS = [b"base64", b"quoted-printable", b"8bit", b"uuencode", b"x-none"]
mime: Bytes = joined(
    b"Content-Type: ", st.sampled_from(TYPES), b"; charset=", st.sampled_from(CHARSETS), b"; name*=utf-8''", line,
    b"\nContent-Transfer-Encoding: ", st.sampled_from(CODINGS), b"\nContent-Disposition: attachment; filename=",
    line, b"\n",
)  # fmt: skip
mime_part: Bytes = joined(noise, b"\n--x\n", mime, b"\n", noise)
embedded: Bytes = joined(several(header, 3), mime, several(header, 3), b"\n", several(mime_part, 3))
RECEIVED = b"Received: from a by b; Mon, 01 Mar 2010 12:00:00 +0000\n"
mbox: Bytes = several(
    joined(st.sampled_from([ENVELOPE, b"From a Mon Mar  1 12:00:00 2010\n", RECEIVED]), embedded, b"\n"), 4
)
file: Bytes = st.one_of(
    body,
    joined(
        meta,
        several(
            st.sampled_from([b"<p>", b"<div>", b"<b>", b"</b>", b'<a href="', b'">', b"<script>", b"<!--"]) | noise, 12
        ),
    ),
    joined(b"<tt>\n", several(noise | st.sampled_from([b"<br>\n", b"&nbsp;", b"&lt;p&gt;"])), b"</tt>\n"),
    joined(b"[From nobody Mon Mar  1 12:00:00 2010\n", noise, b"]\n"),
    embedded,
    joined(b"[From nobody Mon Mar  1 12:00:00 2010\n", embedded, b"]\n"),
)

# What each target of chain.py is given.
INPUTS: dict[str, Bytes] = {
    "volume": damaged(text),
    "held": damaged(held),
    "page": damaged(page),
    "indexes": damaged(volume_index | list_index | several(key)),
    "notice": damaged(body),
    "headers": damaged(several(line | date | noise)),
    "gzipped": damaged(gzipped),
    "mbox": damaged(mbox),
    "attachment": damaged(file),
}
