"""From the words of messages to the postings of terms: who holds a term, how weightily and where.

One `Inversion` gathers what one segment of an index holds. Postings are compact: for each term
one flat list of (number of the message, impact, value). A *value* says where the term stands:

    one byte    the parts of the message it stands in, a bit each (`PART_BITS`); `WIDE` if places are wide
    the rest    its places, ascending, in two bytes each or, wide, in four, little-endian; a place is
                8 * its position within the part + the number of the part (`PART_NUMBERS`)

So a phrase is a row of places each 8 higher than the last, and never runs from one part into
another. Nothing is read or written here, and no file format is known.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from indexer.fields import FIELDS, PARTS
from indexer.impact import IMPACTS, MOST_MASS, length_class

PLACES_A_POSITION: Final = 8
PART_NUMBERS: Final = {part: number for number, part in enumerate(PARTS)}
PART_BITS: Final = {part: 1 << number for part, number in PART_NUMBERS.items()}
WEIGHTS: Final = tuple(field.weight for field in FIELDS if field.weight)
# The impact of a word that occurs once, by class of length and then by part: three words in four do.
ONCE: Final = tuple(tuple(table[weight] for weight in WEIGHTS) for table in IMPACTS)
WIDE: Final = 128  # of the first byte of a value
NARROW_PLACES: Final = 1 << 16

if len(PARTS) > 7:
    raise AssertionError("the first byte of a value has room for seven parts")

Postings = tuple[Sequence[int], Sequence[int], Sequence[bytes]]
"""Of a term: numbers of messages, ascending, its impact on each, and its value in each."""


class MessageWords:
    """The words of one message, as they are met: each term's places, and how many words there are."""

    __slots__ = ("counted", "next_position", "places")

    def __init__(self) -> None:
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        self.next_position = [0] * len(PARTS)
        self.counted = 0

    def add(self, part: str, words: Iterable[tuple[str, ...]]) -> None:
        """Add a stretch of a part; phrases do not run on from one stretch into the next.

        `words` are the terms at each place of the stretch, as `indexer.analysis` gives them.
        """
        number = PART_NUMBERS[part]
        places = self.places
        start = self.next_position[number] * PLACES_A_POSITION + number
        place = start
        for terms in words:
            for term in terms:
                places[term].append(place)
            place += PLACES_A_POSITION
        count = (place - start) // PLACES_A_POSITION
        self.next_position[number] += count + 1
        self.counted += count


class Inversion:
    """The postings of all terms of a number of messages, which are added in the order of their numbers."""

    def __init__(self) -> None:
        self._postings: dict[str, list[int | bytes]] = {}

    def add(self, number: int, words: MessageWords) -> None:
        """Add a message."""
        length = length_class(words.counted)
        once, table = ONCE[length], IMPACTS[length]
        held, single = self._postings, _values_of_one()
        get = held.get
        for term, places in words.places.items():
            place = places[0]
            if len(places) == 1 and place < NARROW_PLACES:
                posting = (number, once[place & 7], single[place])
            else:
                mass, value = _mass_and_value(places)
                posting = (number, table[mass], value)
            before = get(term)
            if before is None:
                held[term] = [*posting]
            else:
                before += posting  # in place: the list that is held

    def __len__(self) -> int:
        return len(self._postings)

    def terms(self) -> Iterator[tuple[bytes, list[int], list[int], list[bytes]]]:
        """Give each term in UTF-8, in that order, with its messages' numbers, impacts and values."""
        for term, flat in sorted((term.encode(), flat) for term, flat in self._postings.items()):
            yield term, flat[::3], flat[1::3], flat[2::3]  # type: ignore[misc]  # every third is of its own type


def places_of(value: bytes) -> array[int]:
    """Read the places that a posting's value tells of.

    >>> places_of(_mass_and_value([16, 32, 2405])[1]).tolist(), places_of(_mass_and_value([70000])[1]).tolist()
    ([16, 32, 2405], [70000])
    """
    return array("I" if value[0] & WIDE else "H", value[1:])


def _mass_and_value(places: list[int]) -> tuple[int, bytes]:
    """Give what a term's places weigh together, and the value that tells of them."""
    parts = {place & 7 for place in places}
    if len(parts) == 1:
        (part,) = parts
        mass, bits = WEIGHTS[part] * len(places), 1 << part
    else:
        mass, bits = sum([WEIGHTS[place & 7] for place in places]), sum([1 << part for part in parts])
        places.sort()
    wide = places[-1] >= NARROW_PLACES
    value = _FIRST[bits | WIDE * wide] + array("I" if wide else "H", places).tobytes()
    return min(mass, MOST_MASS), value


_FIRST: Final = tuple(bytes((first,)) for first in range(256))


@cache
def _values_of_one() -> tuple[bytes, ...]:
    """Make the values of single places, which three words in four have."""
    return tuple(_FIRST[1 << (place & 7)] + place.to_bytes(2, "little") for place in range(NARROW_PLACES))
