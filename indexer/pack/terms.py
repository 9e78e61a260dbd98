"""The terms of a search pack in shards: which messages hold a term, how weightily, in which parts and where.

    tN      a shard: some hundred neighbouring terms, with the postings of those that have few
    lN      the postings of one term that has many
    pN      the places of the postings of shard tN, in the same order
    qN.M    the places of 4096 postings of lN, from posting 4096 * M on

A browser finds the shard of a word by the list of where shards begin, and fetches places for phrases
only. Pure: files are given, not written. docs/pack.md tells the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.pack.coding import PlacesWriter, gaps, parts, varint

SHARD: Final = 6_000  # bytes of terms and postings before they are deflated; then two thirds are left
LONG: Final = 3_000  # bytes of postings, from which on they have a file of their own
PLACES: Final = 4096  # postings whose places are in one file
STEMS, WORDS, FORM = 1, 2, 4  # what a term is, bits

File = tuple[str, bytes]
Held = tuple[Sequence[int], Sequence[int], Sequence[bytes]]
"""Of a term: numbers of messages, ascending, its impact on each, and its value in each (`indexer.postings`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the pack: its postings among stems and among words, and whether it is a form."""

    term: str
    stems: Held | None
    words: Held | None
    form: bool


class TermFiles:
    """Makes the files of terms, which come in the order of their UTF-8; then `starts` tells where shards begin."""

    def __init__(self) -> None:
        self.starts: list[str] = []
        self._places = PlacesWriter()
        self._long = 0
        self._last = b""

    def files(self, entries: Iterable[Entry]) -> Iterator[File]:
        """Make the files of all terms of a segment."""
        shard = _Shard()
        for entry in entries:
            term = entry.term.encode()
            if shard.size >= SHARD:
                yield from self._closed(shard)
                shard = _Shard()
            if not shard.count:
                self.starts.append(_between(self._last, term))
            self._last = term
            yield from self._add(shard, term, entry)
        if shard.count:
            yield from self._closed(shard)

    def _add(self, shard: _Shard, term: bytes, entry: Entry) -> Iterator[File]:
        lists = [postings for postings in (entry.stems, entry.words) if postings]
        kinds = STEMS * bool(entry.stems) | WORDS * bool(entry.words) | FORM * entry.form
        shard.begin(term, kinds)
        for numbers, impacts, values in lists:
            steps = gaps(numbers)
            if len(steps) + 2 * len(numbers) < LONG:
                shard.add(len(numbers), 0)
                shard.impacts += bytes(impacts)
                shard.parts += parts(values)
                shard.gaps += steps
                shard.places += self._places.write(values)
            else:
                shard.add(len(numbers), self._long + 1)
                yield f"l{self._long}", bytes(impacts) + parts(values) + steps
                for number, start in enumerate(range(0, len(values), PLACES)):
                    yield f"q{self._long}.{number}", self._places.write(values[start : start + PLACES])
                self._long += 1

    def _closed(self, shard: _Shard) -> Iterator[File]:
        number = len(self.starts) - 1
        yield f"t{number}", shard.written()
        yield f"p{number}", bytes(shard.places)


class _Shard:
    """A shard while it is filled."""

    def __init__(self) -> None:
        self.count = 0
        self.impacts, self.parts, self.gaps, self.places = bytearray(), bytearray(), bytearray(), bytearray()
        self._terms = bytearray()
        self._last = b""

    @property
    def size(self) -> int:
        return len(self._terms) + 2 * len(self.impacts) + len(self.gaps)

    def begin(self, term: bytes, kinds: int) -> None:
        """Add a term; its lists follow."""
        shared = _shared(self._last, term)
        rest = term[shared:]
        self._terms += varint(shared) + varint(len(rest)) + rest + bytes((kinds,))
        self.count, self._last = self.count + 1, term

    def add(self, messages: int, elsewhere: int) -> None:
        """Add a list of postings: how many, and 0, or one more than the number of the file that has them."""
        self._terms += varint(messages) + varint(elsewhere)

    def written(self) -> bytes:
        """Give the bytes: how many terms, how many bytes of them, terms, impacts, parts, differences."""
        head = varint(self.count) + varint(len(self._terms))
        return b"".join((head, self._terms, self.impacts, self.parts, self.gaps))


def _between(before: bytes, term: bytes) -> str:
    """Give the shortest text that is greater than one term and not greater than the next.

    >>> _between(b"letter", b"lexicon"), _between(b"", b"a")
    ('lex', '')
    """
    if not before:
        return ""
    text = term.decode()
    shortest = ""
    for character in text:
        shortest += character
        if shortest.encode() > before:
            break
    return shortest


def _shared(before: bytes, term: bytes) -> int:
    """Count the bytes at the beginning that two terms share."""
    count = 0
    for byte, other in zip(before, term, strict=False):
        if byte != other:
            break
        count += 1
    return count
