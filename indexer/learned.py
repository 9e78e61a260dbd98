"""The step that learns what a list's mails end with, when its messages changed since, and keeps it in the database.

What is learned of a message counts as part of its state: index and site make anew what holds it, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from crawler.store import Store
from indexer.body.endings import Ending
from indexer.body.learning import READ, Mail, footers_of, learn, tail_of
from indexer.redaction import Privacy, redact
from indexer.rethread import stale

COUNTER = "endings:"  # before a list's name: the revision up to which its endings are learned

Applying = dict[str, frozenset[str]]
"""By a message's id, the keys of the endings that apply to it."""


def learn_endings(store: Store) -> int:
    """Learn what the mails of all lists that need it end with; give of how many messages something else is known."""
    changed = 0
    for mailing_list in store.lists():
        if stale(store, mailing_list.name, COUNTER):
            with store.transaction():
                changed += _learn_list(store, mailing_list.name)
    return changed


def endings_of(store: Store, id: str) -> tuple[Ending, ...]:
    """Give the endings that apply to a message, the longest first."""
    sql = (
        "SELECT endings.kind, endings.lines FROM learned, json_each(learned.endings) AS one"
        " JOIN endings ON endings.ending = one.value AND endings.list = learned.list WHERE learned.id = ?"
    )
    found = (Ending(kind, tuple(json.loads(lines))) for kind, lines in store.db.execute(sql, (id,)))
    return tuple(sorted(found, key=lambda ending: (-len(ending.lines), ending)))


def published_endings(endings: Iterable[Ending], privacy: Privacy) -> tuple[Ending, ...]:
    """Give endings as they stand in a text that was redacted."""
    if privacy.addresses:
        return tuple(endings)
    return tuple(
        ending._replace(lines=tuple(redact(line, privacy.exceptions) for line in ending.lines)) for ending in endings
    )


def _learn_list(store: Store, list_name: str) -> int:
    """Learn the endings of a list and keep them; give how many of its messages they change."""
    sql = (
        "SELECT m.id, coalesce(e.from_address, e.from_name, ''), e.starts, substr(e.body, ?)"
        " FROM messages m JOIN entries e USING (entry) WHERE m.list = ? ORDER BY e.starts, e.volume, e.ordinal"
    )
    ids, mails = [], []
    for id, sender, starts, end in store.db.execute(sql, (-READ, list_name)):
        ids.append(id)
        mails.append(Mail(sender.lower(), 1970 + int(starts / 365.2425), tail_of(end)))
    told = learn(mails)
    known = {_key(ending): ending for endings in told for ending in endings}
    applying: Applying = {id: frozenset(map(_key, endings)) for id, endings in zip(ids, told, strict=True) if endings}
    for footer in footers_of(told):
        for id in _holding(store, list_name, footer):
            applying[id] = applying.get(id, frozenset()) | {_key(footer)}
    return _save(store, list_name, known, applying)


def _holding(store: Store, list_name: str, footer: Ending) -> list[str]:
    """Give the messages that can hold a footer somewhere, by its longest word."""
    word = max((word for line in footer.lines for word in line.split()), key=len)
    sql = "SELECT m.id FROM messages m JOIN entries e USING (entry) WHERE m.list = ? AND instr(e.body, ?)"
    return [id for (id,) in store.db.execute(sql, (list_name, word))]


def _key(ending: Ending) -> str:
    return hashlib.sha256(json.dumps(ending).encode()).hexdigest()[:16]


def _save(store: Store, list_name: str, known: dict[str, Ending], applying: Applying) -> int:
    rows = store.db.execute("SELECT id, endings FROM learned WHERE list = ?", (list_name,))
    held: Applying = {id: frozenset(json.loads(keys)) for id, keys in rows}
    changed = [id for id in held.keys() | applying.keys() if held.get(id) != applying.get(id)]
    if changed:
        store.db.executemany("DELETE FROM learned WHERE id = ?", [(id,) for id in changed])
        new = [(id, list_name, json.dumps(sorted(applying[id]))) for id in changed if id in applying]
        store.db.executemany("INSERT INTO learned VALUES (?, ?, ?)", new)
        store.db.execute("DELETE FROM endings WHERE list = ?", (list_name,))
        values = [(key, list_name, ending.kind, json.dumps(ending.lines)) for key, ending in sorted(known.items())]
        store.db.executemany("INSERT INTO endings VALUES (?, ?, ?, ?)", values)
        store.next_revision()
    store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (COUNTER + list_name, store.revision()))
    return len(changed)
