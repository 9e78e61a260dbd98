"""`hamelin remove`: what was taken out is nowhere and stays out; what was purged is in no record either."""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from crawler.message import key
from crawler.warc import members, scan
from indexer import cli
from indexer.pack.read import texts
from tests.command import SETTINGS, hamelin
from tests.list_server import ListServer
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import ANSWER, QUESTION, mail, on
from tests.pipermail.forms import V2_1_5, V2_1_10
from tests.test_check import sound

# Words that only the mail that goes has; a reply has its subject, and its Message-ID, which are the reply's own.
NEEDLES = [b"Zanzibar", b"Quagga", b"zora@secret.example.com", b"Zora Quartz", b"xylophone.png", b"XYLOPHONE BYTES"]
PNG = b"\x89PNG\r\n\x1a\n XYLOPHONE BYTES " + bytes(range(256)) * 4
SECRET = mail(
    7, on(3), subject="[Keepers] Quagga", body="Meet me in Zanzibar at noon, and tell nobody of the lamp.",
    from_address="zora@secret.example.com", from_name="Zora Quartz",
    parts=(Part("image/png", PNG, name="xylophone.png"),),
)  # fmt: skip
REPLY = mail(8, on(4), subject="Re: Something", body="I will.", in_reply_to="<7@mail.example.org>")
OTHERS = [
    QUESTION,
    ANSWER,
    REPLY,
    mail(9, on(5), body="The lamp is well.", parts=(Part("image/png", b"\x89PNG other"),)),
]
ID = key("keepers", "<7@mail.example.org>")


def run(archive: Path, *words: str) -> tuple[int, str]:
    """Run a command, in this process unless it needs Scrapy: its exit code, what it wrote to stdout."""
    arguments = ("--quiet", "--archive", str(archive), *words)
    if words[0] in ("update", "crawl"):
        done = hamelin(*arguments)
        return done.code, done.out
    with redirect_stdout(TextIOWrapper(BytesIO(), "utf-8")) as out:
        code = cli.run(list(arguments))
        out.flush()
        return code, out.buffer.getvalue().decode()  # type: ignore[attr-defined]  # it is a BytesIO


def mails() -> list[Mail]:
    return sorted([SECRET, *OTHERS], key=lambda one: one.date)


@dataclass(frozen=True)
class Whole:
    """A list's tree, its archive with all pages, indexed and published, and the port that it was served at."""

    form: ListForm
    tree: Path
    archive: Path
    port: int

    def update(self, archive: Path, tree: Path, *words: str) -> int:
        """Serve a tree where the list was served, and update an archive; give the exit code."""
        with ListServer(tree, port=self.port) as server:
            return run(archive, "update", *words, f"{server.url}pipermail/keepers/")[0]


FORMS = {
    "today": ListForm("keepers", texts="gzip"),
    "ids-in-keys": ListForm("keepers", generation=V2_1_10, texts="plain"),
    "no-own-id-in-pages": ListForm("keepers", generation=V2_1_5, texts="plain"),
}


@pytest.fixture(scope="module", params=FORMS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """An archive of each form."""
    base, form = tmp_path_factory.mktemp(request.param), FORMS[request.param]
    write(base / "www" / "pipermail", form, mails())
    (base / "archive").mkdir()
    (base / "archive" / "hamelin.toml").write_text(SETTINGS)
    with ListServer(base / "www") as server:
        whole = Whole(form, base / "www", base / "archive", server.port)
    assert whole.update(whole.archive, whole.tree, "--pages", "all") == 0
    return whole


@pytest.fixture
def archive(whole: Whole, tmp_path: Path) -> Path:
    """A copy of that archive."""
    shutil.copytree(whole.archive, tmp_path / "archive")
    return tmp_path / "archive"


def unpacked(data: bytes) -> Iterator[bytes]:
    """Give bytes as they are, and what they hold packed."""
    yield data
    with suppress(OSError, EOFError, zlib.error):
        yield gzip.decompress(data)


def derived(archive: Path) -> bytes:
    """Give all that is derived, but for the database: export, index, site, and the texts of the search pack."""
    files = [p for name in ("index", "site") for p in (archive / name).rglob("*") if p.is_file()]
    pack = "\n".join(text for _, text in texts(archive / "site"))
    return b"\n".join([run(archive, "export")[1].encode(), pack.encode(), *(p.read_bytes() for p in files)])


def recorded(archive: Path) -> bytes:
    """Give all that warc/ and the database hold, each record and each packed text unpacked."""
    found = [path.read_bytes() for path in archive.glob("archive.sqlite*")]
    for path in (archive / "warc").glob("*.warc.gz"):
        with path.open("rb") as file:
            for member in members(file):
                record = member.record or b""
                found += [record, *unpacked(record.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[2].rstrip())]
    return b"\n".join(found)


def needles(data: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in data]


def ids(archive: Path) -> set[str]:
    return {json.loads(line)["id"] for line in run(archive, "export")[1].splitlines()}


def others() -> set[str]:
    return {key("keepers", one.message_id or "") for one in OTHERS}


class TestRemove:
    """What is taken out and not purged."""

    def test_it_is_nowhere_in_what_is_derived(self, archive: Path) -> None:
        """Index, pack, site, feeds, attachments, export and search are without it; all else is there."""
        assert needles(derived(archive))
        assert run(archive, "search", "Zanzibar")[0] == 0
        code, out = run(archive, "remove", ID, "--reason", "asked by its sender")

        assert (code, out.split()[:2]) == (0, ["removed:", ID])
        assert needles(derived(archive)) == []
        assert ids(archive) == others()
        assert run(archive, "search", "Zanzibar")[0] == 1
        assert run(archive, "search", "lamp")[0] == 0
        assert run(archive, "check", "--deep")[0] == 0

    @pytest.mark.parametrize(
        "name", ["<7@mail.example.org>", ID[:9], "keepers/2010-March/000002.html"], ids=["message-id", "start", "page"]
    )
    def test_it_is_named_in_any_way(self, archive: Path, name: str) -> None:
        """By its Message-ID, the beginning of its id, its page in the old archive."""
        assert run(archive, "remove", name)[0] == 0
        assert ids(archive) == others()

    def test_its_old_addresses_say_that_it_was_removed(self, archive: Path) -> None:
        """The map for servers and that for 404.html lead to a page that says so, as does its thread's address."""
        run(archive, "remove", ID)

        site = archive / "site"
        assert "/keepers/2010-March/000002.html /removed.html ;" in (site / "redirects.map").read_text()
        assert '"2":""' in (site / "keepers" / "2010-March" / "old.js").read_text()
        assert "taken out" in (site / "removed.html").read_text()
        assert '":""' in next((site / "keepers" / "attachments").glob("old-*.js")).read_text()

    def test_it_does_not_come_back(self, archive: Path) -> None:
        """Not with a reparse, a database that was deleted, an index and a site made from nothing."""
        run(archive, "remove", ID)
        for words in (["reparse", "--write"], ["index", "--full"], ["site", "--full"]):
            assert run(archive, *words)[0] == 0
        for path in archive.glob("archive.sqlite*"):
            path.unlink()
        run(archive, "reparse", "--write")
        run(archive, "index")
        run(archive, "site")

        assert needles(derived(archive)) == []
        assert ids(archive) == others()

    def test_undo_brings_it_back(self, archive: Path) -> None:
        """All is as it was, as long as it was not purged."""
        before = run(archive, "export")[1]
        run(archive, "remove", ID)
        assert run(archive, "remove", ID, "--undo")[0] == 0

        assert run(archive, "export")[1] == before
        assert run(archive, "search", "Zanzibar")[0] == 0
        assert run(archive, "check", "--deep")[0] == 0

    def test_the_ledger_says_how_many_are_out(self, archive: Path) -> None:
        """It is neither lost nor merged."""
        run(archive, "remove", ID)
        [account] = json.loads(run(archive, "status", "--json")[1])["ledger"]

        assert (account["parsed"], account["merged"], account["lost"], account["notes"]) == (5, 0, 0, {"removed": 1})

    def test_a_line_that_a_person_wrote_is_heeded_by_the_next_step(self, archive: Path) -> None:
        """Export at once, index and site when they are next made."""
        (archive / "removals.jsonl").write_text(json.dumps({"id": ID}))
        assert ids(archive) == others()
        run(archive, "index")
        run(archive, "site")

        assert needles(derived(archive)) == []

    def test_a_line_that_nobody_can_read_stops_every_step(self, archive: Path) -> None:
        """What somebody took out must not come back by a slip of the pen."""
        (archive / "removals.jsonl").write_text("{id}\n")

        assert [run(archive, step)[0] for step in ("export", "index", "site", "status")] == [2, 2, 2, 2]

    def test_all_that_an_address_wrote_needs_a_yes(self, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Nobody is there to answer: what would go is listed, and nothing goes without --yes."""
        assert run(archive, "remove", "--from", "Zora@secret.example.com")[0] == 2
        assert "Quagga" in capsys.readouterr().err
        assert ID in ids(archive)
        assert run(archive, "remove", "--from", "Zora@secret.example.com", "--yes")[0] == 0
        assert ids(archive) == others()

    def test_what_was_taken_out_is_listed(self, archive: Path) -> None:
        """With its date and its reason."""
        run(archive, "remove", ID, "--reason", "asked by its sender")

        assert "removed  asked by its sender" in run(archive, "remove")[1]

    def test_nothing_is_taken_out_by_a_name_that_nothing_has(self, archive: Path) -> None:
        """The exit code is 2, and no file comes to be."""
        assert run(archive, "remove", "<nobody@example.org>")[0] == 2
        assert not (archive / "removals.jsonl").exists()

    def test_one_of_two_texts_of_a_message_id_goes(self, tmp_path: Path) -> None:
        """Where another mail has the same Message-ID, that one stays: by its text, not by the id alone."""
        twin = mail(7, on(6), subject="[Keepers] Again", body="Another mail, whose sender's program counts badly.")
        write(tmp_path / "www" / "pipermail", FORMS["today"], [*mails(), twin])
        archive = tmp_path / "archive"
        archive.mkdir()
        (archive / "hamelin.toml").write_text(SETTINGS)
        with ListServer(tmp_path / "www") as server:
            run(archive, "update", "--pages", "all", f"{server.url}pipermail/keepers/")
            everything = ids(archive)
            [id] = [
                r["id"] for r in map(json.loads, run(archive, "export")[1].splitlines()) if "Quagga" in r["subject"]
            ]
            assert run(archive, "remove", id, "--purge", "--yes")[0] == 0
            assert run(archive, "update", "--recheck", "--pages", "all")[0] == 0

        assert needles(recorded(archive)) == []
        assert b"counts badly" in recorded(archive)
        assert len(ids(archive)) == len(everything) - 1


class TestPurge:
    """What is taken out of warc/, too."""

    def test_it_is_in_no_record(self, archive: Path) -> None:
        """Text, page, index, neighbours' links, attachment and database are without it; every digest is right."""
        assert needles(recorded(archive)) == NEEDLES
        assert run(archive, "remove", ID, "--purge", "--yes")[0] == 0

        assert needles(recorded(archive)) == []
        assert needles(derived(archive)) == []
        assert needles((archive / "removals.jsonl").read_bytes()) == []
        assert all(sound(path) for path in (archive / "warc").glob("*.warc.gz"))
        assert ids(archive) == others()
        assert run(archive, "check", "--deep")[0] == 0

    def test_the_ledger_adds_up_without_it(self, archive: Path) -> None:
        """Index and text claim one less, and the account says why."""
        run(archive, "remove", ID, "--purge", "--yes")
        [account] = json.loads(run(archive, "status", "--json")[1])["ledger"]

        assert (account["indexed"], account["entries"], account["lost"]) == (4, 4, 0)
        assert account["notes"] == {"purged": 1}

    def test_it_is_kept_out_of_later_crawls(self, whole: Whole, archive: Path, tmp_path: Path) -> None:
        """A server that sends it again, with new mail, all pages asked for: nothing is kept of it."""
        run(archive, "remove", ID, "--purge", "--yes")
        tree = tmp_path / "www"
        write(tree / "pipermail", whole.form, [*mails(), mail(20, on(20))])
        assert whole.update(archive, tree, "--recheck", "--pages", "all") == 0

        assert needles(recorded(archive)) == []
        assert ids(archive) == {*others(), key("keepers", "<20@mail.example.org>")}
        assert run(archive, "check", "--deep")[0] == 0

    def test_it_is_kept_out_of_a_crawl_from_nothing(self, whole: Whole, archive: Path) -> None:
        """removals.jsonl alone is enough to know it again."""
        run(archive, "remove", ID, "--purge", "--yes")
        fresh = archive.with_name("fresh")
        fresh.mkdir()
        for name in ("hamelin.toml", "removals.jsonl"):
            shutil.copy(archive / name, fresh / name)
        assert whole.update(fresh, whole.tree, "--pages", "all") == 0

        assert needles(recorded(fresh)) == []
        assert needles(derived(fresh)) == []
        assert ids(fresh) == others()

    def test_it_does_not_come_back_from_what_is_kept(self, archive: Path) -> None:
        """A database made again from warc/ is that of before."""
        run(archive, "remove", ID, "--purge", "--yes")
        before = run(archive, "export")[1]
        for path in archive.glob("archive.sqlite*"):
            path.unlink()
        run(archive, "reparse", "--write")

        assert run(archive, "export")[1] == before
        assert run(archive, "check")[0] == 1  # the index is behind a database that is new
        run(archive, "index")
        run(archive, "site")
        assert run(archive, "check", "--deep")[0] == 0

    def test_what_was_removed_can_be_purged_and_purged_again(self, archive: Path) -> None:
        """A second step after the first; a third changes nothing."""
        run(archive, "remove", ID)
        assert run(archive, "remove", ID, "--purge", "--yes")[0] == 0
        before = {path: path.read_bytes() for path in (archive / "warc").iterdir()}
        assert run(archive, "remove", ID, "--purge", "--yes")[0] == 0

        assert needles(recorded(archive)) == []
        assert {path: path.read_bytes() for path in (archive / "warc").iterdir()} == before

    def test_it_cannot_be_undone(self, archive: Path) -> None:
        """Nothing of it is held."""
        run(archive, "remove", ID, "--purge", "--yes")

        assert run(archive, "remove", ID, "--undo")[0] == 2

    def test_it_needs_a_yes(self, archive: Path) -> None:
        """Nobody is there to answer."""
        assert run(archive, "remove", ID, "--purge")[0] == 2
        assert needles(recorded(archive)) == NEEDLES

    def test_all_else_is_as_it_was(self, archive: Path) -> None:
        """Other mails, their pages and their attachments are the same to the byte."""
        before = {c.url: c.sha256 for c in scan(archive) if c.good}
        export = [json.loads(line) for line in run(archive, "export")[1].splitlines()]
        run(archive, "remove", ID, "--purge", "--yes")
        after = {c.url: c.sha256 for c in scan(archive) if c.good}

        touched = {url.rpartition("/")[2] for url in before if before[url] != after.get(url)}
        neighbours, file = {"000003.html", "000004.html"}, {name for name in touched if name.endswith(".png")}
        text = {name for name in touched if name.startswith("2010-March.txt")}
        assert touched == {"000002.html", "thread.html", *neighbours, *file, *text}
        assert (len(file), len(text)) == (1, 1)
        assert [json.loads(line) for line in run(archive, "export")[1].splitlines()] == [
            record for record in export if record["id"] != ID
        ]
