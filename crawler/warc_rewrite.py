"""Records of warc/ replaced where they stand: damaged ones set aside, others by what their owner leaves of them.

What takes a record's place is packed to the very same size, so that every other record, and every reference
to one, stays where it is. A file is replaced at once or not at all.
"""

from __future__ import annotations

import os
import shutil
import struct
import uuid
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from crawler.errors import ArchiveTrouble
from crawler.warc import FOLDER, HEAD_END, Member, block_of, files, members, path_of, unsound

DAMAGED = "damaged"  # folder below warc/ for the bytes of records that cannot be read
# A gzip member (RFC 1952, 2.3): its head with a comment, of any length and ended by a NUL, that fills the room left.
GZIP_HEAD = b"\x1f\x8b\x08\x10\0\0\0\0\x02\xff"
FILLING = b" "
TAIL = struct.Struct("<II")


def packed(record: bytes, size: int) -> bytes | None:
    """Pack a record as a gzip member of exactly this size; None when it needs more.

    >>> import gzip
    >>> member = packed(b"indigo", 80)
    >>> len(member), gzip.decompress(member)
    (80, b'indigo')
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    body = packer.compress(record) + packer.flush() + TAIL.pack(zlib.crc32(record), len(record) & 0xFFFFFFFF)
    room = size - len(GZIP_HEAD) - len(body) - 1
    return GZIP_HEAD + FILLING * room + b"\0" + body if room >= 0 else None


def filler(size: int, why: str) -> bytes | None:
    """Make a record that says why nothing else stands there, of exactly this size; None when that is too little."""
    for text in (why, ""):
        head = (
            f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <{uuid.uuid4().urn}>\r\n"
            f"WARC-Date: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(text.encode())}\r\n\r\n"
        )
        if member := packed(f"{head}{text}\r\n\r\n".encode(), size):
            return member
    return None


def replace_members(path: Path, replacements: Mapping[int, bytes], end: int | None = None) -> None:
    """Put other bytes at some offsets of a file, and cut it at `end`; at once or not at all."""
    beside = path.with_name(f".{path.name}.new")
    try:
        shutil.copyfile(path, beside)
        with beside.open("r+b") as file:
            for offset, data in replacements.items():
                file.seek(offset)
                file.write(data)
            if end is not None:
                file.truncate(end)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        hint = "Make room, or mend its permissions, and run the same command again."
        raise ArchiveTrouble(f"{path} cannot be written: {error.strerror}.", hint=hint) from error


def set_aside(folder: Path) -> list[str]:
    """Move what cannot be read in warc/ to files of its own below warc/damaged/; name those files.

    To be called under the archive's lock. The records around it stay where they are.
    """
    named: list[str] = []
    for name in files(folder):
        path = path_of(folder / FOLDER, name)
        with path.open("rb") as file:
            unreadable = [member for member in members(file) if not readable(member)]
            named += [_copy(folder, name, file.fileno(), member) for member in unreadable]
        if unreadable:
            _blank(path, unreadable)
    return named


def cut_torn_end(folder: Path, name: str) -> None:
    """Cut off a record that a killed run could not write to its end."""
    path = path_of(folder / FOLDER, name)
    with path.open("rb") as file:
        found = list(members(file))
    if found and found[-1].record is None:
        replace_members(path, {}, end=found[-1].offset)


def readable(member: Member) -> bool:
    """Say whether a record is whole, and what its digest says."""
    block = block_of(member.record) if member.record else None
    return block is not None and not unsound((member.record or b"").partition(HEAD_END)[0] + HEAD_END, block)


def _copy(folder: Path, name: str, file: int, member: Member) -> str:
    """Keep the bytes of a record that cannot be read."""
    aside = folder / FOLDER / DAMAGED / f"{name}.{member.offset}"
    aside.parent.mkdir(exist_ok=True)
    aside.write_bytes(os.pread(file, member.size, member.offset))
    return aside.relative_to(folder).as_posix()


def _blank(path: Path, unreadable: list[Member]) -> None:
    """Put records that say so in the place of unreadable ones; at the file's end nothing is needed."""
    end = None
    if unreadable[-1].offset + unreadable[-1].size == path.stat().st_size:
        end = unreadable.pop().offset
    why = "What stood here could not be read and was set aside."
    fillers = {member.offset: filler(member.size, why) for member in unreadable}
    replace_members(path, {offset: data for offset, data in fillers.items() if data}, end)
