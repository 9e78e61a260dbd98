"""Two readings of a text as one: what stayed, what went and what came, by words, the long stretches between cut.

Bounded in time: what both begin and end with is found first, and of a middle that is too long no more is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Final, Literal, NamedTuple

WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
MOST_WORDS: Final = 400  # of the two middles, compared word by word; longer ones are shown whole, cut
AROUND: Final = 30  # characters that are shown around a change
LONGEST: Final = 120  # characters of one change
MOST_PIECES: Final = 12  # changes and what stands around them; what follows is left out


class Piece(NamedTuple):
    """A piece of the two texts: what both have, what only the first or the second has."""

    kind: Literal["same", "gone", "new"]
    text: str


def changed_words(before: str, after: str) -> list[Piece]:
    """Show two texts as one, with what differs marked.

    >>> [tuple(piece) for piece in changed_words("un caf? noir", "un café noir")]
    [('same', 'un '), ('gone', 'caf?'), ('new', 'café'), ('same', ' noir')]
    """
    pieces = [piece for piece in _pieces(WORD.findall(before), WORD.findall(after)) if piece.text]
    last = len(pieces) - 1
    shown = [_cut(piece, first=n == 0, last=n == last) for n, piece in enumerate(pieces[:MOST_PIECES])]
    return [*shown, Piece("same", " …")] if last >= MOST_PIECES else shown


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    start = _common(before, after)
    before_left, after_left = before[start:], after[start:]
    end = _common(before_left[::-1], after_left[::-1])
    middles = before_left[: len(before_left) - end], after_left[: len(after_left) - end]
    yield Piece("same", "".join(before[:start]))
    yield from _middle(*middles)
    yield Piece("same", "".join(before[len(before) - end :]) if end else "")


def _common(first: list[str], second: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _middle(before: list[str], after: list[str]) -> Iterator[Piece]:
    if len(before) + len(after) > MOST_WORDS:
        yield from (Piece("gone", "".join(before)), Piece("new", "".join(after)))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[a:b]))
        else:
            yield from (Piece("gone", "".join(before[a:b])), Piece("new", "".join(after[c:d])))


def _cut(piece: Piece, *, first: bool, last: bool) -> Piece:
    """Cut what is long: of a piece that both have, what is far from a change; of a change its middle."""
    text, most = piece.text, AROUND if first or last else 2 * AROUND
    if piece.kind != "same":
        most = LONGEST
    if len(text) <= most + 1:
        return piece
    if piece.kind == "same" and first:
        return Piece("same", f"…{text[-most:]}")
    if piece.kind == "same" and last:
        return Piece("same", f"{text[:most]}…")
    return Piece(piece.kind, f"{text[: most // 2]}…{text[-(most // 2) :]}")
