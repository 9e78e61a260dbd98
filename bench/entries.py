"""The entries of a list's volume texts as messages, unmerged: what every engine of the benchmarks is fed with.

    python -m bench.entries VOLUMES FILE        # VOLUMES: a folder of .txt and .txt.gz; FILE is made

Each entry is a message of its own, though a server archived it twice: so the numbers compare with those of engines
that know nothing of merging. They are put into threads as `hamelin index` does it. FILE holds one pickle behind
the other, oldest message first, then their headings, and last the places of all: a builder reads them as it likes.
"""

from __future__ import annotations

import pickle
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from crawler.message import Attachment, Heading, Message, key
from crawler.parse.compose import ParsedEntry
from crawler.parse.volume import VolumeSource, read_volume
from indexer.segments import in_order
from indexer.threads import thread_keys

LIST = "twisted-python"
PLACE = struct.Struct("<q")


@dataclass(frozen=True)
class Entries:
    """Entries on disk, opened where they are read: it travels to other processes as a path."""

    path: Path

    @cached_property
    def _known(self) -> tuple[array[int], list[Heading]]:
        with self.path.open("rb") as file:
            file.seek(-PLACE.size, 2)
            file.seek(PLACE.unpack(file.read(PLACE.size))[0])
            known: tuple[array[int], list[Heading]] = pickle.load(file)
            return known

    def __getstate__(self) -> Path:
        return self.path

    def __setstate__(self, path: Path) -> None:
        self.__dict__["path"] = path

    def __len__(self) -> int:
        return len(self._known[0])

    def headings(self) -> list[Heading]:
        """Give what tells of their order, the oldest first."""
        return self._known[1]

    def read(self, numbers: Sequence[int]) -> Iterator[tuple[Message, list[None]]]:
        """Read messages by their numbers; none of their files is held."""
        places = self._known[0]
        with self.path.open("rb") as file:
            for number in numbers:
                file.seek(places[number])
                message = pickle.load(file)
                yield message, [None] * len(message.attachments)

    def senders(self) -> list[str]:
        """Give the addresses of all senders."""
        return sorted({m.from_address for m, _ in self.read(range(len(self))) if m.from_address})


def make(volumes: Path, path: Path, most: int | None = None) -> Entries:
    """Read the volumes of a folder into a file of entries; `most` takes the oldest so many."""
    messages = {message.id: message for volume in sorted(volumes.glob("*.txt*")) for message in _volume(volume)}
    headings = in_order(_heading(message) for message in messages.values())
    threads = thread_keys(headings)
    places = array("q")
    with path.with_suffix(".new").open("wb") as file:
        for heading in headings[:most]:
            places.append(file.tell())
            pickle.dump(replace(messages[heading.id], thread=threads[heading.id]), file, 5)
        end = file.tell()
        pickle.dump((places, headings[:most]), file, 5)
        file.write(PLACE.pack(end))
    path.with_suffix(".new").rename(path)
    return Entries(path)


def _volume(path: Path) -> Iterator[Message]:
    name = path.name.partition(".txt")[0]
    source = VolumeSource(LIST, f"https://example.org/pipermail/{LIST}/", name, None, None, (path.read_bytes(),), {})
    for place, entry in enumerate(read_volume(source)[0]):
        yield _message(entry, source, place)


def _message(entry: ParsedEntry, source: VolumeSource, place: int) -> Message:
    date = entry.epoch and datetime.fromtimestamp(entry.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    known = Attachment.__dataclass_fields__.keys() - {"sha256", "status"}
    parts = tuple(
        Attachment(sha256=None, status="missing", **{name: getattr(notice, name, None) for name in known})
        for notice in entry.notices
    )
    same = {name: getattr(entry, name) for name in SAME}
    id = key(source.list_name, f"{source.name} {place}")
    return Message(
        list=source.list_name, list_url=source.list_url, id=id, volume=source.name, number=place, page=None, pages=(),
        date=date, attachments=parts, thread=None, **same,
    )  # fmt: skip


SAME = (
    "message_id", "in_reply_to", "references", "from_name", "from_address", "date_raw", "subject", "body", "defects",
)  # fmt: skip


def _heading(message: Message) -> Heading:
    date = int(datetime.fromisoformat(message.date).timestamp()) if message.date else None
    known = {name: getattr(message, name) for name in Heading.__dataclass_fields__ if name != "date"}
    return Heading(date=date, **known)


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1]), Path(sys.argv[2]))):,} entries")
