"""What asks not to be archived is in warc/ and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.noarchive import asks_not_to
from crawler.store import Store
from tests.command import hamelin
from tests.pipermail import ListForm, write
from tests.test_crawler_crawl import SETTINGS, Serve, crawl, exported, letters

ROBOTS = b'<META NAME="robots" CONTENT="noarchive">'


@pytest.mark.parametrize(
    ("head", "page", "asks"),
    [
        (b"X-Robots-Tag: noarchive\r\n", b"", True),
        (b"x-robots-tag: Hamelin: noindex, NoArchive\r\n", b"", True),
        (b"X-Robots-Tag: otherbot: noarchive\r\n", b"", False),
        (b"X-Robots-Tag: noindex\r\n", b"", False),
        (b"X-No-Archive: Yes\r\n", b"", True),
        (b"X-No-Archive: no\r\n", b"", False),
        (b"", b"<html><head>" + ROBOTS, True),
        (b"", b'<html><meta content="x"><meta content="noindex, noarchive" name=robots>', True),
        (b"", b'<html><META NAME="robots" CONTENT="index,nofollow">', False),
        (b"", b"<html><!--beginarticle--><PRE>" + ROBOTS, False),
        (b"", b"From ann\n\nI do not like noarchive.\n", False),
    ],
)  # fmt: skip
def test_who_asks(head: bytes, page: bytes, asks: bool) -> None:
    """Fields for all robots or for us, and the META of a page's head; never what a mail says."""
    assert asks_not_to(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", page) is asks


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, three attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


@pytest.mark.parametrize(
    ("path", "withheld"), [("2010-January/000001.html", 1), ("2010-January/thread.html", 4), ("index.html", 12)]
)
def test_a_page_speaks_for_what_is_in_it(
    tree: Path, tmp_path: Path, list_server: Serve, path: str, withheld: int
) -> None:
    """A message, a volume, a list: not exported, not searched, counted in the ledger; back when its page lets it."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "hamelin.toml").write_text(SETTINGS)
    page = tree / "pipermail" / "keepers" / path
    before = page.read_bytes()
    page.write_bytes(before.replace(b"<HEAD>", b"<HEAD>" + ROBOTS).replace(b"<head>", b"<head>" + ROBOTS))
    assert page.read_bytes() != before
    server = list_server(tree)
    done = crawl(folder, f"{server.url}pipermail/keepers/", "--pages", "all")

    assert done.code == 0
    assert len(exported(folder).splitlines()) == 12 - withheld
    with Store.open(folder) as store:
        assert sum(account.notes.get("no_archive", 0) for account in store.ledger("keepers")) == withheld
        assert sum(account.parsed for account in store.ledger("keepers")) == 12
        assert store.db.execute("SELECT count(DISTINCT body || message_id) FROM entries").fetchone() == (12,)
    assert hamelin("--archive", str(folder), "reparse", "--write").code == 0
    assert len(exported(folder).splitlines()) == 12 - withheld

    page.write_bytes(before)
    crawl(folder, "--recheck", "--pages", "all")
    found = [json.loads(line) for line in exported(folder).splitlines()]
    assert len(found) == (12 if path != "2010-January/000001.html" else 11)
