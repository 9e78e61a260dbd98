"""Where the database and removals.jsonl disagree: volumes to be read again, so that what was taken out is out.

A person may have edited the file, or a kill may have come between the two. Mostly they agree: so what mends it
is imported only then.
"""

from __future__ import annotations

from pathlib import Path

from crawler.removals import load
from crawler.store import Store

TOLD = "SELECT e.list, e.volume FROM messages m JOIN entries e USING (entry) WHERE m.id = ?"
OUT = "SELECT t.id, e.list, e.volume FROM taken_out t JOIN entries e USING (entry)"


def disregarded(store: Store) -> list[tuple[str, str]]:
    """Name the volumes (list, volume) with messages that should be out and are not, or are out and should not be."""
    found = {volume for removal in store.removals for volume in store.db.execute(TOLD, (removal.id,))}
    found |= {(name, volume) for id, name, volume in store.db.execute(OUT) if id not in store.removals}
    return sorted(found)


def heed(folder: Path, store: Store) -> bool:
    """Make the database do what removals.jsonl says; say whether it did not yet."""
    store.removals = load(folder)
    if not disregarded(store):
        return False
    from crawler.ingest import ingest
    from crawler.warc import WarcReader

    with WarcReader(folder) as reader:
        ingest(store, reader.payload)
    return True
