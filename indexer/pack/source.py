"""Reading an index for its search pack: stretches of segments, and what the pack holds of each.

    all older segments      one stretch, which seldom changes
    blocks of the newest    one stretch, which changes when a block is full (`indexer.segments`)
    what is no block yet    one stretch

Messages are numbered within their stretch, the oldest first. Nothing is written here.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Final

from crawler.message import key
from indexer.generations import Segment
from indexer.lookup import SegmentFiles, Term
from indexer.pack.documents import Record, lead
from indexer.pack.terms import Entry, Held
from indexer.search import SearchIndex
from indexer.segments import newest

NAME_FIELDS: Final = ("has", "type", "list", "file")
TERM_FIELDS: Final = ("stems", "words", "forms")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Segments that are one in the pack; `made_of` their names."""

    segments: tuple[SegmentFiles, ...]
    made_of: tuple[str, ...]

    @property
    def messages(self) -> int:
        """How many messages it holds."""
        return sum(segment.messages for segment in self.segments)

    def bases(self) -> list[int]:
        """Give the number of the first message of each segment."""
        return [0, *accumulate(segment.messages for segment in self.segments)][:-1]


def stretches(index: SearchIndex) -> list[Stretch]:
    """Cut an index into the stretches of its pack."""
    files, named = index.segments, index.state.segments
    return [Stretch(tuple(files[group]), tuple(s.name for s in named[group])) for group in groups(named)]


def groups(named: Sequence[Segment]) -> list[slice]:
    """Say which of an index's segments are one stretch each."""
    full, rest = newest([segment.messages for segment in named])
    older, blocks = len(named) - full - rest, len(named) - rest
    found = [slice(0, older), slice(older, blocks), slice(blocks, len(named))]
    return [group for group in found if named[group]]


def entries(stretch: Stretch) -> Iterator[Entry]:
    """Give the terms of a stretch in the order of their UTF-8, with all their postings."""
    held = [
        _terms(segment, field, kind, place)
        for kind, field in enumerate(TERM_FIELDS)
        for place, segment in enumerate(stretch.segments)
    ]
    bases = stretch.bases()
    for term, found in groupby(heapq.merge(*held), key=itemgetter(0)):
        places: list[list[tuple[int, Term]]] = [[] for _ in TERM_FIELDS]
        for _, kind, place, info in found:
            places[kind].append((place, info))
        stems, words, forms = places
        lists = _joined(stretch.segments, bases, stems), _joined(stretch.segments, bases, words)
        yield Entry(term.decode(), *lists, bool(forms))


def _terms(segment: SegmentFiles, field: str, kind: int, place: int) -> Iterator[tuple[bytes, int, int, Term]]:
    """Give a segment's terms of a field as rows that sort by their UTF-8, field and segment."""
    for text, term in segment.terms(field):
        yield text.encode(), kind, place, term


def _joined(segments: Sequence[SegmentFiles], bases: Sequence[int], places: list[tuple[int, Term]]) -> Held | None:
    numbers: list[int] = []
    impacts: list[int] = []
    values: list[bytes] = []
    for place, term in places:
        base = bases[place]
        found = segments[place].postings(term)
        numbers += [base + number for number in found.numbers] if base else found.numbers
        impacts += found.impacts
        values += found.values()
    return (numbers, impacts, values) if numbers else None


def names(stretch: Stretch, field: str) -> Mapping[str, Sequence[int]]:
    """Give the names of a field, each with the numbers of its messages."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for base, segment in zip(stretch.bases(), stretch.segments, strict=True):
        for name, term in segment.terms(field):
            found[name] += [base + number for number in segment.postings(term).numbers]
    return found


def keys(stretch: Stretch, told: Sequence[Record], lists: Sequence[str]) -> Iterator[tuple[str, str, str | None]]:
    """Give the id and thread of each message, and the id that its Message-ID would give it."""
    message_ids = {
        number: name for name, numbers in names(stretch, "id").items() if name.startswith("<") for number in numbers
    }
    for number, record in enumerate(told):
        message_id = message_ids.get(number)
        yield record.id, record.thread, message_id and key(lists[record.list], message_id)


def records(stretch: Stretch, lists: Mapping[str, int]) -> Iterator[Record]:
    """Give what is shown of each message; `lists` are their numbers by name."""
    for segment in stretch.segments:
        for number in range(segment.messages):
            id, list_name, thread, subject, sender = segment.shown(number)
            beginning = lead(*segment.text(number)[:2])
            yield Record(id, thread, lists[list_name], segment.dates[number], subject, sender, beginning)
