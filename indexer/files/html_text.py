"""The text of HTML, as a mail without markup would say it: paragraphs, quotations behind `> `. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

import nh3

from indexer.nesting import shallow

BLOCKS: Final = frozenset({
    "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "table", "td", "th", "tr", "ul",
})  # fmt: skip
APART: Final = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "table"])
CELLS: Final = frozenset(["td", "th"])
WITH_CONTENT: Final = frozenset(["head", "math", "noscript", "script", "select", "style", "svg", "textarea", "title"])
TAG: Final = re.compile(r"<(/?)([a-z0-9]+)>")
BLANKS: Final = re.compile(r"[ \t\r\n\f\xa0]+")
DEEPEST: Final = 20  # quotations in each other that are marked


def html_text(html: str) -> str:
    """Give the text of HTML; what browsers do not show is left out.

    >>> html_text("<p>Hello,<br>all</p><blockquote>Who?<blockquote>Me</blockquote></blockquote><script>x</script>")
    'Hello,\\nall\\n\\n> Who?\\n\\n> > Me\\n'
    """
    clean = nh3.clean(
        shallow(html), tags=set(BLOCKS), clean_content_tags=set(WITH_CONTENT), attributes={}, link_rel=None
    )
    text = "\n".join(_without_runs(_lines(clean)))
    return f"{text}\n" if text else ""


def _lines(clean: str) -> Iterator[str]:
    """Give the lines of cleaned markup, blank ones between paragraphs."""
    line: list[str] = []
    depth = pre = 0
    pieces = TAG.split(clean)
    for place in range(0, len(pieces), 3):
        text, (closing, tag) = unescape(pieces[place]), pieces[place + 1 : place + 3] or ("", "")
        if pre:
            *whole, text = text.split("\n")
            for part in whole:
                yield _line([*line, part], depth)
                line = []
        line.append(text if pre else BLANKS.sub(" ", text))
        if not tag:
            continue
        if tag in CELLS:
            line.append(" " if closing else "")
            continue
        if tag == "br" or "".join(line).strip():
            yield _line(line, depth)
        line = []
        if tag in APART:
            yield ""
        if tag == "blockquote":
            depth += -1 if closing else 1
        elif tag == "pre":
            pre += -1 if closing else 1
    yield _line(line, depth)


def _line(pieces: list[str], depth: int) -> str:
    text = "".join(pieces).strip(" ")
    return "> " * max(0, min(depth, DEEPEST)) + text if text else ""


def _without_runs(lines: Iterator[str]) -> Iterator[str]:
    """Leave one blank line where there are several, none at the ends; `<br>` makes lines, not paragraphs."""
    waiting = started = False
    for line in lines:
        if line:
            if waiting and started:
                yield ""
            yield line
            waiting, started = False, True
        else:
            waiting = True
