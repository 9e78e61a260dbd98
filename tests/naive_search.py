"""A second, slow search that shares nothing with the index: it reads every message for every query.

It knows the word rule, the reading of bodies and the tables of ranking, which have tests of their own, and
takes all else from the rules in docs/pack.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from indexer.analysis import beginning_of, begins, language_stems, phrase_of, split, terms_of, units, words
from indexer.body.endings import Ending
from indexer.body.stretches import stretches
from indexer.fields import BY_NAME, parts_of
from indexer.impact import impact, length_class, weight
from indexer.letters import fold
from indexer.query.refusal import distance
from indexer.query.tree import And, Beginning, Dates, Exact, Near, Node, Not, Or, Pattern, Phrase, Word
from indexer.stemming import stem
from tests.stored import DAY, Letter

Scores = dict[str, int]


class Read:
    """A letter as the slow search knows it: by part, the terms at each place; and what is counted of them."""

    def __init__(self, one: Letter, language: str, endings: Sequence[Ending] = ()) -> None:
        self.letter, self.language = one, language
        local, _, host = (one.address or "").partition("@")
        first = local[:1] if len(local) > 1 else ""  # of a name of one letter nothing is shown
        texts = [("subject", one.subject), ("from", one.name or ""), ("from", f"{first}…@{host}" if host else "")]
        kinds = dict.fromkeys(("said", "code", "patch"), "said")
        kinds |= dict.fromkeys(("quoted", "attribution", "forwarded", "signature"), "quoted")
        texts += [(kinds[s.kind], one.body[s.start : s.end]) for s in stretches(one.body, endings) if s.kind in kinds]
        texts += [("file", part.name or "") for part in one.attachments]
        texts += [("text-in-file", text) for text in one.file_texts if text]
        self.texts = [(part, self._places(text)) for part, text in texts]
        self.stands: dict[str, list[str]] = defaultdict(list)
        for part, places in self.texts:
            for term in (term for place in places for term in place):
                self.stands[term].append(part)
        own = sum(len(places) for part, places in self.texts if part != "text-in-file")
        self.length, self.whole = length_class(own), length_class(sum(len(places) for _, places in self.texts))
        self.forms = {w for _, text in texts for unit in units(text) for w in split(unit) if self._is_form(w)}

    def _places(self, text: str) -> list[set[str]]:
        places: dict[int, set[str]] = defaultdict(set)
        for word in words(text, language=self.language):
            places[word.position].add(word.term)
        return [places[position] for position in sorted(places)]

    def _is_form(self, word: str) -> bool:
        return language_stems(self.language) and stem(word) != word

    def impact(self, term: str, field: str | None) -> int:
        """Give a term's impact, 0 where it does not stand in the field."""
        parts = self.stands.get(term, [])
        if not set(parts) & set(parts_of(field)):
            return 0
        if set(parts) == {"text-in-file"}:
            return max(1, impact(len(parts), self.whole) // 2)
        return impact(sum(BY_NAME[part].weight for part in parts if part != "text-in-file"), self.length)

    def has_row(self, terms: tuple[str, ...], field: str | None) -> bool:
        """Say whether terms stand one after the other within a stretch of the field."""
        return any(
            all(term in place for term, place in zip(terms, places[start:], strict=False))
            for part, places in self.texts
            if part in parts_of(field)
            for start in range(len(places) - len(terms) + 1)
        )


def naive_search(tree: Node, read: list[Read]) -> Scores:
    """Find what a tree asks for, by id."""
    match tree:
        case And(children):
            found = [naive_search(child, read) for child in children if not isinstance(child, Not)]
            unwanted = {id for child in children if isinstance(child, Not) for id in naive_search(child.child, read)}
            common = set.intersection(*map(set, found)) - unwanted
            return {id: sum(scores[id] for scores in found) for id in common}
        case Or(children):
            branches = [naive_search(child, read) for child in children]
            return {id: sum(scores.get(id, 0) for scores in branches) for scores in branches for id in scores}
    rule = _rule(tree, read)
    impacts = {one.letter.id: value for one in read if (value := rule(one)) is not None}
    factor = weight(len(impacts), len(read))
    return {id: factor * value for id, value in impacts.items()}


def _rule(leaf: Node, read: list[Read]) -> Callable[[Read], int | None]:
    match leaf:
        case Word(unit, field):
            return lambda one: min(one.impact(t, field) for t in terms_of(unit, language=one.language)) or None
        case Phrase(phrase, field):
            return lambda one: _phrase(one, phrase_of(phrase, language=one.language), field)
        case Beginning(unit, field):
            besides, beginning = beginning_of(unit)
            asked = _asked(read, lambda term: begins(term, beginning))
            return lambda one: _greatest(one, field, asked, besides)
        case Near(unit, most, field):
            near = _asked(read, lambda term: _is_near(unit, term, most))
            return lambda one: _greatest(one, field, near)
        case Dates(first, before):
            return lambda one: _filter(_is_dated(one.letter.date, first, before))
        case Pattern(pattern):
            return lambda one: _filter(any(fnmatchcase(fold(p.name or ""), pattern) for p in one.letter.attachments))
        case Exact(value, field):
            return lambda one: _filter(_has(one.letter, field, value))
    raise TypeError(leaf)


def _asked(read: list[Read], test: Callable[[str], bool]) -> set[str]:
    forms = {stem(form) for one in read for form in one.forms if test(form)}
    return forms | {term for one in read for term in one.stands if test(term)}


def _is_near(unit: str, term: str, most: int) -> bool:
    return len(units(term)) == 1 and not set("._@-") & set(term) and term[0] == unit[0] and distance(unit, term) <= most


def _phrase(one: Read, terms: tuple[str, ...], field: str | None) -> int | None:
    return min(one.impact(term, None) for term in terms) if one.has_row(terms, field) else None


def _greatest(one: Read, field: str | None, asked: set[str], besides: tuple[str, ...] = ()) -> int | None:
    best = max((one.impact(term, field) for term in asked & one.stands.keys()), default=0)
    return min([best, *(one.impact(term, field) for term in besides)]) or None


def _filter(holds: bool) -> int | None:
    return 0 if holds else None


def _is_dated(date: int | None, first: int | None, before: int | None) -> bool:
    known = date is not None and date // DAY != 0
    return known and (first is None or date >= first) and (before is None or date < before)


def _has(one: Letter, field: str, value: str) -> bool:
    held = {
        "list": {one.list},
        "id": {one.id, one.message_id or f"<{one.number}@example.org>"},
        "thread": {one.thread_key},
        "has": {"attachment"} if one.attachments else set(),
        "type": {name for p in one.attachments for name in (p.type, *(p.type or "").split("/"), _ending(p.name))},
    }
    return value in held[field]


def _ending(name: str | None) -> str:
    return (name or "").rpartition(".")[2].lower()
