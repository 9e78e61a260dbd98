"""The worst that is known: inputs that patterns, lists and trees stumble over, each in any size.

A case is its target in chain.py and a function from a size to bytes; `full` is the size that has to be borne. Most
are about one thing a hundred thousand times, or about a megabyte of it. Time has to grow with the size,
not with its square.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.chain import CUT, ENVELOPE, HEAD, URL

SEPARATOR = b"-------------- next part --------------\n"
FILE = f"<{URL}attachments/20100301/0123abcd/a.bin>".encode()
NOTICE = (
    SEPARATOR + b"A non-text attachment was scrubbed...\nName: a\nType: b/c\nSize: 3 bytes\nDesc: d\nURL: " + FILE
) + b"\n"
MEGABYTE = 1_000_000
MEGABYTES = 300  # of memory that an input may take


BOMB = gzip.compress(bytes(16 << 20), 9)  # 64 of these in a row unpack to 1 GiB


@dataclass(frozen=True)
class Worst:
    """A bad input: which target takes it, how it is made, the size to be borne, the CPU seconds it may take."""

    target: str
    make: Callable[[int], bytes]
    full: int = MEGABYTE
    seconds: float = 20.0


def body(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Make a volume's text of one message with such a body."""
    return lambda size: HEAD + b"\n" + make(size) + b"\n\n"


def run(piece: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    """Make a run of a piece that is `size` bytes long."""
    return lambda size: before + piece * (size // len(piece)) + after


def times(piece: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    """Make a piece `size` times; `%d` in it is the number."""
    if b"%d" in piece:
        return lambda size: before + b"".join(piece % ((n,) * piece.count(b"%d")) for n in range(size)) + after
    return lambda size: before + piece * size + after


def deep_quotation(size: int) -> bytes:
    """Make lines quoted ever deeper, each ten levels deeper than the one above."""
    return (
        b"".join(b">" * depth + b" tock\n" for depth in range(0, size, max(1, size // 100))) + b"> " * size + b"tock\n"
    )


def deep_index(size: int) -> bytes:
    """Make an index of so many entries, the first five thousand each below the one before."""
    deep = min(size, 5_000)
    entry = b'<!--0 01267444800.%d- -->\n<LI><A HREF="%06d.html">Tick %d\n</A><I>Ann\n</I>\n'
    entries = [entry % (n, n, n) for n in range(size)]
    return b"<UL>".join(entries[:deep]) + b"</UL>" * deep + b"".join(entries[deep:])


def entries(body: bytes, head: bytes = b"") -> Callable[[int], bytes]:
    """Make a text of so many messages."""
    one = HEAD + head + b"Message-ID: <%d@clock.example.org>\n\n" + body + b"\n\n"
    return lambda size: b"".join(one % ((n,) * one.count(b"%d")) for n in range(size))


def rebuilt(size: int) -> bytes:
    """Make a text that holds all twice, with an index that names each once; subjects alone tell which is which."""
    one = ENVELOPE + b"From: ann at clock.example.org (Ann)\nSubject: Tick\n\nTock.\n\n"
    line = b'<!--0 01267444800.%d- -->\n<LI><A HREF="%06d.html">Tick\n</A><I>Ann\n</I>\n'
    return b"".join(line % (n, n) for n in range(size)) + CUT + one * (2 * size)


ANSWERS = b"In-Reply-To: <%d@none>\nReferences: <%d@none>\n"

WORST: dict[str, Worst] = {
    "quotation 50,000 deep": Worst("volume", body(deep_quotation), 50_000),
    "line of 10 MB": Worst("volume", body(run(b"tock")), 10 * MEGABYTE, 40),
    "line of words of 10 MB": Worst("volume", body(run(b"tick tock ")), 10 * MEGABYTE, 40),
    "word of CJK": Worst("volume", body(run("時計".encode())), MEGABYTE),
    "word with dots": Worst("volume", body(run(b"tick.")), MEGABYTE),
    "word with underlines": Worst("volume", body(run(b"t_")), MEGABYTE),
    "addresses in a row": Worst("volume", body(run(b"a@b.cd")), MEGABYTE),
    "addresses": Worst("volume", body(run(b"ann@clock.example.org\n")), MEGABYTE),
    "signs": Worst("volume", body(run(b"@")), MEGABYTE),
    "at": Worst("volume", body(run(b" at")), MEGABYTE),
    "at hosts": Worst("volume", body(run(b" at a.b dot c")), MEGABYTE),
    "links": Worst("volume", body(run(b"http://a.b/c ")), MEGABYTE),
    "one link": Worst("volume", body(run(b"?", b"http://a.b/")), MEGABYTE),
    "links that are none": Worst("volume", body(run(b"http://")), MEGABYTE),
    "blank lines": Worst("volume", body(run(b"\n")), MEGABYTE),
    "blanks": Worst("volume", body(run(b" ")), MEGABYTE),
    "tabs and ends": Worst("volume", body(run(b"\t\n ")), MEGABYTE),
    "quotations and blank lines": Worst("volume", body(run(b"> a\n\n")), MEGABYTE),
    "attributions": Worst("volume", body(run(b"On Monday Ann wrote:\n")), MEGABYTE),
    "attributions that end": Worst("volume", body(run(b"On Monday Ann wrote:\n> a\n\nb\n")), MEGABYTE),
    "a long attribution": Worst("volume", body(run(b"On (", b"", b"\n> a\n")), MEGABYTE),
    "forwarded mails": Worst("volume", body(run(b"From: a\nDate: b\n")), MEGABYTE),
    "signatures": Worst("volume", body(run(b"-- \nAnn\n")), MEGABYTE),
    "dashes": Worst("volume", body(run(b"--\n")), MEGABYTE),
    "a line of dashes": Worst("volume", body(run(b"-")), MEGABYTE),
    "footers": Worst("volume", body(run(b"_" * 47 + b"\nlistinfo\n")), MEGABYTE),
    "rules": Worst("volume", body(run(b"_" * 47 + b"\n")), MEGABYTE),
    "a rule": Worst("volume", body(run(b"_")), MEGABYTE),
    "prompts": Worst("volume", body(run(b">>> a\n")), MEGABYTE),
    "tables": Worst("volume", body(run(b"| a\n| b |\n")), MEGABYTE),
    "patches": Worst("volume", body(run(b"--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n+b\n")), MEGABYTE),
    "quoted-printable": Worst(
        "volume", body(run(b"=3D=\n", b"http://a/attachments/20100301/0123=\nabcd/a\n")), MEGABYTE
    ),
    "a soft-broken address": Worst("volume", body(run(b"a=\n", b"http://")), MEGABYTE),
    "question marks": Worst("volume", body(run(b"?")), MEGABYTE),
    "lost letters": Worst("volume", body(run(b"caf? ")), MEGABYTE),
    "encoded words": Worst("headers", run(b"=?"), MEGABYTE // 5),
    "encoded words, begun": Worst("headers", run(b"=?utf-8?q?"), MEGABYTE // 5),
    "encoded words, whole": Worst("headers", run(b"=?utf-8?q?=E9?= "), MEGABYTE // 5),
    "encoded words, base64": Worst("headers", run(b"=?utf-8?b?4pyT?=\n "), MEGABYTE // 5),
    "encoded words, guessed": Worst(
        "headers", run(b"=?x?q?=E9=E8=E7=E0=FC=F6=E4=DF=E9=E8=E7=E0=FC=F6=E4=DF?=\n a\n "), MEGABYTE // 5
    ),
    "folds": Worst("headers", run(b"a\n "), MEGABYTE // 5),
    "blanks in a header": Worst("headers", run(b" "), MEGABYTE // 5),
    "blanks and folds": Worst("headers", run(b" \t", b"", b"\n a"), MEGABYTE // 5),
    "brackets": Worst("headers", run(b"<"), MEGABYTE // 5),
    "ids": Worst("headers", run(b"<a@b>"), MEGABYTE // 5),
    "parentheses": Worst("headers", run(b"("), MEGABYTE // 5),
    "comments": Worst("headers", run(b"(a)"), MEGABYTE // 5),
    "commas": Worst("headers", run(b","), MEGABYTE // 5),
    "digits": Worst("headers", run(b"1"), MEGABYTE // 5),
    "numbers": Worst("headers", run(b"1 Jan "), MEGABYTE // 5),
    "at in a header": Worst("headers", run(b" at "), MEGABYTE // 5),
    "percent in a header": Worst("headers", run(b"%40"), MEGABYTE // 5),
    "100,000 ids": Worst("volume", times(b" <%d@clock.example.org>\n", HEAD + b"References:", b"\nTock.\n"), 100_000),
    "100,000 ids of a reply": Worst(
        "volume", times(b"<%d@clock.example.org>", HEAD + b"In-Reply-To: ", b"\n\nTock.\n"), 100_000
    ),
    "a million lines of headers": Worst(
        "volume", times(b"X: y\n", ENVELOPE + b"From: a\nSubject: b\n", b"\nTock.\n"), MEGABYTE, 40
    ),
    "a million folds": Worst("volume", times(b" a\n", ENVELOPE + b"From: a\nSubject: b\n", b"\nTock.\n"), MEGABYTE, 40),
    "a million lines of a subject": Worst(
        "volume", times(b"a\n", ENVELOPE + b"From: a\nSubject: b\n", b"\nTock.\n"), MEGABYTE, 40
    ),
    "100,000 notices": Worst("volume", body(times(NOTICE)), 100_000, 90),
    "100,000 notices without files": Worst(
        "volume", body(times(SEPARATOR + b"Skipped content of type a/b\n")), 100_000, 60
    ),
    "100,000 glued notices": Worst("volume", body(times(b"Skipped content of type a/b" + SEPARATOR)), 100_000, 60),
    "100,000 texts between": Worst("volume", body(times(b"Tock.\n" + NOTICE)), 100_000, 90),
    "100,000 parts of HTML": Worst("volume", body(times(SEPARATOR + b"<p>Tick</p>\n")), 100_000, 60),
    "100,000 separators": Worst("volume", body(times(SEPARATOR)), 100_000, 60),
    "100,000 separators behind text": Worst("volume", body(times(b"tock " + SEPARATOR)), 100_000, 60),
    "100,000 separators on one line": Worst("volume", body(times(SEPARATOR[:-1])), 100_000, 60),
    "a notice that does not end": Worst("notice", run(b"Name: a\n", b"A non-text attachment was scrubbed...\n")),
    "first lines of notices": Worst("notice", run(b"An HTML attachment was scrubbed...\n")),
    "notices in notices": Worst("notice", run(SEPARATOR + b"A non-text attachment was scrubbed...\nName: ")),
    "HTML in a text": Worst("volume", body(run(b"<p>", b"<html>", b"</html>")), MEGABYTE),
    "brackets in a text": Worst("volume", body(run(b"<")), MEGABYTE),
    "ampersands in a text": Worst("volume", body(run(b"&")), MEGABYTE),
    "entities in a text": Worst("volume", body(run(b"&eacute;")), MEGABYTE),
    "1 MB of <": Worst("page", run(b"<"), MEGABYTE),
    "1 MB of >": Worst("page", run(b">"), MEGABYTE),
    "1 MB of &": Worst("page", run(b"&"), MEGABYTE),
    "1 MB of &#": Worst("page", run(b"&#1;"), MEGABYTE),
    "1 MB of links": Worst("page", run(b'<A HREF="/listinfo/a">a at b.c</A>'), MEGABYTE),
    "1 MB of begun links": Worst("page", run(b'<A HREF="'), MEGABYTE),
    "1 MB of begun tags": Worst("page", run(b"<a "), MEGABYTE),
    "1 MB of nested tags": Worst("page", run(b"<b>"), MEGABYTE),
    "1 MB of ESC $ B": Worst("page", run(b"\x1b$B"), MEGABYTE),
    "1 MB of shifts": Worst("page", run(b'\x1b$B$"\x1b(B'), MEGABYTE),
    "1 MB of shifts in links": Worst("page", run(b'\x1b$B<a href="x">&lt;</a>'), MEGABYTE),
    "1 MB of an open run": Worst("page", run(b'$"', b"\x1b$B"), MEGABYTE),
    "1 MB of articles": Worst("page", run(b"<!--beginarticle--><PRE>a</PRE><!--endarticle-->"), MEGABYTE),
    "1 MB of META": Worst("page", run(b"<meta charset="), MEGABYTE),
    "1 MB of comments": Worst("indexes", run(b"<!--0 01267444800.1- -->"), MEGABYTE),
    "1 MB of a key": Worst(
        "indexes", run(b"01267444800/a@b-", b"<!--0 ", b' --><A HREF="000001.html">a</A>'), MEGABYTE
    ),
    "1 MB of open comments": Worst("indexes", run(b"<!--"), MEGABYTE),
    "1 MB of lists": Worst("indexes", run(b"<UL>"), MEGABYTE),
    "1 MB of links in an index": Worst("indexes", run(b'<A HREF="000001.html">'), MEGABYTE),
    "1 MB of paragraphs": Worst("indexes", run(b"<p><b>a</b><b>b</b><b>c</b>"), MEGABYTE),
    "1 MB of italics": Worst("indexes", run(b"<i>"), MEGABYTE),
    "1 MB of rows": Worst("indexes", run(b'<tr><td><a href="2010-March.txt">'), MEGABYTE),
    "1 MB of forms": Worst("indexes", run(b'<form action="/private/"><input name="username">'), MEGABYTE),
    "100,000 entries of an index": Worst("indexes", deep_index, 100_000, 60),
    "100,000 volumes of a list": Worst(
        "indexes", times(b'<tr><td><a href="%d-March/thread.html">a</a></td></tr>', b"<table>"), 100_000, 60
    ),
    "volumes in one row": Worst(
        "indexes", times(b'<a href="%d-March/thread.html">a</a>', b"<table><tr><td>"), 10_000, 60
    ),
    "20,000 messages": Worst("volume", entries(b"Tock."), 20_000, 60),
    "20,000 messages of one id": Worst("volume", entries(b"Tock.", b"Message-ID: <1@b>\n"), 20_000, 60),
    "a thread 20,000 deep": Worst(
        "volume", entries(b"Tock.", b"In-Reply-To: <%d@none>\nSubject: Tick %d\n"), 20_000, 60
    ),
    "an archive built twice": Worst("held", rebuilt, 20_000, 60),
    "envelopes": Worst("volume", times(ENVELOPE), 100_000, 60),
    "lines that begin like envelopes": Worst("volume", run(b"From \nDate:\n"), MEGABYTE),
    "envelopes on one line": Worst("volume", run(ENVELOPE[:-1]), MEGABYTE),
    "From a line end": Worst("volume", run(b"From a Mon, ", b"", b"\nDate: a\n"), MEGABYTE),
    "gzip in gzip": Worst(
        "gzipped", lambda size: gzip.compress(gzip.compress(gzip.compress(bytes(size * 50), 9), 9), 9)
    ),
    "bomb": Worst("gzipped", lambda size: b"".join(BOMB for _ in range(size)), 64),
    "bomb of messages": Worst("gzipped", lambda size: gzip.compress((ENVELOPE + b"From: a\n\n") * size), 2_000_000, 60),
    "members of gzip": Worst("gzipped", times(gzip.compress(b"", mtime=0)), 50_000, 60),
    "gzip, cut": Worst("gzipped", lambda size: gzip.compress(entries(b"Tock.")(size // 120), 9)[:-20]),
    "mails of an mbox": Worst("mbox", times(ENVELOPE + b"Message-ID: <%d@b>\nSubject: a\n\nb\n\n"), 20_000, 60),
    "lines that begin like mails": Worst("mbox", run(b"From a Mon Mar 1 12:00\n")),
    "one mail": Worst("mbox", run(b"tick tock\n", ENVELOPE + b"Subject: a\n\n"), MEGABYTE, 60),
    "a mail of parts": Worst(
        "mbox", run(b"--x\n\na\n", ENVELOPE + b"Content-Type: multipart/mixed; boundary=x\n\n"), MEGABYTE, 60
    ),
    "mails without ids": Worst("mbox", times(ENVELOPE + b"Subject: a\n\nb\n\n"), 20_000, 60),
    "HTML file": Worst("attachment", run(b"<p>tick")),
    "HTML file, nested": Worst("attachment", run(b"<div>")),
    "HTML file, closed by others": Worst("attachment", run(b"<span></b>")),
    "HTML file, fonts": Worst("attachment", times(b"<font size=%d>", b"", b"<p>a" * 20_000), 20_000),
    "HTML file, empty blocks": Worst("attachment", run(b"<p> </p>")),
    "HTML file, quotes": Worst("attachment", run(b'<a href="')),
    "HTML file, tables": Worst("attachment", run(b"<table><tr><td>")),
    "HTML file, entities": Worst("attachment", run(b"&lt;")),
    "HTML file, addresses": Worst("attachment", run(b"<b>a</b>@<i>b</i>.cd ")),
    "tt": Worst("attachment", run(b"<br>\n", b"<tt>\n", b"</tt>\n")),
    "embedded": Worst("attachment", run(b"]\n", b"[From nobody x\n")),
    "multiparts in multiparts": Worst(
        "attachment", times(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"), 2_000
    ),
    "messages in messages": Worst("attachment", run(b"Content-Type: message/rfc822\n\n")),
    "parts": Worst("attachment", run(b"--x\n\na\n", b"Content-Type: multipart/mixed; boundary=x\n\n")),
    "headers of a message": Worst("attachment", run(b"Subject: a\n")),
    "a parameter in pieces": Worst("attachment", times(b" name*%d=a;", b"Content-Type: text/plain;", b"\n\na"), 20_000),
    "a header of an embedded message": Worst("attachment", run(b"=?utf-8?q?a?= ", b"Subject: ", b"\n\na")),
    "base64": Worst("attachment", run(b"QUJD", b"Content-Transfer-Encoding: base64\n\n")),
    "uuencoded": Worst("attachment", run(b"#86)C\n", b"Content-Transfer-Encoding: uuencode\n\nbegin 644 a\n")),
    "HTML in lists": Worst("attachment", run(b"<ul><li>a</ul>")),
    "HTML in rows": Worst("attachment", run(b"<tr><td>a<td>b", b"<table>")),
    "wide letters": Worst("attachment", run(b"a\0", b"\0\1\2")),
    "bytes": Worst("attachment", run(bytes(range(256)))),
    "addresses in bytes": Worst("attachment", run(b"a@b-", b"\0" * 40)),
    "dots in bytes": Worst("attachment", run(b"a.", b"\0" * 40 + b"abcd@")),
}

# What `make test` tries, and in which size: one of each kind, and what was once too slow. `make soak` tries it all.
HERE = {
    "quotation 50,000 deep": 50_000,
    "line of 10 MB": 10 * MEGABYTE,
    "1 MB of <": MEGABYTE,
    "1 MB of &": MEGABYTE,
    "1 MB of ESC $ B": MEGABYTE,
    "encoded words": MEGABYTE // 5,
    "signatures": MEGABYTE // 2,
    "dashes": MEGABYTE // 4,
    "100,000 notices": 100_000,
    "100,000 texts between": 20_000,
    "100,000 separators": 100_000,
    "100,000 ids": 100_000,
    "a million lines of headers": MEGABYTE,
    "100,000 entries of an index": 5_000,
    "bomb": 64,
    "members of gzip": 50_000,
    "HTML file, nested": MEGABYTE,
    "HTML file, closed by others": MEGABYTE,
}
