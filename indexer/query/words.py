"""How a query was read, in one English sentence: for --explain, and the line under the browser's box."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from indexer.analysis import is_run
from indexer.query.dates import stretch_in_words
from indexer.query.tree import And, Beginning, Dates, Exact, Leaf, Near, Node, Not, Or, Pattern, Phrase, Query, Word

# Where the words of a field are looked for, and where its values lie: a test asks for every field.
PLACES: Final = {
    "subject": "in the subject",
    "from": "in the sender",
    "said": "in what was written",
    "quoted": "in what was quoted",
    "file": "in the name of an attachment",
    "text-in-file": "in the text of an attachment",
}
VALUES: Final = {
    "list": "in the list {}",
    "thread": "in the thread {}",
    "id": "with the id {}",
    "type": "with an attachment of type {}",
    "has": "with an {}",
}


def read_as(query: Query) -> str:
    """Say what a query asks for, and what of it was left out.

    >>> from indexer.query.parse import parse
    >>> read_as(parse('from:indigo (leak* OR "core dump") -windows date:2004', now=0))
    'Messages with “indigo” in the sender and (with a word that begins with “leak” or with “core dump” side by side) \
and dated from 2004-01-01 to 2004-12-31 but not with “windows”.'
    """
    return " ".join((f"Messages {_clause(query.tree)}.", *query.notes))


def _clause(node: Node) -> str:
    match node:
        case And(children):
            return _all(children)
        case Or(children):
            return " or ".join(_merged(children, " or "))
        case Not(child):
            return f"not {_inner(child)}"
        case _:
            return _leaf(node)


def _all(children: tuple[Node, ...]) -> str:
    """Say what must hold, then what must not."""
    wanted = [child for child in children if not isinstance(child, Not)]
    unwanted = [_clause(child) for child in children if isinstance(child, Not)]
    return " but ".join([" and ".join(_merged(wanted, " and ")), *unwanted])


def _merged(children: Iterable[Node], joint: str) -> list[str]:
    """Say each child, words that are looked for anywhere together."""
    clauses: list[str] = []
    for plain, run in groupby(children, lambda child: isinstance(child, Word) and child.field is None):
        if plain:
            clauses.append("with " + joint.join(f"“{leaf.unit}”" for leaf in run if isinstance(leaf, Word)))
        else:
            clauses.extend(map(_inner, run))
    return clauses


def _inner(node: Node) -> str:
    return f"({_clause(node)})" if isinstance(node, And | Or) else _clause(node)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Dates():
            return stretch_in_words(leaf)
        case Exact(value, field):
            return VALUES[field].format(value if field == "has" else f"“{value}”")
        case Pattern(pattern):
            return f"with an attachment named “{pattern}”"
        case _:
            return f"with {_words(leaf)}{'' if leaf.field is None else f' {PLACES[leaf.field]}'}"


def _words(node: Word | Phrase | Beginning | Near) -> str:
    match node:
        case Word(unit):
            return f"“{unit}”"
        case Phrase(units):
            return f"“{' '.join(units)}” side by side"
        case Beginning(unit) if is_run(unit) and len(unit) == 1:
            return f"“{unit}”"
        case Beginning(unit):
            return f"a word that begins with “{unit}”"
        case Near(unit, distance):
            return f"a word like “{unit}” (up to {distance} letter{'s' * (distance > 1)} off)"
