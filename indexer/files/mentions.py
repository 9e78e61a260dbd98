"""Of which messages something else is published, when redaction is told of other addresses: of few, which name them.

Those that may name one are looked for in the database; of these alone it is tried whether the outcome is another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from crawler.store import Store
from indexer.files.texts import Texts
from indexer.files.uses import having
from indexer.readable import STILL_ENCODED, as_read
from indexer.redaction import Privacy, privacy_for, published, redact

IDS: Final = ("message_id", "in_reply_to", "refs")
SAID: Final = ("from_name", "date_raw", "subject", "body", "attachments")
FROM: Final = "FROM messages m JOIN entries e USING (entry)"
TAG: Final = re.compile(r"<[^<>]{1,80}>")
WORD: Final = re.compile(r"[a-z0-9]+")
REACH: Final = 400  # characters between the left side of an address and its host, however it is spelled
# Beside those of a host: a word for "at" in up to so many words, `64` of `&#64;`, `25` and `40`.
WORDS_BETWEEN: Final = 3


def published_otherwise(archive: Path, store: Store, now: Privacy, told: Collection[str]) -> set[str]:
    """Give the ids of messages of which something else is published now than when redaction was `told` of these."""
    others = privacy_for(sorted(now.told.symmetric_difference(told)))
    if not others.told:
        return set()
    then = Privacy(now.addresses, now.exceptions ^ others.exceptions, now.numbered ^ others.numbered)
    found = {*_identified(others.numbered, store), *_spelled(others.exceptions, store)}
    return {id for id in found if _is_another(store, id, then, now)} | having(store, _files(archive, others, then, now))


def may_name(address: str, text: str) -> bool:
    """Say whether a text, lower-case, may hold an address, lower-case, in some spelling.

    >>> may_name("ann@example.org", "ask ann (at) example dot org")
    True
    >>> may_name("ann@example.org", "ann has not yet seen an example")
    False
    """
    local, _, host = address.rpartition("@")
    label = _longest_label(host)
    words = WORDS_BETWEEN + 2 * host.partition(label)[0].count(".")
    place = text.find(label)
    while place >= 0:
        before = TAG.sub(" ", text[max(0, place - REACH) : place])
        if any(len(WORD.findall(before, end)) <= words for end in _ends(local, before)):
            return True
        place = text.find(label, place + 1)
    return False


def _longest_label(host: str) -> str:
    return max(host.split("."), key=len)


def _like(text: str) -> str:
    """Write a text as a part of what LIKE looks for."""
    return re.sub("[!%_]", r"!\g<0>", text)


def _is_another(store: Store, id: str, then: Privacy, now: Privacy) -> bool:
    message = store.message(id)
    return message is not None and published(as_read(message), then) != published(as_read(message), now)


def _files(archive: Path, others: Privacy, then: Privacy, now: Privacy) -> set[str]:
    """Give the files, by their sha256, whose text is published otherwise."""
    names = {address.rpartition("@")[0] for address in others.exceptions}
    with Texts.open(archive) as texts:
        found = texts.holding(names)
        return {sha256 for sha256, text in found if redact(text, then.exceptions) != redact(text, now.exceptions)}


def _ends(local: str, text: str) -> Iterator[int]:
    """Give where a word ends in a text, the last first; what is only the end of a longer one is none."""
    start = text.rfind(local)
    while start >= 0:
        if not WORD.match(text[start - 1 : start]):
            yield start + len(local)
        start = text.rfind(local, 0, start + len(local) - 1)


def _identified(addresses: Collection[str], store: Store) -> set[str]:
    """Give the ids of the messages whose own or named Message-IDs hold one of these addresses."""
    like = " OR ".join(f"e.{column} LIKE ? ESCAPE '!'" for _ in addresses for column in IDS)
    values = [f"%{_like(address)}%" for address in sorted(addresses) for _ in IDS]
    return {id for (id,) in store.db.execute(f"SELECT m.id {FROM} WHERE {like}", values)} if addresses else set()


def _spelled(addresses: Collection[str], store: Store) -> Iterator[str]:
    """Give the ids of the messages that may hold one of these addresses in some spelling, case of ASCII apart."""
    said = " || char(10) || ".join(f"coalesce(e.{column}, '')" for column in (*IDS, *SAID))
    said = f"{said} || char(10) || coalesce(m.files, '')"
    like = f"{said} LIKE :like ESCAPE '!' OR instr(e.defects, :encoded)"
    sql = f"SELECT m.id, {said}, instr(e.defects, :encoded) {FROM} WHERE {like}"
    for address in sorted(addresses):
        local, _, host = address.rpartition("@")
        values = {"like": f"%{_like(local)}%{_like(_longest_label(host))}%", "encoded": STILL_ENCODED}
        rows = store.db.execute(sql, values)
        yield from (id for id, text, encoded in rows if encoded or may_name(address, text.lower()))
