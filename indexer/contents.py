"""What an index holds of one message: its words by part, its names, and what is shown of it in results.

Two versions of the message come in: as people read it and it may be published, of which all is indexed, and
whole, of which only the sender's address goes into a field that is never published. Nothing is written here, and
nothing is known of Whoosh.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crawler.message import Attachment, Message
from crawler.parse.file_names import shown_name
from crawler.parse.media import told
from indexer.body.draft import Kind
from indexer.body.stretches import stretches
from indexer.letters import fold
from indexer.postings import PART_NUMBERS
from indexer.readable import Readable

MOST: Final = {"said": 8000, "quoted": 4000, "text-in-file": 8000}  # characters that are kept for snippets
# Which part of a message the kinds of its lines belong to; a footer that the list put on is in none.
PART_OF: Final[dict[Kind, str]] = {
    "said": "said",
    "code": "said",
    "patch": "said",
    "quoted": "quoted",
    "attribution": "quoted",
    "forwarded": "quoted",
    "signature": "quoted",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index holds of one message.

    `texts` are what is indexed by words: stretches, each with the number of the part it belongs to. `names` are
    values by the index's field, `date` is in seconds since 1970 UTC, 0 for none, `thread` is a number for the
    thread; `shown` is what a list of results shows: plain values, ready to be kept;
    `said`, `quoted` and `in_files` are its text and that of its files, white space folded and cut, for snippets.
    """

    texts: list[tuple[int, str]]
    names: dict[str, tuple[str, ...]]
    date: int
    thread: int
    shown: dict[str, Any]
    said: str
    quoted: str
    in_files: str


def contents(read_as: Readable, whole: Message) -> Contents:
    """Gather what an index holds of a message."""
    published, body = read_as.message, read_as.message.body
    read = [
        (PART_OF[kind], body[start:end]) for kind, _, start, end in stretches(body, read_as.endings) if kind in PART_OF
    ]
    texts = [
        ("subject", published.subject),
        ("from", published.from_name or ""),
        ("from", published.from_address or ""),
        *read,
        *(("file", shown_name(attachment.name)) for attachment in published.attachments),
        *(("text-in-file", text) for text in read_as.texts if text),
    ]
    date = seconds(published.date)
    shown = _shown(published, date)
    cut = [_text(texts, part, most) for part, most in MOST.items()]
    numbered = [(PART_NUMBERS[part], text) for part, text in texts]
    return Contents(numbered, _names(read_as, whole), date, thread_number(shown["thread"]), shown, *cut)


def seconds(date: str | None) -> int:
    """Give a record's date in seconds since 1970 UTC; 0 for none.

    >>> seconds("2004-10-05T11:47:03Z"), seconds(None)
    (1096976823, 0)
    """
    return int(datetime.fromisoformat(date).timestamp()) if date else 0


def thread_number(key: str) -> int:
    """Give the first 63 bits of a hash of a thread's key.

    >>> thread_number("dz7cpy2arv2rdv3qv5w6splpki")
    68613989753810505
    """
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> 1


def _names(read_as: Readable, whole: Message) -> dict[str, tuple[str, ...]]:
    published = read_as.message
    parts = published.attachments
    found = zip(parts, read_as.types, strict=True)
    return {
        "id": _distinct(published.id, whole.message_id),
        "list": (published.list.lower(),),
        "thread": _distinct(published.thread),
        "has": ("attachment",) if parts else (),
        "type": _distinct(*(name for part, type in found for name in types(part, type))),
        "file": _distinct(*(fold(shown_name(part.name)) for part in parts)),
        "address": _distinct(whole.from_address and whole.from_address.lower()),
    }


def types(part: Attachment, found: str | None) -> tuple[str, ...]:
    """Give what an attachment's type can be asked for by: its media type, both halves, the ending of its name.

    That is the type that its notice states, and, where that says nothing, the one that was found in its bytes.

    >>> types(Attachment("other", "notes.txt", "text/x-diff; charset=utf-8", None, None, None, None, "stored", 0), None)
    ('text/x-diff', 'text', 'x-diff', 'txt')
    """
    stated = (part.type or "").partition(";")[0].strip().lower()
    media = (stated,) if told(part.type) or not found else (stated, found)
    stem, _, ending = shown_name(part.name).lower().rpartition(".")
    halves = (name for type in media for name in (type, *type.split("/")))
    return _distinct(*halves, ending if stem else "")


def _distinct(*values: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _text(read: list[tuple[str, str]], wanted: str, most: int) -> str:
    """Fold the white space of a part's stretches, and cut what is longer than is shown of it."""
    return _line(" ".join(text for part, text in read if part == wanted))[:most].rstrip()


def _line(text: str) -> str:
    """Fold white space, and NUL with it, which would end a text in the index."""
    return " ".join(text.replace("\0", " ").split())


def _shown(published: Message, date: int) -> dict[str, Any]:
    return {
        "id": published.id,
        "list": published.list,
        "thread": published.thread or published.id,
        "subject": _line(published.subject),
        "from": _line(published.from_name or published.from_address or ""),
        "date": date,
    }
