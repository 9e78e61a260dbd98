"""The thread step: messages get the key of their thread, when messages of their list changed since.

Which messages a thread is made of is told by the Message-IDs that they have and name, and by nothing else. So the
table `mentions` keeps these, and only what hangs together with a message that is new, changed or gone is threaded
again; it comes to what threading the whole list (`indexer/threads.py`) comes to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from crawler.message import Heading
from crawler.store import Store
from indexer.threads import thread_keys

COUNTER = "threads:"  # before a list's name: the revision up to which its threads are made
Value = TypeVar("Value", int, str)
# Of a list, since a revision: of a table's many rows few are newer, so it is the revision that finds them.
CHANGED: Final = "SELECT id FROM messages WHERE +list = :list AND revision > :made"
GONE: Final = "SELECT id FROM deletions WHERE list = :list AND revision > :made"
AT_ONCE: Final = 500  # values in a question to the database


def stale(store: Store, list_name: str, counter: str = COUNTER) -> bool:
    """Say whether a list's messages changed since its threads were made, or another step of this counter."""
    made = revision_of(store, list_name, counter)
    since = {"list": list_name, "made": -1 if made is None else made}
    return any(store.db.execute(sql, since).fetchone() for sql in (CHANGED, GONE))


def rethread(store: Store) -> int:
    """Write the thread keys of all lists that need it; give how many messages changed their thread."""
    changed = 0
    for mailing_list in store.lists():
        if stale(store, mailing_list.name):
            with store.transaction():
                keys = thread_keys(_touched(store, mailing_list.name))
                changed += store.save_threads(mailing_list.name, keys)
                row = (COUNTER + mailing_list.name, store.revision())
                store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", row)
    return changed


def fresh_keys(store: Store, list_name: str) -> dict[str, str]:
    """Give the thread keys (id to key) that a list would get now; nothing where those it has are true."""
    return thread_keys(store.headings(list_name)) if stale(store, list_name) else {}


def lots(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Part values into lots that fit into one question to the database."""
    rest = iter(values)
    while lot := list(islice(rest, AT_ONCE)):
        yield lot


def revision_of(store: Store, list_name: str, counter: str = COUNTER) -> int | None:
    """Give the revision up to which a list's threads are made, or another step of this counter; None for none."""
    row = store.db.execute("SELECT value FROM counters WHERE name = ?", (counter + list_name,)).fetchone()
    return row[0] if row else None


def _touched(store: Store, list_name: str) -> list[Heading]:
    """Give the headings of all messages whose thread can be another now, and keep what they mention."""
    made = revision_of(store, list_name)
    if made is None:
        found = store.headings(list_name)
        _keep_mentions(store, found)
        return found
    since = {"list": list_name, "made": made}
    changed, gone = ([id for (id,) in store.db.execute(sql, since)] for sql in (CHANGED, GONE))
    before = {name for ids in lots([*changed, *gone]) for name in _mentioned_by(store, ids)}
    _forget_mentions(store, gone)
    fresh = store.headings(list_name, changed)
    _keep_mentions(store, fresh)
    return [*fresh, *_connected(store, list_name, before, fresh)]


def _connected(store: Store, list_name: str, names: set[int], known: Iterable[Heading]) -> Iterator[Heading]:
    """Give the messages that hang together with these names, by whatever they mention; without those that are known."""
    met = {heading.id for heading in known}
    asked: set[int] = set()
    names = names.union(*map(_mentions, known))
    while names:
        asked |= names
        near = {id for lot in lots(names) for id in _mentioning(store, lot)} - met
        met |= near
        headings = store.headings(list_name, near)
        yield from headings
        names = {name for heading in headings for name in _mentions(heading)} - asked


def _mentions(heading: Heading) -> set[int]:
    """Give the Message-IDs that a message has or names as numbers of 63 bits, of this list alone.

    Should two be one number, more is threaded again than has to be.
    """
    named = filter(None, (heading.message_id, heading.in_reply_to, *heading.references))
    told = (f"{heading.list}\0{name}".encode("utf-8", "surrogatepass") for name in named)
    digests = (hashlib.sha256(name).digest() for name in told)
    return {int.from_bytes(digest[:8], "big") >> 1 for digest in digests}


def _keep_mentions(store: Store, headings: Iterable[Heading]) -> None:
    headings = list(headings)
    _forget_mentions(store, [heading.id for heading in headings])
    rows = [(name, heading.id) for heading in headings for name in _mentions(heading)]
    store.db.executemany("INSERT INTO mentions VALUES (?, ?)", sorted(rows))


def _forget_mentions(store: Store, ids: Iterable[str]) -> None:
    store.db.executemany("DELETE FROM mentions WHERE id = ?", [(id,) for id in ids])


def _mentioned_by(store: Store, ids: list[str]) -> Iterator[int]:
    sql = f"SELECT name FROM mentions WHERE id IN ({', '.join('?' * len(ids))})"  # noqa: S608 - marks alone
    return (name for (name,) in store.db.execute(sql, ids))


def _mentioning(store: Store, names: list[int]) -> Iterator[str]:
    sql = f"SELECT id FROM mentions WHERE name IN ({', '.join('?' * len(names))})"  # noqa: S608 - marks alone
    return (id for (id,) in store.db.execute(sql, names))
