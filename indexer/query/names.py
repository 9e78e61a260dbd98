"""What stands before a colon: a field, a slip that is refused, or no field at all."""

from __future__ import annotations

import re
from typing import Final

from crawler.errors import QueryError
from indexer.analysis import ends_in_word
from indexer.fields import BY_NAME, FIELDS, Field, field_named
from indexer.pattern import pattern
from indexer.query.refusal import SHOWN, nearest, refusal

NAMED: Final = pattern(r"([A-Za-z][A-Za-z-]+):(.*)\Z", re.DOTALL)
# Behind a colon, clearly no value: addresses (http://), C++ (std::vector), Windows (back:\slash).
NO_VALUES: Final = ("//", ":", "\\")
# Before a colon, clearly no field: schemes of addresses, and what mail programs put before subjects.
NO_FIELDS: Final = frozenset(
    (
        "mailto",
        "news",
        "urn",
        "tel",
        "data",
        "sip",
        "xmpp",
        "irc",
        "javascript",
        "re",
        "fw",
        "fwd",
        "aw",
        "wg",
        "sv",
        "vs",
    )
)
NUMBER: Final = pattern(r"[0-9]+\Z")  # a port or a line


def named(piece: str, position: int) -> tuple[Field, str, str] | None:
    """Take a piece apart into its field, the name as written and the value; None when it names none.

    A name that is no field is refused, unless it is clear that none was meant: an address, a time, code.

    >>> field, name, value = named("Author:bob", 0)
    >>> field.name, name, value
    ('from', 'Author', 'bob')
    >>> named("http://example.org/", 0), named("std::vector", 0), named("10:30", 0), named("localhost:8080", 0)
    (None, None, None, None)
    """
    found = NAMED.match(piece)
    if not found or found[2].startswith(NO_VALUES):
        return None
    name, value = found.groups()
    field = field_named(name)
    if field:
        return field, name, value
    if _is_an_attempt(name, value):
        raise unknown_field(name, value, position)
    return None


def unnamed(piece: str) -> str | None:
    """Give the name that ends a piece in a colon and is no field: `colour:`, before a quotation or group."""
    found = NAMED.match(piece)
    return found[1] if found and not found[2] and not field_named(found[1]) else None


def unknown_field(name: str, value: str, position: int) -> QueryError:
    """Refuse a name that is no field, with the nearest that is one."""
    near = nearest(name.lower(), BY_NAME)
    meant = f"Did you mean {near}:?" if near else f"The fields are {', '.join(field.name for field in FIELDS)}."
    quoted = f'"{name}:{value}"' if value and len(value) <= SHOWN else "them in quotation marks"
    return refusal(f"There is no field {name}:", position, f"{meant} To look for the words, write {quoted}.")


def _is_an_attempt(name: str, value: str) -> bool:
    if name.lower() in NO_FIELDS or not value or not ends_in_word(value[0]):
        return False
    return not NUMBER.match(value) or nearest(name.lower(), BY_NAME) is not None
