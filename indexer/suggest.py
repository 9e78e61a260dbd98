"""The near spelling that finds something, of a query that finds nothing.

Words that no message holds are exchanged for ones spelt nearly so: better a frequent one than the nearest, since
archives hold slips of the pen. The first letter is taken to be right, as in `leek~`.
"""

from __future__ import annotations

from indexer.analysis import JOINT, is_run, terms_of, units
from indexer.pattern import pattern
from indexer.query.parse import parse
from indexer.query.refusal import distance
from indexer.query.to_whoosh import WORDS_FIELDS, evaluate, is_near
from indexer.query.tree import Exact, Query, Word, leaves
from indexer.query.values import LONG_NEAR, MOST_DISTANT, SHORTEST_NEAR
from indexer.search import SearchIndex
from indexer.stemming import stem

FORMS = "forms"  # the index's field of words as they are written, where their stem is another
LETTERS = pattern(r"\w+")
MOST_WORDS = 5  # of a query that are looked for in other spellings
RARER_A_LETTER = 20  # how many times rarer a word may be for being nearer by a letter


def suggestion(query: Query, index: SearchIndex, *, now: int) -> str | None:
    """Give a query like this one that finds something; None when no spelling is to blame."""
    text: str | None = query.text
    plain = (leaf for leaf in leaves(query.tree) if isinstance(leaf, Word) and _is_plain(leaf.unit))
    unknown = [leaf.unit for leaf in plain if not evaluate(leaf, index)]
    for unit in dict.fromkeys(unknown[:MOST_WORDS]):
        other = _likely(unit, index)
        text = _with(text, unit, other) if text and other else None
    found = text and text != query.text and evaluate(parse(text, now=now).tree, index)
    return text if found else None


def unknown_lists(query: Query, index: SearchIndex) -> list[str]:
    """Give the names of lists that a query asks for, and that no message is of."""
    asked = [leaf.value for leaf in leaves(query.tree) if isinstance(leaf, Exact) and leaf.field == "list"]
    return [name for name in dict.fromkeys(asked) if name not in index.texts("list", name)]


def _is_plain(unit: str) -> bool:
    return len(unit) >= SHORTEST_NEAR and not is_run(unit) and not JOINT.search(unit)


def _likely(unit: str, index: SearchIndex) -> str | None:
    """Find the word that was likely meant; a form rather than its stem, which may be no word, unless that is nearer."""
    most = MOST_DISTANT if len(unit) >= LONG_NEAR else 1
    forms = {form for form in index.texts(FORMS, unit[0]) if is_near(unit, form, most)}
    stems = {stem(form) for form in forms if distance(unit, form) <= distance(unit, stem(form))}
    terms = {term for field in WORDS_FIELDS for term in index.texts(field, unit[0]) if is_near(unit, term, most)}
    likely = {
        word: _held(word, index) / RARER_A_LETTER ** distance(unit, word) for word in sorted(forms | (terms - stems))
    }
    return max(likely, key=lambda word: likely[word], default=None)


def _held(word: str, index: SearchIndex) -> int:
    """Count the messages that hold a word."""
    terms = ((field, term) for field, language in WORDS_FIELDS.items() for term in terms_of(word, language=language))
    return sum(len(postings.numbers) for field, term in terms for _, postings in index.held(field, term))


def _with(text: str, unit: str, other: str) -> str | None:
    """Write a query with another word in one's place; None where the word is not to be seen in it as it was read."""
    for match in LETTERS.finditer(text):
        if units(match.group()) == [unit]:
            return f"{text[: match.start()]}{other}{text[match.end() :]}"
    return None
