"""What a query asks for, as a tree: the one meaning that every engine gives the same answers to.

    Word        a unit of `indexer.analysis`: one word, a compound, a run; compounds and runs by their pairs
    Phrase      units side by side, in this order; what stands between them (blanks, dots, line ends) is no matter
    Beginning   a word that begins so, or any form of it that has the same stem
    Near        a word spelt nearly so
    Pattern     a file name as a whole, `*` for any characters and `?` for one
    Exact       one value of a field that holds values: list, id, thread, has, type
    Dates       a stretch of time, in seconds since 1970 UTC: from `first`, and before `before`
    And, Or     of two or more
    Not         within an And only, beside something to subtract from

`field` is the name of a row of `indexer.fields`, None for anywhere. Units are folded. No tree is
deeper than `indexer.query.parse.DEEPEST`, so that it may be walked by recursion.
"""

from __future__ import annotations

from typing import Any

from indexer.value import Value


class Word(Value):
    """A unit, found where all its terms are."""

    unit: str
    field: str | None = None


class Phrase(Value):
    """Units side by side."""

    units: tuple[str, ...]
    field: str | None = None


class Beginning(Value):
    """A word or compound of which only the beginning is given."""

    unit: str
    field: str | None = None


class Near(Value):
    """A word with up to `distance` letters added, missing, changed or swapped."""

    unit: str
    distance: int
    field: str | None = None


class Pattern(Value):
    """A whole file name, folded, with `*` and `?`."""

    pattern: str
    field: str


class Exact(Value):
    """A value as the field holds it."""

    value: str
    field: str


class Dates(Value):
    """A stretch of time, open where None."""

    first: int | None
    before: int | None


class And(Value):
    """All of these; at least one is no Not, and none is an And."""

    children: tuple[Node, ...]


class Or(Value):
    """Any of these; none is a Not or an Or."""

    children: tuple[Node, ...]


class Not(Value):
    """Not this; it is no Not."""

    child: Node


Leaf = Word | Phrase | Beginning | Near | Pattern | Exact | Dates
Node = Leaf | And | Or | Not


class Query(Value):
    """A query that was read: its text, what it asks for, and what the reader should be told."""

    text: str
    tree: Node
    notes: tuple[str, ...] = ()


def leaves(node: Node) -> list[Leaf]:
    """List what a tree asks for, in order.

    >>> leaves(And((Word("leak"), Not(Word("memory")))))
    [Word(unit='leak', field=None), Word(unit='memory', field=None)]
    """
    match node:
        case And(children) | Or(children):
            return [leaf for child in children for leaf in leaves(child)]
        case Not(child):
            return leaves(child)
        case _:
            return [node]


def as_json(node: Node) -> dict[str, Any]:
    """Write a tree as plain lists and dicts, each with its kind: for the golden cases and --explain.

    >>> as_json(And((Word("leak"), Word("indigo", "from"))))
    {'and': [{'word': 'leak'}, {'word': 'indigo', 'field': 'from'}]}
    """
    kind = type(node).__name__.lower()
    match node:
        case And(children) | Or(children):
            return {kind: [as_json(child) for child in children]}
        case Not(child):
            return {kind: as_json(child)}
        case Dates(first, before):
            return {kind: [first, before]}
    value, *rest = node.as_dict().items()
    plain = list(value[1]) if isinstance(value[1], tuple) else value[1]
    return {kind: plain, **{name: part for name, part in rest if part is not None}}
