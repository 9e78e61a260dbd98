"""warc/ held against its own digests, and the captures of the database against warc/. Nothing is written.

Every byte is read once: each record is unpacked and hashed, and what the records say is held of each
address is compared with what the database says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from crawler.findings import REPARSE, RESTORE, UPDATE, Finding, some
from crawler.store import Capture, Store
from crawler.warc import HEAD_END, Place, WarcReader, block_of, capture_in, files, members, path_of, unfinished, unsound

COMPARED = ("list", "volume", "status", "sha256", "size", "warc", "offset")


@dataclass
class Seen:
    """What was read: files, records and bytes of warc/, and what it holds of each address."""

    files: int = 0
    records: int = 0
    bytes: int = 0
    held: dict[str, Capture] | None = None


def check_warc(folder: Path, seen: Seen) -> Iterator[Finding]:
    """Read all WARC files of an archive: torn, damaged and changed records are found; `seen` is filled."""
    seen.held = {}
    going_on = set(unfinished(folder))
    with WarcReader(folder) as reader:
        for name in files(folder):
            seen.files += 1
            yield from _check_file(reader, name, seen, seen.held, going_on=name in going_on)


def _check_file(
    reader: WarcReader, name: str, seen: Seen, held: dict[str, Capture], *, going_on: bool
) -> Iterator[Finding]:
    path = path_of(reader.folder, name)
    try:
        size = path.stat().st_size
        seen.bytes += size
        with path.open("rb") as file:
            for member in members(file):
                if member.record is None:
                    at_end = member.offset + member.size == size
                    yield _unread(name, member.offset, member.size, torn=at_end, going_on=going_on and at_end)
                    continue
                seen.records += 1
                head, block = member.record.partition(HEAD_END)[0], block_of(member.record)
                if block is None or unsound(head + HEAD_END, block):
                    what = f"{name}: the record at {member.offset:,} is not what its digest says."
                    yield Finding("warc", what, RESTORE)
                elif capture := capture_in(reader, Place(name, member.offset), member.record):
                    _hold(held, capture)
    except OSError as error:
        yield Finding("warc", f"{name} cannot be read: {error.strerror}.", f"chmod u+r {path}")


def _hold(held: dict[str, Capture], capture: Capture) -> None:
    """Take a capture in as the store does: a bad one never takes the place of a good one."""
    before = held.get(capture.url)
    if before is None or capture.good or not before.good:
        held[capture.url] = capture


def _unread(name: str, offset: int, size: int, *, torn: bool, going_on: bool) -> Finding:
    if going_on:
        what = f"{name} is open: a run goes on, or was killed while it wrote its last {size:,} bytes."
        return Finding("warc", what, UPDATE, fault=False)
    what = "ends in the middle of a record" if torn else "is damaged"
    return Finding("warc", f"{name} {what}: {size:,} bytes from {offset:,} on cannot be read.", RESTORE)


def check_captures(folder: Path, store: Store, held: dict[str, Capture]) -> Iterator[Finding]:
    """Compare the captures of the database with what was read from warc/."""
    columns = ", ".join(field.name for field in fields(Capture))
    sql = f"SELECT {columns} FROM captures"  # noqa: S608 - our own names
    known = {row[0]: Capture(*row) for row in store.db.execute(sql)}
    there = set(files(folder))
    lost_files = sorted({capture.warc for capture in known.values()} - there)
    for name in lost_files:
        count = sum(capture.warc == name for capture in known.values())
        yield Finding("warc", f"{name} is missing: the database rests on {count:,} answers in it.", RESTORE)
    lost = [url for url, capture in known.items() if url not in held and capture.warc in there]
    if lost:
        what = f"{len(lost):,} answers that the database names are not in warc/: {some(lost)}."
        yield Finding("database", what, RESTORE)
    unknown = [url for url in held if url not in known]
    if unknown:
        what = f"{len(unknown):,} answers of warc/ are not in the database: {some(unknown)}."
        yield Finding("database", what, UPDATE if unfinished(folder) else REPARSE)
    there_yet = (capture for capture in known.values() if capture.warc in there and capture.url in held)
    other = [capture.url for capture in there_yet if not _same(capture, held[capture.url])]
    if other:
        what = f"{len(other):,} answers are not what the database says of them: {some(other)}."
        yield Finding("database", what, REPARSE)


def _same(one: Capture, other: Capture) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in COMPARED)
