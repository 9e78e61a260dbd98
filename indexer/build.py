"""Writing a Whoosh index: segments of messages, and the table of contents that puts segments in service.

A segment is written in a folder of its own, verified there by Whoosh's reader against ours, and only
then moved beside those in service. An index changes when its new table of contents appears
under its name, at once or not at all; the one before it stays until the new one has been opened.
Postings are inverted by `indexer.inversion` and written whole lists at a time; the rest is Whoosh's.

Which messages stand in which segment is decided in `indexer.refresh`.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from whoosh import index
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage

from indexer import whoosh_files
from indexer.contents import Contents
from indexer.inversion import Inversion, inverted_names
from indexer.lookup import EXTENSION, SegmentFiles
from indexer.lookup_writer import write_lookup
from indexer.schema import schema
from indexer.vocabulary import Vocabulary

INDEX_NAME: Final = "MAIN"  # Whoosh's own default, so that `whoosh.index.open_dir` finds it
CHECKED: Final = 64  # one term in so many is read back and compared
WORDS_FIELDS: Final = ("stems", "words")
SHOWN: Final = ("id", "list", "thread", "subject", "from")  # the order of `indexer.lookup`


class DamagedSegment(AssertionError):
    """A segment that does not hold what was written into it: a bug of ours, or a disk that lies."""


def vocabularies() -> dict[str, Vocabulary]:
    """Give new vocabularies, by field of words."""
    return {field: Vocabulary(stems=field == "stems") for field in WORDS_FIELDS}


class SegmentWriter:
    """Writes one segment into a folder: `add` its messages, oldest first, then `finish`.

    `vocabularies`, by field of words, may serve many segments: what they have met comes again.
    """

    def __init__(self, folder: Path, vocabularies: dict[str, Vocabulary]) -> None:
        self._folder = folder
        self._segment = W3Segment(W3Codec(), INDEX_NAME)
        for vocabulary in vocabularies.values():
            if vocabulary.is_full:
                vocabulary.forget()
        self._words = {field: Inversion(vocabularies[field]) for field in WORDS_FIELDS}
        self._names: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._dates: list[int] = []
        self._threads: list[int] = []
        self._shown: list[dict[str, Any]] = []
        self._texts: list[bytes] = []

    def add(self, contents: Contents, words_field: str) -> None:
        """Add a message; `words_field` is where its words belong, `stems` or `words`."""
        number = len(self._dates)
        self._words[words_field].add(number, contents.texts)
        for field, names in contents.names.items():
            for name in names:
                self._names[field][name].append(number)
        self._dates.append(contents.date)
        self._threads.append(contents.thread)
        self._shown.append(contents.shown)
        self._texts.append(f"{contents.said}\0{contents.quoted}\0{contents.in_files}".encode())

    def finish(self) -> tuple[str, int]:
        """Write the terms, and the forms beside them; give the segment's name and how many messages it holds.

        DamagedSegment when what was written does not read back.
        """
        for form in self._words["stems"].forms():
            self._names["forms"][form] = [0]
        self._write_terms()
        self._write_columns()
        _verify(self._folder, self._segment, len(self._dates))
        return self._segment.segid, len(self._dates)

    def _write_terms(self) -> None:
        words = {field: inversion.inverted() for field, inversion in self._words.items()}
        names = {field: inverted_names(held) for field, held in sorted(self._names.items())}
        fields = {field: number for number, field in enumerate(sorted((*words, *names)))}
        held = {**words, **names}
        with self._file(W3Codec.POSTS_EXT).open("wb") as file:
            writer = whoosh_files.PostingWriter(file)
            described = [
                term
                for field, number in fields.items()
                for term in writer.write(number, held[field], with_values=field in words)
            ]
        with self._file(W3Codec.TERMS_EXT).open("wb") as file:
            file.writelines(whoosh_files.term_table(fields, described))
        shown = ["\0".join(one[name] for name in SHOWN).encode() for one in self._shown]
        write_lookup(self._file(f".{EXTENSION}"), words, names, self._dates, self._threads, shown)

    def _file(self, extension: str) -> Path:
        return self._folder / f"{self._segment.segment_id()}{extension}"

    def _write_columns(self) -> None:
        columns = {
            "_stored": whoosh_files.stored_column([{"message": shown} for shown in self._shown]),
            "text": whoosh_files.bytes_column(self._texts),
            "date": [whoosh_files.numbers_column(self._dates)],
            "thread": [whoosh_files.numbers_column(self._threads)],
        }
        for name, pieces in columns.items():
            path = self._folder / W3Codec.column_filename(self._segment, name)
            with path.open("wb") as file:
                file.writelines(pieces)


def write_contents(folder: Path, generation: int, segments: Sequence[tuple[str, int]]) -> Path:
    """Write the table of contents of a generation into a folder, which is made: names of segments, and their messages.

    The generation is in service once it lies beside the segments.
    """
    held = [_segment(name, messages) for name, messages in segments]
    folder.mkdir(parents=True, exist_ok=True)
    index.TOC(schema(), held, generation).write(FileStorage(str(folder)), INDEX_NAME)
    path = folder / f"_{INDEX_NAME}_{generation}.toc"
    sync(path)
    return path


def check_in_service(folder: Path, generation: int, messages: int) -> None:
    """Open an index as any Whoosh would; DamagedSegment when it is not the one that was just put in service."""
    opened = index.open_dir(str(folder))
    if opened.latest_generation() != generation or opened.doc_count_all() != messages:
        raise DamagedSegment(f"{folder} opens with {opened.doc_count_all()} messages, not {messages}")
    opened.reader().close()


def sync(path: Path) -> None:
    """Have a file or folder on the disk before anything is built on it."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _segment(name: str, messages: int) -> Any:
    segment = W3Segment(W3Codec(), INDEX_NAME, doccount=messages, segid=name)
    segment._fieldlengths = {}  # set by Whoosh's writer, asked for by its reader; our words are not scored by length
    return segment


def _verify(folder: Path, segment: Any, messages: int) -> None:
    """Read a segment back with Whoosh and with `indexer.lookup`: counts, first and last message, some terms."""
    ours = SegmentFiles(str(folder), segment.segment_id(), messages)
    segment = _segment(segment.segid, messages)
    storage = FileStorage(str(folder))
    kept = segment.codec().per_document_reader(storage, segment)
    for number in {0, messages - 1}:
        told = dict(zip(SHOWN, ours.shown(number), strict=True)) if messages else {}
        if not messages or kept.stored_fields(number)["message"] != {**told, "date": ours.dates[number]}:
            raise DamagedSegment(f"{segment!r} keeps something else of message {number} of {messages}")
    terms = segment.codec().terms_reader(storage, segment)
    formats = {name: field.format for name, field in schema().items()}
    for field in ours.fields():
        for text, found in ours.terms(field, step=CHECKED):
            theirs = list(terms.matcher(field, text.encode(), formats[field]).all_ids())
            if list(ours.postings(found).numbers) != theirs:
                raise DamagedSegment(f"{segment!r} does not hold {field}:{text!r} as it was written")
    kept.close()
    terms.close()
