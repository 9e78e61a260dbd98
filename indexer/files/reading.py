"""What a file is for those who read it, and what came of it: plain values, light to import.

Which reader a file is for is decided here, by its bytes where they tell, else by its type; `readers` are what they do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Final, Literal

from crawler.message import Kind
from crawler.parse.media import is_text, type_of_bytes

Status = Literal[
    "read", "empty", "no_text", "no_reader", "locked", "damaged", "too_large", "too_slow", "too_much_memory", "crashed"
]
"""What came of a file.

    read              its text is held                   no_reader        of a format that nothing here reads
    empty             of a format that is read; no text  locked           it wants a password
    no_text           a picture, sound, a signature …    damaged          not what it says it is
    too_large         more bytes, packed or unpacked, than are read
    too_slow, too_much_memory, crashed                   its process was ended, or died
"""
STATUSES: Final[tuple[Status, ...]] = Status.__args__  # type: ignore[attr-defined]  # typing has no public name for it

Reader = Literal["html", "plain", "message", "office", "pdf", "rtf", "none"]
VERSIONS: Final[dict[Reader, int]] = {
    "html": 1, "plain": 1, "message": 1, "office": 1, "pdf": 1, "rtf": 1, "none": 1,
}  # fmt: skip
"""Grows whenever a reader gives another text; what an older one read is read again."""
LIBRARIES: Final[dict[Reader, str]] = {"pdf": "pypdf", "rtf": "striprtf"}

BETWEEN_FILES: Final = "\f"  # in the text of an embedded message, before the text of each of its files

ZIP: Final = "application/zip"
PDF: Final = "application/pdf"
RTF: Final = frozenset({"application/rtf", "text/rtf", "application/x-rtf", "text/richtext"})
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
OFFICE: Final = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/vnd.sun.xml.",
)
BEFORE_2007: Final = frozenset({"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"})
# Text by its bytes that no person wrote.
NO_WORDS: Final = (
    "application/pgp",
    "application/pkcs7",
    "application/x-pkcs7",
    "application/postscript",
    "image/",
    "audio/",
    "video/",
)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be read: as the server sent it, what its notice says, and the list's charset."""

    kind: Kind
    type: str | None
    charset: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: its `type`, by notice or bytes, and the `version` of its reader, 0 where that is missing."""

    status: Status
    type: str | None
    text: str
    reader: Reader
    version: int


def reader_for(kind: Kind, type: str | None, data: bytes) -> Reader:
    """Choose the reader of a file: by what its bytes are, where they tell, else by its type.

    >>> reader_for("other", "application/msword", b"{\\\\rtf1 Hello}"), reader_for("other", "image/svg+xml", b"<svg/>")
    ('rtf', 'none')
    """
    found = type_of_bytes(data) or ""
    if kind == "html":
        return "html"
    if kind == "message" or type == "message/rfc822":
        return "message"
    if found == ZIP and f"{type}".startswith(OFFICE):  # written by a program that puts its parts in no usual order
        return "office"
    by_bytes = next((reader for reader, is_its in _BY_BYTES if is_its(found)), None)
    if by_bytes:
        return by_bytes
    if not is_text(data) or f"{type}".startswith(NO_WORDS) or found.startswith(NO_WORDS):
        return "none"
    return "html" if found in HTML or type in HTML else "plain"


_BY_BYTES: Final[tuple[tuple[Reader, Callable[[str], bool]], ...]] = (
    ("pdf", lambda type: type == PDF),
    ("office", lambda type: type.startswith(OFFICE)),
    ("rtf", lambda type: type in RTF),
)


def without_reader(type: str | None) -> Status:
    """Say why a file has no text whose bytes are not what any reader reads."""
    if type in BEFORE_2007:
        return "no_reader"
    return "damaged" if type and (type == PDF or type in RTF or type.startswith(OFFICE)) else "no_text"


@cache
def available() -> dict[Reader, int]:
    """Give each reader's version; those whose library is not installed are left out."""
    return {name: n for name, n in VERSIONS.items() if name not in LIBRARIES or find_spec(LIBRARIES[name])}
