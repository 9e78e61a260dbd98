"""The text of files: each format is read, what cannot be read costs one file, and nothing is read twice."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from indexer.files import reading
from indexer.files.damage import Unbounded
from indexer.files.html_text import html_text
from indexer.files.office import office_text
from indexer.files.process import Limits, read_files
from indexer.files.readers import read_file
from indexer.files.reading import STATUSES, VERSIONS, File, Reading
from indexer.files.texts import DATABASE, Texts
from tests.documents import bomb, docx, odt, pdf, pdf_of, pptx, xlsx, zipped

DOCUMENT = Path(__file__).parent.parent.joinpath("docs", "attachments.md").read_text("utf-8")
SENTENCE = "Onions (first) & then"
CIRCLE = pdf_of(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>")
NESTED = b"<div>" * 60_000  # minutes of work for the sanitiser, whose time grows with the square of the depth
QUICK = Limits(seconds=1.5)


class Deadly(bytes):
    """Bytes that end the process that unpacks them, as a fault in a C library would."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.abort, ()


class Sleepy(bytes):
    """Bytes that keep the process that unpacks them busy."""

    def __reduce__(self) -> tuple[Any, ...]:
        return time.sleep, (60,)


def file(data: bytes, type: str | None = None) -> File:
    return File("other", type, None, data)


def one_by_one(*files: File, limits: Limits = QUICK) -> list[str]:
    found = dict(read_files(((str(n), one) for n, one in enumerate(files)), 1, limits))
    return [found[str(n)].status for n in range(len(files))]


class TestFormats:
    """What a reader gives for a whole file."""

    @pytest.mark.parametrize(
        ("data", "reader", "text"),
        [
            (pdf(SENTENCE), "pdf", SENTENCE),
            (docx(SENTENCE, footnote="Peeled."), "office", f"{SENTENCE}\nPeeled."),
            (xlsx(SENTENCE, 47.11), "office", f"{SENTENCE}\nAccounts\n47.11"),
            (pptx(*(f"slide {n}" for n in range(1, 12))), "office", "\n".join(f"slide {n}" for n in range(1, 12))),
            (odt(SENTENCE), "office", SENTENCE),
            (b"{\\rtf1\\ansi Onions \\b first\\b0\\par}", "rtf", "Onions first"),
            (b"<html><body><p>Onions<script>x()</script></html>", "html", "Onions"),
            (SENTENCE.encode("utf-16"), "plain", SENTENCE),
            (b"Onions \xe9", "plain", "Onions é"),
        ],
    )
    def test_a_files_text_is_read_by_what_its_bytes_are(self, data: bytes, reader: str, text: str) -> None:
        """A type that is wrong, or that says nothing, keeps no text from being read."""
        for stated in ("application/octet-stream", "application/msword"):
            read = read_file(file(data, stated))
            assert (read.status, read.reader, read.text.strip()) == ("read", reader, text)

    def test_a_mail_is_read_with_its_files(self) -> None:
        """Headers and text, and the text of the files in it, behind a form feed each."""
        mail = (
            b"Subject: Soup\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nPeel them.\n--x\n"
            b"Content-Type: text/x-recipe\nContent-Disposition: attachment; filename=soup.txt\n\nTwo onions.\n--x--\n"
        )
        read = read_file(File("message", None, None, mail))

        assert read.text == "Subject: Soup\nAttachment: soup.txt\n\nPeel them.\fTwo onions."

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"\x89PNG\r\n\x1a\n", "no_text"),
            (b"-----BEGIN PGP SIGNATURE-----\nabc\n", "no_text"),
            (zipped({"a": "b"}), "no_text"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "no_reader"),
            (b"  \n", "empty"),
            (pdf(""), "empty"),
            (pdf(SENTENCE)[:60], "damaged"),
            (docx(SENTENCE)[:200], "damaged"),
            (CIRCLE, "damaged"),
            (odt(SENTENCE, locked=True), "locked"),
            (zipped({"word/document.xml": "<w:document><w:p>"}), "damaged"),
            (bomb(120), "too_large"),
        ],
    )  # fmt: skip
    def test_what_has_no_text_says_why(self, data: bytes, status: str) -> None:
        """The status names the reason."""
        assert read_file(file(data)).status == status

    def test_entities_are_not_resolved(self) -> None:
        """A billion laughs, and a file of the machine."""
        laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
        xml = f'<!DOCTYPE d [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]><d><p><t>&l9;&f;</t></p></d>'
        data = zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": xml})

        assert "ha" not in read_file(file(data)).text
        assert "root" not in read_file(file(data)).text

    def test_a_missing_library_is_told_and_read_once_it_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without the extra a PDF has no reader, at version 0, which is read again later."""
        monkeypatch.setattr(reading, "available", lambda: {"plain": 1})

        assert read_file(file(pdf(SENTENCE))) == Reading("no_reader", "application/pdf", "", "pdf", 0)

    def test_unpacking_ends_where_it_is_too_much(self) -> None:
        """A few kilobytes that stand for 120 MB are not unpacked to their end."""
        assert len(bomb(120)) < 1_000_000
        with pytest.raises(Unbounded):
            list(office_text(bomb(120)))

    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("<p>One\n two</p><p>three", "One two\n\nthree\n"),
            ("<div>a</div><div>b</div>", "a\nb\n"),
            ("a<br>b<br><br>c", "a\nb\n\nc\n"),
            ("<pre>x\n  y</pre>", "x\ny\n"),
            ("<table><tr><td>1<td>2<tr><td>3</table>", "1 2\n3\n"),
            ("<blockquote>Why?</blockquote>Because.", "> Why?\n\nBecause.\n"),
            ("<style>p{}</style><title>t</title>&lt;b&gt; &amp;amp;", "<b> &amp;\n"),
            ("<img src=x onerror=1>", ""),
        ],
    )
    def test_html_reads_as_a_mail_would_say_it(self, html: str, text: str) -> None:
        """Paragraphs, lines, cells, quotations; nothing that a browser hides."""
        assert html_text(html) == text


@pytest.mark.parametrize("type", ["application/pdf", "application/rtf", "application/vnd.oasis.opendocument.text"])
def test_bytes_that_are_not_what_their_type_says_are_damaged(type: str) -> None:
    """Random bytes under the type of a document are no picture."""
    assert read_file(file(b"\0\1\2\3" * 50, type)).status == "damaged"


class TestProcesses:
    """A file may cost its process; the others do not notice."""

    def test_a_crash_costs_one_file(self) -> None:
        """A process that dies is replaced."""
        assert one_by_one(file(b"one"), file(Deadly()), file(b"two")) == ["read", "crashed", "read"]

    def test_a_loop_costs_one_file_and_its_time(self) -> None:
        """A process that gives no answer is killed."""
        started = time.monotonic()

        assert one_by_one(file(b"one"), file(Sleepy()), file(b"two")) == ["read", "too_slow", "read"]
        assert time.monotonic() - started < 30

    def test_html_as_deep_as_no_one_writes_it_is_read(self) -> None:
        """It is made shallow first: the sanitiser's time grows with the square of the depth."""
        page = File("html", None, None, NESTED + b"deep")
        started = time.monotonic()

        assert one_by_one(page, file(b"two")) == ["read", "read"]
        assert time.monotonic() - started < 15

    def test_too_much_memory_costs_one_file(self) -> None:
        """Memory is bounded by the system; what wants more is told, and the next file is read."""
        hungry = pdf_of(b"<< /Type /Catalog /Pages 2 0 R >>")
        limits = Limits(seconds=20, memory=400_000_000)
        greedy = File("html", None, None, b"<p>" + b"<b>x</b>" * 4_000_000)
        statuses = one_by_one(greedy, file(hungry), file(b"two"), limits=limits)

        assert statuses[0] in {"too_much_memory", "crashed"}
        assert statuses[2] == "read"

    def test_a_file_that_is_too_large_is_not_read(self) -> None:
        """Its size alone tells."""
        assert one_by_one(file(b"x" * 101), file(b"y" * 100), limits=Limits(size=100)) == ["too_large", "read"]


@pytest.mark.parametrize("name", [*STATUSES, *VERSIONS])
def test_each_status_and_reader_is_explained(name: str) -> None:
    """docs/attachments.md has a word for each."""
    assert f"`{name}`" in DOCUMENT


class TestKeeping:
    """files.sqlite."""

    def test_a_file_that_is_damaged_is_begun_anew(self, tmp_path: Path) -> None:
        """All that is lost is the time to read."""
        (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
        with Texts.open(tmp_path, anew=True) as texts:
            texts.keep([(("a" * 64, "other "), Reading("read", None, "x", "plain", 1))])

            assert texts.fresh() == {("a" * 64, "other ")}

    def test_a_file_of_another_format_is_begun_anew(self, tmp_path: Path) -> None:
        """Nothing of a newer or older Hamelin is believed."""
        with sqlite3.connect(tmp_path / DATABASE) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        with Texts.open(tmp_path, anew=True) as texts:
            assert texts.fresh() == set()

    def test_what_an_older_reader_gave_is_read_again(self, tmp_path: Path) -> None:
        """So is what had no library, and, when asked, what took too long."""
        readings = [
            (("a", ""), Reading("read", None, "x", "plain", 1)),
            (("b", ""), Reading("read", None, "x", "plain", 99)),
            (("c", ""), Reading("no_reader", None, "", "pdf", 0)),
            (("d", ""), Reading("too_slow", None, "", "html", 1)),
        ]
        with Texts.open(tmp_path) as texts:
            texts.keep(readings)

            assert texts.fresh() == {("a", ""), ("d", "")}
            assert texts.fresh(failures=False) == {("a", "")}

    def test_files_that_hold_a_name_are_found(self, tmp_path: Path) -> None:
        """In any case of letters: for redaction, which has to be told."""
        with Texts.open(tmp_path) as texts:
            texts.keep([(("a", ""), Reading("read", None, "Write to Indigo at home", "plain", 1))])

            held = [[sha256 for sha256, _ in texts.holding(some)] for some in (["indigo"], ["violet"], [])]
            assert held == [["a"], [], []]
