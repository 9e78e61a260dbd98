"""What was sent over the wire, kept and found again: WARC 1.1 files below warc/.

`WarcWriter` puts each answer down as it came, with the request that asked for it; `WarcReader`
gives back the payload of a capture; `scan` reads all records in order, which is enough to make the
captures of archive.sqlite again. Nothing that was written is ever changed: each run writes to a
file of its own, named NAME.warc.gz.open until it ends well. Whether an answer is a good one is
judged elsewhere (verdict.py); which captures are held is the keeper's business.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import re
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from crawler.config import load
from crawler.encodings import LIMIT, PackingTrouble, unpack
from crawler.errors import ArchiveTrouble
from crawler.moves import Homes
from crawler.noarchive import asks_not_to
from crawler.store import Capture
from crawler.warc_records import (
    ASKED,
    FILE_STATUS,
    LIST,
    REFERS_TO,
    VERDICT,
    VOLUME,
    Answer,
    Labels,
    exchange,
    field,
    warcinfo,
)

FOLDER = "warc"
SUFFIX, OPEN_SUFFIX = ".warc.gz", ".open"
FILE_NAME = re.compile(r"hamelin-(\d+)-\d{14}\.warc\.gz(?:\.open)?")  # made by _new_name
RECORD_START = b"WARC/"
DIGESTS = frozenset({"md5", "sha1", "sha256", "sha512"})
MEMBER_START = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: gzip's two bytes and the method, deflate
ROTATE_AT = 1 << 30  # bytes of a file, from which on the next record goes to a new one
OPEN_FILES = 8  # that a reader keeps open
BLOCK = 1 << 16  # bytes read at once

HEAD_END = b"\r\n\r\n"
CAPTURED = ("response", "revisit", "resource")  # records that hold something of an archive

TRANSIENT = frozenset({408, 429, *range(500, 600)})  # statuses of a server's passing trouble: never a capture


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record starts: a file name below warc/, an offset in bytes."""

    warc: str
    offset: int


@dataclass(frozen=True, slots=True)
class Member:
    """A stretch of a file, in bytes: a whole record unpacked, or one that cannot be read (`record` is None)."""

    offset: int
    size: int
    record: bytes | None


class WarcWriter:
    """Write exchanges to one new file of a folder, made when there is something to write; end it with `close`."""

    def __init__(self, folder: Path, *, software: str = "Hamelin", rotate_at: int = ROTATE_AT) -> None:
        self.folder = folder / FOLDER
        self.software, self.rotate_at = software, rotate_at
        self._file: FileIO | None = None
        self._name, self._torn = "", False

    def write(self, answer: Answer, labels: Labels) -> Place:
        """Put a response and its request down, given to the system at once; give the response's place."""
        return self._append(exchange(answer, labels))

    def write_revisit(self, answer: Answer, labels: Labels, held: Capture) -> None:
        """Put down that an answer had the very payload of a held capture, and where that is."""
        self._append(exchange(answer, labels, held))

    def write_record(self, record: bytes) -> Place:
        """Put a record down as it is."""
        return self._append(gzip.compress(record, 9, mtime=0))

    def close(self) -> None:
        """End the file and give it its final name; one that could not be written to its end stays marked."""
        if self._file:
            if not self._torn:
                os.fsync(self._file.fileno())
                finish(self.folder.parent, self._name)
            self._file.close()
            self._file = None

    def _append(self, data: bytes) -> Place:
        """Write one exchange in one piece, so that a kill can tear the last one only."""
        try:
            if self._file and self._file.tell() >= self.rotate_at:
                self.close()
            file = self._file or self._begin()
            place = Place(self._name, file.tell())
            _write_all(file, data)
        except OSError as error:
            self._torn = True
            raise ArchiveTrouble(
                f"{self.folder} cannot be written: {error.strerror}.",
                hint="Make room and run the same command again: what was fetched is kept.",
            ) from error
        return place

    def _begin(self) -> FileIO:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._name = _new_name(self.folder)
        self._file = FileIO(self.folder / (self._name + OPEN_SUFFIX), "x")
        _write_all(self._file, warcinfo(self._name, self.software, time.time()))
        return self._file


class WarcReader:
    """Find payloads by their capture; it keeps a few files open until `close`."""

    def __init__(self, folder: Path, *, limit: int = LIMIT) -> None:
        self.folder, self.limit = folder / FOLDER, limit
        self._files: OrderedDict[str, BinaryIO] = OrderedDict()
        self.homes = Homes(load(folder).lists)

    def payload(self, capture: Capture) -> bytes:
        """Give a capture's payload, its content encodings undone.

        ArchiveTrouble when warc/ does not hold what the database says; PackingTrouble when the payload
        cannot be unpacked, or only to more than the limit (a good capture's can).
        """
        head, body = self.response(Place(capture.warc, capture.offset))
        return unpack(body, field(head, "Content-Encoding"), self.limit)

    def response(self, place: Place) -> tuple[bytes, bytes]:
        """Give the head and the body of the response at a place, as sent; of a file, no head and its bytes."""
        try:
            member = next(members(self._open(place.warc), place.offset), None)
        except OSError as error:
            raise _lost(place, self.folder) from error
        record = member.record if member and member.record else b""
        block = block_of(record) if record else None
        if block is None:
            raise _lost(place, self.folder)
        return parted(record, block)

    def close(self) -> None:
        """Close what is open."""
        while self._files:
            self._files.popitem()[1].close()

    def __enter__(self) -> WarcReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, name: str) -> BinaryIO:
        if name in self._files:
            self._files.move_to_end(name)
            return self._files[name]
        self._files[name] = file = path_of(self.folder, name).open("rb")
        if len(self._files) > OPEN_FILES:
            self._files.popitem(last=False)[1].close()
        return file


def scan(folder: Path, names: Iterable[str] | None = None) -> Iterator[Capture]:
    """Read the captures of all records (or of the files named), in the order in which they were written.

    A torn or damaged record is passed over. Redirects and answers of a server's passing trouble
    are no captures. An address can come several times: the last good one is what is held.
    """
    with WarcReader(folder) as reader:
        for name in files(folder) if names is None else names:
            yield from _captures(reader, name)


def files(folder: Path) -> list[str]:
    """Name the WARC files of an archive, oldest first, as captures name them."""
    with suppress(FileNotFoundError, NotADirectoryError):
        names = {name.removesuffix(OPEN_SUFFIX) for name in os.listdir(folder / FOLDER)}
        return sorted(name for name in names if name.endswith(SUFFIX))
    return []


def unfinished(folder: Path) -> list[str]:
    """Name the files of runs that did not end well, or go on."""
    return [name for name in files(folder) if (folder / FOLDER / (name + OPEN_SUFFIX)).exists()]


def finish(folder: Path, name: str) -> None:
    """Take the mark of an unfinished file from its name."""
    (folder / FOLDER / (name + OPEN_SUFFIX)).rename(folder / FOLDER / name)


def capture_of(answer: Answer, labels: Labels, place: Place) -> Capture:
    """Make the capture of an answer; size and digest are those of the payload that `WarcReader.payload` gives."""
    return _capture(answer.head, answer.body, labels, place, int(answer.asked_at))


def _captures(reader: WarcReader, name: str) -> Iterator[Capture]:
    with path_of(reader.folder, name).open("rb") as file:
        for member in members(file):
            capture = capture_in(reader, Place(name, member.offset), member.record) if member.record else None
            if capture:
                yield capture


def capture_in(reader: WarcReader, place: Place, record: bytes) -> Capture | None:
    """Give the capture that a record is; None for one that is none, is not as its digest says, or refers to such."""
    head, _, _ = record.partition(HEAD_END)
    block = block_of(record)
    if block is None or field(head, "WARC-Type") not in CAPTURED or unsound(head, block):
        return None
    sent, body = parted(record, block)
    if refers := field(head, REFERS_TO):
        warc, _, at = refers.rpartition(" ")
        place = Place(warc, int(at))
        try:
            body = reader.response(place)[1]
        except ArchiveTrouble:
            return None
    labels = _labels(head, sent)
    if labels.verdict in TRANSIENT or 300 <= labels.verdict < 400:
        return None
    return reader.homes.at_home(_capture(sent, body, labels, place, _seconds(field(head, "WARC-Date"))))


def _labels(head: bytes, sent: bytes) -> Labels:
    asked = field(head, ASKED) or field(head, "WARC-Target-URI") or ""
    verdict = int(field(head, VERDICT) or (sent.split(b" ", 2)[1] if sent else FILE_STATUS))
    return Labels(field(head, LIST) or "", field(head, VOLUME), asked, verdict)


def _capture(head: bytes, body: bytes, labels: Labels, place: Place, asked_at: int) -> Capture:
    with suppress(PackingTrouble):
        body = unpack(body, field(head, "Content-Encoding"))
    return Capture(
        url=labels.asked, list=labels.list, volume=labels.volume, status=labels.verdict, fetched_at=asked_at,
        etag=field(head, "ETag"), last_modified=field(head, "Last-Modified"),
        sha256=hashlib.sha256(body).hexdigest(), size=len(body), warc=place.warc, offset=place.offset,
        noarchive=asks_not_to(head, body),
    )  # fmt: skip


def members(file: BinaryIO, offset: int = 0) -> Iterator[Member]:
    """Give what stands in a file from an offset on, record by record.

    One that is torn or damaged is given without its record, and the next whole one follows.
    """
    while True:
        file.seek(offset)
        for member in _whole_members(file, offset):
            yield member
            offset = member.offset + member.size
        end = _next_start(file, offset + 1)
        if end > offset:
            yield Member(offset, end - offset, None)
        if end <= offset or end >= file.seek(0, os.SEEK_END):
            return
        offset = end


def _whole_members(file: BinaryIO, offset: int) -> Iterator[Member]:
    """Give each whole record from where a file stands, up to its end or the first that is not whole."""
    data = b""
    while True:
        unpacker, parts, size = zlib.decompressobj(zlib.MAX_WBITS | 16), [], 0
        while not unpacker.eof:
            data = data or file.read(BLOCK)
            if not data:
                return
            try:
                parts.append(unpacker.decompress(data))
            except zlib.error:
                return
            size, data = size + len(data), b""
        data = unpacker.unused_data
        record, size = b"".join(parts), size - len(data)
        if not record.startswith(RECORD_START):  # a packed text inside a damaged record can look like one
            return
        yield Member(offset, size, record)
        offset += size


def _next_start(file: BinaryIO, offset: int) -> int:
    """Give where the next record may start, at this offset or behind it; the file's end when there is none."""
    last = b""
    file.seek(offset)
    while data := file.read(BLOCK):
        found = (last + data).find(MEMBER_START)
        if found >= 0:
            return offset - len(last) + found
        offset, last = offset + len(data), (last + data)[1 - len(MEMBER_START) :]
    return file.seek(0, os.SEEK_END)


def block_of(record: bytes) -> bytes | None:
    """Give a WARC record's block; None when it is shorter than its head says."""
    head, _, rest = record.partition(HEAD_END)
    length = int(field(head, "Content-Length") or -1)
    return rest[:length] if 0 <= length <= len(rest) else None


def unsound(head: bytes, block: bytes) -> bool:
    """Say whether a record's block is not what its digest says (WARC 1.1, 5.8); one in an unknown form says nothing."""
    name, _, said = (field(head, "WARC-Block-Digest") or "").partition(":")
    if name.lower() not in DIGESTS:
        return False
    found = hashlib.new(name.lower(), block).digest()
    return said.upper() not in (base64.b32encode(found).decode(), found.hex().upper())


def parted(record: bytes, block: bytes) -> tuple[bytes, bytes]:
    """Part a record's block into the head of the answer and its body; a file has no head."""
    if field(record.partition(HEAD_END)[0], "WARC-Type") == "resource":
        return b"", block
    head, _, body = block.partition(HEAD_END)
    return head + HEAD_END, body


def _seconds(date: str | None) -> int:
    return int(datetime.fromisoformat(date or "1970-01-01T00:00:00Z").timestamp())


def _write_all(file: FileIO, data: bytes) -> None:
    """Write to the last byte: on a full disk the system takes a part first and refuses the rest."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _new_name(folder: Path) -> str:
    """Name the next file: a count first, so that names sort as they were made whatever the clock says."""
    counts = [int(match[1]) for name in os.listdir(folder) if (match := FILE_NAME.fullmatch(name))]
    return f"hamelin-{max(counts, default=0) + 1:06d}-{datetime.now(UTC):%Y%m%d%H%M%S}{SUFFIX}"


def path_of(folder: Path, name: str) -> Path:
    """Find a file below warc/ under its final name, or under that of a run that goes on or was killed."""
    path = folder / name
    return path if path.exists() else folder / (name + OPEN_SUFFIX)


def _lost(place: Place, folder: Path) -> ArchiveTrouble:
    return ArchiveTrouble(
        f"{folder / place.warc} does not hold the record at {place.offset} that the database names.",
        hint="Run `hamelin reparse --write`: the database is made again from what is there.",
    )
