"""English stemming: Porter2, as Snowball 3.1 defines it for English, over words of a to z.

Source of the rules: https://snowballstem.org/algorithms/english/stemmer.html, with the additions
that Snowball's NEWS lists for 3.0 and 3.1. Apostrophes are not treated here, because the word rule
has taken them out before. site_templates/static/search-core.js holds the same rules; tests compare
both with vocabulary that the Snowball library stemmed (tests/data/stems.json).

In the rules, R1 is what follows the first consonant after the first vowel, R2 the same within
R1. A `Y` is a consonant y.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from indexer.pattern import pattern

REMEMBERED: Final = 1 << 17  # words and their stems, some 15 MB; the words of a list come again and again
SHORTEST: Final = 3  # words of one or two letters are left alone
STEMMED: Final = pattern(r"[a-z]+\Z")  # digits or other letters: no English word

WHOLE_WORDS: Final = {
    "skis": "ski", "skies": "sky", "sky": "sky", "idly": "idl", "gently": "gentl", "ugly": "ugli", "early": "earli",
    "only": "onli", "singly": "singl", "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos",
    "bias": "bias", "andes": "andes",
}  # fmt: skip

# The beginnings whose R1 starts right after them, and else the general rule.
R1_FIXED: Final = pattern(r"arsen|commun|emerg|gener|inter|later|organ|past|univers")
REGION: Final = pattern(r"[^aeiouy]*[aeiouy]+[^aeiouy]")
CONSONANT_Y: Final = pattern(r"(^|[aeiouy])y")  # at the start or after a vowel, of which y itself is one
SHORT_END: Final = pattern(r"(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy]|past)\Z")
VOWEL: Final = pattern(r"[aeiouy]")

PAST_AND_PARTICIPLE: Final = ("ed", "edly", "ing", "ingly")
EED: Final = pattern(r"eed(?:ly)?\Z")
ED_OR_ING: Final = pattern(r"(?:ed|ing)(?:ly)?\Z")
NOT_PAST: Final = frozenset(("succ", "proc", "exc"))  # succeed, proceed, exceed
NO_VERBS: Final = frozenset(("even", "cann", "inn", "earr", "herr", "out"))  # evening, canning, inning …
LIE: Final = pattern(r"[^aeiouy]y\Z")  # dying, lying, tying, vying
ADD_E: Final = ("at", "bl", "iz")
DOUBLE: Final = pattern(r"(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)\Z")
LETTER_AND_DOUBLE: Final = pattern(r"[aeo](.)\1\Z")  # add, egg, off
FINAL_Y: Final = pattern(r".[^aeiouy][yY]\Z")

STEP_2: Final = {
    "tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize",
    "ization": "ize", "ational": "ate", "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al",
    "fulness": "ful", "fulli": "ful", "ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive",
    "biliti": "ble", "bli": "ble", "ogist": "og", "ogi": "og", "lessli": "less", "li": "",
}  # fmt: skip
STEP_3: Final = {
    "tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic", "ful": "",
    "ness": "", "ative": "",
}  # fmt: skip
STEP_4: Final = dict.fromkeys(
    (
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism", "ate", "iti", "ous",
        "ive", "ize", "ion",
    ),
    "",
)  # fmt: skip
BEFORE_LI: Final = frozenset("cdeghkmnrt")


class _Regions(NamedTuple):
    """Where R1 and R2 begin."""

    r1: int
    r2: int


@lru_cache(maxsize=REMEMBERED)
def stem(word: str) -> str:
    """Reduce an English word, folded to a-z, to its stem; give any other word back.

    >>> [stem(word) for word in ("leaks", "leaking", "happily", "generations", "dz7cpy2")]
    ['leak', 'leak', 'happili', 'generat', 'dz7cpy2']
    """
    if len(word) < SHORTEST or not STEMMED.match(word):
        return word
    if word in WHOLE_WORDS:
        return WHOLE_WORDS[word]
    word = CONSONANT_Y.sub(r"\1Y", word) if "y" in word else word
    regions = _regions(word)
    word = _past_and_participle(_plural(word), regions.r1)
    if FINAL_Y.search(word):
        word = word[:-1] + "i"
    word = _suffix(word, _END_2, STEP_2, regions)
    word = _suffix(word, _END_3, STEP_3, regions)
    word = _suffix(word, _END_4, STEP_4, _Regions(regions.r2, regions.r2))
    return _last_letter(word, regions).replace("Y", "y")


class _Ending(NamedTuple):
    """The suffixes of a table, and what matches the longest of them: the leftmost match is the longest."""

    suffixes: tuple[str, ...]
    longest: re.Pattern[str]


def _ending(suffixes: dict[str, str]) -> _Ending:
    return _Ending(tuple(suffixes), pattern(f"(?:{'|'.join(suffixes)})\\Z"))


_END_2: Final = _ending(STEP_2)
_END_3: Final = _ending(STEP_3)
_END_4: Final = _ending(STEP_4)


def _regions(word: str) -> _Regions:
    first = R1_FIXED.match(word) or REGION.match(word)
    r1 = first.end() if first else len(word)
    second = REGION.match(word, r1)
    return _Regions(r1, second.end() if second else len(word))


def _plural(word: str) -> str:
    """Take off a plural or third person (step 1a)."""
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > len("ties") else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and VOWEL.search(word[:-2]):
        return word[:-1]
    return word


def _past_and_participle(word: str, r1: int) -> str:
    """Take off -eed, -ed, -ing and their adverbs (step 1b)."""
    if not word.endswith(PAST_AND_PARTICIPLE):
        return word
    if found := EED.search(word):
        root = word[: found.start()]
        return root + "ee" if found.start() >= r1 and root not in NOT_PAST else word
    found = ED_OR_ING.search(word)
    if not found:
        return word
    root = word[: found.start()]
    if found.group() == "ing":
        if LIE.match(root):
            return root[:-1] + "ie"
        if root in NO_VERBS:
            return word
    return _mended(root, r1) if VOWEL.search(root) else word


def _mended(root: str, r1: int) -> str:
    """Mend what is left of a verb: hop(p)ing, hop(e)ing (end of step 1b)."""
    if root.endswith(ADD_E):
        return root + "e"
    if DOUBLE.search(root):
        return root if LETTER_AND_DOUBLE.match(root) else root[:-1]
    return root + "e" if len(root) == r1 and SHORT_END.search(root) else root


def _suffix(word: str, ending: _Ending, replacements: dict[str, str], regions: _Regions) -> str:
    """Replace the longest suffix of a table, when it lies in R1 and its condition holds (steps 2 to 4)."""
    if not word.endswith(ending.suffixes):
        return word
    found = ending.longest.search(word)
    if not found or found.start() < regions.r1:
        return word
    root, suffix = word[: found.start()], found.group()
    if not _may_go(root, suffix, regions.r2):
        return word
    return root + replacements[suffix]


def _may_go(root: str, suffix: str, r2: int) -> bool:
    match suffix:
        case "li":
            return root[-1:] in BEFORE_LI
        case "ogi":
            return root.endswith("l")
        case "ion":
            return root.endswith(("s", "t"))
        case "ative":
            return len(root) >= r2
    return True


def _last_letter(word: str, regions: _Regions) -> str:
    """Take off a final e or l (step 5)."""
    root = word[:-1]
    if word.endswith("e"):
        silent = len(root) >= regions.r2 or (len(root) >= regions.r1 and not SHORT_END.search(root))
        return root if silent else word
    if word.endswith("ll") and len(root) >= regions.r2:
        return root
    return word
