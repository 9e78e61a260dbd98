"""Searching an index: open it, find what a query asks for, show the best of it.

Segments are read through memory maps (`indexer.lookup`), so that a search takes milliseconds and
opening one copies nothing. Which messages a query finds, and how good they are, is
`indexer.query.to_whoosh`; here they are counted, ordered and told with all that a list of results shows.
"""

from __future__ import annotations

import heapq
import struct
from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Final, Literal, TypeVar

from crawler.errors import ArchiveTrouble, HamelinError
from indexer import generations
from indexer.generations import INDEX_FOLDER, State
from indexer.lookup import SegmentFiles
from indexer.postings import Postings
from indexer.query.to_whoosh import Scores, evaluate
from indexer.query.tree import Node
from indexer.value import Value

ANEW: Final = "Make it anew with `hamelin index`."
MAKE: Final = "Make one with `hamelin index`."
MEND: Final = "`hamelin index --verify` makes anew what is damaged."
UNREADABLE: Final = (OSError, ValueError, TypeError, struct.error)  # what opening a damaged file can end with
TRIES: Final = 5  # at opening, while another process puts a new generation in service

Sort = Literal["relevance", "date"]
T = TypeVar("T")


class Hit(Value):
    """A message that was found: its number in the index, what is shown of it, and its score.

    `date` is in seconds since 1970 UTC, 0 for none. `in_thread` is how many messages of its thread were found, where it
    stands for them; else 0.
    """

    number: int

    id: str
    list: str
    thread: str
    subject: str
    from_name: str
    date: int
    score: int
    in_thread: int = 0


class Results(Value):
    """How many were found, messages or threads, and the best of them."""

    total: int
    hits: tuple[Hit, ...]


def open_index(archive: Path) -> SearchIndex:
    """Open the index of an archive; ArchiveTrouble where there is none that is whole."""
    folder = archive / INDEX_FOLDER
    known = None
    for _ in range(TRIES):
        for state in generations.all_of(folder):
            if state.format != generations.FORMAT_VERSION:
                raise ArchiveTrouble(f"The index of {archive} is of another version.", hint=ANEW)
            known = state
            try:
                return SearchIndex(folder, state)
            except PermissionError:
                raise
            except UNREADABLE:  # or replaced since its state was read: once more
                continue
    if known is None and generations.next_generation(folder) > 1:
        raise ArchiveTrouble(f"The index of {archive} is damaged: what it is made of cannot be read.", hint=ANEW)
    raise _damaged(archive, known) or ArchiveTrouble(f"{archive} has no index.", hint=MAKE)


def searched(archive: Path, work: Callable[[SearchIndex], T]) -> T:
    """Do something with an archive's index; once more with the next one, where it was replaced meanwhile.

    ArchiveTrouble where there is none that is whole. What goes wrong while a damaged index is read is told as
    that; of one that is as it was written, it is a bug of ours.
    """
    for _ in range(TRIES - 1):
        index = open_index(archive)
        try:
            return work(index)
        except (HamelinError, PermissionError):
            raise
        except Exception:
            state = next(generations.all_of(archive / INDEX_FOLDER), None)
            if state is not None and state.generation != index.state.generation:
                continue
            if trouble := _damaged(archive, index.state):
                raise trouble from None
            raise
    return work(open_index(archive))


def assert_whole(archive: Path, state: State, segments: Collection[str]) -> None:
    """Read all of the segments of these names; ArchiveTrouble where they are damaged."""
    stems = {segment.stem for segment in state.segments if segment.name in segments}
    if trouble := _damaged(archive, state, [name for name in state.files if name.partition(".")[0] in stems]):
        raise trouble


def _damaged(archive: Path, state: State | None, read: Container[str] | None = None) -> ArchiveTrouble | None:
    """Say which files of an index are damaged, if any: all are read, which takes a second a gigabyte, or some."""
    files = (
        generations.damaged(archive / INDEX_FOLDER, state, read=state.files if read is None else read) if state else []
    )
    if not files:
        return None
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return ArchiveTrouble(f"The index of {archive} is damaged ({files[0]}{more}).", hint=MEND)


class SearchIndex:
    """An index, opened: what `indexer.query.to_whoosh` asks for, and what is kept of each message."""

    def __init__(self, folder: Path, state: State) -> None:
        self.state = state
        self.messages = state.messages
        self.segments = [SegmentFiles(str(folder), segment.stem, segment.messages) for segment in state.segments]
        self._bases = [0, *accumulate(segment.messages for segment in state.segments)]

    def held(self, field: str, term: str) -> Iterator[tuple[int, Postings]]:
        """Give the postings of a term in each segment that has it, with the number of the segment's first message."""
        for base, segment in self._all():
            if found := segment.term(field, term):
                yield base, segment.postings(found)

    def begun(self, field: str, beginning: str, wanted: Callable[[str], bool]) -> Iterator[tuple[int, Postings]]:
        """Give the postings of the terms that begin so and are wanted, in each segment."""
        for base, segment in self._all():
            for text, found in segment.terms(field, beginning):
                if wanted(text):
                    yield base, segment.postings(found)

    def texts(self, field: str, beginning: str) -> set[str]:
        """Give the terms that begin so, of all segments."""
        return {text for segment in self.segments for text, _ in segment.terms(field, beginning)}

    def dated(self, first: int | None, before: int | None) -> Iterable[int]:
        """Give the numbers of the messages of a stretch of time; those without a date are in none."""
        for base, segment in self._all():
            dates = segment.dates
            start = 0 if first is None else bisect_left(dates, first)
            end = len(dates) if before is None else bisect_left(dates, before)
            undated, dated = bisect_left(dates, 0), bisect_left(dates, 1)
            yield from range(base + start, base + min(end, undated))
            yield from range(base + max(start, dated), base + end)

    def hit(self, number: int, score: int) -> Hit:
        """Give what a list of results shows of a message."""
        segment, inside = self._place(number)
        id, list_name, thread, subject, sender = segment.shown(inside)
        return Hit(number, id, list_name, thread, subject, sender, segment.dates[inside], score)

    def text(self, number: int) -> tuple[str, str, str]:
        """Give what the sender of a message wrote, what was quoted, and what its files say.

        White space is folded, and not all is there of what is long.
        """
        segment, inside = self._place(number)
        return segment.text(inside)

    def thread(self, number: int) -> int:
        """Give a number for the thread of a message."""
        segment, inside = self._place(number)
        return segment.threads[inside]

    def _place(self, number: int) -> tuple[SegmentFiles, int]:
        segment = bisect_left(self._bases, number + 1) - 1
        return self.segments[segment], number - self._bases[segment]

    def _all(self) -> Iterator[tuple[int, SegmentFiles]]:
        return zip(self._bases, self.segments, strict=False)


def search(
    tree: Node,
    index: SearchIndex,
    *,
    limit: int,
    sort: Sort = "relevance",
    threads: bool = False,
    known: frozenset[str] = frozenset(),
) -> Results:
    """Find what a query asks for: how many messages, and the best or newest of them.

    Equal scores: newest first, then by list and number. With `threads`, of each thread its best message only.
    Messages whose ids are `known` are left out.
    """
    scores = evaluate(tree, index)
    if known:
        scores = {number: score for number, score in scores.items() if index.hit(number, score).id not in known}
    if threads:
        return _threads(scores, index, limit, sort)
    chosen = _best(scores, limit, sort)
    return Results(len(scores), tuple(index.hit(number, scores[number]) for number in chosen))


def _best(scores: Scores, limit: int, sort: Sort) -> list[int]:
    """Give the numbers of the best messages; the newest have the highest."""
    if sort == "date":
        return heapq.nlargest(limit, scores)
    return [number for _, number in heapq.nlargest(limit, zip(scores.values(), scores, strict=True))]


def _threads(scores: Scores, index: SearchIndex, limit: int, sort: Sort) -> Results:
    """Let of each thread the best or newest message stand for all that were found."""
    best: dict[int, tuple[int, int]] = {}
    counts: dict[int, int] = {}
    for number, score in scores.items():
        thread, rank = index.thread(number), (score if sort == "relevance" else 0, number)
        counts[thread] = counts.get(thread, 0) + 1
        if thread not in best or rank > best[thread]:
            best[thread] = rank
    one_each = {number: scores[number] for _, number in best.values()}
    hits = (index.hit(number, scores[number]) for number in _best(one_each, limit, sort))
    return Results(len(best), tuple(hit.changed(in_thread=counts[index.thread(hit.number)]) for hit in hits))
