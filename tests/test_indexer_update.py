"""`hamelin update` is all steps in turn, each doing only what is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import hamelin
from tests.list_server import Fault
from tests.pipermail import ListForm, write
from tests.test_crawler_crawl import Serve, held, letters


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


def test_one_command_makes_everything_and_the_next_one_nothing(tree: Path, tmp_path: Path, list_server: Serve) -> None:
    """From a URL to an archive with index and site; run again, no file in it changes."""
    server, archive = list_server(tree), tmp_path / "archive"
    first = hamelin("--archive", str(archive), "update", "--delay", "0", f"{server.url}pipermail/keepers/")
    before = held(archive)
    second = hamelin("--archive", str(archive), "update", "--delay", "0")

    assert (first.code, second.code) == (0, 0)
    assert {path.split("/")[0] for path in before} >= {"warc", "archive.sqlite", "index", "site", "hamelin.toml"}
    assert "12 messages" in first.out
    assert "nothing changed" in second.err
    assert held(archive) == before


def test_the_steps_after_a_crawl_see_the_list_that_it_added(tree: Path, tmp_path: Path, list_server: Serve) -> None:
    """A list that was new a moment ago is found by its words, and has its page."""
    server, archive = list_server(tree), tmp_path / "archive"
    hamelin("--archive", str(archive), "update", "--delay", "0", f"{server.url}pipermail/keepers/")

    assert (archive / "site" / "keepers" / "index.html").exists()
    assert "12" in hamelin("--archive", str(archive), "search", "lamp", "--limit", "1", "--format", "json").out


def test_what_could_not_be_fetched_does_not_keep_the_rest(tree: Path, tmp_path: Path, list_server: Serve) -> None:
    """The exit code is that of the crawl; what was fetched is published all the same."""
    server, archive = list_server(tree, faults=[Fault("attachments", "403")]), tmp_path / "archive"
    done = hamelin("--archive", str(archive), "update", "--delay", "0", f"{server.url}pipermail/keepers/")

    assert (done.code, (archive / "site" / "index.html").exists()) == (1, True)


def test_where_there_is_no_archive_no_step_follows(tree: Path, tmp_path: Path, list_server: Serve) -> None:
    """An address that leads nowhere leaves no folder."""
    server, archive = list_server(tree), tmp_path / "archive"
    done = hamelin("--archive", str(archive), "update", "--delay", "0", f"{server.url}pipermail/nobody/")

    assert (done.code, done.out, archive.exists()) == (2, "", False)
