"""The forms of the scrubber's notices: Mailman's templates as lines that are looked for, never as one big pattern.

A form's lines stand in blocks: within a block they follow each other, between two blocks a value can run
over more lines. A hostile file name can hold line ends and forge the lines that follow it; the true ones come
last, so blocks are looked for from the end. Each line is tried once, so nothing that anybody can send takes long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from crawler.parse.wordings import WORDINGS

Case = Literal["html", "other", "message", "text", "removed", "skipped"]
CASES: tuple[Case, ...] = ("html", "other", "message", "text", "removed", "skipped")

# The tail of a scrubbed file's address: date, first and last four digits of the SHA-1 of the Message-ID, name
# (Scrubber.calculate_attachments_dir). Of names only letters, digits, `-`, `_` and `.` are left: no `=20`.
TAIL = re.compile(r"attachments/(?P<day>\d{8})/(?P<hash>[0-9a-f]{8})/(?P<file>[^/\s<>?#=]+)", re.ASCII)
FIELD = re.compile(r"%\((\w+)\)[sd]")
BLANKS = re.compile(r"[ \t\u00b7]+")  # Hebrew templates have middle dots for blanks
PIECES = re.compile(r"[ \t\u00b7]+|[^ \t\u00b7]+")
URL_LABEL = re.compile(r"U(?:RL|rl)[ \t]*:[ \t]*")
# How a value stands in its line. Those that are not here can go on over the next lines.
ONE_LINE_VALUES = {
    "url": rf"<?(?P<url>(?:[^\s<>]*/)?{TAIL.pattern})(?:=20)?>?",
    "size": r"(?P<size>\d{1,15})",
    "partctype": r"(?P<partctype>[\w.+-]+(?:/[\w.+-]+)?)",  # RFC 2045 section 5.1
}
ENOUGH = 2  # letters before or behind a value in a first line, by which such templates are told apart
MOST_LINES = 100  # how far a notice with folded or hostile values may run
LONGEST_LINE = 1000  # letters of a template's own first line, with its value


@dataclass(frozen=True, slots=True)
class Form:
    """A template: its case, and its lines as patterns, in blocks."""

    case: Case
    blocks: tuple[tuple[re.Pattern[str], ...], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form found at the start of a text: its values by name, and how many lines it takes."""

    case: Case
    values: dict[str, str]
    lines: int


def find_form(text: str) -> Filled | None:
    """Find the form that a text starts with; blank lines before it have to be gone.

    >>> find_form("Skipped content of type multipart/mixed\\nBye")
    Filled(case='skipped', values={'partctype': 'multipart/mixed'}, lines=1)
    """
    end = text.find("\n")
    first = text[: end if end >= 0 else len(text)]
    if len(first) > LONGEST_LINE:
        return None
    line, table = folded(first), _table()
    templates = [t for key in (line, line[:ENOUGH] + "%", "%" + line[-ENOUGH:]) for t in table.get(key, ())]
    if not templates:
        return None
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    return next((found for case, template in templates if (found := _fill(_form(case, template), lines))), None)


def folded(line: str) -> str:
    """Fold the blanks of a line."""
    return BLANKS.sub(" ", line).strip()


@cache
def _table() -> dict[str, list[tuple[Case, str]]]:
    """Group the templates by their first line; where it holds a value, by its first letters with `%` or its last."""
    table: dict[str, list[tuple[Case, str]]] = {}
    for case in CASES:
        for template in WORDINGS[case]:
            before, *after = FIELD.split(template.split("\n")[0])
            key = folded(before)
            if after:
                key = key[:ENOUGH] + "%" if key else "%" + folded(after[1])[-ENOUGH:]
            table.setdefault(key, []).append((case, template))
    return table


@cache
def _form(case: Case, template: str) -> Form:
    blocks: list[list[re.Pattern[str]]] = [[]]
    for line in template.strip().split("\n"):
        literal, *rest = FIELD.split(line)
        blocks[-1].append(re.compile(_line(literal, rest)))
        if rest and rest[0] not in ONE_LINE_VALUES:
            blocks.append([])
    return Form(case, tuple(tuple(block) for block in blocks if block))


def _line(literal: str, rest: Sequence[str]) -> str:
    """Make the pattern of a line: label, value, what follows the value."""
    if not rest:
        return r"[ \t]*" + _literal(literal) + r"[ \t]*\Z"
    name, after = rest
    value = ONE_LINE_VALUES.get(name, rf"(?P<{name}>.*)")
    return rf"[ \t]*{_literal(literal)}[ \t]*{value}[ \t]*{_literal(after)}[ \t]*\Z"


def _literal(text: str) -> str:
    """Make the pattern of a template's fixed text: blanks may differ, and so may `URL:`, `Url:` and `Url :`."""
    if URL_LABEL.fullmatch(text):
        return r"U(?:RL|rl)[ \t]*:"
    return "".join(r"[ \t\u00b7]*" if BLANKS.fullmatch(piece) else re.escape(piece) for piece in PIECES.findall(text))


def _fill(form: Form, lines: Sequence[str]) -> Filled | None:
    """Find a form's blocks: the first one at once, the others as late as they stand before the one behind them."""
    *later, last = (*reversed(form.blocks[1:]), form.blocks[0])
    limit, places = len(lines), list[tuple[int, int]]()
    for block in later:
        start = next((n for n in range(limit - len(block), 0, -1) if _stands(block, lines, n)), None)
        if start is None:
            return None
        places.append((start, len(block)))
        limit = start
    if len(last) > limit or not _stands(last, lines, 0):
        return None
    places.append((0, len(last)))
    end = places[0][0] + places[0][1]
    return Filled(form.case, dict(_values(form, lines, places[::-1], end)), end)


def _stands(block: Iterable[re.Pattern[str]], lines: Sequence[str], at: int) -> bool:
    return all(pattern.match(lines[at + n]) for n, pattern in enumerate(block))


def _values(form: Form, lines: Sequence[str], places: Sequence[tuple[int, int]], end: int) -> Iterator[tuple[str, str]]:
    """Give the values; the last one of a block goes on to where the next block starts."""
    starts = [start for start, _ in places[1:]] + [end]
    for block, (start, length), until in zip(form.blocks, places, starts, strict=True):
        for n, pattern in enumerate(block):
            match = pattern.match(lines[start + n])
            more = lines[start + length : until] if n == length - 1 else []
            for name, value in (match.groupdict() if match else {}).items():
                if name not in ("day", "hash", "file"):
                    yield name, "\n".join([value, *more])
