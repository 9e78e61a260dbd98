"""The step that learns what a list's mails end with, when its messages changed since, and keeps it in the database.

What is learned of a message counts as part of its state: index and site make anew what holds it, and nothing else.
The last lines of each message are kept: new mail is read, and the mail of before is not read again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Final

from crawler.store import Store
from indexer.body.endings import Ending
from indexer.body.learning import FEWEST_OF_ONE, READ, Mail, footers_of, learn, tail_of
from indexer.redaction import Privacy, redact
from indexer.rethread import stale

COUNTER = "endings:"  # before a list's name: the revision up to which its endings are learned

READ_BY = "tails:"  # before a list's name: the rules by which its messages' last lines were read
RULES: Final = 1
"""Grows whenever `tail_of` would read other last lines of the same body; all are read again."""

Row = tuple[str, str, int, str, int]
"""A message's id, digest, entry, sender and the day on which its volume starts."""
Held = dict[str, str]
"""By a message's id, the keys of the endings that applied to it when they were last learned, as they are kept."""


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
        "SELECT m.id, m.digest, m.entry, coalesce(e.from_address, e.from_name, ''), e.starts"
        " FROM messages m JOIN entries e USING (entry) WHERE m.list = ? ORDER BY e.starts, e.volume, e.ordinal"
    )
    rows = store.db.execute(sql, (list_name,)).fetchall()
    tails = _tails(store, list_name)
    fresh = [(id, digest, entry) for id, digest, entry, *_ in rows if tails.get(id, ("",))[0] != digest]
    tails |= _read_tails(store, list_name, fresh)
    lines = [tails[id][1] for id, *_ in rows]
    told = learn(_mails(rows, _shared(lines)))
    if footers_of(told):  # what stands above a footer can be what others end with
        told = learn(_mails(rows, lines))
    keys = {ending: _key(ending) for endings in told for ending in endings}
    applying = {row[0]: {keys[one] for one in endings} for row, endings in zip(rows, told, strict=True) if endings}
    held = dict(store.db.execute("SELECT id, endings FROM learned WHERE list = ?", (list_name,)).fetchall())
    for footer in footers_of(told):
        for id in _holding(store, list_name, footer, {id for id, _, _ in fresh}, held):
            applying.setdefault(id, set()).add(keys[footer])
    return _save(store, list_name, {key: ending for ending, key in keys.items()}, applying, held)


def _shared(tails: list[str]) -> list[str]:
    """Blank the last lines of mails that end as hardly another does: they teach nothing unless a footer is learned."""
    last = [tail.partition("\n")[0] for tail in tails]
    counts = Counter(last)
    return [tail if counts[line] >= FEWEST_OF_ONE else "" for tail, line in zip(tails, last, strict=True)]


def _mails(rows: Iterable[Row], tails: Iterable[str]) -> list[Mail]:
    return [
        Mail(sender.lower(), 1970 + int(starts / 365.2425), tuple(tail.split("\n")) if tail else ())
        for (_, _, _, sender, starts), tail in zip(rows, tails, strict=True)
    ]


def _tails(store: Store, list_name: str) -> dict[str, tuple[str, str]]:
    """Give what is known of messages' last lines, by id: the digest that a message had, and the lines."""
    rules = store.db.execute("SELECT value FROM counters WHERE name = ?", (READ_BY + list_name,)).fetchone()
    if rules != (RULES,):
        store.db.execute("DELETE FROM tails WHERE list = ?", (list_name,))
        store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (READ_BY + list_name, RULES))
    rows = store.db.execute("SELECT id, digest, tail FROM tails WHERE list = ?", (list_name,))
    return {id: (digest, tail) for id, digest, tail in rows}


def _read_tails(store: Store, list_name: str, fresh: Iterable[tuple[str, str, int]]) -> dict[str, tuple[str, str]]:
    """Read the last lines of messages (id, digest, entry), and keep them."""
    found = {}
    for id, digest, entry in fresh:
        end = store.db.execute("SELECT substr(body, ?) FROM entries WHERE entry = ?", (-READ, entry)).fetchone()[0]
        found[id] = (digest, "\n".join(tail_of(end)))
    rows = [(id, list_name, *read) for id, read in found.items()]
    store.db.executemany("INSERT OR REPLACE INTO tails VALUES (?, ?, ?, ?)", rows)
    return found


def _holding(store: Store, list_name: str, footer: Ending, fresh: set[str], held: Held) -> list[str]:
    """Give the messages that can hold a footer somewhere, by its longest word.

    Where the footer is known from before, messages that are not fresh hold it if they did.
    """
    word = max((word for line in footer.lines for word in line.split()), key=len)
    key = _key(footer)
    known = store.db.execute("SELECT 1 FROM endings WHERE list = ? AND ending = ?", (list_name, key)).fetchone()
    sql = "SELECT m.id FROM messages m JOIN entries e USING (entry) WHERE m.list = ? AND instr(e.body, ?)"
    if not known:
        return [id for (id,) in store.db.execute(sql, (list_name, word))]
    stay = [id for (id,) in store.db.execute("SELECT id FROM messages WHERE list = ?", (list_name,)) if id not in fresh]
    found = [id for id in fresh if store.db.execute(sql + " AND m.id = ?", (list_name, word, id)).fetchone()]
    return found + [id for id in stay if key in held.get(id, "")]


def _key(ending: Ending) -> str:
    return hashlib.sha256(json.dumps(ending).encode()).hexdigest()[:16]


def _save(store: Store, list_name: str, known: dict[str, Ending], applying: dict[str, set[str]], held: Held) -> int:
    now = {id: json.dumps(sorted(keys)) for id, keys in applying.items()}
    changed = [id for id in held.keys() | now.keys() if held.get(id) != now.get(id)]
    if changed:
        store.db.executemany("DELETE FROM learned WHERE id = ?", [(id,) for id in changed])
        new = [(id, list_name, now[id]) for id in changed if id in now]
        store.db.executemany("INSERT INTO learned VALUES (?, ?, ?)", new)
        store.db.execute("DELETE FROM endings WHERE list = ?", (list_name,))
        values = [(key, list_name, ending.kind, json.dumps(ending.lines)) for key, ending in sorted(known.items())]
        store.db.executemany("INSERT INTO endings VALUES (?, ?, ?, ?)", values)
        store.next_revision()
    store.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (COUNTER + list_name, store.revision()))
    return len(changed)
