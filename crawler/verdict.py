"""Whether an answer carries what was asked for: a status 200 alone proves nothing.

Servers send error pages, login forms, bot walls, empty and half files as if they were the thing
itself. `judge` gives each answer the status that it deserves; those from 600 are ours:

    600 empty       nothing, where there must be something
    601 html        an HTML page in place of a text or of a file that is none
    602 login       the login form of a private archive
    603 wall        a bot wall: proof of work or a riddle, never the archive
    604 garbage     something else than what stands at such an address
    605 torn        it ends in the middle, or before the end of what we hold
    606 too large   it unpacks beyond every measure

Pure: bytes in, a status and the unpacked payload out. What is done about it is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from crawler.encodings import LIMIT, PackingTrouble, gunzip, unpack
from crawler.parse.volume_text import split
from crawler.warc_records import Answer

Asked = Literal["list", "index", "text", "page", "attachment", "robots", "entry", "mbox"]

EMPTY, HTML, LOGIN, WALL, GARBAGE, TORN, TOO_LARGE = range(600, 607)

REASONS = {
    EMPTY: "was empty",
    HTML: "was an HTML page instead of what it should be",
    LOGIN: "was a login form",
    WALL: "was a bot wall",
    GARBAGE: "was not what stands at such an address",
    TORN: "ended in the middle",
    TOO_LARGE: "unpacked to more than a mail archive can hold",
}
PASSING = frozenset({EMPTY, HTML, GARBAGE, TORN})  # a second try may get the thing itself

PART = 206  # the status of a part of a file (RFC 9110, section 15.3.7)
HEAD = 1 << 16  # bytes of a page in which walls, forms and kinds of content show
START = 1 << 10  # bytes in which an HTML page says that it is one

# An HTML page's first element; what stands before it is blank, a byte order mark or comments.
HTML_START = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype html|html|head|title)", re.IGNORECASE | re.DOTALL
)
HTML_END = re.compile(rb"</html\s*>", re.IGNORECASE)
# Pipermail's own marks: a message's text, and an index's links to numbered pages (HyperArch.py).
MESSAGE_MARK = re.compile(rb"<!--beginarticle-->|<pre\b", re.IGNORECASE)
NUMBER_LINK = re.compile(rb"href\s*=\s*[\"']?(?:[^\"'>\s]*/)?\d{4,}\.html", re.IGNORECASE)
VOLUME_LINK = re.compile(
    rb"href\s*=\s*[\"']?[^\"'>\s]+(?:/(?:thread|subject|author|date)\.html|\.txt(?:\.gz)?)[\"'>\s]", re.IGNORECASE
)
# Mailman's login form (Cgi/private.py): two field names, and a target below /private/.
LOGIN_FORM = re.compile(rb"<form\b[^>]*/private/", re.IGNORECASE)
LOGIN_FIELDS = tuple(re.compile(rb"name\s*=\s*[\"']?%s\b" % name, re.IGNORECASE) for name in (b"username", b"password"))
# Titles of the pages that Anubis, Cloudflare, Sucuri, DDoS-Guard and their like put before a site.
WALL_TITLE = re.compile(
    rb"<title[^>]*>[^<]*(?:not a (?:ro)?bot|just a moment|attention required|checking your browser|ddos-guard|"
    rb"verif(?:y|ying) (?:that )?you are (?:a )?human|human verification|client challenge|sucuri|"
    rb"are you a robot|bot verification)",
    re.IGNORECASE,
)
# Their scripts' addresses and elements.
WALL_MARK = re.compile(
    rb"/cdn-cgi/challenge-platform/|\bcf[-_]chl[-_]|within\.website/x/cmd/anubis|id=\"anubis|sucuri_cloudproxy|"
    rb"_Incapsula_Resource|awswaf\.com|haproxy-protection|/\.well-known/\.git\.gammaspectra",
    re.IGNORECASE,
)
# Mailman files text and HTML under any of these; behind the other names an HTML page is an error page.
TEXT_SUFFIXES = "htm html shtml xhtml txt text ksh c pl bat h py eml mht nws msg bin obj xml wsdl xsl diff patch css js"
TEXT_LIKE = frozenset(["", *TEXT_SUFFIXES.split()])
FRAME_START, FRAME_END = b"<tt>\n", b"</tt>"  # what Mailman puts around escaped HTML
BINARY = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f]")  # bytes that no mail text has; ESC is of ISO-2022
MUCH_BINARY = 0.02  # share of them from which on something is no text


def judge(
    kind: Asked,
    answer: Answer,
    held: Callable[[], bytes] | None = None,
    limit: int = LIMIT,
    *,
    size: int | None = None,
    text: bool = False,
    document: Callable[[bytes], int | None] = lambda _: None,
) -> tuple[int, bytes]:
    """Give the status that an answer deserves and its payload, content encodings undone.

    `held` reads the good payload that we have of the same address, if any; `size` is that of an attachment as its
    notice states it, in bytes, `text` says that it states HTML or a mail; `document` judges HTML that could be
    the file or an error page. A status that is no success stays as it is, unless a bot wall sent it.
    """
    try:
        payload = unpack(answer.body, answer.header("Content-Encoding"), limit)
    except PackingTrouble as error:
        return TOO_LARGE if error.beyond else TORN, answer.body
    if is_wall(payload) or "challenge" in (answer.header("cf-mitigated") or ""):
        return WALL, payload
    if answer.status in (401, 403) and kind != "attachment" and is_login(payload):
        return LOGIN, payload
    if not 200 <= answer.status < 300:
        return answer.status, payload
    if kind == "mbox":
        return _judge_mbox(answer, payload), payload
    verdict = _judge_content(kind, answer.url, payload, held, limit)
    if kind == "attachment":
        verdict = verdict or _judge_attachment(payload, size, text=text)
        verdict = verdict or (document(payload) if _is_html(payload) and (text or size is None) else None)
    return verdict or answer.status, payload


def is_wall(payload: bytes) -> bool:
    """Recognise a bot wall; a message that talks about one is none."""
    head = payload[:HEAD]
    if b"<!--beginarticle-->" in head or not HTML_START.match(head[:START]):
        return False
    return bool(WALL_TITLE.search(head) or WALL_MARK.search(head))


def is_login(payload: bytes) -> bool:
    """Recognise the login form of a private archive."""
    head = payload[:HEAD]
    return bool(LOGIN_FORM.search(head)) and all(field.search(head) for field in LOGIN_FIELDS)


def _judge_content(kind: Asked, url: str, payload: bytes, held: Callable[[], bytes] | None, limit: int) -> int | None:
    if kind in ("robots", "entry"):
        return TORN if kind == "entry" and VOLUME_LINK.search(payload) and not HTML_END.search(payload) else None
    if not payload.strip():
        return EMPTY if kind != "attachment" or (held and held()) else None
    if kind == "attachment":
        return HTML if _is_html(payload) and _suffix(url) not in TEXT_LIKE else None
    if is_login(payload):
        return LOGIN
    return _judge_text(payload, held, limit) if kind == "text" else _judge_page(kind, payload)


def _judge_attachment(payload: bytes, size: int | None, *, text: bool) -> int | None:
    """Judge a file by what its notice states: so many bytes, or HTML or a mail, which are never empty.

    Of these markup is escaped, so that they are longer than stated, and HTML gets a frame (Scrubber.py).
    """
    torn = size is not None and len(payload) < size
    if not text:
        return TORN if torn else GARBAGE if size is not None and len(payload) > size else None
    if not payload.strip():
        return EMPTY
    if _is_binary(payload) or (_is_html(payload) and is_login(payload)):
        return GARBAGE
    if size is not None and _is_html(payload):  # a mail is filed with its signs escaped, and begins with "[From"
        return HTML
    return TORN if torn or (payload.startswith(FRAME_START) and not payload.rstrip().endswith(FRAME_END)) else None


def _is_binary(data: bytes) -> bool:
    """Say whether bytes are no text; of UTF-16, by its mark, that cannot be told."""
    head = data[:HEAD]
    return not head.startswith((b"\xff\xfe", b"\xfe\xff")) and len(BINARY.findall(head)) > MUCH_BINARY * len(head)


def _judge_text(payload: bytes, held: Callable[[], bytes] | None, limit: int) -> int | None:
    """Judge a volume's text, packed once more or not, whatever its name says."""
    torn = False
    try:
        text = gunzip(payload, limit) if payload.startswith(b"\x1f\x8b") else payload
    except PackingTrouble as error:
        if error.beyond:
            return TOO_LARGE
        text, torn = b"", True
    if not torn and not text.strip():
        return EMPTY
    if _is_html(text):
        return HTML
    if len(BINARY.findall(text[:HEAD])) > MUCH_BINARY * len(text[:HEAD]):
        return GARBAGE
    return TORN if torn or (held and _is_beginning(payload, held())) else None


def _judge_mbox(answer: Answer, payload: bytes) -> int:
    """Judge a raw mbox, or a part of one that begins with a mail: 206 when the file goes on behind it."""
    if not payload.strip():
        return EMPTY
    if _is_html(payload):
        return LOGIN if is_login(payload) else HTML
    if not payload.lstrip().startswith(b"From "):
        return GARBAGE
    span = content_range(answer.header("Content-Range")) if answer.status == PART else None
    if span and span[1] - span[0] + 1 != len(payload):
        return TORN
    return PART if span and span[1] + 1 < span[2] else 200


def _judge_page(kind: Asked, payload: bytes) -> int | None:
    mark = {"list": VOLUME_LINK, "index": NUMBER_LINK, "page": MESSAGE_MARK}[kind]
    if not mark.search(payload):
        return GARBAGE
    return None if HTML_END.search(payload) else TORN


def _is_html(payload: bytes) -> bool:
    return bool(HTML_START.match(payload[:START]))


def _is_beginning(payload: bytes, held: bytes) -> bool:
    """Say whether a text is what we hold, cut off inside a message; between two it may have been taken away."""
    if len(payload) >= len(held) or not held.startswith(payload):
        return False
    rest = held[len(payload) :].lstrip()
    return not rest or b"".join(split(rest)) != rest


def _suffix(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2].rpartition(".")[2].lower()


def content_range(value: str | None) -> tuple[int, int, int] | None:
    """Read a Content-Range as (first byte, last byte, bytes in all); None where there is none.

    >>> content_range("bytes 0-99/1234")
    (0, 99, 1234)
    """
    unit, _, rest = (value or "").partition(" ")
    span, _, whole = rest.partition("/")
    first, _, last = span.partition("-")
    if unit.lower() != "bytes" or not (first.isdigit() and last.isdigit() and whole.isdigit()):
        return None
    return int(first), int(last), int(whole)
