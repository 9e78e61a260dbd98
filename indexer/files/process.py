"""Reading files in processes that may die: each file has a time and a memory limit, and a crash costs that file alone.

    command ──file──▶ process (memory limited) ──text──▶ command
               └── no answer in time: killed, a new one takes its place

A process reads many files, one at a time. It ends when its command does, and by itself when a file has taken more
processor time than any may: so that a loop in a C library does not outlive a command that was killed.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Final

from crawler.parse.media import told
from indexer.files.reading import File, Reading, Status, available, reader_for
from indexer.workers import end_with_the_command

MOST_BYTES: Final = 50_000_000  # of a file that is read
SECONDS: Final = 20.0  # for a file
MEMORY: Final = 1 << 30  # bytes of address space of a process
GRACE: Final = 5  # seconds of processor time above SECONDS after which the system ends a process


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: seconds, bytes of memory, and bytes of its own."""

    seconds: float = SECONDS
    memory: int = MEMORY
    size: int = MOST_BYTES


USUAL: Final = Limits()

Task = tuple[str, File]
"""A file, and a name by which its reading is known."""


def read_files(tasks: Iterator[Task], processes: int, limits: Limits = USUAL) -> Iterator[tuple[str, Reading]]:
    """Read files in so many processes; give each name with what came of it, in the order in which they end."""
    crew = [_Process(limits) for _ in range(processes)]
    try:
        while True:
            for one in crew:
                while one.idle and (task := next(tasks, None)):
                    yield from one.begin(task)
            busy = [one for one in crew if not one.idle]
            if not busy:
                return
            left = max(0.0, min(one.deadline for one in busy) - time.monotonic())
            wait([one.connection for one in busy], timeout=left)
            for one in busy:
                yield from one.end()
    finally:
        for one in crew:
            one.stop()


class _Process:
    """A process that reads one file after the other, and its successors."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._name, self._file, self.deadline = "", _NOTHING, 0.0
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")  # forks of a process with threads can hang
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._limits), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def idle(self) -> bool:
        """Say whether it waits for a file."""
        return not self._name

    def begin(self, task: Task) -> Iterator[tuple[str, Reading]]:
        """Hand it a file; one that is too large is answered at once."""
        name, file = task
        if len(file.data) > self._limits.size:
            yield name, _failed(file, "too_large")
            return
        self._name, self._file = name, file
        self.deadline = time.monotonic() + self._limits.seconds
        with suppress(OSError):  # it died before it had all: `end` finds out
            self.connection.send(file)

    def end(self) -> Iterator[tuple[str, Reading]]:
        """Take its answer, if it has one, is dead, or is out of time."""
        reading = self._answer()
        if reading is None:
            return
        name, self._name, self._file = self._name, "", _NOTHING
        if reading.status in _ENDED:
            self.stop()
            self._start()
        yield name, reading

    def _answer(self) -> Reading | None:
        try:
            if self.connection.poll():
                reading: Reading = self.connection.recv()
                return reading
        except (EOFError, OSError):
            return _failed(self._file, "crashed")
        return _failed(self._file, "too_slow") if time.monotonic() > self.deadline else None

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self.connection.close()


_NOTHING: Final = File("other", None, None, b"")
_ENDED: Final[frozenset[Status]] = frozenset(["crashed", "too_slow", "too_much_memory"])


def _failed(file: File, status: Status) -> Reading:
    reader = reader_for(file.kind, told(file.type), file.data)
    return Reading(status, told(file.type), "", reader, available().get(reader, 0))


def _serve(connection: Connection, limits: Limits) -> None:
    """Read files as they come; the work of a process."""
    from indexer.files.readers import read_file  # lxml, nh3 and the rest are for this process alone

    end_with_the_command()
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    while True:
        try:
            file: File = connection.recv()
        except (EOFError, OSError):
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + int(limits.seconds) + GRACE, resource.RLIM_INFINITY))
        try:
            reading = read_file(file)
        except MemoryError:
            reading = _failed(file, "too_much_memory")
        connection.send(reading)
