"""What an archive's owner changes or takes away: nothing is lost, nothing doubled, each address leads to its mail."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.store import Store
from tests.command import hamelin
from tests.list_server import ListServer
from tests.pipermail import ListForm, Mail, write
from tests.pipermail.cases import mail
from tests.test_crawler_crawl import crawl, exported, held, letters

Serve = Callable[..., ListServer]
Records = dict[str, dict[str, Any]]


class Upstream:
    """A list server whose owner changes the archive: three months of four mails, no attachments."""

    def __init__(self, folder: Path, archive: Path, serve: Serve) -> None:
        self.folder, self.archive, self.built = folder, archive, 0
        self.mails = [Mail(m.message_id, m.date, m.from_address, **fields(m)) for m in letters()]
        self.publish(self.mails)
        self.server = serve(folder)
        done = crawl(archive, f"{self.server.url}pipermail/keepers/", "--pages", "all")
        assert done.code == 0
        self.first = self.records()

    def publish(self, mails: list[Mail]) -> None:
        """Build the archive anew of these mails, as `arch --wipe` does."""
        shutil.rmtree(self.folder, ignore_errors=True)
        write(self.folder / "pipermail", ListForm("keepers"), mails)
        self.built += 1
        for path in self.folder.rglob("*.*"):
            os.utime(path, (path.stat().st_mtime + 3600 * self.built,) * 2)

    def again(self, *words: str, code: int = 0) -> Records:
        """Crawl once more, and give what the archive then holds."""
        self.server.forget()
        assert crawl(self.archive, "--pages", "all", *words).code == code
        return self.records()

    def records(self) -> Records:
        found = [json.loads(line) for line in exported(self.archive).splitlines()]
        assert len({record["id"] for record in found}) == len(found)
        return {record["id"]: record for record in found}

    def notes(self, volume: str) -> dict[str, int]:
        with Store.open(self.archive) as store:
            return next(account.notes for account in store.ledger("keepers") if account.volume == volume)

    def settle(self) -> None:
        """Check that the database made again from warc/ says the same, and that another run writes nothing."""
        before, files = exported(self.archive), held(self.archive)
        assert (crawl(self.archive, "--pages", "all").code, held(self.archive)) == (0, files)
        assert hamelin("--archive", str(self.archive), "reparse", "--write").code == 0
        assert exported(self.archive) == before
        assert (crawl(self.archive, "--pages", "all").code, exported(self.archive)) == (0, before)


def fields(one: Mail) -> dict[str, Any]:
    return {"from_name": one.from_name, "subject": one.subject, "body": one.body}


def bodies(records: Records) -> dict[str, str]:
    return {id: record["body"] for id, record in records.items()}


def defects(records: Records) -> list[str]:
    names = [name for record in records.values() for name in record["defects"] if name.endswith("_upstream")]
    return sorted(names)


@pytest.fixture
def upstream(tmp_path: Path, archive: Path, list_server: Serve) -> Upstream:
    """An archive that was crawled whole, every page included."""
    return Upstream(tmp_path / "www", archive, list_server)


def test_an_edited_mail_stays_one_and_the_former_text_is_kept(upstream: Upstream) -> None:
    """The record tells today's text under its old id, marked; the text before stays in the database."""
    upstream.mails[9] = Mail(
        upstream.mails[9].message_id, upstream.mails[9].date, upstream.mails[9].from_address,
        **(fields(upstream.mails[9]) | {"body": "Somebody took the telephone number out."}),
    )  # fmt: skip
    upstream.publish(upstream.mails)
    now = upstream.again()

    assert list(now) == list(upstream.first)
    [changed] = [id for id in now if bodies(now)[id] != bodies(upstream.first)[id]]
    assert now[changed]["body"] == "Somebody took the telephone number out."
    assert (now[changed]["defects"], defects(now)) == (["edited_upstream"], ["edited_upstream"])
    assert upstream.notes("2010-March") == {"edited_upstream": 1}
    with Store.open(upstream.archive) as store:
        [former] = store.db.execute("SELECT body FROM entries WHERE standing = 'edited'").fetchall()
    assert former == (upstream.first[changed]["body"],)
    upstream.settle()


def test_a_closed_volume_is_noticed_by_a_recheck(upstream: Upstream) -> None:
    """Of an edit that changes no row of the list's index nothing is known until the volume is asked for again."""
    old = upstream.mails[0]
    upstream.mails[0] = Mail(old.message_id, old.date, old.from_address, **(fields(old) | {"body": old.body[::-1]}))
    index = upstream.folder / "pipermail" / "keepers" / "index.html"
    before = index.read_bytes()
    upstream.publish(upstream.mails)
    index.write_bytes(before)
    assert defects(upstream.again()) == []

    assert defects(upstream.again("--recheck")) == ["edited_upstream"]


@pytest.mark.parametrize("gone", [8, 10, 11], ids=["first", "inner", "last"])
def test_a_mail_that_was_taken_out_stays_here_and_is_marked(upstream: Upstream, gone: int) -> None:
    """An archive rebuilt without a mail: those after it have other numbers, it has its old ones, all are there."""
    upstream.publish([one for n, one in enumerate(upstream.mails) if n != gone])
    now = upstream.again()

    assert bodies(now) == bodies(upstream.first)
    assert defects(now) == ["removed_upstream"]
    [lost] = [record for record in now.values() if "removed_upstream" in record["defects"]]
    assert lost["message_id"] == upstream.mails[gone].message_id
    assert lost["pages"] == [f"2010-March/{gone:06}.html"]
    assert upstream.notes("2010-March")["removed_upstream"] == 1
    assert_addresses(upstream, now)
    upstream.settle()


def test_a_volume_that_was_taken_away_stays_here(upstream: Upstream) -> None:
    """Its row, its texts, its pages are gone: it is asked for once, and every mail of it is kept and marked."""
    upstream.publish(upstream.mails[:4] + upstream.mails[8:])
    for path in (upstream.folder / "pipermail" / "keepers").glob("2010-February*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    now = upstream.again()

    assert bodies(now) == bodies(upstream.first)
    assert defects(now) == ["removed_upstream"] * 4
    assert upstream.notes("2010-February") == {"removed_upstream": 4, "volume_removed_upstream": 1}
    assert_addresses(upstream, now)
    upstream.again()
    assert upstream.server.asked("2010-February") == []
    upstream.settle()


def test_a_rebuilt_archive_has_its_mails_once_under_all_their_numbers(upstream: Upstream) -> None:
    """Three older mails were found and put in: every number changes, in closed volumes too; all are asked."""
    found = [mail(900 + n, datetime(2009, 12, n + 1, tzinfo=UTC)) for n in range(3)]
    upstream.publish(found + upstream.mails)
    now = upstream.again()

    assert len(now) == 15
    assert {id: now[id]["body"] for id in upstream.first} == bodies(upstream.first)
    assert defects(now) == []
    for id, before in upstream.first.items():
        number = int(re.findall(r"\d{6}", before["page"])[0]) + 3
        assert now[id]["pages"][0] == f"{before['volume']}/{number:06}.html"
        assert before["page"] in now[id]["pages"]
    assert upstream.notes("2010-January") == {"moved_upstream": 4}
    upstream.settle()


def test_a_text_that_is_not_offered_any_more_takes_nothing_away(upstream: Upstream) -> None:
    """A missing text proves nothing as long as the volume's index stands."""
    (upstream.folder / "pipermail" / "keepers" / "2010-March.txt").unlink()
    now = upstream.again(code=1)

    assert (bodies(now), defects(now)) == (bodies(upstream.first), [])
    assert upstream.again() == now


def test_a_volume_that_the_index_still_has_is_not_gone(upstream: Upstream) -> None:
    """A server that denies what its own index names is in trouble: it is named once, and nothing is marked."""
    shutil.rmtree(upstream.folder / "pipermail" / "keepers" / "2010-March")
    (upstream.folder / "pipermail" / "keepers" / "2010-March.txt").unlink()

    assert upstream.again(code=1) == upstream.first
    assert upstream.again() == upstream.first


def test_what_comes_back_is_as_it_was(upstream: Upstream) -> None:
    """A server that showed half its archive for a day leaves no trace in the records."""
    upstream.publish(upstream.mails[:9])
    assert defects(upstream.again()) == ["removed_upstream"] * 3
    upstream.publish(upstream.mails)

    assert upstream.again() == upstream.first
    assert upstream.notes("2010-March") == {}


def assert_addresses(upstream: Upstream, now: Records) -> None:
    """Check that each address of before leads to its message, unless another one stands there now."""
    pages = {page for record in now.values() for page in record["pages"]}
    assert {record["page"] for record in upstream.first.values()} <= pages
    for id, record in upstream.first.items():
        assert record["page"] in now[id]["pages"]
