"""What an answer is worth is read from what it holds, not from its status or its name."""

from __future__ import annotations

import gzip

import pytest

from crawler.verdict import EMPTY, GARBAGE, HTML, LOGIN, REASONS, TOO_LARGE, TORN, WALL, Asked, is_wall, judge
from crawler.warc_records import Answer
from tests.list_server.faults import LOGIN as LOGIN_PAGE
from tests.list_server.faults import SORRY
from tests.list_server.faults import WALL as WALL_PAGE

BASE = "http://lists.example.org/pipermail/keepers/"
TEXT = b"From ann at example.org  Mon Mar  1 12:00:00 2010\nFrom: ann at example.org (Ann)\nSubject: Lamp\n\nLit.\n\n"
PAGE = (
    b"<!DOCTYPE HTML><HTML><HEAD><TITLE> Lamp</TITLE></HEAD><BODY><!--beginarticle-->\n<PRE>Lit.\n</PRE></BODY></HTML>"
)
INDEX = b'<html><b>Messages:</b> 1<p><LI><A HREF="000000.html">Lamp\n</A></ul></html>'
LIST = b'<html><table border=3><tr><td>March:</td><td><A href="2010-March/thread.html">[ Thread ]</a></tr></html>'
GOOD: list[tuple[Asked, str, bytes]] = [
    ("text", "2010-March.txt", TEXT),
    ("text", "2010-March.txt.gz", gzip.compress(TEXT)),
    ("text", "2010-March.txt.gz", TEXT),
    (
        "text",
        "2010-March.txt",
        b"From b Sat, 12 Jun 1999 02:55:14 -0400\nSubject: \x1b$B$3\x1b(B <html> is no start\n\n",
    ),
    ("page", "2010-March/000000.html", PAGE),
    ("index", "2010-March/thread.html", INDEX),
    ("list", "", LIST),
    ("attachment", "attachments/20100301/00000000/attachment.png", b"\x89PNG\0\0"),
    ("attachment", "attachments/20100301/00000000/attachment.html", b"<tt>\n&lt;html&gt;</tt>"),
    ("attachment", "attachments/20100301/00000000/attachment.htm", b"<html>a mail</html>"),
    ("attachment", "attachments/20100301/00000000/attachment.ksh", b""),
    ("robots", "robots.txt", b""),
    ("entry", "", b"<html>anything</html>"),
]


def answer(path: str, body: bytes, status: int = 200, fields: str = "") -> Answer:
    return Answer(BASE + path, status, f"HTTP/1.1 {status} X\r\n{fields}\r\n".encode(), body, b"", 0.0)


@pytest.mark.parametrize(("kind", "path", "body"), GOOD)
def test_the_thing_itself_is_good(kind: Asked, path: str, body: bytes) -> None:
    """What stands at such an address passes, in all its forms."""
    assert judge(kind, answer(path, body)) == (200, body)


@pytest.mark.parametrize(
    ("kind", "path", "body", "verdict"),
    [
        ("text", "a.txt", b"", EMPTY),
        ("text", "a.txt.gz", gzip.compress(b" \n"), EMPTY),
        ("text", "a.txt.gz", SORRY, HTML),
        ("text", "a.txt", b"\n <!-- hm --><!DOCTYPE html><html>", HTML),
        ("text", "a.txt.gz", gzip.compress(SORRY), HTML),
        ("text", "a.txt", bytes(range(256)) * 9, GARBAGE),
        ("text", "a.txt.gz", gzip.compress(TEXT)[:-9], TORN),
        ("page", "000000.html", b" ", EMPTY),
        ("page", "000000.html", SORRY, GARBAGE),
        ("page", "000000.html", PAGE[:-8], TORN),
        ("index", "thread.html", SORRY, GARBAGE),
        ("index", "thread.html", INDEX[:-8], TORN),
        ("list", "", SORRY, GARBAGE),
        ("list", "", b"\xff\xfe\0\x01" * 99, GARBAGE),
        ("attachment", "attachments/20100301/00000000/attachment.png", SORRY, HTML),
    ],
)
def test_what_is_something_else_is_not_taken_for_it(kind: Asked, path: str, body: bytes, verdict: int) -> None:
    """Empty answers, error pages, noise and halves get a status of their own."""
    assert judge(kind, answer(path, body))[0] == verdict


@pytest.mark.parametrize("kind", ["list", "index", "text", "page"])
def test_forms_and_walls_are_recognised_for_what_they_are(kind: Asked) -> None:
    """A login form and a bot wall are told from other pages, whatever was asked for."""
    assert judge(kind, answer("x", LOGIN_PAGE))[0] == LOGIN
    assert judge(kind, answer("x", WALL_PAGE))[0] == WALL


@pytest.mark.parametrize("status", [200, 403, 429, 503])
def test_a_wall_is_one_under_every_status(status: int) -> None:
    """Walls come as refusals, as trouble, or as if all were well."""
    assert judge("entry", answer("", WALL_PAGE, status))[0] == WALL
    assert judge("entry", answer("", b"<html></html>", status, "cf-mitigated: challenge\r\n"))[0] == WALL


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
        b"<html><head><title>Attention Required! | Cloudflare</title></html>",
        b"<html><script src='/cdn-cgi/challenge-platform/h/b/x.js'></script></html>",
        b'<html><script id="anubis_challenge" type="application/json">{}</script></html>',
        b"<html><title>DDoS-Guard</title></html>",
        b"<html><script src='/_Incapsula_Resource?x'></script></html>",
    ],
)
def test_known_walls(page: bytes) -> None:
    """The marks of the walls that stand before list archives today."""
    assert is_wall(page)


def test_talking_about_a_wall_is_none() -> None:
    """A message whose subject or text is a wall's is a message; so is a text volume that holds one."""
    page = PAGE.replace(b" Lamp", b"Making sure you're not a bot!")

    assert judge("page", answer("000000.html", page))[0] == 200
    assert judge("text", answer("a.txt", TEXT + WALL_PAGE))[0] == 200


@pytest.mark.parametrize(("status", "body"), [(404, b"<html>gone</html>"), (500, b""), (403, SORRY)])
def test_a_status_that_is_no_success_stays(status: int, body: bytes) -> None:
    """What is not claimed to be the thing is not judged as one."""
    assert judge("text", answer("a.txt", body, status)) == (status, body)


def test_encodings_are_undone_before_judging() -> None:
    """A page sent packed is judged by what it holds; what cannot be unpacked is torn."""
    field = "Content-Encoding: gzip\r\n"

    assert judge("page", answer("000000.html", gzip.compress(PAGE), fields=field)) == (200, PAGE)
    assert judge("page", answer("000000.html", gzip.compress(PAGE)[:-9], fields=field))[0] == TORN


@pytest.mark.parametrize("fields", ["", "Content-Encoding: gzip\r\n"])
def test_a_bomb_is_too_large(fields: str) -> None:
    """What unpacks beyond the limit is refused, whether it is packed on the way or in itself."""
    assert judge("text", answer("a.txt.gz", gzip.compress(TEXT * 99), fields=fields), limit=5000)[0] == TOO_LARGE


def test_the_beginning_of_what_is_held_is_torn() -> None:
    """A text that ends inside a message of ours was cut; one that differs, is longer or has fewer is a new state."""
    held = TEXT * 3

    assert judge("text", answer("a.txt", TEXT[:-3]), lambda: held)[0] == TORN
    assert judge("text", answer("a.txt", TEXT + TEXT[:-3]), lambda: held)[0] == TORN
    assert judge("text", answer("a.txt", TEXT * 2), lambda: held)[0] == 200
    assert judge("text", answer("a.txt", TEXT * 4), lambda: held)[0] == 200
    assert judge("text", answer("a.txt", TEXT.replace(b"Lit", b"Out")), lambda: held)[0] == 200


def test_an_attachment_may_be_empty_unless_it_was_not() -> None:
    """Mailman files empty parts, too; but nothing in place of something is a failed download."""
    path = "attachments/20100301/00000000/attachment.obj"

    assert judge("attachment", answer(path, b""))[0] == 200
    assert judge("attachment", answer(path, b""), lambda: b"x")[0] == EMPTY


NOISE = bytes(range(256)) * 16


@pytest.mark.parametrize(
    ("body", "size", "text", "verdict"),
    [
        (b"\x89PNG\0\0", 6, False, 200),
        (b"\x89PNG\0", 6, False, TORN),
        (b"", 6, False, TORN),
        (b"", 0, False, 200),
        (NOISE, 6, False, GARBAGE),
        (NOISE, None, False, 200),
        (NOISE, None, True, GARBAGE),
        (b"\n", None, True, EMPTY),
        (b"<tt>\n&lt;html&gt;</tt>\n", None, True, 200),
        (b"<tt>\n&lt;html&gt;", None, True, TORN),
        (b"[From ann at example.org]", 30, True, TORN),
        (b"[From ann at example.org]", 20, True, 200),
        (b"<p>unlike all others", None, True, 200),
        (b"<html>no mail begins so</html>", 20, True, HTML),
        (b"<html>a part may</html>", None, True, 200),
        (LOGIN_PAGE, None, True, GARBAGE),
        ("<tt>Лампа</tt>".encode("utf-16"), None, True, 200),
    ],
)
def test_an_attachment_is_judged_by_what_its_notice_states(
    body: bytes, size: int | None, text: bool, verdict: int
) -> None:
    """So many bytes and no others; of HTML and mails that they are text; where it states nothing, all is believed."""
    where = answer("attachments/20100301/00000000/attachment.obj", body)

    assert judge("attachment", where, size=size, text=text)[0] == verdict


def test_every_verdict_of_ours_has_words() -> None:
    """A report can say each of them."""
    assert set(REASONS) == {EMPTY, HTML, LOGIN, WALL, GARBAGE, TORN, TOO_LARGE}
