"""removals.jsonl: the messages that an archive's owner took out, kept apart from all that is derived.

One JSON object a line, only ever appended to; the last line about a message counts. Every step reads it, so
that what was taken out stays out of index, pack, site and export, whatever is made anew. Of a message that was
purged it tells how to know it again in what a server sends, and nothing of what it said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from crawler.errors import ArchiveTrouble

REMOVALS_FILE = "removals.jsonl"


@dataclass(frozen=True, slots=True)
class Removal:
    """A message that was taken out.

    `old` are the paths below the list's address that led to it: pages, and folders of attachments. The rest
    is there for purged ones only: `by_id` says that its Message-ID, of which `id` is made, alone tells it;
    `prints` are fingerprints of its text, `files` of its attachments' paths (excise.py makes them).
    `undone` says that it is back.
    """

    id: str
    list: str = ""
    thread: str | None = None
    volumes: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    removed: str | None = None
    reason: str | None = None
    purged: bool = False
    by_id: bool = False
    prints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    undone: bool = False

    @property
    def pages(self) -> tuple[str, ...]:
        """Give the paths of its pages."""
        return tuple(path for path in self.old if path.endswith(".html"))


@dataclass(frozen=True, slots=True)
class Removals:
    """All that is taken out of an archive, by the message's id."""

    by_id: dict[str, Removal] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.by_id)

    def __contains__(self, id: object) -> bool:
        return id in self.by_id

    def __iter__(self) -> Iterator[Removal]:
        return iter(self.by_id.values())

    def of_list(self, name: str) -> list[Removal]:
        """Give those of a list."""
        return [removal for removal in self if removal.list == name]

    def purged(self, name: str, volume: str | None = None) -> list[Removal]:
        """Give those of a list, or of one of its volumes, that are purged."""
        found = [removal for removal in self.of_list(name) if removal.purged]
        return found if volume is None else [removal for removal in found if volume in removal.volumes]


def load(folder: Path) -> Removals:
    """Read an archive's removals; none where there is no file.

    A last line that a kill cut is passed over. ArchiveTrouble at any other line that cannot be read: what
    somebody took out must not come back by a slip of the pen.
    """
    path = folder / REMOVALS_FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Removals()
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveTrouble(f"{path} cannot be read: {error}.", hint="Mend the file, or its permissions.") from error
    found: dict[str, Removal] = {}
    *lines, rest = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            removal = _read(line, path, number)
            found.pop(removal.id, None)
            if not removal.undone:
                found[removal.id] = removal
    if rest.strip():  # without its line's end: whole all the same if a person wrote it
        try:
            removal = _read(rest, path, len(lines) + 1)
        except ArchiveTrouble:
            return Removals(found)
        found[removal.id] = removal
    return Removals({id: removal for id, removal in found.items() if not removal.undone})


def append(folder: Path, removals: Iterable[Removal]) -> None:
    """Write removals down; on the disk before anything is made of them."""
    path = folder / REMOVALS_FILE
    lines = "".join(json.dumps(_row(removal), ensure_ascii=False) + "\n" for removal in removals)
    try:
        with path.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                lines = lines if file.read(1) == b"\n" else "\n" + lines  # a kill, or a person, left a line open
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        hint = "Make room, or mend its permissions; nothing was taken out yet."
        raise ArchiveTrouble(f"{path} cannot be written: {error.strerror}.", hint=hint) from error


def _row(removal: Removal) -> dict[str, Any]:
    """Leave out what says nothing."""
    return {name: value for name, value in asdict(removal).items() if value not in (None, (), "", False)}


def _read(line: str, path: Path, number: int) -> Removal:
    try:
        row = json.loads(line)
        known = {f.name for f in fields(Removal)}
        values: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in row.items() if name in known
        }
        if not isinstance(values.get("id"), str):
            raise TypeError
        return Removal(**values)
    except (ValueError, TypeError, AttributeError) as error:
        hint = 'A line is an object with the message\'s id: {"id": "…"}.'
        raise ArchiveTrouble(f"Line {number} of {path} cannot be read.", hint=hint) from error
