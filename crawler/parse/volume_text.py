"""A volume's text: its entries, and the headers and body of each.

Forms: Mailman 2.x (`From user at host  Fri Mar  5 08:56:43 2010`, then From:, Date:, Subject: …) and
1.x (`From user@host Sat, 12 Jun 1999 …`, then Date:, From:, Subject:). The writer does not escape
`From ` lines of bodies, so an entry starts only where a header follows; a `>From ` in a body came with the
mail and stands on its page too, so it stays.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from crawler.parse.charsets import codec_name, decode

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# A line that can begin an entry, by the header that has to follow it; then what it ends with in 2.x (HyperArch
# as_text: two blanks and the server's time), and what it holds in 1.x (by its archives: the Date header that follows).
FROM_LINE = re.compile(rb"\nFrom [^\n]*\n(?=(From|Date):([^\n]*))")
STAMP = re.compile(rb"  " + _DAY + b" " + _MONTH + rb" [ \d]\d \d\d:\d\d:\d\d \d{4}[ \t]*\r?\n\Z")
STAMP_WITHIN = 60  # bytes
OLD_LINE = re.compile(rb"\nFrom \S[^\n]{0,400}? " + _DAY + rb", [^\n]{0,40}?\d{4}")
HEADER = re.compile(r"(From|Date|Subject|In-Reply-To|References|Message-ID):[ \t]?", re.IGNORECASE)

GZIP = b"\x1f\x8b"
MOST_BYTES = 224 << 20  # of one volume's text unpacked; a bomb is cut there
# Or already here: a text of mail becomes four times shorter by gzip, a list's whose mails are all alike twenty times.
FREE_BYTES, MOST_TIMES = 16 << 20, 20
STEP = 1 << 14  # bytes unpacked at once
HTML_START = re.compile(rb"\s*(?:<!doctype|<html|<head|<body|<\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A volume's text without its compression; `whole` says whether that came to a good end."""

    data: bytes | bytearray
    whole: bool = True


@dataclass(frozen=True, slots=True)
class TextEntry:
    """A message as a volume's text holds it: its first line, raw headers by lower-case name, its body."""

    envelope: str
    headers: dict[str, str]
    body: str


def unpack(data: bytes) -> Unpacked:
    """Unpack a volume's text as often as it is gzipped, whatever it is called; of a truncated one what is there.

    >>> import gzip
    >>> unpack(gzip.compress(gzip.compress(b"From a")))
    Unpacked(data=bytearray(b'From a'), whole=True)
    """
    text = Unpacked(data)
    most = min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * len(data)))
    for _ in range(4):  # double-gzipped texts were seen in the field, more were not
        if not text.data.startswith(GZIP):
            break
        layer = _gunzip(text.data, most)
        text = Unpacked(layer.data, layer.whole and text.whole)
    return text


def _gunzip(data: bytes | bytearray, most: int) -> Unpacked:
    """Unpack all members; stop quietly where the stream is cut or damaged, or rubbish follows."""
    out = bytearray()
    at = 0
    while at >= 0 and data.startswith(GZIP, at) and len(out) < most:
        at = _unpack_member(data, at, out, most)
    return Unpacked(out, at >= 0)


def _unpack_member(data: bytes | bytearray, start: int, out: bytearray, most: int) -> int:
    """Add what a member holds; give where the next one starts, -1 when this one has no good end."""
    member = zlib.decompressobj(16 + zlib.MAX_WBITS)
    for at in range(start, len(data), STEP):
        before, step = member.copy(), data[at : at + STEP]
        try:
            out += member.decompress(step, most - len(out))
        except zlib.error:
            with suppress(zlib.error):  # byte by byte up to the damage
                for n in range(len(step)):
                    out += before.decompress(step[n : n + 1])
            return -1
        if member.eof:
            return at + len(step) - len(member.unused_data)
        if len(out) >= most:
            break
    return -1


def is_text(data: bytes | bytearray) -> bool:
    """Say whether unpacked bytes can be a volume's text, not an error page under its name."""
    return not HTML_START.match(data)


def split(data: bytes | bytearray) -> list[bytes]:
    """Cut a volume's text into its entries; what stands before the first is left out."""
    return [bytes(data[a:b]) for a, b in pairwise([*starts(data), len(data)])]


def starts(data: bytes | bytearray) -> list[int]:
    """Find where a volume's entries start.

    Patterns look for the line end above a first line, since that is fast; the text's own first line is given one.
    """
    head = b"\n" + data[: data.find(b"\n", data.find(b"\n") + 1) + 1]
    first = FROM_LINE.match(head)
    later = [match.start() + 1 for match in FROM_LINE.finditer(data) if _begins_entry(match)]
    return [0, *later] if first and _begins_entry(first) else later


def _begins_entry(match: re.Match[bytes]) -> bool:
    line = match[0]
    if match[1] == b"From" and STAMP.search(line, max(0, len(line) - STAMP_WITHIN)):
        return True
    date = match[2].strip() if match[1] == b"Date" else b""
    return OLD_LINE.match(line) is not None or (date != b"" and line.rstrip().endswith(b" " + date))


def read_entries(data: bytes | bytearray, charset: str | None, other: str | None = None) -> list[TextEntry]:
    """Read all entries of an unpacked text; each is decoded on its own, so one bad mail spoils no other."""
    return [read_entry(chunk, charset, other) for chunk in chunks(data)]


def chunks(data: bytes | bytearray) -> Iterator[bytes]:
    """Cut an unpacked text into its entries, one after the other."""
    return (bytes(data[a:b]) for a, b in pairwise([*starts(data), len(data)]))


def read_entry(chunk: bytes, charset: str | None, other: str | None = None) -> TextEntry:
    """Read one entry: envelope line, headers up to the first empty line, body; `other` as in `charsets.decode`."""
    name = codec_name(charset)
    text = chunk.decode("ascii") if chunk.isascii() and b"\x1b" not in chunk else decode(chunk, name or charset, other)
    text = text.replace("\r\n", "\n")
    envelope, _, rest = text.partition("\n")
    head, _, body = rest.partition("\n\n")
    headers, spilt = _read_headers(head)
    return TextEntry(envelope, headers, spilt + body)


def _read_headers(head: str) -> tuple[dict[str, str], str]:
    """Read raw header values; lines that are neither a known header nor a fold go to the body."""
    headers: dict[str, list[str]] = {}
    name = ""
    lines = head.split("\n")
    for place, line in enumerate(lines):
        match = HEADER.match(line)
        if match and match[1].lower() not in headers:
            name = match[1].lower()
            headers[name] = [line[match.end() :]]
        elif name and line[:1] in (" ", "\t"):
            headers[name].append(line)
        elif name == "subject":
            headers[name].append(" " + line)  # a decoded subject can hold a bare line end
        elif line:
            return _joined(headers), "".join(line + "\n" for line in lines[place:] if line)
    return _joined(headers), ""


def _joined(headers: dict[str, list[str]]) -> dict[str, str]:
    return {name: "\n".join(lines) for name, lines in headers.items()}
