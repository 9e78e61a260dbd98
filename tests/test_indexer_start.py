"""The short way of a plain search: the same answers, errors and codes as the command line's, with less imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.store import Store
from indexer.refresh import refresh
from indexer.start import plain_search
from tests.stored import archive
from tests.wording import LISTS, letters

SHORT = [sys.executable, "-c", "from indexer.start import main; main()"]
LONG = [sys.executable, "-c", "from indexer.cli import main; main()"]
HEAVY = {"click", "whoosh", "numpy", "sqlite3", "tomllib", "dataclasses", "json", "hashlib", "shutil", "textwrap"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive of made-up letters with its index."""
    config = archive(tmp_path_factory.mktemp("held"), letters(200), LISTS)
    with Store.open(config.folder) as store:
        refresh(config, store, processes=1)
    return config.folder


def _run(command: list[str], folder: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run([*command, "--archive", str(folder), *arguments], capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "reactor"),
        ("search", "reactor", "--limit", "3", "--sort", "date", "--threads", "leaks"),
        ("search", "--explain", "--", "reactor -leaks"),
        ("search", "--format", "json", "--explain", "東京 OR café"),
        ("search", "--format", "jsonl", "file:*.pdf"),
        ("search", "xylophone"),
        ("search", "colour:red"),
        ("search", '"never closed'),
        ("search", "--limit", "many", "reactor"),
        ("search", "-reactor"),
        ("search", "reactor", "--no-such-option"),
        ("search", "-h"),
        ("search",),
        ("serch", "reactor"),
    ],
)
def test_both_ways_say_the_same(folder: Path, arguments: tuple[str, ...]) -> None:
    """Output, errors and exit code do not tell which way a search went."""
    assert _run(SHORT, folder, *arguments) == _run(LONG, folder, *arguments)


def test_an_archive_without_an_index_is_told(tmp_path: Path) -> None:
    """What goes wrong is a sentence with a hint, and 2."""
    short = _run(SHORT, tmp_path, "search", "reactor")

    assert short == _run(LONG, tmp_path, "search", "reactor")
    assert short[0] == 2
    assert b"hamelin index" in short[2]


def test_the_words_of_a_query_may_stand_anywhere() -> None:
    """Options may stand between words; behind -- all is the query's."""
    assert plain_search(["search", "a", "--threads", "b", "--", "--sort"]) == (
        None,
        ["a", "b", "--sort"],
        {"threads": True},
    )
    assert plain_search(["--archive"]) is None
    assert plain_search([]) is None


def test_a_plain_search_imports_little(folder: Path) -> None:
    """What takes long to import, and what only other commands need, is left out."""
    code = f"import sys; from indexer.start import _search; _search({str(folder)!r}, ['reactor'], {{}})"
    code += "; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert HEAVY & set(done.stderr.split()) <= {"json"}  # which reads the state of an index


def test_who_reads_us_may_leave(folder: Path) -> None:
    """A broken pipe is success."""
    command = [*SHORT, "--archive", str(folder), "search", "--limit", "200", "--format", "jsonl", "the OR le"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()

    assert (process.wait(), errors) == (0, b"")
