"""Our builder, fed with entries directly: an archive's folder that holds an index and nothing else.

    python -m bench.our_index ENTRIES ARCHIVE [--most N] [--processes 2]

Prints the CPU seconds of all processes, the wall's, and the most memory that all of them held at once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from pathlib import Path

from bench.entries import LIST, Entries
from indexer.generations import INDEX_FOLDER, State
from indexer.redaction import privacy_for
from indexer.refresh import BUILDING, FORMAT_VERSION, put_in_service
from indexer.segments import segments
from indexer.tasks import Task, build_all

LANGUAGES = {LIST: "en"}


def build(entries: Entries, archive: Path, most: int | None = None, processes: int | None = None) -> State:
    """Index the oldest so many entries, or all, into an archive's folder; what is redacted is told by all senders."""
    folder = archive / INDEX_FOLDER
    folder.mkdir(parents=True)
    dates = entries.dates()[:most]
    privacy = privacy_for(entries.senders(most))
    tasks = [
        Task(entries, folder / BUILDING / str(start), range(start, end), LANGUAGES, privacy, _digest(start, end))
        for start, end in segments(dates)
    ]
    made = {segment.digest: segment for segment in build_all(tasks, processes or os.cpu_count() or 1)}
    chosen = tuple(made[task.digest] for task in tasks)
    state = State(1, 0, "", LANGUAGES, tuple(sorted(privacy.exceptions)), chosen, format=FORMAT_VERSION)
    put_in_service(folder, state, [task.folder for task in tasks])
    return state


def _digest(start: int, end: int) -> str:
    return hashlib.sha256(f"{start} {end}".encode()).hexdigest()


def main() -> None:
    """Build, and tell what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", type=Path)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--most", type=int)
    parser.add_argument("--processes", type=int)
    options = parser.parse_args()
    began = time.perf_counter()
    state = build(Entries(options.entries), options.archive, options.most, options.processes)
    times = os.times()
    print(f"{state.messages:,} messages in {len(state.segments)} segments: {sum(times[:4]):.1f} CPU s", end=", ")
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
