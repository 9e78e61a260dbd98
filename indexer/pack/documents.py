"""What a search pack tells of messages: records in blocks, dates, names and keys. Pure: files are given, not written.

    dN      what is shown of eight messages: keys, thread, date, list, subject, sender, beginning of the text
    days    the day of each message
    kN      keys: the numbers of the messages of an id or thread whose key begins so
    has, type, list, file     names, each with the numbers of its messages

docs/pack.md tells the format.
"""

from __future__ import annotations

import json
from base64 import b32decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from indexer.pack.coding import gaps, varint, varints
from indexer.pack.terms import File

BLOCK: Final = 8  # messages in a block of records
LEAD: Final = 160  # characters of a message's text
KEY_BYTES: Final = 6  # of 16 are told apart in lists of keys: two of a million messages alike are one in 500 archives
KEYS: Final = 1024  # messages whose keys are in one file, about
DAY: Final = 86400
ID, THREAD, MESSAGE_ID = 0, 1, 2  # what a key is of
SAME_AS_ID, WRITTEN = 0, 1  # how a thread's key is told; more than these: as that of the record so many before, plus 1


@dataclass(frozen=True, slots=True)
class Record:
    """What is shown of a message: `list` by its number among the lists, `date` in seconds since 1970, 0 for none."""

    id: str
    thread: str
    list: int
    date: int
    subject: str
    sender: str
    lead: str


def record_files(records: Iterable[Record]) -> Iterator[File]:
    """Make the blocks of records, in the order of messages."""
    block: list[Record] = []
    number = 0
    for record in records:
        block.append(record)
        if len(block) == BLOCK:
            yield f"d{number}", _block(block)
            block, number = [], number + 1
    if block:
        yield f"d{number}", _block(block)


def lead(said: str, quoted: str) -> str:
    """Give the beginning of what the sender wrote, or of what was quoted when that is all, cut between words.

    >>> lead("", "as I said"), len(lead("word " * 99, ""))
    ('as I said', 159)
    """
    text = said or quoted
    if len(text) <= LEAD:
        return text
    blank = text.rfind(" ", 0, LEAD + 1)
    return text[: blank if blank > LEAD // 2 else LEAD]


def days_file(dates: Sequence[int]) -> File:
    """Make the file of days: since 1970 of the first message, then the difference to the one before."""
    days = [date // DAY for date in dates]
    return "days", varints(_steps(days))


def names_file(field: str, names: Mapping[str, Sequence[int]]) -> File:
    """Make the file of a field's names: JSON, each name with its messages' numbers as differences, the first to -1."""
    table = {name: [numbers[0] + 1, *(b - a for a, b in pairwise(numbers))] for name, numbers in sorted(names.items())}
    return field, json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()


def key_files(records: Sequence[tuple[str, str, str | None]]) -> Iterator[File]:
    """Make the files of keys, from each message's id, thread and the id that its Message-ID would give it.

    The last is told only where it is another: of the second message with a Message-ID.
    """
    numbers: dict[tuple[bytes, int], list[int]] = {}
    for number, (id, thread, of_message_id) in enumerate(records):
        for kind, key in ((ID, id), (THREAD, thread), (MESSAGE_ID, None if of_message_id == id else of_message_id)):
            if key:
                numbers.setdefault((key_bytes(key)[:KEY_BYTES], kind), []).append(number)
    files = keys_in(len(records))
    shards: list[list[bytes]] = [[] for _ in range(files)]
    for (first, kind), found in sorted(numbers.items()):
        shards[key_shard(first, files)].append(first + bytes((kind,)) + varint(len(found)) + gaps(found))
    for number, shard in enumerate(shards):
        yield f"k{number}", b"".join(shard)


def keys_in(messages: int) -> int:
    """Say in how many files the keys of so many messages are: a power of two, 256 at most."""
    return min(256, 1 << max(0, messages // KEYS).bit_length())


def key_shard(key: bytes, files: int) -> int:
    """Say in which of so many files a key is: by its first bits."""
    return key[0] * files >> 8


def key_bytes(key: str) -> bytes:
    """Give the 16 bytes that a key of 26 letters stands for.

    >>> len(key_bytes("dz7cpy2arv2rdv3qv5w6splpki"))
    16
    """
    return b32decode(key.upper() + "======")


def _block(records: Sequence[Record]) -> bytes:
    dates = _steps([record.date for record in records])
    texts = "\0".join(text for r in records for text in (r.subject, r.sender, r.lead))
    ids = b"".join(key_bytes(record.id) for record in records)
    return b"".join((bytes((len(records),)), ids, _threads(records), varints(dates), _lists(records), texts.encode()))


def _steps(numbers: Sequence[int]) -> list[int]:
    """Give ascending numbers as differences; the first doubled, or, below 0, the odd number for it.

    >>> _steps([5, 5, 7]), _steps([-3, 0])
    ([10, 0, 2], [5, 3])
    """
    first = [2 * number if number >= 0 else -2 * number - 1 for number in numbers[:1]]
    return [*first, *(b - a for a, b in pairwise(numbers))]


def _threads(records: Sequence[Record]) -> bytes:
    out = bytearray()
    for number, record in enumerate(records):
        before = [other.thread for other in records[:number]]
        if record.thread == record.id:
            out.append(SAME_AS_ID)
        elif record.thread in before:
            out.append(WRITTEN + before[::-1].index(record.thread) + 1)
        else:
            out += bytes((WRITTEN,)) + key_bytes(record.thread)
    return bytes(out)


def _lists(records: Sequence[Record]) -> bytes:
    return varints([record.list for record in records])
