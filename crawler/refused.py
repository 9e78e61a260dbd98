"""What was asked for in vain: refusals that a second try may change, and how many attachments are not there."""

from __future__ import annotations

from crawler.links import kind_of
from crawler.store import Capture, Store


def worth_another_try(store: Store, list_name: str) -> list[Capture]:
    """Give the addresses of a list that were refused once, and texts and indexes that their volume does without."""
    sql = (
        "SELECT url, volume, gone IS NULL AND status < 500 FROM captures WHERE list = ? AND volume IS NOT NULL"
        " AND status >= 400 AND (gone IS NULL OR url GLOB '*/thread.html' OR url GLOB '*.txt*')"
    )
    rows = store.db.execute(sql, (list_name,)).fetchall()
    chosen = [url for url, volume, once in rows if once or _is_lacking(store, list_name, volume, url)]
    return [capture for url in chosen if (capture := store.capture(url))]


def _is_lacking(store: Store, list_name: str, volume: str, url: str) -> bool:
    """Say whether an address is a text or an index, and nothing else of its kind is held of its volume."""
    if kind_of(url) not in ("text", "index"):
        return False
    held = store.captures(list_name, volume).values()
    return not any(capture.good and kind_of(capture.url) == kind_of(url) for capture in held)


def count_attachments(store: Store, list_name: str) -> tuple[int, int]:
    """Count the attachments of a list that we hold, and those that are not there."""
    sql = (
        "SELECT coalesce(sum(status < 300), 0), coalesce(sum(status IN (404, 410)), 0) FROM captures"
        " WHERE list = ? AND instr(url, '/attachments/') > 0"
    )
    found, missing = store.db.execute(sql, (list_name,)).fetchone()
    return int(found), int(missing)
