"""A message's page, VOLUME/NNNNNN.html: its head, and its body as the text that it was made from.

Templates of Mailman 1.x to 2.1.39 in all languages: the order of the anchors is the same everywhere
(TITLE, H1, B, A mailto, I, `<!--beginarticle-->`); their case and white space are not.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.entities import html5
from urllib.parse import unquote

import lxml.etree
import lxml.html

from crawler.parse.addresses import PLAIN_AT, at_word, undo
from crawler.parse.charsets import ESCAPE_RUN, decode, page_charset
from crawler.parse.encoded_words import decode_words, unfold

BEGIN, END = b"<!--beginarticle-->", b"<!--endarticle-->"
# All that pipermail itself adds inside the article (HyperArch quotations and links); nothing else can occur.
PRE_START = re.compile(r"\A\s*<pre>", re.IGNORECASE)
PRE_END = re.compile(r"</pre>\s*\Z", re.IGNORECASE)
OWN_TAGS = re.compile(r"</?i>|</a>|<a href=\"(?:(?!<a href=)[^>\n])*\">", re.IGNORECASE)
# An address whose sender's `@` became the language's word for it links to the list's info page.
LINK = re.compile(r"<a href=\"([^\">\n]*)\">([^<>\n]{1,200}?)</a>", re.IGNORECASE)
INFO_PAGE = "/listinfo"
LINK_TAG = re.compile(rb"</?a(?:\s(?:(?!<a\s)[^>\n])*)?>", re.IGNORECASE)
ESCAPED = re.compile(rb"&(?:lt|gt|amp|quot);")  # what the archiver makes of bytes that are signs in ASCII
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Since 2.1.10 the mailto's subject starts with Re: and its In-Reply-To is the message's own id; before, its parent's.
OWN_ID_SUBJECT = re.compile(r"[?&]Subject=Re%3A", re.IGNORECASE)
# The id in that link; ` ` stands for itself there, never `+`, which ids do hold.
LINKED_ID = re.compile(r"In-Reply-To=([^&\"]*)", re.IGNORECASE)
# The subject there, raw; since 2.1.10 with `Re:` before it. Addresses are obfuscated in the heading, not here.
LINKED_SUBJECT = re.compile(r"(?:^|&)Subject=(?:Re%3A%20)?([^&\"]*)", re.IGNORECASE)
SHOWN_ADDRESS = re.compile(r"([-+,.\w]+)@([-+.\w]+)")
HEAD_BYTES = 1 << 16  # of a page above its article, and of a page that holds none


@dataclass(frozen=True, slots=True)
class MessagePage:
    """What a page says of its message; None where its template does not say it.

    `body` is the article's text before any notice is taken out, None where the page holds no article.
    """

    charset: str | None
    subject: str
    author: str | None
    address: str | None
    date: str | None
    message_id: str | None
    in_reply_to: str | None
    body: str | None


def read_page(data: bytes, other: str | None = None) -> MessagePage:
    """Read a message's page; one without an article has no body, whatever it is. `other` is its volume's charset."""
    charset = page_charset(data)
    begin, end = data.find(BEGIN), data.rfind(END)
    head = decode(data[: min(begin if begin >= 0 else len(data), HEAD_BYTES)], charset, other).replace("\0", " ")
    article = data[begin + len(BEGIN) : end] if 0 <= begin < end else None
    found = _read_head(head)
    return MessagePage(charset, *found, read_article(article, charset, other) if article is not None else None)


def _read_head(head: str) -> tuple[str, str | None, str | None, str | None, str | None, str | None]:
    """Read (subject, author, address, date, own id, parent's id) from what stands above the article."""
    if not head.strip():
        return "", None, None, None, None, None
    try:
        tree = lxml.html.document_fromstring(head.encode("utf-8", "replace"), parser=_parser())
    except lxml.etree.ParserError:  # nothing in it but marks
        return "", None, None, None, None, None
    link = _sender_link(tree)
    if link is None:
        return _text(tree.find(".//h1")) or _text(tree.find(".//title")) or "", None, None, None, None, None
    subject = _text(next(link.itersiblings("h1", preceding=True), tree.find(".//h1"))) or _text(tree.find(".//title"))
    author = _as_it_stands(next(link.itersiblings("b", preceding=True), tree.find(".//b")))
    date = _text(next(link.itersiblings("i"), tree.find(".//i")))
    address, href = _as_it_stands(link), link.get("href") or ""
    return _sent_subject(href, subject or "", address or ""), author, address, date, *_mailto_ids(href)


def _sender_link(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """Find the link to the sender: the last right behind a name in bold. A site's own header may hold others above."""
    links = [a for a in tree.iter("a") if (a.get("href") or "").startswith("mailto:")]
    behind = [a for a in links if a.getprevious() is not None and a.getprevious().tag == "b"]
    return (behind or links or [None])[-1]


def _parser() -> lxml.html.HTMLParser:
    return lxml.html.HTMLParser(encoding="utf-8", recover=True)


def _text(element: lxml.html.HtmlElement | None) -> str | None:
    return " ".join(element.text_content().split()) or None if element is not None else None


def _as_it_stands(element: lxml.html.HtmlElement | None) -> str | None:
    """Give a text with its blanks: in Portuguese two of them are the `@`."""
    return " ".join(element.text_content().split("\n")).strip() or None if element is not None else None


def _sent_subject(href: str, shown: str, address: str) -> str:
    """Give a subject as it was sent, where the page shows its addresses obfuscated and the sender's link has them."""
    match = LINKED_SUBJECT.search(href.partition("?")[2])
    sent = unfold(decode_words(unfold(unquote(match[1])))) if match else ""
    if "@" not in sent:
        return shown
    word = at_word(address) or PLAIN_AT
    same = " ".join(SHOWN_ADDRESS.sub(lambda m: f"{m[1]}{word}{m[2]}", sent).split()) == " ".join(shown.split())
    return sent if same else shown


def _mailto_ids(href: str) -> tuple[str | None, str | None]:
    """Read the id in a page's mailto link as (own, parent's)."""
    match = LINKED_ID.search(href.partition("?")[2])
    value = " ".join(unquote(match[1]).split()) if match else ""
    if not value:
        return None, None
    whole = value if value.startswith("<") else f"<{value}>"
    return (whole, None) if OWN_ID_SUBJECT.search(href) else (None, whole)


def read_article(article: bytes, charset: str | None, other: str | None = None) -> str:
    """Turn the bytes of an article back into the text that pipermail wrote there.

    >>> read_article(b"\\n<PRE>a &lt; b\\n&gt;<i> so\\n</I></PRE>\\n", "us-ascii")
    'a < b\\n> so\\n'
    """
    if b"\x1b" in article:  # bytes inside ISO-2022-JP runs were linked and escaped as if they were ASCII
        article = ESCAPE_RUN.sub(lambda m: ESCAPED.sub(_byte, m[0]), LINK_TAG.sub(b"", article))
    text = decode(article, charset, other).replace("\r\n", "\n")
    text = PRE_END.sub("", PRE_START.sub("", text))
    text = LINK.sub(lambda m: undo(m[2]) if INFO_PAGE in m[1] else m[2], text)
    text = OWN_TAGS.sub("", text)
    return ENTITY.sub(_character, text)


def _byte(match: re.Match[bytes]) -> bytes:
    return html.unescape(match[0].decode("ascii")).encode("ascii")


def _character(match: re.Match[str]) -> str:
    """Decode an entity; a name that HTML does not know, though it may begin like one, is what somebody wrote."""
    if match[0][1] == "#":
        return html.unescape(match[0])
    return html5.get(match[0][1:], match[0])
