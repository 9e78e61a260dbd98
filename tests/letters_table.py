"""Makes the tables of indexer/letters.py from the Unicode data of the running Python.

The tables were made with Unicode 14 (Python 3.11) and are pinned, because an index outlives a
Python and a browser has yet other data; the tests hold them against this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from indexer.letters import encode, fold_letter

# Blocks of scripts that put no space between words, and enclosed or repeated signs of Han.
UNSPACED = (
    (0x0E01, 0x0E3A), (0x0E40, 0x0E4E),  # Thai, its digits apart
    (0x0E81, 0x0EBD), (0x0EC0, 0x0ECD), (0x0EDC, 0x0EDF),  # Lao
    (0x1000, 0x103F), (0x1050, 0x108F), (0x109A, 0x109D),  # Myanmar
    (0x1780, 0x17D3), (0x17DC, 0x17DD),  # Khmer
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3192, 0x319F), (0x3280, 0x3289),
    (0x3041, 0x3096), (0x309D, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF),  # kana
    (0x3105, 0x312F), (0x31A0, 0x31BF),  # Bopomofo
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),  # Han
    (0xAC00, 0xD7A3),  # Hangul syllables
    (0xFF66, 0xFF9D),  # half-width kana
    (0x1AFF0, 0x1B16F),  # more kana
)  # fmt: skip

_NUMBERS = frozenset(number for first, last in UNSPACED for number in range(first, last + 1))

# Invisible or ornamental inside a word: soft hyphen, zero-width space, joiners, Arabic's kashida.
ORNAMENTS = "\u00ad\u200b\u200c\u200d\u2060\u0640"
# Combining classes of marks that are accents and points: overlay, nukta, kana voicing, the points
# of Hebrew and Arabic; the accents above and below start at 200. Vowel signs and viramas are letters.
ACCENT_CLASSES = {1, 7, 8, *range(10, 37)}
FIRST_ACCENT_CLASS = 200


def tables() -> tuple[str, str, str]:
    """Make the three tables: letters of words, letters of runs, and what is dropped."""
    dropped = [char for char in _chars() if _is_dropped(char)]
    marks = set(dropped)
    letters = [char for char in _chars() if char not in marks and _is_letter(char)]
    runs = {char for char in letters if _is_unspaced(char)}
    return encode(char for char in letters if char not in runs), encode(sorted(runs)), encode(dropped)


def _chars() -> Iterable[str]:
    """Give the characters that Unicode has begun to use: the first four planes, and the tags."""
    return map(chr, (*range(0xD800), *range(0xE000, 0x40000), *range(0xE0000, 0xE1000)))


def _is_unspaced(char: str) -> bool:
    return ord(char) in _NUMBERS


def _is_dropped(char: str) -> bool:
    category, number = unicodedata.category(char), ord(char)
    if category[0] != "M":
        return char in ORNAMENTS
    if _is_unspaced(char):
        return False
    kind = unicodedata.combining(char)
    invisible = number == 0x34F or 0xFE00 <= number <= 0xFE0F or 0xE0100 <= number <= 0xE01EF
    return invisible or category == "Me" or kind in ACCENT_CLASSES or kind >= FIRST_ACCENT_CLASS


def _is_letter(char: str) -> bool:
    """Tell letters, digits and vowel signs whose folding holds nothing else (½ folds to 1/2)."""
    folded = fold_letter(char)
    return all(unicodedata.category(c)[0] in "LNM" for c in char + folded) and bool(folded)
