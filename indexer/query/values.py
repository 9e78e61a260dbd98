"""The values of a query: what stands between blanks or in quotation marks, to a leaf of the tree.

A word that no field names, and the value of each kind of field. What holds no letter or digit
gives None, and the parser tells its reader so.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.analysis import JOINT, ends_in_word, is_run, units
from indexer.fields import Field
from indexer.letters import fold
from indexer.pattern import pattern
from indexer.query.dates import read_age, read_dates
from indexer.query.lexer import bare
from indexer.query.refusal import nearest, refusal, shown
from indexer.query.tree import Beginning, Exact, Leaf, Near, Pattern, Phrase, Word

SHORTEST_BEGINNING: Final = 2  # letters; one letter of a run is enough, as it is a word
SHORTEST_NEAR: Final = 3
LONG_NEAR: Final = 6  # letters, from which on two slips are looked for instead of one
MOST_DISTANT: Final = 2

NEAR: Final = pattern(r"(.*)~([0-9]*)\Z", re.DOTALL)
KEY: Final = pattern(r"[a-z2-7]{26}\Z")  # crawler.message.key
MEDIA_TYPE: Final = pattern(r"\.?([0-9a-z][0-9a-z.+_-]*(?:/[0-9a-z][0-9a-z.+_-]*)?)(?:/\*?)?\Z")
STAR_HINT: Final = "A * stands for the rest of one word: leak*."


def read_value(field: Field | None, text: str, position: int, *, quoted: bool, now: int) -> Leaf | None:
    """Read a value as its field has it, at a place of the query; None when it holds nothing to look for."""
    if field is None:
        return read_words(text, position, None, quoted=quoted)
    value = bare(text)
    leaf: Leaf | None
    match field.kind:
        case "words":
            leaf = read_words(text, position, field.name, quoted=quoted)
        case "file":
            leaf = _file(text, position, field.name, quoted=quoted)
        case "date":
            leaf = read_dates(field.name, value, position)
        case "age":
            leaf = read_age(field.name, value, position, now)
        case "choice":
            leaf = _choice(field, fold(value), position)
        case "type":
            leaf = _type(fold(value), position)
        case "exact":
            leaf = _exact(field.name, value, position)
    return leaf


def read_words(text: str, position: int, field: str | None, *, quoted: bool) -> Leaf | None:
    """Read words: one, a beginning, a near spelling, or several side by side."""
    found = units(text)
    if not found:
        return None
    if not quoted and "*" in text:
        return _beginning(text, position, field)
    if not quoted and (near := _near(text, position, field)):
        return near
    if len(found) > 1:
        return Phrase(tuple(found), field)
    return _one(found[0], field)


def _one(unit: str, field: str | None) -> Leaf:
    """Read one unit; an index holds a letter of a run with its neighbours, so it is asked for as a beginning."""
    return Beginning(unit, field) if is_run(unit) and len(unit) == 1 else Word(unit, field)


def _beginning(text: str, position: int, field: str | None) -> Beginning:
    head, _, tail = text.partition("*")
    tail = tail.lstrip("*")
    if "*" in tail or units(tail):
        raise refusal("A * can only end a word", position + len(head), STAR_HINT)
    found = units(head)
    if not found or not ends_in_word(head):
        raise refusal("A * must follow a letter or a digit", position + len(head), STAR_HINT)
    if len(found) > 1:
        raise refusal(f"A * cannot end several words, as in {shown(text)}", position, STAR_HINT)
    if len(found[0]) < SHORTEST_BEGINNING and not is_run(found[0]):
        raise refusal("A * needs two letters before it", position + len(head), STAR_HINT)
    return Beginning(found[0], field)


def _near(text: str, position: int, field: str | None) -> Near | None:
    """Read `leek~`; any other tilde, as in `~/bin` or `a~b`, is a sign like others."""
    split = NEAR.match(text)
    if not split or not ends_in_word(split[1]):
        return None
    found, distance = units(split[1]), split[2]
    hint = "Write leek~, or leek~1 or leek~2 for one or two letters."
    if len(found) > 1 or is_run(found[0]) or JOINT.search(found[0]):
        raise refusal("Near spellings are for single words", position, hint)
    if len(found[0]) < SHORTEST_NEAR:
        raise refusal("A near spelling needs three letters", position, hint)
    if distance not in ("", "1", "2"):
        raise refusal("A near spelling is off by 1 or 2 letters", position, hint)
    usual = MOST_DISTANT if len(found[0]) >= LONG_NEAR else 1
    return Near(found[0], int(distance) if distance else usual, field)


def _file(text: str, position: int, field: str, *, quoted: bool) -> Leaf | None:
    """Read the name of a file: with * or ? a pattern of the whole name, else words in it."""
    if "*" in text or "?" in text:
        return Pattern(fold(bare(text)), field)
    return read_words(text, position, field, quoted=quoted)


def _choice(field: Field, value: str, position: int) -> Exact:
    if value in field.choices:
        return Exact(value, field.name)
    near = nearest(value, field.choices) or field.choices[0]
    raise refusal(f"{field.name}: knows no {shown(value)}", position, f"Did you mean {field.name}:{near}?")


def _type(value: str, position: int) -> Exact:
    found = MEDIA_TYPE.match(value)
    if not found:
        hint = "Write a type as type:pdf, type:image or type:application/pdf."
        raise refusal(f"{shown(value)} is no media type", position, hint)
    return Exact(found[1], "type")


def _exact(name: str, value: str, position: int) -> Exact | None:
    """Read a value that is looked up as it stands; an id that is no key of ours is a Message-ID."""
    if not value:
        return None
    if "*" in value:
        raise refusal(f"{name}: takes no *", position + value.index("*"), f"Write {name}: with the whole value.")
    if name != "id" or KEY.match(fold(value)):
        return Exact(fold(value), name)
    return Exact(value if value.startswith("<") else f"<{value}>", name)
