"""The step that learns what a list's mails end with, when its messages changed since, and keeps it in the database.

What is learned of a message counts as part of its state: index and site make anew what holds it, and nothing else.
Only new mail is read, and older mail that ends like it (`indexer.tails`): what comes of it is what all mail teaches.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable

from crawler.store import Store
from indexer.body.endings import Ending
from indexer.body.learning import FEWEST_OF_ONE, signatures
from indexer.redaction import Privacy, redact
from indexer.rethread import GONE, lots, revision_of, stale
from indexer.tails import Tails

COUNTER = "endings:"  # before a list's name: the revision up to which its endings are learned

FORGET = (
    "DELETE FROM endings WHERE list = ? AND ending = ?"
    " AND NOT EXISTS (SELECT 1 FROM learned WHERE list = ? AND instr(endings, ?))"
)

Held = dict[str, frozenset[str]]
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
    made = revision_of(store, list_name, COUNTER)
    tails = Tails(store, list_name, _known_footers(store, list_name))
    fresh, touched = tails.read(made)
    anew = tails.learn_footers() or made is None
    signed = _signed(tails, None if anew else touched)
    if anew:
        ids = [id for (id,) in store.db.execute("SELECT id FROM messages WHERE list = ?", (list_name,))]
        held = _held(store, list_name)
    else:
        ids = list({*fresh, *signed})
        held = _held(store, list_name, {*ids, *_gone(store, list_name, made)})
    having = _having(store, list_name, tails.footers, None if anew else fresh)
    footers = frozenset(map(key_of, tails.footers))
    untouched = frozenset[str]() if anew else frozenset(ids) - frozenset(fresh)
    now: Held = {}
    for id in ids:
        below = held.get(id, frozenset()) & footers if id in untouched else having.get(id, frozenset())
        now[id] = below | {key_of(one) for one in (signed.get(id),) if one}
    known = {key_of(one): one for one in (*tails.footers, *signed.values()) if one}
    return _save(store, list_name, known, now, held)


def _signed(tails: Tails, endings: Iterable[int] | None) -> dict[str, Ending | None]:
    """Give the ending of senders that applies to each of the mails that can have some endings, or any."""
    told: dict[str, Ending | None] = {}
    for ids in tails.alike(endings):
        found = signatures(tails.mails(ids)) if len(ids) >= FEWEST_OF_ONE else [None] * len(ids)
        told.update(zip(ids, found, strict=True))
    return told


def _having(store: Store, list_name: str, footers: Iterable[Ending], ids: Collection[str] | None) -> Held:
    """Give the footers that messages, some or all, can hold somewhere: those whose longest word they hold."""
    found: dict[str, set[str]] = {}
    for footer in footers:
        word = max((word for line in footer.lines for word in line.split()), key=len)
        sql = "SELECT m.id FROM messages m JOIN entries e USING (entry) WHERE m.list = ? AND instr(e.body, ?)"
        if ids is None:
            having = store.db.execute(sql, (list_name, word)).fetchall()
        else:
            asked = (store.db.execute(f"{sql} AND m.id = ?", (list_name, word, id)) for id in ids)
            having = [row for rows in asked for row in rows]
        for (id,) in having:
            found.setdefault(id, set()).add(key_of(footer))
    return {id: frozenset(keys) for id, keys in found.items()}


def key_of(ending: Ending) -> str:
    """Give what an ending is known by."""
    return hashlib.sha256(json.dumps(ending).encode()).hexdigest()[:16]


def _known_footers(store: Store, list_name: str) -> list[Ending]:
    rows = store.db.execute("SELECT lines FROM endings WHERE list = ? AND kind = 'footer'", (list_name,))
    return sorted(Ending("footer", tuple(json.loads(lines))) for (lines,) in rows)


def _gone(store: Store, list_name: str, made: int | None) -> list[str]:
    return [id for (id,) in store.db.execute(GONE, {"list": list_name, "made": made})]


def _held(store: Store, list_name: str, ids: Iterable[str] | None = None) -> Held:
    """Give the endings that applied to messages, some or all, when they were last learned."""
    sql = "SELECT id, endings FROM learned WHERE list = ?"
    if ids is None:
        rows = store.db.execute(sql, (list_name,)).fetchall()
    else:
        marked = ((f"{sql} AND id IN ({', '.join('?' * len(lot))})", lot) for lot in lots(ids))
        rows = [row for some, lot in marked for row in store.db.execute(some, (list_name, *lot))]
    return {id: frozenset(json.loads(endings)) for id, endings in rows}


def _save(store: Store, list_name: str, known: dict[str, Ending], now: Held, held: Held) -> int:
    nothing = frozenset[str]()
    changed = [id for id in held.keys() | now.keys() if held.get(id, nothing) != now.get(id, nothing)]
    if changed:
        store.db.executemany("DELETE FROM learned WHERE id = ?", [(id,) for id in changed])
        new = [(id, list_name, json.dumps(sorted(now[id]))) for id in changed if now.get(id)]
        store.db.executemany("INSERT INTO learned VALUES (?, ?, ?)", new)
        used = {key for id in changed for key in now.get(id, nothing)}
        values = [(key, list_name, known[key].kind, json.dumps(known[key].lines)) for key in sorted(used)]
        store.db.executemany("INSERT OR IGNORE INTO endings VALUES (?, ?, ?, ?)", values)
        dropped = {key for id in changed for key in held.get(id, nothing)} - used
        store.db.executemany(FORGET, [(list_name, key, list_name, key) for key in sorted(dropped)])
        store.next_revision()
    store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (COUNTER + list_name, store.revision()))
    return len(changed)
