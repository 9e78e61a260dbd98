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
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np

from indexer.inversion import Inverted
from indexer.postings import WIDE

Array = np.ndarray[Any, Any]

POSTINGS_MAGIC: Final = b"W3Bl"
LEVEL: Final = 3  # of zlib, Whoosh's own
UNPACKED: Final = 0  # for what is short: packing it takes as long as inverting its words, and saves a sixth

# Of a term: inlined?, weight, messages, shortest and longest length as bytes, most weight, first and last number.
TERM_INFO: Final = np.dtype([
    ("inlined", "u1"), ("weight", ">f4"), ("messages", ">u4"), ("shortest", "u1"), ("longest", "u1"), ("most", ">f4"),
    ("first", ">u4"), ("last", ">u4"),
])  # fmt: skip
EXTENT: Final = np.dtype([("start", ">i8"), ("length", ">i4")])
INT: Final = struct.Struct("!i")
LENGTHS: Final = struct.Struct("!ii")  # of a key and its value
TABLE: Final = struct.Struct("!qi")  # where one of the 256 hash tables is, and its slots
TABLES: Final = 256
SLOT: Final = np.dtype([("hash", ">u4"), ("place", ">i8")])  # of a key
TABLE_HEAD: Final = b"HSH3" + bytes((1,)) + bytes(8)  # CRC-32, faster than Whoosh's usual MD5; two numbers of no use

# Pickle's signs (Python's pickletools lists them): of a number of one, two and four bytes, of bytes by the length of
# their length, of a tuple's begin and end, and of tuples of one and three.
ONE, TWO, FOUR, SHORT, LONG = b"KMJCB"
BEGIN, END, TUPLE_OF_ONE, TUPLE_OF_THREE, STOP = b"(", b"t", b"\x85", b"\x87", b"."
PROTOCOL: Final = b"\x80\x04"
SHORTEST_LONG: Final = 256  # bytes, from which on their length needs more than one byte
# What stands before a block's numbers: its length as a negative number, a pickled list of what is told of it (how many,
# the last number, the most weight, no compression, lengths that we do not keep), and the begin of its own pickle.
BLOCK_HEAD: Final = np.dtype([
    ("magic", "S4"), ("behind", ">i4"), ("list", "S3"), ("four", "u1"), ("count", "<i4"), ("again_four", "u1"),
    ("last", "<i4"), ("float", "S1"), ("most", ">f8"), ("rest", "S8"), ("begin", "S3"),
])  # fmt: skip
UNCOUNTED: Final = 8  # bytes of a head that its length does not count: magic and length
LIST, FLOAT, BLOCK_REST = b"\x80\x02(", b"G", bytes((ONE, 0, ONE, 0, ONE, 0)) + b"t."
BETWEEN, NO_VALUES, BEHIND = END + BEGIN, END + b"N", TUPLE_OF_THREE + STOP
EMPTY: Final = bytes((SHORT, 0))
# Within a list of one, between its number, its weight and its value, and behind them.
BEHIND_ONE: Final = TUPLE_OF_ONE + TUPLE_OF_THREE + STOP

Described = tuple[bytes, bytes]
"""A term's key, and what is told of it."""


class PostingWriter:
    """Writes the posting lists of a segment, one field after the other."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._offset = 0  # where the next list will be

    def write(self, number: int, inverted: Inverted, *, with_values: bool) -> list[Described]:
        """Write all lists of a field, which has this number, and describe its terms; a list of one is told with it."""
        if not inverted.terms:
            return []
        lists, prefix = _Pickles(inverted, with_values=with_values), number.to_bytes(2)
        self._file.writelines(lists.written())
        told = lists.described(_extents(lists.lengths, self._offset))
        self._offset += int(lists.lengths.sum())
        return [(prefix + term, info) for term, info in zip(inverted.terms, told, strict=True)]


class _Pickles:
    """The posting lists of a field, pickled: the pieces of all of them at once, then put together list by list."""

    def __init__(self, inverted: Inverted, *, with_values: bool) -> None:
        starts, numbers, impacts = inverted.starts, inverted.numbers, inverted.impacts.astype(np.int64)
        begins, ends = starts[:-1], starts[1:]
        gaps = np.diff(numbers, prepend=0)
        gaps[begins] = numbers[begins]
        self._counts, self._first, self._last = np.diff(starts), numbers[begins], numbers[ends - 1]
        self._sum, self._most = np.add.reduceat(impacts, begins), np.maximum.reduceat(impacts, begins)
        pickled_gaps, gap = _pickled_gaps(gaps)
        self._gaps = _cut(pickled_gaps, starts * gap)
        self._weights = _cut(_pickled(ONE, inverted.impacts), starts * 2)
        self._with_values = with_values
        values, value_starts = _pickled_values(inverted) if with_values else (EMPTY * len(numbers), None)
        self._values = _cut(values, starts * 2 if value_starts is None else value_starts[starts])
        # in a block of several
        self._between, self._behind = (BETWEEN, END + BEHIND) if with_values else (NO_VALUES, BEHIND)
        sizes = (gap + 2) * self._counts + (np.diff(value_starts[starts]) if value_starts is not None else 0)
        around = BLOCK_HEAD.itemsize + len(BETWEEN) + len(self._between) + len(self._behind)
        self.lengths: Array = np.where(self._counts == 1, 0, around + sizes)

    def written(self) -> Iterator[bytes]:
        """Write each list of several as Whoosh's only block of it."""
        pieces = zip(self._heads(), self._gaps, self._weights, self._values, self.lengths.tolist(), strict=True)
        between, behind = self._between, self._behind
        for head, gaps, weights, values, length in pieces:
            if length:
                yield b"".join((head, gaps, BETWEEN, weights, between, values if self._with_values else b"", behind))

    def described(self, extents: Iterable[bytes]) -> Iterator[bytes]:
        """Describe each term: what is told of it, then the extent of its list, or the list of one itself."""
        known = zip(self._infos(), self._gaps, self._weights, self._values, self.lengths.tolist(), extents, strict=True)
        for info, gap, weight, value, length, extent in known:
            if length:
                yield info + extent
            else:
                yield b"".join((info, PROTOCOL, gap, TUPLE_OF_ONE, weight, TUPLE_OF_ONE, value, BEHIND_ONE))

    def _infos(self) -> list[bytes]:
        found = np.zeros(len(self._counts), TERM_INFO)
        found["inlined"] = self._counts == 1
        found["messages"], found["first"], found["last"] = self._counts, self._first, self._last
        found["weight"], found["most"] = self._sum, self._most
        return _rows(found)

    def _heads(self) -> list[bytes]:
        found = np.zeros(len(self._counts), BLOCK_HEAD)
        found["magic"], found["list"], found["float"], found["rest"] = POSTINGS_MAGIC, LIST, FLOAT, BLOCK_REST
        found["four"], found["again_four"], found["begin"] = FOUR, FOUR, PROTOCOL + BEGIN
        found["behind"] = UNCOUNTED - self.lengths
        found["count"], found["last"], found["most"] = self._counts, self._last, self._most
        return _rows(found)


def _extents(lengths: Array, offset: int) -> list[bytes]:
    found = np.zeros(len(lengths), EXTENT)
    found["start"], found["length"] = offset + np.cumsum(lengths) - lengths, lengths
    return _rows(found)


def _rows(records: Array) -> list[bytes]:
    """Give each record as bytes."""
    return _cut(records.tobytes(), np.arange(len(records) + 1) * records.dtype.itemsize)


def _cut(data: bytes, ends: Array) -> list[bytes]:
    """Cut bytes at these places: at the begin of each piece, and at the end of the last."""
    return [data[start:end] for start, end in pairwise(ends.tolist())]


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


def bytes_column(rows: Sequence[bytes], level: int = LEVEL) -> list[bytes]:
    """Write a column of bytes, zlib'd: Whoosh's CompressedBytesColumn, without the offsets that it can do without."""
    packed = [zlib.compress(row, level) for row in rows]
    return [*packed, np.array([len(row) for row in packed], ">i4").tobytes(), b"i"]


def stored_column(values: Sequence[Any]) -> list[bytes]:
    """Write what is stored of each message: a dictionary of Whoosh's stored fields."""
    return bytes_column([pickle.dumps(value, 2) for value in values], UNPACKED)


def term_table(fields: dict[str, int], terms: Sequence[Described]) -> Iterator[bytes]:
    """Write the term file: keys (number of the field, UTF-8) in order, each with what describes its term.

    First all keys with their values, then 256 hash tables of their places, a directory of those, a pickle with the
    numbers of fields, and the places of the keys in order.
    """
    pack = LENGTHS.pack
    rows = [pack(len(key), len(value)) + key + value for key, value in terms]
    places = [len(TABLE_HEAD), *accumulate(map(len, rows), initial=len(TABLE_HEAD))][1:]
    yield TABLE_HEAD + b"".join(rows)
    hashes = np.fromiter((zlib.crc32(key) for key, _ in terms), np.uint32, len(terms))
    order = np.array(places[:-1], np.int64)
    slots, sizes = _hash_tables(hashes, order)
    starts = places[-1] + (np.cumsum(sizes) - sizes) * SLOT.itemsize
    yield slots.tobytes() + b"".join(map(TABLE.pack, starts.tolist(), sizes.tolist()))
    code = "H" if not len(order) or order[-1] < 1 << 16 else "i" if order[-1] < 1 << 31 else "q"
    extras = pickle.dumps({"fieldmap": fields, "indextype": code, "indexlen": len(order)})
    extras += order.astype(np.dtype(code).newbyteorder(">")).tobytes()
    yield extras + INT.pack(len(extras))


def _hash_tables(hashes: Array, places: Array) -> tuple[Array, Array]:
    """Lay out all hash tables one behind the other, each twice as large as its keys need; tell their sizes.

    A taken slot leads to the next. Keys are set down in the order of their slots, each in its own or behind the one
    before; what would stand behind its table's end looks for a slot from its begin, as all would in any other order.
    """
    tables = (hashes & (TABLES - 1)).astype(np.int64)
    counts = np.bincount(tables, minlength=TABLES)
    sizes = 2 * counts
    wanted = (hashes >> 8).astype(np.int64) % sizes[tables] if len(hashes) else tables
    order = np.lexsort((wanted, tables))
    tables, wanted = tables[order], wanted[order]
    steps = np.arange(len(order)) - (np.cumsum(counts) - counts)[tables]
    apart = tables * (4 * int(counts.max(initial=0)) + 1)  # so far that no table pushes keys of the next one on
    slots = np.maximum.accumulate(wanted - steps + apart) - apart + steps
    found = np.zeros(2 * len(hashes), SLOT)
    begins = (np.cumsum(sizes) - sizes)[tables]
    inside = slots < sizes[tables]
    at = (begins + slots)[inside]
    found["hash"][at], found["place"][at] = hashes[order[inside]], places[order[inside]]
    for left, slot in zip(order[~inside].tolist(), begins[~inside].tolist(), strict=True):
        while found["place"][slot]:
            slot += 1  # noqa: PLW2901  # it looks on from there
        found[slot] = hashes[left], places[left]
    return found, sizes
