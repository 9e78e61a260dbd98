"""What came of a list's files when they were read: how many have which status, and what went wrong with which."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.message import read_attachment
from crawler.parse.file_names import shown_name
from crawler.store import MailingList, Store
from indexer.files.reading import STATUSES, Status
from indexer.files.texts import DATABASE, Texts, key_of

TROUBLES: Final[frozenset[Status]] = frozenset({
    "locked", "damaged", "too_large", "too_slow", "too_much_memory", "crashed",
})  # fmt: skip

# A file's status in words, behind how many have it; those of the same words are one number.
WORDS: Final[dict[Status, str]] = {
    "read": "can be searched",
    "empty": "without any",
    "no_text": "without any",
    "no_reader": "of kinds that nothing here reads",
    "locked": "locked by a password",
    "damaged": "damaged",
    "too_large": "too large to read",
    "too_slow": "too slow to read",
    "too_much_memory": "in need of too much memory",
    "crashed": "that ended their reader",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file whose text could not be had, though it is of a kind that has one; `message` is the id of its message."""

    message: str
    name: str
    status: Status


@dataclass(frozen=True, slots=True)
class FilesAccount:
    """How many files have which status, and the troubles among them."""

    statuses: dict[str, int]
    troubles: tuple[Trouble, ...]


def files_account(archive: Path, store: Store, known: MailingList) -> FilesAccount:
    """Account for the files of a list's messages; empty where none was read yet."""
    if not (archive / DATABASE).exists():
        return FilesAccount({}, ())
    with Texts.open(archive) as texts:
        statuses = {key: status for key, status, _ in texts.statuses()}
    counts: Counter[Status] = Counter()
    troubles = []
    sql = "SELECT id, attachments FROM attached WHERE list = ? AND attachments <> '[]' ORDER BY starts, volume, ordinal"
    for id, parts in store.db.execute(sql, (known.name,)):
        for part in map(read_attachment, json.loads(parts)):
            key = key_of(part, known.charset)
            if key and (status := statuses.get(key)):
                counts[status] += 1
                if status in TROUBLES:
                    troubles.append(Trouble(id, shown_name(part.name) or part.kind, status))
    return FilesAccount({status: counts[status] for status in STATUSES if counts[status]}, tuple(troubles))


def told_of(statuses: Mapping[Status, int]) -> str:
    """Say how many files have a text that can be searched, and what is with the others.

    >>> told_of({"read": 1794, "empty": 5, "no_text": 271, "damaged": 1})
    '1,794 can be searched, 276 without any, 1 damaged'
    """
    counts: Counter[str] = Counter()
    for status, number in statuses.items():
        counts[WORDS[status]] += number
    return ", ".join(f"{number:,} {words}" for words, number in counts.items())
