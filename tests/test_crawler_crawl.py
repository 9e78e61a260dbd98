"""The crawl as a whole: the command against a list server, what it asks, what it keeps, what it says."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.store import Store
from crawler.warc import WarcReader, files, scan, unfinished
from tests.command import SETTINGS, Done, hamelin, start
from tests.list_server import Fault, ListServer
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail

PNG = b"\x89PNG\r\n\x1a\n of the lamp"
Serve = Callable[..., ListServer]


def letters(months: int = 3, each: int = 4, year: int = 2010) -> list[Mail]:
    """Write some mail a month, the first of each month with an attachment."""
    part = Part("image/png", PNG, name="lamp.png")
    return [
        mail(100 * month + n, datetime(year, month, n + 1, 12, tzinfo=UTC), parts=(part,) if n == 0 else ())
        for month in range(1, months + 1)
        for n in range(each)
    ]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, three attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


def crawl(archive: Path, *arguments: str, **how: object) -> Done:
    return hamelin("--archive", str(archive), "crawl", *arguments, **how)  # type: ignore[arg-type]


def exported(archive: Path) -> str:
    done = hamelin("--archive", str(archive), "export")
    assert (done.code, done.err) == (0, "")
    return done.out


def tried_in_vain(archive: Path, *, days: int, waited: int) -> None:
    """Let the tries for each attachment in vain span so many days, the last of them so many ago."""
    with sqlite3.connect(archive / "archive.sqlite") as db:
        sql = "UPDATE vain SET last = unixepoch() - :waited, since = unixepoch() - :waited - :days"
        changed = db.execute(sql, {"waited": waited * 86400, "days": days * 86400})
        assert changed.rowcount == 3


def held(archive: Path) -> dict[str, tuple[int, int]]:
    """Give every file of an archive with its size and date, but for the one that reports each run."""
    paths = [path for path in archive.rglob("*") if path.is_file() and path.name != "runs.jsonl"]
    return {str(path.relative_to(archive)): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


class TestFirst:
    """The first crawl of a list."""

    def test_everything_is_fetched_once_and_kept(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Each address is asked for once, one at a time; every answer is in warc/, every message in the export."""
        server = list_server(tree)
        done = crawl(archive, f"{server.url}pipermail/keepers/")

        told = "keepers: 3 KB of text to look at, from 2010-March back\n"
        assert (done.code, done.err.startswith(told), "`hamelin index` makes it searchable" in done.err) == (
            0,
            True,
            True,
        )
        assert "keepers: 3 of 3 volumes visited\n12 messages (12 new or changed); " in done.out
        assert len(server.paths) == len(set(server.paths)) == 2 + 3 * 3
        assert {request.together for request in server.requests} == {1}
        records = [json.loads(line) for line in exported(archive).splitlines()]
        assert [r["message_id"] for r in records] == [m.message_id for m in letters()]
        assert [a["status"] for r in records for a in r["attachments"]] == ["stored"] * 3

    def test_what_is_kept_is_what_was_sent(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A text volume and an attachment read from warc/ are the server's files, byte for byte."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")

        with Store.open(archive) as store, WarcReader(archive) as reader:
            captures = {c.url.removeprefix(server.url): c for v in store.volumes("keepers") for c in
                        store.captures("keepers", v.name).values()}  # fmt: skip
            assert all(reader.payload(c) == (tree / path).read_bytes() for path, c in captures.items())
            assert {c.status for c in captures.values()} == {200}
            assert any(path.endswith(".png") for path in captures)

    def test_the_list_is_added_to_the_settings(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A crawl with a URL makes the list part of the archive, below what a person wrote."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers")

        text = (archive / "hamelin.toml").read_text()
        assert text == SETTINGS + f'\n[[lists]]\nname = "keepers"\nurl = "{server.url}pipermail/keepers/"\n'

    @pytest.mark.parametrize(
        "path", ["keepers", "keepers/index.html", "keepers/2010-March/", "keepers/2010-March.txt.gz",
                 "keepers/2010-January/000001.html#start"],
    )  # fmt: skip
    def test_any_address_in_a_list_means_the_list(
        self, tree: Path, archive: Path, list_server: Serve, path: str
    ) -> None:
        """People copy what their browser shows: a volume, a message, the index by name."""
        server = list_server(tree)
        done = crawl(archive, f"{server.url}pipermail/{path}", "--pages", "none")

        assert done.code == 0
        assert "12 messages" in done.out

    def test_the_user_agent_says_who_asks(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """The contact of hamelin.toml goes to the server with every request, robots.txt included."""
        (archive / "hamelin.toml").write_text('contact = "mailto:me@example.org"\n' + SETTINGS)
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")

        [agent] = {request.user_agent for request in server.requests}
        assert agent.startswith("Hamelin/")
        assert agent.endswith(" (+mailto:me@example.org)")

    def test_all_pages_are_fetched_when_asked_for(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """With --pages all every message page is kept; a later run with it fetches the pages of what came since."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/", "--pages", "all")

        assert len(server.asked(r"/\d{6}\.html$")) == 12

    def test_scrapy_crawl_gives_the_same(self, tree: Path, archive: Path, tmp_path: Path, list_server: Serve) -> None:
        """`scrapy crawl pipermail` with the archive in the environment ends with the same export."""
        import subprocess
        import sys

        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        other = tmp_path / "other"
        command = ["-m", "scrapy", "crawl", "pipermail", "-a", f"url={server.url}pipermail/keepers/"]
        done = subprocess.run(
            [sys.executable, *command, "-s", "DOWNLOAD_DELAY=0"], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parent.parent, env=os.environ | {"HAMELIN_ARCHIVE": str(other)},
        )  # fmt: skip

        assert done.stdout + done.stderr == ""
        assert exported(other) == exported(archive)
        assert unfinished(other) == []


class TestAgain:
    """The crawls after the first."""

    def test_nothing_new_costs_conditional_requests_and_changes_no_file(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """The second run asks robots.txt, the list index and the newest volume, and writes nothing at all."""
        server = list_server(tree, robots="User-agent: *\nDisallow: /cgi-bin/\n")
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = held(archive)
        server.forget()
        done = crawl(archive)

        assert (done.code, held(archive)) == (0, before)
        assert server.paths == [
            "/robots.txt", "/pipermail/keepers/", "/pipermail/keepers/2010-March.txt",
            "/pipermail/keepers/2010-March/thread.html",
        ]  # fmt: skip
        assert all(r.conditional and r.status == 304 for r in server.requests if r.path != "/robots.txt")

    def test_new_mail_costs_what_changed(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Mail in a new month: the list index, that month, and the one that was the newest before; no other."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        write(tree / "pipermail", ListForm("keepers"), letters(months=4))
        server.forget()
        done = crawl(archive)

        assert "16 messages (4 new or changed)" in done.out
        assert {path.split("/")[3][:8] for path in server.paths[2:]} == {"2010-Apr", "2010-Mar", "attachme"}
        assert len(server.asked("attachments")) == 1

    def test_recheck_asks_for_everything_conditionally(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """--recheck asks closed volumes, too; what is held is not sent again, and pages and files are left alone."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = held(archive)
        server.forget()
        crawl(archive, "--recheck")

        assert held(archive) == before
        assert [r.status for r in server.requests] == [404] + [304] * 7
        assert server.asked("attachments") == []

    def test_a_missing_file_is_asked_for_again_when_its_volume_changed(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """A 404 that came twice stays one for a while; --recheck or new mail in its volume asks again at once."""
        server = list_server(tree, faults=[Fault("attachments", "404")])
        assert crawl(archive, f"{server.url}pipermail/keepers/").code == 1
        assert crawl(archive).code == 0
        server.misbehave()
        server.forget()
        tried_in_vain(archive, days=8, waited=1)
        crawl(archive)
        assert server.asked("attachments") == []
        crawl(archive, "--recheck")

        assert [r.status for r in server.asked("attachments")] == [200] * 3
        assert exported(archive).count('"stored"') == 3

    def test_without_validators_the_same_bytes_are_a_revisit(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """A server that knows no 304 sends all again; what is kept of that is a note, and no message changes."""
        server = list_server(tree, validators=False)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before, sizes = exported(archive), [size for name, (size, _) in held(archive).items() if "warc" in name]
        done = crawl(archive)

        assert "(0 new or changed)" in done.out
        assert exported(archive) == before
        second = archive / "warc" / files(archive)[1]
        assert gzip.decompress(second.read_bytes()).count(b"WARC-Type: revisit") == 3
        assert second.stat().st_size < max(sizes)

    def test_several_lists_live_in_one_archive(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A list of the same name on another host gets that host before its name; a run visits all."""
        one, two = list_server(tree), list_server(tree, host="127.0.0.3")
        crawl(archive, f"{one.url}pipermail/keepers/")
        crawl(archive, f"{two.url}pipermail/keepers/")
        one.forget()
        two.forget()
        done = crawl(archive)

        assert "keepers: 1 of 3" in done.out
        assert f"127.0.0.3-{two.port}-keepers: 1 of 3" in done.out
        assert len(one.paths) == len(two.paths) == 4
        assert "24 messages" in done.out


class TestOverview:
    """Addresses that lead to lists."""

    def test_a_listinfo_page_leads_to_its_archive(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Mailman's page about a list names its archive."""
        self.listinfo(tree, "keepers", '<a href="/pipermail/keepers/">Keepers Archives</a>')
        server = list_server(tree)

        assert "12 messages" in crawl(archive, f"{server.url}mailman/listinfo/keepers").out

    def test_an_overview_leads_to_all_lists_that_are_there(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A host's list of lists: those with an archive come in, the private one is reported."""
        write(tree / "pipermail", ListForm("lamps", host="x.org"), letters(months=1))
        self.listinfo(tree, "keepers", '<a href="/pipermail/keepers/">Archives</a>')
        self.listinfo(tree, "lamps", '<a href="/pipermail/lamps/">Archives</a>')
        self.listinfo(tree, "board", '<a href="/mailman/private/board/">Archives</a>')
        overview = "".join(f'<a href="/mailman/listinfo/{name}">{name}</a>' for name in ("keepers", "lamps", "board"))
        (tree / "mailman" / "listinfo" / "index.html").write_text(f"<html>{overview}</html>")
        server = list_server(tree, faults=[Fault("/private/board", "login")])
        done = crawl(archive, f"{server.url}mailman/listinfo")

        assert "keepers: 3 of 3" in done.out
        assert "lamps: 1 of 1" in done.out
        assert (done.code, "private: it asks for a login" in done.err) == (1, True)

    def test_a_folder_page_leads_to_the_lists_in_it(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """What a web server shows of a folder is enough to find the archives in it."""
        write(tree / "pipermail", ListForm("lamps"), letters(months=1))
        (tree / "pipermail" / "icons").mkdir()
        links = "".join(f'<a href="{name}/">{name}/</a>' for name in ("keepers", "lamps", "icons", ".."))
        (tree / "pipermail" / "index.html").write_text(f"<html><title>Index of /pipermail</title>{links}</html>")
        server = list_server(tree)
        done = crawl(archive, f"{server.url}pipermail/")

        assert "keepers: 3 of 3" in done.out
        assert "lamps: 1 of 1" in done.out

    @staticmethod
    def listinfo(tree: Path, name: str, link: str) -> None:
        page = tree / "mailman" / "listinfo" / name / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f'<html>{link} <a href="../options/{name}">options</a></html>')


class TestDry:
    """--dry-run."""

    def test_it_fetches_list_indexes_only_and_writes_nothing(
        self, tree: Path, tmp_path: Path, list_server: Serve
    ) -> None:
        """It says what a crawl would take and what that rests on, and leaves no trace."""
        server = list_server(tree)
        done = hamelin("--archive", str(tmp_path / "new"), "crawl", "--dry-run", f"{server.url}pipermail/keepers/")

        assert server.paths == ["/robots.txt", "/pipermail/keepers/"]
        assert "keepers: 3 of 3 volumes to visit" in done.out
        assert "requests" in done.out
        assert " seconds at 1 s between" in done.out
        assert (done.code, (tmp_path / "new").exists()) == (0, False)

    def test_of_an_archive_it_counts_what_is_left(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """After a crawl only the newest volume is left to look at; the archive stays as it was."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = held(archive)

        assert "keepers: 1 of 3 volumes to visit" in crawl(archive, "--dry-run").out
        assert held(archive) == before


class TestStopped:
    """Runs that did not end well, and the next one."""

    def test_a_kill_costs_the_request_in_flight(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """After kill -9 the next run asks again for one address at most that had been answered, and completes."""
        server = list_server(tree, faults=[Fault("2010-January.txt", "hang")])
        running = start("--archive", str(archive), "crawl", f"{server.url}pipermail/keepers/")
        while len(server.asked("attachments")) < 2 or not list(scan(archive)):
            pass
        running.signal(9)
        assert running.done().code == -9
        answered = [r.path for r in server.requests if r.status == 200]
        server.misbehave()
        server.forget()
        done = crawl(archive)

        assert done.code == 0
        assert len([r.path for r in server.requests if r.path in answered and r.status == 200]) <= 1
        assert "12 messages" in done.out
        assert unfinished(archive) == []

    def test_a_database_that_was_deleted_is_made_again_from_warc(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """The captures come from warc/, so that the server sends nothing again."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = exported(archive)
        (archive / "archive.sqlite").unlink()
        server.forget()
        done = crawl(archive)

        assert [r.path for r in server.requests if r.status == 200] == []
        assert (done.code, exported(archive)) == (0, before)

    def test_ctrl_c_ends_a_run_with_a_sentence(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """One interrupt is enough, also while a server keeps us waiting; the next run goes on."""
        server = list_server(tree, faults=[Fault("2010-January.txt", "hang")])
        (archive / "hamelin.toml").write_text("[politeness]\ndelay = 0\n")
        running = start("--archive", str(archive), "crawl", f"{server.url}pipermail/keepers/")
        while len(server.asked("attachments")) < 2:
            time.sleep(0.005)  # which leaves the server its time
        running.signal(2)
        done = running.done()

        assert (done.code, done.seconds < 20) == (130, True)
        assert "Stopped. What was done is kept" in done.err
        assert "Traceback" not in done.err
        server.misbehave()
        assert "12 messages" in crawl(archive).out

    def test_a_full_disk_is_said_and_damages_nothing(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """When nothing more can be written the run ends with a sentence; with room again the next one completes."""
        big = Part("image/png", os.urandom(400_000), name="big.png")
        write(
            tree / "pipermail",
            ListForm("keepers"),
            [*letters(), mail(9, datetime(2010, 3, 20, tzinfo=UTC), parts=(big,))],
        )
        server = list_server(tree)
        done = crawl(archive, f"{server.url}pipermail/keepers/", largest_file=300_000)

        assert done.code == 2
        assert "cannot be written" in done.err
        assert done.err.count("\n") == 2
        with closing(sqlite3.connect(archive / "archive.sqlite")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert "13 messages" in crawl(archive).out
        assert exported(archive).count('"stored"') == 4
