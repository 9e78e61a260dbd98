"""The crawl of a list that offers its raw mbox: what is asked for, what is read from it, what comes of trouble."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler import mbox_visit
from crawler.config import Config, KnownList
from crawler.keeper import Ask, Exchange, Keeper
from crawler.mails import take_up
from crawler.mbox_visit import MboxVisit
from crawler.reply import Reply
from crawler.run import Run
from crawler.store import MailingList
from crawler.verdict import content_range, judge
from crawler.warc_records import Answer
from tests.command import Done, hamelin
from tests.list_server import Fault, ListServer
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail
from tests.pipermail.mbox import mbox

PNG = b"\x89PNG\r\n\x1a\n of the lamp"
BOX = "/pipermail/keepers.mbox/keepers.mbox"
Serve = Callable[..., ListServer]


def letters(months: int = 3, each: int = 4) -> list[Mail]:
    """Write some mail a month, in Czech on a us-ascii list; the first of each month with a picture."""
    parts = (Part("image/png", PNG, name="lamp.png", disposition="attachment"),)
    return [
        mail(
            100 * month + n, datetime(2010, month, n + 1, 12, tzinfo=UTC), body="Dobrý večer, příteli.\n",
            subject="Re: [Keepers] Lampička", parts=parts if n == 0 else (),
        )
        for month in range(1, months + 1)
        for n in range(each)
    ]  # fmt: skip


class Host:
    """A list server's files, and an archive's folder that takes the list's mbox."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.archive = folder / "www", folder / "archive"
        self.archive.mkdir()
        self.post(letters())

    def post(self, mails: list[Mail], *, box: bytes | None = None) -> None:
        """Write the list's archive, with a link to its mbox as archtoc.html has it."""
        folder = self.tree / "pipermail"
        write(folder, ListForm("keepers"), mails)
        index = folder / "keepers" / "index.html"
        link = '<p>You can <a href="../keepers.mbox/keepers.mbox">download the full raw archive</a> (1 MB).</p></body>'
        index.write_text(index.read_text("utf-8").replace("</body>", link).replace("</BODY>", link), "utf-8")
        path = folder / "keepers.mbox" / "keepers.mbox"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(mbox(mails) if box is None else box)
        for changed in (index, path):
            os.utime(changed)

    def crawl(self, server: ListServer, source: str = "mbox") -> Done:
        """Crawl."""
        settings = "[politeness]\ndelay = 0\nbackoff = 0.05\ntimeout = 1.5\n"
        known = f'[[lists]]\nname = "keepers"\nurl = "{server.url}pipermail/keepers/"\nsource = "{source}"\n'
        (self.archive / "hamelin.toml").write_text(settings + known)
        return hamelin("--archive", str(self.archive), "crawl")

    def records(self) -> list[dict[str, object]]:
        """Give the archive's records."""
        done = hamelin("--archive", str(self.archive), "export")
        return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host with the list keepers."""
    return Host(tmp_path)


def sent(server: ListServer) -> list[tuple[int, int]]:
    """Give status and bytes of the answers about the mbox, and forget them."""
    found = [(request.status, request.sent) for request in server.asked(r"[.]mbox$")]
    server.forget()
    return found


@pytest.mark.parametrize("ranges", [True, False])
def test_mails_are_read_from_it(host: Host, list_server: Serve, ranges: bool) -> None:
    """Text and headers are those that were sent, numbers those of the index; no message page is asked for."""
    server = list_server(host.tree, ranges=ranges)

    done = host.crawl(server)
    records = host.records()

    assert (done.code, len(records)) == (0, 12)
    assert {record["body"] for record in records} == {"Dobrý večer, příteli."}
    assert {record["subject"] for record in records} == {"Re: [Keepers] Lampička"}
    assert [record["number"] for record in records] == list(range(12))
    assert not server.asked(r"\d{6}[.]html$")
    assert not server.asked("attachments")  # the mails have the very bytes
    assert [part["status"] for record in records for part in record["attachments"]] == ["stored"] * 3  # type: ignore[attr-defined]


def test_without_the_setting_it_is_only_spoken_of(host: Host, list_server: Serve) -> None:
    """A crawl leaves the mbox alone and says that there is one."""
    server = list_server(host.tree)

    done = host.crawl(server, "pages")

    assert f"keepers: its server offers the raw mails too ({server.url.rstrip('/')}{BOX}); source =" in done.out
    assert not server.asked("mbox")


@pytest.mark.parametrize("ranges", [True, False])
def test_what_did_not_change_is_not_sent_again(host: Host, list_server: Serve, ranges: bool) -> None:
    """The second crawl asks once, conditionally, and nothing comes."""
    server = list_server(host.tree, ranges=ranges)
    host.crawl(server)
    server.forget()

    host.crawl(server)

    assert sent(server) == [(304, 0)]


def test_of_one_that_grew_the_new_end_is_sent(host: Host, list_server: Serve) -> None:
    """Where the server sends parts, the last mail and what is behind it come; where not, all of it."""
    parts, whole = list_server(host.tree, ranges=True), list_server(host.tree)
    size = len(mbox(letters()))
    host.crawl(parts)
    assert sent(parts) == [(206, size)]
    host.post(letters(4))

    done = host.crawl(parts)

    assert "16 messages (4 new or changed)" in done.out
    assert sent(parts) == [(206, len(mbox([letters()[-1], *letters(4)[12:]])))]
    assert whole.asked("mbox") == []
    host.post([*letters(4), mail(999, datetime(2010, 4, 20, tzinfo=UTC))])
    host.crawl(whole)
    assert len(host.records()) == 17


def test_one_that_was_rewritten_is_fetched_whole(host: Host, list_server: Serve) -> None:
    """A file that does not go on as it was is another one: it is read anew, and what only the old one had stays."""
    server = list_server(host.tree, ranges=True)
    host.crawl(server)
    server.forget()
    box = mbox([mail(7, datetime(2010, 1, 1, tzinfo=UTC), body="First.\n" * 99), *letters()[1:]])
    host.post(letters(), box=box)

    host.crawl(server)

    assert [status for status, _ in sent(server)] == [206, 206, 206]  # the second look makes sure of the first
    assert {record["message_id"] for record in host.records()} == {
        "<7@mail.example.org>", *(one.message_id for one in letters())
    }  # fmt: skip


def test_one_that_shrank_is_fetched_whole(host: Host, list_server: Serve) -> None:
    """A file that ends before our last mail is asked for from its beginning; nothing is lost."""
    server = list_server(host.tree, ranges=True)
    host.crawl(server)
    server.forget()
    host.post(letters(), box=mbox(letters()[:3]))

    host.crawl(server)

    assert [status for status, _ in sent(server)] == [416, 206]
    assert len(host.records()) == 12


def test_a_large_one_comes_in_steps(host: Host, list_server: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of several steps is read in pieces; a step that holds no whole mail is made longer."""
    monkeypatch.setattr(mbox_visit, "STEP", 1000)
    server = list_server(host.tree, ranges=True)
    host.post([*letters(2), mail(5, datetime(2010, 2, 20, tzinfo=UTC), body="Long.\n" * 1000), *letters()[8:]])
    box = (host.tree / BOX[1:]).read_bytes()
    keeper = Keeper(host.archive)
    keeper.found()
    known = KnownList("keepers", f"{server.url}pipermail/keepers/")
    keeper.store.save_list(MailingList(known.name, known.url))

    async def ask(ask: Ask, held: object = None) -> Reply:
        assert ask.span
        first, last = ask.span[0], min(ask.span[1], len(box) - 1)
        head = f"HTTP/1.1 206 Part\r\nContent-Range: bytes {first}-{last}/{len(box)}\r\n\r\n".encode()
        answer = Answer(ask.url, 206, head, box[first : last + 1], b"", 1300000000.0)
        verdict, payload = judge("mbox", answer)
        keeper.keep(Exchange(ask, answer, verdict, payload))
        return Reply(ask.url, verdict, payload)

    run = Run(Config(host.archive), keeper, (known,))
    asyncio.run(MboxVisit(run, ask, known, server.url.rstrip("/") + BOX).go())
    taken = take_up(keeper.store, keeper.payload, "keepers")
    keeper.close()

    assert (taken, run.failures) == (13, [])


@pytest.mark.parametrize("fault", ["html", "wall", "404", "truncate", "empty", "garbage"])
def test_trouble_with_it_spoils_nothing(host: Host, list_server: Serve, fault: str) -> None:
    """What comes in its place is never taken for it: it is named, and the next run gets the thing itself."""
    server = list_server(host.tree, ranges=True, faults=[Fault("[.]mbox$", fault)])

    done = host.crawl(server)
    server.misbehave()
    again = host.crawl(server)

    assert done.code == 1
    assert again.code == 0
    assert {record["body"] for record in host.records()} == {"Dobrý večer, příteli."}


def test_a_list_that_offers_none_is_named(host: Host, list_server: Serve, tmp_path: Path) -> None:
    """Where the list's index has no link to it, the crawl says so and goes on with pages."""
    write(tmp_path / "other" / "pipermail", ListForm("keepers"), letters())

    done = host.crawl(list_server(tmp_path / "other"))

    assert done.code == 1
    assert "The list keepers offers no raw mbox at " in done.err
    assert len(host.records()) == 12


def test_the_database_can_be_made_again(host: Host, list_server: Serve) -> None:
    """`reparse --write` makes the same records of the pieces in warc/."""
    host.crawl(list_server(host.tree, ranges=True))
    records = host.records()
    (host.archive / "archive.sqlite").unlink()

    assert hamelin("--archive", str(host.archive), "reparse", "--write").code == 0
    assert host.records() == records


@pytest.mark.parametrize("value", [None, "", "bytes */9", "lines 1-2/3", "bytes 1-x/3", "bytes 1-2/*"])
def test_a_content_range_that_tells_nothing_is_none(value: str | None) -> None:
    """Only whole numbers of bytes count."""
    assert content_range(value) is None
