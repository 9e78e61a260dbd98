"""The text of a mail as HTML: quotations set apart, long ones to be unfolded, signatures dimmed, links made.

Text in, markup out; every character of the mail stays where it was, between our tags. Only
http and https become links. Nothing is redacted here: the text comes redacted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Final, Literal

Kind = Literal["said", "quoted", "signature", "footer"]

# Lines that quote, as mailers write them: `>`, after a blank or two, after somebody's initials; a blank line between.
_QUOTES: Final = r"^ {0,2}[A-Za-z]{0,4}>"
QUOTED_RUN: Final = re.compile(rf"(?:{_QUOTES}.*(?:\n|\Z)(?:[ \t]*\n(?={_QUOTES}))?)+", re.MULTILINE)
# Python's prompt looks like a quotation of a quotation of a quotation.
PROMPT: Final = re.compile(r"(?:>>>(?: .*)?\n?)+\Z")
# RFC 3676 section 4.3: `-- ` alone on a line; many archives have lost the blank.
SIGNATURE: Final = re.compile(r"^-- ?$", re.MULTILINE)
# Mailman's footer: a rule of underlines, then the list's name and address; a few lines and the end.
FOOTER: Final = re.compile(
    r"^_{20,}\n(?=(?:.*\n){0,2}?.*(?:[Mm]ailing list|listinfo))(?=(?:.*\n){0,8}.*\Z)", re.MULTILINE
)
# RFC 3986 without what prose and mark-up put around an address.
LINK: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^]+")
AFTER_LINK: Final = ".,;:!?…)]*_"

FOLD_FROM: Final = 14  # lines of a quotation from which on it is folded
KEEP_LAST: Final = 5  # of its lines that stay to be seen above the answer


def body_html(text: str) -> str:
    """Turn a mail's text into markup.

    >>> body_html("> Why?\\nBecause 1 < 2.")
    '<blockquote>&gt; Why?</blockquote><p>Because 1 &lt; 2.</p>'
    """
    blocks = list(stretches(text))
    last = max((i for i, (kind, _) in enumerate(blocks) if kind == "said"), default=-1)
    return "".join(_block(kind, part, i < last) for i, (kind, part) in enumerate(blocks))


def stretches(text: str) -> Iterator[tuple[Kind, str]]:
    """Cut a text into what was said, what was quoted, the signature and the list's footer, in order.

    >>> list(stretches("> Why?\\nBecause.\\n-- \\nAda\\n"))
    [('quoted', '> Why?\\n'), ('said', 'Because.\\n'), ('signature', '-- \\nAda\\n')]
    """
    footer = FOOTER.search(text)
    end = footer.start() if footer else len(text)
    signature = next((m.start() for m in SIGNATURE.finditer(text, 0, end) if not _goes_on(text[m.end() : end])), end)
    start = 0
    for match in QUOTED_RUN.finditer(text, 0, signature):
        if not PROMPT.match(match[0]):
            yield from _said(text[start : match.start()])
            yield "quoted", match[0]
            start = match.end()
    yield from _said(text[start:signature])
    if signature < end:
        yield "signature", text[signature:end]
    if end < len(text):
        yield "footer", text[end:]


def linked(text: str) -> str:
    """Escape a text and make links of its addresses on the web.

    >>> linked("<https://example.org/>, 1 < 2")
    '&lt;<a href="https://example.org/" rel="nofollow noopener">https://example.org/</a>&gt;, 1 &lt; 2'
    """
    if "://" not in text:
        return escape(text, quote=False)
    pieces: list[str] = []
    start = 0
    for match in LINK.finditer(text):
        url = _link(match[0])
        if url:
            pieces += (escape(text[start : match.start()], quote=False), _anchor(escape(url)))
            start = match.start() + len(url)
    return "".join((*pieces, escape(text[start:], quote=False)))


def _link(found: str) -> str:
    """Take off what prose puts behind an address; one that holds a redacted address leads nowhere and is none."""
    url = found.rstrip(AFTER_LINK)
    if found[len(url) :].startswith(")") and "(" in url:
        url += ")"
    return "" if "…" in url or url.endswith("//") else url


def _anchor(url: str) -> str:
    return f'<a href="{url}" rel="nofollow noopener">{url}</a>'


def _said(text: str) -> Iterator[tuple[Kind, str]]:
    if text.strip():
        yield "said", text


def _goes_on(rest: str) -> bool:
    """Say whether what follows a line of two strokes is too much for a signature."""
    return rest.count("\n") > 20 or bool(QUOTED_RUN.search(rest))


def _block(kind: Kind, text: str, answered: bool) -> str:
    """Write one stretch; blank lines around it are the style sheet's business."""
    text = text.strip("\n").rstrip()
    if kind == "said":
        return f"<p>{linked(text.lstrip(chr(10)))}</p>"
    if kind == "quoted":
        return _quotation(text, answered)
    return f'<p class="{kind}">{linked(text)}</p>'


def _quotation(text: str, answered: bool) -> str:
    lines = text.split("\n")
    if len(lines) < FOLD_FROM:
        return f"<blockquote>{linked(text)}</blockquote>"
    shown = KEEP_LAST if answered else 0
    hidden = len(lines) - shown
    folded = linked("\n".join(lines[:hidden]))
    rest = f"<blockquote>{linked(chr(10).join(lines[hidden:]))}</blockquote>" if shown else ""
    return f"<details><summary>{hidden} quoted lines</summary><blockquote>{folded}</blockquote></details>{rest}"
