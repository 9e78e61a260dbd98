"""Segments that are to be made: each of which messages, where they are read and where it is written, on all cores.

A task travels to another process whole. Where messages come from is told by a `Source`: an archive's
store, or anything else that gives them by a key, as the benchmarks do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from crawler.message import Message
from crawler.store import Store
from indexer.analysis import language_stems
from indexer.body.endings import Ending
from indexer.contents import contents
from indexer.files.reading import Reading
from indexer.files.texts import Texts
from indexer.generations import Segment
from indexer.learned import endings_of
from indexer.readable import readable
from indexer.redaction import Privacy
from indexer.workers import pool_of

# Messages to be indexed, from which on a second process is worth its start and the words that it must learn anew: for
# 5,000 two take a fifth more of the processor's time than one, and save a second where a core is idle.
WORTH_A_PROCESS: Final = 6000


class Source(Protocol):
    """Where messages are read: it travels to other processes, and opens what it reads there."""

    def read(self, keys: Sequence[Any]) -> Iterator[tuple[Message, Readings, Endings]]:
        """Give messages by their keys, in that order, each with what came of its files and the endings it can have."""


Readings = Sequence[Reading | None]
"""Of a message's attachments, in their order; None for one that was not read."""
Endings = Sequence[Ending]
"""What the list's mails taught of a message's end."""


@dataclass(frozen=True, slots=True)
class StoreSource:
    """An archive's store and the texts of its files; keys are ids."""

    archive: Path

    def read(self, keys: Sequence[str]) -> Iterator[tuple[Message, Readings, Endings]]:
        """Give messages by their ids."""
        with Store.open(self.archive) as store, Texts.open(self.archive) as texts:
            charsets = {known.name: known.charset for known in store.lists()}
            for id in keys:
                message = store.message(id)
                if message is None:
                    raise LookupError(f"message {id} went away while the archive was locked")
                yield message, texts.readings(message, charsets[message.list]), endings_of(store, id)


@dataclass(frozen=True, slots=True)
class Task:
    """A segment to be made: of which messages, oldest first, in which folder, and with what in mind.

    `languages` are those of the lists by name; `digest` is of all that the segment is made of.
    """

    source: Source
    folder: Path
    keys: Sequence[Any]
    languages: dict[str, str]
    privacy: Privacy
    digest: str


def build_all(tasks: Sequence[Task], processes: int) -> Iterator[Segment]:
    """Build segments, the largest first, in other processes where that saves time."""
    tasks = sorted(tasks, key=lambda task: len(task.keys), reverse=True)
    count = min(processes, len(tasks))
    if count < 2 or sum(len(task.keys) for task in tasks) < WORTH_A_PROCESS:
        yield from map(build_segment, tasks)
        return
    with pool_of(count) as pool:
        yield from pool.map(build_segment, tasks)


def build_segment(task: Task) -> Segment:
    """Build a segment in the folder of its task."""
    from indexer.build import SegmentWriter  # numpy and Whoosh take long to import; often nothing is built

    task.folder.mkdir(parents=True)
    writer = SegmentWriter(task.folder, _vocabularies())
    for whole, readings, endings in task.source.read(task.keys):
        field = "stems" if language_stems(task.languages[whole.list]) else "words"
        writer.add(contents(readable(whole, readings, task.privacy, endings), whole), field)
    name, messages = writer.finish()
    return Segment(name, messages, task.digest)


@cache
def _vocabularies() -> Any:
    """Give the vocabularies that serve all segments that a process builds: what they have met comes again."""
    from indexer.build import vocabularies

    return vocabularies()
