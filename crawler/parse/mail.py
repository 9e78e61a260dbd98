"""A mail as it was sent, headers and MIME parts and all, read into what the record holds of it.

The body is what a list's own archive shows of the mail, so that both give the same text: all plain text in the order of
the parts, but for attached text that names no charset (Scrubber.py). All other parts are attachments. Headers are
decoded by the rules of the other sources; Python's `email` takes MIME apart. No mail raises.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from email.utils import parseaddr

from crawler.message import Kind
from crawler.parse.charsets import decode
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.mime import inner, leaves
from crawler.parse.volume_text import TextEntry

HEADER_END = re.compile(rb"\n\n|\A\n")
HEADER = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]?")  # RFC 5322, section 2.2
KEPT = ("from", "date", "subject", "in-reply-to", "references", "message-id")
# What tells the time of a mail whose Date does not: Mailman's own order (HyperArch, Article.__init__).
ARRIVALS = ("x-list-received-date", "received")
ADDRESS = re.compile(r"<(https?://[^<>\s]+)>")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
# What email and its codecs raise on mail that nobody could have meant; nothing of it is ours.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)
MOST_PARTS = 10_000  # of one mail


class _AsSent(Compat32):
    """Leaves header values as they stand, bytes beyond ASCII as surrogates."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Give the value."""
        del name
        return value


AS_SENT = _AsSent()


@dataclass(frozen=True, slots=True)
class MailPart:
    """A part that is no text of the body; `at` is its offset there, `place` its position among the mail's leaves."""

    kind: Kind
    name: str | None
    type: str
    size: int
    description: str | None
    sha256: str
    at: int
    place: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as sent: the headers that the record needs, its text, its other parts; `arrivals` are dates of receipt."""

    entry: TextEntry
    parts: tuple[MailPart, ...]
    arrivals: tuple[str, ...]


def read_mail(raw: bytes) -> Mail:
    """Read a mail, with or without the mbox's first line."""
    raw = raw.replace(b"\r\n", b"\n") if b"\r\n" in raw[:1000] else raw
    envelope, source = _part_envelope(raw)
    headers, told = _headers(source)
    body, parts = _content(source, told)
    if "from" in told:
        headers["from"] = _sender(told["from"])
    arrivals = tuple(unfold(told[name]).rpartition(";")[2].strip() for name in ARRIVALS if name in told)
    return Mail(TextEntry(envelope, headers, body), parts, arrivals)


def part_data(raw: bytes, place: int) -> bytes | None:
    """Give the bytes of one part of a mail, by its position among the leaves."""
    raw = raw.replace(b"\r\n", b"\n") if b"\r\n" in raw[:1000] else raw
    _, source = _part_envelope(raw)
    for found, leaf in enumerate(_leaves(source)):
        if found == place:
            return _data(leaf)
    return None


def list_archive(raw: bytes) -> str | None:
    """Give the address of the list's archive that a mail names (RFC 2369, section 3.6)."""
    _, source = _part_envelope(raw[: 1 << 16])
    match = ADDRESS.search(_headers(source)[1].get("list-archive", ""))
    return match[1] if match else None


def _part_envelope(raw: bytes) -> tuple[str, bytes]:
    if not raw.startswith(b"From "):
        return "", raw
    line, _, source = raw.partition(b"\n")
    return line.decode("latin-1").rstrip("\r"), source


def _headers(source: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Read the headers that the record needs, and all of them; the first of a name counts. Folds are kept."""
    end = HEADER_END.search(source)
    told: dict[str, list[str]] = {}
    name = ""
    for line in decode(source[: end.start() if end else len(source)], None).split("\n"):
        match = HEADER.match(line)
        if line[:1] in (" ", "\t") and name:
            told[name].append(line)
        elif match:
            name = match[1].lower()
            name = "" if name in told else name
            if name:
                told[name] = [line[match.end() :]]
        else:
            name = ""
    values = {name: "\n".join(lines) for name, lines in told.items()}
    return {name: values[name] for name in KEPT if name in values}, values


def _sender(value: str) -> str:
    """Write a From header as the texts of an archive do: `ADDRESS (NAME)`, the name decoded."""
    name, address = parseaddr(unfold(value))
    if "@" not in address and not name:
        name, address = address, ""
    decoded = unfold(decode_words(name))
    return f"{address} ({decoded})" if decoded else address


def _content(source: bytes, told: dict[str, str]) -> tuple[str, tuple[MailPart, ...]]:
    """Give the text of a mail and its other parts."""
    text, parts = _Text(), list[MailPart]()
    for place, leaf in enumerate(_leaves(source)):
        data = _data(leaf)
        if _is_body(leaf):
            text.add(decode(data, _charset(leaf)).replace("\r\n", "\n"))
        elif data or _filename(leaf):
            parts.append(_part(leaf, data, text.length, place))
    body = text.text()
    return body, tuple(_within(part, len(body)) for part in parts)


def _within(part: MailPart, length: int) -> MailPart:
    if part.at <= length:
        return part
    return MailPart(part.kind, part.name, part.type, part.size, part.description, part.sha256, length, part.place)


class _Text:
    """The pieces of a body: what stood in two parts stays on two lines."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0

    def add(self, piece: str) -> None:
        """Add the text of a part."""
        if piece and self.pieces and not (self.pieces[-1].endswith("\n") or piece.startswith("\n")):
            piece = "\n" + piece
        if piece:
            self.pieces.append(piece)
            self.length += len(piece)

    def text(self) -> str:
        """Give the body, without blanks at its end."""
        return "".join(self.pieces).rstrip()


def _leaves(source: bytes) -> Iterator[Message]:
    """Give the parts of a mail that hold something, in order; an embedded mail is one of them."""
    try:
        mail = message_from_bytes(source, policy=AS_SENT)
    except BROKEN:  # parts within parts without end
        return
    yield from leaves(mail, MOST_PARTS)


def _is_body(part: Message) -> bool:
    """Say whether a part is text that an archive shows: plain, and no attachment without a charset (Scrubber.py)."""
    if part.is_multipart():
        return False
    if part.get_content_maintype() == "multipart":  # which has no parts: its boundary is nowhere
        return True
    if part.get_content_type() != "text/plain":
        return False
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return _charset(part) is not None or disposition != "attachment"


def _charset(part: Message) -> str | None:
    match = CHARSET.search(str(part.get("content-type", "")))
    return match[1] if match else None


def _part(part: Message, data: bytes, at: int, place: int) -> MailPart:
    kind = part.get_content_type()
    description = _told(part, "content-description")
    if kind == "message/rfc822":
        description = _subject(part) or description
    names: dict[str, Kind] = {"text/html": "html", "text/plain": "text", "message/rfc822": "message"}
    digest = hashlib.sha256(data).hexdigest()
    return MailPart(names.get(kind, "other"), _filename(part), kind, len(data), description, digest, at, place)


def _data(part: Message) -> bytes:
    """Give the bytes of a part, its transfer encoding undone; of an embedded mail those that were sent, nearly."""
    try:
        if part.is_multipart():
            return b"\n".join(one.as_bytes() for one in inner(part))
        data = part.get_payload(decode=True)
        return data if isinstance(data, bytes) else b""
    except BROKEN:
        with suppress(*BROKEN):
            return str(part.get_payload()).encode("utf-8", "surrogateescape")
        return b""


def _filename(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except BROKEN:
        return None
    return _clean(name) if name else None


def _told(part: Message, name: str) -> str | None:
    value = part.get(name)
    return _clean(str(value)) if value is not None else None


def _subject(part: Message) -> str | None:
    mails = inner(part)
    return _told(mails[0], "subject") if mails else None


def _clean(value: str) -> str | None:
    """Decode a header's value, bytes beyond ASCII too, which email keeps as surrogates."""
    plain = decode(value.encode("utf-8", "surrogateescape"), None) if not value.isascii() else value
    return unfold(decode_words(unfold(plain))) or None
