"""The tables of archive.sqlite, what each is for, and how an older database gets them. Nothing is opened here.

lists      one row a list: its URL, and what its own pages said of it
captures   one row an address: the newest good response we hold, by its place in warc/;
           a 404 or 410 only where there never was a good one. `gone` names the file in warc/ that
           tells that it is not there any more (of a refusal: that it is final), `noarchive` that it asks not to be published
former     what an address told before, where the newer response does not tell all of it; `until` names
           the file in warc/ that has the newer one
volumes    one row a period of a list: its row in the list index, and how far we are with it;
           `checked` is when it was last asked for as a whole, `checks` how often that was since it settled
entries    one row a message as one volume holds it: all parsed fields; rebuilt with the volume.
           `standing` is '' for those of today, else what became of one of a former state (upstream.py)
messages   one row a message of the list: which entry tells it, on which pages it stands,
           its thread; `files` are its attachments where copies on other pages have files of their own;
           `revision` grows with each change, so that later steps do only what is new
endings    what mails of a list end with again and again, `learned` which of it applies to a message (indexer/learned.py)
tails      the last lines of a message of that `digest` as numbers, from which endings are learned (indexer/tails.py);
           gone with the message, whose number is `unlearned` then
mentions   one row a Message-ID that a message has or names, as a number: what hangs together (indexer/rethread.py)
places     where each message stands in the order of an index, with a mark of all that is indexed of it (indexer/places.py);
           unplaced are those that are new or changed since
uses       one row a file that a message has, by the digest of its bytes and what its notice says (indexer/files/uses.py)
deletions  messages that went away, by revision, for the same steps
taken_out  messages that removals.jsonl keeps out, with the entry that would tell each
mails      one row a mail of a raw mbox: the capture that has it, its place there in bytes, its volume
vain       attachments that were asked for in vain: `since` when and `last` when, in seconds since 1970 UTC
parts      one row a file in such a mail, by the digest of its bytes: the mail's place, and which part of it
ledger     one row a volume: indexed, numbered, entries, parsed, merged, lost and why;
           `pages` counts the pages that are held by why each was wanted
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from crawler.errors import ArchiveTrouble

SCHEMA_VERSION = 14

SCHEMA = """
CREATE TABLE lists (
  name TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT, charset TEXT, language TEXT, listinfo TEXT
) WITHOUT ROWID;
CREATE TABLE captures (
  url TEXT PRIMARY KEY, list TEXT NOT NULL, volume TEXT, status INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
  etag TEXT, last_modified TEXT, sha256 TEXT NOT NULL, size INTEGER NOT NULL, warc TEXT NOT NULL, offset INTEGER NOT NULL,
  gone TEXT, noarchive INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX captures_of_volume ON captures (list, volume);
CREATE TABLE volumes (
  list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, name TEXT NOT NULL, starts INTEGER NOT NULL, row TEXT NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0, complete INTEGER NOT NULL DEFAULT 0, dirty INTEGER NOT NULL DEFAULT 1,
  parser INTEGER NOT NULL DEFAULT 0, checked INTEGER NOT NULL DEFAULT 0, checks INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (list, name)
) WITHOUT ROWID;
CREATE TABLE entries (
  entry INTEGER PRIMARY KEY, list TEXT NOT NULL, volume TEXT NOT NULL, starts INTEGER NOT NULL, ordinal INTEGER NOT NULL,
  number INTEGER, page TEXT, indexed INTEGER NOT NULL, grp TEXT NOT NULL, text_hash TEXT NOT NULL, bones TEXT NOT NULL, marks INTEGER NOT NULL,
  text_key TEXT NOT NULL, digest TEXT NOT NULL,
  message_id TEXT, in_reply_to TEXT, refs TEXT NOT NULL, from_name TEXT, from_address TEXT,
  date TEXT, date_raw TEXT, subject TEXT NOT NULL, body TEXT NOT NULL, attachments TEXT NOT NULL, defects TEXT NOT NULL,
  standing TEXT NOT NULL DEFAULT '',
  UNIQUE (list, volume, ordinal)
);
CREATE INDEX entries_of_group ON entries (list, grp);
CREATE TABLE messages (
  id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE,
  entry INTEGER NOT NULL, grp TEXT NOT NULL, pages TEXT NOT NULL, defects TEXT NOT NULL, thread TEXT,
  digest TEXT NOT NULL, revision INTEGER NOT NULL, files TEXT
) WITHOUT ROWID;
CREATE INDEX messages_of_group ON messages (list, grp);
CREATE INDEX messages_by_revision ON messages (revision);
CREATE INDEX messages_by_thread ON messages (list, thread);
CREATE INDEX messages_by_entry ON messages (entry);
CREATE TABLE deletions (id TEXT PRIMARY KEY, list TEXT NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE ledger (
  list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, volume TEXT NOT NULL,
  indexed INTEGER, numbered INTEGER, entries INTEGER, parsed INTEGER NOT NULL, merged INTEGER NOT NULL,
  lost INTEGER NOT NULL, notes TEXT NOT NULL, pages TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (list, volume)
) WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('revision', 0);
"""
FORMER = """
CREATE TABLE former (
  url TEXT NOT NULL, list TEXT NOT NULL, volume TEXT, status INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
  etag TEXT, last_modified TEXT, sha256 TEXT NOT NULL, size INTEGER NOT NULL, warc TEXT NOT NULL, offset INTEGER NOT NULL,
  gone TEXT, noarchive INTEGER NOT NULL DEFAULT 0, until TEXT NOT NULL,
  PRIMARY KEY (url, warc, offset)
) WITHOUT ROWID;
CREATE INDEX former_of_volume ON former (list, volume);
"""
TAKEN_OUT = """
CREATE TABLE taken_out (
  id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, entry INTEGER NOT NULL, grp TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX taken_out_by_entry ON taken_out (entry);
"""

LEARNED = """
CREATE TABLE endings (
  ending TEXT NOT NULL, list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, kind TEXT NOT NULL, lines TEXT NOT NULL,
  PRIMARY KEY (list, ending)
) WITHOUT ROWID;
CREATE TABLE learned (
  id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, endings TEXT NOT NULL
) WITHOUT ROWID;
CREATE VIEW states AS SELECT m.id, m.list, m.thread, m.digest || coalesce(learned.endings, '') AS state
  FROM messages m LEFT JOIN learned USING (id);
"""

MAILS = """
CREATE TABLE mails (
  list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, digest TEXT NOT NULL, url TEXT NOT NULL, start INTEGER NOT NULL,
  size INTEGER NOT NULL, message_id TEXT, volume TEXT NOT NULL,
  PRIMARY KEY (list, digest)
) WITHOUT ROWID;
CREATE INDEX mails_of_volume ON mails (list, volume);
CREATE TABLE parts (sha256 TEXT PRIMARY KEY, url TEXT NOT NULL, start INTEGER NOT NULL, size INTEGER NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID;
"""

VAIN = "CREATE TABLE vain (url TEXT PRIMARY KEY, since INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;"

# A message's attachments: those of the entry that tells it, unless its copies have files of their own.
ATTACHED = """
CREATE VIEW attached AS SELECT m.id, m.list, m.pages, coalesce(m.files, e.attachments) AS attachments,
  e.standing, e.starts, e.volume, e.ordinal FROM messages m JOIN entries e USING (entry);
"""

# A message that goes takes its last lines along, so that purging leaves nothing of it; what it named is asked for later.
TAILS = """
CREATE TABLE tails (
  id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, digest TEXT NOT NULL,
  place INTEGER NOT NULL, footer INTEGER, ending INTEGER, whole TEXT, moved INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX tails_in_order ON tails (list, place, id, footer);
CREATE INDEX tails_by_ending ON tails (list, ending);
CREATE INDEX tails_moved ON tails (list) WHERE moved;
CREATE TABLE unlearned (list TEXT NOT NULL, ending INTEGER NOT NULL, PRIMARY KEY (list, ending)) WITHOUT ROWID;
CREATE TRIGGER tail_of_message AFTER DELETE ON messages BEGIN
  INSERT OR IGNORE INTO unlearned SELECT list, ending FROM tails WHERE id = old.id AND ending IS NOT NULL;
  DELETE FROM tails WHERE id = old.id;
END;
CREATE TRIGGER tail_of_moved AFTER UPDATE OF entry ON messages WHEN old.entry <> new.entry BEGIN
  UPDATE tails SET moved = 1 WHERE id = new.id;
END;
"""
MENTIONS = """
CREATE TABLE mentions (name INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (name, id)) WITHOUT ROWID;
CREATE INDEX mentions_of_message ON mentions (id);
"""

# The order is that of the key. What is indexed of a message changes with the message, its entry, its thread, its endings.
PLACES = """
CREATE TABLE places (
  moment INTEGER NOT NULL, list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, number INTEGER NOT NULL,
  id TEXT NOT NULL, mark BLOB NOT NULL,
  PRIMARY KEY (moment, list DESC, number DESC, id DESC)
) WITHOUT ROWID;
CREATE INDEX places_of_message ON places (id);
CREATE TABLE unplaced (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER place_of_gone AFTER DELETE ON messages BEGIN
  DELETE FROM places WHERE id = old.id;
  DELETE FROM unplaced WHERE id = old.id;
END;
INSERT INTO unplaced SELECT id FROM messages;
"""
# An upsert that fires a trigger takes its OR IGNORE away (SQLite, CREATE TRIGGER), so that the rows say it themselves.
UNPLACED = """
CREATE TRIGGER place_of_new AFTER INSERT ON messages BEGIN
  INSERT INTO unplaced SELECT new.id WHERE new.id NOT IN (SELECT id FROM unplaced);
END;
CREATE TRIGGER place_of_changed AFTER UPDATE OF entry, thread, digest ON messages BEGIN
  INSERT INTO unplaced SELECT new.id WHERE new.id NOT IN (SELECT id FROM unplaced);
END;
CREATE TRIGGER place_of_taught AFTER INSERT ON learned BEGIN
  INSERT INTO unplaced SELECT new.id WHERE new.id NOT IN (SELECT id FROM unplaced);
END;
CREATE TRIGGER place_of_untaught AFTER DELETE ON learned BEGIN
  INSERT INTO unplaced SELECT old.id WHERE old.id NOT IN (SELECT id FROM unplaced);
END;
"""
NO_TRIGGERS = "".join(f"DROP TRIGGER IF EXISTS place_of_{name};" for name in ("new", "changed", "taught", "untaught"))
USES = """
CREATE TABLE uses (
  list TEXT NOT NULL REFERENCES lists (name) ON DELETE CASCADE, sha256 TEXT NOT NULL, told TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (list, sha256, told, id)
) WITHOUT ROWID;
CREATE INDEX uses_of_message ON uses (id);
CREATE TRIGGER uses_of_gone AFTER DELETE ON messages BEGIN DELETE FROM uses WHERE id = old.id; END;
"""
SENDERS = "CREATE INDEX entries_by_sender ON entries (from_address);"  # thousands of them among many more entries

THREAD_AGAIN = "DELETE FROM counters WHERE name LIKE 'threads:%';"
LEARN_AGAIN = """
DROP TRIGGER IF EXISTS tail_of_message; DROP TABLE IF EXISTS tails; DELETE FROM counters WHERE name LIKE 'endings:%';
"""

# From each version to the next.
MIGRATIONS = {
    1: """
ALTER TABLE captures ADD COLUMN gone TEXT;
ALTER TABLE captures ADD COLUMN noarchive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE volumes ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE volumes ADD COLUMN checks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN standing TEXT NOT NULL DEFAULT '';
"""
    + FORMER,
    2: "ALTER TABLE ledger ADD COLUMN pages TEXT NOT NULL DEFAULT '{}';",
    3: TAKEN_OUT,
    4: LEARNED,
    5: MAILS,
    6: "ALTER TABLE messages ADD COLUMN files TEXT;" + ATTACHED,
    7: VAIN,
    8: MENTIONS + THREAD_AGAIN,
    9: SENDERS,
    10: PLACES,
    11: NO_TRIGGERS + UNPLACED,
    12: LEARN_AGAIN + TAILS,
    13: USES,
}


def connect(path: Path) -> sqlite3.Connection:
    """Open a database, made where it is missing; for reading alone where its folder cannot be written.

    A write-ahead log wants files beside it, even of who only reads: without them SQLite has to be told that nobody writes.
    """
    log = path.with_name(path.name + "-wal")
    sealed = path.exists() and not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)
    address = path.resolve().as_uri() + ("?immutable=1" if sealed else "")
    return sqlite3.connect(address, isolation_level=None, timeout=30, uri=True)


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring a database to today's schema; refuse one of a newer Hamelin."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise ArchiveTrouble(
            f"The archive {path.parent} was written by a newer Hamelin (schema {version}, ours {SCHEMA_VERSION}).",
            hint="Install that version or a later one.",
        )
    if version == 0:
        db.execute("PRAGMA journal_mode = WAL")
    new = [SCHEMA, FORMER, TAKEN_OUT, LEARNED, MAILS, ATTACHED, VAIN, MENTIONS, SENDERS, PLACES, UNPLACED, TAILS, USES]
    steps = [MIGRATIONS[at] for at in range(version, SCHEMA_VERSION)] if version else new
    if steps:
        db.executescript(f"BEGIN; {''.join(steps)} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
