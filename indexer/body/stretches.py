"""The reading of a body: each stretch of lines with its kind and level, in order, nothing left out.

Lines are read, nothing else: a body has no markup that would say it. In doubt a line is new text, because a
word that is found too high is better than one that is found too low. Lines stay whole and in order, so
that offsets hold for snippets. docs/bodies.md says what is told by what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, count
from operator import ne
from typing import Final, NamedTuple

from indexer.body.code import mark_code, mark_sessions
from indexer.body.draft import Draft, Kind, Level
from indexer.body.endings import Ending, mark_endings
from indexer.body.forwarded import mark_forwarded
from indexer.body.patches import mark_patches
from indexer.body.quotation import mark_quotations

QUOTED: Final[frozenset[Kind]] = frozenset({"quoted", "attribution", "forwarded"})
"""Kinds of text that is not the sender's."""
SAID: Final[frozenset[Kind]] = frozenset({"said", "code", "patch"})
"""Kinds of text that is new."""


class Stretch(NamedTuple):
    """Lines of one kind and level in a row: offsets in the body, in characters.

    The level is how deep they are quoted, an attribution's that of the quotation which it opens.
    """

    kind: Kind
    level: Level
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A body taken apart; each text has the lines of its kinds, in order."""

    said: str
    quoted: str
    signature: str


def read_body(body: str, endings: Sequence[Ending] = ()) -> Reading:
    """Take a body apart; the list's footer is left out.

    >>> read_body("Bob wrote:\\n> Salt?\\nNo.\\n-- \\nAnn\\n")
    Reading(said='No.\\n', quoted='Bob wrote:\\n> Salt?\\n', signature='-- \\nAnn\\n')
    """
    said, quoted, signature = [], [], []
    for kind, _, start, end in stretches(body, endings):
        if kind in SAID:
            said.append(body[start:end])
        elif kind in QUOTED:
            quoted.append(body[start:end])
        elif kind == "signature":
            signature.append(body[start:end])
    return Reading("".join(said), "".join(quoted), "".join(signature))


def stretches(body: str, endings: Sequence[Ending] = ()) -> list[Stretch]:
    """Tell the kind and level of every line of a body; neighbours of one kind and level are one stretch.

    `endings` are what the list's other mails taught of this one: see `indexer.body.learning`.

    >>> stretches("Yes.\\n> Salt?\\n> > Pepper?\\n")
    [Stretch(kind='said', level=0, start=0, end=5), Stretch(kind='quoted', level=1, start=5, end=13), \
Stretch(kind='quoted', level=2, start=13, end=25)]
    """
    draft = Draft(body)
    if draft.signs:
        mark_patches(draft)
        mark_code(draft)
        mark_quotations(draft)
        mark_sessions(draft)
        mark_forwarded(draft)
    mark_endings(draft, endings)
    return _joined(draft)


def _joined(draft: Draft) -> list[Stretch]:
    read_as = list(zip(draft.kinds, draft.levels, strict=True))
    changes = compress(count(1), map(ne, read_as, read_as[1:]))  # lines of another kind or level
    ends = list(accumulate(map(len, draft.lines)))
    found: list[Stretch] = []
    start = number = 0
    for next_number in changes:
        end = ends[next_number - 1] + next_number
        found.append(Stretch(*read_as[number], start, end))
        start, number = end, next_number
    if start < len(draft.body):
        found.append(Stretch(*read_as[number], start, len(draft.body)))
    return found
