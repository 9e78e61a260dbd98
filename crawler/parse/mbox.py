"""A raw mbox cut into its mails, block by block, in bounded memory.

A mail begins where a line starts with `From `, tells a time, and has a header behind it; nothing else is believed,
since bodies hold lines of words that begin so. `>From ` stays as it stands: the list's own pages have it too.
Pure: the blocks come from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

PIECE = ".mbox#"  # in the address of a piece of an mbox, before what tells it from the others
MOST_BYTES = 64 << 20  # of one mail; what is beyond is left out
AHEAD = 4096  # bytes behind a line's start that are needed to judge it
NOTHING_WITHIN = 1 << 20  # bytes at a file's start that hold a mail, or it is no mbox

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# `From ADDRESS Wed Feb 15 15:49:25 2023` (RFC 4155), with a zone or other days' writing in between as some write it.
FROM_LINE = re.compile(
    rb"From [^\r\n]{0,1000}?\b"
    + _DAY
    + rb"\b[^\r\n]{0,40}?\b"
    + _MONTH
    + rb"\b[^\r\n]{0,20}?\d\d?:\d\d[^\r\n]{0,60}\r?\n"
    rb"(?=>?[!-9;-~]{1,200}:|>From )"
)
FIRST_HEADER = re.compile(rb"[!-9;-~]{1,200}:[^\r\n]*\r?\n")  # RFC 5322, section 2.2
# Headers one of which every mail has: a file of other lines with colons is none.
MAILS_HEADER = re.compile(rb"^(?:from|date|subject|message-id|received|return-path|to):", re.IGNORECASE | re.MULTILINE)
HEADERS_END = re.compile(rb"\r?\n\r?\n")
MARK = b"\nFrom "


def mails(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Give each mail with its first line; nothing where no mail is found.

    What stands before the first mail is left out, but for headers: a file of one mail needs no first line.

    >>> [len(mail) for mail in mails([b"From a Mon Mar  1 12:00:00 2010\\nA: b\\n\\nHi.\\n"])]
    [42]
    """
    data, begun, scanned = bytearray(b"\n"), False, 0
    for block in blocks:
        data += block
        starts, scanned = _starts(data, scanned, len(data) - AHEAD)
        yield from _cut(data, starts, begun)
        if starts:
            del data[: starts[-1] - 1]
            begun, scanned = True, len(MARK)
        elif not begun and len(data) > NOTHING_WITHIN and not _is_one_mail(data):
            return
        elif len(data) > MOST_BYTES + AHEAD:
            del data[MOST_BYTES:-AHEAD]
            scanned = min(scanned, MOST_BYTES - len(MARK))
    starts, _ = _starts(data, scanned, len(data))
    yield from _cut(data, [*starts, len(data)], begun)


def _starts(data: bytearray, scanned: int, end: int) -> tuple[list[int], int]:
    """Find where mails begin, and how far was looked; a place too near to the end has to wait for what follows it."""
    found, at = [], data.find(MARK, scanned)
    while 0 <= at < end:
        if FROM_LINE.match(data, at + 1):
            found.append(at + 1)
        at = data.find(MARK, at + 1)
    return found, max(scanned, at if at >= 0 else len(data) - len(MARK))


def _cut(data: bytearray, starts: list[int], begun: bool) -> Iterator[bytes]:
    """Give what stands before each start; before the first mail of all, only if that is a mail without a first line."""
    before, whole = 1, begun or _is_one_mail(data)
    for start in starts:
        if whole and start > before:
            yield bytes(data[before:start])
        before, whole = start, True


def _is_one_mail(data: bytearray) -> bool:
    if FIRST_HEADER.match(data, 1) is None or FROM_LINE.match(data, 1):
        return False
    end = HEADERS_END.search(data, 1)
    return MAILS_HEADER.search(data, 1, end.start() if end else len(data)) is not None
