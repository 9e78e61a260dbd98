"""The index as Whoosh 2.7.4 reads it on a machine where nobody has heard of Hamelin."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.store import Store
from indexer.generations import INDEX_FOLDER
from indexer.query.parse import parse
from indexer.query.to_whoosh import evaluate
from indexer.refresh import refresh
from indexer.search import SearchIndex, open_index
from tests.stored import archive
from tests.wording import LISTS, letters

ROOT = Path(__file__).parent.parent
WHOOSH = ROOT / ".venv" / "whoosh-2.7.4"  # `make test` puts it there
QUERIES = (
    "reactor", "leaks", "reactor leak", "reactor OR callbacks", "(memory OR leaks) AND deferred", "reactor NOT leak",
    "reac*", "nobody notices the blocking reactor", "zzz", "reactor has:attachment", "reactor type:pdf",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive of an English list with its index, of several segments."""
    written = [letter for letter in letters(900) if letter.list == "kitchen"]
    config = archive(tmp_path_factory.mktemp("stock"), written, {"kitchen": LISTS["kitchen"]})
    with Store.open(config.folder) as store:
        refresh(config, store, processes=1)
    return config.folder


@pytest.fixture(scope="module")
def ours(folder: Path) -> SearchIndex:
    """Open the index our way."""
    return open_index(folder)


@pytest.fixture(scope="module")
def theirs(folder: Path) -> dict[str, Any]:
    """Ask Whoosh 2.7.4 all queries, in a process of its own."""
    assert (WHOOSH / "whoosh").is_dir(), "Whoosh 2.7.4 is missing: `make test` fetches it."
    command = [
        sys.executable,
        "-I",
        "-S",
        "-W",
        "ignore",
        ROOT / "tests" / "stock_whoosh.py",
        WHOOSH,
        folder / INDEX_FOLDER,
    ]
    done = subprocess.run(command, input=json.dumps(QUERIES), capture_output=True, text=True, check=False)
    assert done.stderr == ""
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_it_is_whoosh_alone_that_opens_the_index(theirs: dict[str, Any], ours: SearchIndex) -> None:
    """The schema is made of Whoosh's own classes; all terms and what is stored are there."""
    last = ours.hit(ours.messages - 1, 0)

    assert theirs["version"] == "2.7.4"
    assert theirs["terms"] == len(
        {(f, text) for one in ours.segments for f in one.fields() for text, _ in one.terms(f)}
    )
    assert theirs["last"]["message"]["id"] == last.id


@pytest.mark.parametrize("query", QUERIES)
def test_it_finds_the_same_mail(query: str, theirs: dict[str, Any], ours: SearchIndex) -> None:
    """A query as Whoosh's own parser reads it finds what ours finds."""
    found = evaluate(parse(query, now=0).tree, ours)

    assert bool(found) == (query != "zzz")
    assert sorted(map(int, theirs["found"][query])) == sorted(found)


def test_it_ranks_by_our_impacts(theirs: dict[str, Any], ours: SearchIndex) -> None:
    """What Whoosh calls the weight of a word in a message is its impact."""
    impacts = {base + n: i for base, p in ours.held("stems", "leak") for n, i in zip(p.numbers, p.impacts, strict=True)}

    assert {int(number): score for number, score in theirs["found"]["leaks"].items()} == impacts
