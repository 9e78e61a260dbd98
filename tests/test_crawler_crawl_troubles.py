"""A crawl that meets trouble: one sentence that says what and what to do, and nothing damaged."""

from __future__ import annotations

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from crawler.lock import locked
from crawler.schema import SCHEMA_VERSION
from tests.command import Done
from tests.list_server import Fault
from tests.pipermail import ListForm, write
from tests.test_crawler_crawl import SETTINGS, Serve, crawl, exported, held, letters, tried_in_vain

JANUARY = r"2010-January\.txt\.gz$"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, three attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


class TestNoArchive:
    """Addresses behind which there is nothing to crawl."""

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (Fault("keepers/$", "403"), "was answered with 403 Forbidden. The archive is not public"),
            (Fault("keepers/$", "401"), "was answered with 401 Unauthorized. The archive is not public"),
            (Fault("keepers/$", "404"), "There is nothing at http://127.0.0.1:"),
            (Fault("keepers/$", "html"), "is no pipermail archive: the page names no months"),
            (Fault("keepers/$", "login"), "is private: it asks for a login. Only its members may read it"),
            (Fault("keepers/$", "wall"), "127.0.0.1 puts a bot wall before http://127.0.0.1:"),
            (Fault("keepers/$", "garbage"), "is no pipermail archive"),
            (Fault("keepers/$", "empty"), "is no pipermail archive"),
            (Fault("keepers/$", "hang"), "was not answered in time"),
            (Fault("keepers/$", "drop"), "was not answered: the connection broke"),
            (Fault("keepers/$", "truncate"), "broke off in the middle"),
            (Fault("keepers/$", "500"), "was answered with 500 Internal Server Error"),
            (Fault("keepers/$", "redirect"), "is redirected without end"),
            (Fault("keepers/$", "503", retry_after="7200"), "asks for a pause of 120 minutes"),
            (Fault("robots", "503", retry_after="0"), "cannot be asked what it allows: http://127.0.0.1:"),
            (Fault("robots", "wall"), "127.0.0.1 puts a bot wall before its archive"),
        ],
        ids=lambda value: f"{value.path[:6]}-{value.do}" if isinstance(value, Fault) else "",
    )
    def test_it_is_said_in_a_sentence_and_leaves_nothing(
        self, tree: Path, tmp_path: Path, list_server: Serve, fault: Fault, words: str
    ) -> None:
        """One line on stderr says what it is and what to do; exit 2; no half-made archive."""
        server, folder = list_server(tree, faults=[fault]), tmp_path / "archive"
        folder.mkdir()
        (folder / "hamelin.toml").write_text(SETTINGS)
        done = crawl(folder, f"{server.url}pipermail/keepers/")

        self.is_a_sentence(done, words)
        assert (folder / "hamelin.toml").read_text() == SETTINGS
        assert sorted(os.listdir(folder)) == [".lock", "hamelin.toml"]

    @pytest.mark.parametrize(
        ("page", "words"),
        [
            ('<html><a href="/hyperkitty/list/x@example.org/">Archives</a></html>', "a Mailman 3 archive (HyperKitty)"),
            ("<!-- MHonArc v2.6.19 --><html><title>kitchen</title></html>", "an archive made by MHonArc"),
            ("<html><body>A blog.</body></html>", "the page names no months"),
        ],
    )
    def test_other_software_is_named(self, tmp_path: Path, list_server: Serve, page: str, words: str) -> None:
        """A page that is something else says what it seems to be."""
        (tmp_path / "www" / "list").mkdir(parents=True)
        (tmp_path / "www" / "list" / "index.html").write_text(page)
        done = crawl(tmp_path / "new", f"{list_server(tmp_path / 'www').url}list/", "--delay", "0")

        self.is_a_sentence(done, words)
        assert not (tmp_path / "new").exists()

    def test_a_host_that_refuses_connections(self, tmp_path: Path) -> None:
        """Nobody listens: said at once, without repetitions."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        done = crawl(tmp_path / "new", f"http://127.0.0.1:{port}/pipermail/kitchen/")

        self.is_a_sentence(done, "is on a host that refuses connections")
        assert (done.seconds < 20, (tmp_path / "new").exists()) == (True, False)

    def test_a_host_that_nobody_knows(self, tmp_path: Path) -> None:
        """A name that cannot be resolved: said at once."""
        done = crawl(tmp_path / "new", "http://lists.example.invalid/pipermail/kitchen/")

        self.is_a_sentence(done, "has a host name that nobody knows")

    @pytest.mark.parametrize("url", ["ftp://lists.example.org/x/", "http://", "mailto:me@example.org", "http://[::x/"])
    def test_what_is_no_address(self, tmp_path: Path, url: str) -> None:
        """An address that is none is refused before anything is asked."""
        self.is_a_sentence(crawl(tmp_path / "new", url), "is no address on the web")

    def test_robots_txt_that_forbids_the_archive(self, tree: Path, tmp_path: Path, list_server: Serve) -> None:
        """What robots.txt forbids is not asked for."""
        server = list_server(tree, robots="User-agent: hamelin\nDisallow: /pipermail\n")
        done = crawl(tmp_path / "new", f"{server.url}pipermail/keepers/")

        self.is_a_sentence(done, "is not for programs: robots.txt does not allow it")
        assert server.paths == ["/robots.txt"]

    def test_an_archive_without_lists_and_no_url(self, tmp_path: Path) -> None:
        """There is nothing to do, so it says what to give."""
        self.is_a_sentence(crawl(tmp_path / "new"), "has no list with an address yet. Give the URL of an archive")

    @staticmethod
    def is_a_sentence(done: Done, words: str) -> None:
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("hamelin: ")
        assert words in done.err
        assert done.err.count("\n") == 1


class TestFolder:
    """Archive folders that cannot be worked on."""

    def test_a_newer_archive_is_refused_untouched(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A database of a newer Hamelin is left exactly as it is."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        with sqlite3.connect(archive / "archive.sqlite") as db:
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        db.close()
        before = held(archive)
        done = crawl(archive)

        TestNoArchive.is_a_sentence(done, "was written by a newer Hamelin")
        assert held(archive) == before

    def test_a_damaged_database_says_how_to_make_it_again(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """What is no database is named, and what to do."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        (archive / "archive.sqlite").write_bytes(b"not a database at all" * 999)

        TestNoArchive.is_a_sentence(crawl(archive), "reparse --write")

    def test_a_locked_archive_says_who_holds_it(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A second writer is told the process; nothing is asked of the server."""
        server = list_server(tree)
        with locked(archive):
            done = crawl(archive, f"{server.url}pipermail/keepers/")

        TestNoArchive.is_a_sentence(done, f"(process {os.getpid()})")
        assert server.paths == []


class TestOnTheWay:
    """Trouble in the middle: what can be had is had, the rest is named, and the next run mends."""

    @pytest.mark.parametrize(
        ("do", "words"),
        [
            ("503", "was answered with 503 Service Unavailable"),
            ("500", "was answered with 500 Internal Server Error"),
            ("html", "was an HTML page instead of what it should be"),
            ("garbage", "was not what stands at such an address"),
            ("empty", "was empty"),
            ("truncate", "broke off in the middle"),
            ("hang", "was not answered in time"),
            ("bomb", "unpacked to more than a mail archive can hold"),
            ("offsite", "leads to another site, http://127.0.0.2:9/"),
            ("redirect", "is redirected without end"),
        ],
    )
    def test_an_address_that_fails_is_named_and_had_the_next_time(
        self, tree: Path, archive: Path, list_server: Serve, do: str, words: str
    ) -> None:
        """The run ends with 1 and names the address; the next one asks for it again and completes."""
        path = "2010-January/thread.html" if do == "hang" else "2010-January.txt.gz"
        server = list_server(tree, faults=[Fault(path, do, retry_after="0")])
        done = crawl(archive, f"{server.url}pipermail/keepers/")

        url = f"{server.url}pipermail/keepers/{path}"
        assert (done.code, f"not fetched: {url} {words}" in done.err) == (1, True)
        server.misbehave()
        again = crawl(archive)
        assert (again.code, again.out.split("\n")[1].split(" (")[0]) == (0, "12 messages")
        assert exported(archive).count('"stored"') == 3

    @pytest.mark.parametrize(
        ("do", "times"), [("503", 2), ("429", 1), ("500", 3), ("truncate", 2), ("drop", 1), ("html", 1), ("hang", 1)]
    )
    def test_trouble_that_passes_is_lived_through(
        self, tree: Path, archive: Path, list_server: Serve, do: str, times: int
    ) -> None:
        """What fails a few times is asked for again in the same run, and nobody has to know."""
        path = "2010-January/thread.html" if do == "hang" else JANUARY
        server = list_server(tree, faults=[Fault(path, do, times=times, retry_after="0")])
        done = crawl(archive, f"{server.url}pipermail/keepers/")

        assert (done.code, "12 messages" in done.out) == (0, True)
        assert len(server.asked(path)) == times + 1

    @pytest.mark.parametrize("do", ["gzipped", "encoded"])
    def test_odd_encodings_are_undone(self, tree: Path, archive: Path, list_server: Serve, do: str) -> None:
        """Texts packed twice, or unpacked on the way by name only, are read all the same."""
        server = list_server(tree, faults=[Fault(r"\.txt", do)])
        done = crawl(archive, f"{server.url}pipermail/keepers/")

        assert (done.code, "12 messages" in done.out) == (0, True)

    @pytest.mark.parametrize("do", ["empty", "html", "login", "404", "503", "garbage"])
    def test_a_bad_answer_never_replaces_a_good_one(
        self, tree: Path, archive: Path, list_server: Serve, do: str
    ) -> None:
        """Whatever the server says of what we hold, the export stays as it was."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = exported(archive)
        server.misbehave(Fault("2010-March", do, retry_after="0"))
        crawl(archive, "--recheck")
        server.misbehave(Fault("keepers/$", do, retry_after="0"))
        crawl(archive)
        server.misbehave()

        assert exported(archive) == before
        assert (crawl(archive).code, exported(archive)) == (0, before)

    def test_a_text_that_got_shorter_is_no_new_state(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """The beginning of a text that is held whole is a broken download, not mail taken away."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = exported(archive)
        server.misbehave(Fault(r"2010-March\.txt", "short"))
        done = crawl(archive)

        assert (done.code, "ended in the middle" in done.err) == (1, True)
        assert exported(archive) == before

    def test_a_bot_wall_in_the_middle_ends_the_visit(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Nothing is asked of the host after the wall; what was had is kept and read."""
        server = list_server(tree, faults=[Fault("2010-February", "wall")])
        done = crawl(archive, f"{server.url}pipermail/keepers/")

        assert done.code == 1
        assert "127.0.0.1 puts a bot wall before its archive. What was fetched is kept" in done.err
        assert "2010-February" in server.paths[-1]
        assert "4 messages" in done.out

    def test_what_robots_txt_forbids_is_counted_apart(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Attachments that are not for programs are no failure: nobody here can change it."""
        server = list_server(tree, robots="User-agent: *\nDisallow: /pipermail/keepers/attachments/\n")
        done = crawl(archive, f"{server.url}pipermail/keepers/")

        assert (done.code, server.asked("attachments")) == (0, [])
        assert "3 addresses are not for programs: robots.txt does not allow them" in done.err

    @pytest.mark.parametrize(
        ("status", "words"), [("403", "was answered with 403 Forbidden"), ("404", "is not there (404)")]
    )
    def test_a_refused_attachment_is_named_and_asked_for_after_growing_pauses(
        self, tree: Path, archive: Path, list_server: Serve, status: str, words: str
    ) -> None:
        """The run that met it names it, the next one asks once more, later ones after ever longer pauses."""
        server = list_server(tree, faults=[Fault("attachments", status)])
        done = crawl(archive, f"{server.url}pipermail/keepers/")
        assert (done.code, done.err.count(words)) == (1, 3)
        server.forget()
        assert len(crawl(archive).err.split(words)) in (1, 4)
        assert len(server.asked("attachments")) == 3
        server.misbehave()
        server.forget()

        tried_in_vain(archive, days=8, waited=1)
        assert (crawl(archive).code, server.asked("attachments")) == (0, [])
        tried_in_vain(archive, days=8, waited=2)
        assert (crawl(archive).code, len(server.asked("attachments"))) == (0, 3)
        assert exported(archive).count('"stored"') == 3

    def test_noise_in_place_of_an_attachment_is_named_once_and_mended(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """Bytes of another length than the notice states are no such file, however often they come."""
        server = list_server(tree, faults=[Fault("attachments", "garbage")])
        done = crawl(archive, f"{server.url}pipermail/keepers/")
        assert (done.code, done.err.count("was not of the size or kind that its notice states")) == (1, 3)
        assert crawl(archive).code == 0
        server.misbehave()

        assert crawl(archive).code == 0
        with sqlite3.connect(archive / "archive.sqlite") as db:
            sql = "SELECT DISTINCT status FROM captures WHERE instr(url, '/attachments/')"
            assert db.execute(sql).fetchall() == [(200,)]

    @pytest.mark.parametrize("path", ["2010-January.txt.gz", "2010-January/thread.html", "attachments/"])
    @pytest.mark.parametrize("status", ["401", "403", "404", "410"])
    def test_what_was_refused_by_mistake_is_had_by_the_next_run(
        self, tree: Path, archive: Path, list_server: Serve, path: str, status: str
    ) -> None:
        """A server that denies a file for a moment is asked once more, and the archive is whole."""
        server = list_server(tree, faults=[Fault(path, status)])
        assert crawl(archive, f"{server.url}pipermail/keepers/").code == 1
        server.misbehave()

        assert crawl(archive).code == 0
        assert exported(archive).count('"stored"') == 3
        assert exported(archive).count('"page": "2010-January/') == 4

    def test_one_list_in_trouble_does_not_keep_the_others(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Each list is visited; the one that failed is named."""
        write(tree / "pipermail", ListForm("lamps"), letters(months=1))
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        crawl(archive, f"{server.url}pipermail/lamps/")
        server.misbehave(Fault("keepers/", "403"))
        done = crawl(archive)

        assert (done.code, "lamps: 1 of 1" in done.out) == (1, True)
        assert "keepers/ was answered with 403 Forbidden" in done.err
