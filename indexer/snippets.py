"""Snippets: the stretch of a text that shows best why it was found, and where the words asked for stand in it.

The same rule as in site_templates/static/search-pack.js, which has only the beginning of each message to
choose from. Nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, takewhile
from typing import Final

from indexer.analysis import beginning_of, begins, language_stems, phrase_of, terms_of, terms_within, written_units
from indexer.letters import fold
from indexer.query.to_whoosh import is_near
from indexer.query.tree import And, Beginning, Leaf, Near, Node, Not, Or, Phrase, Word
from indexer.value import Value

WIDTH: Final = 200  # characters of a snippet
BEFORE: Final = 5  # one in so many stands before the first word asked for, where there are so many
READ: Final = 8000  # characters of a text in which words are looked for
TEXT_FIELDS: Final = (None, "said", "quoted")  # fields whose words stand in the text

Mark = tuple[int, int]
"""First character of a word asked for, and the one behind its last."""


class Snippet(Value):
    """A line of text, with an ellipsis where it was cut, and its marks, ascending."""

    text: str
    marks: tuple[Mark, ...]


class Wanted:
    """What a query asks for in the words of texts of one language: terms, and tests that a term or word may pass.

    What was found out of a unit is remembered, since most come again in the texts of a list of results.
    """

    def __init__(self, language: str, terms: frozenset[str], tests: Mapping[str, tuple[Callable[[str], bool], ...]]):
        self.language = language
        self._terms = terms
        self._tests = tests
        self._firsts = {term[0] for term in terms} | tests.keys()
        self._known: dict[str, tuple[Mark, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def within(self, unit: str) -> tuple[Mark, ...]:
        """Give where in a unit stands what is asked for."""
        known = self._known.get(unit)
        if known is None:
            known = self._known[unit] = tuple(self._find(unit))
        return known

    def _find(self, unit: str) -> Iterator[Mark]:
        """Look at the terms of a unit; a plain word that begins with another letter has none, nor has its stem."""
        if unit.isascii() and unit.isalnum() and unit[0].lower() not in self._firsts:
            return
        for term, start, end in terms_within(unit, language=self.language):
            if term in self._terms or self._passes(term) or self._passes(fold(unit[start:end])):
                yield start, end

    def _passes(self, word: str) -> bool:
        return any(test(word) for test in self._tests.get(word[:1], ()))


def wanted(node: Node, language: str, fields: tuple[str | None, ...] = TEXT_FIELDS) -> Wanted:
    """Gather what a query asks for in these fields, leaving out what it does not want."""
    terms: set[str] = set()
    tests: dict[str, tuple[Callable[[str], bool], ...]] = {}  # by the letter with which words must begin
    for leaf in _leaves(node):
        if isinstance(leaf, Word | Phrase | Beginning | Near) and leaf.field in fields:
            match leaf:
                case Word(unit):
                    terms.update(terms_of(unit, language=language))
                case Phrase(units):
                    terms.update(phrase_of(units, language=language))
                case Beginning(unit):
                    besides, beginning = beginning_of(unit)
                    terms.update(besides)
                    tests[beginning[0]] = (*tests.get(beginning[0], ()), _beginning(beginning))
                case Near(unit, most):
                    tests[unit[0]] = (*tests.get(unit[0], ()), _near(unit, most))
    return Wanted("en" if language_stems(language) else "", frozenset(terms), tests)


def marks(text: str, asked: Wanted) -> tuple[Mark, ...]:
    """Find where the words asked for stand in a text; what overlaps is one mark.

    >>> from indexer.query.tree import Word
    >>> marks("Leaking pipes leak", wanted(Word("leaks"), "en"))
    ((0, 7), (14, 18))
    """
    found: list[Mark] = []
    if not asked:
        return ()
    within = asked.within
    for at, unit in written_units(text):
        for first, last in within(unit):
            start, end = at + first, at + last
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
    return tuple(found)


def snippet(text: str, asked: Wanted, width: int = WIDTH) -> Snippet:
    """Choose the stretch of a text, white space folded, that holds most different words asked for.

    >>> from indexer.query.tree import Word
    >>> snippet("one two three four five six seven", wanted(Word("five"), "en"), width=20)
    Snippet(text='…four five six seven', marks=((6, 10),))
    """
    line = " ".join(text[:READ].split())
    found = marks(line, asked)
    if not found:
        return Snippet(_shortened(line, width), ())
    start, end = _window(line, found, width)
    head, tail = "…" if start else "", "…" if end < len(line) else ""
    shift = len(head) - start
    inside = tuple((a + shift, b + shift) for a, b in found if start <= a and b <= end)
    return Snippet(f"{head}{line[start:end]}{tail}", inside)


def _leaves(node: Node) -> Iterable[Leaf]:
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from _leaves(child)
        case Not():
            return
        case _:
            yield node


def _beginning(beginning: str) -> Callable[[str], bool]:
    return lambda term: begins(term, beginning)


def _near(unit: str, most: int) -> Callable[[str], bool]:
    return lambda term: is_near(unit, term, most)


def _shortened(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: _word_end(line, width)]}…"


def _window(line: str, found: tuple[Mark, ...], width: int) -> tuple[int, int]:
    """Give the stretch that holds most different words that are marked, the first of equals, cut between words."""
    best, most, before = found[0][0], 0, width // BEFORE
    for first, (start, _) in enumerate(found):
        near = takewhile(lambda mark: mark[1] <= start + width - before, islice(found, first, None))  # noqa: B023  # used at once
        inside = {fold(line[a:b]) for a, b in near}
        if len(inside) > most:
            best, most = start, len(inside)
    start = max(0, min(best - before, len(line) - width))
    if start:
        start = min(line.find(" ", start - 1, best) + 1 or best, best)
    return start, _word_end(line, start + width)


def _word_end(line: str, end: int) -> int:
    """Give the end of the last word that ends by there, or that place when one word is longer than all."""
    if end >= len(line):
        return len(line)
    blank = line.rfind(" ", 0, end + 1)
    return blank if blank > end // 2 else end
