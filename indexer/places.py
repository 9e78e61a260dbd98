"""Where each message stands in the order of an index, and a mark of all that is indexed of it: kept in the database.

    messages, entries, learned ──triggers──▶ unplaced ──▶ places, in the order of `indexer.segments.in_order`

Which messages changed is told by the database itself; so what an indexing looks at of all others are two short values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from crawler.store import Store

DIGITS: Final = 32  # hexadecimal, of a digest
MARK_BYTES: Final = 8
UNPLACED: Final = (
    "SELECT coalesce(CAST(strftime('%s', e.date) AS INTEGER), 0) AS moment, m.list, coalesce(e.number, -1) AS number,"
    " m.id, coalesce(m.thread, ''), s.state"
    " FROM unplaced CROSS JOIN messages m USING (id) CROSS JOIN entries e USING (entry) CROSS JOIN states s USING (id)"
    " ORDER BY moment, m.list DESC, number DESC, m.id DESC"
)
# The order is that of the table's key, so that nothing is sorted.
IN_PLACES: Final = "SELECT moment, mark FROM places ORDER BY moment, list DESC, number DESC, id DESC"
IDS: Final = "SELECT id FROM places ORDER BY moment, list DESC, number DESC, id DESC LIMIT ? OFFSET ?"


def place(store: Store) -> None:
    """Put messages that are new or changed since the last time in their places."""
    with store.transaction():
        rows = store.db.execute(UNPLACED).fetchall()
        store.db.execute("DELETE FROM places WHERE id IN (SELECT id FROM unplaced)")
        placed = ((moment, name, number, id, mark_of(id, *told)) for moment, name, number, id, *told in rows)
        store.db.executemany("INSERT INTO places VALUES (?, ?, ?, ?, ?)", placed)
        store.db.execute("DELETE FROM unplaced")


def in_places(store: Store) -> tuple[list[int], list[bytes]]:
    """Give in the order of an index when each message was sent, and its mark.

    Times are in seconds since 1970 UTC, 0 for none.
    """
    rows = store.db.execute(IN_PLACES).fetchall()
    return [moment for moment, _ in rows], [mark for _, mark in rows]


def ids_in_places(store: Store, start: int = 0, end: int = -1) -> list[str]:
    """Give the ids of the messages from one place to before another one, or all, in the order of an index."""
    return [id for (id,) in store.db.execute(IDS, (end - start, start))]


def mark_of(id: str, thread: str, state: str) -> bytes:
    """Give the mark of a message: another one whenever its thread or anything that is known of it is another."""
    return hashlib.sha256(f"{id}\0{thread}\0{state}".encode()).digest()[:MARK_BYTES]


def digest_of(marks: Iterable[bytes]) -> str:
    """Give the digest of a segment, all of whose messages have these marks, in their order."""
    return hashlib.sha256(b"".join(marks)).hexdigest()[:DIGITS]
