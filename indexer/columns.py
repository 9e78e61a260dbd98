"""How many columns of a terminal a text takes (Unicode's East Asian Width, UAX 11); nothing is read or written here."""

from __future__ import annotations

import unicodedata
from typing import Final

NO_WIDTH: Final = ("Mn", "Me", "Cf")  # categories of letters that stand on the one before, or are not seen


def columns(text: str) -> int:
    """Count the columns that a text takes.

    >>> columns("soup"), columns("スープ"), columns("e\u0301")
    (4, 6, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def fitting(text: str, width: int) -> int:
    """Count the letters at the beginning of a text that so many columns hold.

    >>> fitting("soup", 3), fitting("スープ", 3), fitting("soup", 9)
    (3, 1, 4)
    """
    if text.isascii():
        return min(len(text), width)
    taken = 0
    for position, letter in enumerate(text):
        taken += _columns_of(letter)
        if taken > width:
            return position
    return len(text)


def cut(text: str, width: int) -> str:
    """Cut a text to so many columns, with a sign where something is left out.

    >>> cut("soup and bread", 8), cut("soup", 8)
    ('soup an…', 'soup')
    """
    return text if columns(text) <= width else text[: fitting(text, width - 1)].rstrip() + "…"


def _columns_of(letter: str) -> int:
    if letter < "\u0300":
        return 1
    if unicodedata.category(letter) in NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1
