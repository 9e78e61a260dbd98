"""Which messages of a volume's former states stay beside what it says today, and as what.

Pure: entries in, entries out. What became of an entry of a former state:

    told        as it was, at the same place: nothing stays of it
    same        the same text stands elsewhere now, or had characters that are lost now: its address, its text stay
    edited      another text stands in its place: kept beside it, part of the same message
    removed     nothing does: it is a message still, marked
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from crawler.entries import Entry

SAME, EDITED, REMOVED = "same", "edited", "removed"


def beside(current: list[Entry], former: Iterable[list[Entry]]) -> tuple[list[Entry], list[Entry]]:
    """Give the entries of today, and those of former states (oldest first) that stay beside them.

    Of today's those are left out that neither text nor page tells and a former state does.
    """
    kept: dict[tuple[str, str, str | None], Entry] = {}
    hollow = {entry.number for entry in current if _is_hollow(entry)}
    filled: set[int | None] = set()
    for state in former:
        told = [entry for entry in state if not _is_hollow(entry)]
        filled |= {entry.number for entry in told} & hollow
        for entry in _compared([e for e in current if not _is_hollow(e)], told):
            kept[entry.grp, entry.text_hash, entry.page] = entry
    return [e for e in current if not (_is_hollow(e) and e.number in filled)], list(kept.values())


def _compared(current: list[Entry], former: list[Entry]) -> list[Entry]:
    """Compare a former state with today's; give what stays of it."""
    groups = defaultdict(list)
    for entry in current:
        groups[entry.grp].append(entry)
    told: set[int] = set()
    stay, missing = list[Entry](), list[Entry]()
    for entry in former:
        twins = [now for now in groups[entry.grp] if _same_text(now, entry)]
        told |= {id(now) for now in twins}
        if not twins:
            missing.append(entry)
        elif all(now.page != entry.page or now.marks > entry.marks for now in twins):
            stay.append(replace(entry, standing=SAME))
    new = [entry for entry in current if id(entry) not in told]
    return stay + [_replaced(entry, new) for entry in missing]


def _replaced(entry: Entry, new: list[Entry]) -> Entry:
    """Find the entry that stands in the place of a missing one, and take it out of the new ones."""
    for now in new:
        if now.grp == entry.grp or _same_place(now, entry):
            new.remove(now)
            return replace(entry, standing=EDITED, grp=now.grp)
    return replace(entry, standing=REMOVED)


def _same_text(one: Entry, other: Entry) -> bool:
    """Say whether two texts are the same but for characters that one lost to `?`."""
    return one.text_hash == other.text_hash or (one.bones == other.bones and one.marks != other.marks)


def _same_place(one: Entry, other: Entry) -> bool:
    """Say whether two entries without an id of their own stand for one mail: same number, sender and date."""
    nameless = other.grp == other.text_key and one.grp == one.text_key
    known = (one.number, one.from_address, one.date_raw) == (other.number, other.from_address, other.date_raw)
    return nameless and known and one.date_raw is not None


def _is_hollow(entry: Entry) -> bool:
    """Say whether nothing but an index tells of an entry."""
    return not entry.body and entry.attachments == "[]" and entry.message_id is None and entry.date_raw is None
