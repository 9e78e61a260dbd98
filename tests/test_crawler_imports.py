"""Copies of archives taken in from disk: what they hold becomes what a crawl of the server would have made."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.copies import lists_in
from crawler.warc import files
from tests.command import SETTINGS, Done, hamelin
from tests.list_server import ListServer
from tests.pipermail import V2_1_9, ListForm, Mail, Part, write
from tests.pipermail.cases import mail

PNG = b"\x89PNG\r\n\x1a\n of the lamp"
HTML = "<p>The lamp is <b>lit</b>.</p>\n"
Serve = Callable[..., ListServer]


def letters(months: int = 3, each: int = 4, year: int = 2010) -> list[Mail]:
    """Write some mail a month, the first of each month with two attachments."""
    parts = (Part("image/png", PNG, name="lamp.png"), Part("text/html", HTML))
    return [
        mail(100 * month + n, datetime(year, month, n + 1, 12, tzinfo=UTC), parts=parts if n == 0 else ())
        for month in range(1, months + 1)
        for n in range(each)
    ]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, six attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


def archive(folder: Path) -> Path:
    """Make an archive's folder with settings fit for tests."""
    folder.mkdir()
    (folder / "hamelin.toml").write_text(SETTINGS)
    return folder


def take(folder: Path, *arguments: str | Path) -> Done:
    """Import something."""
    return hamelin("--archive", str(folder), "import", *map(str, arguments))


def crawl(folder: Path, *arguments: str) -> Done:
    """Crawl."""
    return hamelin("--archive", str(folder), "crawl", *arguments)


def exported(folder: Path) -> list[dict[str, object]]:
    """Give an archive's records."""
    done = hamelin("--archive", str(folder), "export")
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


def touch(tree: Path) -> None:
    """Let a tree be one that was mirrored today, when its volumes were closed long ago."""
    for path in tree.rglob("*"):
        os.utime(path)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Give every file of an archive with its size and date."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


class TestTree:
    """A folder as Mailman keeps it."""

    def test_it_gives_the_records_that_a_crawl_gives(self, tmp_path: Path, tree: Path, list_server: Serve) -> None:
        """Every field of every record is the same, whether the list came from its server or from its folder."""
        server = list_server(tree)
        url = f"{server.url}pipermail/keepers/"
        crawled, taken = archive(tmp_path / "crawled"), archive(tmp_path / "taken")
        assert crawl(crawled, "--pages", "all", url).code == 0

        done = take(taken, tree / "pipermail" / "keepers", "--url", url)

        assert (done.code, done.err) == (0, "keepers: 3 volumes\n")
        assert done.out == f"keepers: 27 files taken, 0 held already ({url})\n12 messages (12 new or changed)\n"
        assert exported(taken) == exported(crawled)

    def test_a_second_import_changes_nothing(self, tmp_path: Path, tree: Path) -> None:
        """The same copy again writes nothing, neither to warc/ nor to the database."""
        folder = archive(tmp_path / "a")
        take(folder, tree)
        before = state(folder)

        done = take(folder, tree)

        assert "0 files taken, 27 held already" in done.out
        assert "(0 new or changed)" in done.out
        assert state(folder) == before

    def test_a_later_crawl_goes_on_from_it(self, tmp_path: Path, tree: Path, list_server: Serve) -> None:
        """Of what is held only the list's index and the newest volume are asked for; new mail is found."""
        server = list_server(tree)
        folder = archive(tmp_path / "a")
        touch(tree)
        take(folder, tree / "pipermail" / "keepers", "--url", f"{server.url}pipermail/keepers/")
        write(tree / "pipermail", ListForm("keepers"), letters(months=4))

        done = crawl(folder)

        assert done.code == 0
        assert "16 messages (4 new or changed)" in done.out
        assert not [path for path in server.paths if "2010-January" in path or "2010-February" in path]

    def test_the_database_can_be_made_again(self, tmp_path: Path, tree: Path) -> None:
        """With the database deleted, `reparse --write` makes the same records from warc/ alone."""
        folder = archive(tmp_path / "a")
        take(folder, tree)
        records = exported(folder)
        (folder / "archive.sqlite").unlink()
        shutil.rmtree(tree)

        done = hamelin("--archive", str(folder), "reparse", "--write")

        assert (done.code, done.out) == (0, "12 messages of 3 volumes read from warc/.\n")
        assert exported(folder) == records

    def test_texts_alone_are_enough(self, tmp_path: Path, tree: Path) -> None:
        """A folder with nothing but texts gives every message, its page unknown."""
        texts = tmp_path / "keepers"
        texts.mkdir()
        for path in tree.rglob("*.txt"):
            shutil.copy(path, texts)
        folder = archive(tmp_path / "a")

        assert take(folder, texts).code == 0
        records = exported(folder)
        (folder / "archive.sqlite").unlink()
        hamelin("--archive", str(folder), "reparse", "--write")

        assert [record["page"] for record in records] == [None] * 12
        assert exported(folder) == records

    def test_one_text_alone_is_a_copy_too(self, tmp_path: Path, tree: Path) -> None:
        """A single volume's text is read as that volume."""
        folder = archive(tmp_path / "a")

        done = take(folder, tree / "pipermail" / "keepers" / "2010-March.txt")

        assert "4 messages (4 new or changed)" in done.out

    def test_what_is_missing_in_it_is_asked_of_the_server(self, tmp_path: Path, tree: Path, list_server: Serve) -> None:
        """Attachments that a mirror lacks are counted, and are all that the next crawl fetches of old volumes."""
        server = list_server(tree)
        copied = tmp_path / "copy" / "keepers"
        shutil.copytree(tree / "pipermail" / "keepers", copied, ignore=shutil.ignore_patterns("attachments"))
        touch(copied)
        folder = archive(tmp_path / "a")

        done = take(folder, copied, "--url", f"{server.url}pipermail/keepers/")
        crawl(folder)

        assert "6 attachments not in it" in done.out
        old = [path for path in server.paths if "attachments" not in path and "2010-March" not in path]
        assert old == ["/robots.txt", "/pipermail/keepers/"]
        parts = [part for record in exported(folder) for part in record["attachments"]]  # type: ignore[attr-defined]
        assert [part["status"] for part in parts] == ["stored"] * 6

    def test_files_that_are_not_what_they_should_be_are_named(self, tmp_path: Path, tree: Path) -> None:
        """An error page that a mirror saved as a text is refused, with its reason; its packed form is read."""
        text = tree / "pipermail" / "keepers" / "2010-March.txt"
        text.write_text("<html><head><title>Too busy</title></head></html>")
        folder = archive(tmp_path / "a")

        done = take(folder, tree)

        assert "not taken: keepers/2010-March.txt was an HTML page instead of what it should be\n" in done.err
        assert len(exported(folder)) == 12

    def test_links_that_lead_out_of_the_folder_are_not_followed(self, tmp_path: Path, tree: Path) -> None:
        """A file that is a link to something outside the copy is left alone."""
        secret = tmp_path / "secret"
        secret.write_text("nobody's business")
        files = sorted(path for path in (tree / "pipermail" / "keepers" / "attachments").rglob("*.png"))
        files[0].unlink()
        files[0].symlink_to(secret)

        paths = lists_in(tree)[0].paths

        assert files[0].relative_to(tree / "pipermail" / "keepers").as_posix() not in paths
        assert files[1].relative_to(tree / "pipermail" / "keepers").as_posix() in paths


class TestAddress:
    """Under which address, and as which list, a copy is taken in."""

    @pytest.mark.parametrize(
        ("place", "url"),
        [
            ("mirror/lists.example.net/pipermail", "http://lists.example.net/pipermail/keepers/"),
            ("mirror/127.0.0.1:8911", "http://127.0.0.1:8911/keepers/"),
            ("mirror/localhost_8911/x", "http://localhost:8911/x/keepers/"),
            ("site.backup", "http://lists.example.org/pipermail/keepers/"),
        ],
    )
    def test_it_is_known_by_folders_named_for_hosts(self, tmp_path: Path, place: str, url: str) -> None:
        """A host's folder tells the address; without one the archive's own files do."""
        write(tmp_path / place, ListForm("keepers"), letters(1))

        assert [copy.url for copy in lists_in(tmp_path)] == [url]

    def test_without_any_sign_it_is_nowhere(self, tmp_path: Path) -> None:
        """A list of which nothing tells the address gets one that no server can have, and a crawl says so."""
        (tmp_path / "kitchen").mkdir()
        head = "From a at x.org  Mon Mar  1 12:00:00 2010\nFrom: a at x.org (A)\nSubject: Tea\n"
        (tmp_path / "kitchen" / "2010-March.txt").write_text(head + "Message-ID: <1@x.org>\n\nHi.\n")
        folder = archive(tmp_path / "a")

        done = take(folder, tmp_path / "kitchen")

        assert exported(folder)[0]["list_url"] == "http://imported.invalid/kitchen/"
        assert "kitchen: nothing tells its address on the web; `hamelin move kitchen URL` does\n" in done.err

    def test_the_list_can_be_one_that_the_archive_has(self, tmp_path: Path, tree: Path, list_server: Serve) -> None:
        """A mirror of another host, taken into a list by its name, adds the volumes that its server has no more."""
        write(tmp_path / "new" / "pipermail", ListForm("keepers", since=8), letters(months=4)[8:])
        server = list_server(tmp_path / "new")
        folder = archive(tmp_path / "a")
        crawl(folder, f"{server.url}pipermail/keepers/")
        assert len(exported(folder)) == 8

        done = take(folder, tree, "--list", "keepers")

        assert done.code == 0
        assert {record["list_url"] for record in exported(folder)} == {f"{server.url}pipermail/keepers/"}
        assert len(exported(folder)) == 16

    def test_several_lists_are_taken_at_once(self, tmp_path: Path, tree: Path) -> None:
        """Every list below a folder is taken, each under its own name; --list takes one of them."""
        write(tree / "pipermail", ListForm("wardens", generation=V2_1_9), letters(1))
        both, one = archive(tmp_path / "both"), archive(tmp_path / "one")

        take(both, tree)
        take(one, tree, "--list", "wardens")

        assert {record["list"] for record in exported(both)} == {"keepers", "wardens"}
        assert {record["list"] for record in exported(one)} == {"wardens"}


class TestRefusals:
    """What cannot be done ends with a sentence and 2, and leaves nothing behind."""

    def refused(self, tmp_path: Path, *arguments: str | Path) -> str:
        folder = tmp_path / "none"
        done = take(folder, *arguments)
        assert (done.code, done.out) == (2, "")
        assert not folder.exists()
        return done.err

    def test_a_folder_without_an_archive(self, tmp_path: Path) -> None:
        """A folder with nothing named as a volume is no archive."""
        (tmp_path / "empty").mkdir()

        assert "holds no archive" in self.refused(tmp_path, tmp_path / "empty")

    def test_one_address_for_several_lists(self, tmp_path: Path, tree: Path) -> None:
        """--url is of one list."""
        write(tree / "pipermail", ListForm("wardens"), letters(1))

        assert "Say --list: keepers, wardens." in self.refused(tmp_path, tree, "--url", "http://x.org/p/keepers/")

    def test_a_list_that_is_not_there(self, tmp_path: Path, tree: Path) -> None:
        """--list names one of several."""
        write(tree / "pipermail", ListForm("wardens"), letters(1))

        assert "There are: keepers, wardens." in self.refused(tmp_path, tree, "--list", "cooks")

    def test_another_address_than_the_list_has(self, tmp_path: Path, tree: Path) -> None:
        """A list that the archive has keeps its address."""
        folder = archive(tmp_path / "a")
        take(folder, tree)

        done = take(folder, tree, "--list", "keepers", "--url", "http://x.org/pipermail/other/")

        assert done.code == 2
        assert "The list keepers has the address http://lists.example.org/pipermail/keepers/." in done.err
        assert len(files(folder)) == 1
