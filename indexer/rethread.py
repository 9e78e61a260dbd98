"""The thread step: each list's messages get the key of their thread, when its messages changed since."""

from __future__ import annotations

from crawler.store import Store
from indexer.threads import thread_keys

COUNTER = "threads:"  # before a list's name: the revision up to which its threads are made


def stale(store: Store, list_name: str, counter: str = COUNTER) -> bool:
    """Say whether a list's messages changed since its threads were made, or another step of this counter."""
    sql = (
        "SELECT max(revision) FROM (SELECT revision FROM messages WHERE list = :list"
        " UNION ALL SELECT revision FROM deletions WHERE list = :list)"
    )
    newest = store.db.execute(sql, {"list": list_name}).fetchone()[0]
    made = store.db.execute("SELECT value FROM counters WHERE name = ?", (counter + list_name,)).fetchone()
    return newest is not None and (made is None or newest > made[0])


def rethread(store: Store) -> int:
    """Write the thread keys of all lists that need it; give how many messages changed their thread."""
    changed = 0
    for mailing_list in store.lists():
        if stale(store, mailing_list.name):
            keys = thread_keys(store.headings(mailing_list.name))
            with store.transaction():
                changed += store.save_threads(mailing_list.name, keys)
                row = (COUNTER + mailing_list.name, store.revision())
                store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", row)
    return changed


def fresh_keys(store: Store, list_name: str) -> dict[str, str]:
    """Give the thread keys (id to key) that a list would get now; nothing where those it has are true."""
    return thread_keys(store.headings(list_name)) if stale(store, list_name) else {}
