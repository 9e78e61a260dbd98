"""The text of a mail as HTML: quotations set apart by level, long ones folded, patches and code as they stand.

Text in, markup out. What `indexer.body` tells of each line decides; marks of quotation become blockquotes, as many in
each other as DEEPEST says, and paragraphs that format=flowed had cut are put together again. No other character of the
mail is left out. Only http and https become links. Nothing is redacted here: the text comes redacted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from indexer.body.draft import Kind, Level
from indexer.body.endings import Ending
from indexer.body.flowed import is_flowed, reflowed
from indexer.body.quotation import MARKS, unmarked
from indexer.body.stretches import stretches

# RFC 3986 without what prose and mark-up put around an address.
LINK: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^]+")
AFTER_LINK: Final = ".,;:!?…)]*_"

DEEPEST: Final = 6  # blockquotes in each other; deeper marks stay to be seen
FOLD_FROM: Final = 14  # lines of a quotation from which on it is folded
KEEP_LAST: Final = 5  # of its lines that stay to be seen above the answer
# Quoted lines as nearly all are: one mark, and behind a blank what is neither a mark nor a blank.
PLAIN_LINE: Final = r">(?: (?:[^\s>|][^\n]*+)?+)?+"
PLAIN: Final = re.compile(rf"{PLAIN_LINE}(?:\n{PLAIN_LINE})*+")
PLAIN_MARK: Final = re.compile("^> ?", re.MULTILINE)
SOFT: Final = " \n"  # no flowed text is without
CHANGES: Final = {"+": "ins", "-": "del", ">": "ins", "<": "del", "@": "b", "!": "i"}


class Block(NamedTuple):
    """Lines of one kind and level, blank ones at the ends left out."""

    kind: Kind
    level: Level
    lines: list[str]


def body_html(text: str) -> str:
    """Turn a mail's text into markup.

    >>> body_html("> Why?\\nBecause 1 < 2.")
    '<blockquote><p>Why?</p></blockquote><p>Because 1 &lt; 2.</p>'
    """
    return body_parts(text, ())[0]


def body_parts(body: str, cuts: Sequence[int], endings: Sequence[Ending] = ()) -> list[str]:
    """Turn a mail's text into markup, in pieces that end at the offsets `cuts`, which ascend, and at its end.

    The mail is read as a whole: what stands at its end is told by that.
    """
    read = stretches(body, endings)
    said = (body[s.start : s.end] for s in read if s.kind == "said")
    flowed = SOFT in body and is_flowed([line for text in said for line in text.split("\n")])
    starts, ends, pieces = [s.start for s in read], [s.end for s in read], []
    for start, end in pairwise((0, *cuts, len(body))):
        there = read[bisect_right(ends, start) : bisect_left(starts, end)]
        inside = [(s.kind, s.level, body[max(s.start, start) : min(s.end, end)]) for s in there]
        blocks = [Block(kind, level, text.strip("\n").split("\n")) for kind, level, text in inside if text.strip()]
        pieces.append(_markup(blocks, flowed))
    return pieces


def _markup(blocks: list[Block], flowed: bool) -> str:
    last = max((i for i, block in enumerate(blocks) if not block.level), default=-1)
    written, place = [], 0
    for quoted, run in groupby(blocks, lambda block: block.level > 0):
        group = list(run)
        place += len(group)
        if quoted:
            written.append(_quotation(group, answered=place <= last))
        else:
            written += (_block(block, flowed) for block in group)
    return "".join(written)


def _block(block: Block, flowed: bool) -> str:
    """Write lines that are not quoted; blank lines around them are the style sheet's business."""
    text = "\n".join(block.lines).rstrip()
    match block.kind:
        case "patch":
            return f'<pre class="patch">{_patch(block.lines)}</pre>'
        case "code":
            return f'<pre class="code">{linked(text)}</pre>'
        case "signature" | "footer":
            return f'<p class="{block.kind}">{linked(text)}</p>'
        case _:
            return f"<p>{linked(reflowed(text) if flowed else text)}</p>"


def _patch(lines: list[str]) -> str:
    """Write the lines of a patch: what was added, what was taken away, and the lines that say where."""
    written = []
    for tag, run in groupby(lines, _change):
        text = linked("\n".join(run)) + "\n"
        written.append(f"<{tag}>{text}</{tag}>" if tag else text)
    return "".join(written)


def _change(line: str) -> str:
    if line.startswith(("+++ ", "--- ", "*** ", "diff ", "Index: ", "====", "****")):
        return "b"
    return CHANGES.get(line[:1], "")


def _quotation(group: list[Block], *, answered: bool) -> str:
    """Write a quotation, all but its last lines folded when it is long; who wrote it stays to be seen."""
    count = sum(len(block.lines) for block in group)
    if count < FOLD_FROM:
        return _nested(group)
    head = 1 if group[0].kind == "attribution" and len(group) > 1 else 0
    shown = KEEP_LAST if answered else 0
    hidden = count - sum(len(block.lines) for block in group[:head]) - shown
    folded, rest = _cut(group[head:], hidden)
    summary = f"<summary>{hidden} quoted lines</summary>"
    return f"{_nested(group[:head])}<details>{summary}{_nested(folded)}</details>{_nested(rest)}"


def _cut(group: list[Block], count: int) -> tuple[list[Block], list[Block]]:
    """Cut a quotation behind so many lines."""
    for place, block in enumerate(group):
        if count <= len(block.lines):
            halves = block._replace(lines=block.lines[:count]), block._replace(lines=block.lines[count:])
            return [*group[:place], halves[0]], [*([halves[1]] if halves[1].lines else []), *group[place + 1 :]]
        count -= len(block.lines)
    return group, []


def _nested(group: Iterable[Block]) -> str:
    """Write blocks of a quotation, each in as many blockquotes as it is quoted deep."""
    written: list[str] = []
    depth = 0
    for block in group:
        wanted = min(block.level, DEEPEST)
        text = _text_of(block, wanted).strip("\n").rstrip()
        if not text:
            continue
        written.append("<blockquote>" * (wanted - depth) + "</blockquote>" * (depth - wanted))
        depth = wanted
        if block.kind == "attribution":
            written.append(f'<p class="who">{linked(text)}</p>')
        else:
            text = reflowed(text) if SOFT in text and is_flowed(text.split("\n")) else text
            written.append(
                f'<p class="footer">{linked(text)}</p>' if block.kind == "footer" else f"<p>{linked(text)}</p>"
            )
    return "".join(written) + "</blockquote>" * depth


def _text_of(block: Block, depth: int) -> str:
    """Give the text of a block without the marks that `depth` blockquotes show."""
    text = "\n".join(block.lines)
    if depth == block.level == 1 and PLAIN.fullmatch(text):
        return PLAIN_MARK.sub("", text)
    return "\n".join([_without_marks(line, block.level, depth) for line in block.lines])


def _without_marks(line: str, level: int, depth: int) -> str:
    """Take the marks off a line that `depth` blockquotes show; those of levels that have none in the text stay away."""
    found = MARKS.match(line)
    if not found:
        return line
    there = found[0].count(">")
    return unmarked(line, min(there, depth - max(0, level - there)))


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
