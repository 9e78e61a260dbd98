"""What Mailman's scrubber wrote in place of a part: found, read, and taken out of the body.

A notice can only stand where a part began: at the start of the body or after a separator. Known by
its first line in any language and version (wordings.json); a file's notice also by the address of
its file, `…/attachments/YYYYMMDD/HHHHHHHH/NAME` (Scrubber.calculate_attachments_dir).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from crawler.message import Kind
from crawler.parse.wordings import WORDINGS

# The tail of a scrubbed file's address: date, first and last four digits of the SHA-1 of the Message-ID, name.
TAIL = re.compile(r"attachments/(?P<day>\d{8})/(?P<hash>[0-9a-f]{8})/(?P<file>[^/\s<>]+)")
# The separator counts at the start of a line; behind text only when a notice was or comes next to it:
# up to 2.1.9 a part without a final line end was glued to it.
SEPARATOR = re.compile("(?:" + "|".join(re.escape(s) for s in WORDINGS["separator"]) + ")[ \t]*$", re.MULTILINE)
QUOTE_MARK = re.compile(r"[ \t]*[>|:]")
FIELD = re.compile(r"%\((\w+)\)[sd]")
BLANKS = re.compile(r"[ \t\u00b7]+")
PIECES = re.compile(r"\n|[ \t\u00b7]+|[^ \t\u00b7\n]+")
URL_LABEL = re.compile(r"\nU(?:RL|rl)[ \t]*:[ \t]*")
NOTICE_LINES = 60  # how far a notice with folded or hostile names may run
DIGITS = re.compile(r"\d+")

KINDS: dict[str, tuple[Kind, str | None]] = {
    "html": ("html", "text/html"),
    "message": ("message", "message/rfc822"),
    "text": ("text", "text/plain"),
    "other": ("other", None),
    "removed": ("html", "text/html"),
    "skipped": ("other", None),
}
NOTHING = {w for case in ("nothing", "no_subject", "no_date", "unknown_sender") for w in WORDINGS[case]}

# A type as a `Skipped content of type` notice names it (RFC 2045 section 5.1).
MEDIA_TYPE = r"[\w.+-]+(?:/[\w.+-]+)?"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it stands in a text; fields that it does not state are None, `at` is an offset in the body."""

    kind: Kind
    name: str | None
    type: str | None
    size: int | None
    description: str | None
    url: str | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A body without notices and separators, and the notices that stood in it."""

    body: str
    notices: tuple[Notice, ...]


def directory_hash(message_id: str) -> str:
    """Make the name of the directory that holds a message's scrubbed files.

    >>> directory_hash("<1@example.org>")
    '50f524a0'
    """
    digest = hashlib.sha1(message_id.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return digest[:4] + digest[-4:]


def tail(url: str | None) -> str | None:
    """Give the part of a scrubbed file's address that does not depend on the host of that day."""
    match = TAIL.search(url or "")
    return match[0] if match else None


def scrub(text: str, genuine: Callable[[Notice], bool] = lambda _: True) -> Scrubbed:
    """Take notices and separators out of a text; one that is not `genuine` stays where it is."""
    body: list[str] = []
    length = 0
    notices: list[Notice] = []
    for separator, segment in _segments(text):
        notice, rest = read_notice(segment)
        if notice and not genuine(notice):
            notice, rest = None, separator + segment
        if notice:
            notices.append(_placed(notice, length))
        if rest and length and body[-1][-1:] != "\n":
            rest = "\n" + rest
        if rest:
            body.append(rest)
            length += len(rest)
    whole = "".join(body).rstrip()
    return Scrubbed(whole, tuple(_placed(n, min(n.at, len(whole))) for n in notices))


def _placed(notice: Notice, at: int) -> Notice:
    return Notice(notice.kind, notice.name, notice.type, notice.size, notice.description, notice.url, at)


def _segments(text: str) -> list[tuple[str, str]]:
    """Cut a text at its separators; give each piece with the separator before it."""
    segments, separator, start = [], "", 0
    for match in SEPARATOR.finditer(text):
        if match.start() < start or not _separates(text, start, match):
            continue
        segments.append((separator, text[start : match.start()]))
        separator, start = match[0] + "\n", match.end() + 1
    return [*segments, (separator, text[start:])]


def _separates(text: str, start: int, match: re.Match[str]) -> bool:
    line_start = text.rfind("\n", 0, match.start()) + 1
    if line_start == match.start():
        return True
    if QUOTE_MARK.match(text, line_start):
        return False
    following = text[match.end() + 1 :]
    return read_notice(following)[0] is not None or read_notice(text[start : match.start()])[0] is not None


def read_notice(segment: str) -> tuple[Notice | None, str]:
    """Read the notice that a segment starts with; give it and what follows it, or None and the segment.

    >>> read_notice("HTML attachment scrubbed and removed\\nBye\\n")[1]
    'Bye\\n'
    """
    stripped = segment.lstrip("\n")
    if not stripped:
        return None, segment
    line_end = stripped.find("\n")
    first = (stripped if line_end < 0 else stripped[:line_end]).rstrip()
    for case, template in _by_first_line().get(_folded(first), ()):
        found = _fill(case, template, stripped)
        if found:
            return found
    return _read_one_liner(stripped) or (None, segment)


@cache
def _by_first_line() -> dict[str, tuple[tuple[str, str], ...]]:
    """Group the templates of several lines by their first one."""
    table: dict[str, list[tuple[str, str]]] = {}
    for case in ("html", "other", "message", "text", "removed"):
        for template in WORDINGS[case]:
            if "%" not in template.split("\n")[0]:
                table.setdefault(_folded(template.split("\n")[0]), []).append((case, template))
    return {first: tuple(templates) for first, templates in table.items()}


def _folded(line: str) -> str:
    return BLANKS.sub(" ", line).strip()


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Make the pattern of a template: blanks flexible, values greedy, so that the last label of a name counts.

    A hostile file name can hold line ends and forge the lines that follow it; the true ones come last.
    """
    parts = FIELD.split(template.strip())
    out = [_literal(parts[0])]
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        out += [_value(name), _literal(literal)]
    return re.compile("".join(out) + r"[ \t]*(?:\n|\Z)", re.DOTALL)


def _literal(text: str) -> str:
    """Make the pattern of a template's fixed text: blanks may differ, and so may `URL:`, `Url:` and `Url :`."""
    if URL_LABEL.fullmatch(text):
        return r"[ \t]*\nU(?:RL|rl)[ \t]*:"
    pieces = []
    for piece in PIECES.findall(text):
        if piece == "\n":
            pieces.append(r"[ \t]*\n")
        else:
            pieces.append(r"[ \t\u00b7]*" if BLANKS.fullmatch(piece) else re.escape(piece))
    return "".join(pieces)


def _value(name: str) -> str:
    if name == "url":
        return r"[ \t]*<?(?P<url>[^\s<>]*?/?attachments/[^\s<>]+)>?"
    if name == "partctype":
        return rf"[ \t]*(?P<partctype>{MEDIA_TYPE})"
    if name == "size":
        return rf"[ \t]*(?P<{name}>\d+)"
    return rf"[ \t]*(?P<{name}>.*)"


def _fill(case: str, template: str, text: str) -> tuple[Notice, str] | None:
    window = "\n".join(text.split("\n", NOTICE_LINES)[:NOTICE_LINES])
    match = _pattern(template).match(window)
    if match is None:
        return None
    values = match.groupdict()
    if case != "removed" and not tail(values.get("url")):
        return None
    return _notice(case, values), text[match.end() :]


def _notice(case: str, values: dict[str, str | None]) -> Notice:
    kind, implied = KINDS[case]
    size = values.get("size")
    return Notice(
        kind,
        _stated(values.get("filename")),
        _stated(values.get("ctype") or values.get("partctype")) or implied,
        int(size) if size and DIGITS.fullmatch(size) else None,
        _stated(values.get("desc") or values.get("subject")),
        values.get("url"),
    )


def _stated(value: str | None) -> str | None:
    value = (value or "").strip()
    return None if not value or value in NOTHING else value


@cache
def _one_liners() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Give the patterns of notices whose first line holds a value already."""
    return tuple(
        (case, _pattern(template))
        for case in ("skipped", "removed", "html", "message")
        for template in WORDINGS[case]
        if "%" in template.split("\n")[0]
    )


def _read_one_liner(text: str) -> tuple[Notice, str] | None:
    for case, pattern in _one_liners():
        match = pattern.match(text)
        if match and (case == "skipped" or tail(match["url"])):
            return _notice(case, match.groupdict()), text[match.end() :]
    return None
