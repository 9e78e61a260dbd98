"""The text of Office Open XML (docx, xlsx, pptx) and OpenDocument files (odt, ods, odp, odg), from the XML they hold.

zipfile and lxml are all that it takes, and so every part is reached: footnotes, comments, headers, text boxes,
speakers' notes. What is unpacked is bounded, entities are not resolved, elements are let go as they were read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from lxml import etree

from indexer.files.damage import Damaged, Locked, Unbounded

MOST_UNPACKED: Final = 100_000_000  # bytes of all the parts that are read of one file
MOST_PARTS: Final = 2000
BLOCK: Final = 1 << 16

# The parts with text, in the order in which people read them (ECMA-376 part 1, annex A; ODF 1.2 part 3).
WORD: Final = re.compile(r"word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml")
SHEETS: Final = re.compile(r"xl/(?:workbook|sharedStrings|comments\d*|worksheets/sheet\d+)\.xml")
SLIDES: Final = re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide|comments/comment)\d+\.xml")
OPEN: Final = re.compile(r"content\.xml")
ENCRYPTED: Final = re.compile(rb"manifest:encryption-data")
NUMBER: Final = re.compile(r"\d+")
LINE, TAB, BLANK = "\n", "\t", " "

# What an element does to the text, by its local name; `Fallback` (ECMA-376 part 3) says again what stands beside it.
BREAKS: Final = {"br": LINE, "cr": LINE, "tab": TAB, "line-break": LINE, "s": BLANK}
ENDS: Final = {"p": LINE, "h": LINE, "si": LINE, "row": LINE, "table-row": LINE, "c": TAB, "table-cell": TAB}
SAID: Final = frozenset(["t"])  # of Office; numbers of sheets are in `v`
SAID_TWICE: Final = frozenset(["Fallback", "rPh", "tracked-changes"])


def office_text(data: bytes) -> Iterator[str]:
    """Give the text of an Office Open XML or OpenDocument file piece by piece.

    Damaged, Locked or Unbounded when it cannot be read, wants a password, or unpacks to too much.
    """
    try:
        with ZipFile(BytesIO(data)) as zipped:
            names = zipped.namelist()[: MOST_PARTS * 4]
            if "META-INF/manifest.xml" in names and ENCRYPTED.search(_read(zipped, "META-INF/manifest.xml")):
                raise Locked
            budget = MOST_UNPACKED
            for name, reader in _parts(names):
                part = _Bounded(zipped, name, budget)
                yield from reader(part)
                budget -= part.read_so_far
    except (BadZipFile, KeyError, NotImplementedError, EOFError, zlib.error, etree.XMLSyntaxError, ValueError) as error:
        raise Damaged(str(error)) from error
    except RuntimeError as error:  # zipfile: a password is wanted
        raise Locked from error


class _Bounded:
    """A part of a zip as a file that is read block by block; Unbounded where it goes on for too long."""

    def __init__(self, zipped: ZipFile, name: str, budget: int) -> None:
        self._file = zipped.open(name)
        self._budget = budget
        self.name = name
        self.read_so_far = 0

    def read(self, size: int = BLOCK) -> bytes:
        """Give the next bytes."""
        data = self._file.read(size)
        self.read_so_far += len(data)
        if self.read_so_far > self._budget:
            raise Unbounded
        return data


def _read(zipped: ZipFile, name: str) -> bytes:
    with zipped.open(name) as file:
        return file.read(BLOCK * 16)


Reader = Callable[[_Bounded], Iterator[str]]


def _parts(names: list[str]) -> Iterator[tuple[str, Reader]]:
    for pattern, reader in ((WORD, _office), (SHEETS, _sheet), (SLIDES, _office), (OPEN, _open_document)):
        found = [name for name in names if pattern.fullmatch(name)]
        for name in sorted(found, key=_place)[:MOST_PARTS]:
            yield name, reader


def _place(name: str) -> tuple[bool, bool, int, str]:
    """Put documents, workbooks and shared texts first, then by number: slide 2 before slide 10."""
    number = NUMBER.search(name.rpartition("/")[2])
    first = name.endswith(("document.xml", "workbook.xml", "sharedStrings.xml"))
    return not first, "slides/" not in name, int(number[0]) if number else 0, name


def _elements(part: _Bounded) -> Iterator[tuple[str, str, etree._Element]]:
    """Give ("start" or "end", local name, element) of a part; what is said twice is passed over."""
    passed = 0
    events = etree.iterparse(part, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False)
    for event, element in events:
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        passed += (event == "start") - (event == "end") if name in SAID_TWICE else 0
        if not passed and name not in SAID_TWICE:
            yield event, name, element
        if event == "end":
            element.clear(keep_tail=True)


def _office(part: _Bounded) -> Iterator[str]:
    """Give the texts (`t`) of a part of Office."""
    for event, name, element in _elements(part):
        if event == "end" and name in SAID and element.text:
            yield element.text
        elif event == "end" and name in BREAKS:
            yield BREAKS[name]
        elif event == "end" and name in ENDS:
            yield ENDS[name]


def _sheet(part: _Bounded) -> Iterator[str]:
    """Give the texts of a workbook's part, names of sheets, and numbers that cells hold themselves."""
    shared = False
    for event, name, element in _elements(part):
        if name == "sheet" and event == "end" and element.get("name"):
            yield element.get("name", "") + LINE
        elif name == "c" and event == "start":
            shared = element.get("t") == "s"
        elif event == "end" and element.text and (name in SAID or (name == "v" and not shared)):
            yield element.text
        if event == "end" and name in ENDS and not (name == "c" and shared):
            yield ENDS[name]


def _open_document(part: _Bounded) -> Iterator[str]:
    """Give the texts of an OpenDocument file: all that stands in its body, in order."""
    inside = 0
    for event, name, element in _elements_with_text(part):
        if name == "body":
            inside += 1 if event == "start" else -1
        elif inside and event == "text" and element:
            yield element
        elif event == "end":
            yield BREAKS.get(name) or ENDS.get(name) or ""


class _Texts:
    """What lxml's parser tells of an OpenDocument's XML: starts and ends of elements, and the text between them."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def start(self, tag: str, attributes: object) -> None:
        self.told.append(("start", tag.rpartition("}")[2], ""))

    def end(self, tag: str) -> None:
        self.told.append(("end", tag.rpartition("}")[2], ""))

    def data(self, text: str) -> None:
        self.told.append(("text", "", text))

    def close(self) -> None:
        self.told.append(("end", "", ""))


def _elements_with_text(part: _Bounded) -> Iterator[tuple[str, str, str]]:
    told = _Texts()
    parser = etree.XMLParser(target=told, resolve_entities=False, no_network=True, load_dtd=False)
    while data := part.read():
        parser.feed(data)
        yield from told.told
        told.told.clear()
    parser.close()
    yield from told.told
