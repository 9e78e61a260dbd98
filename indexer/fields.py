"""The one table of searchable fields: what a query can name, and what an index holds.

The Whoosh schema, the query parser, the help of the command line, the browser's search and
docs/query-language.md read this table; a test refuses two fields of one name. It says what
there is to ask for, not how it is found: that is the business of `indexer.query`.

A message is indexed in parts, `PARTS`: the rows with a weight. A word that names no field
is looked for in all of them.
"""

from __future__ import annotations

from typing import Final, Literal

from indexer.value import Value

Kind = Literal["words", "file", "exact", "choice", "type", "date", "age"]
"""How the value of a field is read.

    words   by the word rule of `indexer.analysis`: words, phrases, beginnings, near spellings
    file    as words too; with * or ? as a pattern over the whole name
    exact   as it stands, case apart
    choice  one of `Field.choices`
    type    a media type, its half, or the ending that is used for it
    date    a year, month or day, or a range of them, UTC
    age     a number and a unit, back from now
"""


class Field(Value):
    """A field that a query can name.

    `weight` is what one occurrence counts for in the impact of a word (0: never ranked, no part
    of a message); `parts` are the parts of a message in which `name:` looks.
    """

    name: str
    aliases: tuple[str, ...]
    kind: Kind
    weight: int
    parts: tuple[str, ...]
    help: str
    example: str
    choices: tuple[str, ...] = ()


FIELDS: Final[tuple[Field, ...]] = (
    Field("subject", (), "words", 15, ("subject",), "the subject line", 'subject:"memory leak"'),
    Field(
        "from", ("author", "sender"), "words", 4, ("from",), "the sender's name and published address", "from:indigo"
    ),
    Field(
        "said",
        (),
        "words",
        3,
        ("subject", "said"),
        "what the sender wrote: subject and new text",
        "said:interfaces",
    ),
    Field("quoted", (), "words", 1, ("quoted",), "what was quoted from others, and signatures", "quoted:versions"),
    Field("file", ("filename", "attachment"), "file", 3, ("file",), "the names of attachments", "file:*.pdf"),
    Field(
        "text-in-file",
        (),
        "words",
        1,
        ("text-in-file",),
        "the text inside attachments",
        "text-in-file:invoice",
    ),
    Field("list", (), "exact", 0, (), "the name of a list", "list:kitchen"),
    Field("id", ("msgid",), "exact", 0, (), "one message: its key here or its Message-ID", "id:<4162@example.org>"),
    Field("thread", (), "exact", 0, (), "a thread, by its key", "thread:dz7cpy2arv2rdv3qv5w6splpki"),
    Field("date", (), "date", 0, (), "a year, month, day, or a range of them", "date:2004-03..2004-10-05"),
    Field("after", ("since",), "date", 0, (), "that day, month or year, or later", "after:2004-10"),
    Field("before", (), "date", 0, (), "earlier than that day, month or year", "before:2004-10-05"),
    Field("newer", (), "age", 0, (), "at most that old: hours, days, weeks, months, years", "newer:30d"),
    Field("older", (), "age", 0, (), "more than that old", "older:10y"),
    Field("has", (), "choice", 0, (), "messages that have it", "has:attachment", choices=("attachment",)),
    Field("type", ("mime",), "type", 0, (), "the media type of an attachment", "type:pdf"),
)

PARTS: Final[tuple[str, ...]] = tuple(field.name for field in FIELDS if field.weight)
"""The parts of a message that are indexed by words, each named like its field."""

BY_NAME: Final[dict[str, Field]] = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
"""Each field under its name and its aliases."""


def field_named(name: str) -> Field | None:
    """Find the field of that name or alias, in any case; None when there is none.

    >>> field_named("Author").name
    'from'
    >>> field_named("colour") is None
    True
    """
    return BY_NAME.get(name.lower())


def parts_of(name: str | None) -> tuple[str, ...]:
    """Give the parts of a message in which a field looks; all of them for None.

    >>> parts_of("said")
    ('subject', 'said')
    >>> parts_of(None)
    ('subject', 'from', 'said', 'quoted', 'file', 'text-in-file')
    """
    if name is None:
        return PARTS
    return BY_NAME[name].parts


def types_of(media_type: str | None, name: str | None) -> tuple[str, ...]:
    """Give the values by which `type:` finds an attachment, folded and sorted.

    >>> types_of("text/x-python", "Setup.PY")
    ('py', 'python', 'text', 'text/x-python', 'x-python')
    """
    whole = (media_type or "").lower().strip()
    main, _, half = whole.partition("/")
    stem, dot, ending = (name or "").lower().rpartition(".")
    ending = ending if stem and dot and ending.isalnum() else ""
    return tuple(sorted({whole, main, half, half.removeprefix("x-"), ending} - {""}))
