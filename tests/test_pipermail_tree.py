"""The writer's tree: volumes, their indexes and downloads, and what changes when a list grows."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from tests.pipermail import ListForm, Part, write
from tests.pipermail.cases import ANSWER, PNG, QUESTION, mail, on, read, written


class TestVolumes:
    """Volumes, their names, texts and indexes."""

    @pytest.mark.parametrize(
        ("frequency", "name", "label"),
        [
            ("yearly", "2010", "2010:"),
            ("quarterly", "2010q1", "First quarter 2010:"),
            ("monthly", "2010-March", "March 2010:"),
            ("weekly", "Week-of-Mon-20100301", "The Week Of Monday 1 March 2010:"),
            ("daily", "20100302", "2 March 2010:"),
        ],
    )
    def test_a_volume_is_named_by_its_frequency(self, tmp_path: Path, frequency: str, name: str, label: str) -> None:
        """Folder, text and label follow from how often a new volume begins."""
        folder = written(tmp_path, ANSWER, frequency=frequency)

        assert (folder / name / "000000.html").exists()
        assert (folder / f"{name}.txt").exists()
        assert f"<td>{label}</td>" in read(folder / "index.html")

    def test_a_mail_lies_in_the_volume_of_the_servers_clock(self, tmp_path: Path) -> None:
        """The last hours of a month by UTC are the next month further east."""
        folder = written(tmp_path, mail(1, on(31, 23)), zone=timezone(timedelta(hours=9), "JST"))

        assert (folder / "2010-April/000000.html").exists()

    @pytest.mark.parametrize(
        ("texts", "names"),
        [
            ("nightly", {"2010-March.txt", "2010-March.txt.gz", "2010-April.txt"}),
            ("plain", {"2010-March.txt", "2010-April.txt"}),
            ("gzip", {"2010-March.txt.gz", "2010-April.txt.gz"}),
            ("none", set()),
        ],
    )
    def test_texts_are_plain_packed_or_absent(self, tmp_path: Path, texts: str, names: set[str]) -> None:
        """Which texts there are follows from the server's habit, and the index names them."""
        folder = written(tmp_path, QUESTION, mail(2, on(1, month=4)), texts=texts)

        assert names == {file.name for file in folder.glob("*.txt*")}
        linked = set(re.findall(r'href="([^"/]*\.txt[^"]*)"', read(folder / "index.html")))
        assert linked <= names
        assert len(linked) == (2 if names else 0)

    def test_a_packed_text_is_the_text(self, tmp_path: Path) -> None:
        """The gzip holds the same bytes."""
        folder = written(tmp_path, QUESTION, mail(2, on(1, month=4)))

        packed = (folder / "2010-March.txt.gz").read_bytes()
        assert (folder / "2010-March.txt").read_bytes() == gzip.decompress(packed)

    def test_volumes_stand_newest_first(self, tmp_path: Path) -> None:
        """The list's index runs backwards through the calendar, not the alphabet."""
        mails = [mail(month, on(1, month=month)) for month in (3, 4, 12)] + [mail(9, on(1, month=1, year=2011))]
        rows = re.findall(r'href="([^"/]*)/thread', read(written(tmp_path, *mails) / "index.html"))

        assert rows == ["2011-January", "2010-December", "2010-April", "2010-March"]

    def test_deep_answers_are_shown_at_depth_three(self, tmp_path: Path) -> None:
        """The comment's first number stops at three, the key goes on."""
        mails = [QUESTION] + [
            mail(n, on(n), in_reply_to=f"<{n - 1}@mail.example.org>", subject=f"Re: {n}") for n in range(2, 7)
        ]
        comments = re.findall(r"<!--(\d) (\S+) -->", read(written(tmp_path, *mails) / "2010-March/thread.html"))

        assert [depth for depth, _ in comments] == ["0", "1", "2", "3", "3", "3"]
        assert [key.count("-") for _, key in comments] == [1, 2, 3, 4, 5, 6]

    def test_a_thread_is_cut_at_the_months_end(self, tmp_path: Path) -> None:
        """A parent in another volume is not known."""
        answer = mail(2, on(1, month=4), in_reply_to="<1@mail.example.org>", subject="Re: other")
        articles = write(tmp_path, ListForm("keepers"), [QUESTION, answer])

        assert [article.parent for article in articles] == [None, None]

    def test_without_ids_the_subject_makes_the_parent(self, tmp_path: Path) -> None:
        """Pipermail's false parents: the oldest mail of the same subject."""
        articles = write(tmp_path, ListForm("keepers"), [QUESTION, replace(ANSWER, in_reply_to=None)])

        assert [article.parent for article in articles] == [None, 0]

    def test_a_copy_is_linked_as_the_first_of_its_id(self, tmp_path: Path) -> None:
        """Indexes link the first page for each copy; the copy's own page exists and is linked from nowhere."""
        folder = written(tmp_path, QUESTION, replace(QUESTION, body="Other words.\n"), ANSWER)

        assert (folder / "2010-March/000001.html").exists()
        for order, times in [("date", 2), ("thread", 1)]:
            index = read(folder / f"2010-March/{order}.html")
            assert times == index.count('HREF="000000.html"')
            assert "000001.html" not in index

    @pytest.mark.parametrize(
        ("language", "charset", "at", "when"),
        [
            ("en", "us-ascii", " at ", "Tue Mar  2 12:00:00 UTC 2010"),
            ("fr", "iso-8859-1", " at ", "Mar  2 Mar  12:00:00 UTC 2010"),
            ("de", "iso-8859-1", " at ", "Di Mär  2 12:00:00 UTC 2010"),
            ("ja", "euc-jp", " ＠ ", "2010年 3月  2日 (火) 12:00:00 UTC"),
        ],
    )
    def test_a_list_speaks_its_language(self, tmp_path: Path, language: str, charset: str, at: str, when: str) -> None:
        """Times, the sign for @ and the charset are those of the list's language."""
        page = read(written(tmp_path, ANSWER, language=language) / "2010-March/000000.html", charset)

        assert f"<I>{when}</I>" in page
        assert f"bob{at}example.net" in page
        assert f"charset={charset}" in page


class TestWriting:
    """The tree as a whole."""

    def test_the_same_mails_make_the_same_tree(self, tmp_path: Path) -> None:
        """Bytes and times of every file are the same, wherever and whenever it is written."""
        trees = []
        for name in ("one", "two"):
            folder = written(tmp_path / name, QUESTION, ANSWER)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            trees.append([(str(f.relative_to(folder)), f.read_bytes(), f.stat().st_mtime) for f in files])

        assert trees[0] == trees[1]
        assert len(trees[0]) > 7

    def test_growing_touches_what_changes(self, tmp_path: Path) -> None:
        """A mail in a new month changes the list's index and nothing of the old month, which gets its gzip."""
        folder = written(tmp_path, QUESTION, ANSWER)
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
        written(tmp_path, QUESTION, ANSWER, mail(3, on(5, month=4)))
        changed = {str(path.relative_to(folder)) for path, when in before.items() if path.stat().st_mtime_ns != when}

        assert {"index.html"} == changed
        assert (folder / "2010-March.txt.gz").exists()

    def test_a_late_mail_makes_its_old_volume_newer(self, tmp_path: Path) -> None:
        """A mail of March that comes in April changes the pages of March and their time."""
        first = [QUESTION, mail(3, on(5, month=4))]
        folder = written(tmp_path, *first)
        before = (folder / "2010-March.txt").stat().st_mtime
        written(tmp_path, *first, ANSWER)

        assert (folder / "2010-March.txt").stat().st_mtime > before
        assert sorted(path.name for path in folder.glob("2010-March/0*")) == ["000000.html", "000002.html"]

    def test_an_article_tells_where_its_mail_lies(self, tmp_path: Path) -> None:
        """What `write` gives back names the page, the volume, the epoch and the files."""
        sent = replace(ANSWER, parts=(Part("image/png", PNG, name="a.png"),))
        article = write(tmp_path, ListForm("keepers", since=722), [sent])[0]

        assert (article.page, article.volume, article.epoch) == ("2010-March/000722.html", "2010-March", 1267531200)
        assert [(tmp_path / "keepers" / file.path).read_bytes() for file in article.files] == [PNG]
        assert article.files[0].url.startswith("http://lists.example.org/pipermail/keepers/attachments/20100302/")

    def test_an_empty_list_has_an_index_that_says_so(self, tmp_path: Path) -> None:
        """A list without mail has an index page and nothing else."""
        folder = written(tmp_path)

        assert "Currently, there are no archives." in read(folder / "index.html")
        assert [path.name for path in folder.iterdir()] == ["index.html"]
