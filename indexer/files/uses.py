"""Which messages have which files: kept in the database, so that only the attachments of new messages are looked at.

messages that are new or changed ──their attachments──▶ uses ──each file once──▶ what is to be read, or forgotten
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from crawler.message import Attachment, read_attachment
from crawler.store import Store
from indexer.files.texts import Key, key_with, use_of
from indexer.rethread import lots

COUNTER: Final = "files"  # the revision up to which it is known which messages have which files
CHANGED: Final = "SELECT id FROM messages WHERE revision > ?"
ATTACHED: Final = (
    "SELECT a.id, a.list, a.attachments FROM json_each(?) AS chosen CROSS JOIN attached a ON a.id = chosen.value"
    " WHERE a.attachments <> '[]' ORDER BY a.list, a.starts, a.volume, a.ordinal"
)


def bring_up(store: Store) -> None:
    """Look at the attachments of messages that are new or changed since the last time."""
    with store.transaction():
        done = store.db.execute("SELECT value FROM counters WHERE name = ?", (COUNTER,)).fetchone()
        for ids in lots(id for (id,) in store.db.execute(CHANGED, done or (-1,)).fetchall()):
            store.db.executemany("DELETE FROM uses WHERE id = ?", [(id,) for id in ids])
            found = {(name, *use, id) for id, name, part in _attachments(store, ids) if (use := use_of(part))}
            store.db.executemany("INSERT INTO uses VALUES (?, ?, ?, ?)", sorted(found))
        store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (COUNTER, store.revision()))


def used(store: Store) -> set[Key]:
    """Give all files that messages have."""
    charsets = {known.name: known.charset for known in store.lists()}
    rows = store.db.execute("SELECT DISTINCT list, sha256, told FROM uses")
    return {key_with((sha256, told), charsets[name]) for name, sha256, told in rows}


def parts(store: Store, keys: Collection[Key]) -> Iterator[tuple[Key, str, Attachment]]:
    """Give files with the list and the first attachment that have each, in the archive's order.

    So files of one WARC come in a row.
    """
    charsets = {known.name: known.charset for known in store.lists()}
    rows = store.db.execute("SELECT list, sha256, told, id FROM uses").fetchall()
    ids = {id for name, sha256, told, id in rows if key_with((sha256, told), charsets[name]) in keys}
    left = set(keys)
    for _, name, part in _attachments(store, ids):
        if (use := use_of(part)) and (key := key_with(use, charsets[name])) in left:
            left.remove(key)
            yield key, name, part


def having(store: Store, files: Iterable[str]) -> set[str]:
    """Give the ids of the messages that have one of some files, by their sha256."""
    found = list(files)
    if not found:
        return set()
    bring_up(store)
    sql = "SELECT id FROM uses WHERE sha256 IN (SELECT value FROM json_each(?))"
    return {id for (id,) in store.db.execute(sql, (json.dumps(found),))}


def _attachments(store: Store, ids: Iterable[str]) -> Iterator[tuple[str, str, Attachment]]:
    """Give the attachments of messages, each with the message's id and list, in the archive's order."""
    for id, name, found in store.db.execute(ATTACHED, (json.dumps(list(ids)),)).fetchall():
        yield from ((id, name, read_attachment(part)) for part in json.loads(found))
