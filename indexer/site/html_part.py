"""A mail's HTML part, made readable and harmless: its source in, plain markup out.

What is left of the markup is structure: no style, script, picture or form.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

import nh3

from indexer.nesting import shallow
from indexer.redaction import Privacy, redact
from indexer.site.text import body_html

TAGS: Final = frozenset({
    "a", "b", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "s", "samp", "small", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
})  # fmt: skip
WITH_CONTENT: Final = frozenset(["head", "math", "noscript", "script", "select", "style", "svg", "textarea", "title"])
NESTED: Final = 20  # empty blocks in each other that are taken out

TAG: Final = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
BLOCK: Final = re.compile(r"</?(?:blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|table|td|th|tr|ul)\b")
HEADING: Final = re.compile(r"<(/?)h[1-6]>")
HREF: Final = re.compile(r'href="([^"]*)"')
EMPTY: Final = re.compile(r"<(p|div|li|b|i|u|strong|em|small)>(?:\s|&nbsp;|<br>)*</\1>")


def readable(html: str, privacy: Privacy) -> str:
    """Give the markup of a mail's HTML that can stand in a page, redacted; "" where nothing is to be read.

    >>> readable('<p onclick="x()">Hi <b>Ada</b><script>alert(1)</script></p>', Privacy())
    '<p>Hi <b>Ada</b></p>'
    """
    clean = nh3.clean(
        shallow(html),
        tags=set(TAGS),
        clean_content_tags=set(WITH_CONTENT),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow noopener",
    )
    clean = _without_empty(HEADING.sub(r"<\1p>", clean))
    if privacy.addresses:
        return clean if plain(clean).strip() else ""
    shown = _redacted(clean, privacy)
    text = plain(shown)
    if redact(text, privacy.exceptions) != text:  # an address that tags cut into pieces
        return body_html(redact(text, privacy.exceptions))
    return shown if text.strip() else ""


def plain(markup: str) -> str:
    """Give the text of clean markup, a line end where a block begins or ends."""
    return "".join(
        ("\n" if BLOCK.match(piece) else "") if i % 2 else unescape(piece) for i, piece in enumerate(TAG.split(markup))
    )


def _redacted(markup: str, privacy: Privacy) -> str:
    known = privacy.exceptions
    pieces = TAG.split(markup)
    for i, piece in enumerate(pieces):
        if i % 2:
            pieces[i] = HREF.sub(lambda m: m[0] if redact(unescape(m[1]), known) == unescape(m[1]) else "", piece)
        elif piece:
            pieces[i] = escape(redact(unescape(piece), known), quote=False)
    return "".join(pieces)


def _without_empty(markup: str) -> str:
    """Take out blocks with nothing in them, which mailers use for space, from the inside outwards."""
    for _ in range(NESTED):
        markup, found = EMPTY.subn("", markup)
        if not found:
            break
    return markup
