"""What was asked for in vain: refusals that a second try may change, and how many attachments are not there."""

from __future__ import annotations

from crawler.store import Capture, Store


def refused_once(store: Store, list_name: str) -> list[Capture]:
    """Give the addresses of a list that were refused once, so that asking a second time may be worth it."""
    sql = "SELECT url, volume FROM captures WHERE list = ? AND gone IS NULL AND status BETWEEN 400 AND 499"
    found = [store.capture(url) for url, volume in store.db.execute(sql, (list_name,)).fetchall() if volume]
    return [capture for capture in found if capture]


def count_attachments(store: Store, list_name: str) -> tuple[int, int]:
    """Count the attachments of a list that we hold, and those that are not there."""
    sql = (
        "SELECT coalesce(sum(status < 300), 0), coalesce(sum(status IN (404, 410)), 0) FROM captures"
        " WHERE list = ? AND instr(url, '/attachments/') > 0"
    )
    found, missing = store.db.execute(sql, (list_name,)).fetchone()
    return int(found), int(missing)
