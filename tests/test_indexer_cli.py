"""The command line's frame: options, exit codes, errors in a sentence, verbs that come when they are called."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crawler.config import load
from crawler.errors import HamelinError
from indexer import cli
from indexer.cli import Session, run
from tests.command import hamelin

COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
VERBS = cli.cli.list_commands(click.Context(cli.cli))


def command(*arguments: str, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload, no-any-return]


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """Run a command line whose verb raises."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli, "main", fail)
    return run([])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_that_ends_with_an_example(verb: str) -> None:
    """Its first line is a sentence, its last one can be typed."""
    text = CliRunner().invoke(cli.cli, [verb, "--help"], terminal_width=100).output

    assert text.startswith(f"Usage: cli {verb}")
    assert "Example:\n    hamelin " in text


def test_there_are_verbs() -> None:
    """The list is read from the folder, which must not be empty."""
    assert {"crawl", "init", "update"} <= set(VERBS)


def test_only_the_verb_that_runs_is_imported() -> None:
    """Help on the whole costs no Scrapy, and a verb not those of others."""
    code = "import sys; from indexer.cli import run; run(['init', '--help']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "'indexer.commands.init'" in done.stdout
    for module in ("scrapy", "twisted", "whoosh", "jinja2", "rich", "indexer.commands.crawl"):
        assert f"'{module}'" not in done.stdout


def test_the_version_is_said() -> None:
    """On stdout, with exit code 0."""
    done = command("--version")

    assert (done.returncode, done.stdout.startswith("hamelin, version ")) == (0, True)


@pytest.mark.parametrize("arguments", [["nonsense"], ["crawl", "--nonsense"], ["--wait", "soon", "status"], ["init"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    """On stderr, naming what was wrong."""
    done = command(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_an_error_is_one_sentence_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a user can meet shows no traceback."""
    assert raising(monkeypatch, HamelinError("The lamp is out.", hint="Light it.")) == 2
    assert capsys.readouterr() == ("", "hamelin: The lamp is out. Light it.\n")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EFBIG, "File too large"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """Wherever it shows."""
    assert raising(monkeypatch, error) == 2
    assert "There is no room left to write in" in capsys.readouterr().err


def test_a_damaged_database_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Met in the midst of anything, it is said with the command that knows more."""
    (tmp_path / "torn").write_bytes(b"no database" * 100)
    with closing(sqlite3.connect(tmp_path / "torn")) as db, pytest.raises(sqlite3.DatabaseError) as met:
        db.execute("SELECT 1 FROM messages")

    assert raising(monkeypatch, met.value) == 2
    assert "damaged (file is not a database). `hamelin check` tells" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [ValueError("ours"), OSError(errno.EIO, "I/O"), sqlite3.OperationalError("no such table")]
)
def test_a_bug_shows_its_traceback(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """What no user can do anything about is not dressed up."""
    with pytest.raises(type(error)):
        raising(monkeypatch, error)


def test_a_person_who_stops_is_answered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 130, as shells have it."""
    assert raising(monkeypatch, KeyboardInterrupt()) == 130
    assert "What was done is kept" in capsys.readouterr().err


def test_a_broken_pipe_is_success() -> None:
    """Who reads us may leave when it has seen enough."""
    code = "import sys\nfrom indexer import cli\n@cli.cli.result_callback()\ndef _(*_, **__): pass\n"
    code += "cli.cli.main = lambda *_, **__: [print('x' * 70) for _ in range(100000)] and 0\ncli.main()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()

    assert (process.wait(), errors) == (0, b"")


def test_help_says_what_each_verb_does_in_whole_sentences() -> None:
    """Nothing is cut short, in the widest and in a narrow terminal."""
    for width in ("60", "200"):
        done = hamelin("--help", environment={"COLUMNS": width})

        assert done.code == 0
        assert "..." not in done.out.replace("[ARGS]...", "")
        assert "\n  search    Find messages.\n" in done.out


def test_the_archive_is_said_by_option_or_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option comes first, then HAMELIN_ARCHIVE, then the current folder."""
    seen = []

    @click.command()
    @click.pass_obj
    def show(session: Session) -> None:
        seen.append((session.archive, session.quiet, session.wait))

    monkeypatch.setattr(cli.Verbs, "get_command", lambda *_: show)
    monkeypatch.delenv("HAMELIN_ARCHIVE", raising=False)
    run(["show"])
    monkeypatch.setenv("HAMELIN_ARCHIVE", str(tmp_path))
    run(["show"])
    run(["--archive", "here", "--quiet", "--wait", "5", "show"])

    assert seen == [(Path(), False, 0), (tmp_path, False, 0), (Path("here"), True, 5)]


def test_settings_are_read_once_and_when_needed(tmp_path: Path) -> None:
    """A session of an archive with broken settings is made without trouble."""
    (tmp_path / "hamelin.toml").write_text("title = 1")
    session = Session(tmp_path)
    with pytest.raises(HamelinError):
        _ = session.config
    (tmp_path / "hamelin.toml").write_text('title = "Cooks"')

    assert session.config is session.config
    assert session.config.title == "Cooks"


class TestInit:
    """`hamelin init`."""

    def test_it_makes_a_folder_with_commented_settings(self, tmp_path: Path) -> None:
        """What was said stands in the file; nothing is asked without a terminal."""
        done = command("init", str(tmp_path / "kitchen"), "--title", "Cooks", "--contact", "me@example.org")

        assert (done.returncode, done.stdout) == (0, "")
        assert "is yours to edit" in done.stderr
        config = load(tmp_path / "kitchen")
        assert (config.title, config.contact) == ("Cooks", "me@example.org")
        assert os.listdir(tmp_path / "kitchen") == ["hamelin.toml"]

    def test_a_person_at_a_terminal_is_asked(self, tmp_path: Path) -> None:
        """Title and contact, with the folder's name as the title that is offered."""
        import pty

        outside, inside = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, "init", str(tmp_path / "kitchen")], stdin=inside, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        os.write(outside, b"\nme@example.org\n")
        _, errors = process.communicate(timeout=60)
        os.close(outside)
        os.close(inside)

        assert b"The archive's name [kitchen]" in errors
        config = load(tmp_path / "kitchen")
        assert (config.title, config.contact) == ("kitchen", "me@example.org")

    def test_it_writes_over_nothing(self, tmp_path: Path) -> None:
        """A folder that has settings keeps them."""
        (tmp_path / "hamelin.toml").write_text("# mine")
        done = command("init", str(tmp_path))

        assert (done.returncode, (tmp_path / "hamelin.toml").read_text()) == (2, "# mine")
        assert "is there already" in done.stderr
