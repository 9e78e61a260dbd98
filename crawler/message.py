"""The message record: the one definition of what is known of a mail.

`Message` holds the meat, one at a time; `Heading` the bones that threads and lists of
thousands need; `Attachment` a part that Mailman's scrubber took out. The record is written
down in docs/formats.md. Nothing is read or written here.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["html", "text", "message", "other"]
Status = Literal["stored", "missing", "skipped", "inline"]

ID_BYTES = 16  # 128 bits are 26 letters of base32 without padding


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that the scrubber took out of a mail, as its notice states it.

    `size` is in bytes, `at` the offset in the body, in characters, where the notice stood.
    What a notice does not state is None. `status` tells of the bytes that we hold. `source` is the HTML
    of one that is inline: it stood in the text itself, and `sha256` is that of its UTF-8.
    """

    kind: Kind
    name: str | None
    type: str | None
    size: int | None
    description: str | None
    url: str | None
    sha256: str | None
    status: Status
    at: int
    source: str | None = None
    urls: tuple[str, ...] = ()


def read_attachment(row: dict[str, Any]) -> Attachment:
    """Read an attachment as the database keeps it."""
    return Attachment(**{**row, "urls": tuple(row.get("urls", ()))})


@dataclass(frozen=True, slots=True)
class Heading:
    """The skeleton of a message: what threads and indexes need of thousands at once.

    `date` is in seconds since 1970 UTC, None where no clock is to be trusted.
    """

    id: str
    list: str
    volume: str | None
    number: int | None
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    subject: str
    from_name: str | None
    date: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """A mail with every field of docs/formats.md; `date` is UTC, RFC 3339, to the second."""

    list: str
    list_url: str
    id: str
    volume: str | None
    number: int | None
    page: str | None
    pages: tuple[str, ...]
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    from_name: str | None
    from_address: str | None
    date: str | None
    date_raw: str | None
    subject: str
    body: str
    attachments: tuple[Attachment, ...]
    thread: str | None
    defects: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """Give the record as lists and dicts, as docs/formats.md has it; `source` and `urls` only where they are."""
        record = asdict(self)
        for attachment in record["attachments"]:
            for name in ("source", "urls"):
                if not attachment[name]:
                    del attachment[name]
        return record


def key(list_name: str, message_id: str) -> str:
    """Make the id that a Message-ID has for ever in a list: 26 letters and digits.

    Threads are named by it too, of their root's Message-ID.

    >>> key("kitchen", "<1@example.org>")
    'dz7cpy2arv2rdv3qv5w6splpki'
    """
    return _digest(list_name, message_id.strip())


def key_of_text(list_name: str, date: str, text: str) -> str:
    """Make the id of a message that has no Message-ID of its own, or whose Message-ID is taken."""
    return _digest(list_name, date, " ".join(text.split()))


def _digest(*parts: str) -> str:
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return base64.b32encode(hashlib.sha256(data).digest()[:ID_BYTES]).decode().rstrip("=").lower()
