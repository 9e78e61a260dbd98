"""Ranking in whole numbers, so that shell and browser agree to the last place.

A word of a message has an *impact* of 1-63: from its mass, which is how often it stands in
each part times the weight of that part, and from how long the text is. A word of a query has
a *weight*: from how many messages hold it. The score of a message is the sum of weight times
impact over the words found; nothing is ever divided or rounded at query time.

docs/pack.md writes the rules down; site_templates/static/search-pack.js has `weight` again.
Nothing here knows where the numbers are kept.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

MOST_IMPACT: Final = 63
MOST_MASS: Final = 255

# The length of a text in words, by class: the first number of each class after the first.
LENGTHS: Final = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096)
# By class, the mass at which a word has half of the most impact. From BM25 with k1 = 1.2 and b = 0.75 at the middle of
# each class: 3 * 1.2 * (0.25 + 0.75 * length / 384), in tenths; 3 is what an occurrence in new text counts for.
# The assumed usual length was chosen by measuring (bench/search_quality.py): known items come back at a mean reciprocal
# rank of 0.469 with 128, 0.541 with 256, 0.555 with 384 and 0.558 with 512 words.
HALF: Final = (10, 10, 11, 12, 13, 15, 17, 20, 25, 32, 40, 54, 72, 117, 225, 441)

WEIGHT_STEPS: Final = 16  # a word found half as often weighs 16 more


def length_class(words: int) -> int:
    """Give the class of a text by its number of words.

    >>> length_class(0), length_class(16), length_class(100_000)
    (0, 1, 15)
    """
    return bisect_right(LENGTHS, words)


def impact(mass: int, length: int) -> int:
    """Give the impact of a word, 1-63, from its mass and the class of its text's length.

    >>> impact(3, 5), impact(30, 5), impact(3, 15)
    (42, 60, 4)
    """
    mass = min(mass, MOST_MASS)
    return 1 + (10 * mass * (MOST_IMPACT - 1)) // (10 * mass + HALF[length])


def impact_in_files(found: int, length: int) -> int:
    """Give the impact of a word that stands in the files of a message alone: half of what it would have as quotation.

    `found` is how often it stands there, `length` the class of the whole text, that of the files too.

    >>> impact_in_files(1, 5), impact(1, 5), impact_in_files(1, 15)
    (12, 25, 1)
    """
    return max(1, impact(found, length) // 2)


def weight(found: int, messages: int) -> int:
    """Give the weight of a word that `found` of `messages` hold: 16 times the binary logarithm of their ratio, plus 1.

    All in whole numbers: the ratio in 65536ths, its logarithm by squaring four times.

    >>> weight(1000, 1000), weight(1, 1000), weight(30, 1000)
    (1, 144, 81)
    """
    ratio = (messages + 1) * 65536 // (found + 1)
    whole = ratio.bit_length() - 17
    steps, rest = whole * WEIGHT_STEPS, ratio >> whole if whole > 0 else ratio
    for bit in (8, 4, 2, 1):
        rest = rest * rest >> 16
        if rest >= 131072:
            rest >>= 1
            steps += bit
    return 1 + steps
