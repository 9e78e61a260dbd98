"""The files of a Whoosh segment, read through memory maps and written whole lists at a time.

Whoosh's own reader takes 80 ms to import and copies what it reads; its own writer looks at one posting
at a time. This knows the same files, of the codec that Whoosh 2.7.4 and whoosh3 call W3, and tests hold
the two against each other. It writes postings and describes terms; tables, columns and the table of
contents are written by Whoosh itself (`indexer.build`).

    NAME.trm         the terms: a hash table in the order of its keys (field number and UTF-8) with, for
                     each term, how many messages hold it and where its postings are
    NAME.pst         the postings, in blocks: pickled (differences of numbers, weights, values), zlib'd if large
    NAME._stored.col what is kept of each message: a dict, pickled and zlib'd
    NAME.text.col    its text, zlib'd
    NAME.date.col    its date, and in NAME.thread.col a number for its thread: eight bytes in network order

Nothing is ranked here.
"""

from __future__ import annotations

import mmap
import pickle
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import md5
from io import BytesIO
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

from indexer.inversion import Postings

POSTINGS_MAGIC: Final = b"W3Bl"
BLOCK: Final = 1024  # postings; Whoosh's 128 would mean eight times the pickles
WORTH_ZLIB: Final = 512  # bytes; smaller blocks hardly shrink, and are most of all
LEVEL: Final = 3

# Of a term: inlined?, weight, messages, shortest and longest length as bytes, most weight, first and last number.
TERM_INFO: Final = struct.Struct("!BfIBBfII")
EXTENT: Final = struct.Struct("!qi")
INT: Final = struct.Struct("!i")
LENGTHS: Final = struct.Struct("!ii")  # of a key and its value
SLOT: Final = struct.Struct("!Iq")  # a hash and where its key is
TABLE: Final = struct.Struct("!qi")  # where one of the 256 hash tables is, and its slots
TABLES: Final = 256
TABLE_MAGIC, TABLE_HEADER = b"HSH3", 9  # the header tells of MD5 by a 0, and has room for two numbers
NO_FIELD: Final = 65535  # stands for a field of which the segment holds no term

Buffer = mmap.mmap | bytes


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a segment: how many of its messages hold it, and its postings or where in their file they are."""

    messages: int
    offset: int
    inlined: Postings | None = None


def postings_block(numbers: list[int], impacts: list[int], values: list[bytes] | None, *, last: bool) -> bytes:
    """Write one block of a posting list."""
    gaps = (numbers[0], *(b - a for a, b in pairwise(numbers)))
    weights = float(impacts[0]) if min(impacts) == max(impacts) else tuple(impacts)
    data = pickle.dumps((gaps, weights, None if values is None else tuple(values)), 4)
    level = LEVEL if len(data) >= WORTH_ZLIB else 0
    if level:
        data = zlib.compress(data, level)
    info = pickle.dumps((len(numbers), numbers[-1], float(max(impacts)), level, 0, 0), 2)
    length = len(info) + len(data)
    return INT.pack(-length if last else length) + info + data


def term_of_one(number: int, impact: int, value: bytes) -> bytes:
    """Describe a term that one message holds, its posting with it: Whoosh calls that inlined."""
    posting = pickle.dumps(((number,), (impact,), (value,)), 4)
    return TERM_INFO.pack(1, impact, 1, 0, 0, impact, number, number) + posting


def postings(numbers: list[int], impacts: list[int], values: list[bytes] | None) -> bytes:
    """Write a term's posting list: ascending numbers of messages, and for each its impact and value."""
    out = [POSTINGS_MAGIC]
    for start in range(0, len(numbers), BLOCK):
        end = start + BLOCK
        block = values[start:end] if values is not None else None
        out.append(postings_block(numbers[start:end], impacts[start:end], block, last=end >= len(numbers)))
    return b"".join(out)


def term_info(numbers: list[int], impacts: list[int], offset: int, length: int) -> bytes:
    """Describe a term, whose postings are `length` bytes from `offset` on."""
    known = (0, sum(impacts), len(numbers), 0, 0, max(impacts), numbers[0], numbers[-1])
    return TERM_INFO.pack(*known) + EXTENT.pack(offset, length)


def term_table(fields: dict[str, int], terms: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Write the term file: keys (number of the field, UTF-8) in order, each with what describes its term.

    First all keys with their values, then 256 hash tables of their places, a directory of those, a pickle with the
    numbers of fields, and the places of the keys in order.
    """
    out = bytearray(TABLE_MAGIC + bytes(TABLE_HEADER))
    places: list[int] = []
    buckets: list[list[tuple[int, int]]] = [[] for _ in range(TABLES)]
    for key, value in terms:
        place = len(out)
        places.append(place)
        hashed = _hash(key)
        buckets[hashed & 255].append((hashed, place))
        out += LENGTHS.pack(len(key), len(value)) + key + value
    directory = b""
    for bucket in buckets:
        directory += TABLE.pack(len(out), 2 * len(bucket))
        out += _hash_table(bucket)
    order = array("H" if not places or places[-1] < 1 << 16 else "i" if places[-1] < 1 << 31 else "q", places)
    extras = pickle.dumps({"fieldmap": fields, "indextype": order.typecode, "indexlen": len(order)})
    order.byteswap()
    extras += order.tobytes()
    return bytes(out + directory + extras + INT.pack(len(extras)))


def _hash_table(bucket: list[tuple[int, int]]) -> bytes:
    """Write one hash table, twice as large as its keys need; a taken slot leads to the next."""
    slots = [(0, 0)] * (2 * len(bucket))
    for hashed, place in bucket:
        slot = (hashed >> 8) % len(slots)
        while slots[slot] != (0, 0):
            slot = (slot + 1) % len(slots)
        slots[slot] = (hashed, place)
    return b"".join([SLOT.pack(*slot) for slot in slots])


def _hash(key: bytes) -> int:
    return int.from_bytes(md5(key, usedforsecurity=False).digest()[-4:])


class SegmentFiles:
    """One segment, opened; `messages` is how many it holds, numbered from 0, oldest first."""

    def __init__(self, folder: Path, name: str, messages: int) -> None:
        self.messages = messages
        self._folder, self._name = folder, name
        self._terms = TermTable(self._map("trm"))
        self._postings = self._map("pst")

    def _map(self, extension: str) -> Buffer:
        path = self._folder / f"{self._name}.{extension}"
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""

    def term(self, field: str, text: str) -> Term | None:
        """Find a term."""
        return self._terms.find(field, text)

    def sample(self, step: int) -> Iterator[tuple[str, bytes, Term]]:
        """Give every so many-th term: its field, its UTF-8, and what is known of it."""
        return self._terms.sample(step)

    def terms(self, field: str, beginning: str = "") -> Iterator[tuple[str, Term]]:
        """Give the terms of a field that begin so, in the order of their UTF-8."""
        return self._terms.from_beginning(field, beginning)

    def postings(self, term: Term) -> Postings:
        """Give the numbers of the messages that hold a term, ascending, its impact on each and its value in each."""
        numbers: list[int] = []
        impacts: list[int] = []
        values: list[bytes] = []
        if term.inlined:
            return term.inlined
        for gaps, weights, block_values in _blocks(self._postings, term.offset):
            numbers += accumulate(gaps)
            impacts += [int(weights)] * len(gaps) if isinstance(weights, float) else weights
            values += block_values or ()
        return numbers, impacts, values

    @cached_property
    def _stored(self) -> CompressedColumn:
        return CompressedColumn(self._map("_stored.col"), self.messages)

    def stored(self, number: int) -> dict[str, Any]:
        """Give what is kept of a message."""
        kept: dict[str, Any] = pickle.loads(self._stored[number])  # noqa: S301  # our own file
        return kept

    @cached_property
    def _text(self) -> CompressedColumn:
        return CompressedColumn(self._map("text.col"), self.messages)

    def text(self, number: int) -> tuple[str, str]:
        """Give what the sender of a message wrote, and what was quoted."""
        said, _, quoted = self._text[number].decode().partition("\0")
        return said, quoted

    @cached_property
    def dates(self) -> array[int]:
        """The dates of all messages by number, in seconds since 1970 UTC; 0 where there is none."""
        return self._numbers("date")

    @cached_property
    def threads(self) -> array[int]:
        """A number for the thread of each message, the same in all segments."""
        return self._numbers("thread")

    def _numbers(self, column: str) -> array[int]:
        numbers = array("q", self._map(f"{column}.col")[:])
        numbers.byteswap()
        numbers.extend([0] * (self.messages - len(numbers)))  # zeros at the end are not written
        return numbers


class TermTable:
    """A segment's terms: Whoosh's ordered hash file."""

    def __init__(self, data: Buffer) -> None:
        self._data = data
        end = len(data) - INT.size
        extras = end - INT.unpack_from(data, end)[0]
        known = pickle.loads(data[extras:end])  # noqa: S301  # our own file; what follows the pickle is not read
        self._fields: dict[str, int] = known["fieldmap"]
        self._tables = extras - TABLES * TABLE.size
        self._place = struct.Struct("!" + known["indextype"])
        self._places = end - known["indexlen"] * self._place.size
        self._count: int = known["indexlen"]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> int:
        """Give the place of a key by its number in the order of keys; this makes the table fit for bisection."""
        place: int = self._place.unpack_from(self._data, self._places + number * self._place.size)[0]
        return place

    def find(self, field: str, text: str) -> Term | None:
        """Find a term."""
        data, key = self._data, self._key(field, text)
        wanted = _hash(key)
        start, slots = TABLE.unpack_from(data, self._tables + (wanted & 255) * TABLE.size)
        slot = (wanted >> 8) % slots if slots else 0
        for step in range(slots):
            hashed, place = SLOT.unpack_from(data, start + (slot + step) % slots * SLOT.size)
            if not place:
                return None
            if hashed == wanted and self._key_at(place) == key:
                return self._term_at(place)
        return None

    def from_beginning(self, field: str, beginning: str) -> Iterator[tuple[str, Term]]:
        """Give the terms of a field that begin so, in the order of their UTF-8."""
        key = self._key(field, beginning)
        for number in range(bisect_left(self, key, key=self._key_at), self._count):
            found = self._key_at(self[number])
            if not found.startswith(key):
                return
            yield found[2:].decode(), self._term_at(self[number])

    def sample(self, step: int) -> Iterator[tuple[str, bytes, Term]]:
        """Give every so many-th term: its field, its UTF-8, and what is known of it."""
        names = {number: name for name, number in self._fields.items()}
        for place in (self[number] for number in range(0, self._count, step)):
            key = self._key_at(place)
            yield names[int.from_bytes(key[:2])], key[2:], self._term_at(place)

    def _key(self, field: str, text: str) -> bytes:
        return self._fields.get(field, NO_FIELD).to_bytes(2) + text.encode("utf-8", "replace")

    def _key_at(self, place: int) -> bytes:
        length = LENGTHS.unpack_from(self._data, place)[0]
        start = place + LENGTHS.size
        return self._data[start : start + length]

    def _term_at(self, place: int) -> Term:
        start = place + LENGTHS.size + LENGTHS.unpack_from(self._data, place)[0]
        inlined, _, found, *_ = TERM_INFO.unpack_from(self._data, start)
        start += TERM_INFO.size
        if not inlined:
            return Term(found, EXTENT.unpack_from(self._data, start)[0])
        length = LENGTHS.unpack_from(self._data, place)[1] - TERM_INFO.size
        return Term(found, 0, pickle.loads(self._data[start : start + length]))  # noqa: S301  # our own file


def _blocks(data: Buffer, offset: int) -> Iterator[tuple[tuple[int, ...], Any, Any]]:
    """Give the blocks of a posting list: differences of numbers, weights, values."""
    position, last = offset + len(POSTINGS_MAGIC), False
    if data[offset:position] != POSTINGS_MAGIC:
        raise ValueError(f"there are no postings at {offset}")
    while not last:
        length = INT.unpack_from(data, position)[0]
        start, last = position + INT.size, length < 0
        position = start + abs(length)
        block = BytesIO(data[start:position])
        level = pickle.load(block)[3]  # noqa: S301  # our own file
        content = zlib.decompress(block.read()) if level else block.read()
        yield pickle.loads(content)  # noqa: S301  # our own file


class CompressedColumn:
    """A column of zlib'd byte strings, one a message: Whoosh's CompressedBytesColumn."""

    def __init__(self, data: Buffer, count: int) -> None:
        self._data = data
        end = len(data) - 1
        code = chr(data[end])
        if code == "X":  # of many rows, offsets stand behind the lengths, and the codes of both before the X
            code, end = chr(data[end - 2]), end - 2 - count * struct.calcsize(chr(data[end - 1]))
        lengths = array(code, data[end - count * struct.calcsize(code) : end])
        lengths.byteswap()
        self._ends = [0, *accumulate(lengths)]

    def __getitem__(self, number: int) -> bytes:
        """Give the string of a message."""
        return zlib.decompress(self._data[self._ends[number] : self._ends[number + 1]])
