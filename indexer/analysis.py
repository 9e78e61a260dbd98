"""The one word rule: which words a text holds, and which terms an index keeps of them.

A **unit** is what a text holds between spaces and other signs:

    word      letters and digits: `leaks`; an English ending after an apostrophe is dropped (don't: don)
    compound  words joined by one of . _ @ - each: `twisted.web.http`, `user@host.org`; and C++, C#
    run       letters of a script that puts no space between words: `東京都`

An index holds **terms** at numbered places. A word stands at one place, as its stem where the
list is English. A compound holds its words at one place each, and each neighbouring pair whole
(`twisted.web`, `web.http`) at the place of its first. A run holds its overlapping pairs at one place
each, its last letter with the last pair. So every part of a compound is found, and every stretch of
it as a whole, at the price of one term more for each joint.

Only stems are kept of English words. A beginning (`leak*`) is looked for among the terms and the
**forms**, which are the folded words that differ from their stem; what it finds there is looked up
by the stem. So `connecti*` finds what holds `connection`, by way of `connect`.

The same rule stands in site_templates/static/search-core.js, bound to this by tests/data/tokens.json.
No file is read here and nothing is ranked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from indexer.letters import SKELETON_DROPPED, SKELETON_RUN, fold, skeleton
from indexer.pattern import pattern
from indexer.stemming import stem

ENGLISH: Final = "en"
LONGEST_WORD: Final = 64  # characters; what is longer is base64 or a key, and its beginning will do
LATELY: Final = 4096  # units whose places are at hand for snippets

JOINTS: Final = "._@-"
AROUND: Final = JOINTS + "'"  # what is no part of a word at its begin or end
# What English contracts: don't, it's, they'll, we're, I've, I'd, I'm. It is no word and makes none longer.
CONTRACTION: Final = "['’](?:ll|re|ve|[dmst]|LL|RE|VE|[DMST])"

ASCII_WORD: Final = "[0-9A-Za-z]+"
# C++, C#, F#: languages, and no letters alone.
SIGNED: Final = r"[A-Za-z](?:\+\+|#)(?![A-Za-z])"
SIGNS: Final = "+#"
ASCII_UNITS: Final = pattern(rf"{SIGNED}|{ASCII_WORD}(?:[{JOINTS}]{ASCII_WORD})*(?:{CONTRACTION}(?![0-9A-Za-z]))?")
# The same in a text's skeleton: a word or run goes on over what is dropped.
_WORD: Final = f"[0-9A-Za-z][0-9A-Za-z{SKELETON_DROPPED}]*"
_RUN: Final = f"{SKELETON_RUN}[{SKELETON_RUN}{SKELETON_DROPPED}]*"
UNITS: Final = pattern(rf"{SIGNED}|{_RUN}|{_WORD}(?:[{JOINTS}]{_WORD})*(?:{CONTRACTION}(?![0-9A-Za-z]))?")
# What no unit reaches over: a text is cut here first, since most of the stretches between come again and again.
IN_STRETCHES: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._@'+#-"  # of ASCII
STRETCH: Final = pattern(rf"[{re.escape(IN_STRETCHES)}\x80-\U0010ffff]+")
BETWEEN: Final = {number: " " for number in range(128) if chr(number) not in IN_STRETCHES}  # faster than the pattern
ENDING: Final = pattern(rf"(?:{CONTRACTION}|\+\+|#)\Z")
JOINT: Final = pattern(f"[{JOINTS}]")

# The commonest signs beyond ASCII.
PLAIN_SIGNS: Final = "…\xa0’‘“”–—"

Place = tuple[str, ...]
"""The terms that stand at one place of a text."""

Span = tuple[int, int]
"""Where a term is written: first character, and the one behind the last."""


class Word(NamedTuple):
    """A term in a text: its place in the order of words, and where it is written, in characters."""

    term: str
    position: int
    start: int
    end: int


def stretches(text: str) -> list[str]:
    """Cut a text where no unit reaches over; most of the stretches between come again and again.

    >>> stretches("It's reactor.run()!")
    ["It's", 'reactor.run']
    """
    return text.translate(BETWEEN).split() if text.isascii() else STRETCH.findall(text)


def read_stretch(stretch: str, *, stems: bool) -> tuple[list[Place], list[str]]:
    """Give the terms at each place of a stretch, in order, and the forms: words that differ from their stem.

    >>> read_stretch("reactor.running", stems=True)
    ([('reactor', 'reactor.running'), ('run',)], ['running'])
    """
    plain = stretch.strip(AROUND)
    if plain.isascii() and plain.isalnum():  # as most are
        word = plain.lower()[:LONGEST_WORD]
        term = stem(word) if stems else word
        return [(term,)], [word] if term != word else []
    places: list[Place] = []
    forms: list[str] = []
    for unit in _written(stretch):
        if is_run(unit):
            places += (terms for terms, _ in _spots_of_run(unit))
            continue
        words = split(unit)
        terms = [stem(word) for word in words] if stems else words
        if stems:
            forms += (word for word, term in zip(words, terms, strict=True) if word != term)
        pairs = _compounds(unit, words)
        places += zip(terms, pairs, strict=False)
        places += ((term,) for term in terms[len(pairs) :])
    return places, forms


def places(text: str, *, language: str) -> list[Place]:
    """Give the terms at each place of a text, in order: what an index takes in.

    >>> places("It's reactor.run()", language="en")
    [('it',), ('reactor', 'reactor.run'), ('run',)]
    """
    stems = language_stems(language)
    return [place for stretch in stretches(text) for place in read_stretch(stretch, stems=stems)[0]]


def language_stems(language: str) -> bool:
    """Tell whether words of a language (`en`, `en-GB`, `fr`) are reduced to stems.

    >>> language_stems("en_US"), language_stems("fr")
    (True, False)
    """
    return re.split("[-_]", language.lower(), maxsplit=1)[0] == ENGLISH


def words(text: str, *, language: str) -> Iterator[Word]:
    """Give each term of a text with its place and where it is written: for snippets and marks.

    >>> [tuple(word) for word in words("Stop reactor.run", language="en")]
    [('stop', 0, 0, 4), ('reactor', 1, 5, 12), ('reactor.run', 1, 5, 16), ('run', 2, 13, 16)]
    """
    stems = language_stems(language)
    position = 0
    for start, unit in written_units(text):
        for place, spans in _spots(unit, stems=stems):
            for term, (first, last) in zip(place, spans, strict=True):
                yield Word(term, position, start + first, start + last)
            position += 1


def written_units(text: str) -> Iterator[tuple[int, str]]:
    """Give each unit of a text as it is written, with where it begins."""
    if is_plain(text):
        return ((found.start(), found.group()) for found in ASCII_UNITS.finditer(text))
    return ((found.start(), text[found.start() : found.end()]) for found in UNITS.finditer(skeleton(text)))


def terms_within(unit: str, *, language: str) -> Iterator[tuple[str, int, int]]:
    """Give each term of a unit as it is written, with where in it the term stands.

    >>> list(terms_within("Leaking.pipes", language="en"))
    [('leak', 0, 7), ('leaking.pipes', 0, 13), ('pipe', 8, 13)]
    """
    for place, spans in _spots(unit, stems=language_stems(language)):
        for term, (first, last) in zip(place, spans, strict=True):
            yield term, first, last


def units(text: str) -> list[str]:
    """Give the units of a text, folded: what a query holds of it.

    >>> units("http://Example.ORG/Café, isn't it")
    ['http', 'example.org', 'cafe', 'isn', 'it']
    """
    return [_folded(unit) for unit in _written(text)]


def ends_in_word(text: str) -> bool:
    """Tell whether the last character of a text belongs to a word.

    >>> ends_in_word("reactor.run"), ends_in_word("reactor.run()")
    (True, False)
    """
    return any(start + len(unit) == len(text) for start, unit in written_units(text))


def split(unit: str) -> list[str]:
    """Give the folded words of a word or compound.

    >>> split("Twisted.Web")
    ['twisted', 'web']
    """
    if unit.isalnum():
        return [fold(unit)[:LONGEST_WORD]]
    return [fold(word)[:LONGEST_WORD] for word in JOINT.split(ENDING.sub("", unit))]


def is_run(unit: str) -> bool:
    """Tell whether a unit is a run of letters of a script without spaces."""
    return not unit.isascii() and skeleton(unit[0]) == SKELETON_RUN


def terms_of(unit: str, *, language: str) -> tuple[str, ...]:
    """Give the terms that a text must hold, all of them, to hold a folded unit.

    A run of one letter is to be asked for as a beginning, since the index holds it mostly in pairs.

    >>> terms_of("leaks", language="en"), terms_of("twisted.web.http", language="en"), terms_of("東京都", language="ja")
    (('leak',), ('twisted.web', 'web.http'), ('東京', '京都'))
    """
    if is_run(unit):
        return tuple(_neighbours(unit)) or (unit,)
    found = split(unit)
    if compounds := _compounds(unit, found):
        return tuple(compounds)
    return (stem(found[0]) if language_stems(language) else found[0],)


def phrase_of(phrase: tuple[str, ...], *, language: str) -> tuple[str, ...]:
    """Give the terms that must stand at places one after the other for folded units to stand side by side.

    >>> phrase_of(("memory", "leaks", "reactor.run"), language="en")
    ('memori', 'leak', 'reactor', 'run')
    """
    stems = language_stems(language)
    return tuple(place[0] for unit in phrase for place, _ in _spots(unit, stems=stems))


def beginning_of(unit: str) -> tuple[tuple[str, ...], str]:
    """Give what `unit*` asks for: the terms a text must hold besides, and the beginning of a term or form.

    >>> beginning_of("leak"), beginning_of("twisted.web.ht")
    (((), 'leak'), (('twisted.web',), 'web.ht'))
    """
    if is_run(unit):
        *terms, last = _neighbours(unit) or [unit]
        return tuple(terms), last
    *terms, last = _compounds(unit, split(unit)) or split(unit)
    return tuple(terms), last


def begins(term: str, beginning: str) -> bool:
    """Tell whether a term or form is one that a beginning asks for: compounds only by one with a joint.

    >>> begins("reactor", "rea"), begins("reactor.run", "rea"), begins("reactor.run", "reactor.r")
    (True, False, True)
    """
    return term.startswith(beginning) and (bool(JOINT.search(beginning)) or not JOINT.search(term))


def _folded(unit: str) -> str:
    """Fold a unit and shorten its words, so that it reads again as what it was."""
    if is_run(unit):
        return fold(unit)
    if unit[-1] in SIGNS:
        return unit.lower()
    joints = [*JOINT.findall(unit), ""]
    return "".join(word + joint for word, joint in zip(split(unit), joints, strict=True))


@lru_cache(maxsize=LATELY)
def _spots(unit: str, *, stems: bool) -> list[tuple[Place, tuple[Span, ...]]]:
    """Give the terms at each place of a unit, and where in it they are written."""
    return _spots_of_run(unit) if is_run(unit) else _spots_of_words(unit, stems=stems)


def _spots_of_words(unit: str, *, stems: bool) -> list[tuple[Place, tuple[Span, ...]]]:
    found = split(unit)
    terms = [stem(word) for word in found] if stems else found
    pairs = [*_compounds(unit, found), ""]
    ends = [joint.start() for joint in JOINT.finditer(unit)] + [len(unit)]
    starts = [0, *(end + 1 for end in ends)]
    spans_of_pairs = zip(starts, [*ends[1:], len(unit)], strict=False)
    return [
        ((term, pair), ((start, end), of_pair)) if pair else ((term,), ((start, end),))
        for term, pair, start, end, of_pair in zip(terms, pairs, starts, ends, spans_of_pairs, strict=False)
    ]


def _spots_of_run(unit: str) -> list[tuple[Place, tuple[Span, ...]]]:
    written = [index for index, char in enumerate(unit) if fold(char)]
    ends_by_start = dict(zip(written, [*written[1:], len(unit)], strict=True))
    starts = [index for index in written for _ in fold(unit[index])]
    ends = [ends_by_start[start] for start in starts]
    run = fold(unit)
    pairs = _neighbours(run)
    if not pairs:
        return [((run,), ((0, len(unit)),))]
    spots = [((pair,), ((starts[i], ends[i + 1]),)) for i, pair in enumerate(pairs)]
    return [*spots[:-1], ((pairs[-1], run[-1]), ((starts[-2], ends[-1]), (starts[-1], ends[-1])))]


def _neighbours(run: str) -> list[str]:
    return [run[index : index + 2] for index in range(len(run) - 1)]


def _compounds(unit: str, found: list[str]) -> list[str]:
    """Join each two neighbours of the words of a compound by the joint that they have; C++ is one by itself."""
    if unit[-1] in SIGNS:
        return [unit.lower()]
    if len(found) == 1:
        return []
    joints = JOINT.findall(unit)
    return [before + joint + after for before, joint, after in zip(found, joints, found[1:], strict=False)]


def is_plain(text: str) -> bool:
    """Tell whether a text has no letters but those of ASCII, so that the quick pattern reads it.

    The signs that are taken out are in most texts, since redaction writes one of them; they are part of no unit.
    """
    if text.isascii():
        return True
    for sign in PLAIN_SIGNS:
        if sign in text:
            text = text.replace(sign, "")
    return text.isascii()


def _written(text: str) -> list[str]:
    """Give the units of a text as they are written."""
    if is_plain(text):
        return ASCII_UNITS.findall(text)
    return [unit for _, unit in written_units(text)]
