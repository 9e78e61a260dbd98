"""Near spellings: words that are up to one or two slips of the fingers away. Nothing is looked up here."""

from __future__ import annotations


def near(word: str, other: str, distance: int) -> bool:
    """Tell whether two words are at most so many letters added, missing, changed or swapped apart.

    A swapped pair counts as one, and is not touched again (optimal string alignment).

    >>> near("leek", "leak", 1), near("leek", "elek", 1), near("leek", "lk", 1), near("leek", "lk", 2)
    (True, True, False, True)
    """
    if abs(len(word) - len(other)) > distance:
        return False
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 < column and letter == other[column - 2] and word[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > distance:
            return False
        before, last = last, line
    return last[-1] <= distance
