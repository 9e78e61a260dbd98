"""From the words of messages to the postings of terms: who holds a term, how weightily and where.

One `Inversion` gathers what one segment of an index holds, millions of words at a time, in flat arrays of numpy:

    texts ──vocabulary──▶ numbers of stretches ──▶ (term, message, place) of each occurrence
          ──sorted──▶ runs of one term and message: the postings, with impact and value

What a posting is tells `indexer.postings`. Nothing is read or written here, and no file format is known.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from indexer.impact import HALF, LENGTHS, MOST_MASS, impact, impact_in_files
from indexer.postings import NARROW_PLACES, PART_NUMBERS, PLACES_A_POSITION, WEIGHTS, WIDE
from indexer.vocabulary import Vocabulary

PENDING: Final = 500_000  # stretches that are gathered before they are worked through
PART_MASK: Final = PLACES_A_POSITION - 1

Array = np.ndarray[Any, Any]

_WEIGHTS: Final = np.zeros(PLACES_A_POSITION, np.int64)
_WEIGHTS[: len(WEIGHTS)] = WEIGHTS
IN_FILES: Final = PART_NUMBERS["text-in-file"]
_WEIGHTS[IN_FILES] = 0  # it counts where a word stands nowhere else, and then by another table


def _table(rule: Callable[[int, int], int]) -> Array:
    return np.array([[rule(mass, length) for mass in range(MOST_MASS + 1)] for length in range(len(HALF))], np.uint8)


IMPACTS: Final = _table(impact)
"""`impact` as a table, by class of length and then by mass."""

IMPACTS_IN_FILES: Final = _table(impact_in_files)
"""`impact_in_files` as a table, by class of length and then by how often the word stands there."""


@dataclass(frozen=True, slots=True)
class Inverted:
    """The postings of all terms of a field, flat.

    `terms` are UTF-8, ascending. The postings of term `n` are those from `starts[n]` to `starts[n + 1]`: numbers
    of messages, impacts, first bytes of values; the places of posting `p` are `places[first_places[p]:…]`.
    """

    terms: list[bytes]
    starts: Array
    numbers: Array
    impacts: Array
    firsts: Array
    first_places: Array
    places: Array


class Inversion:
    """Gathers the texts of a number of messages, which are added in the order of their numbers."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._stretches, self._numbers, self._parts, self._lengths = array("I"), array("I"), array("B"), array("I")
        self._occurrences: list[tuple[Array, Array, Array]] = []
        self._counted: list[tuple[Array, Array, Array]] = []
        self._forms: set[int] = set()
        self._messages = 0

    def add(self, number: int, texts: Iterable[tuple[int, str]]) -> None:
        """Add a message: its texts, each with the number of the part it is a stretch of.

        Phrases do not run on from one text into the next.
        """
        read = self._vocabulary.read
        for part, text in texts:
            found = read(text)
            self._stretches.fromlist(found)
            self._lengths.append(len(found))
            self._numbers.append(number)
            self._parts.append(part)
        self._messages = number + 1
        if len(self._stretches) > PENDING or self._vocabulary.is_full:
            self._work()
            if self._vocabulary.is_full:
                self._vocabulary.forget_stretches()

    def forms(self) -> set[str]:
        """Give the words that differ from their stem, of all that was added: for beginnings."""
        self._work()
        return {self._vocabulary.texts[number] for number in self._forms}

    def inverted(self) -> Inverted:
        """Give the postings of all that was added."""
        self._work()
        nothing = np.zeros(0, np.uint32)
        worked = [(nothing, nothing, nothing), *self._occurrences]
        term, number, place = (np.concatenate(parts) for parts in zip(*worked, strict=True))
        self._occurrences.clear()
        terms, rank = self._ranked(term)
        rank, number, place = _in_order(rank, number, place)
        new = _changes(rank)
        new_posting = new | _changes(number)
        first_places = np.flatnonzero(new_posting)
        starts = np.flatnonzero(new[first_places])
        numbers, parts = number[first_places], place & PART_MASK
        mass = np.minimum(_sums(_WEIGHTS[parts], first_places), MOST_MASS)
        found = np.minimum(_sums((parts == IN_FILES).astype(np.int64), first_places), MOST_MASS)
        firsts = np.bitwise_or.reduceat(np.left_shift(1, parts), first_places) if len(parts) else parts
        first_places = np.append(first_places, len(place))
        firsts = firsts | WIDE * (place[first_places[1:] - 1] >= NARROW_PLACES)
        lengths, whole = self._length_classes()
        impacts = np.where(mass, IMPACTS[lengths[numbers], mass], IMPACTS_IN_FILES[whole[numbers], found])
        starts = np.append(starts, len(numbers))
        return Inverted(terms, starts, numbers, impacts, firsts.astype(np.uint8), first_places, place)

    def _work(self) -> None:
        """Turn the stretches that were gathered into occurrences of terms."""
        if not self._lengths:
            return
        known = self._vocabulary
        stretches, lengths = np.array(self._stretches, np.int64), np.array(self._lengths, np.int64)
        numbers, parts = np.array(self._numbers, np.int64), np.array(self._parts, np.int64)
        del self._stretches[:], self._lengths[:], self._numbers[:], self._parts[:]

        counts = _column(known.place_counts)[stretches]
        before = np.concatenate(([0], np.cumsum(counts)))  # places before each stretch
        first = np.cumsum(lengths) - lengths  # the first stretch of each text
        places = before[first + lengths] - before[first]  # of each text
        text_of = np.repeat(np.arange(len(lengths)), lengths)
        start = _positions(numbers * PLACES_A_POSITION + parts, places + 1)
        position = (start - before[first])[text_of] + before[:-1]  # of each stretch's first place

        first_terms = _column(known.first_terms)
        held = first_terms[stretches + 1] - first_terms[stretches]
        stretch_of = np.repeat(np.arange(len(stretches)), held)
        at = np.arange(len(stretch_of)) + (first_terms[stretches] - (np.cumsum(held) - held))[stretch_of]
        place = (position[stretch_of] + _column(known.offsets)[at]) * PLACES_A_POSITION + parts[text_of][stretch_of]
        occurrences = _column(known.terms)[at], numbers[text_of][stretch_of], place
        self._occurrences.append((occurrences[0], occurrences[1].astype(np.uint32), place.astype(np.uint32)))
        self._counted.append((numbers, parts, places))
        self._note_forms(np.unique(stretches))

    def _note_forms(self, stretches: Array) -> None:
        first = _column(self._vocabulary.first_forms)
        some = stretches[first[stretches + 1] > first[stretches]]
        forms = self._vocabulary.forms
        for start, end in zip(first[some].tolist(), first[some + 1].tolist(), strict=True):
            self._forms.update(forms[start:end])

    def _ranked(self, term: Array) -> tuple[list[bytes], Array]:
        """Give the terms that occur, in the order of their UTF-8, and for each occurrence its term's place there."""
        texts = self._vocabulary.texts
        used = np.flatnonzero(np.bincount(term, minlength=len(texts))).tolist()
        ordered = sorted((texts[number].encode("utf-8", "replace"), number) for number in used)
        rank = np.zeros(len(texts), np.uint64)
        rank[[number for _, number in ordered]] = np.arange(len(ordered), dtype=np.uint64)
        return [text for text, _ in ordered], rank[term]

    def _length_classes(self) -> tuple[Array, Array]:
        """Give the class of each message's length: of the mail alone, and with the text of its files."""
        words, in_files = np.zeros(self._messages, np.int64), np.zeros(self._messages, np.int64)
        for numbers, parts, places in self._counted:
            of_files = parts == IN_FILES
            words += np.bincount(numbers, places * ~of_files, self._messages).astype(np.int64)
            in_files += np.bincount(numbers, places * of_files, self._messages).astype(np.int64)
        return np.searchsorted(LENGTHS, words, side="right"), np.searchsorted(LENGTHS, words + in_files, side="right")


def inverted_names(held: Mapping[str, list[int]]) -> Inverted:
    """Give the postings of names, each with the numbers of its messages: no places, and the least impact."""
    named = sorted((name.encode(), numbers) for name, numbers in held.items())
    numbers = np.array([number for _, found in named for number in found], np.int64)
    starts = np.cumsum([0, *(len(found) for _, found in named)])
    ones, none = np.ones(len(numbers), np.uint8), np.zeros(0, np.int64)
    return Inverted([name for name, _ in named], starts, numbers, ones, none, none, none)


def _positions(groups: Array, steps: Array) -> Array:
    """Give for each text the sum of the steps of those before it in its group: a message's part."""
    order = np.argsort(groups, kind="stable")
    before = np.cumsum(steps[order]) - steps[order]
    begins = _changes(groups[order])
    positions = np.empty_like(before)
    positions[order] = before - np.maximum.accumulate(np.where(begins, before, 0))
    return positions


def _in_order(rank: Array, number: Array, place: Array) -> tuple[Array, Array, Array]:
    """Sort occurrences by term, message and place: as one number where they fit into 64 bits."""
    bits = [int(column.max(initial=0)).bit_length() for column in (rank, number, place)]
    if sum(bits) > 64:
        order = np.lexsort((place, number, rank))
        return rank[order], number[order].astype(np.int64), place[order].astype(np.int64)
    behind, low = np.uint64(bits[1] + bits[2]), np.uint64(bits[2])
    keys = rank << behind
    keys |= number.astype(np.uint64) << low
    keys |= place
    keys.sort()
    number = ((keys >> low) & np.uint64((1 << bits[1]) - 1)).astype(np.int64)
    return keys >> behind, number, (keys & np.uint64((1 << bits[2]) - 1)).astype(np.int64)


def _changes(column: Array) -> Array:
    """Tell for each row whether it differs from the one before; the first does."""
    changes = np.ones(len(column), bool)
    np.not_equal(column[1:], column[:-1], out=changes[1:])
    return changes


def _sums(column: Array, starts: Array) -> Array:
    return np.add.reduceat(column, starts) if len(column) else column


def _column(numbers: array[int]) -> Array:
    return np.array(numbers, np.int64)
