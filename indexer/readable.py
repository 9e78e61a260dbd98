"""A message as people read it and as it may be published: its text, and the text of each of its files.

The record says what the archive says; this is for those who read or search it. A body that stayed quoted-printable is
decoded; of a mail that is HTML alone the text of the HTML is the body; the text of files stands beside it. All
of it is redacted here, after it was put together, so that nothing comes to an index by another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from crawler.message import Message
from crawler.parse.repair import decode_transfer_encoding
from indexer.body.endings import Ending
from indexer.body.stretches import stretches
from indexer.files.reading import Reading
from indexer.learned import published_endings
from indexer.redaction import Privacy, published, redact

STILL_ENCODED: Final = "body_transfer_encoded"  # a defect of crawler.parse.defects


@dataclass(frozen=True, slots=True)
class Readable:
    """A message to be read, redacted; `texts` and `types` of its attachments, in their order; `endings` it can have.

    `texts` holds "" for a file that has none, and for HTML that is the body.
    """

    message: Message
    texts: tuple[str, ...]
    types: tuple[str | None, ...]
    endings: tuple[Ending, ...] = ()


def readable(
    message: Message, readings: Sequence[Reading | None], privacy: Privacy, endings: Sequence[Ending] = ()
) -> Readable:
    """Give a message as it is read; `readings` are what is known of its files, in their order."""
    texts = [reading.text if reading else "" for reading in readings]
    types = tuple(
        reading.type if reading else part.type for part, reading in zip(message.attachments, readings, strict=True)
    )
    body = html_body(message, texts)
    if body is not None:
        message = as_read(message, texts[body])
        texts[body] = ""
    else:
        message = as_read(message)
    shown = texts if privacy.addresses else [text and redact(text, privacy.exceptions) for text in texts]
    return Readable(published(message, privacy), tuple(shown), types, published_endings(endings, privacy))


def as_read(message: Message, html: str = "") -> Message:
    """Give a message with the body that people read; `html` is the text of one that has no other.

    To be called before anything is redacted. Notices then stand at the end, since their places are not known.
    """
    encoded = STILL_ENCODED in message.defects
    if not encoded and not html:
        return message
    body = decode_transfer_encoding(message.body) if encoded else message.body
    body = f"{html.rstrip()}\n{body}" if html else body
    return replace(message, body=body, attachments=tuple(replace(part, at=len(body)) for part in message.attachments))


def html_body(message: Message, texts: Sequence[str]) -> int | None:
    """Say which attachment of a mail that says nothing else is its body: the first HTML with a text; None for none."""
    if not any(part.kind == "html" for part in message.attachments) or not is_silent(message.body):
        return None
    parts = zip(message.attachments, texts, strict=True)
    return next((n for n, (part, text) in enumerate(parts) if part.kind == "html" and text.strip()), None)


def is_silent(body: str) -> bool:
    """Say whether nobody says anything in a body; the footer that a list puts on is no word of anybody.

    >>> is_silent("\\n" + "_" * 47 + "\\nkitchen mailing list\\nhttp://example.org/mailman/listinfo/kitchen\\n")
    True
    """
    if not body.strip():
        return True
    return all(kind == "footer" or not body[start:end].strip() for kind, _, start, end in stretches(body))
