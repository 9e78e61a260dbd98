"""What two readings of the same captures differ in: what is stored, and what today's parser would store.

Messages of a volume are paired by what they say, not by their places: when the parser finds one more, it is one more,
and all others are what they were. Nothing is written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from crawler.entries import Entry
from crawler.ingest import read_entries
from crawler.library import Library, Payload
from crawler.store import Store, Volume

# What stays out of a comparison: keys and digests follow from the other columns.
DERIVED = {"grp", "text_hash", "bones", "marks", "text_key", "digest"}
COMPARED = tuple(name for name in Entry.__dataclass_fields__ if name not in DERIVED)
LISTS = {"refs", "attachments", "defects"}  # columns that hold JSON
RECORD_NAMES = {"refs": "references"}  # columns that the record calls otherwise
FIELDS = {"message", *(RECORD_NAMES.get(name, name) for name in COMPARED)}  # what a difference can be about
Row = dict[str, Any]
Key = Callable[[Row], Hashable | None]
# What pairs two readings of a message, the surest first; None pairs nothing.
KEYS: tuple[Key, ...] = (
    lambda row: (row["message_id"], row["number"], row["body"]),
    lambda row: (row["message_id"], row["body"]),
    lambda row: row["message_id"],
    lambda row: row["number"],
    lambda row: (row["date_raw"], row["from_address"], row["subject"]),
    lambda row: row["body"] or None,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a message that today's parser reads otherwise; `place` is its page, its Message-ID or its volume.

    `field` is "message" for one that only one of the readings has: then `before` or `after` is its subject.
    """

    list: str
    volume: str
    place: str
    field: str
    before: Any
    after: Any


@dataclass
class Compared:
    """What was compared so far: volumes and messages, and those among them in which anything differs."""

    volumes: int = 0
    messages: int = 0
    volumes_changed: int = 0
    messages_changed: int = 0
    fields: dict[str, int] = field(default_factory=dict)

    def count(self, found: list[Difference], messages: int) -> None:
        """Take in a volume's differences."""
        self.volumes += 1
        self.messages += messages
        self.volumes_changed += bool(found)
        self.messages_changed += len({(d.place, d.field if d.field == "message" else "") for d in found})
        for difference in found:
            self.fields[difference.field] = self.fields.get(difference.field, 0) + 1


def differences(store: Store, payload: Payload, compared: Compared | None = None) -> Iterator[Difference]:
    """Compare what is stored of every volume with what today's parser reads from the same captures.

    `compared` counts along.
    """
    library, compared = Library(store, payload), compared or Compared()
    for mailing_list in store.lists():
        for volume in store.volumes(mailing_list.name):
            before, after = _stored(store, volume), [_shown(entry) for entry in read_entries(library, volume)[0]]
            found = list(_volume_differences(volume, before, after))
            compared.count(found, max(len(before), len(after)))
            yield from found


def _stored(store: Store, volume: Volume) -> list[Row]:
    columns = ", ".join(COMPARED)
    sql = f"SELECT {columns} FROM entries WHERE list = ? AND volume = ? ORDER BY ordinal"  # noqa: S608 - our own names
    return [dict(zip(COMPARED, row, strict=True)) for row in store.db.execute(sql, (volume.list, volume.name))]


def _shown(entry: Entry) -> Row:
    return {name: getattr(entry, name) for name in COMPARED}


def _volume_differences(volume: Volume, before: list[Row], after: list[Row]) -> Iterator[Difference]:
    for old, new in pairs(before, after):
        known = new or old
        assert known, "each pair has one at least"
        place = str(known["page"] or known["message_id"] or volume.name)
        if old is None or new is None:
            lost, found = (row and row["subject"] for row in (old, new))
            yield Difference(volume.list, volume.name, place, "message", lost, found)
            continue
        for name in COMPARED:
            if old[name] != new[name]:
                value, now = (json.loads(row[name]) if name in LISTS else row[name] for row in (old, new))
                yield Difference(volume.list, volume.name, place, RECORD_NAMES.get(name, name), value, now)


def pairs(before: list[Row], after: list[Row]) -> list[tuple[Row | None, Row | None]]:
    """Pair two readings of a volume, in the order of today's; None for what only one of them has."""
    found: dict[int, int] = {}  # place after to place before
    for key in KEYS:
        _pair_by(key, before, after, found)
    _pair_between(len(before), len(after), found)
    paired = set(found.values())
    gone: list[tuple[Row | None, Row | None]] = [(row, None) for at, row in enumerate(before) if at not in paired]
    return [*((before[found[at]] if at in found else None, row) for at, row in enumerate(after)), *gone]


def _pair_by(key: Key, before: list[Row], after: list[Row], found: dict[int, int]) -> None:
    """Pair what has the same key on both sides, in order, where as many have it."""
    old = _places(key, before, set(found.values()))
    for value, places in _places(key, after, found.keys()).items():
        if len(places) == len(old.get(value, ())):
            found.update(zip(places, old[value], strict=True))


def _places(key: Key, rows: list[Row], taken: Any) -> dict[Hashable, list[int]]:
    places: dict[Hashable, list[int]] = {}
    for at, row in enumerate(rows):
        value = key(row) if at not in taken else None
        if value is not None:
            places.setdefault(value, []).append(at)
    return places


def _pair_between(count_before: int, count_after: int, found: dict[int, int]) -> None:
    """Pair what is left between two pairs, in order, where as many are left on both sides."""
    edges = [(-1, -1), *sorted(found.items()), (count_after, count_before)]
    for (new, old), (next_new, next_old) in pairwise(edges):
        if next_new - new == next_old - old:
            found.update(zip(range(new + 1, next_new), range(old + 1, next_old), strict=True))
