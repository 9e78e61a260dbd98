"""The entries of a list's volume texts as messages, unmerged: what every engine of the benchmarks is fed with.

    python -m bench.entries VOLUMES FILE        # VOLUMES: a folder of .txt and .txt.gz; FILE is made

Each entry is a message of its own, though a server archived it twice: so the numbers compare with those of engines
that know nothing of merging. They are put into threads as `hamelin index` does it. FILE holds one pickle behind
the other, oldest message first, then the places of all, their dates and senders: a builder reads them as it likes.
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
from typing import BinaryIO

from crawler.message import Attachment, Heading, Message, key
from crawler.parse.compose import ParsedEntry
from crawler.parse.volume import VolumeSource, read_volume
from indexer.segments import in_order
from indexer.tasks import Endings, Readings
from indexer.threads import thread_keys

LIST = "twisted-python"
END = struct.Struct("<qq")  # of the file: where the places begin and then the dates, and where the senders do


@dataclass(frozen=True)
class Entries:
    """Entries on disk, opened where they are read: it travels to other processes as a path."""

    path: Path

    @cached_property
    def _numbers(self) -> array[int]:
        with self.path.open("rb") as file:
            start, end = self._ends(file)
            file.seek(start)
            return array("q", file.read(end - start))

    def __getstate__(self) -> Path:
        return self.path

    def __setstate__(self, path: Path) -> None:
        self.__dict__["path"] = path

    def __len__(self) -> int:
        return len(self._numbers) // 2

    def dates(self) -> Sequence[int]:
        """Give their dates in seconds since 1970 UTC, 0 for none, the oldest first."""
        return self._numbers[len(self) :]

    def senders(self, most: int | None = None) -> list[str]:
        """Give the addresses of all senders, or of the oldest so many entries."""
        with self.path.open("rb") as file:
            file.seek(self._ends(file)[1])
            return sorted(set(filter(None, pickle.load(file)[:most])))

    def read(self, numbers: Sequence[int]) -> Iterator[tuple[Message, Readings, Endings]]:
        """Read messages by their numbers; none of their files is held, and nothing was learned of their ends."""
        with self.path.open("rb") as file:
            for number in numbers:
                file.seek(self._numbers[number])
                message = pickle.load(file)
                yield message, [None] * len(message.attachments), ()

    @staticmethod
    def _ends(file: BinaryIO) -> tuple[int, int]:
        file.seek(-END.size, 2)
        start, end = END.unpack(file.read(END.size))
        return start, end


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
        start = file.tell()
        file.write(places.tobytes() + array("q", [heading.date or 0 for heading in headings[:most]]).tobytes())
        end = file.tell()
        pickle.dump([messages[heading.id].from_address for heading in headings[:most]], file, 5)
        file.write(END.pack(start, end))
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
