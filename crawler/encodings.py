"""Content encodings of HTTP bodies undone, never beyond a bound: gzip in all its spellings, and deflate.

Pure. What a text volume's own compression holds is the parser's business; it can use `gunzip`.
"""

from __future__ import annotations

import zlib

LIMIT = 256 << 20  # bytes that a payload may unpack to: a bomb ends here
STEP = 1 << 14  # bytes unpacked at once
GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952, 2.3.1


class PackingTrouble(Exception):
    """A body that cannot be unpacked, or only to more than the limit: `beyond` says which."""

    def __init__(self, message: str, *, beyond: bool) -> None:
        super().__init__(message)
        self.beyond = beyond


def unpack(body: bytes, encoding: str | None, limit: int = LIMIT) -> bytes:
    """Undo the content encodings that a header names, at most to `limit` bytes; unknown ones are left.

    A body that does not begin as gzip at all is given back: servers name encodings that are not there.

    >>> import gzip
    >>> unpack(gzip.compress(b"indigo"), "x-gzip")
    b'indigo'
    >>> unpack(b"indigo", "gzip")
    b'indigo'
    """
    for name in reversed([part.strip().lower() for part in (encoding or "").split(",")]):
        if name in ("gzip", "x-gzip") and body.startswith(GZIP_MAGIC):
            body = gunzip(body, limit)
        elif name == "deflate":
            body = _inflate(body, limit)
    return body


def gunzip(body: bytes, limit: int = LIMIT) -> bytes:
    """Undo gzip, all members of it; PackingTrouble when it is torn, damaged, or unpacks beyond the limit.

    What follows the last member and is no gzip is left out.
    """
    parts, size, at = list[bytes](), 0, 0
    while body.startswith(GZIP_MAGIC, at):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        part, at = _run(unpacker, body, at, limit - size)
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _inflate(body: bytes, limit: int) -> bytes:
    """Undo deflate, with or without its zlib frame: servers disagree on what the name means (RFC 9110, 8.4.1.2)."""
    try:
        return _run(zlib.decompressobj(), body, 0, limit)[0]
    except PackingTrouble as error:
        if error.beyond:
            raise
        return _run(zlib.decompressobj(-zlib.MAX_WBITS), body, 0, limit)[0]


def _run(unpacker: zlib._Decompress, data: bytes, start: int, limit: int) -> tuple[bytes, int]:
    """Run one decompressor to its end, but not beyond `limit` bytes; give what it made, and where it ended in `data`.

    Fed step by step: what it does not use it hands back as a copy, and of members there can be thousands.
    """
    out = bytearray()
    for at in range(start, len(data), STEP):
        step = data[at : at + STEP]
        try:
            out += unpacker.decompress(step, limit - len(out) + 1)
        except zlib.error as error:
            raise PackingTrouble(f"cannot be unpacked ({error})", beyond=False) from error
        if len(out) > limit:
            raise PackingTrouble(f"unpacks to more than {limit} bytes", beyond=True)
        if unpacker.eof:
            return bytes(out), at + len(step) - len(unpacker.unused_data)
    raise PackingTrouble("ends in the middle", beyond=False)
