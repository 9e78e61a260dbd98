"""Which messages a new exception of redaction concerns: those that mention it, in their files too."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from crawler.store import Store
from indexer.files.texts import Texts


def mentioning(archive: Path, store: Store, addresses: Collection[str]) -> set[str]:
    """Give the ids of the messages that hold the left side of one of these addresses, or have a file that does."""
    if not addresses:
        return set()
    names = sorted({address.rpartition("@")[0] for address in addresses})
    with Texts.open(archive) as texts:
        files = texts.holding(names)
    return store.mentioning(names) | (_having(files, store) if files else set())


def _having(files: set[str], store: Store) -> set[str]:
    """Give the ids of the messages that have an attachment of one of these sha256."""
    sql = "SELECT m.id, e.attachments FROM messages m JOIN entries e USING (entry) WHERE e.attachments <> '[]'"
    return {id for id, parts in store.db.execute(sql) if any(part["sha256"] in files for part in json.loads(parts))}
