"""What is said of a query that cannot be read: one sentence with the place, and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crawler.errors import QueryError

LONG_NAME: Final = 5  # letters, from which on two slips are forgiven instead of one
SHOWN: Final = 40  # characters of a query that an error repeats


def refusal(sentence: str, position: int, hint: str) -> QueryError:
    """Make the error: the sentence without its full stop gets the place, counted from 1 for people.

    >>> str(refusal("There is no month 13", 5, "Write a date as 2004-10."))
    'There is no month 13 (character 6). Write a date as 2004-10.'
    """
    return QueryError(f"{sentence} (character {position + 1}).", hint=hint, position=position)


def shown(text: str) -> str:
    """Put what was written in quotation marks, shortened.

    >>> shown("form")
    '“form”'
    """
    return f"“{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}”"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that a slip or two turn into this one; the first of equals, or None.

    >>> nearest("form", ["subject", "from"]), nearest("colour", ["subject", "from"])
    ('from', None)
    """
    most = 2 if len(name) >= LONG_NAME else 1
    best = min(known, key=lambda candidate: distance(name, candidate), default=None)
    return best if best is not None and distance(name, best) <= most else None


def distance(one: str, other: str, most: int | None = None) -> int:
    """Count the letters added, missing, changed or swapped with their neighbour between two words.

    Optimal string alignment: no letter is touched twice. When it is more than `most`, any number above that is given.

    >>> distance("form", "from"), distance("leek", "leak"), distance("", "abc"), distance("leek", "soup", most=1) > 1
    (1, 1, 3, True)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, before, row = before, row, [i]
        for j, twin in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != twin))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == twin:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if most is not None and min(row) > most and min(before) > most:  # two rows, since a swap reaches over one
            return most + 1
    return row[-1]
