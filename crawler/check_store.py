"""archive.sqlite held against itself: rows without their source, and the ledger against what it accounts for.

Nothing is written. What the rows say of warc/ is compared in check_warc.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from crawler.differences import differences
from crawler.errors import ArchiveTrouble
from crawler.findings import REPARSE, UPDATE, Area, Finding, some
from crawler.ingest import PARSER
from crawler.library import Payload
from crawler.store import Store

MESSAGES_ALONE = "SELECT m.id FROM messages m LEFT JOIN entries e USING (entry) WHERE e.entry IS NULL"
ENTRIES_ALONE = """
SELECT DISTINCT e.list || '/' || e.volume FROM entries e LEFT JOIN volumes v ON v.list = e.list AND v.name = e.volume
WHERE v.name IS NULL"""
UNREAD_ENTRIES = """
SELECT DISTINCT e.list || '/' || e.volume FROM entries e WHERE NOT EXISTS (SELECT 1 FROM captures c
WHERE c.list = e.list AND c.volume = e.volume AND c.status BETWEEN 200 AND 299)
AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.list = e.list AND m.volume = e.volume)"""
CAPTURES_ALONE = "SELECT url FROM captures WHERE list <> '' AND list NOT IN (SELECT name FROM lists)"
VOLUMES_ALONE = """
SELECT DISTINCT c.list || '/' || c.volume FROM captures c LEFT JOIN volumes v ON v.list = c.list AND v.name = c.volume
WHERE c.volume IS NOT NULL AND v.name IS NULL"""
FILES_ALONE = """
SELECT DISTINCT json_extract(part.value, '$.url') FROM entries e, json_each(e.attachments) part
WHERE json_extract(part.value, '$.status') = 'stored' AND NOT EXISTS (SELECT 1 FROM captures c
WHERE c.sha256 = json_extract(part.value, '$.sha256') AND c.list = e.list AND c.volume = e.volume)
AND NOT EXISTS (SELECT 1 FROM parts p WHERE p.sha256 = json_extract(part.value, '$.sha256'))"""
MAILS_ALONE = """
SELECT DISTINCT m.url FROM mails m WHERE NOT EXISTS (SELECT 1 FROM captures c
WHERE c.url = m.url AND c.status BETWEEN 200 AND 299)"""
VOLUMES_WITHOUT_ACCOUNT = """
SELECT v.list || '/' || v.name FROM volumes v LEFT JOIN ledger l ON l.list = v.list AND l.volume = v.name
WHERE l.volume IS NULL AND NOT v.dirty"""
WRONG_PARSED = """
SELECT l.list || '/' || l.volume FROM ledger l
WHERE l.parsed <> (SELECT count(*) FROM entries e WHERE e.list = l.list AND e.volume = l.volume AND e.standing = '')"""
WRONG_MERGED = """
SELECT l.list || '/' || l.volume FROM ledger l
WHERE l.merged <> (SELECT count(*) FROM entries e WHERE e.list = l.list AND e.volume = l.volume
AND e.standing = '' AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.entry = e.entry)
AND NOT EXISTS (SELECT 1 FROM entries w WHERE w.list = e.list AND w.grp = e.grp AND w.bones = e.bones
AND instr(w.defects, '"no_archive"'))
AND NOT EXISTS (SELECT 1 FROM taken_out t WHERE t.entry = e.entry))"""
# What must find nothing: the area, what such rows are, SQL that names them.
RULES: tuple[tuple[Area, str, str], ...] = (
    ("database", "messages have no entry that tells them", MESSAGES_ALONE),
    ("database", "volumes have entries and no row of their own", ENTRIES_ALONE),
    ("database", "volumes have entries and no answer that they were read from", UNREAD_ENTRIES),
    ("database", "answers belong to a list that there is not", CAPTURES_ALONE),
    ("database", "volumes have answers and no row of their own", VOLUMES_ALONE),
    ("database", "attachments are said to be stored and are not held", FILES_ALONE),
    ("database", "pieces of raw mboxes have mails and are not held", MAILS_ALONE),
    ("ledger", "volumes were read and have no account", VOLUMES_WITHOUT_ACCOUNT),
    ("ledger", "accounts name another count of messages than was read", WRONG_PARSED),
    ("ledger", "accounts name another count of merged messages than there is", WRONG_MERGED),
)


def check_store(store: Store) -> Iterator[Finding]:
    """Look for damage of the file, rows without their source, and accounts that do not add up."""
    try:
        troubles = [row[0] for row in store.db.execute("PRAGMA quick_check(20)") if row[0] != "ok"]
        if troubles:
            yield damaged(some(troubles, 1))
            return
        for table, row, parent, _ in store.db.execute("PRAGMA foreign_key_check").fetchmany(1):
            yield Finding("database", f"{table} has a row ({row}) whose {parent} there is not.", REPARSE)
        for area, what, sql in RULES:
            if found := [str(row[0]) for row in store.db.execute(sql)]:
                yield Finding(area, f"{len(found):,} {what}: {some(found)}.", REPARSE)
        yield from _unread(store)
    except sqlite3.DatabaseError as error:
        yield damaged(str(error))


def damaged(why: str) -> Finding:
    """Say that the database cannot be trusted."""
    return Finding("database", f"archive.sqlite is damaged: {why}.", REPARSE)


def _unread(store: Store) -> Iterator[Finding]:
    dirty = [f"{name}/{volume}" for name, volume in store.db.execute("SELECT list, name FROM volumes WHERE dirty")]
    if dirty:
        yield Finding("database", f"{len(dirty):,} volumes were fetched and not read yet: {some(dirty)}.", UPDATE)
    old = store.db.execute("SELECT count(*) FROM volumes WHERE parser < ? AND NOT dirty", (PARSER,)).fetchone()[0]
    if old:
        what = f"{old:,} volumes were read by an older parser; `hamelin reparse` shows what would change."
        yield Finding("database", what, REPARSE, fault=False)


def check_reading(store: Store, payload: Payload) -> Iterator[Finding]:
    """Read every volume again and compare: what is stored is what today's parser reads from warc/."""
    try:
        count = sum(1 for _ in differences(store, payload))
    except ArchiveTrouble as trouble:
        yield Finding("database", trouble.message, REPARSE)
        return
    if count:
        yield Finding("database", f"{count:,} fields are not what is read from warc/ today.", REPARSE)
