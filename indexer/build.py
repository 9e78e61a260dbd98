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
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from whoosh import index
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage

from indexer import whoosh_files
from indexer.contents import Contents
from indexer.inversion import Inversion
from indexer.schema import schema

INDEX_NAME: Final = "MAIN"  # Whoosh's own default, so that `whoosh.index.open_dir` finds it
CHECKED: Final = 64  # one term in so many is read back and compared
WORDS_FIELDS: Final = ("stems", "words")

Postings = tuple[bytes, list[int], list[int], list[bytes] | None]


class DamagedSegment(AssertionError):
    """A segment that does not hold what was written into it: a bug of ours, or a disk that lies."""


class SegmentWriter:
    """Writes one segment into a folder: `add` its messages, oldest first, then `finish`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._storage = FileStorage(str(folder))
        self._segment = W3Segment(W3Codec(), INDEX_NAME)
        self._schema = schema()
        self._kept = self._segment.codec().per_document_writer(self._storage, self._segment)
        self._words = {field: Inversion() for field in WORDS_FIELDS}
        self._names: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._count = 0

    def add(self, contents: Contents, words_field: str) -> None:
        """Add a message; `words_field` is where its words belong, `stems` or `words`."""
        number, self._count = self._count, self._count + 1
        self._words[words_field].add(number, contents.words)
        for field, names in contents.names.items():
            for name in names:
                self._names[field][name].append(number)
        self._kept.start_doc(number)
        self._kept.add_field("message", self._schema["message"], contents.shown, 0)
        text = f"{contents.said}\0{contents.quoted}".encode()
        for column, value in (("date", contents.date), ("thread", contents.thread), ("text", text)):
            self._kept.add_column_value(column, self._schema[column].column_type, value)
        self._kept.finish_doc()

    def finish(self, forms: Iterable[str]) -> tuple[str, int]:
        """Write the terms, and the forms beside them; give the segment's name and how many messages it holds.

        DamagedSegment when what was written does not read back.
        """
        for form in forms:
            self._names["forms"][form] = [0]
        self._kept.close()
        self._write_terms()
        _verify(self._folder, self._segment, self._count)
        return self._segment.segid, self._count

    def _write_terms(self) -> None:
        fields = {field: number for number, field in enumerate(sorted((*WORDS_FIELDS, *self._names)))}
        described: list[tuple[bytes, bytes]] = []
        with self._segment.create_file(self._storage, W3Codec.POSTS_EXT) as file:
            offset = 0
            for field, number in fields.items():
                for term, numbers, impacts, values in self._terms(field):
                    if len(numbers) == 1:
                        info = whoosh_files.term_of_one(numbers[0], impacts[0], values[0] if values else b"")
                    else:
                        written = whoosh_files.postings(numbers, impacts, values)
                        file.write(written)
                        info = whoosh_files.term_info(numbers, impacts, offset, len(written))
                        offset += len(written)
                    described.append((number.to_bytes(2) + term, info))
        with self._segment.create_file(self._storage, W3Codec.TERMS_EXT) as file:
            file.write(whoosh_files.term_table(fields, described))

    def _terms(self, field: str) -> Iterator[Postings]:
        if field in WORDS_FIELDS:
            yield from self._words[field].terms()
            return
        for name, numbers in sorted((name.encode(), numbers) for name, numbers in self._names[field].items()):
            yield name, numbers, [1] * len(numbers), None


def put_in_service(folder: Path, generation: int, segments: Sequence[tuple[str, int]]) -> None:
    """Write the table of contents of a new generation: names of segments and how many messages each holds."""
    held = [_segment(name, messages) for name, messages in segments]
    index.TOC(schema(), held, generation).write(FileStorage(str(folder)), INDEX_NAME)
    sync(folder)


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
    """Read a segment back with Whoosh and with `indexer.whoosh_files`: counts, first and last message, some terms."""
    ours = whoosh_files.SegmentFiles(folder, segment.segment_id(), messages)
    segment = _segment(segment.segid, messages)
    storage = FileStorage(str(folder))
    kept = segment.codec().per_document_reader(storage, segment)
    for number in {0, messages - 1}:
        if not messages or kept.stored_fields(number) != ours.stored(number):
            raise DamagedSegment(f"{segment!r} keeps something else of message {number} of {messages}")
    terms = segment.codec().terms_reader(storage, segment)
    formats = {name: field.format for name, field in schema().items()}
    for field, text, found in ours.sample(CHECKED):
        theirs = list(terms.matcher(field, text, formats[field]).all_ids())
        if found.messages != len(theirs) or list(ours.postings(found)[0]) != theirs:
            raise DamagedSegment(f"{segment!r} does not hold {field}:{text!r} as it was written")
    kept.close()
    terms.close()
