"""The tree put together from its leaves upwards: AND, OR, NOT, each checked when it is made.

What is made is flat (no And in an And), has no double negation, and never asks for everything but
something.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crawler.errors import QueryError
from indexer.query.refusal import refusal
from indexer.query.tree import And, Node, Not, Or

DEEPEST: Final = 32  # levels of a tree; those who walk trees by recursion rely on it


class Built(NamedTuple):
    """A part of the tree, how many levels it has, and where in the query it begins."""

    node: Node
    depth: int
    position: int


def all_of(parts: list[Built]) -> Built:
    """Join what must all hold. Where nothing but negations stand, they are one: not any of them."""
    flat = [piece for part in parts for piece in _pieces(part, And)]
    if len(flat) == 1:
        return flat[0]
    if all(isinstance(piece.node, Not) for piece in flat):
        return negated(any_of([negated(piece, piece.position) for piece in flat]), flat[0].position)
    return _level(And, flat)


def any_of(parts: list[Built]) -> Built:
    """Join what may hold one of; a negation among it is refused, as it would bring nearly everything."""
    if len(parts) == 1:
        return parts[0]
    for part in parts:
        if isinstance(part.node, Not):
            raise nothing_to_subtract_from(part.position)
    return _level(Or, [piece for part in parts for piece in _pieces(part, Or)])


def negated(part: Built, position: int) -> Built:
    """Turn a part into its opposite; the negation began at `position`."""
    if isinstance(part.node, Not):
        return Built(part.node.child, part.depth - 1, position)
    return _checked(Built(Not(part.node), part.depth + 1, position))


def nothing_to_subtract_from(position: int) -> QueryError:
    """Refuse a negation that stands alone."""
    hint = "Write first what to look for, then what to leave out: leak -memory."
    return refusal("NOT has nothing to subtract from", position, hint)


def _level(kind: type[And | Or], flat: list[Built]) -> Built:
    node = kind(tuple(piece.node for piece in flat))
    return _checked(Built(node, 1 + max(piece.depth for piece in flat), flat[0].position))


def _pieces(part: Built, kind: type[And | Or]) -> list[Built]:
    """Take a level apart that would stand in one of its own kind."""
    if not isinstance(part.node, kind):
        return [part]
    return [Built(child, part.depth - 1, part.position) for child in part.node.children]


def _checked(built: Built) -> Built:
    if built.depth > DEEPEST:
        raise refusal("Groups stand too deep inside each other", built.position, "Take the query apart.")
    return built
