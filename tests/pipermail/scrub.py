"""Scrubbing: a mail's parts become one text, with a notice and a file for each part that is no text.

Pure: files are given back as bytes with their path below the list's folder.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import datetime
from email import encoders
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from mimetypes import MimeTypes
from os.path import splitext

from tests.pipermail.forms import ListForm
from tests.pipermail.mail import Mail, Part

EXTENSIONS = {  # what Python 2's mimetypes made of a type on a usual server
    "text/html": ".htm",
    "text/plain": ".txt",
    "text/x-patch": ".bin",
    "text/x-diff": ".bin",
    "image/png": ".png",
    "image/jpeg": ".jpe",
    "application/pdf": ".pdf",
    "application/pgp-signature": ".pgp",
    "application/octet-stream": ".obj",
    "application/msword": ".doc",
    "message/rfc822": ".eml",
}
TYPES = MimeTypes()  # Python's own table, whatever the machine has
NAME_LETTERS = re.compile(r"[^-\w.]", re.ASCII)  # what a file name loses when names are kept
FROM_NOBODY = "From nobody Mon Jan  1 00:00:00 2024\n"  # the time is that of the archiver's run


@dataclass(frozen=True)
class File:
    """A scrubbed part: its path below the list's folder, its URL and its bytes as saved."""

    path: str
    url: str
    data: bytes


@dataclass(frozen=True)
class Scrubbed:
    """A mail's text, in the list's charset where the mail had parts, and the files beside it."""

    text: str
    files: tuple[File, ...]


def scrub(mail: Mail, form: ListForm, message_id: str, received: datetime) -> Scrubbed:
    """Make one text of a mail, as its generation does it; `received` dates a mail without a date."""
    if not form.generation.reads_mime:
        return Scrubbed(_source(mail) + "\n", ())
    scrubber = _Scrubber(form, _folder(mail, message_id, received))
    if mail.is_single and not mail.parts:
        return Scrubbed(_ended(mail.body) + "\n" if mail.body else "", ())
    first = [Part("text/plain", mail.body, charset=mail.charset)] if mail.body else []
    texts = [scrubber.part(part) for part in (*first, *mail.parts)]
    joined = str(form.words["next_part"]).join(texts)
    return Scrubbed(joined.encode(form.charset, "replace").decode(form.charset), tuple(scrubber.files))


def _folder(mail: Mail, message_id: str, received: datetime) -> str:
    """Name the folder: the day of the Date header as written, eight digits of the Message-ID's SHA-1."""
    digest = hashlib.sha1(message_id.encode(), usedforsecurity=False).hexdigest()
    return f"attachments/{mail.date or received:%Y%m%d}/{digest[:4]}{digest[-4:]}"


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


class _Scrubber:
    """One mail's scrubbing; `files` are those so far."""

    def __init__(self, form: ListForm, folder: str) -> None:
        self.form, self.folder = form, folder
        self.files: list[File] = []
        self.taken: set[str] = set()

    def part(self, part: Part) -> str:
        """Give the text that stands for a part."""
        if part.type == "text/plain" and (part.charset or part.disposition != "attachment"):
            return self.plain(part)
        if part.type == "text/plain":
            return self.notice("embedded_text_scrubbed", part, part.data)
        if part.type == "text/html":
            return self.html(part)
        if isinstance(part.content, Mail):
            return self.message(part, part.content)
        if part.type.startswith("multipart/"):
            return str(self.form.words["skipped_content"] % {"partctype": part.type})
        return self.notice("non_text_scrubbed", part, part.data)

    def plain(self, part: Part) -> str:
        """Give a text as it is; old Mailman adds no line end, and the separator sticks to the last line."""
        text = part.data.decode(part.charset or "utf-8", "replace")
        return _ended(text) if self.form.generation.angled_urls else text

    def html(self, part: Part) -> str:
        """Do with HTML what the list's sanitizer says."""
        source = part.data.decode(part.charset or "utf-8", "replace")
        if self.form.sanitizer == 0:
            return str(self.form.words["html_removed"])
        if self.form.sanitizer == 2:
            return _ended(html.escape(source))
        escaped = framed(source).encode(part.charset or "utf-8", "replace")
        return self.notice("html_scrubbed", part, escaped if self.form.sanitizer == 1 else part.data)

    def message(self, part: Part, mail: Mail) -> str:
        """Save a mail within the mail, as the text of a Python list of one."""
        source = FROM_NOBODY + html.escape(mail.source, quote=False)
        words = self.form.words
        more = {
            "who": f"{mail.from_name} <{mail.from_address}>".strip() if mail.from_address else words["unknown_sender"],
            "subject": mail.subject or words["no_subject"],
            "date": mail.sent or words["no_date"],
        }
        return self.notice("embedded_message_scrubbed", part, f"[{source}]".encode(), more)

    def notice(self, key: str, part: Part, data: bytes, more: dict[str, str] | None = None) -> str:
        """Save the bytes and say so."""
        file, form = self.save(part, data), self.form
        missing = form.words["not_available"]
        values = {"filename": part.name or missing, "ctype": part.type, "desc": part.description or missing}
        values |= {"size": len(data), "url": f"<{file.url}>" if form.generation.angled_urls else file.url}
        return self.old(key, str(form.words[key] % (values | (more or {}))))

    def old(self, key: str, notice: str) -> str:
        """Give a notice the form that its generation had: other labels, a blank after the URL."""
        generation = self.form.generation
        if generation.angled_urls:
            return notice
        if self.form.language == "en" and key != "html_scrubbed":
            notice = notice.replace("URL:", "Url :" if key == "non_text_scrubbed" else "Url:")
        return notice.removesuffix("\n") + (" \n" if generation.blank_after_url else "\n")

    def save(self, part: Part, data: bytes) -> File:
        """Name a file as no other of this mail is named, and keep it."""
        base, extension = self.name(part)
        name, number = base + extension, 0
        while name in self.taken:
            number += 1
            name = f"{base}-{number:04d}{extension}"
        self.taken.add(name)
        path = f"{self.folder}/{name}"
        self.files.append(File(path, f"{self.form.base}/{path}", data))
        return self.files[-1]

    def name(self, part: Part) -> tuple[str, str]:
        """Give a file's name and extension: its own in 2.1.5, `attachment` since."""
        extension = EXTENSIONS.get(part.type, ".bin")
        if not self.form.generation.keeps_file_names or not part.name:
            return "attachment", extension
        stem, own = splitext(NAME_LETTERS.sub("", re.split(r"[/\\:]", part.name)[-1]).lstrip("."))
        return stem, own if TYPES.guess_type("name" + own)[0] == part.type else extension


def framed(source: str) -> str:
    """Escape HTML as sanitizer 1 does, so that a browser shows its source.

    >>> framed("<p>Good day\\n</p>")
    '<tt>\\n&lt;p&gt;Good&nbsp;day<br>\\n&lt;/p&gt;\\n</tt>\\n'
    """
    lines = html.escape(source.expandtabs(8)).replace(" ", "&nbsp;").split("\n")
    return "<tt>\n" + "<br>\n".join(lines) + "\n</tt>\n"


def _source(mail: Mail) -> str:
    """Give a mail's body undecoded, as Mailman before 2.1 showed it."""
    if not mail.parts:
        return mail.body
    whole = MIMEMultipart(boundary="=-boundary-of-the-mail")
    if mail.body:
        whole.attach(MIMEText(mail.body, "plain", mail.charset))
    for part in mail.parts:
        major, minor = part.type.split("/")
        piece = MIMEBase(major, minor)
        if part.name:
            piece.add_header("Content-Disposition", "attachment", filename=part.name)
        piece.set_payload(part.data)
        encoders.encode_base64(piece)
        whole.attach(piece)
    return whole.as_string().partition("\n\n")[2]
