"""The demo's archive holds what a real one holds, in little, and is the same each time."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from tests.demo.__main__ import run
from tests.demo.archive import HOST, build
from tests.demo.letters import Post, read
from tests.pipermail import Article


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the demo's lists are written to."""
    return tmp_path_factory.mktemp("lists")


@pytest.fixture(scope="module")
def lists(tree: Path) -> dict[str, list[Article]]:
    """Build the demo's lists."""
    return build(tree)


@pytest.fixture
def articles(lists: dict[str, list[Article]]) -> list[Article]:
    """Give the mails of both lists."""
    return [article for members in lists.values() for article in members]


def roots(articles: list[Article]) -> dict[str, str]:
    """Tell for each Message-ID the first of its thread, also across months."""
    parents = {article.message_id: article.mail.in_reply_to for article in articles}
    found = {}
    for start in parents:
        name = start
        while parents.get(name):
            name = parents[name] or name
        found[start] = name
    return found


class TestArchive:
    """What is in the demo."""

    def test_it_is_two_lists_of_a_hundred_mails_over_a_year_end(self, lists: dict[str, list[Article]]) -> None:
        """Two lists, over a hundred mails, eight months and more, with a year's end among them."""
        keepers = {article.volume for article in lists["keepers"]}

        assert len(lists) == 2
        assert sum(map(len, lists.values())) > 100
        assert len(keepers) >= 8
        assert {"2023-December", "2024-January"} <= keepers
        assert {"2023q4", "2024q1"} <= {article.volume for article in lists["traduction"]}

    def test_threads_are_long_and_cross_the_ends_of_months(self, articles: list[Article]) -> None:
        """Several threads have eight mails and more, and several lie in two volumes."""
        root = roots(articles)
        volumes = {(root[article.message_id], article.volume) for article in articles}

        assert sum(count >= 8 for count in Counter(root.values()).values()) >= 4
        assert sum(count >= 2 for count in Counter(name for name, _ in volumes).values()) >= 3

    def test_it_has_the_oddities_of_a_real_archive(self, articles: list[Article]) -> None:
        """HTML alone, a mail within a mail, a mail sent twice, one without date and id, a parent that nobody has."""
        ids = Counter(article.message_id for article in articles)
        types = Counter(part.type for article in articles for part in article.mail.parts)
        html_alone = [a for a in articles if not a.mail.body and a.mail.parts[0].type == "text/html"]
        asked = {article.mail.in_reply_to for article in articles} - {None}

        assert len(html_alone) == 2
        assert [count for count in ids.values() if count > 1] == [2]
        assert [a.mail.from_name for a in articles if a.mail.date is None] == ["Tower logger"]
        assert asked - set(ids) == {"<20240118.dial@saint-aubin.example.net>"}
        assert {"text/x-patch", "image/png", "application/pdf", "message/rfc822", "text/plain"} <= set(types)

    def test_it_speaks_four_languages(self, articles: list[Article]) -> None:
        """English, French, German and Japanese are written in it."""
        bodies = "\n".join(article.mail.body for article in articles)

        for words in ("The clock stopped", "l'échappement", "Gegengesperr", "脱進機"):
            assert words in bodies or words in "".join(article.mail.subject for article in articles)

    def test_everybody_is_invented(self, articles: list[Article]) -> None:
        """No address is of a domain that somebody could own."""
        hosts = {(article.mail.from_address or "").rpartition("@")[2] for article in articles} | {HOST}

        assert [host for host in hosts if not host.endswith(("example.org", "example.net"))] == []

    def test_it_is_the_same_each_time(self, tree: Path, lists: dict[str, list[Article]], tmp_path: Path) -> None:
        """Built again, every file has the same bytes and the same time."""
        build(tmp_path)
        files = sorted(path.relative_to(tree) for path in tree.rglob("*") if path.is_file())

        assert len(files) > 150
        assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()) == files
        for name in files:
            assert (tmp_path / name).read_bytes() == (tree / name).read_bytes()
            assert (tmp_path / name).stat().st_mtime == (tree / name).stat().st_mtime

    def test_every_attachment_is_saved_and_used(self, lists: dict[str, list[Article]], tree: Path) -> None:
        """Each file of the demo is attached to a letter, and lies in the tree as its notice says."""
        files = Path(__file__).parent.joinpath("demo", "files")
        names = {part.name for members in lists.values() for a in members for part in a.mail.parts}
        texts = "".join(path.read_text("utf-8") for path in files.parent.glob("*.letters"))

        assert {path.name for path in files.iterdir() if path.name not in names} <= {"advent.html", "chapitre1.html"}
        assert all(path.name in texts for path in files.iterdir())
        for name, members in lists.items():
            for file in (file for article in members for file in article.files):
                assert (tree / name / file.path).read_bytes() == file.data


class TestLetters:
    """The form in which the mails are written."""

    def post(self, text: str) -> Post:
        """Make the post of a file of letters without attachments."""
        return Post(read(text), "[Keepers]", "_____\nKeepers\n", lambda name: b"")

    def test_an_answer_takes_subject_and_references(self) -> None:
        """An answer has its parent's subject with one Re:, its id, and the ids before it."""
        text = "\n".join(
            f"== {name}\nFrom: Ann <ann@example.org>\nDate: 2024-01-0{day} 09:00 +0000\n{more}\n\nHello.\n"
            for name, day, more in [("a", 1, "Subject: Oil"), ("b", 2, "Answers: a"), ("c", 3, "Answers: b")]
        )
        mails = self.post(text).mails()

        assert [mail.subject for mail in mails] == ["[Keepers] Oil", "Re: [Keepers] Oil", "Re: [Keepers] Oil"]
        assert mails[2].in_reply_to == "<20240102.b@example.org>"
        assert mails[2].references == ("<20240101.a@example.org>", "<20240102.b@example.org>")

    def test_letters_are_sent_in_the_order_of_their_dates(self) -> None:
        """However they are written down; one without a date goes with the one before it."""
        letters = [("a", "2024-01-05 09:00 +0000"), ("b", "none"), ("c", "2024-01-01 09:00 +0000")]
        text = "\n".join(f"== {n}\nFrom: x@example.org\nDate: {date}\nSubject: {n}\n\n{n}\n" for n, date in letters)

        assert [mail.body for mail in self.post(text).mails()] == ["c\n", "a\n", "b\n"]

    def test_a_full_quote_has_the_footer(self) -> None:
        """Some answer above all that they got, the list's last lines included."""
        head = "From: Ann <ann@example.org>\nDate: 2024-01-01 09:00 +0000\n"
        text = f"== a\n{head}Subject: Oil\n\nWhich?\n\n== b\n{head}Answers: a\nFull-quote: yes\n\nThis.\n"

        assert self.post(text).mails()[1].body.endswith("----- Ann wrote: -----\n> Which?\n> _____\n> Keepers\n")

    def test_a_header_that_there_is_not_is_refused(self) -> None:
        """A misspelt header would be lost silently."""
        with pytest.raises(ValueError, match="letter a: no header is named 'Anwers'"):
            read("== a\nAnwers: b\n\nHello.\n")


class TestRunning:
    """`make demo` as a person meets it."""

    def test_it_runs_through_stays_and_ends_with_ctrl_c(self, tmp_path: Path) -> None:
        """Both lists are crawled whole, the address stays until Ctrl-C, and then nothing is left running."""
        command = [sys.executable, "-m", "tests.demo", "--archive", str(tmp_path / "archive")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout
            said = ""
            while "until you press Ctrl-C" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            url = re.findall(r"http://\S+/pipermail/", said)[-1]
            with urllib.request.urlopen(url + "keepers/") as page:
                assert page.status == 200
            process.send_signal(signal.SIGINT)

        assert process.returncode == 0
        assert "132 messages" in said
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(url + "keepers/")

    def test_it_stops_at_a_command_that_fails(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The first failing command ends the demo with its status; the rest is not tried."""
        status = run([("A slip.", ["nonsense"]), ("Not reached.", ["--version"])])

        said = capsys.readouterr().out
        assert status == 2
        assert "$ hamelin nonsense" in said
        assert "Not reached." not in said
