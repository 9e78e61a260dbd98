"""From the tree of a query to what a Whoosh index holds: which messages are found, and how good each is.

Each leaf finds messages, each with an impact; how many it finds gives its weight
(`indexer.impact`); the score of a message is the sum of weight times impact over the leaves that
found it. The rules, the same in site_templates/static/search-pack.js:

    Word        all its terms; the least of their impacts
    Phrase      all its terms, side by side in one part; the least of their impacts
    Beginning   any term or form that begins so, by its stem; the greatest impact (and besides, the
                least with the terms that stand before it in its compound)
    Near        any term or form spelt so, by its stem, its first letter the same; the greatest impact
    Pattern, Exact, Dates   no impact: they choose and do not rank
    And         the sum of the scores; Or  the sum of those there are; Not  takes away

Whole lists are joined at once, as dictionaries: Whoosh's matchers, which step from posting to posting,
took ten times as long for common words. What is asked of an index is `Index`; `indexer.search` opens one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import Final, Protocol

from indexer.analysis import JOINT, beginning_of, begins, phrase_of, terms_of, units
from indexer.fields import parts_of
from indexer.impact import MOST_IMPACT, weight
from indexer.postings import PART_BITS, PLACES_A_POSITION, Postings
from indexer.query.patterns import holds
from indexer.query.refusal import distance
from indexer.query.tree import And, Beginning, Dates, Exact, Leaf, Near, Node, Not, Or, Pattern, Phrase, Word
from indexer.stemming import stem

# The index's fields of words, and a language that they are read by: stems of English, words of all others.
WORDS_FIELDS: Final = {"stems": "en", "words": ""}

FEW: Final = 8  # places of a term in a message, up to which they are tried one by one

Impacts = dict[int, int]
"""What a leaf finds: numbers of messages, and its impact on each."""

Scores = dict[int, int]
"""What a query finds: numbers of messages, and the score of each."""


class Index(Protocol):
    """What is asked of an index; messages are numbered from 0, the oldest first, over all its segments.

    `held` and `begun` give the postings of each segment with the number of its first message.
    """

    messages: int

    def held(self, field: str, term: str) -> Iterator[tuple[int, Postings]]:
        """Give the postings of a term."""

    def begun(self, field: str, beginning: str, wanted: Callable[[str], bool]) -> Iterator[tuple[int, Postings]]:
        """Give the postings of the terms that begin so and are wanted."""

    def texts(self, field: str, beginning: str) -> set[str]:
        """Give the terms that begin so."""

    def dated(self, first: int | None, before: int | None) -> Iterable[int]:
        """Give the numbers of messages of a stretch of time."""


def evaluate(node: Node, index: Index) -> Scores:
    """Find the messages that a tree asks for, with their scores.

    Walks by recursion: no tree is deeper than `indexer.query.building.DEEPEST`.
    """
    found, factor = _found(node, _Asked(index))
    return found if factor == 1 else {number: factor * impact for number, impact in found.items()}


class _Asked:
    """An index, and what one query has learned of it: what is asked again is not looked up again."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._leaves: dict[Leaf, Impacts] = {}

    def leaf(self, leaf: Leaf) -> Impacts:
        """Give what a leaf finds; nobody may change it."""
        found = self._leaves.get(leaf)
        if found is None:
            found = self._leaves[leaf] = _leaf(leaf, self)
        return found

    @cached_property
    def senders(self) -> list[tuple[str, str]]:
        """Give the whole addresses of senders, each with its units between blanks."""
        return [(name, f" {' '.join(units(name))} ") for name in self.index.texts("address", "")]


def _found(node: Node, asked: _Asked) -> tuple[dict[int, int], int]:
    """Find messages with something to be multiplied by the second member: impacts of a leaf, scores of the rest.

    So the many messages of a common word are not scored before few of them are left.
    """
    match node:
        case And(children):
            return _all(children, asked), 1
        case Or(children):
            return _any([_found(child, asked) for child in children]), 1
        case Not():
            raise AssertionError("the grammar leaves no Not outside an And")
        case _:
            impacts = asked.leaf(node)
            return impacts, weight(len(impacts), asked.index.messages)


def _all(children: tuple[Node, ...], asked: _Asked) -> Scores:
    wanted = [_found(child, asked) for child in children if not isinstance(child, Not)]
    wanted.sort(key=lambda found: len(found[0]))
    common = set(wanted[0][0])
    for found, _ in wanted[1:]:
        common.intersection_update(found)
    for child in children:
        if isinstance(child, Not) and common:
            common.difference_update(_found(child.child, asked)[0])
    return {number: sum([found[number] * factor for found, factor in wanted]) for number in common}


def _any(branches: list[tuple[dict[int, int], int]]) -> Scores:
    scores: Scores = {}
    for found, factor in branches:
        for number, value in found.items():
            scores[number] = scores.get(number, 0) + factor * value
    return scores


def _leaf(leaf: Leaf, asked: _Asked) -> Impacts:
    index = asked.index
    match leaf:
        case Dates(first, before):
            return dict.fromkeys(index.dated(first, before), 0)
        case Exact(value, field):
            return _names(index, field, [value])
        case Pattern(pattern, field):
            return _names(index, field, filter(partial(holds, pattern), index.texts(field, "")))
        case Word() | Phrase() | Beginning() | Near():
            found: Impacts = {}
            bits = _bits(leaf.field)
            for words_field in WORDS_FIELDS:  # no message stands in two of them
                found.update(_words(leaf, words_field, bits, index))
            found.update(_addresses(leaf, asked))
            return found


def _bits(field: str | None) -> int | None:
    """Give the bits of the parts in which a field looks; None for all."""
    return None if field is None else sum(PART_BITS[part] for part in parts_of(field))


def _names(index: Index, field: str, names: Iterable[str]) -> Impacts:
    held = (posting for name in names for posting in index.held(field, name))
    return {base + number: 0 for base, postings in held for number in postings.numbers}


def _words(leaf: Word | Phrase | Beginning | Near, field: str, bits: int | None, index: Index) -> Impacts:
    language = WORDS_FIELDS[field]
    match leaf:
        case Word(unit):
            return _every(field, terms_of(unit, language=language), bits, index)
        case Phrase(units_of_phrase):
            return _side_by_side(field, phrase_of(units_of_phrase, language=language), bits, index)
        case Beginning(unit):
            besides, beginning = beginning_of(unit)
            found = _expanded(field, beginning, bits, index, lambda term: begins(term, beginning))
            return _least(found, _every(field, besides, bits, index)) if besides else found
        case Near(unit, most):
            return _expanded(field, unit[0], bits, index, lambda term: is_near(unit, term, most))


def is_near(unit: str, term: str, most: int) -> bool:
    """Tell whether a term or form is one that a near spelling asks for: a single word, its first letter the same.

    >>> is_near("leek", "leak", 1), is_near("leek", "seek", 1), is_near("leek", "leek.com", 2)
    (True, False, False)
    """
    if abs(len(unit) - len(term)) > most or term[:1] != unit[0] or len(set(unit).symmetric_difference(term)) > 2 * most:
        return False  # a slip exchanges one letter for another at most
    return not JOINT.search(term) and distance(unit, term, most) <= most


def _every(field: str, terms: tuple[str, ...], bits: int | None, index: Index) -> Impacts:
    """Find what holds every term; each may stand in another of the parts."""
    found = _chosen(index.held(field, terms[0]), bits)
    for term in terms[1:]:
        found = _least(found, _chosen(index.held(field, term), bits))
    return found


def _least(impacts: Impacts, others: Impacts) -> Impacts:
    return {number: min(impacts[number], others[number]) for number in impacts.keys() & others.keys()}


def _chosen(postings: Iterable[tuple[int, Postings]], bits: int | None) -> Impacts:
    """Give the impacts of a term on the messages that hold it in one of the parts."""
    found: Impacts = {}
    for base, held in postings:
        numbers = map(base.__add__, held.numbers)
        if bits is None:
            found.update(zip(numbers, held.impacts, strict=True))
        else:
            rows = zip(numbers, held.impacts, held.parts, strict=True)
            found.update([(number, impact) for number, impact, parts in rows if parts & bits])
    return found


def _expanded(field: str, beginning: str, bits: int | None, index: Index, asked_for: Callable[[str], bool]) -> Impacts:
    """Find what holds any of the terms that are asked for, or the stem of any such form; all of them begin so."""
    postings = list(index.begun(field, beginning, asked_for))
    if field == "stems":
        stems = {stem(form) for form in index.texts("forms", beginning) if asked_for(form)}
        others = (term for term in stems if not (term.startswith(beginning) and asked_for(term)))
        postings += [held for term in sorted(others) for held in index.held(field, term)]
    found: Impacts = {}
    for posting in postings:
        for number, impact in _chosen([posting], bits).items():
            if impact > found.get(number, 0):
                found[number] = impact
    return found


def _side_by_side(field: str, terms: tuple[str, ...], bits: int | None, index: Index) -> Impacts:
    """Find what holds terms at places one after the other; a term that comes again is read once."""
    held = {term: dict(index.held(field, term)) for term in dict.fromkeys(terms)}
    found: Impacts = {}
    for base in set.intersection(*map(set, held.values())):
        lists = {term: postings[base] for term, postings in held.items()}
        common = set.intersection(*map(set, sorted((one.numbers for one in lists.values()), key=len)))
        where = {term: [at for at, number in enumerate(one.numbers) if number in common] for term, one in lists.items()}
        places = {term: one.places(where[term]) for term, one in lists.items()}
        rarest = min(range(len(terms)), key=lambda n: len(lists[terms[n]].numbers))
        first = places[terms[rarest]]
        others = [(places[term], (n - rarest) * PLACES_A_POSITION) for n, term in enumerate(terms) if n != rarest]
        for row, number in enumerate(sorted(common)):
            if _are_side_by_side(first[row], others, row, bits):
                found[base + number] = min([one.impacts[where[term][row]] for term, one in lists.items()])
    return found


def _are_side_by_side(
    first: array[int], others: list[tuple[list[array[int]], int]], row: int, bits: int | None
) -> bool:
    """Tell whether at one of the first places, in a part that is asked for, all others stand at their steps from it."""
    if len(first) > FEW:
        starts = {place for place in first if bits is None or bits >> (place & 7) & 1}
        for places, step in others:
            starts.intersection_update([place - step for place in places[row]])
            if not starts:
                return False
        return bool(starts)
    for place in first:
        if bits is None or bits >> (place & 7) & 1:
            for places, step in others:
                if place + step not in places[row]:
                    break
            else:
                return True
    return False


def _addresses(leaf: Word | Phrase | Beginning | Near, asked: _Asked) -> Impacts:
    """Find whole addresses of senders, which the index alone holds and nothing published; asked for with an @."""
    if leaf.field != "from" or isinstance(leaf, Near):
        return {}
    said = leaf.units if isinstance(leaf, Phrase) else (leaf.unit,)
    if not any("@" in unit for unit in said):
        return {}
    wanted = f" {' '.join(said)}" + ("" if isinstance(leaf, Beginning) else " ")
    senders = [name for name, held in asked.senders if wanted in held]
    return dict.fromkeys(_names(asked.index, "address", senders), MOST_IMPACT)
