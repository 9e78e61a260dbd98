"""`hamelin check`: each kind of damage is found, and the command that is said to mend it does."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from warcio.checker import Checker

from crawler.warc import members
from crawler.warc_rewrite import filler, packed
from indexer import cli
from tests.command import SETTINGS, hamelin
from tests.list_server import ListServer
from tests.pipermail import ListForm, Part, write
from tests.pipermail.cases import mail

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


Faults = list[dict[str, str]]


def run(archive: Path, *words: str) -> tuple[int, str]:
    """Run a command, in this process unless it needs Scrapy: its exit code, what it wrote to stdout."""
    arguments = ("--quiet", "--archive", str(archive), *words)
    if words[0] == "update":
        done = hamelin(*arguments)
        return done.code, done.out
    with redirect_stdout(TextIOWrapper(BytesIO(), "utf-8")) as out:
        code = cli.run(list(arguments))
        out.flush()
        return code, out.buffer.getvalue().decode()  # type: ignore[attr-defined]  # it is a BytesIO


def check(archive: Path, *arguments: str) -> tuple[int, Faults, dict[str, object]]:
    """Run the command: its exit code, the faults, what it covered."""
    code, out = run(archive, "check", "--json", *arguments)
    told = json.loads(out)
    assert told["ok"] == (code == 0)
    return code, [finding for finding in told["findings"] if finding["fault"]], told["covered"]


def mend(archive: Path, faults: Faults) -> None:
    """Do what a check advises, line by line."""
    lines = dict.fromkeys(fault["mend"] for fault in faults)
    for command in dict.fromkeys(command for line in lines for command in line.split(" && ")):
        words = command.split()
        assert words[0] == "hamelin"
        assert run(archive, *words[1:])[0] == 0


def contents(archive: Path) -> dict[str, bytes]:
    return {str(p.relative_to(archive)): p.read_bytes() for p in archive.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ListServer, Path]]:
    """A list server and an archive of its list, crawled, indexed and published."""
    base = tmp_path_factory.mktemp("whole")
    part = Part("image/png", PNG, name="lamp.png")
    mails = [
        mail(100 * month + n, datetime(2010, month, n + 1, 12, tzinfo=UTC), parts=(part,) if n == 0 else ())
        for month in (1, 2, 3)
        for n in range(4)
    ]
    write(base / "www" / "pipermail", ListForm("keepers"), mails)
    archive = base / "archive"
    archive.mkdir()
    (archive / "hamelin.toml").write_text(SETTINGS)
    with ListServer(base / "www") as server:
        assert hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/").code == 0
        yield server, archive


@pytest.fixture
def archive(whole: tuple[ListServer, Path], tmp_path: Path) -> Path:
    """A copy of that archive, to be damaged."""
    shutil.copytree(whole[1], tmp_path / "archive")
    return tmp_path / "archive"


def warc(archive: Path) -> Path:
    return next((archive / "warc").glob("*.warc.gz"))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def bit_of_a_record(archive: Path, needle: bytes = b".png") -> None:
    """Flip a bit in the middle of the record of an attachment."""
    with warc(archive).open("rb") as file:
        found = [m for m in members(file) if m.record and b"WARC-Type: response" in m.record and needle in m.record]
    flip(warc(archive), found[0].offset + found[0].size // 2)


def end_of_a_file(archive: Path) -> None:
    data = warc(archive).read_bytes()
    warc(archive).write_bytes(data[: len(data) * 2 // 3])


def a_warc_file(archive: Path) -> None:
    warc(archive).unlink()


def sql(statement: str) -> Callable[[Path], None]:
    def change(archive: Path) -> None:
        with closing(sqlite3.connect(archive / "archive.sqlite", isolation_level=None)) as db:
            db.execute(statement)

    return change


def pages_of_the_database(archive: Path) -> None:
    data = bytearray((archive / "archive.sqlite").read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xaa" * 64
    (archive / "archive.sqlite").write_bytes(data)


def the_database(archive: Path) -> None:
    (archive / "archive.sqlite").unlink()


def bit_of_the_index(archive: Path) -> None:
    path = next((archive / "index").glob("MAIN_*.pst"))
    flip(path, path.stat().st_size // 2)


def a_file_of_the_index(archive: Path) -> None:
    next((archive / "index").glob("MAIN_*.trm")).unlink()


def an_edited_page(archive: Path) -> None:
    page = next((archive / "site" / "keepers" / "threads").glob("*.html"))
    page.write_text(page.read_text("utf-8").replace("</h1>", "!</h1>"), "utf-8")


def an_edited_attachment(archive: Path) -> None:
    next((archive / "site" / "files").glob("*/*")).write_bytes(b"another lamp")


def a_missing_page(archive: Path) -> None:
    (archive / "site" / "keepers" / "2010-March" / "thread.html").unlink()


def a_page_too_many(archive: Path) -> None:
    (archive / "site" / "keepers" / "threads" / f"{'a' * 26}.html").write_text("<p>Not ours.</p>")


def a_bit_of_the_pack(archive: Path) -> None:
    path = max((archive / "site" / "search").glob("*/*.js"), key=lambda p: p.stat().st_size)
    flip(path, path.stat().st_size // 2)


def the_top_of_the_pack(archive: Path) -> None:
    (archive / "site" / "search" / "top.js").write_text("H()")


DAMAGES: list[tuple[Callable[[Path], None], set[str]]] = [
    (bit_of_a_record, {"warc", "database"}),
    (end_of_a_file, {"warc", "database"}),
    (a_warc_file, {"warc"}),
    (sql("UPDATE captures SET offset = offset + 1 WHERE url LIKE '%.png'"), {"database"}),
    (sql("DELETE FROM captures WHERE url LIKE '%March.txt'"), {"database"}),
    (sql("UPDATE captures SET sha256 = 'indigo' WHERE url LIKE '%March.txt'"), {"database"}),
    (sql("DELETE FROM entries WHERE entry = 3"), {"database", "ledger"}),
    (sql("DELETE FROM messages WHERE entry = 3"), {"ledger", "index"}),
    (sql("UPDATE entries SET volume = '2010-June' WHERE entry = 3"), {"database", "ledger"}),
    (sql("UPDATE ledger SET parsed = parsed + 1 WHERE volume = '2010-March'"), {"ledger"}),
    (sql("DELETE FROM ledger WHERE volume = '2010-March'"), {"ledger"}),
    (sql("UPDATE volumes SET dirty = 1 WHERE name = '2010-March'"), {"database"}),
    (sql("UPDATE counters SET value = value + 1 WHERE name = 'revision'"), {"index", "site"}),
    (pages_of_the_database, {"database"}),
    (the_database, {"database"}),
    (bit_of_the_index, {"index"}),
    (a_file_of_the_index, {"index"}),
    (an_edited_page, {"site"}),
    (an_edited_attachment, {"site"}),
    (a_missing_page, {"site"}),
    (a_page_too_many, {"site"}),
    (a_bit_of_the_pack, {"pack"}),
    (the_top_of_the_pack, {"pack"}),
]


class TestCheck:
    """The command as a whole."""

    def test_a_whole_archive_is_well_and_is_left_as_it_was(self, archive: Path) -> None:
        """Nothing is found, nothing is written, and what was covered is said."""
        before = contents(archive)
        code, faults, covered = check(archive, "--deep")

        assert (code, faults, contents(archive)) == (0, [], before)
        assert covered["warc_files"] == 1
        assert covered["site_files"]

    @pytest.mark.parametrize(("damage", "areas"), DAMAGES, ids=lambda v: getattr(v, "__name__", ""))
    def test_damage_is_found_and_its_mend_mends_it(
        self, archive: Path, whole: tuple[ListServer, Path], damage: Callable[[Path], None], areas: set[str]
    ) -> None:
        """The exit code is 1, the area is named, each fault has a command, and those commands make all well."""
        export = run(archive, "export")
        damage(archive)
        code, faults, _ = check(archive)

        assert code == 1
        assert areas <= {fault["area"] for fault in faults}
        mend(archive, faults)
        if after := check(archive)[1]:  # what rests on the database can be behind once that was mended
            mend(archive, after)
        assert check(archive, "--deep")[:2] == (0, [])
        assert run(archive, "export") == export

    def test_what_another_program_put_into_the_site_is_no_fault(self, archive: Path) -> None:
        """A file of the host's is named and left alone."""
        (archive / "site" / "CNAME").write_text("mail.example.org")
        done = hamelin("--archive", str(archive), "check")

        assert done.code == 0
        assert "CNAME" in done.out

    def test_a_folder_that_is_no_archive_is_an_error(self, tmp_path: Path) -> None:
        """There is nothing to check, which is not the same as all being well."""
        done = hamelin("--archive", str(tmp_path), "check")

        assert (done.code, done.out) == (2, "")
        assert "is no archive yet" in done.err

    def test_a_changed_parse_is_found_by_a_deep_check_alone(self, archive: Path) -> None:
        """What is stored of a message is compared with what is read from warc/ only with --deep."""
        sql("UPDATE entries SET body = 'indigo' WHERE entry = 3")(archive)

        assert check(archive)[0] == 0
        code, faults, _ = check(archive, "--deep")
        assert (code, [fault["area"] for fault in faults]) == (1, ["database"])


class TestSettingAside:
    """What `hamelin reparse --write` does with records that cannot be read."""

    def test_a_damaged_record_is_set_aside_and_the_file_is_sound_again(self, archive: Path) -> None:
        """Its bytes are kept beside, the records around it stay where they are, other tools find no fault."""
        size = warc(archive).stat().st_size
        bit_of_a_record(archive)
        damaged = warc(archive).read_bytes()
        done = hamelin("--archive", str(archive), "reparse", "--write")

        [aside] = (archive / "warc" / "damaged").iterdir()
        at = int(aside.suffix[1:])
        assert f"What could not be read is in warc/damaged/{aside.name} now." in done.err
        assert damaged[at:].startswith(aside.read_bytes())
        assert warc(archive).stat().st_size == size
        assert sound(warc(archive))

    def test_all_behind_a_damaged_record_is_read(self, archive: Path) -> None:
        """One flipped bit costs one record, not the rest of the file."""
        with warc(archive).open("rb") as file:
            whole = [member.offset for member in members(file)]
        bit_of_a_record(archive)
        with warc(archive).open("rb") as file:
            read = [member.offset for member in members(file) if member.record]

        assert len(read) == len(whole) - 1
        assert set(read) < set(whole)


def sound(path: Path) -> bool:
    """Ask warcio whether all digests of a file are right."""
    checker = Checker(type("Asked", (), {"inputs": [str(path)], "verbose": False})())
    checker.process_all()
    return checker.exit_value == 0


@pytest.mark.parametrize("size", [0, 40, 170, 400, 70_000])
def test_a_filler_has_the_size_that_is_asked_for(size: int) -> None:
    """Or there is none, where that is too little for any record."""
    made = filler(size, "Nothing.")

    assert made is None if size < 150 else len(made or b"") == size


def test_what_does_not_fit_is_not_packed() -> None:
    """A record is never cut."""
    assert packed(bytes(range(256)), 100) is None
