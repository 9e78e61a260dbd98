"""Which entries of a list are one message: the same Message-ID and the same text, wherever they stand.

The answer depends on the entries alone, never on the order in which they became known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from crawler.message import key
from crawler.parse.defects import Defect

TAKEN: Defect = "message_id_taken"
EDITED: Defect = "edited_upstream"
REMOVED: Defect = "removed_upstream"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message as one volume shows it: as much as merging needs.

    `group` is the Message-ID, or `text_key` where there is none; `text_hash` is of the body, blanks folded.
    `bones` is of the body's characters that no charset loses, `marks` counts its `?` and replacement characters.
    `standing` says what became of one of a volume's former state (upstream.py), `withheld` that it asks not to be
    archived (noarchive.py).
    """

    entry: int
    group: str
    text_hash: str
    bones: str
    marks: int
    text_key: str
    indexed: bool
    starts: int
    volume: str
    ordinal: int
    page: str | None
    standing: str = ""
    withheld: bool = False

    @property
    def rank(self) -> tuple[int, bool, bool, int, str, int]:
        """Order sightings: that which lost least first, then today's, then those that an index names.

        An index tells their true time.
        """
        return self.marks, self.standing != "", not self.indexed, self.starts, self.volume, self.ordinal


@dataclass(frozen=True, slots=True)
class Merged:
    """A message of a list: the entry that tells it, its pages with the entry's own first, what merging found wrong."""

    id: str
    entry: int
    group: str
    pages: tuple[str, ...]
    defects: tuple[Defect, ...]
    others: tuple[int, ...]
    withheld: bool = False


def merge(list_name: str, sightings: Iterable[Sighting]) -> list[Merged]:
    """Merge sightings into messages. Same id and another text are two messages, each with a defect.

    The first keeps the id that its Message-ID gives, the others are known by their text.
    """
    found = []
    for group, members in groupby(sorted(sightings, key=lambda s: s.group), key=lambda s: s.group):
        copies = _copies(list(members))
        for place, same in enumerate(copies):
            by_text = place > 0 or same[0].group == same[0].text_key
            id = same[0].text_key if by_text else key(list_name, group)
            found.append(_merged(same, id, _defects(same, taken=len(copies) > 1)))
    return found


def _defects(same: list[Sighting], *, taken: bool) -> tuple[Defect, ...]:
    standings = {sighting.standing for sighting in same}
    cases = ((EDITED, "edited" in standings), (TAKEN, taken), (REMOVED, standings == {"removed"}))
    return tuple(defect for defect, applies in cases if applies)


def _copies(members: list[Sighting]) -> list[list[Sighting]]:
    """Part the sightings of one Message-ID into texts, each with its fullest sighting first.

    An archive that was built twice has one copy with `?` for characters that the other one kept: the same text.
    What was edited upstream belongs to the text that stands in its place.
    """
    edited = [sighting for sighting in members if sighting.standing == "edited"]
    parted = _parted([sighting for sighting in members if sighting.standing != "edited"] or edited)
    for sighting in edited if parted[0][0] not in edited else ():
        home = next((same for same in parted if same[0].volume == sighting.volume and not same[0].standing), parted[0])
        home.append(sighting)
    return parted


def _parted(members: list[Sighting]) -> list[list[Sighting]]:
    texts: dict[tuple[str, str], list[Sighting]] = {}
    fullest: dict[str, Sighting] = {}
    for sighting in sorted(members, key=lambda s: s.rank):
        best = fullest.setdefault(sighting.bones, sighting)
        same = best if sighting.marks > best.marks else sighting
        texts.setdefault((same.bones, same.text_hash), []).append(sighting)
    return sorted(texts.values(), key=lambda same: same[0].rank[2:])


def _merged(same: list[Sighting], id: str, defects: tuple[Defect, ...]) -> Merged:
    first, *others = same
    pages = [first.page, *sorted(s.page for s in others if s.page)]
    return Merged(
        id,
        first.entry,
        first.group,
        tuple(p for p in dict.fromkeys(pages) if p),
        defects,
        tuple(s.entry for s in others),
        any(s.withheld for s in same),
    )
