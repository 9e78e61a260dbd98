"""A list's raw mbox: its mails as they were sent, one after the other, as Mailman keeps them (mboxo)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart

from tests.pipermail.mail import Mail, Part


def mbox(mails: Iterable[Mail]) -> bytes:
    """Write mails one after the other, each with its first line and `From ` of its body escaped."""
    return b"".join(_mail(mail) for mail in mails)


def _mail(mail: Mail) -> bytes:
    when = mail.date.astimezone(UTC) if mail.date else None
    stamp = f"{when:%a %b %e %H:%M:%S %Y}" if when else "Mon Mar  1 12:00:00 2010"
    headers = {
        "From": f"{mail.named} <{mail.from_address}>".strip(), "Subject": mail.titled, "Date": mail.sent,
        "Message-ID": mail.message_id, "In-Reply-To": mail.in_reply_to, "References": "\n ".join(mail.references),
    }  # fmt: skip
    head = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
    body = re.sub(rb"^From ", b">From ", _content(mail).as_bytes(), flags=re.MULTILINE)
    return f"From {mail.from_address} {stamp}\n{head}".encode() + body.rstrip(b"\n") + b"\n\n"


def _content(mail: Mail) -> MIMEBase:
    text = _part(Part("text/plain", mail.body, charset=mail.charset))
    if not mail.parts:
        return text
    parts = [text] if mail.body else []
    if mail.is_single:
        return _part(mail.parts[0])
    whole = MIMEMultipart("mixed", boundary="=_keepers")
    for part in [*parts, *map(_part, mail.parts)]:
        whole.attach(part)
    return whole


def _part(part: Part) -> MIMEBase:
    main, _, sub = part.type.partition("/")
    charset = {"charset": part.charset} if part.charset and main == "text" else {}
    found = MIMENonMultipart(main, sub, **charset)
    found.set_payload(part.data)
    encode_base64(found)
    if part.disposition or part.name:
        found.add_header("Content-Disposition", part.disposition or "attachment", filename=part.name)
    return found
