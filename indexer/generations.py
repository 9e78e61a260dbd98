"""Which segments of an index are in service: its generations, the newest of which counts.

    _MAIN_7.toc      Whoosh's table of contents; with its appearance generation 7 is in service
    state_7.json     written before it: of what it was made, and its segments, oldest messages first
    MAIN_abc….*      the files of a segment, never changed

A generation with a table of contents that lacks a state, or files, is damaged: the one before
counts. A state ends with a checksum of itself, and tells the size and digest of every other file, so that
damage is found. Nothing is written into segments here, and Whoosh is not needed to read a state.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.pattern import pattern
from indexer.seal import is_whole, sealed
from indexer.value import Value

if TYPE_CHECKING:
    import re

DIGEST_LETTERS: Final = 32
INDEX_FOLDER: Final = "index"  # of an archive
FORMAT_VERSION: Final = 8
"""Grows whenever the same messages would be indexed differently; an older index is made anew."""
TABLE_OF_CONTENTS: Final = pattern(r"_MAIN_(\d+)\.toc\Z")
STATE: Final = pattern(r"state_(\d+)\.json\Z")
SEGMENT_FILE: Final = pattern(r"MAIN_(?P<name>\w+)\.")
NEEDED_FILES: Final = ("lookup", "trm", "pst", "_stored.col", "date.col", "thread.col", "text.col")


Mark = Sequence[int | str]
"""A file's size and digest, by which it is known to be whole."""


class Segment(Value):
    """A segment in service: its name, how many messages it holds, and a digest of all it was made of."""

    name: str
    messages: int
    digest: str

    @property
    def stem(self) -> str:
        """The name of its files before the dot."""
        return f"MAIN_{self.name}"


class State(Value):
    """A generation of an index.

    `revision` is the store's when it was made, `settings` a digest of what else it depends on,
    `languages` the language of each list, `exceptions` the addresses that redaction had to be told of,
    `files` size and digest of each file that belongs to it, `format` the FORMAT_VERSION of who made it.
    """

    generation: int
    revision: int
    settings: str
    languages: dict[str, str]
    exceptions: tuple[str, ...]
    segments: tuple[Segment, ...]
    files: dict[str, Mark] = {}  # noqa: RUF012  # never changed
    format: int = 0  # of indexes that were made before it was written down

    @property
    def messages(self) -> int:
        """How many messages the index holds."""
        return sum(segment.messages for segment in self.segments)


def newest(folder: Path) -> State | None:
    """Give the newest generation that has all its files; None when there is none."""
    return next((state for state in all_of(folder) if _has_its_files(folder, state)), None)


def mendable(folder: Path) -> State | None:
    """Give the newest generation that has all its files, else the newest that knows which it should have."""
    states = sorted(_numbers(folder, STATE), reverse=True)
    known = (state for generation in states if (state := _read(folder, generation)))
    return newest(folder) or next(known, None)


def damaged(folder: Path, state: State, *, read: Container[str] = ()) -> list[str]:
    """Name the files of a generation that are not as they were written, missing ones too.

    What has another size is damaged. What was written to after its generation was made is read and compared with
    its digest; so are the files whose names stand in `read`.
    """
    try:
        made = (folder / _state_name(state.generation)).stat().st_mtime_ns
    except OSError:  # another process put the next generation in service
        made = 0
    return [name for name, mark in state.files.items() if not _is_whole(folder / name, mark, made, name in read)]


def mark_of(path: Path) -> Mark:
    """Give the mark of a file that was just written; OSError when it cannot be read."""
    return path.stat().st_size, digest_of(path)


def _is_whole(path: Path, mark: Mark, made: int, read: bool) -> bool:
    size, digest = mark
    try:
        found = path.stat()
        return found.st_size == size and (not (read or found.st_mtime_ns > made) or digest_of(path) == digest)
    except OSError:
        return False


def all_of(folder: Path) -> Iterator[State]:
    """Give the generations that have a table of contents and a state, the newest first; files may be missing."""
    for generation in sorted(_numbers(folder, TABLE_OF_CONTENTS), reverse=True):
        if state := _read(folder, generation):
            yield state


def _has_its_files(folder: Path, state: State) -> bool:
    return all((folder / f"{s.stem}.{e}").exists() for s in state.segments for e in NEEDED_FILES)


def next_generation(folder: Path) -> int:
    """Give a number that no generation has had, damaged ones neither."""
    return 1 + max((*_numbers(folder, TABLE_OF_CONTENTS), *_numbers(folder, STATE), 0))


def write(folder: Path, state: State) -> Path:
    """Write a state; it counts once its table of contents is there."""
    path = folder / _state_name(state.generation)
    values = {**state.as_dict(), "segments": [segment.as_dict() for segment in state.segments]}
    path.write_text(sealed(json.dumps(values, indent=1)), "utf-8")
    return path


def digest_of(path: Path) -> str:
    """Give the digest of a file; OSError when it cannot be read."""
    import hashlib  # which a search can do without

    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:DIGEST_LETTERS]


def leftovers(folder: Path, kept: State | None) -> list[Path]:
    """Name the files of an index's folder that belong to no generation but one: of kills, and of the past."""
    names = {segment.name for segment in kept.segments} if kept else set()
    generation = kept.generation if kept else None
    return [path for path in sorted(folder.iterdir()) if _is_left_over(path.name, generation, names)]


def _is_left_over(file: str, generation: int | None, segments: set[str]) -> bool:
    if segment := SEGMENT_FILE.match(file):
        return segment["name"] not in segments
    if counted := TABLE_OF_CONTENTS.match(file) or STATE.match(file):
        return int(counted[1]) != generation
    return file.startswith("_MAIN_")  # a table of contents that was not finished


def _numbers(folder: Path, name: re.Pattern[str]) -> list[int]:
    if not folder.is_dir():
        return []
    return [int(found[1]) for path in folder.iterdir() if (found := name.match(path.name))]


def _state_name(generation: int) -> str:
    return f"state_{generation}.json"


def _read(folder: Path, generation: int) -> State | None:
    """Read a state; None when there is none, or it is damaged. Of another format, what can be read of it."""
    with suppress(FileNotFoundError, IsADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        text = (folder / _state_name(generation)).read_text("utf-8")
        values = json.loads(text)
        if values.get("format") == FORMAT_VERSION and not is_whole(text):
            return None
        if isinstance(values.get("format"), int) and values["format"] > FORMAT_VERSION:  # whose form we cannot know
            return State(generation, -1, "", {}, (), (), {}, values["format"])
        known = {name: values[name] for name in State.__match_args__ if name in values}
        known["segments"] = tuple(Segment(**segment) for segment in values["segments"])
        state = State(**{**known, "exceptions": tuple(values["exceptions"])})
        return state if state.generation == generation else None
    return None
