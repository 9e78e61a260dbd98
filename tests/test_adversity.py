"""A full disk, a folder not to be written, a clock that was set back, two runs at once: a sentence and no damage."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.lock import locked
from tests.command import SETTINGS, Done, hamelin
from tests.list_server import ListServer
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail

DAY = 86400
WRITERS = [
    ["crawl"], ["update"], ["index", "--full"], ["site", "--full"], ["reparse", "--write"],
    ["remove", "<201@mail.example.org>"], ["remove", "<201@mail.example.org>", "--purge", "--yes"],
    ["move", "keepers", "http://b.example.org/keepers/"],
]  # fmt: skip
READERS = [["export"], ["status"], ["search", "lamp"], ["show", "<201@mail.example.org>"], ["check"]]


def letters(months: int) -> list[Mail]:
    part = Part("image/png", bytes(range(256)) * 40, name="lamp.png")
    return [
        mail(100 * month + n, datetime(2010, month, n + 1, 12, tzinfo=UTC), parts=(part,) if n == 0 else ())
        for month in range(1, months + 1)
        for n in range(4)
    ]


def tree(folder: Path, months: int = 3) -> Path:
    write(folder / "pipermail", ListForm("keepers"), letters(months))
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ListServer, Path]]:
    """A list server that has more mail than the archive that was made of it."""
    base = tmp_path_factory.mktemp("adversity")
    archive = base / "archive"
    archive.mkdir()
    (archive / "hamelin.toml").write_text(SETTINGS)
    with ListServer(tree(base / "www")) as server:
        assert run(archive, "update", f"{server.url}pipermail/keepers/").code == 0
        tree(base / "www", months=4)
        yield server, archive


@pytest.fixture
def archive(whole: tuple[ListServer, Path], tmp_path: Path) -> Path:
    """A copy of that archive."""
    shutil.copytree(whole[1], tmp_path / "archive")
    return tmp_path / "archive"


def run(archive: Path, *words: str, **how: object) -> Done:
    return hamelin("--archive", str(archive), *words, **how)  # type: ignore[arg-type]


def exported(archive: Path) -> list[str]:
    return run(archive, "export").out.splitlines()


def contents(archive: Path) -> dict[str, bytes]:
    return {str(p.relative_to(archive)): p.read_bytes() for p in archive.rglob("*") if p.is_file()}


def is_a_sentence(text: str) -> bool:
    return "Traceback" not in text and text.startswith("hamelin: ") and text.rstrip().endswith(".")


class TestFullDisk:
    """Nothing more can be written."""

    @pytest.mark.parametrize("words", WRITERS, ids=" ".join)
    @pytest.mark.parametrize("room", [3000, 20_000, 60_000])
    def test_it_is_said_and_mended_by_the_same_command(self, archive: Path, words: list[str], room: int) -> None:
        """Wherever it comes: the same command ends what it began once there is room, and all is well."""
        done = run(archive, *words, largest_file=room)
        last = [line for line in done.err.splitlines() if line.startswith("hamelin:")]
        assert done.code in (0, 2)
        assert "Traceback" not in done.err
        assert done.code == 0 or is_a_sentence(last[-1])
        for command in (words, ["reparse"], ["update"]):
            done = run(archive, *command)
            assert done.code in (0, 2 if words[0] in ("remove", "move") else 0)  # it is done, or the host is none

        assert run(archive, "check", "--deep").code == 0
        expected = {"remove": 15, "move": 12}  # nobody answers at the new address
        assert len(exported(archive)) == expected.get(words[0], 16)


class TestReadOnly:
    """A folder on a stick, or another person's."""

    @pytest.fixture
    def sealed(self, archive: Path) -> Iterator[Path]:
        """An archive that nobody may write to."""
        folders = [archive, *(path for path in archive.rglob("*") if path.is_dir())]
        for path in archive.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        archive.chmod(0o555)
        yield archive
        for folder in folders:
            folder.chmod(0o755)

    @pytest.mark.parametrize("words", WRITERS, ids=" ".join)
    def test_who_would_write_says_that_it_cannot(self, sealed: Path, words: list[str]) -> None:
        """With exit code 2 and a sentence, and nothing changes."""
        before = contents(sealed)
        done = run(sealed, *words, unprivileged=True)

        assert (done.code, done.out, contents(sealed)) == (2, "", before)
        assert is_a_sentence(done.err)
        assert "cannot be written" in done.err

    @pytest.mark.parametrize("words", READERS, ids=" ".join)
    def test_who_reads_is_none_the_worse(self, sealed: Path, words: list[str]) -> None:
        """All that does not write works as ever."""
        before = contents(sealed)
        done = run(sealed, *words, unprivileged=True)

        assert (done.code, "Traceback" in done.err, contents(sealed)) == (0, False, before)
        assert done.out + done.err


class TestNotForUs:
    """Files of another person's."""

    @pytest.mark.parametrize("closed", ["index", "index/MAIN_*.lookup", "index/MAIN_*.text.col", "index/state_*"])
    @pytest.mark.parametrize("words", READERS, ids=" ".join)
    def test_who_may_not_read_says_what(self, archive: Path, words: list[str], closed: str) -> None:
        """What does without answers as ever; all else ends with a sentence that names the file, or a finding."""
        hidden = sorted(archive.glob(closed))
        assert hidden
        for path in hidden:
            path.chmod(0)
        done = run(archive, *words, unprivileged=True)
        for path in hidden:
            path.chmod(0o755)

        assert "Traceback" not in done.err
        if done.code == 2:
            assert is_a_sentence(done.err)
            assert "Permission denied" in done.err
        else:
            assert words[0] == "check" or done.code == 0


class TestClock:
    """A clock that was set back."""

    def test_a_run_in_the_past_takes_what_is_new(self, archive: Path) -> None:
        """What it fetched counts as the newest; the next run, in the present again, finds nothing amiss."""
        assert run(archive, "update", clock=-400 * DAY).code == 0
        assert len(exported(archive)) == 16
        assert run(archive, "check", "--deep").code == 0
        done = run(archive, "update")

        assert (done.code, "(0 new or changed)" in done.out) == (0, True)
        assert run(archive, "check", "--deep").code == 0

    def test_the_database_made_again_is_the_same(self, archive: Path) -> None:
        """Which of two answers is the newer is told by the order in which they were written."""
        run(archive, "update", clock=-4000 * DAY)
        before = exported(archive)
        run(archive, "reparse", "--write", clock=-4000 * DAY)

        assert exported(archive) == before


class TestTwoAtOnce:
    """A second run while the first goes on."""

    @pytest.mark.parametrize("words", WRITERS, ids=" ".join)
    def test_the_second_says_who_is_there(self, archive: Path, words: list[str]) -> None:
        """With exit code 2, and without touching anything; it is no failure that anybody is told of."""
        before = contents(archive)
        with locked(archive):
            done = run(archive, *words)

        assert (done.code, contents(archive)) == (2, before)
        assert is_a_sentence(done.err)
        assert "is in use by" in done.err

    @pytest.mark.parametrize("words", READERS, ids=" ".join)
    def test_reading_goes_on_all_the_while(self, archive: Path, words: list[str]) -> None:
        """No reader waits for a writer."""
        with locked(archive):
            assert run(archive, *words).code == 0


def test_reports_of_such_runs_are_whole(archive: Path) -> None:
    """A report is there whole or not at all."""
    run(archive, "crawl", largest_file=1000)
    run(archive, "crawl")

    assert all(json.loads(line) for line in (archive / "runs.jsonl").read_text().splitlines())
