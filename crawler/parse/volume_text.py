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

from crawler.parse.charsets import codec_name, decode

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# The first line of an entry and the header that must follow it (HyperArch as_text; 1.x by its archives).
ENTRY = re.compile(
    rb"^From (?:.*?  " + _DAY + b" " + _MONTH + rb" [ \d]\d \d\d:\d\d:\d\d \d{4}[ \t]*\r?\n(?=From:)"
    rb"|\S.*? " + _DAY + rb", .*\d{4}.*\r?\n(?=(?:Date|From):))",
    re.MULTILINE,
)
HEADERS = ("from", "date", "subject", "in-reply-to", "references", "message-id")
HEADER = re.compile(r"(From|Date|Subject|In-Reply-To|References|Message-I[Dd]):[ \t]?", re.IGNORECASE)
# The end of the headers: the first empty line.
BLANK = re.compile(rb"\r?\n\r?\n")

GZIP = b"\x1f\x8b"
MOST_BYTES = 1 << 30  # of one volume's text unpacked; a bomb is cut there
HTML_START = re.compile(rb"\s*(?:<!doctype|<html|<head|<body|<\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextEntry:
    """A message as a volume's text holds it: its first line, raw headers by lower-case name, its body."""

    envelope: str
    headers: dict[str, str]
    body: str


def unpack(data: bytes) -> bytes:
    """Unpack a volume's text as often as it is gzipped, whatever it is called; of a truncated one what is there.

    >>> import gzip
    >>> unpack(gzip.compress(gzip.compress(b"From a")))
    b'From a'
    """
    for _ in range(4):  # double-gzipped texts were seen in the field, more were not
        if not data.startswith(GZIP):
            break
        data = _gunzip(data)
    return data


def _gunzip(data: bytes) -> bytes:
    """Unpack all members; stop quietly where the stream is cut or rubbish follows."""
    out: list[bytes] = []
    left = MOST_BYTES
    while data.startswith(GZIP) and left > 0:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            out.append(member.decompress(data, left))
        except zlib.error:
            out.append(_salvage(data))
            break
        left -= len(out[-1])
        data = member.unused_data
    return b"".join(out)


def _salvage(data: bytes) -> bytes:
    """Unpack as much as comes before the damage, in small steps."""
    member = zlib.decompressobj(16 + zlib.MAX_WBITS)
    out = bytearray()
    with suppress(zlib.error):
        for start in range(0, len(data), 4096):
            out += member.decompress(data[start : start + 4096])
    return bytes(out)


def is_text(data: bytes) -> bool:
    """Say whether unpacked bytes can be a volume's text, not an error page under its name."""
    return not HTML_START.match(data)


def split(data: bytes) -> list[bytes]:
    """Cut a volume's text into its entries; what stands before the first is left out."""
    starts = [m.start() for m in ENTRY.finditer(data)]
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]


def read_entries(data: bytes, charset: str | None) -> Iterator[TextEntry]:
    """Read all entries of an unpacked text; each is decoded on its own, so one bad mail spoils no other."""
    for chunk in split(data):
        yield read_entry(chunk, charset)


def read_entry(chunk: bytes, charset: str | None) -> TextEntry:
    """Read one entry: envelope line, headers up to the first empty line, body."""
    name = codec_name(charset)
    text = chunk.decode("ascii") if chunk.isascii() and b"\x1b" not in chunk else decode(chunk, name or charset)
    text = text.replace("\r\n", "\n")
    envelope, _, rest = text.partition("\n")
    head, blank, body = rest.partition("\n\n")
    if not blank:
        head, body = rest, ""
    headers, spilt = _read_headers(head)
    body = spilt + body
    return TextEntry(envelope, headers, body)


def _read_headers(head: str) -> tuple[dict[str, str], str]:
    """Read raw header values; lines that are neither a known header nor a fold go to the body."""
    headers: dict[str, str] = {}
    name, spilt = "", list[str]()
    for line in head.split("\n"):
        match = HEADER.match(line)
        if match and match[1].lower() not in headers and not spilt:
            name = match[1].lower()
            headers[name] = line[match.end() :]
        elif name and not spilt and line[:1] in (" ", "\t"):
            headers[name] += "\n" + line
        elif name == "subject" and not spilt:
            headers[name] += "\n " + line  # a decoded subject can hold a bare line end
        elif line:
            spilt.append(line)
    return headers, "".join(line + "\n" for line in spilt)
