"""Files that came with mail, published so that nothing in them can run.

    text of any kind      as NAME.txt, UTF-8, redacted: HTML, SVG, scripts and patches too
    pictures, documents,  as they are, under an ending that says what they are,
    archives, sound       if they hold no address that can be read in them
    anything else         as NAME.bin, the same

A file's name loses what is not a plain letter, digit or one of `._-`, and its path. Bytes and a name
in, bytes and a name out; docs/addresses.md says it to users.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crawler.message import Attachment
from crawler.parse.media import is_text
from crawler.parse.restored import as_sent, decoded
from indexer.redaction import Privacy, redact
from indexer.site.leaks import Known, first_address

# What browsers show or save without running anything in it.
INERT: Final = frozenset({
    "png", "jpg", "jpeg", "jpe", "gif", "webp", "bmp", "tif", "tiff", "ico", "pdf", "ps", "eps", "dvi", "djvu",
    "zip", "gz", "tgz", "bz2", "xz", "7z", "rar", "tar", "z", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "rtf", "odt",
    "ods", "odp", "odg", "sxw", "mp3", "ogg", "oga", "ogv", "wav", "flac", "mp4", "webm", "mpg", "mpeg", "avi", "mov",
    "mid", "ttf", "otf", "p7s", "p7m", "sig", "pgp", "gpg", "der", "crt", "sqlite", "db", "dia", "xcf", "psd",
})  # fmt: skip
TEXT_ENDINGS: Final = (".txt", ".text")
UNSAFE: Final = re.compile(r"[^\w.-]+", re.ASCII)
NAME_LENGTH: Final = 80
# A readable address in a file of bytes: letters, a sign, a host with a usual ending.
ADDRESS_IN_BYTES: Final = re.compile(
    rb"[A-Za-z0-9][A-Za-z0-9._+-]{2,63}@(?:[A-Za-z0-9-]+\.)+(?:[A-Za-z]{2}(?![A-Za-z])|(?:com|org|net|edu|gov|info|biz))"
)
WIDE: Final = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")  # UTF-16 text, as office documents hold it


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file as it is published: its name, its bytes, whether it is text. `data` is None where it is kept back."""

    name: str
    data: bytes | None
    text: bool


def publish_file(part: Attachment, data: bytes, charset: str | None, privacy: Privacy, known: Known) -> PublishedFile:
    """Decide how a file is published; `charset` is the list's, for text that does not tell its own.

    A file of bytes is kept back if an address can be read in it, one of the `known` in any spelling.
    """
    name = safe_name(part)
    if is_text(data):
        text = decoded(as_sent(part.kind, data), charset)
        shown = text if privacy.addresses else redact(text, privacy.exceptions)
        return PublishedFile(_text_name(name), shown.encode("utf-8", "replace"), text=True)
    ending = name.rpartition(".")[2].lower()
    name = name if ending in INERT else f"{name}.bin"
    kept_back = not privacy.addresses and (holds_address(data) or first_address(data.decode("latin-1"), known))
    return PublishedFile(name, None if kept_back else data, text=False)


def holds_address(data: bytes) -> bool:
    """Say whether an e-mail address can be read in a file of bytes, in ASCII or UTF-16."""
    if ADDRESS_IN_BYTES.search(data):
        return True
    return any(ADDRESS_IN_BYTES.search(run[0][::2]) for run in WIDE.finditer(data))


def safe_name(part: Attachment) -> str:
    """Make a file's name that every system and server takes.

    >>> safe_name(Attachment("other", "C:\\\\x\\\\Grüße .PDF", None, None, None, None, None, "stored", 0))
    'Gr_e_.PDF'
    """
    given = part.name or (part.url or "").rpartition("/")[2]
    name = UNSAFE.sub("_", re.split(r"[/\\:]", given)[-1]).lstrip(".").strip() or "attachment"
    if len(name) <= NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}" if dot and len(ending) < 9 else name[:NAME_LENGTH]


def _text_name(name: str) -> str:
    return name if name.lower().endswith(TEXT_ENDINGS) else f"{name}.txt"
