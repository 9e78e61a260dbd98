"""A mail inside a mail, taken apart: bytes of a whole message in, what people read of it out. Pure.

Python's `email` does the MIME; this chooses the body and the files, decodes them as all of Hamelin does, and
never raises for what a stranger wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Final

from crawler.parse.charsets import decode
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.mime import inner, leaves
from crawler.parse.restored import decoded

SHOWN: Final = ("From", "To", "Cc", "Date", "Subject")
MOST_PARTS: Final = 500  # of a message; what comes behind is not looked at
LONGEST_VALUE: Final = 2000  # letters of a header that are shown


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file in an embedded message."""

    name: str | None
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Embedded:
    """An embedded message: the headers that people read, its text, or its HTML where it has no text; its files."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    files: tuple[EmbeddedFile, ...]


def read_embedded(data: bytes, charset: str | None) -> Embedded:
    """Take a message apart; `charset` is for text that declares none.

    >>> read_embedded(b"Subject: =?utf-8?q?caf=C3=A9?=\\n\\nHello\\n", None)
    Embedded(headers=(('Subject', 'café'),), text='Hello\\n', html='', files=())
    """
    try:
        message = message_from_bytes(data)
    except RecursionError:  # multiparts in multiparts, hundreds deep
        return Embedded((), decoded(data, charset), "", ())
    texts: list[str] = []
    pages: list[str] = []
    files: list[EmbeddedFile] = []
    for part in leaves(message, MOST_PARTS):
        kind, payload, name = part.get_content_type(), _payload(part), _name(part)
        if name is None and kind == "text/plain" and not _is_attached(part):
            texts.append(decode(payload, _charset(part) or charset))
        elif name is None and kind == "text/html" and not _is_attached(part):
            pages.append(decoded(payload, _charset(part) or charset))
        else:
            files.append(EmbeddedFile(name, kind, payload))
    return Embedded(_headers(message), "\n".join(texts), "" if texts else "\n".join(pages), tuple(files))


def _payload(part: Message) -> bytes:
    if part.is_multipart():  # message/rfc822, message/delivery-status
        return b"\n".join(map(_flat, inner(part)))
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError):
        payload = _flat(part).partition(b"\n\n")[2]
    return payload if isinstance(payload, bytes) else b""


def _flat(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # headers that Python cannot write
        return b""


def _headers(message: Message) -> tuple[tuple[str, str], ...]:
    values = ((name, _value(message, name)) for name in SHOWN)
    return tuple((name, value) for name, value in values if value)


def _value(part: Message, name: str) -> str:
    """Give a header's value as people read it; bytes that no charset was declared for are decoded like text."""
    raw = str(part.get(name) or "").encode("utf-8", "surrogateescape")
    return decode_words(unfold(decoded(raw, None)))[:LONGEST_VALUE]


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None


def _name(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return None
    return decode_words(unfold(name)) if name else None


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition") or "").lower().lstrip().startswith("attachment")
