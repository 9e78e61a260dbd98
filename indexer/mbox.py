"""A message written as a mail of an mbox: what the archive knows of it, its files put back as parts.

The form is mboxrd's (RFC 4155 and the convention for `>From `): where a line of the text would begin so, the text is
quoted-printable, so that every reader of any kind of mbox gets the same text. Bytes out; nothing is read here.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.message import Message as Part
from email.utils import formataddr
from itertools import count

from crawler.message import Attachment, Message

FROM_LINE = re.compile(rb"^(>*)From ", re.MULTILINE)
LONGEST_LINE = 998  # bytes (RFC 5322, section 2.1.1)
FOLD_AT = 76
NOBODY = "MAILER-DAEMON"  # the sender of mail without one (RFC 4155, appendix A)
NO_STAMP = "Thu Jan  1 00:00:00 1970"
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def mail(message: Message, files: Sequence[bytes | None]) -> bytes:
    """Write a message; `files` are the bytes of its attachments in their order, None where they are not held.

    A file that is not held is told as one elsewhere, by its address (RFC 2017), or by its name alone.
    """
    parts = _parts(message, files)
    lines = [f"From {_bare(message.from_address)} {_stamp(message.date)}", *_headers(message), "MIME-Version: 1.0"]
    head = "\n".join(lines).encode("utf-8", "replace")
    if len(parts) == 1:
        return head + b"\n" + parts[0].rstrip(b"\n") + b"\n\n"
    boundary = _boundary(message, parts)
    body = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
    kind = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n'
    return head + b"\n" + kind + body + b"--" + boundary + b"--\n\n"


def _headers(message: Message) -> list[str]:
    sender = formataddr((_encoded(message.from_name or ""), message.from_address or ""))
    told = [
        ("From", sender if message.from_address else _encoded(message.from_name or "")),
        ("Date", message.date_raw),
        ("Subject", _encoded(message.subject)),
        ("Message-ID", message.message_id),
        ("In-Reply-To", message.in_reply_to),
        ("References", "\n ".join(message.references)),
        ("List-Archive", f"<{message.list_url}>"),
        ("Archived-At", f"<{message.list_url}{message.page}>" if message.page else None),
    ]
    return [f"{name}: {_folded(value)}" for name, value in told if value]


def _parts(message: Message, files: Sequence[bytes | None]) -> list[bytes]:
    """Give the parts in the order in which they stood: the text is cut where files were."""
    found: list[bytes] = []
    start = 0
    for part, data in zip(message.attachments, files, strict=True):
        if part.at > start:
            found.append(_text(message.body[start : part.at]))
            start = part.at
        found.append(_file(part, data))
    if message.body[start:] or not found:
        found.append(_text(message.body[start:]))
    return found


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    long = any(len(line) > LONGEST_LINE for line in data.split(b"\n"))
    if not long and not FROM_LINE.search(data) and b"\r" not in data and b"\0" not in data:
        return b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + data
    packed = quopri.encodestring(data.replace(b"\r", b"\r")).replace(b"\r", b"=0D")
    packed = FROM_LINE.sub(rb"\1=46rom ", packed)
    return b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + packed


def _file(part: Attachment, data: bytes | None) -> bytes:
    """Write an attachment; an embedded mail as it is (RFC 2046, 5.2.1), all else in base64."""
    head = Part()
    name = {"filename": _named(part.name)} if part.name else {}
    if data is None:
        return _elsewhere(part, head)
    head["Content-Type"] = _plain(part.type) or "application/octet-stream"
    if part.description and part.kind != "message":
        head["Content-Description"] = _encoded(part.description)
    if part.kind == "message":
        return _head(head) + FROM_LINE.sub(rb">\1From ", data)
    head.add_header("Content-Disposition", "attachment", **name)
    head["Content-Transfer-Encoding"] = "base64"
    return _head(head) + base64.encodebytes(data).rstrip(b"\n")


def _elsewhere(part: Attachment, head: Part) -> bytes:
    where = {"access-type": "URL", "URL": part.url} if part.url else {"access-type": "x-not-kept"}
    head.add_header("Content-Type", "message/external-body", **where)
    inner = Part()
    inner["Content-Type"] = _plain(part.type) or "application/octet-stream"
    if part.name:
        inner.add_header("Content-Disposition", "attachment", filename=_named(part.name))
    return _head(head) + _head(inner)


def _head(part: Part) -> bytes:
    lines = [f"{name}: {_folded(str(value))}" for name, value in part.items()]
    return "\n".join(lines).encode("utf-8", "replace") + b"\n\n"


def _named(name: str) -> str | tuple[str, str, str]:
    plain = CONTROLS.sub(" ", name)
    return plain if plain.isascii() else ("utf-8", "", plain)


def _plain(kind: str | None) -> str | None:
    return CONTROLS.sub(" ", kind) if kind and kind.isascii() else None


def _encoded(value: str) -> str:
    """Encode a header's text where it needs it (RFC 2047)."""
    plain = CONTROLS.sub(" ", value)
    return plain if plain.isascii() else Header(plain, "utf-8", maxlinelen=FOLD_AT).encode()


def _folded(value: str) -> str:
    """Keep a header's folds, and let nothing in it begin another one."""
    return re.sub(r"\r?\n[ \t]*", "\n ", value.strip()).replace("\r", " ").replace("\0", " ")


def _stamp(date: str | None) -> str:
    return f"{datetime.fromisoformat(date):%a %b %e %H:%M:%S %Y}" if date else NO_STAMP


def _bare(address: str | None) -> str:
    return re.sub(r"[^!-~]+", "", address or "") or NOBODY


def _boundary(message: Message, parts: Sequence[bytes]) -> bytes:
    """Make a boundary that stands in none of the parts, the same for the same message."""
    for tries in count():
        mark = b"=_" + hashlib.sha256(f"{message.id} {tries}".encode()).hexdigest()[:24].encode()
        if not any(mark in part for part in parts):
            return mark
    raise AssertionError("there is always another one")
