"""Which messages a new exception of redaction concerns: those that mention it, in their files too."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from crawler.store import Store
from indexer.files.texts import Texts

SAYING = ("from_name", "subject", "message_id", "in_reply_to", "refs", "body")


def mentioning(archive: Path, store: Store, addresses: Collection[str]) -> set[str]:
    """Give the ids of the messages that hold the left side of one of these addresses, or have a file that does."""
    if not addresses:
        return set()
    names = sorted({address.rpartition("@")[0] for address in addresses})
    with Texts.open(archive) as texts:
        files = texts.holding(names)
    return _saying(names, store) | (_having(files, store) if files else set())


def _saying(texts: Iterable[str], store: Store) -> set[str]:
    """Give the ids of the messages whose sender, subject, ids or body hold one of the texts, case of ASCII apart."""
    said = " || char(10) || ".join(f"coalesce(e.{column}, '')" for column in SAYING)
    sql = f"SELECT m.id FROM messages m JOIN entries e USING (entry) WHERE instr(lower({said}), lower(?))"  # noqa: S608 - our own names
    return {id for text in texts for (id,) in store.db.execute(sql, (text,))}


def _having(files: set[str], store: Store) -> set[str]:
    """Give the ids of the messages that have an attachment of one of these sha256."""
    sql = "SELECT id, attachments FROM attached WHERE attachments <> '[]'"
    return {id for id, parts in store.db.execute(sql) if any(part["sha256"] in files for part in json.loads(parts))}
