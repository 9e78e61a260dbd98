"""Yesterday's captures read by today's parser: the database made again from warc/.

Nothing here asks a server. A new database grows beside the old one, and takes its place when it is whole.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from crawler.config import Config
from crawler.former import hold
from crawler.ingest import IngestReport, ingest
from crawler.library import Library, Payload
from crawler.pages import read_list_index
from crawler.removals import load
from crawler.store import DATABASE, MailingList, Store, Volume
from crawler.visits import newest, row_of
from crawler.warc import WarcReader, scan

BESIDE = ".rebuild"  # where a new database grows until it is whole
GO_ON = "UPDATE counters SET value = max(value, ?) + 1 WHERE name = 'revision'"


def rebuild(folder: Path, config: Config, progress: Callable[[str, str, int], None] | None = None) -> IngestReport:
    """Make archive.sqlite again from warc/ and hamelin.toml, and put it in the old one's place when it is whole.

    To be called under the archive's lock. After a kill the old database is there as it was.
    """
    beside = folder / BESIDE
    shutil.rmtree(beside, ignore_errors=True)
    with Store.open(beside) as store, WarcReader(folder) as reader:
        store.removals = load(folder)
        with store.transaction():
            for capture in scan(folder):
                hold(store, reader.payload, capture)
            store.db.execute("UPDATE captures SET gone = warc WHERE status >= 400 AND gone IS NULL")  # guesses, mostly
        found = _find_lists(store, reader.payload, config)
        library = Library(store, reader.payload)
        for volume in found:
            complete = not library.wanted(volume.list, volume.name, config.pages)
            held = [c.fetched_at for c in store.captures(volume.list, volume.name).values() if c.good]
            store.save_volume(replace(volume, complete=complete, checked=max(held, default=0)))
        report = ingest(store, reader.payload, progress=progress)
        with store.transaction():
            store.db.execute(GO_ON, (_revision_of(folder),))
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        (folder / (DATABASE + suffix)).unlink(missing_ok=True)
    (beside / DATABASE).replace(folder / DATABASE)
    shutil.rmtree(beside, ignore_errors=True)
    return report


def _revision_of(folder: Path) -> int:
    """Give the revision of the database that is to be replaced; the clock's seconds, which are more, without one.

    The new database counts from nothing, and could come to the very revision that index and site were made of.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(folder / DATABASE))}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT value FROM counters WHERE name = 'revision'").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return int(time.time())


def _find_lists(store: Store, payload: Payload, config: Config) -> list[Volume]:
    """Write down the lists of hamelin.toml of which anything is held, and their volumes, in the index or not."""
    found = []
    for known in config.lists:
        volumes = store.captured_volumes(known.name)
        capture = store.capture(known.url)
        if not store.captured(known.name):
            continue
        index = read_list_index(payload(capture) if capture and capture.good else b"", known.url)
        store.save_list(MailingList(known.name, known.url, index.title, index.charset, index.language, index.listinfo))
        rows = {row.name: row for row in index.volumes}
        rows |= {name: row_of(name) for name in volumes if name not in rows}
        library, last = Library(store, payload), newest(rows.values())
        for row in rows.values():
            volume = Volume(known.name, row.name, row.starts, row.row)
            found.append(replace(volume, settled=library.settled(volume, last)))
    for volume in found:
        store.save_volume(volume)
    return found
