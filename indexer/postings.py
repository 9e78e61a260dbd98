"""What an index holds of a term: who holds it, how weightily, in which parts and where.

A *value* says where a term stands in a message:

    one byte    the parts of the message it stands in, a bit each (`PART_BITS`); `WIDE` if places are wide
    the rest    its places, ascending, in two bytes each or, wide, in four, little-endian; a place is
                8 * its position within the part + the number of the part (`PART_NUMBERS`)

So a phrase is a row of places each 8 higher than the last, and never runs from one part into
another. `indexer.inversion` makes postings, `indexer.lookup` reads them; nothing is read or written here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from indexer.fields import FIELDS, PARTS

PLACES_A_POSITION: Final = 8
PART_NUMBERS: Final = {part: number for number, part in enumerate(PARTS)}
PART_BITS: Final = {part: 1 << number for part, number in PART_NUMBERS.items()}
WEIGHTS: Final = tuple(field.weight for field in FIELDS if field.weight)
WIDE: Final = 128  # of the first byte of a value
NARROW_PLACES: Final = 1 << 16

if len(PARTS) > 7:
    raise AssertionError("the first byte of a value has room for seven parts")


class Postings:
    """Of a term: numbers of messages, ascending, its impact on each, and in each its parts (`PART_BITS`, and `WIDE`).

    Places are read when they are asked for: phrases alone ask. A name has no places, and no parts.
    """

    __slots__ = ("_let_go", "_places", "impacts", "numbers", "parts")

    def __init__(
        self,
        numbers: Sequence[int],
        impacts: bytes,
        parts: bytes,
        places: Callable[[Iterable[int]], list[bytes]],
        let_go: Callable[[], None] = lambda: None,
    ) -> None:
        self.numbers, self.impacts, self.parts = numbers, impacts, parts
        self._places, self._let_go = places, let_go

    def places(self, which: Iterable[int]) -> list[array[int]]:
        """Give the places of the postings that stand here in the list, ascending; what was read for it is let go."""
        found = self._places(which)
        self._let_go()
        if max(self.parts, default=0) < WIDE:
            return [array("H", places) for places in found]
        return [array("I" if self.parts[at] & WIDE else "H", places) for at, places in zip(which, found, strict=True)]

    def values(self) -> list[bytes]:
        """Give the values of all postings."""
        parts = self.parts
        return [parts[at : at + 1] + places for at, places in enumerate(self._places(range(len(parts))))]


def places_of(value: bytes) -> array[int]:
    """Read the places that a posting's value tells of.

    >>> places_of(bytes((4, 18, 0, 26, 0))).tolist(), places_of(bytes((132, 2, 0, 1, 0))).tolist()
    ([18, 26], [65538])
    """
    return array("I" if value[0] & WIDE else "H", value[1:])
