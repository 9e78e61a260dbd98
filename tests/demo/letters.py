"""Letters: mails as a text file that a person can write, read into the mails of tests/pipermail.

A file begins with words about itself. A letter begins with a line `== NAME`, then headers, an empty line
and the text. Headers:

    From: Name <address>          Date: 2023-09-03 08:41 +0100, or none
    Subject: as sent, without the list's prefix; an answer takes its parent's
    Answers: NAME of a letter, or a whole Message-ID that nobody has seen
    Charset: of text and headers (default utf-8)
    Attached: FILE | type | description, a file of the folder files/; may come more than once
    Html: FILE, which is all there is    Also-html: yes, the text once more as HTML
    Encloses: NAME of a letter that is sent on within this one
    Full-quote: yes, the parent below the text, footer and all, as some people answer
    Copy: NAME of a letter that was sent twice      No-id: yes      Not-on-the-list: yes

Nothing is written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property
from html import escape
from pathlib import Path

from tests.pipermail import Mail, Part

LETTER = re.compile(r"^== (\w+)\n", re.MULTILINE)
HEADERS = {
    "From", "Date", "Subject", "Answers", "Charset", "Attached", "Html", "Also-html", "Encloses", "Full-quote",
    "Copy", "No-id", "Not-on-the-list",
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """A letter as written: its name, its headers and its text."""

    name: str
    headers: dict[str, list[str]]
    text: str

    def get(self, header: str, default: str = "") -> str:
        """Give a header that comes once."""
        return self.headers.get(header, [default])[0]

    @property
    def date(self) -> datetime | None:
        """When it was sent, None for a mail without a date."""
        text = self.get("Date")
        return None if text == "none" else datetime.fromisoformat(text.replace(" +", "+"))

    @property
    def message_id(self) -> str | None:
        """Its Message-ID, made of its date, its name and where its sender lives."""
        if self.get("No-id"):
            return None
        host = self.get("From").rstrip(">").rpartition("@")[2]
        return f"<{self.get('Date')[:10].replace('-', '')}.{self.name}@{host}>"


def read(text: str) -> list[Letter]:
    """Read a file of letters.

    >>> [letter.text for letter in read("Hello.\\n\\n== a\\nFrom: x@example.org\\n\\nGood day.\\n")]
    ['Good day.\\n']
    """
    names, texts = LETTER.findall(text), LETTER.split(text)[2::2]
    return [_letter(name, text) for name, text in zip(names, texts, strict=True)]


def _letter(name: str, text: str) -> Letter:
    head, _, body = text.partition("\n\n")
    headers: dict[str, list[str]] = {}
    for line in head.strip().split("\n"):
        key, _, value = line.partition(": ")
        if key not in HEADERS:
            raise ValueError(f"letter {name}: no header is named {key!r}")
        headers.setdefault(key, []).append(value)
    return Letter(name, headers, body.rstrip("\n") + "\n" if body.strip() else "")


@dataclass
class Post:
    """Makes mails of letters: `prefix` is the list's, `footer` its last lines, `file` gives a file's bytes."""

    letters: list[Letter]
    prefix: str
    footer: str
    file: Callable[[str], bytes]
    _made: dict[str, Mail] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Letter]:
        """The letters by name."""
        return {letter.name: letter for letter in self.letters}

    def mails(self) -> list[Mail]:
        """Make the mails of the list, in the order of their dates; one without a date stays behind its neighbour."""
        dated, last = [], datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        for letter in self.letters:
            mail = self.mail(letter)
            last = mail.date or last
            dated.append((last, mail))
        listed = [pair for pair, letter in zip(dated, self.letters, strict=True) if not letter.get("Not-on-the-list")]
        return [mail for _, mail in sorted(listed, key=lambda pair: pair[0])]

    def mail(self, letter: Letter) -> Mail:
        """Make one mail; a letter answers only letters that were written before it."""
        if letter.name not in self._made:
            copied = letter.get("Copy")
            self._made[letter.name] = self._made[copied] if copied else self._new(letter)
        return self._made[letter.name]

    def _new(self, letter: Letter) -> Mail:
        name, address = parseaddr(letter.get("From"))
        parent = self._made.get(letter.get("Answers"))
        ghost = letter.get("Answers") if letter.get("Answers").startswith("<") else None
        before = parent.references if parent else ()
        parent_id = parent.message_id if parent else ghost
        return Mail(
            letter.message_id, letter.date, address, name, self._subject(letter, parent),
            "" if letter.get("Html") else letter.text + self._quote(letter, parent), self._parts(letter),
            parent_id, (*before, parent_id)[-8:] if parent_id else (), letter.get("Charset", "utf-8"),
        )  # fmt: skip

    def _subject(self, letter: Letter, parent: Mail | None) -> str:
        own = letter.get("Subject")
        if parent and not own:
            return parent.subject if parent.subject.startswith("Re: ") else f"Re: {parent.subject}"
        reply = "Re: " if own.startswith("Re: ") else ""
        return f"{reply}{self.prefix} {own.removeprefix('Re: ')}"

    def _quote(self, letter: Letter, parent: Mail | None) -> str:
        if not (parent and letter.get("Full-quote")):
            return ""
        lines = f"{parent.body}{self.footer}".rstrip("\n").split("\n")
        return f"\n----- {parent.from_name} wrote: -----\n" + "".join(f"> {line}".rstrip() + "\n" for line in lines)

    def _parts(self, letter: Letter) -> tuple[Part, ...]:
        charset, parts = letter.get("Charset", "utf-8"), []
        if letter.get("Html"):
            parts.append(Part("text/html", self.file(letter.get("Html")).decode(), charset=charset))
        if letter.get("Also-html"):
            paragraphs = "".join(f"<p>{escape(text)}</p>\n" for text in letter.text.strip().split("\n\n"))
            parts.append(Part("text/html", f"<html><body>\n{paragraphs}</body></html>\n"))
        if letter.get("Encloses"):
            parts.append(Part("message/rfc822", self._new(self.by_name[letter.get("Encloses")])))
        return (*parts, *(self._attached(line) for line in letter.headers.get("Attached", [])))

    def _attached(self, line: str) -> Part:
        name, type_, description = line.split(" | ")
        return Part(type_, self.file(name), name, None, "attachment", description)


def post(paths: list[Path], prefix: str, footer: str) -> list[Mail]:
    """Read files of letters, whose attachments lie in files/ beside them, and give the list's mails."""
    folder = paths[0].parent / "files"
    letters = [letter for path in paths for letter in read(path.read_text("utf-8"))]
    return Post(letters, prefix, footer, lambda name: (folder / name).read_bytes()).mails()
