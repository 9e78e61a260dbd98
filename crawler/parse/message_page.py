"""A message's page, VOLUME/NNNNNN.html: its head, and its body as the text that it was made from.

Templates of Mailman 1.x to 2.1.39 in all languages: the order of the anchors is the same everywhere
(TITLE, H1, B, A mailto, I, `<!--beginarticle-->`); their case and white space are not.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

import lxml.html

from crawler.parse.addresses import undo
from crawler.parse.charsets import ESCAPE_RUN, decode, page_charset

BEGIN, END = b"<!--beginarticle-->", b"<!--endarticle-->"
# All that pipermail itself adds inside the article (HyperArch quotations and links); nothing else can occur.
PRE_START = re.compile(r"\A\s*<pre>", re.IGNORECASE)
PRE_END = re.compile(r"</pre>\s*\Z", re.IGNORECASE)
OWN_TAGS = re.compile(r"</?i>|</a>|<a href=\"[^>\n]*\">", re.IGNORECASE)
# An address whose sender's `@` became the language's word for it links to the list's info page.
OBFUSCATED_LINK = re.compile(r"<a href=\"[^\">\n]*/listinfo[^\">\n]*\">([^<>\n]{1,200}?)</a>", re.IGNORECASE)
LINK_TAG = re.compile(rb"</?a(?:\s[^>\n]*)?>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Since 2.1.10 the mailto's subject starts with Re: and its In-Reply-To is the message's own id; before, its parent's.
OWN_ID_SUBJECT = re.compile(r"[?&]Subject=Re%3A", re.IGNORECASE)


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


def read_page(data: bytes) -> MessagePage:
    """Read a message's page; one without an article has no body, whatever it is."""
    charset = page_charset(data)
    begin, end = data.find(BEGIN), data.rfind(END)
    head = decode(data[: begin if begin >= 0 else len(data)], charset).replace("\0", " ")
    article = data[begin + len(BEGIN) : end] if 0 <= begin < end else None
    found = _read_head(head)
    return MessagePage(charset, *found, read_article(article, charset) if article is not None else None)


def _read_head(head: str) -> tuple[str, str | None, str | None, str | None, str | None, str | None]:
    """Read (subject, author, address, date, own id, parent's id) from what stands above the article."""
    if not head.strip():
        return "", None, None, None, None, None
    tree = lxml.html.document_fromstring(head.encode("utf-8", "replace"), parser=_parser())
    subject = _text(tree, ".//h1") or _text(tree, ".//title") or ""
    links = [a for a in tree.iter("a") if (a.get("href") or "").startswith("mailto:")]
    address = " ".join((links[0].text_content() or "").split()) if links else None
    own, parent = _mailto_ids(links[0].get("href") or "") if links else (None, None)
    return subject, _text(tree, ".//b"), address or None, _text(tree, ".//i"), own, parent


def _parser() -> lxml.html.HTMLParser:
    return lxml.html.HTMLParser(encoding="utf-8", recover=True)


def _text(tree: lxml.html.HtmlElement, path: str) -> str | None:
    found = tree.find(path)
    text = " ".join(found.text_content().split()) if found is not None else ""
    return text or None


def _mailto_ids(href: str) -> tuple[str | None, str | None]:
    """Read the id in a page's mailto link as (own, parent's)."""
    query = href.partition("?")[2]
    value = parse_qs(query.replace(";", "%3B"), keep_blank_values=True).get("In-Reply-To", [""])[0]
    value = " ".join(unquote(value).split()) if "%" in value else " ".join(value.split())
    if not value:
        return None, None
    whole = value if value.startswith("<") else f"<{value}>"
    return (whole, None) if OWN_ID_SUBJECT.search(href) else (None, whole)


def read_article(article: bytes, charset: str | None) -> str:
    """Turn the bytes of an article back into the text that pipermail wrote there.

    >>> read_article(b"\\n<PRE>a &lt; b\\n&gt;<i> so\\n</I></PRE>\\n", "us-ascii")
    'a < b\\n> so\\n'
    """
    if b"\x1b" in article:  # bytes inside ISO-2022-JP runs were linked and escaped as if they were ASCII
        article = ESCAPE_RUN.sub(
            lambda m: html.unescape(m[0].decode("latin-1")).encode("latin-1"), LINK_TAG.sub(b"", article)
        )
    text = decode(article, charset).replace("\r\n", "\n")
    text = PRE_END.sub("", PRE_START.sub("", text))
    text = OBFUSCATED_LINK.sub(lambda m: undo(m[1]), text)
    text = OWN_TAGS.sub("", text)
    return ENTITY.sub(lambda m: html.unescape(m[0]), text)
