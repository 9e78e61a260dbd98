"""Raw mboxes taken in: what they hold, how it joins with what was crawled, and what comes of bad ones."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from crawler.mails import Shelf, time_of
from crawler.parse.mail import read_mail
from crawler.store import Store
from crawler.warc import WarcReader
from tests.command import SETTINGS, Done, hamelin
from tests.list_server import ListServer
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail
from tests.pipermail.mbox import mbox

PNG = b"\x89PNG\r\n\x1a\n of the lamp"
Serve = Callable[..., ListServer]


def letters(months: int = 3, each: int = 4) -> list[Mail]:
    """Write some mail a month, in Czech; the first of each month with a picture and HTML."""
    parts = (Part("image/png", PNG, name="lamp.png", disposition="attachment"), Part("text/html", "<p>Dobrý večer</p>"))
    return [
        mail(
            100 * month + n, datetime(2010, month, n + 1, 12, tzinfo=UTC), body="Dobrý večer, příteli.\n",
            from_name="Jiří Věžník", subject="Re: [Keepers] Lampička", parts=parts if n == 0 else (),
        )
        for month in range(1, months + 1)
        for n in range(each)
    ]  # fmt: skip


def archive(folder: Path) -> Path:
    """Make an archive's folder with settings fit for tests."""
    folder.mkdir()
    (folder / "hamelin.toml").write_text(SETTINGS)
    return folder


def take(folder: Path, *arguments: str | Path) -> Done:
    """Import something."""
    return hamelin("--archive", str(folder), "import", *map(str, arguments))


def exported(folder: Path) -> list[dict[str, object]]:
    """Give an archive's records."""
    done = hamelin("--archive", str(folder), "export")
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The raw mbox of the list keepers."""
    path = tmp_path / "keepers.mbox"
    path.write_bytes(mbox(letters()))
    return path


class TestAlone:
    """A list of which there is nothing but its mbox."""

    def test_every_mail_is_a_record(self, tmp_path: Path, box: Path) -> None:
        """Headers, text and files are those that were sent; volumes are months; numbers are not known."""
        folder = archive(tmp_path / "a")
        url = "https://lists.example.org/pipermail/keepers/"

        done = take(folder, box, "--url", url)
        records = exported(folder)

        assert (done.code, done.err) == (0, "")
        assert done.out == f"keepers: 12 mails taken, 0 held already ({url})\n12 messages (12 new or changed)\n"
        assert [record["message_id"] for record in records] == [one.message_id for one in letters()]
        assert {record["volume"] for record in records} == {"2010-January", "2010-February", "2010-March"}
        assert records[0] | {"id": "", "thread": "", "attachments": []} == {
            "list": "keepers", "list_url": url, "id": "", "volume": "2010-January", "number": None, "page": None,
            "pages": [], "message_id": "<100@mail.example.org>", "in_reply_to": None, "references": [],
            "from_name": "Jiří Věžník", "from_address": "ann@example.org", "date": "2010-01-01T12:00:00Z",
            "date_raw": "Fri, 01 Jan 2010 12:00:00 +0000", "subject": "Re: [Keepers] Lampička",
            "body": "Dobrý večer, příteli.", "attachments": [], "thread": "", "defects": [],
        }  # fmt: skip
        parts = [(part["kind"], part["name"], part["status"], part["url"]) for part in records[0]["attachments"]]  # type: ignore[attr-defined]
        assert parts == [("other", "lamp.png", "stored", None), ("html", None, "stored", None)]

    def test_files_can_be_had_by_their_digest(self, tmp_path: Path, box: Path) -> None:
        """The bytes of an attachment come out of the mail in warc/, for index and site."""
        folder = archive(tmp_path / "a")
        take(folder, box)
        digests = [part["sha256"] for record in exported(folder) for part in record["attachments"]]  # type: ignore[attr-defined]

        with Store.open(folder) as store, WarcReader(folder) as reader:
            shelf = Shelf(store, reader.payload)
            found = [shelf.part(digest) for digest in digests]
            assert shelf.part("0" * 64) is None

        assert found == [PNG, b"<p>Dobr\xc3\xbd ve\xc4\x8der</p>"] * 3

    def test_a_second_import_writes_nothing(self, tmp_path: Path, box: Path) -> None:
        """The same mbox again is held already; one that grew gives its new mails alone."""
        folder = archive(tmp_path / "a")
        take(folder, box)
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

        again = take(folder, box)
        same = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        box.write_bytes(mbox(letters(4)))
        grown = take(folder, box)

        assert "0 mails taken, 12 held already" in again.out
        assert same == before
        assert "4 mails taken, 12 held already" in grown.out
        assert "16 messages (4 new or changed)" in grown.out

    def test_the_database_can_be_made_again(self, tmp_path: Path, box: Path) -> None:
        """`reparse --write` makes the same records of warc/ alone."""
        folder = archive(tmp_path / "a")
        take(folder, box)
        records = exported(folder)
        (folder / "archive.sqlite").unlink()
        box.unlink()

        assert hamelin("--archive", str(folder), "reparse", "--write").code == 0
        assert exported(folder) == records

    def test_a_packed_one_is_read_like_a_plain_one(self, tmp_path: Path, box: Path) -> None:
        """A gzipped mbox gives the same records."""
        plain, packed = archive(tmp_path / "plain"), archive(tmp_path / "packed")
        file = tmp_path / "keepers.mbox.gz"
        file.write_bytes(gzip.compress(box.read_bytes()))

        take(plain, box)
        take(packed, file)

        assert exported(packed) == exported(plain)

    def test_a_check_finds_nothing_wrong_with_it_until_a_piece_is_lost(self, tmp_path: Path, box: Path) -> None:
        """Volumes, files and pieces are accounted for; a piece that the database lost is told."""
        folder = archive(tmp_path / "a")
        take(folder, box)
        good = hamelin("--archive", str(folder), "check")
        with Store.open(folder) as store:
            store.db.execute("DELETE FROM captures")
        bad = hamelin("--archive", str(folder), "check")

        assert "database:" not in good.out + good.err
        assert "pieces of raw mboxes have mails and are not held" in bad.out + bad.err
        assert bad.code == 1

    def test_a_list_without_an_address_is_not_crawled(self, tmp_path: Path, box: Path) -> None:
        """A list of which nobody told where it is has nothing to be asked for."""
        folder = archive(tmp_path / "a")
        take(folder, box)

        done = hamelin("--archive", str(folder), "crawl")

        assert done.code == 2
        assert "has no list with an address yet" in done.err

    def test_index_and_site_are_made_of_it(self, tmp_path: Path, box: Path) -> None:
        """An archive of an mbox alone is searched and published, its pictures too."""
        folder = archive(tmp_path / "a")
        take(folder, box)

        assert hamelin("--archive", str(folder), "index").code == 0
        assert hamelin("--archive", str(folder), "site").code == 0
        assert len(list((folder / "site" / "files").rglob("lamp.png"))) == 1


class TestRemoved:
    """Mails that their owner takes out."""

    def test_a_removed_mail_stays_out(self, tmp_path: Path, box: Path) -> None:
        """What was removed does not come back with the same mbox, nor with a database made again."""
        folder = archive(tmp_path / "a")
        take(folder, box)
        id = str(exported(folder)[3]["id"])

        assert hamelin("--archive", str(folder), "remove", id, "--yes").code == 0
        take(folder, box)
        hamelin("--archive", str(folder), "reparse", "--write")

        assert id not in [record["id"] for record in exported(folder)]
        assert len(exported(folder)) == 11

    @pytest.mark.parametrize("place", [0, 3, 11])
    def test_a_purged_mail_is_in_no_record(self, tmp_path: Path, box: Path, place: int) -> None:
        """A purged mail is gone from its piece in warc/; the others' files are still found; it does not come back."""
        folder = archive(tmp_path / "a")
        take(folder, box)
        records = exported(folder)
        purged, left = records[place], [*records[:place], *records[place + 1 :]]
        message_id = str(purged["message_id"]).encode()

        done = hamelin("--archive", str(folder), "remove", str(purged["id"]), "--purge", "--yes")
        again = take(folder, box)

        assert (done.code, again.code) == (0, 0)
        assert "0 mails taken, 12 held already" in again.out
        assert exported(folder) == left
        held = b"".join(gzip.decompress(path.read_bytes()) for path in (folder / "warc").iterdir())
        assert message_id not in held
        with Store.open(folder) as store, WarcReader(folder) as reader:
            shelf = Shelf(store, reader.payload)
            parts = [part for record in left for part in record["attachments"]]  # type: ignore[attr-defined]
            assert all(shelf.part(part["sha256"]) is not None for part in parts)


class TestWithTheArchive:
    """A list of which the archive was crawled, and the mbox came beside it."""

    @pytest.fixture
    def crawled(self, tmp_path: Path, list_server: Serve) -> Path:
        """An archive of the list, whose texts and pages are in us-ascii."""
        write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
        folder = archive(tmp_path / "crawled")
        done = hamelin("--archive", str(folder), "crawl", list_server(tmp_path / "www").url + "pipermail/keepers/")
        assert done.code == 0
        return folder

    def test_both_tell_of_one_message(self, crawled: Path, box: Path) -> None:
        """Number and address come from the archive, text and headers from the mail, files from both."""
        before = exported(crawled)

        done = take(crawled, box, "--list", "keepers")
        records = exported(crawled)

        assert (done.code, len(records)) == (0, 12)
        fields = ("id", "volume", "number", "page", "pages", "message_id", "date", "thread")
        assert [[record[name] for name in fields] for record in records] == [
            [record[name] for name in fields] for record in before
        ]
        assert {record["body"] for record in records} == {"Dobrý večer, příteli."}
        assert {record["subject"] for record in records} == {"Re: [Keepers] Lampička"}
        parts = [part for record in records for part in record["attachments"]]  # type: ignore[attr-defined]
        assert [part["status"] for part in parts] == ["stored"] * 6
        assert all("/attachments/" in part["url"] for part in parts)

    def test_a_mail_that_the_archive_lacks_is_added(self, crawled: Path, box: Path) -> None:
        """What was never on a page is a message all the same, and the ledger says how many there are."""
        box.write_bytes(mbox([*letters(), replace(letters()[0], message_id="<lost@mail.example.org>", parts=())]))
        take(crawled, box, "--list", "keepers")
        done = hamelin("--archive", str(crawled), "status")

        assert len(exported(crawled)) == 13
        assert "only_in_mbox 1" in done.out

    def test_a_crawl_after_the_import_gives_the_same(self, tmp_path: Path, crawled: Path, box: Path) -> None:
        """Which of both came first makes no difference, not even for a mail at the edge of its month."""
        other = archive(tmp_path / "other")
        url = exported(crawled)[0]["list_url"]
        take(other, box, "--url", str(url))
        assert [record["page"] for record in exported(other)] == [None] * 12

        hamelin("--archive", str(other), "crawl")
        take(crawled, box, "--list", "keepers")

        assert exported(other) == exported(crawled)

    def test_mails_move_to_the_volume_that_shows_them(self, tmp_path: Path, list_server: Serve) -> None:
        """A mail of the last evening of a month, by the server's clock of the next, is found there after the crawl."""
        edge = [mail(1, datetime(2010, 1, 31, 23, tzinfo=UTC)), mail(2, datetime(2010, 2, 9, tzinfo=UTC))]
        write(tmp_path / "www" / "p", ListForm("keepers", zone=timezone(timedelta(hours=9), "JST")), edge)
        (tmp_path / "keepers.mbox").write_bytes(mbox(edge))
        folder, server = archive(tmp_path / "a"), list_server(tmp_path / "www")
        take(folder, tmp_path / "keepers.mbox", "--url", f"{server.url}p/keepers/")
        assert [record["volume"] for record in exported(folder)] == ["2010-January", "2010-February"]

        hamelin("--archive", str(folder), "crawl")

        assert [(r["volume"], r["number"]) for r in exported(folder)] == [("2010-February", 0), ("2010-February", 1)]


class TestBadOnes:
    """Files that are no good mboxes give a sentence or a reading."""

    @pytest.mark.parametrize(
        "data", [b"", b"Hello.\n", bytes(range(256)) * 5000, b"\x1f\x8b\x08 nothing", b"x" * 12_000_000, b"PK\3\4zip"]
    )
    def test_what_holds_no_mail_is_refused(self, tmp_path: Path, data: bytes) -> None:
        """A file without any mail ends with a sentence and 2, and nothing is made."""
        (tmp_path / "file").write_bytes(data)

        done = take(tmp_path / "none", tmp_path / "file")

        assert (done.code, done.out) == (2, "")
        assert "holds no archive" in done.err
        assert not (tmp_path / "none").exists()

    def test_a_packed_one_that_is_cut_gives_what_is_there(self, tmp_path: Path) -> None:
        """Of a truncated gzip the mails before the cut are taken, and the cut is said."""
        path = tmp_path / "keepers.mbox.gz"
        noise = [replace(one, body=os.urandom(3000).hex()) for one in letters()]
        path.write_bytes(gzip.compress(mbox(noise))[:-9000])

        done = take(archive(tmp_path / "a"), path)

        assert done.code == 0
        assert f"{path} is cut: what stands before the cut is read\n" in done.err
        assert len(exported(tmp_path / "a")) >= 6

    def test_long_lines_and_foreign_line_ends_are_read(self, tmp_path: Path) -> None:
        """A line of ten megabytes and a file of CR LF are mail like other mail."""
        long = replace(letters()[0], body="x" * 10_000_000 + "\n", parts=())
        path = tmp_path / "keepers.mbox"
        path.write_bytes(mbox([long, *letters()[1:]]).replace(b"\n", b"\r\n"))
        folder = archive(tmp_path / "a")

        assert take(folder, path).code == 0
        records = exported(folder)

        assert len(str(records[0]["body"])) == 10_000_000
        assert records[1]["body"] == "Dobrý večer, příteli."

    def test_memory_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        """Twice as much mail with files takes no more memory: one piece is held at a time."""
        peaks = []
        for count in (15, 30):
            path = tmp_path / f"{count}.mbox"
            with path.open("wb") as file:
                file.writelines(mbox([one]) for one in _many(count, 150_000))
            said = ["--archive", str(tmp_path / f"a{count}"), "import", str(path)]
            done = subprocess.run(
                [sys.executable, "-c", PEAK_OF_MAIN, *said], capture_output=True, text=True, check=True
            )
            peaks.append(int(done.stderr.rpartition("VmHWM:")[2].split()[0]) >> 10)

        assert peaks[1] < 250
        assert peaks[1] < peaks[0] * 1.25


# The most memory that a process of its own held, on its stderr: what its parent held does not count there (proc(5)).
PEAK_OF_MAIN = """
import atexit, sys
from indexer.cli import main
atexit.register(lambda: sys.stderr.write(open("/proc/self/status").read()))
main(sys.argv[1:])
"""


def _many(count: int, size: int) -> Iterator[Mail]:
    for n in range(count):
        part = Part("application/octet-stream", os.urandom(size), name="noise.bin")
        yield mail(n, datetime(2000 + n // 40, 1 + n % 12, 1, tzinfo=UTC), parts=(part,))


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        ("Date: Mon, 1 Mar 2010 12:00:00 +0000\n", 1267444800),
        ("Date: Fri, 1 Mar 2030 12:00:00 +0000\n", 1267534800),
        ("Date: Tue, 1 Jan 1900 00:00:00 +0000\n", 1267534800),
        ("Date: yesterday\n", 1267534800),
        ("Date: yesterday\nReceived: from a by b; Wed, 3 Mar 2010 12:00:00 +0000\n", 1267617600),
        ("", 1267534800),
    ],
)
def test_a_date_that_cannot_be_makes_way_for_the_arrival(head: str, moment: int) -> None:
    """Dates in the far future, before 1970, or that are none: the time of the first line or of receipt counts."""
    raw = f"From a@x.org Tue Mar  2 13:00:00 2010\n{head}Subject: x\n\nHi.\n"

    assert time_of(read_mail(raw.encode()), 0) == moment
