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

from whoosh import analysis, columns, fields, formats
from whoosh.lang.porter2 import stem

# Whoosh keeps the schema as a pickle: of its own classes alone it can be read where nobody has heard of us.


def schema() -> Any:
    """Make the Whoosh schema."""
    names = {name: _names() for name in ("forms", "id", "list", "has", "type", "file", "address")}
    return fields.Schema(
        stems=_words(stems=True),
        words=_words(stems=False),
        thread=_names(columns.NumericColumn("q")),
        date=fields.COLUMN(columns.NumericColumn("q")),
        text=fields.COLUMN(columns.CompressedBytesColumn(level=3)),
        message=fields.STORED(),
        **names,
    )


def _words(*, stems: bool) -> Any:
    """Make a field of words with impacts, and values that `indexer.postings` reads and writes.

    The analyzer is for the queries of others: near our word rule, as far as Whoosh goes.
    """
    analyzer = analysis.RegexTokenizer() | analysis.LowercaseFilter()
    return fields.FieldType(formats.Format(), analyzer | analysis.StemFilter(stem) if stems else analyzer)


def _names(column: Any = None) -> Any:
    """Make a field of names as they stand, without places."""
    return fields.FieldType(formats.Existence(), analysis.IDAnalyzer(), sortable=column)
