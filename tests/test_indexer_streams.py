"""What shells and schedules do to a command: streams closed or full, readers that leave, encodings without letters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.command import hamelin
from tests.stored import archive, letter, numbered

HAMELIN = [sys.executable, "-c", "from indexer.start import main; main()"]
LETTERS = numbered(letter(f"Soup {n}", "Łódź — soup with pepper …\n" * 40, name="Łucja") for n in range(60))
# Ways through the code: a plain search, one of the command line's, its other forms, and other verbs.
READING = [
    ("search", "soup"),
    ("--wait", "0", "search", "soup"),
    ("search", "--format", "json", "soup"),
    ("search", "--format", "mbox", "soup"),
    ("search", "-x", "soup"),
    ("show", LETTERS[0].id),
    ("export",),
    ("search", "--help"),
    ("--help",),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive of sixty letters with an index."""
    made = tmp_path_factory.mktemp("streams")
    archive(made, LETTERS)
    assert hamelin("--archive", str(made), "index").code == 0
    return made


def _shell(folder: Path, words: Sequence[str | bytes], redirected: str = "", **variables: str) -> tuple[int, str, str]:
    """Run a command through sh, with its streams as sh was told: its exit code, and what it wrote."""
    environment = {**os.environ, "HAMELIN_ARCHIVE": str(folder), **variables}
    line = ["sh", "-c", f'"$@" {redirected}', "sh", *HAMELIN, *words]
    done = subprocess.run(line, capture_output=True, env=environment, timeout=60, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_reader_may_leave_early(folder: Path, words: tuple[str, ...]) -> None:
    """Who has seen enough is told nothing, and the exit code is that of success."""
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "HAMELIN_ARCHIVE": str(folder)}
    with subprocess.Popen([*HAMELIN, *words], stdout=writing, stderr=subprocess.PIPE, env=environment) as process:
        os.close(writing)
        assert process.stderr
        assert (process.stderr.read(), process.wait(30)) == (b"", 0)


@pytest.mark.parametrize("redirected", [">&-", "2>&-", ">&- 2>&-", "<&-", ">/dev/null 2>/dev/full"])
@pytest.mark.parametrize("words", [("search", "soup"), ("search", "-x", "soup"), ("show", LETTERS[0].id)], ids=" ".join)
def test_streams_may_be_closed(folder: Path, words: tuple[str, ...], redirected: str) -> None:
    """As some schedules and daemons leave them."""
    code, _, errors = _shell(folder, words, redirected)

    assert (code, errors) == (0, "")


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full"])
def test_an_error_that_cannot_be_told_is_one_all_the_same(folder: Path, redirected: str) -> None:
    """The exit code is left to tell it."""
    assert _shell(folder, ("search", "("), redirected) == (2, "", "")


@pytest.mark.parametrize("words", READING[:-2], ids=" ".join)
def test_a_full_disk_is_told(folder: Path, words: tuple[str, ...]) -> None:
    """Results that could not be written are an error."""
    code, _, errors = _shell(folder, words, ">/dev/full")

    assert code == 2
    assert errors.startswith("hamelin: There is no room left to write in")


@pytest.mark.parametrize("words", [("search", "soup"), ("search", "-x", "soup"), ("show", LETTERS[0].id)], ids=" ".join)
@pytest.mark.parametrize(("encoding", "shown"), [("latin-1", "?ucja"), ("ascii", "Łucja")])
def test_letters_that_an_encoding_lacks_are_signs(
    folder: Path, words: tuple[str, ...], encoding: str, shown: str
) -> None:
    """A terminal of another time gets what it can show; ASCII is what systems say that know of no terminal."""
    code, out, errors = _shell(folder, words, PYTHONIOENCODING=encoding)

    assert (code, errors) == (0, "")
    assert shown in out


def test_json_is_utf_8_whatever_the_terminal_is(folder: Path) -> None:
    """Programs read it."""
    _, out, _ = _shell(folder, ("search", "--format", "json", "soup"), PYTHONIOENCODING="ascii")

    assert json.loads(out)["hits"][0]["from_name"] == "Łucja"


@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--format", "mbox"), ("--explain",), ("--new",)])
def test_a_query_that_is_no_utf_8_is_refused(folder: Path, options: tuple[str, ...]) -> None:
    """Its other letters are no query that anybody wrote."""
    code, out, errors = _shell(folder, ("search", *options, b"so\xfcp"))

    assert (code, out) == (2, "")
    assert errors.startswith("hamelin: The query is not written in UTF-8 (character 3). Have")


@pytest.fixture(
    params=[("search", "soup"), ("show", "a"), ("status",), ("export",), ("check",), ("search", "--new", "a")]
)
def verb(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """Give what reads an archive."""
    return request.param  # type: ignore[no-any-return]  # one of those above


def test_an_archive_that_is_a_file_is_none(tmp_path: Path, verb: tuple[str, ...]) -> None:
    """A sentence says so, and nothing else."""
    (tmp_path / "file").write_text("x")
    code, out, errors = _shell(tmp_path / "file", verb)

    assert (code, out) == (2, "")
    assert errors.startswith("hamelin: ")
    assert errors.count("\n") == 1
