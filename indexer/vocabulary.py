"""The words of many texts in numbers: what each stretch of text holds is found out once and then remembered.

A text is cut into stretches (`indexer.analysis`), which come again and again; each has a number. What stretch `n`
holds is `terms[first_terms[n]:first_terms[n + 1]]`, numbers of `texts`, and in `offsets` at which of its
places; `place_counts[n]` is how many places it has; its forms are in `forms` from `first_forms[n]` on.
All are flat arrays, so that `indexer.inversion` works through millions of words at once.
"""

from __future__ import annotations

from array import array
from typing import Final

from indexer.analysis import read_stretch, stretches

REMEMBERED: Final = 250_000  # stretches, about 100 MB
LONGEST_REMEMBERED: Final = 80  # characters; longer stretches hardly come again


class Vocabulary:
    """Reads texts into numbers of stretches; `stems` tells whether words are reduced to English stems."""

    def __init__(self, *, stems: bool) -> None:
        self._stems = stems
        self.forget()

    def forget(self) -> None:
        """Begin anew: numbers that were given mean nothing any more."""
        self._numbers: dict[str, int] = {}
        self.texts: list[str] = []
        self.forget_stretches()

    def forget_stretches(self) -> None:
        """Make room: numbers of stretches mean nothing any more, those of terms stay."""
        self._known = _Stretches(self._learn)
        self.first_terms, self.first_forms = array("I", [0]), array("I", [0])
        self.terms, self.offsets, self.place_counts, self.forms = array("I"), array("I"), array("I"), array("I")

    @property
    def is_full(self) -> bool:
        """Whether it is time to make room."""
        return len(self.place_counts) >= REMEMBERED

    def read(self, text: str) -> list[int]:
        """Give the numbers of a text's stretches, in order."""
        return list(map(self._known.__getitem__, stretches(text)))

    def _learn(self, stretch: str) -> int:
        places, forms = read_stretch(stretch, stems=self._stems)
        number = len(self.place_counts)
        for offset, terms in enumerate(places):
            for term in terms:
                self.terms.append(self._number(term))
                self.offsets.append(offset)
        self.place_counts.append(len(places))
        self.first_terms.append(len(self.terms))
        self.forms.extend(map(self._number, forms))
        self.first_forms.append(len(self.forms))
        return number

    def _number(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number


class _Stretches(dict[str, int]):
    """Numbers of stretches; asking for a new one has it learnt."""

    def __init__(self, learn: object) -> None:
        self._learn = learn

    def __missing__(self, stretch: str) -> int:
        number: int = self._learn(stretch)  # type: ignore[operator]
        if len(stretch) <= LONGEST_REMEMBERED:
            self[stretch] = number
        return number
