"""Our reading and writing of Whoosh's files against Whoosh's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whoosh import index
from whoosh.filedb.filestore import FileStorage
from whoosh.query import And, Term
from whoosh.scoring import Frequency

from crawler.store import Store
from indexer.generations import INDEX_FOLDER
from indexer.lookup import Column
from indexer.refresh import refresh
from indexer.search import SearchIndex, open_index
from tests.stored import archive
from tests.wording import LISTS, letters


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive of made-up letters with its index, of some segments."""
    config = archive(tmp_path_factory.mktemp("held"), letters(300), LISTS)
    with Store.open(config.folder) as store:
        refresh(config, store, processes=1)
    return config.folder


@pytest.fixture(scope="module")
def ours(folder: Path) -> SearchIndex:
    """Open the index our way."""
    return open_index(folder)


@pytest.fixture
def theirs(folder: Path) -> Iterator[Any]:
    """Open the index with Whoosh alone."""
    with index.open_dir(str(folder / INDEX_FOLDER)).searcher(weighting=Frequency()) as searcher:
        yield searcher


def test_terms_are_those_that_whoosh_reads(ours: SearchIndex, theirs: Any) -> None:
    """Every term of every segment, its count, its messages, impacts and values are the same both ways."""
    leaves = [reader for reader, _ in theirs.reader().leaf_readers()]
    assert len(leaves) == len(ours.segments) > 1
    for reader, segment in zip(leaves, ours.segments, strict=True):
        for (field, text), info in reader:
            term = segment.term(field, text.decode())
            assert term is not None
            assert term.messages == info.doc_frequency()
            held = segment.postings(term)
            assert _read(reader, field, text) == (list(held.numbers), list(held.impacts), held.values())


def _read(reader: Any, field: str, text: bytes) -> tuple[list[int], list[int], list[bytes]]:
    """Read a term's numbers, impacts and values with Whoosh; names have no values."""
    matcher = reader.postings(field, text)
    rows = []
    while matcher.is_active():
        rows.append((matcher.id(), int(matcher.weight()), matcher.value()))
        matcher.next()
    numbers, impacts, values = (list(column) for column in zip(*rows, strict=True))
    return numbers, impacts, values if field in ("stems", "words") else []


def test_beginnings_are_those_that_whoosh_reads(ours: SearchIndex, theirs: Any) -> None:
    """The terms that begin so come in Whoosh's order."""
    leaves = [reader for reader, _ in theirs.reader().leaf_readers()]
    for reader, segment in zip(leaves, ours.segments, strict=True):
        for beginning in ("re", "twisted.", "東", "zzz", ""):
            expected = [text.decode() for text in reader.expand_prefix("stems", beginning)]
            assert expected == [text for text, _ in segment.terms("stems", beginning)]


def test_kept_fields_are_those_that_whoosh_reads(ours: SearchIndex, theirs: Any) -> None:
    """What is shown, dates, threads and texts are the same both ways."""
    reader = theirs.reader()
    for number in range(ours.messages):
        hit = ours.hit(number, 0)
        shown = {"id": hit.id, "list": hit.list, "thread": hit.thread, "subject": hit.subject, "date": hit.date}
        assert reader.stored_fields(number) == {"message": {**shown, "from": hit.from_name}}
    dates = [date for segment in ours.segments for date in segment.dates]
    assert dates == list(reader.column_reader("date"))
    texts = [reader.column_reader("text")[number].decode() for number in range(ours.messages)]
    assert texts == ["\0".join(ours.text(number)) for number in range(ours.messages)]


def test_any_whoosh_finds_mail(ours: SearchIndex, theirs: Any) -> None:
    """A plain Whoosh search by our impacts finds what we find, in the order of the sums."""
    found = theirs.search(And([Term("stems", "reactor"), Term("stems", "leak")]), limit=None)
    scores = {hit.docnum: int(hit.score) for hit in found}
    reactor, leak = _impacts(ours, "reactor"), _impacts(ours, "leak")

    assert scores
    assert {number: reactor[number] + leak[number] for number in reactor.keys() & leak.keys()} == scores


def _impacts(held: SearchIndex, term: str) -> dict[int, int]:
    found = held.held("stems", term)
    return {base + n: impact for base, p in found for n, impact in zip(p.numbers, p.impacts, strict=True)}


def test_columns_of_many_rows_are_read(tmp_path: Path) -> None:
    """Whoosh writes offsets behind the lengths of columns with more than 32768 rows."""
    from whoosh.columns import CompressedBytesColumn

    rows = [f"row {n}".encode() for n in range(33_000)]
    with FileStorage(str(tmp_path)).create_file("column") as file:
        writer = CompressedBytesColumn().writer(file)
        for number, row in enumerate(rows):
            writer.add(number, row)
        writer.finish(len(rows))
    column = Column(memoryview((tmp_path / "column").read_bytes()), len(rows))

    assert [rows[0], rows[777], rows[-1]] == [column[0], column[777], column[len(rows) - 1]]


def test_places_that_were_read_stay_in_no_process(ours: SearchIndex) -> None:
    """A phrase reads places in every segment: each gives its pages back at once, so that memory does not add up."""
    for _, postings in ours.held("stems", "reactor"):
        assert any(postings.places(range(len(postings.numbers))))

    assert _resident(".lookup") == 0


def _resident(ending: str) -> int:
    """Add up what this process holds in memory of files that end so, in kB (proc(5))."""
    held, is_meant = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ")[0]:
            is_meant = line.endswith(ending)
        elif is_meant and line.startswith("Rss:"):
            held += int(line.split()[1])
    return held
