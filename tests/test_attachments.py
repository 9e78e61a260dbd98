"""Attachments from a list server to answers: what stands only in a file is found, in every kind of file."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.store import Store
from indexer.files.texts import DATABASE
from indexer.query.parse import parse
from indexer.refresh import refresh
from indexer.search import open_index, search
from tests.command import hamelin
from tests.documents import docx, pdf
from tests.list_server import ListServer
from tests.pipermail import ListForm, Mail, Part, write
from tests.stored import archive as stored
from tests.stored import file_with_text, letter

START = datetime(2010, 3, 1, 12, tzinfo=UTC)
INNER = Mail("<inner@example.org>", START, "bo@example.org", "Bo", "Recipe", "The plums stay whole.\n")
PAGE = (
    "<p>Quinces need an hour.</p><blockquote><p>How long for medlars?</p></blockquote>"
    "<p>Write to carol@example.net.</p>"
)
VERSION = "<html><body><p>See below.</p><p>The currants of the <b>southern</b> slope.</p></body></html>"
EVIL = '<script>alert(1)</script><img src="http://evil.example/x.png" onerror="alert(2)">'
HOSTILE = Mail("<hostile@example.org>", START, "eve@example.com", EVIL, EVIL, f"{EVIL}\nMirabelles.\n")
SAME = "<html><body><p>See</p><p>below.</p></body></html>"
BLOB = "application/octet-stream"
PARTS = {
    "version": Part("text/html", VERSION),
    "inner": Part("message/rfc822", INNER),
    "report": Part(BLOB, pdf("Gooseberries ripen late."), name="report.pdf"),
    "letter": Part(BLOB, docx("Write to dora@example.com of the elderflowers."), name="C:\\docs\\letter.docx"),
    "hostile": Part("message/rfc822", HOSTILE),
    "same": Part("text/html", SAME),
    "evil": Part("text/html", f"<p onclick='x()'>Damsons and sloes, bullaces, greengages, cherries.</p>{EVIL}"),
    "broken": Part("application/pdf", b"%PDF-1.4 nothing more", name="broken.pdf"),
}


def mails() -> list[Mail]:
    """A mail that is HTML alone, and one with each of the parts."""
    alone = Mail("<alone@example.org>", START, "ann@example.org", "Ann", "alone", parts=(Part("text/html", PAGE),))
    others = [
        Mail(
            f"<{name}@example.org>", START + timedelta(hours=n), "ann@example.org", "Ann", name, "See below.\n", (part,)
        )
        for n, (name, part) in enumerate(PARTS.items(), 1)
    ]
    return [alone, *others]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawl and index such a list."""
    root = tmp_path_factory.mktemp("attachments")
    write(root / "www" / "pipermail", ListForm("keepers"), mails())
    with ListServer(root / "www") as server:
        url = f"{server.url}pipermail/keepers/"
        done = hamelin("--archive", str(root / "archive"), "update", "--delay", "0", url)
    assert done.code == 0, done.err
    assert "Files: 9 attachments, 9 read now; texts: 8 can be searched, 1 damaged.\n" in done.err
    return root / "archive"


def found(archive: Path, query: str) -> list[tuple[str, str]]:
    """Give subject and snippet of each hit."""
    done = hamelin("--archive", str(archive), "search", query, "--format", "json")
    return [(hit["subject"], hit["snippet"]) for hit in json.loads(done.out)["hits"]] if done.out else []


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ('"currants of the southern"', "version"),
        ("plums", "inner"),
        ("gooseberries", "report"),
        ("elderflowers", "letter"),
        ("text-in-file:elderflowers", "letter"),
        ('text-in-file:"plums stay whole"', "inner"),
        ("text-in-file:recipe", "inner"),
        ("file:letter.docx", "letter"),
        ("file:docs", ""),
        ("type:pdf file:report*", "report"),
        ("type:docx", "letter"),
        ("said:gooseberries", ""),
        ("text-in-file:d…@example.com", "letter"),
        ("text-in-file:dora", ""),
        ("mirabelles", "hostile"),
    ],
)
def test_words_that_stand_in_a_file_alone_are_found(archive: Path, query: str, subject: str) -> None:
    """By plain words and by their field; by names without their path; by types that only the bytes tell."""
    assert [title for title, _ in found(archive, query)] == ([subject] if subject else [])


@pytest.mark.parametrize(
    ("query", "finds"), [("said:quinces", True), ("quoted:medlars", True), ("said:medlars", False)]
)
def test_a_mail_of_html_alone_is_found_like_any_other(archive: Path, query: str, finds: bool) -> None:
    """Its text is new text, what it quotes is quoted, and its snippet shows it."""
    snippet = "Quinces need an hour. Write to c…@example.net."

    assert [title for title, _ in found(archive, query)] == ["alone"] * finds
    assert found(archive, "quinces") == [("alone", snippet)]


def test_a_snippet_shows_where_a_file_holds_the_words(archive: Path) -> None:
    """Where the mail itself does not; redacted, like all that is shown."""
    assert found(archive, "elderflowers") == [("letter", "Write to d…@example.com of the elderflowers.")]
    assert found(archive, "said:below file:letter.docx") == [("letter", "See below.")]


def test_text_in_files_ranks_below_quoted_text_and_changes_no_other_rank(tmp_path: Path) -> None:
    """Of two mails of one length, the one that quotes a word comes first; a file leaves other scores alone."""
    text = "medlars and onions " * 50
    letters = [
        letter("one", "> Medlars.\nYes, onions.\n"),
        letter("two", "> Plums.\nNo, onions.\n", attachments=(file_with_text("a.txt", text),), file_texts=(text,)),
        letter("three", "> Plums.\nNo, onions.\n"),
    ]
    config = stored(tmp_path, letters)
    with Store.open(tmp_path) as store:
        refresh(config, store)
    index = open_index(tmp_path)
    hits = {word: search(parse(word, now=0).tree, index, limit=9).hits for word in ("medlars", "onions")}

    assert [hit.subject for hit in hits["medlars"]] == ["one", "two"]
    assert hits["medlars"][0].score > hits["medlars"][1].score
    assert len({hit.score for hit in hits["onions"]}) == 1


def test_nothing_is_read_twice(archive: Path) -> None:
    """An index from nothing takes the texts as they were read; without them they are read again, to the same."""
    before = texts(archive)
    again = hamelin("--archive", str(archive), "index", "--full").err
    (archive / DATABASE).unlink()
    anew = hamelin("--archive", str(archive), "index").err

    assert "9 attachments, 0 read now" in again
    assert "9 attachments, 9 read now" in anew
    assert "nothing changed" in anew
    assert texts(archive) == before


def page(archive: Path, subject: str) -> str:
    """Give the page of the thread of that subject."""
    pages = [path.read_text("utf-8") for path in (archive / "site" / "keepers" / "threads").glob("*.html")]
    return next(text for text in pages if f"<h1><bdi>{subject}</bdi></h1>" in text)


class TestPages:
    """What the site shows of attachments."""

    def test_a_mail_of_html_alone_shows_its_text(self, archive: Path) -> None:
        """As the mail itself, not folded; the feed says it too."""
        assert '<div class="html"><p>Quinces need an hour.</p><blockquote>' in page(archive, "alone")
        assert "<summary><bdi>HTML" not in page(archive, "alone")
        assert "Quinces need an hour." in (archive / "site" / "keepers" / "feed.xml").read_text("utf-8")
        assert "This message has no text" not in page(archive, "alone")

    def test_html_that_says_more_than_the_text_is_there_to_unfold(self, archive: Path) -> None:
        """What says the same is a link only."""
        assert '<details class="inner"><summary><bdi>HTML version</bdi></summary>' in page(archive, "version")
        assert "<details class=" not in page(archive, "same").partition('<details class="more">')[0]

    def test_an_embedded_message_is_shown_as_mail(self, archive: Path) -> None:
        """Its headers and its text, addresses redacted."""
        shown = page(archive, "inner")

        assert "<dt>From</dt><dd><bdi>Bo &lt;b…@example.org&gt;</bdi></dd>" in shown
        assert "<dt>Subject</dt><dd><bdi>Recipe</bdi></dd>" in shown
        assert "The plums stay whole." in shown

    def test_names_and_types_are_those_that_people_need(self, archive: Path) -> None:
        """Without a path; and what the bytes tell in place of a type that says nothing."""
        assert "<bdi>letter.docx</bdi>" in page(archive, "letter")
        assert "wordprocessingml" in page(archive, "letter")
        assert "<bdi>application/pdf</bdi>" in page(archive, "report")

    @pytest.mark.parametrize("subject", ["hostile", "evil"])
    def test_nothing_of_a_hostile_file_runs(self, archive: Path, subject: str) -> None:
        """No tag of its that could is left, no handler, no address of elsewhere to load from."""
        shown = page(archive, subject)

        assert "<script>alert" not in shown
        assert "<img" not in shown
        assert "onclick" not in shown
        assert "src=" not in shown.replace("&lt;img src=", "").replace('<script src="../../static', "")

    def test_show_says_the_text_of_html_alone(self, archive: Path) -> None:
        """In the terminal like any other mail."""
        shown = hamelin("--archive", str(archive), "show", "<alone@example.org>").out

        assert "Quinces need an hour." in shown
        assert "> How long for medlars?" in shown


def test_status_names_what_could_not_be_read(archive: Path) -> None:
    """How many have which status, and the files of which something went wrong."""
    told = hamelin("--archive", str(archive), "status").out
    facts = json.loads(hamelin("--archive", str(archive), "status", "--json").out)

    assert "  texts of attachments: 8 can be searched, 1 damaged\n    damaged: broken.pdf of " in told
    assert facts["texts"] == {"read": 8, "damaged": 1}
    assert [trouble["name"] for trouble in facts["without_text"]] == ["broken.pdf"]


def test_a_text_goes_with_its_message(archive: Path, tmp_path: Path) -> None:
    """What its owner takes out is searched no more, and its text is kept no longer."""
    copy = tmp_path / "archive"
    shutil.copytree(archive, copy)
    message = hamelin("--archive", str(copy), "search", "plums", "--format", "json").out
    id = json.loads(message)["hits"][0]["id"]
    done = hamelin("--archive", str(copy), "remove", id)

    assert done.code == 0, done.err
    assert found(copy, "plums") == []
    assert len(texts(copy)) == len(texts(archive)) - 1


def texts(archive: Path) -> list[tuple[object, ...]]:
    db = sqlite3.connect(archive / DATABASE)
    rows = db.execute("SELECT * FROM files ORDER BY sha256").fetchall()
    db.close()
    return rows
