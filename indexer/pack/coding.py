"""The bytes of a search pack: numbers, postings and places in few bytes, and files as text for a script.

A file of a pack is a script, because a page that was opened from a folder may load scripts and nothing
else. It calls `H` with one string of deflated bytes, 15 bits a character, in UTF-16 with a byte order
mark, which every browser believes before all else: 16 bits for 15 is the least that a script can be had for.

Pure; docs/pack.md tells the format.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from indexer.postings import WIDE, places_of

LEVEL: Final = 9
FIRST_CHARACTER: Final = 0x3000  # the 32768 from here on are letters and signs of East Asia: no quote, no surrogate
BITS: Final = 15
UNITS: Final = 1024  # characters that are made at once, a power of two
CHUNK: Final = UNITS * BITS // 8  # bytes, that are so many characters
BYTE_ORDER_MARK: Final = "\ufeff"
BEFORE, BEHIND = 'H("', '")'
SMALL: Final = 128  # numbers below take one byte


def varint(number: int) -> bytes:
    """Write a number, seven bits a byte, the low ones first; all bytes but the last have the high bit.

    >>> varint(5), varint(300)
    (b'\\x05', b'\\xac\\x02')
    """
    out = bytearray()
    while number >= SMALL:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def varints(numbers: Sequence[int]) -> bytes:
    """Write numbers one after the other."""
    if not numbers or max(numbers) < SMALL:
        return bytes(numbers)
    return b"".join([_VARINTS[number] if number < len(_VARINTS) else varint(number) for number in numbers])


def gaps(numbers: Sequence[int]) -> bytes:
    """Write ascending numbers as the differences to the one before, the first to -1.

    >>> gaps([0, 1, 5])
    b'\\x01\\x01\\x04'
    """
    return varints([numbers[0] + 1, *(b - a for a, b in pairwise(numbers))]) if numbers else b""


class PlacesWriter(dict[bytes, bytes]):
    """Writes the values of postings (`indexer.postings`) as the pack has them, and remembers those of few places.

    For each part in the order of its bits: its positions, the first as it is and the others as the difference
    to the one before less one, each twice, plus one if another follows in the part.

    >>> PlacesWriter()[bytes((1, 16, 0, 32, 0))]
    b'\\x05\\x02'
    """

    SHORT: Final = 5  # bytes of a value: two places, most of which come again
    REMEMBERED: Final = 200_000  # values, some 30 MB

    def __missing__(self, value: bytes) -> bytes:
        by_part: dict[int, list[int]] = {}
        for place in places_of(value):
            by_part.setdefault(place & 7, []).append(place >> 3)
        written = b"".join(_positions(by_part[part]) for part in sorted(by_part))
        if len(value) <= self.SHORT and len(self) < self.REMEMBERED:
            self[value] = written
        return written

    def write(self, values: Iterable[bytes]) -> bytes:
        """Write the places of a list of postings."""
        return b"".join(map(self.__getitem__, values))


def parts(values: Iterable[bytes]) -> bytes:
    """Give the bits of the parts in which a term stands, a byte a posting."""
    return bytes([value[0] & ~WIDE for value in values])


def deflated(data: bytes) -> bytes:
    """Deflate without header or checksum, as DecompressionStream("deflate-raw") reads it."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
    return packer.compress(data) + packer.flush()


def script(data: bytes) -> bytes:
    """Write the bytes of a file of the pack.

    >>> read_script(script(b"salt, pepper")) == b"salt, pepper"
    True
    """
    return f"{BYTE_ORDER_MARK}{BEFORE}{as_text(deflated(data))}{BEHIND}".encode("utf-16-le")


def read_script(data: bytes) -> bytes:
    """Read what a file of the pack holds."""
    text = data.decode("utf-16-le").removeprefix(BYTE_ORDER_MARK + BEFORE).removesuffix(BEHIND)
    return zlib.decompress(as_bytes(text), -zlib.MAX_WBITS)


def as_text(data: bytes) -> str:
    """Write bytes as text, 15 bits a character; the first character counts the bits that the last has too many.

    >>> as_bytes(as_text(b"salt, pepper")) == b"salt, pepper"
    True
    """
    count = -(-len(data) * 8 // BITS)
    padded = data + bytes(-len(data) % CHUNK)
    wide = b"".join(_spread(padded[start : start + CHUNK]) for start in range(0, len(padded), CHUNK))
    return chr(FIRST_CHARACTER + count * BITS - len(data) * 8) + wide[: 2 * count].decode("utf-16-be")


def as_bytes(text: str) -> bytes:
    """Read the bytes of a text."""
    spare, count = ord(text[0]) - FIRST_CHARACTER, len(text) - 1
    wide = (text[1:] + chr(FIRST_CHARACTER) * (-count % UNITS)).encode("utf-16-be")
    data = b"".join(_packed(wide[start : start + 2 * UNITS]) for start in range(0, len(wide), 2 * UNITS))
    return data[: (count * BITS - spare) // 8]


def _spread(chunk: bytes) -> bytes:
    """Put each 15 bits of a chunk into 16, counted from the first character on: by halves, as one long number."""
    number = int.from_bytes(chunk)
    for low, high, shift in reversed(_HALVES):
        number = number & low | (number & high) << shift
    return (number + _FIRST_CHARACTERS).to_bytes(2 * UNITS)


def _packed(wide: bytes) -> bytes:
    """Undo `_spread`."""
    number = int.from_bytes(wide) - _FIRST_CHARACTERS
    for low, high, shift in _HALVES:
        number = number & low | number >> shift & high
    return number.to_bytes(CHUNK)


def _halves() -> Iterator[tuple[int, int, int]]:
    """Give for 1, 2, 4 … characters: which bits stay, which move, and how far, where two such halves become one."""
    size = 1
    while size < UNITS:
        slots = range(0, 16 * UNITS, 32 * size)
        low = sum(((1 << BITS * size) - 1) << slot for slot in slots)
        yield low, low << BITS * size, size
        size *= 2


def _positions(positions: list[int]) -> bytes:
    last = len(positions) - 1
    steps = [positions[0], *(b - a - 1 for a, b in pairwise(positions))]
    return varints([step << 1 | (index < last) for index, step in enumerate(steps)])


_VARINTS: Final = tuple(varint(number) for number in range(1 << 14))
_HALVES: Final = tuple(_halves())
_FIRST_CHARACTERS: Final = sum(FIRST_CHARACTER << 16 * place for place in range(UNITS))
