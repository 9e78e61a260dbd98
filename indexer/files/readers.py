"""One file in, its text out: which reader a file is for, and what came of it.

    html      HTML as it was sent            office    docx, xlsx, pptx, odt, ods, odp, and their kin
    plain     text of any kind, as it is     pdf, rtf  by the libraries of `hamelin-archive[files]`
    message   a mail inside the mail: its headers and text, and behind `\\f` the text of each of its files

Pictures, sound, archives and signatures have no text. Office's binary formats before 2007 have, but no well-kept
library reads them. Nothing here is bounded in time or memory: `process` runs it where that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from crawler.parse.embedded import EmbeddedFile, read_embedded
from crawler.parse.media import media_type, told
from crawler.parse.restored import as_sent, decoded, html_source
from indexer.files import reading
from indexer.files.damage import Damaged, Locked, Unbounded
from indexer.files.html_text import html_text
from indexer.files.office import office_text
from indexer.files.pdf import pdf_text, rtf_text
from indexer.files.reading import BETWEEN_FILES, File, Reader, Reading, reader_for, without_reader

MOST_TEXT: Final = 500_000  # characters that are kept of a file
MOST_FILES: Final = 100  # of an embedded message
DEEPEST: Final = 3  # messages in messages


def read_file(file: File) -> Reading:
    """Read a file's text, or say why it has none."""
    data = as_sent(file.kind, file.data)
    kind = media_type(file.type, data)
    reader = reader_for(file.kind, kind, data)
    version = reading.available().get(reader, 0)
    if reader == "none":
        return Reading(without_reader(kind), kind, "", reader, version)
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
