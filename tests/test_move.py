"""`hamelin move`: a list's host changed; what was fetched stays held, and files are found at the old host, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.config import load
from crawler.moves import Homes
from tests.command import Done, hamelin
from tests.list_server import Fault, ListServer
from tests.pipermail import ListForm, Part, write
from tests.pipermail.cases import mail

SETTINGS = "# Mine.\n[politeness]\ndelay = 0\nbackoff = 0.05\ntimeout = 1.5\n"
Serve = Callable[..., ListServer]


def tree(folder: Path, months: int = 3) -> Path:
    """Write a list with an attachment in each month."""
    part = Part("image/png", b"\x89PNG of the lamp", name="lamp.png")
    mails = [mail(n, datetime(2010, n, 2, 12, tzinfo=UTC), parts=(part,)) for n in range(1, months + 1)]
    write(folder / "pipermail", ListForm("keepers"), mails)
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive's folder with settings fit for tests."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "hamelin.toml").write_text(SETTINGS)
    return folder


def run(archive: Path, *words: str) -> Done:
    return hamelin("--archive", str(archive), *words)


def exported(archive: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(archive, "export").out.splitlines()]


def address(server: ListServer) -> str:
    return f"{server.url}pipermail/keepers/"


class TestMove:
    """The command, and the crawls after it."""

    def test_settled_volumes_are_not_asked_for_again(self, tmp_path: Path, archive: Path, list_server: Serve) -> None:
        """The new host is asked for what can have changed; ids, threads and attachments stay as they are."""
        old = list_server(tree(tmp_path / "old"))
        new = list_server(tree(tmp_path / "new"), host="127.0.0.2")
        assert run(archive, "update", address(old)).code == 0
        before = exported(archive)
        old.close()
        done = run(archive, "move", "keepers", address(new))
        after = exported(archive)

        assert (done.code, done.out) == (0, "")
        assert [r | {"list_url": ""} for r in after] == [r | {"list_url": ""} for r in before]
        assert {r["list_url"] for r in after} == {address(new)}
        assert run(archive, "update").code == 0
        assert {path for path in new.paths if "2010" in path} == {
            "/pipermail/keepers/2010-March.txt", "/pipermail/keepers/2010-March/thread.html",
        }  # fmt: skip
        assert exported(archive) == after
        assert run(archive, "check", "--deep").code == 0

    def test_settings_keep_what_a_person_wrote(self, tmp_path: Path, archive: Path, list_server: Serve) -> None:
        """Its table gets the new address, the old one below it; a second move adds another."""
        old = list_server(tree(tmp_path / "old"))
        run(archive, "crawl", address(old))
        text = (archive / "hamelin.toml").read_text() + "# Below.\n"
        (archive / "hamelin.toml").write_text(text)
        run(archive, "move", "keepers", "http://b.example.org/keepers")
        run(archive, "move", "keepers", "http://c.example.org/keepers/")

        changed = (archive / "hamelin.toml").read_text()
        [known] = load(archive).lists
        assert (known.url, known.former) == (
            "http://c.example.org/keepers/", ("http://b.example.org/keepers/", address(old)),
        )  # fmt: skip
        assert changed.startswith(SETTINGS)
        assert "# Below." in changed
        assert load(archive).known(address(old)) == known

    def test_a_former_address_can_be_written_by_hand(self, tmp_path: Path, archive: Path, list_server: Serve) -> None:
        """The next run puts what is held under the address of today, and asks for what can have changed."""
        old = list_server(tree(tmp_path / "old"))
        new = list_server(tree(tmp_path / "new"), host="127.0.0.2")
        run(archive, "crawl", address(old))
        before = exported(archive)
        old.close()
        text = (archive / "hamelin.toml").read_text()
        line = f'url = "{address(old)}"'
        (archive / "hamelin.toml").write_text(
            text.replace(line, f'url = "{address(new)}"\nformer = ["{address(old)}"]')
        )
        assert run(archive, "crawl").code == 0

        assert len([path for path in new.paths if "2010" in path]) == 2
        assert [r["id"] for r in exported(archive)] == [r["id"] for r in before]

    def test_the_database_can_be_made_again(self, tmp_path: Path, archive: Path, list_server: Serve) -> None:
        """warc/ has the old addresses, hamelin.toml tells whose they are."""
        old = list_server(tree(tmp_path / "old"))
        run(archive, "crawl", address(old))
        run(archive, "move", "keepers", "http://b.example.org/keepers/")
        before = exported(archive)
        (archive / "archive.sqlite").unlink()
        assert run(archive, "reparse", "--write").code == 0

        assert exported(archive) == before
        assert [r["attachments"][0]["status"] for r in before] == ["stored"] * 3  # type: ignore[index]

    def test_attachments_are_looked_for_at_the_old_host(
        self, tmp_path: Path, archive: Path, list_server: Serve
    ) -> None:
        """When the new one has not got them; once, and not for what it has."""
        old = list_server(tree(tmp_path / "old", months=4))
        new = list_server(
            tree(tmp_path / "new", months=4), host="127.0.0.2", faults=[Fault("attachments/201004", "404")]
        )
        (archive / "hamelin.toml").write_text(
            SETTINGS + f'[[lists]]\nname = "keepers"\nurl = "{address(new)}"\nformer = ["{address(old)}"]\n'
        )
        done = run(archive, "update")
        assert done.code == 0, done.err
        asked = [path for path in old.paths if "attachments" in path]

        assert [r["attachments"][0]["status"] for r in exported(archive)] == ["stored"] * 4  # type: ignore[index]
        assert [path.split("/")[4] for path in asked] == ["20100402"]
        assert run(archive, "check", "--deep").code == 0
        old.forget()
        run(archive, "update", "--recheck")
        assert [path for path in old.paths if "attachments" in path] == []

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("cooks", "http://b.example.org/keepers/"), "There is no list 'cooks'. There are: keepers."),
            (("keepers", "OLD"), "is the address of keepers already"),
            (("keepers", "ftp://b.example.org/"), "is no address on the web"),
        ],
    )
    def test_what_cannot_be_is_said(
        self, tmp_path: Path, archive: Path, list_server: Serve, words: tuple[str, str], said: str
    ) -> None:
        """And changes nothing."""
        old = list_server(tree(tmp_path / "old"))
        run(archive, "crawl", address(old))
        before = (archive / "hamelin.toml").read_text()
        done = run(archive, "move", words[0], words[1].replace("OLD", address(old)))

        assert (done.code, said in done.err, (archive / "hamelin.toml").read_text()) == (2, True, before)

    def test_a_table_that_cannot_be_changed_is_left_to_its_owner(self, archive: Path, tmp_path: Path) -> None:
        """What to write is said."""
        text = 'lists = [{ name = "keepers", url = "http://a.example.org/keepers/" }]\n' + SETTINGS
        (archive / "hamelin.toml").write_text(text)
        from crawler.store import Store

        Store.open(archive).close()
        done = run(archive, "move", "keepers", "http://b.example.org/keepers/")

        assert (done.code, (archive / "hamelin.toml").read_text()) == (2, text)
        assert 'former = ["http://a.example.org/keepers/"]' in done.err


def test_an_address_below_no_former_one_stays() -> None:
    """Nor does one that only begins so."""
    assert Homes([]).home("http://a/b/") == "http://a/b/"
