"""What our own searches read of a segment: a file beside Whoosh's, read through a memory map without copying it.

Whoosh keeps posting lists as pickles, which must be taken apart posting by posting; a common word's took longer
than all else of a search. Here they are flat arrays: a term is found by bisection, its messages are a slice. All
numbers are little-endian. `indexer.lookup_writer` writes it:

    b"HAMELIN1"  messages, and the codes of `numbers` and `counts`: `ENDS` behind them tell where each section ends
    fields       names of the fields of terms, NUL between: those of words, then those of names
    field_ends   the number of terms up to the end of each field
    keys         all terms in UTF-8, by field, ascending; key_ends tells where each ends
    starts       for each term its first posting; one more behind the last
    numbers, impacts        of each posting: the message's number in the segment, and the impact
    parts, counts           of each posting of words: the first byte of its value, how many places it has
    places, place_starts    the places, as values have them; for each term of words the first one's byte
    dates, threads          of each message: seconds since 1970 UTC, 0 for none; a number for its thread
    shown        of each message: id, list, thread, subject and sender, NUL between; shown_ends tells where it ends

The text of a message, for snippets, is in Whoosh's column of it. Nothing is ranked here.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Final, NamedTuple

from indexer.postings import WIDE, Postings

EXTENSION: Final = "lookup"
MAGIC: Final = b"HAMELIN1"
HEAD: Final = struct.Struct("<I2s2x")
SECTIONS: Final = (
    "fields", "field_ends", "keys", "key_ends", "starts", "numbers", "impacts", "parts", "counts", "places",
    "place_starts", "dates", "threads", "shown", "shown_ends",
)  # fmt: skip
ENDS: Final = struct.Struct(f"<{len(SECTIONS)}Q")
ALIGNED: Final = 8  # bytes; each section begins at a multiple
NOTHING: Final = memoryview(b"")


class Term(NamedTuple):
    """A term of a segment: its number there, and how many messages hold it."""

    number: int
    messages: int


class SegmentFiles:
    """One segment, opened; `messages` is how many it holds, numbered from 0, oldest first.

    ValueError, TypeError or struct.error at a file that is plainly none; what else is wrong with one shows later,
    in any way.
    """

    def __init__(self, folder: str, name: str, messages: int) -> None:
        self.messages = messages
        self._stem = f"{folder}/{name}"
        data = _mapped(f"{self._stem}.{EXTENSION}")
        if bytes(data[: len(MAGIC)]) != MAGIC:
            raise ValueError(f"{self._stem}.{EXTENSION} is no lookup file")
        held, codes = HEAD.unpack_from(data, len(MAGIC))
        if held != messages:
            raise ValueError(f"{self._stem}.{EXTENSION} holds {held} messages, not {messages}")
        numbers, counts = codes.decode()
        start = len(MAGIC) + HEAD.size + ENDS.size
        sections: dict[str, memoryview] = {}
        for section, end in zip(SECTIONS, ENDS.unpack_from(data, len(MAGIC) + HEAD.size), strict=True):
            start += -start % ALIGNED
            sections[section] = data[start:end]
            start = end
        if start != len(data):
            raise ValueError(f"{self._stem}.{EXTENSION} is cut short")
        self._keys, self._key_ends = sections["keys"], sections["key_ends"].cast("I")
        self._starts = sections["starts"].cast("I")
        self._numbers, self._impacts = sections["numbers"].cast(numbers), sections["impacts"]
        self._parts, self._counts = sections["parts"], sections["counts"].cast(counts)
        self._places, self._place_starts = sections["places"], sections["place_starts"].cast("Q")
        self.dates: Sequence[int] = sections["dates"].cast("q")
        self.threads: Sequence[int] = sections["threads"].cast("q")
        self._shown, self._shown_ends = sections["shown"], sections["shown_ends"].cast("I")
        ends = sections["field_ends"].cast("I").tolist()
        names = bytes(sections["fields"]).decode().split("\0")
        self._fields = dict(zip(names, zip([0, *ends], ends, strict=False), strict=True))
        self._text: Column | None = None

    def term(self, field: str, text: str) -> Term | None:
        """Find a term."""
        key = text.encode("utf-8", "replace")
        first, end = self._fields.get(field, (0, 0))
        number = self._bisect(key, first, end)
        return self._known(number) if number < end and self._key(number) == key else None

    def terms(self, field: str, beginning: str = "", step: int = 1) -> Iterator[tuple[str, Term]]:
        """Give the terms of a field that begin so, in the order of their UTF-8; of so many the first alone."""
        key = beginning.encode("utf-8", "replace")
        first, end = self._fields.get(field, (0, 0))
        if key:
            first = self._bisect(key, first, end)
            end = self._bisect(key + b"\xff", first, end)  # no UTF-8 holds that byte
        keys, ends = self._keys, self._key_ends
        for number in range(first, end, step):
            start = ends[number - 1] if number else 0
            yield str(keys[start : ends[number]], "utf-8"), self._known(number)

    def fields(self) -> list[str]:
        """Name the fields that have terms."""
        return list(self._fields)

    def postings(self, term: Term) -> Postings:
        """Give the postings of a term."""
        start, end = self._starts[term.number], self._starts[term.number + 1]

        impacts, parts = bytes(self._impacts[start:end]), bytes(self._parts[start:end])

        def places(which: Iterable[int]) -> list[bytes]:
            return self._places_of(term.number, parts, start, which)

        return Postings(self._numbers[start:end], impacts, parts, places, partial(_let_go, self._places))

    def shown(self, number: int) -> list[str]:
        """Give what a list of results shows of a message: id, list, thread, subject, sender."""
        start = self._shown_ends[number - 1] if number else 0
        return str(self._shown[start : self._shown_ends[number]], "utf-8").split("\0")

    def text(self, number: int) -> tuple[str, str, str]:
        """Give what the sender of a message wrote, what was quoted, and what its files say."""
        if self._text is None:
            self._text = Column(_mapped(f"{self._stem}.text.col"), self.messages)
        said, quoted, in_files = self._text[number].decode().split("\0")
        return said, quoted, in_files

    def _places_of(self, number: int, parts: bytes, start: int, which: Iterable[int]) -> list[bytes]:
        """Give the bytes of the places of a term's postings, of those that stand here in its list."""
        if not parts:
            return []  # of a name
        sizes: Iterable[int] = self._counts[start : start + len(parts)]
        if max(parts) >= WIDE:
            sizes = [2 * size if part & WIDE else size for size, part in zip(sizes, parts, strict=True)]
        ends = list(accumulate(sizes, initial=self._place_starts[number] // 2))
        places = self._places
        return [bytes(places[2 * ends[n] : 2 * ends[n + 1]]) for n in which]

    def _known(self, number: int) -> Term:
        return Term(number, self._starts[number + 1] - self._starts[number])

    def _key(self, number: int) -> bytes:
        start = self._key_ends[number - 1] if number else 0
        return bytes(self._keys[start : self._key_ends[number]])

    def _bisect(self, key: bytes, first: int, end: int) -> int:
        return bisect_left(range(end), key, first, end, key=self._key)


def _let_go(mapped: memoryview) -> None:
    """Give the pages of a map back to the system: a phrase reads places in all segments, a few at a time.

    What is read again comes from its cache.
    """
    if isinstance(mapped.obj, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.obj.madvise(mmap.MADV_DONTNEED)


def _mapped(path: str) -> memoryview:
    """Map a file into memory; the map stays as long as what was cut out of it."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        if not os.fstat(file).st_size:
            return NOTHING
        return memoryview(mmap.mmap(file, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(file)


class Column:
    """A column of zlib'd byte strings, one a message: Whoosh's CompressedBytesColumn."""

    def __init__(self, data: memoryview, count: int) -> None:
        self._data = data
        end = len(data) - 1
        code = chr(data[end])
        if code == "X":  # of many rows, offsets stand behind the lengths, and the codes of both before the X
            code, end = chr(data[end - 2]), end - 2 - count * struct.calcsize(chr(data[end - 1]))
        lengths = array(code, bytes(data[end - count * struct.calcsize(code) : end]))
        lengths.byteswap()
        self._ends = [0, *accumulate(lengths)]

    def __getitem__(self, number: int) -> bytes:
        """Give the string of a message."""
        return zlib.decompress(self._data[self._ends[number] : self._ends[number + 1]])
