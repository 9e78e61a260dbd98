"""The last lines of messages as numbers, kept in the database: so mails that end alike are found and no others read.

Of each message the table `tails` has a number for the fewest last lines that can be a footer, and one for those that
can be an ending of senders (`indexer/body/learning.py`). Should two be one number, more is read than has to be.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from crawler.store import Store
from indexer.body.endings import Ending
from indexer.body.learning import (
    FEWEST_OF_ONE,
    READ,
    SHORTEST_LIST,
    Mail,
    above_footer,
    ending_base,
    footer_base,
    footers,
    often_in_a_row,
    tail_of,
)
from indexer.rethread import CHANGED, lots

READ_BY: Final = "tails:"  # before a list's name: the rules by which its messages' last lines were read
RULES: Final = 2
"""Grows whenever other last lines would be read of the same body, or become other numbers; all are read again."""
DAYS_OF_A_YEAR: Final = 365.2425
VOLUME: Final = 1 << 24  # more than the messages of a volume: places in the archive's order are numbers

NEW: Final = (
    "SELECT m.id FROM messages m LEFT JOIN tails t USING (id) WHERE m.list = ? AND t.digest IS NOT m.digest"
    " ORDER BY m.entry"
)
TOLD: Final = (
    "SELECT m.id, m.digest, e.starts, e.ordinal, coalesce(e.from_address, e.from_name, ''), substr(e.body, -{read}),"
    " t.digest, t.ending FROM messages m JOIN entries e USING (entry) LEFT JOIN tails t USING (id)"
    " WHERE m.id IN ({marks})"
)
MOVED: Final = (
    "SELECT t.id, t.place, t.ending, e.starts, e.ordinal"
    " FROM tails t CROSS JOIN messages m USING (id) CROSS JOIN entries e USING (entry) WHERE t.list = ? AND t.moved"
)
WHOLE: Final = "SELECT id, whole FROM tails WHERE id IN ({marks}) AND whole IS NOT NULL"
ALIKE: Final = "SELECT ending, id FROM tails WHERE list = ? AND ending IN ({marks}) ORDER BY ending, place, id"
SHARED: Final = "SELECT ending FROM tails WHERE list = ? AND ending IS NOT NULL GROUP BY ending HAVING count(*) >= ?"
BASES: Final = "SELECT footer FROM tails WHERE list = ? ORDER BY place, id"
IDS: Final = "SELECT id FROM tails WHERE list = ? ORDER BY place, id"
KEEP: Final = "INSERT OR REPLACE INTO tails (id, list, digest, place, footer, ending) VALUES (?, ?, ?, ?, ?, ?)"


class Tails:
    """The last lines of one list's messages; `footers` are those that the list is known to have."""

    def __init__(self, store: Store, list_name: str, footers: Sequence[Ending]) -> None:
        self._db, self._list, self.footers = store.db, list_name, footers

    def read(self, made: int | None) -> tuple[list[str], set[int]]:
        """Read what is new since a revision, or all: give its ids, and the endings whose mails are others now."""
        rules = self._db.execute("SELECT value FROM counters WHERE name = ?", (READ_BY + self._list,)).fetchone()
        if rules != (RULES,):
            made = None
            self._db.execute("DELETE FROM tails WHERE list = ?", (self._list,))
            self._db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (READ_BY + self._list, RULES))
        if made is None:
            changed = self._db.execute(NEW, (self._list,)).fetchall()
        else:
            changed = self._db.execute(CHANGED, {"list": self._list, "made": made}).fetchall()
        touched = self._gone() | self._moved()
        fresh = []
        for lot in lots(id for (id,) in changed):
            rows = []
            for id, digest, starts, ordinal, _, end, before, ending in self._told(lot):
                if digest != before:
                    tail = tail_of(end)
                    rows.append((id, self._list, digest, starts * VOLUME + ordinal, *self._numbers(tail)))
                    touched |= {ending, rows[-1][-1]}
                    fresh.append(id)
            self._db.executemany(KEEP, rows)
        return fresh, {ending for ending in touched if ending is not None}

    def learn_footers(self) -> bool:
        """Learn the list's footers anew; say whether there are others now. Then all endings are others, too."""
        bases = [base for (base,) in self._db.execute(BASES, (self._list,)).fetchall()]
        often = often_in_a_row(bases) if len(bases) >= SHORTEST_LIST else set()
        if not often and not self.footers:
            return False
        ids = [id for (id,) in self._db.execute(IDS, (self._list,)).fetchall()]
        learned = footers(self._whole({id: place for place, id in enumerate(ids) if bases[place] in often}))
        if learned == list(self.footers):
            return False
        self.footers = learned
        for lot in lots(ids):
            cut = [(self._numbers(tail_of(row[5]))[1], row[0]) for row in self._told(lot)]
            self._db.executemany("UPDATE tails SET ending = ? WHERE id = ?", cut)
        return True

    def alike(self, endings: Iterable[int] | None = None) -> Iterator[list[str]]:
        """Give the ids of mails that can have one of some endings in common, or any; a lot in the archive's order."""
        if endings is None:
            endings = [ending for (ending,) in self._db.execute(SHARED, (self._list, FEWEST_OF_ONE))]
        for lot in lots(endings):
            rows = self._db.execute(_sql(ALIKE, lot), (self._list, *lot))
            for _, group in groupby(rows.fetchall(), key=itemgetter(0)):
                yield [id for _, id in group]

    def mails(self, ids: Sequence[str]) -> list[Mail]:
        """Read mails, without footers."""
        found = {row[0]: row for lot in lots(ids) for row in self._told(lot)}
        return [self._mail(found[id]) for id in ids]

    def _mail(self, row: tuple[Any, ...]) -> Mail:
        _, _, starts, _, sender, end, *_ = row
        return Mail(sender.lower(), 1970 + int(starts / DAYS_OF_A_YEAR), above_footer(tail_of(end), self.footers))

    def _whole(self, places: dict[str, int]) -> dict[int, Mail]:
        """Give mails that may have a footer by their places, and keep them: these are looked at again each time."""
        held = {id: whole for lot in lots(places) for id, whole in self._db.execute(_sql(WHOLE, lot), lot)}
        new = {}
        for lot in lots(id for id in places if id not in held):
            for row in self._told(lot):
                new[row[0]] = "\n".join((row[4].lower().replace("\n", " "), *tail_of(row[5])))
        self._db.executemany("UPDATE tails SET whole = ? WHERE id = ?", [(whole, id) for id, whole in new.items()])
        told = ((id, *whole.split("\n")) for id, whole in (held | new).items())
        return {places[id]: Mail(sender, 0, tuple(tail)) for id, sender, *tail in told}

    def _gone(self) -> set[int | None]:
        """Give the endings whose mails are fewer."""
        found = self._db.execute("SELECT ending FROM unlearned WHERE list = ?", (self._list,)).fetchall()
        self._db.execute("DELETE FROM unlearned WHERE list = ?", (self._list,))
        return {ending for (ending,) in found}

    def _moved(self) -> set[int | None]:
        """Give the endings whose mails stand in another order, since other entries tell them."""
        rows = self._db.execute(MOVED, (self._list,)).fetchall()
        now = [(starts * VOLUME + ordinal, id, place, ending) for id, place, ending, starts, ordinal in rows]
        moved = [row for row in now if row[0] != row[2]]
        self._db.executemany("UPDATE tails SET place = ? WHERE id = ?", [row[:2] for row in moved])
        self._db.execute("UPDATE tails SET moved = 0 WHERE list = ? AND moved", (self._list,))
        return {ending for *_, ending in moved}

    def _told(self, ids: list[str]) -> list[tuple[Any, ...]]:
        return self._db.execute(_sql(TOLD, ids), ids).fetchall()

    def _numbers(self, tail: tuple[str, ...]) -> tuple[int | None, int | None]:
        """Give the numbers of a mail's last lines: for footers, and for endings."""
        return _number(footer_base(tail)), _number(ending_base(above_footer(tail, self.footers)))


def _number(lines: tuple[str, ...]) -> int | None:
    return zlib.crc32("\n".join(lines).encode("utf-8", "replace")) if lines else None


def _sql(text: str, values: Sequence[object]) -> str:
    return text.format(marks=", ".join("?" * len(values)), read=READ)
