"""The files of a Whoosh segment, written whole lists at a time.

Whoosh's own writer looks at one posting at a time. This knows the same files, of the codec that Whoosh 2.7.4
and whoosh3 call W3, and tests hold the two against each other. The table of
contents is written by Whoosh itself (`indexer.build`).

    NAME.trm         the terms: a hash table in the order of its keys (field number and UTF-8) with, for
                     each term, how many messages hold it and where its postings are
    NAME.pst         the postings, in one block a list: pickled (differences of numbers, weights, values)
    NAME.*.col       a column: a number of each message, or bytes

The pickles are put together here, since those of all lists of a segment are so at once. Nothing is ranked here.
"""

from __future__ import annotations

import pickle
import struct
import zlib
from collections.abc import Iterator, Sequence
from hashlib import md5
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np

from indexer.inversion import Inverted
from indexer.postings import WIDE

Array = np.ndarray[Any, Any]

POSTINGS_MAGIC: Final = b"W3Bl"
LEVEL: Final = 3  # of zlib, Whoosh's own

# Of a term: inlined?, weight, messages, shortest and longest length as bytes, most weight, first and last number.
TERM_INFO: Final = struct.Struct("!BfIBBfII")
EXTENT: Final = struct.Struct("!qi")
INT: Final = struct.Struct("!i")
LENGTHS: Final = struct.Struct("!ii")  # of a key and its value
TABLE: Final = struct.Struct("!qi")  # where one of the 256 hash tables is, and its slots
TABLES: Final = 256
SLOT: Final = np.dtype([("hash", ">u4"), ("place", ">i8")])  # of a key
TABLE_MAGIC, TABLE_HEADER = b"HSH3", 9  # the header tells of MD5 by a 0, and has room for two numbers

# Pickle's signs (Python's pickletools lists them): of a number of one, two and four bytes, of bytes by the length of
# their length, of a tuple's begin and end, and of tuples of one and three.
ONE, TWO, FOUR, SHORT, LONG = b"KMJCB"
BEGIN, END, TUPLE_OF_ONE, TUPLE_OF_THREE, STOP = b"(", b"t", b"\x85", b"\x87", b"."
PROTOCOL: Final = b"\x80\x04"
SHORTEST_LONG: Final = 256  # bytes, from which on their length needs more than one byte
BLOCK_INFO: Final = struct.Struct("<3sBiBi")  # how many, the last number
BLOCK_REST: Final = bytes((ONE, 0, ONE, 0, ONE, 0)) + b"t."  # no compression; lengths that we do not keep
MOST_WEIGHTS: Final = tuple(b"G" + struct.pack(">d", weight) for weight in range(64))

Described = tuple[bytes, bytes]
"""A term's key, and what is told of it."""


class PostingWriter:
    """Writes the posting lists of a segment, one field after the other; `offset` is where the next list will be."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._offset = 0

    def write(self, number: int, inverted: Inverted, *, with_values: bool) -> Iterator[Described]:
        """Write all lists of a field, which has this number, and describe its terms; a list of one is told with it."""
        prefix = number.to_bytes(2)
        lists = _Pickles(inverted, with_values=with_values)
        for place, term in enumerate(inverted.terms):
            count, *known = lists.known(place)
            if count == 1:
                yield prefix + term, TERM_INFO.pack(1, *known) + lists.single(place)
                continue
            written = lists.written(place)
            self._file.write(written)
            yield prefix + term, TERM_INFO.pack(0, *known) + EXTENT.pack(self._offset, len(written))
            self._offset += len(written)


class _Pickles:
    """The posting lists of a field, pickled: the pieces of all of them at once, then put together list by list."""

    def __init__(self, inverted: Inverted, *, with_values: bool) -> None:
        starts, numbers, impacts = inverted.starts, inverted.numbers, inverted.impacts.astype(np.int64)
        begins, ends = starts[:-1], starts[1:]
        gaps = np.diff(numbers, prepend=0)
        gaps[begins] = numbers[begins]
        self._starts: list[int] = starts.tolist()
        self._first, self._last = numbers[begins].tolist(), numbers[ends - 1].tolist()
        self._sum = np.add.reduceat(impacts, begins).tolist() if len(begins) else []
        self._most = np.maximum.reduceat(impacts, begins).tolist() if len(begins) else []
        self._gaps, self._gap = _pickled_gaps(gaps)
        self._weights = _pickled(ONE, inverted.impacts)
        self._values, value_starts = (
            _pickled_values(inverted) if with_values else (b"", np.zeros(len(numbers) + 1, np.int64))
        )
        self._value_starts: list[int] = value_starts[starts].tolist()
        self._with_values = with_values

    def known(self, place: int) -> tuple[int, int, int, int, int, int, int, int]:
        """Give what is told of a term: how many messages, and what `TERM_INFO` holds behind its first."""
        count = self._starts[place + 1] - self._starts[place]
        most = self._most[place]
        return count, self._sum[place], count, 0, 0, most, self._first[place], self._last[place]

    def single(self, place: int) -> bytes:
        """Pickle a list of one: a tuple of one number, of one weight, of one value."""
        gaps, weights, values = self._pieces(place)
        of_one = TUPLE_OF_ONE
        value = values if self._with_values else bytes((SHORT, 0))
        return b"".join((PROTOCOL, gaps, of_one, weights, of_one, value, of_one, TUPLE_OF_THREE, STOP))

    def written(self, place: int) -> bytes:
        """Write a list as Whoosh's only block of it."""
        gaps, weights, values = self._pieces(place)
        value = BEGIN + values + END if self._with_values else b"N"
        data = b"".join((PROTOCOL, BEGIN, gaps, END, BEGIN, weights, END, value, TUPLE_OF_THREE, STOP))
        count = self._starts[place + 1] - self._starts[place]
        info = BLOCK_INFO.pack(b"\x80\x02(", FOUR, count, FOUR, self._last[place])
        info += MOST_WEIGHTS[self._most[place]] + BLOCK_REST
        return b"".join((POSTINGS_MAGIC, INT.pack(-len(info) - len(data)), info, data))

    def _pieces(self, place: int) -> tuple[bytes, bytes, bytes]:
        start, end, gap = self._starts[place], self._starts[place + 1], self._gap
        values = self._values[self._value_starts[place] : self._value_starts[place + 1]]
        return self._gaps[start * gap : end * gap], self._weights[start * 2 : end * 2], values


def _pickled_gaps(gaps: Array) -> tuple[bytes, int]:
    """Pickle numbers one behind the other, all in as many bytes; tell in how many."""
    if int(gaps.max(initial=0)) < 1 << 16:
        return _pickled(TWO, gaps.astype("<u2")), 3
    return _pickled(FOUR, gaps.astype("<i4")), 5


def _pickled(sign: int, numbers: Array) -> bytes:
    size = numbers.dtype.itemsize
    rows = np.empty((len(numbers), 1 + size), np.uint8)
    rows[:, 0] = sign
    rows[:, 1:] = np.ascontiguousarray(numbers).view(np.uint8).reshape(-1, size)
    return rows.tobytes()


def _pickled_values(inverted: Inverted) -> tuple[bytes, Array]:
    """Pickle the values of all postings one behind the other; give the bytes, and where each begins, and the end."""
    firsts, places = inverted.firsts, inverted.places
    counts = np.diff(inverted.first_places)
    wide = firsts & WIDE != 0
    lengths = 1 + counts * np.where(wide, 4, 2)
    heads = np.where(lengths < SHORTEST_LONG, 2, 5)
    ends = np.cumsum(heads + lengths)
    begins = ends - heads - lengths
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    long = lengths >= SHORTEST_LONG
    out[begins] = np.where(long, LONG, SHORT)
    out[begins + 1] = lengths & 255
    for byte in range(1, 4):
        out[begins[long] + 1 + byte] = lengths[long] >> 8 * byte & 255
    out[begins + heads] = firsts
    # each place's bytes: behind its posting's first byte, after the places before it
    posting_of = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(places)) - inverted.first_places[:-1][posting_of]
    at = (begins + heads + 1)[posting_of] + within * np.where(wide, 4, 2)[posting_of]
    out[at] = places & 255
    out[at + 1] = places >> 8 & 255
    if wide.any():
        far = wide[posting_of]
        for byte in (2, 3):
            out[at[far] + byte] = places[far] >> 8 * byte & 255
    return out.tobytes(), np.append(begins, len(out))


def numbers_column(numbers: Sequence[int]) -> bytes:
    """Write a column of a number of eight bytes a message: Whoosh's NumericColumn("q")."""
    return np.array(numbers, ">i8").tobytes()


def bytes_column(rows: Sequence[bytes]) -> list[bytes]:
    """Write a column of bytes, zlib'd: Whoosh's CompressedBytesColumn, without the offsets that it can do without."""
    packed = [zlib.compress(row, LEVEL) for row in rows]
    return [*packed, np.array([len(row) for row in packed], ">i4").tobytes(), b"i"]


def stored_column(values: Sequence[Any]) -> list[bytes]:
    """Write what is stored of each message: a dictionary of Whoosh's stored fields."""
    return bytes_column([pickle.dumps(value, 2) for value in values])


def term_table(fields: dict[str, int], terms: Sequence[Described]) -> Iterator[bytes]:
    """Write the term file: keys (number of the field, UTF-8) in order, each with what describes its term.

    First all keys with their values, then 256 hash tables of their places, a directory of those, a pickle with the
    numbers of fields, and the places of the keys in order.
    """
    head = TABLE_MAGIC + bytes(TABLE_HEADER)
    pack = LENGTHS.pack
    rows = [pack(len(key), len(value)) + key + value for key, value in terms]
    places = [len(head), *accumulate(map(len, rows), initial=len(head))][1:]
    yield head + b"".join(rows)
    hashes = np.frombuffer(b"".join([md5(key, usedforsecurity=False).digest() for key, _ in terms]), ">u4")[3::4]
    order = np.array(places[:-1], np.int64)
    at, directory = places[-1], b""
    tables = hashes & 255
    sorted_by_table = np.argsort(tables, kind="stable")
    for start, end in pairwise(np.searchsorted(tables[sorted_by_table], np.arange(TABLES + 1))):
        held = sorted_by_table[start:end]
        directory += TABLE.pack(at, 2 * len(held))
        yield _hash_table(hashes[held], order[held])
        at += 2 * len(held) * SLOT.itemsize
    code = "H" if not len(order) or order[-1] < 1 << 16 else "i" if order[-1] < 1 << 31 else "q"
    extras = pickle.dumps({"fieldmap": fields, "indextype": code, "indexlen": len(order)})
    extras += order.astype(np.dtype(code).newbyteorder(">")).tobytes()
    yield directory + extras + INT.pack(len(extras))


def _hash_table(hashes: Array, places: Array) -> bytes:
    """Write one hash table, twice as large as its keys need; a taken slot leads to the next.

    Keys are set down in the order of their slots, each in its own or behind the one before; what would stand
    behind the table's end looks for a slot from its begin, as all would in any other order.
    """
    size = 2 * len(hashes)
    table = np.zeros(size, SLOT)
    if not size:
        return b""
    wanted = (hashes.astype(np.int64) >> 8) % size
    order = np.argsort(wanted, kind="stable")
    steps = np.arange(len(order))
    slots = np.maximum.accumulate(wanted[order] - steps) + steps
    inside = slots < size
    table["hash"][slots[inside]], table["place"][slots[inside]] = hashes[order[inside]], places[order[inside]]
    for left in order[~inside].tolist():
        slot = 0
        while table["place"][slot]:
            slot += 1
        table[slot] = hashes[left], places[left]
    return table.tobytes()
