"""The builders that the benchmarks compare, fed with the entries of volume texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from whoosh import index

from bench import our_index, whoosh_index
from bench.entries import Entries, make
from indexer.contents import seconds
from indexer.generations import INDEX_FOLDER
from tests.pipermail.cases import mail, on, written

WORDS = ("salt", "pepper", "the kettle boils", "reading indigo@example.org's recipe", "two spoons of saffron")


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> Entries:
    """Make the entries of a list's volume texts."""
    scratch = tmp_path_factory.mktemp("volumes")
    mails = [
        mail(n, on(1 + n % 27, month=1 + n % 5), body=_body(n), from_address=f"ann{n}@example.org") for n in range(60)
    ]
    tree = written(scratch, *mails)
    return make(tree, scratch / "entries")


def test_entries_are_read_in_any_order(entries: Entries) -> None:
    """Each entry is found by its number, in a process that was only told where the file is."""
    numbers = [7, 3, len(entries) - 1]

    assert len(entries) == len(entries.dates()) == 60
    read = [seconds(message.date) for message, _, _ in Entries(entries.path).read(numbers)]
    assert read == [entries.dates()[number] for number in numbers]


def test_senders_are_those_of_the_entries_that_are_asked_for(entries: Entries) -> None:
    """An index of the oldest entries is told of their senders alone."""
    assert set(entries.senders(1)) < set(entries.senders())


def test_both_builders_write_the_same_postings(entries: Entries, tmp_path: Path) -> None:
    """Stock Whoosh, given our schema, writes the terms, messages, impacts and values that our builder writes."""
    stock = tmp_path / "stock"
    stock.mkdir()
    our_index.build(entries, tmp_path, processes=1)
    whoosh_index.build(entries, stock, None)

    ours, theirs = _postings(tmp_path / INDEX_FOLDER), _postings(stock)
    assert {"stems", "id", "thread", "address"} < {field for field, _ in ours}
    assert {term: held for term, held in ours.items() if term[0] != "forms"} == theirs


def _body(number: int) -> str:
    return f"{WORDS[number % 5]} {number}\n> {WORDS[number % 3]}\n"


def _postings(folder: Path) -> dict[tuple[str, bytes], list[tuple[int, float, bytes]]]:
    found: dict[tuple[str, bytes], list[Any]] = {}
    with index.open_dir(str(folder)).reader() as reader:
        for field, text in reader.all_terms():
            matcher = reader.postings(field, text)
            held = found.setdefault((field, text), [])
            while matcher.is_active():
                held.append((matcher.id(), matcher.weight(), matcher.value() or b""))
                matcher.next()
    return found
