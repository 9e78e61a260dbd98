"""Purged messages taken out of warc/: every record that holds or names one is replaced where it stands.

A record of which something is left gets new digests and the field WARC-Hamelin-Removed; a page that goes
whole stays as an empty answer of 410, so that nobody asks for it again; an attachment goes with its address.
"""

from __future__ import annotations

import dataclasses
import hashlib
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.encodings import PackingTrouble, unpack
from crawler.excise import Excision
from crawler.links import kind_of
from crawler.parse.volume_text import unpack as unpack_text
from crawler.warc import (
    CAPTURED,
    FOLDER,
    HEAD_END,
    Member,
    Place,
    WarcWriter,
    block_of,
    files,
    members,
    parted,
    path_of,
)
from crawler.warc_records import ASKED, LIST, REMOVED, VERDICT, Answer, field
from crawler.warc_rewrite import filler, packed, replace_members

GONE = 410  # the status of a page that was purged
NO_MORE = "What stood here was taken out by the owner of this archive."
Purging = Callable[[str], Excision | None]


@dataclass
class Purge:
    """What a purge did: files rewritten, records of which something is left, records that went, their addresses."""

    files: int = 0
    changed: int = 0
    gone: int = 0
    urls: set[str] = dataclasses.field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a record: as records that say it, the best first; none where all of it goes."""

    records: tuple[bytes, ...] = ()


def purge_warc(folder: Path, excision: Purging, is_held: Callable[[str, Place], bool], software: str) -> Purge:
    """Take messages out of all records of warc/; `excision` gives what a list's name has purged.

    `is_held` tells whether the record at a place is the one that is held of an address. To be called under
    the archive's lock. What was done already is found done: after a kill the same call goes on with it.
    """
    done = Purge()
    for name in files(folder):
        path = path_of(folder / FOLDER, name)
        writer = WarcWriter(folder, software=software)
        with path.open("rb") as file:
            replacements: dict[int, bytes] = {}
            for member, left in _purged(members(file), excision):
                data = next((data for one in left.records if (data := packed(one, member.size))), None)
                if data is None and left.records and is_held(_url(left.records[0]), Place(name, member.offset)):
                    writer.write_record(left.records[0])  # too long for its place: it goes to a file of its own
                made = data or filler(member.size, NO_MORE)
                done.urls.add(_url(member.record or b""))
                done.changed, done.gone = done.changed + bool(left.records), done.gone + (not left.records)
                if made:
                    replacements[member.offset] = made
        writer.close()
        if replacements:
            replace_members(path, replacements)
            done.files += 1
    return done


def _purged(found: Iterable[Member], excision: Purging) -> Iterator[tuple[Member, Left]]:
    """Give what has to be replaced, each with what is left of it; the request for what goes goes, too."""
    gone: set[str] = set()
    for member in found:
        if member.record is None:
            continue
        head = member.record.partition(HEAD_END)[0] + HEAD_END
        if field(head, "WARC-Type") == "request":
            left = Left() if field(head, "WARC-Concurrent-To") in gone else None
        else:
            left = purged_record(head, member.record, excision)
        if left and not left.records:
            gone.add(field(head, "WARC-Record-ID") or "")
        if left:
            yield member, left


def purged_record(head: bytes, record: bytes, excision: Purging) -> Left | None:
    """Give what is left of a record; None where it is not touched."""
    block, url = block_of(record), _url(head)
    taken = excision(field(head, LIST) or "")
    kind = field(head, "WARC-Type")
    if taken is None or block is None or kind not in CAPTURED:
        return None
    if kind_of(url) == "attachment" and taken.of(url, b"") is None:
        return Left()
    if kind == "revisit" or field(head, VERDICT) == str(GONE):
        return None
    sent, body = parted(record, block)
    try:
        payload = unpack(body, field(sent, "Content-Encoding"))
    except PackingTrouble:
        payload = body
    left = taken.of(url, payload)
    if left == payload:
        return None
    if left is None:
        return Left((_record(head, sent, b"", verdict=GONE),))
    plain = bytes(unpack_text(left).data)  # what is packed once only can be packed better
    bodies = dict.fromkeys((left, plain))
    return Left(tuple(_record(head, sent, body, marked=marked) for marked in (True, False) for body in bodies))


def _url(head: bytes) -> str:
    return field(head, ASKED) or field(head, "WARC-Target-URI") or ""


def purged_answer(answer: Answer, left: bytes) -> Answer:
    """Give an answer with what is left of its payload, its content encoding undone."""
    return replace(answer, head=_answer_head(answer.head, left) if answer.head else b"", body=left)


def _answer_head(head: bytes, body: bytes) -> bytes:
    """Make an answer's head true: its length, and no encoding that is undone."""
    lines = head.removesuffix(HEAD_END).split(b"\r\n")
    return b"\r\n".join(_true(line, len(body)) for line in lines) + HEAD_END


def _true(line: bytes, length: int) -> bytes:
    name = line.partition(b":")[0].strip().lower()
    if name == b"content-length":
        return b"Content-Length: %d" % length
    return b"X-Archive-Orig-" + line if name == b"content-encoding" else line


def _record(head: bytes, sent: bytes, body: bytes, *, verdict: int | None = None, marked: bool = True) -> bytes:
    """Make a record anew around what is left of its body; `marked` says in its head that something was taken out."""
    block = (_answer_head(sent, body) if sent else b"") + body
    fields = {
        "Content-Length": str(len(block)),
        "WARC-Block-Digest": _digest(block),
        "WARC-Payload-Digest": _digest(body),
    }
    fields |= {REMOVED: "1"} if marked else {}
    fields |= {VERDICT: str(verdict)} if verdict else {}
    kept = [line for line in head.removesuffix(HEAD_END).split(b"\r\n") if _name(line) not in map(str.lower, fields)]
    lines = [*kept, *(f"{name}: {value}".encode() for name, value in fields.items())]
    return b"\r\n".join(lines) + HEAD_END + block + HEAD_END


def _name(line: bytes) -> str:
    return line.partition(b":")[0].decode("latin-1").strip().lower()


def _digest(data: bytes) -> str:
    """Write a digest as warcio does."""
    return f"sha1:{b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()}"
