"""What Mailman's scrubber wrote in place of a part: found, read, and taken out of the body.

A notice can only stand where a part began: at the start of the body or after a separator. Known by
its first line in any language and version (notice_forms.py); a file's notice also by the address of
its file, `…/attachments/YYYYMMDD/HHHHHHHH/NAME`. HTML source that stands in the text itself
(ARCHIVE_HTML_SANITIZER = 2) is taken out like a notice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from crawler.message import Kind
from crawler.parse.notice_forms import TAIL, Case, Filled, find_form
from crawler.parse.notice_shape import SEPARATOR, find_shape
from crawler.parse.wordings import WORDINGS

# The separator counts at the start of a line; behind text only when a notice was or comes next to it:
# up to 2.1.9 a part without a final line end was glued to it.
SEPARATORS = {  # by what they start with, so that most texts need no look at all
    start: re.compile(
        "(?:" + "|".join(re.escape(s) for s in WORDINGS["separator"] if s.startswith(start)) + ")[ \t]*$", re.MULTILINE
    )
    for start in ("---------", "━")
}
QUOTE_MARK = re.compile(r"[ \t]*[>|:]")
WITHIN = 8_000  # letters behind a separator within which a notice tells that it is one

# HTML source as a whole part: from its first tag to a last one. A part that is no document has to follow a separator,
# or to end with the tag that it started with: people do write about tags.
DOCUMENT_START = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
DOCUMENT_END = re.compile(r"</(?:html|body)\s*>\s*\Z", re.IGNORECASE)
FRAGMENT_START = re.compile(
    r"\s*<(p|div|table|font|span|center|blockquote|pre|h[1-6]|ul|ol|br|meta|style|b|i|tt)\b[^<>]{0,1000}>",
    re.IGNORECASE,
)
FRAGMENT_END = re.compile(r"<(/?)([a-z][a-z0-9]{0,20})\b[^<>]{0,1000}>\s*\Z", re.IGNORECASE)
END_WITHIN = 1200  # letters before a text's end that can hold its last tag

KINDS: dict[Case, tuple[Kind, str | None]] = {
    "html": ("html", "text/html"),
    "message": ("message", "message/rfc822"),
    "text": ("text", "text/plain"),
    "other": ("other", None),
    "removed": ("html", "text/html"),
    "skipped": ("other", None),
}
NOTHING = {w for case in ("nothing", "no_subject", "no_date", "unknown_sender") for w in WORDINGS[case]}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it stands in a text; fields that it does not state are None, `at` is an offset in the body.

    `source` is the HTML itself, where it stood in the text in place of a notice; `sha256` the digest of the
    bytes, where the mail itself is held.
    """

    kind: Kind
    name: str | None
    type: str | None
    size: int | None
    description: str | None
    url: str | None
    at: int = 0
    source: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A body without notices and separators, and the notices that stood in it; `forged`: others stay in it."""

    body: str
    notices: tuple[Notice, ...]
    forged: bool = False


def directory_hash(message_id: str) -> str:
    """Make the name of the directory that holds a message's scrubbed files.

    >>> directory_hash("<1@example.org>")
    '50f524a0'
    """
    digest = hashlib.sha1(message_id.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return digest[:4] + digest[-4:]


def tail(url: str | None) -> str | None:
    """Give the part of a scrubbed file's address that does not depend on the host of that day."""
    match = TAIL.search(url) if url else None
    return match[0] if match else None


def scrub(
    text: str, genuine: Callable[[Notice], bool] = lambda _: True, proven: Callable[[Notice], bool] = lambda _: False
) -> Scrubbed:
    """Take notices and separators out of a text; a notice that is not `genuine` stays where it is.

    One in a wording that nobody knows counts when it is `proven`.
    """
    body, notices, forged = _Body(), list[Notice](), False
    for separator, segment in _segments(text, proven):
        notice, rest = read_notice(segment, proven)
        if notice and not _is_believed(notice, rest, genuine):
            body.stay(separator, segment)
            forged = True
            continue
        if notice is None and (notice := _html_source(segment, bool(separator))):
            rest = ""
        if notice:
            notices.append(replace(notice, at=body.length))
        body.add(rest, whole=notice is None)
    whole = body.text()
    return Scrubbed(whole, tuple(replace(n, at=min(n.at, len(whole))) for n in notices), forged)


class _Body:
    """The pieces of a body so far; what stood on two lines, with something taken out between, stays on two lines."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.whole = False  # whether nothing was taken out since the last piece

    def add(self, piece: str, *, whole: bool) -> None:
        """Add what is left of a segment; `whole` when that is all of it."""
        if piece and self.pieces and not (self.pieces[-1].endswith("\n") or piece.startswith("\n")):
            self._put("\n")
        self._put(piece)
        self.whole = whole

    def stay(self, separator: str, segment: str) -> None:
        """Add a segment as it stands, separator and all."""
        if self.whole:
            self._put(separator + segment)
        else:
            self.add(separator + segment, whole=True)

    def text(self) -> str:
        """Give the body, without blanks at its end."""
        return "".join(self.pieces).rstrip()

    def _put(self, piece: str) -> None:
        if piece:
            self.pieces.append(piece)
            self.length += len(piece)


def _is_believed(notice: Notice, rest: str, genuine: Callable[[Notice], bool]) -> bool:
    """Doubt a notice without a file that anything follows: between two parts Mailman writes a separator."""
    return not rest.strip() if notice.url is None else genuine(notice)


def _segments(text: str, proven: Callable[[Notice], bool]) -> Iterator[tuple[str, str]]:
    """Cut a text at its separators; give each piece with the separator before it, its line end too."""
    separator, start = "", 0
    found = _separators(text)
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=False):  # without a separator there is an end all the same
        if _separates(text, start, match, end, proven):
            yield separator, text[start : match.start()]
            separator, start = text[match.start() : match.end() + 1], match.end() + 1
    yield separator, text[start:]


def _separators(text: str) -> list[re.Match[str]]:
    found = [match for start, pattern in SEPARATORS.items() if start in text for match in pattern.finditer(text)]
    if "attachments/" in text and "----------" in text:
        known = {match.start() for match in found}
        found += [match for match in SEPARATOR.finditer(text) if match.start() not in known]
    return sorted(found, key=lambda match: match.start())


def _separates(text: str, start: int, match: re.Match[str], end: int, proven: Callable[[Notice], bool]) -> bool:
    """Say whether a separator is one: alone on its line and known, or next to a notice."""
    line_start = text.rfind("\n", 0, match.start()) + 1
    if line_start == match.start() and match.re is not SEPARATOR:
        return True
    if QUOTE_MARK.match(text, line_start):
        return False
    following = text[match.end() + 1 : min(end, match.end() + WITHIN)]
    before = text[start : match.start()] if match.start() - start < WITHIN else ""
    return read_notice(following, proven)[0] is not None or read_notice(before, proven)[0] is not None


def read_notice(segment: str, proven: Callable[[Notice], bool] = lambda _: False) -> tuple[Notice | None, str]:
    """Read the notice that a segment starts with; give it and what follows it, or None and the segment.

    It is known by its words, else by its shape when it is `proven`.

    >>> read_notice("HTML attachment scrubbed and removed\\nBye\\n")[1]
    'Bye\\n'
    """
    stripped = segment.lstrip("\n")
    filled = find_form(stripped) if stripped else None
    if filled is None and (filled := find_shape(stripped)) and not proven(_notice(filled)):
        filled = None
    if filled is None:
        return None, segment
    return _notice(filled), "".join(stripped.split("\n", filled.lines)[filled.lines :])


def _notice(filled: Filled) -> Notice:
    kind, implied = KINDS[filled.case]
    values = filled.values
    size = values.get("size")
    return Notice(
        kind,
        _stated(values.get("filename")),
        _stated(values.get("ctype") or values.get("partctype")) or implied,
        int(size) if size else None,
        _stated(values.get("desc") or values.get("subject")),
        values.get("url"),
    )


def _stated(value: str | None) -> str | None:
    value = (value or "").strip()
    return None if not value or value in NOTHING else value


def _html_source(segment: str, follows: bool) -> Notice | None:
    """Take a segment for HTML source if all of it is; `follows` says whether a separator stands before it."""
    if "<" not in segment or not _is_html(segment, follows):
        return None
    return Notice("html", None, "text/html", None, None, None, source=segment.strip("\n"))


def _is_html(segment: str, follows: bool) -> bool:
    end = segment[-END_WITHIN:]
    if DOCUMENT_START.match(segment):
        return DOCUMENT_END.search(end) is not None
    first, last = FRAGMENT_START.match(segment), FRAGMENT_END.search(end)
    if first is None or last is None:
        return False
    return follows or (last[1] == "/" and last[2].lower() == first[1].lower())
