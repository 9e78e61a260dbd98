"""The fields of the Whoosh index, as `indexer.fields` asks for them. Nothing is written or searched here.

    stems, words   the words of all parts of a message: in `stems` of messages of English lists, by their
                   stems, in `words` of others. The weight of a posting is the word's impact; its value
                   tells in which parts and where it stands (`indexer.postings`)
    forms          the words that differ from their stem, for beginnings; of these the first message stands for all
    id             a message's id, its Message-ID and the addresses of its pages, lower case
    list, thread   the name of its list; the key of its thread, and as a column a number for it
    has, type      `attachment`; media types, their halves, endings of names
    file           the names of its attachments, folded
    address        its sender's whole address, lower case: here alone, never published
    date           a column: seconds since 1970 UTC, 0 for none
    text           a column: what the sender wrote, NUL, what was quoted, NUL, what its files say; for snippets
    message        stored: what a list of results shows

One field holds the words of all parts, because a word then has one impact on a message, which is
what ranking asks for, and one posting, which is what size and speed ask for; where it stands is a look
at one byte.
"""

from __future__ import annotations

from typing import Any

from whoosh import columns, fields, formats


class Occurrences(formats.Format):  # type: ignore[misc]  # Whoosh has no types
    """Postings whose values `indexer.postings` writes and reads."""

    def decode_weight(self, value: bytes) -> float:
        """Give the weight that a value implies; impacts are kept beside it."""
        return 1.0


class Words(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Words with impacts and places, inverted by us: Whoosh never analyses them."""

    def __init__(self) -> None:
        super().__init__(format=Occurrences(), analyzer=None)


class Names(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Names as they stand, without places."""

    def __init__(self, column: Any = None) -> None:
        super().__init__(format=formats.Existence(), analyzer=None, sortable=column)


def schema() -> Any:
    """Make the Whoosh schema."""
    names = {name: Names() for name in ("forms", "id", "list", "has", "type", "file", "address")}
    return fields.Schema(
        stems=Words(),
        words=Words(),
        thread=Names(columns.NumericColumn("q")),
        date=fields.COLUMN(columns.NumericColumn("q")),
        text=fields.COLUMN(columns.CompressedBytesColumn(level=3)),
        message=fields.STORED(),
        **names,
    )
