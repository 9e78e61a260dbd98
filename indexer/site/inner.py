"""What of a file is shown on the page of its message: readable HTML, or a mail that was in the mail.

Only of files that were read (`indexer.files`) without taking too long: what reads them here has no limits. Values in,
values out; all of it is redacted here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crawler.message import Attachment
from crawler.parse.restored import html_source
from indexer.files.reading import BETWEEN_FILES, Reading
from indexer.redaction import Privacy, redact
from indexer.site.html_part import readable
from indexer.site.text import body_html

MOST_SHOWN: Final = 200_000  # characters; more is in the file, which is linked
OPEN_UP_TO: Final = 3000  # characters of an embedded message that is not folded
WORD: Final = re.compile(r"\w{3,}")
NEW: Final = 5  # one in so many words that are not in the text make HTML worth showing beside it
FEWEST_NEW: Final = 3


@dataclass(frozen=True, slots=True)
class Inner:
    """What is shown of a file; `headers` are those of a mail. `folded` until the reader unfolds it."""

    markup: str
    headers: tuple[tuple[str, str], ...] = ()
    folded: bool = False


NOTHING: Final = Inner("")


def inner_html(
    part: Attachment, data: bytes, reading: Reading | None, charset: str | None, privacy: Privacy, folded: bool
) -> Inner:
    """Give the readable HTML of a part."""
    if reading is not None and reading.status != "read":
        return NOTHING
    source = part.source if part.source is not None else html_source(data, charset)
    return Inner(readable(source, privacy), folded=folded) if len(source) <= MOST_SHOWN else NOTHING


def says_more(text: str, body: str) -> bool:
    """Say whether a text says things that a body does not: HTML mostly is what the mail says anyway.

    >>> says_more("Soup at noon", "Soup at noon."), says_more("one two six four five", "Soup at noon.")
    (False, True)
    """
    said = set(WORD.findall(body.casefold()))
    words = set(WORD.findall(text.casefold()))
    new = len(words - said)
    return new >= FEWEST_NEW and new * NEW > len(words)


def inner_mail(reading: Reading | None, privacy: Privacy) -> Inner:
    """Give an embedded message as mail: the headers that people read, and its text."""
    if reading is None or reading.status != "read":
        return NOTHING
    head, _, text = reading.text.partition(BETWEEN_FILES)[0].partition("\n\n")
    shown = _redacted(text[:MOST_SHOWN], privacy)
    lines = (line.partition(": ") for line in _redacted(head, privacy).split("\n"))
    headers = tuple((name, value) for name, _, value in lines if value)
    return Inner(body_html(shown), headers, folded=len(text) > OPEN_UP_TO)


def _redacted(text: str, privacy: Privacy) -> str:
    return text if privacy.addresses else redact(text, privacy.exceptions)
