"""Mails as plain data, as somebody sent them, and their headers as they travel.

Nothing here knows of lists or archives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.utils import format_datetime

HEADER_WIDTH = 76  # RFC 2047, section 2: a line with an encoded word is no longer


@dataclass(frozen=True)
class Part:
    """A part of a mail beside its text; `content` may be a whole mail (type message/rfc822).

    `charset` None is a part that names none; `disposition` is "attachment", "inline" or None.
    """

    type: str
    content: str | bytes | Mail
    name: str | None = None
    charset: str | None = "utf-8"
    disposition: str | None = None
    description: str | None = None

    @property
    def data(self) -> bytes:
        """The bytes of the part; a mail's are its headers and text."""
        if isinstance(self.content, bytes):
            return self.content
        text = self.content.source if isinstance(self.content, Mail) else self.content
        return text.encode(self.charset or "utf-8", "replace")


@dataclass(frozen=True)
class Mail:
    """A mail as sent; `message_id`, `in_reply_to` and `references` with their `<>`.

    `date` has a zone; None is a mail without a Date. `date_raw`, `subject_raw` and `from_raw` are
    headers as they stand in the mail, where the ones made of the other fields will not do ("" leaves
    Date out altogether). A mail whose `body` is empty and that has one part is that part alone.
    """

    message_id: str | None
    date: datetime | None
    from_address: str | None
    from_name: str = ""
    subject: str = ""
    body: str = ""
    parts: tuple[Part, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    charset: str = "utf-8"
    date_raw: str | None = None
    subject_raw: str | None = None
    from_raw: str | None = None

    @property
    def is_single(self) -> bool:
        """Whether the mail is one part, not a multipart."""
        return not self.parts or (not self.body and len(self.parts) == 1)

    @property
    def sent(self) -> str | None:
        """The Date header."""
        if self.date_raw is not None or self.date is None:
            return self.date_raw
        return format_datetime(self.date)

    @property
    def titled(self) -> str:
        """The Subject header, encoded and folded."""
        return encoded(self.subject, self.charset) if self.subject_raw is None else self.subject_raw

    @property
    def named(self) -> str:
        """The sender's name, encoded and not folded."""
        return encoded(self.from_name, self.charset).replace("\n", "")

    @property
    def source(self) -> str:
        """The mail's headers and text, without its parts: what a forward of it holds."""
        headers = {
            "From": f"{self.named} <{self.from_address}>".strip(),
            "Subject": self.titled,
            "Date": self.sent,
            "Message-ID": self.message_id,
        }
        return "".join(f"{name}: {value}\n" for name, value in headers.items() if value) + "\n" + self.body


def encoded(text: str, charset: str) -> str:
    r"""Encode a header's text by RFC 2047 where it needs it, and fold it.

    >>> encoded("Grüße", "iso-8859-1")
    '=?iso-8859-1?q?Gr=FC=DFe?='
    """
    if text.isascii():
        return _folded(text)
    if text != text.encode(charset, "replace").decode(charset):
        charset = "utf-8"  # as mail programs do where the letter's own charset is too small
    letters = Charset(charset)
    if charset.lower() not in {"iso-2022-jp", "utf-8"}:
        letters.header_encoding = QP
    return Header(text, letters, maxlinelen=HEADER_WIDTH, header_name="Subject").encode()


def _folded(text: str) -> str:
    return Header(text, "us-ascii", maxlinelen=HEADER_WIDTH, header_name="Subject").encode() if text else ""
