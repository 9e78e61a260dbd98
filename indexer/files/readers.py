"""One file in, its text out: which reader a file is for, and what came of it.

    html      HTML as it was sent            office    docx, xlsx, pptx, odt, ods, odp, and their kin
    plain     text of any kind, as it is     pdf, rtf  by the libraries of `hamelin-archive[files]`
    message   a mail inside the mail: its headers and text, and behind `\\f` the text of each of its files

Pictures, sound, archives and signatures have no text. Office's binary formats before 2007 have, but no well-kept
library reads them. Nothing here is bounded in time or memory: `process` runs it where that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import islice
from typing import Final, Literal

from crawler.message import Kind
from crawler.parse.embedded import EmbeddedFile, read_embedded
from crawler.parse.media import is_text, media_type, told, type_of_bytes
from crawler.parse.restored import as_sent, decoded, html_source
from indexer.files.damage import Damaged, Locked, Unbounded
from indexer.files.html_text import html_text
from indexer.files.office import office_text
from indexer.files.pdf import pdf_text, rtf_text

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

MOST_TEXT: Final = 500_000  # characters that are kept of a file
MOST_FILES: Final = 100  # of an embedded message
DEEPEST: Final = 3  # messages in messages
BETWEEN_FILES: Final = "\f"

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


def read_file(file: File) -> Reading:
    """Read a file's text, or say why it has none."""
    data = as_sent(file.kind, file.data)
    kind = media_type(file.type, data)
    reader = reader_for(file.kind, kind, data)
    version = available().get(reader, 0)
    if reader == "none":
        return Reading(_without_reader(kind), kind, "", reader, version)
    if not version:
        return Reading("no_reader", kind, "", reader, 0)
    try:
        text = _TEXTS[reader](file, data)
    except Locked:
        return Reading("locked", kind, "", reader, version)
    except Unbounded:
        return Reading("too_large", kind, "", reader, version)
    except Damaged:
        return Reading("damaged", kind, "", reader, version)
    return Reading("read" if text.strip() else "empty", kind, text, reader, version)


def _without_reader(type: str | None) -> Status:
    """Say why a file has no text whose bytes are not what any reader reads."""
    if type in BEFORE_2007:
        return "no_reader"
    return "damaged" if type and (type == PDF or type in RTF or type.startswith(OFFICE)) else "no_text"


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


@cache
def available() -> dict[Reader, int]:
    """Give each reader's version; those whose library is not installed are left out."""
    return {name: n for name, n in VERSIONS.items() if name not in LIBRARIES or find_spec(LIBRARIES[name])}


def _html(file: File, data: bytes) -> str:
    return html_text(html_source(file.data, file.charset) if file.kind == "html" else decoded(data, file.charset))[
        :MOST_TEXT
    ]


def _plain(file: File, data: bytes) -> str:
    return decoded(data, file.charset)[:MOST_TEXT]


def _message(file: File, data: bytes) -> str:
    """Give headers, a blank line and the text; behind `\\f` each the texts of the files, messages too."""
    found: list[str] = []
    waiting = [(data, 1)]
    while waiting and len(found) < MOST_FILES:
        inner, depth = waiting.pop(0)
        mail = read_embedded(inner, file.charset)
        names = [("Attachment", one.name) for one in mail.files if one.name]
        head = "".join(f"{name}: {value}\n" for name, value in (*mail.headers, *names))
        found.append(f"{head}\n{mail.text or html_text(mail.html)}")
        for one in mail.files[: MOST_FILES - len(found)]:
            if one.type == "message/rfc822" and depth < DEEPEST:
                waiting.append((one.data, depth + 1))
            elif text := _text_of(one, file.charset):
                found.append(text)
    return BETWEEN_FILES.join(text.replace(BETWEEN_FILES, "\n") for text in found)[:MOST_TEXT]


def _text_of(inner: EmbeddedFile, charset: str | None) -> str:
    """Give the text of a file in an embedded message, "" for one that has none that can be read."""
    type = told(inner.type)
    if reader_for("other", type, inner.data) == "message":
        return ""
    return read_file(File("other", type, charset, inner.data)).text


def _joined(pieces: Iterable[str]) -> str:
    """Join pieces of text until there are enough."""
    found, length = list[str](), 0
    for piece in pieces:
        found.append(piece)
        length += len(piece)
        if length >= MOST_TEXT:
            break
    return "".join(found)[:MOST_TEXT]


_TEXTS: Final[dict[Reader, Callable[[File, bytes], str]]] = {
    "html": _html,
    "plain": _plain,
    "message": _message,
    "office": lambda _, data: _joined(office_text(data)),
    "pdf": lambda _, data: _joined(pdf_text(data)),
    "rtf": lambda _, data: _joined(islice(rtf_text(data), 1)),
}
