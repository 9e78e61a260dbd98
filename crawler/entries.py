"""Entries of volumes written, and the list's messages made of them anew where they touch.

A message that stays what it was keeps its revision, so that later steps see only what changed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from crawler.merge import TAKEN, Merged, Sighting, merge
from crawler.merged_files import join_files
from crawler.store import Store, Volume


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table `entries`, but for its place: a message as one volume tells it."""

    number: int | None
    page: str | None
    indexed: bool
    grp: str
    text_hash: str
    bones: str
    marks: int
    text_key: str
    digest: str
    message_id: str | None
    in_reply_to: str | None
    refs: str
    from_name: str | None
    from_address: str | None
    date: str | None
    date_raw: str | None
    subject: str
    body: str
    attachments: str
    defects: str
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping a volume did: messages new or changed, messages gone, entries that became part of another.

    `removed` counts the volume's messages that the archive's owner took out.
    """

    changed: int
    gone: int
    merged: int
    removed: int = 0


def keep_entries(store: Store, volume: Volume, entries: list[Entry]) -> Kept:
    """Write a volume's entries in place of those it had, and merge anew all groups that either touch.

    To be called inside a transaction of the store.
    """
    db = store.db
    touched = {group for (group,) in db.execute(OWN_GROUPS, (volume.list, volume.name))}
    db.execute("DELETE FROM entries WHERE list = ? AND volume = ?", (volume.list, volume.name))
    rows = [(volume.list, volume.name, volume.starts, i, *row(entry)) for i, entry in enumerate(entries)]
    db.executemany(INSERT_ENTRY, rows)
    _touch(db, touched | {entry.grp for entry in entries})
    sightings, digests = _sightings(db, volume.list)
    texts = {sighting.entry: sighting.text_key for sighting in sightings}
    merged = [_still(message, store, texts[message.entry]) for message in merge(volume.list, sightings)]
    merged = [message for message in merged if not message.withheld]
    out = [message for message in merged if message.id in store.removals]
    _keep_out(db, volume.list, out)
    changed, gone = _keep_messages(store, volume.list, [m for m in merged if m.id not in store.removals], digests)
    places = {s.entry: s.volume for s in sightings if not s.standing}
    parts = Counter(places[other] for message in merged for other in message.others if other in places)
    _recount(db, volume.list, set(places.values()) - {volume.name})
    removed = sum(places.get(message.entry) == volume.name for message in out)
    return Kept(changed, gone, parts[volume.name], removed)


def _still(message: Merged, store: Store, text_key: str) -> Merged:
    """Keep the id of a message whose Message-ID another one had, too, that was purged: that id stays taken."""
    removal = store.removals.by_id.get(message.id)
    if removal is None or not removal.purged or removal.by_id or message.id == text_key:
        return message
    return replace(message, id=text_key, defects=(TAKEN,))


def _keep_out(db: sqlite3.Connection, list_name: str, out: list[Merged]) -> None:
    """Remember which entries of the touched groups tell messages that were taken out."""
    db.execute("DELETE FROM taken_out WHERE list = ? AND grp IN (SELECT grp FROM touched)", (list_name,))
    rows = [(message.id, list_name, message.entry, message.group) for message in out]
    db.executemany("INSERT OR REPLACE INTO taken_out VALUES (?, ?, ?, ?)", rows)


def _recount(db: sqlite3.Connection, list_name: str, volumes: set[str]) -> None:
    """Write in the ledgers of other volumes how many of their entries now are part of another one's, or taken out."""
    for name in sorted(volumes):
        count = db.execute(MERGED, (list_name, name)).fetchone()[0]
        db.execute(RECOUNT, (count, list_name, name, count))
        removed = db.execute(REMOVED, (list_name, name)).fetchone()[0]
        db.execute(RECOUNT_REMOVED, {"removed": removed, "list": list_name, "volume": name})


_FIELDS = [f.name for f in fields(Entry)]
row = attrgetter(*_FIELDS)  # an entry as the tuple of its columns
INSERT_ENTRY = (
    f"INSERT INTO entries (list, volume, starts, ordinal, {', '.join(_FIELDS)})"
    f" VALUES ({', '.join('?' * (len(_FIELDS) + 4))})"
)
OWN_GROUPS = "SELECT grp FROM entries WHERE list = ? AND volume = ?"
SIGHTINGS = (
    "SELECT entry, grp, text_hash, bones, marks, text_key, indexed, starts, volume, ordinal, page, standing,"
    " instr(defects, '\"no_archive\"') > 0, digest"
    " FROM touched CROSS JOIN entries USING (grp) WHERE list = ?"
)
MERGED = (
    "SELECT count(*) FROM entries e WHERE e.list = ? AND e.volume = ? AND e.standing = ''"
    " AND NOT EXISTS (SELECT 1 FROM entries w WHERE w.list = e.list AND w.grp = e.grp AND w.bones = e.bones"
    " AND instr(w.defects, '\"no_archive\"'))"
    " AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.entry = e.entry)"
    " AND NOT EXISTS (SELECT 1 FROM taken_out t WHERE t.entry = e.entry)"
)
REMOVED = (
    "SELECT count(*) FROM taken_out t JOIN entries e USING (entry)"
    " WHERE e.list = ? AND e.volume = ? AND e.standing = ''"
)
RECOUNT_REMOVED = (
    "UPDATE ledger SET notes = CASE WHEN :removed THEN json_set(notes, '$.removed', :removed)"
    " ELSE json_remove(notes, '$.removed') END"
    " WHERE list = :list AND volume = :volume AND coalesce(json_extract(notes, '$.removed'), 0) <> :removed"
)
RECOUNT = "UPDATE ledger SET merged = ? WHERE list = ? AND volume = ? AND merged <> ?"
HELD = "SELECT id, entry, digest FROM touched CROSS JOIN messages USING (grp) WHERE list = ?"
KEEP = (
    "INSERT INTO messages (id, list, entry, grp, pages, defects, digest, revision, files)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, grp = excluded.grp, pages = excluded.pages,"
    " defects = excluded.defects, digest = excluded.digest, revision = excluded.revision, files = excluded.files"
)


def _touch(db: sqlite3.Connection, groups: Iterable[str]) -> None:
    db.execute("CREATE TEMP TABLE IF NOT EXISTS touched (grp TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute("DELETE FROM touched")
    db.executemany("INSERT INTO touched VALUES (?)", [(group,) for group in groups])


def _sightings(db: sqlite3.Connection, list_name: str) -> tuple[list[Sighting], dict[int, str]]:
    rows = db.execute(SIGHTINGS, (list_name,)).fetchall()
    return [Sighting(*seen) for seen in ((*r[:6], bool(r[6]), *r[7:12], bool(r[12])) for r in rows)], {
        r[0]: r[13] for r in rows
    }


def _keep_messages(store: Store, list_name: str, merged: list[Merged], digests: dict[int, str]) -> tuple[int, int]:
    """Write messages that changed, move those that did not to their new entry, take away those that are gone."""
    db = store.db
    held = {id: (entry, digest) for id, entry, digest in db.execute(HELD, (list_name,))}
    files = {message.id: _files(db, message) for message in merged}
    now = {message.id: (message, _digest(message, digests[message.entry], files[message.id])) for message in merged}
    changed = [id for id, (_, digest) in now.items() if id not in held or held[id][1] != digest]
    gone = [id for id in held if id not in now]
    moved = [(m.entry, id) for id, (m, _) in now.items() if id in held and held[id][0] != m.entry]
    db.executemany("UPDATE messages SET entry = ? WHERE id = ?", moved)
    if changed or gone:
        revision = store.next_revision()
        db.executemany("DELETE FROM messages WHERE id = ?", [(id,) for id in gone])
        db.executemany("INSERT OR REPLACE INTO deletions VALUES (?, ?, ?)", [(id, list_name, revision) for id in gone])
        db.executemany(KEEP, [(*_message_row(list_name, *now[id], revision), files[id]) for id in changed])
        db.executemany("DELETE FROM deletions WHERE id = ?", [(id,) for id in changed])
    return len(changed), len(gone)


def _message_row(list_name: str, message: Merged, digest: str, revision: int) -> tuple[object, ...]:
    pages, defects = json.dumps(message.pages), json.dumps(message.defects)
    return message.id, list_name, message.entry, message.group, pages, defects, digest, revision


def _files(db: sqlite3.Connection, message: Merged) -> str | None:
    """Give the attachments of a message whose copies have files of their own, None for all others."""
    if not message.others:
        return None
    own, *copies = [
        json.loads(db.execute("SELECT attachments FROM entries WHERE entry = ?", (entry,)).fetchone()[0])
        for entry in (message.entry, *message.others)
    ]
    joined = join_files(own, copies)
    return None if joined == own else json.dumps(joined, ensure_ascii=False)


def _digest(message: Merged, entry_digest: str, files: str | None) -> str:
    told = (entry_digest, message.pages, message.defects)
    data = repr((*told, files) if files else told)
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:32]
