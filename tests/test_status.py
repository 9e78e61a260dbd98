"""`hamelin status`: what is told of an archive to somebody who has read no document."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.parse.defects import NOTES, REASONS
from indexer import generations
from tests.command import hamelin
from tests.list_server import Fault
from tests.pipermail import ListForm, write
from tests.pipermail.cases import mail, on
from tests.test_runs import Serve


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: three messages in March and April, one of them about a lost letter."""
    mails = [mail(1, on(1)), mail(2, on(2), body="Un caf\u00e9 sur la table.\n"), mail(3, on(1, month=4))]
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), mails)
    return tmp_path / "www"


def status(archive: Path, *flags: str) -> str:
    return hamelin("--archive", str(archive), "status", *flags).out


def test_after_each_step_the_next_is_named(tree: Path, archive: Path, list_server: Serve) -> None:
    """A crawl lacks index and site, an index lacks the site, and then there is nothing left to do."""
    hamelin("--archive", str(archive), "crawl", f"{list_server(tree).url}pipermail/keepers/")
    crawled = status(archive)
    hamelin("--archive", str(archive), "index")
    indexed = status(archive)
    hamelin("--archive", str(archive), "site")

    assert "to do: there is no search index; `hamelin index` makes it\nto do: there is no site;" in crawled
    assert "index" not in indexed.partition("to do: ")[2].partition("`")[0]
    assert "to do: there is no site; `hamelin site` makes it" in indexed
    assert status(archive).endswith("\nto do: nothing\n")


def test_a_list_is_told_to_be_whole(tree: Path, archive: Path, list_server: Serve) -> None:
    """In the words that its page has."""
    hamelin("--archive", str(archive), "update", f"{list_server(tree).url}pipermail/keepers/")

    assert "  3 messages in 2 volumes were read: every message that the old archive names.\n" in status(archive)


def test_pages_are_told_in_words_and_explained_with_the_ledger(tree: Path, archive: Path, list_server: Serve) -> None:
    """No name of a reason without what it means."""
    hamelin("--archive", str(archive), "crawl", "--pages", "all", f"{list_server(tree).url}pipermail/keepers/")
    short, long = status(archive), status(archive, "--ledger")

    assert "message pages: 3 held" in short
    assert not any(reason in short for reason in REASONS if "_" in reason)
    named = [line for line in long.splitlines() if line.lstrip().partition(" ")[0] in REASONS]
    assert named
    assert all(line.endswith(tuple(REASONS.values())) for line in named)


def test_remarks_of_the_ledger_are_explained(tree: Path, archive: Path, list_server: Serve) -> None:
    """Below the ledger each remark has its sentence."""
    server = list_server(tree, faults=[Fault("2010-March/thread.html", "404")])
    hamelin("--archive", str(archive), "crawl", f"{server.url}pipermail/keepers/")

    told = status(archive)
    assert "    index_missing 1: " + NOTES["index_missing"] in told


def test_what_is_missing_is_to_be_done(tree: Path, archive: Path, list_server: Serve) -> None:
    """A volume that a run could not finish is named with the command that goes on with it."""
    server = list_server(tree, faults=[Fault("2010-March.txt", "500")])
    hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")

    assert "to do: keepers: not all of 2010-March was asked for yet; `hamelin update` goes on\n" in status(archive)


def test_what_an_older_hamelin_made_is_to_be_made_anew(tree: Path, archive: Path, list_server: Serve) -> None:
    """Volumes that an older parser read, an index of an older form: searches would refuse it."""
    hamelin("--archive", str(archive), "update", f"{list_server(tree).url}pipermail/keepers/")
    with closing(sqlite3.connect(archive / "archive.sqlite")) as db, db:
        db.execute("UPDATE volumes SET parser = 0")
    held = generations.newest(archive / "index")
    assert held
    of_old = {**held.as_dict(), "segments": held.segments, "format": generations.FORMAT_VERSION - 1}
    generations.write(archive / "index", generations.State(**of_old))

    told = status(archive)
    assert "to do: 2 volumes were read by an older parser; `hamelin reparse`" in told
    assert "to do: the search index is not of today; `hamelin index` makes it" in told


def test_of_many_volumes_with_remarks_those_that_lost_something_are_shown(
    tmp_path: Path, archive: Path, list_server: Serve
) -> None:
    """The others are counted; --ledger shows all."""
    mails = [mail(n, on(1, month=n % 12 + 1, year=2010 + n // 12)) for n in range(24)]
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), mails)
    folder = tmp_path / "www" / "pipermail" / "keepers"
    (folder / "2011-December.txt").unlink()
    for index in folder.glob("*/thread.html"):
        if index.parent.name != "2011-December":
            index.unlink()
    url = f"{list_server(tmp_path / 'www').url}pipermail/keepers/"
    hamelin("--archive", str(archive), "crawl", "--pages", "none", url)
    short, long = status(archive), status(archive, "--ledger")

    assert "    2011-December " in short
    assert "    12 more with remarks: --ledger shows all\n" in short
    assert (short.count("\n    20"), long.count("\n    20")) == (12, 24)
