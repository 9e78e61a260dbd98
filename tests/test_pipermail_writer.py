"""The writer of pipermail trees: what it writes has the form of each generation, as the format's facts state it."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.pipermail import V1, V2_0, V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39, Generation, ListForm, Mail, Part, write

EASTERN = timezone(timedelta(hours=-5), "EST")
PNG = b"\x89PNG\r\n\x1a\n and a little more"


def mail(number: int, day: datetime, **fields: object) -> Mail:
    """Make a mail with what every mail has."""
    defaults: dict[str, object] = {
        "message_id": f"<{number}@mail.example.org>", "date": day, "from_address": "ann@example.org",
        "from_name": "Ann Keeper", "subject": "[Keepers] The lamp", "body": "Good evening.\n",
    }  # fmt: skip
    return Mail(**(defaults | fields))  # type: ignore[arg-type]


def on(day: int, hour: int = 12, month: int = 3, year: int = 2010) -> datetime:
    """Give a time of UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


QUESTION = mail(1, on(1))
ANSWER = mail(
    2, on(2), from_address="bob@example.net", from_name="Bob", subject="Re: [Keepers] The lamp",
    body="> Good evening.\n\nIt is lit.", in_reply_to="<1@mail.example.org>",
)  # fmt: skip


def written(tmp_path: Path, *mails: Mail, **form: object) -> Path:
    """Write a list named keepers and give its folder."""
    write(tmp_path, ListForm("keepers", **form), mails)  # type: ignore[arg-type]
    return tmp_path / "keepers"


def read(path: Path, charset: str = "us-ascii") -> str:
    """Read a page or a text."""
    return path.read_bytes().decode(charset)


class TestGenerations:
    """Each generation writes what it wrote in the wild."""

    @pytest.mark.parametrize(
        ("generation", "link"),
        [
            (V1, "mailto:bob%40example.net"),
            (V2_0, "mailto:keepers%40lists.example.org"),
            (V2_1_5, "?Subject=%5BKeepers%5D%20The%20lamp&In-Reply-To=1%40mail.example.org"),
            (V2_1_9, "?Subject=%5BKeepers%5D%20The%20lamp&In-Reply-To=1%40mail.example.org"),
            (V2_1_10, "?Subject=Re%3A%20%5BKeepers%5D%20The%20lamp&In-Reply-To=%3C2%40mail.example.org%3E"),
            (V2_1_39, "?Subject=Re%3A%20%5BKeepers%5D%20The%20lamp&In-Reply-To=%3C2%40mail.example.org%3E"),
        ],
        ids=lambda value: value.name if isinstance(value, Generation) else "",
    )
    def test_the_mail_link_names_the_id_of_its_time(self, tmp_path: Path, generation: Generation, link: str) -> None:
        """The page's link holds nothing, the parent's id, or the mail's own id."""
        folder = written(tmp_path, QUESTION, ANSWER, generation=generation)

        links = re.findall(r'<A HREF="(mailto:[^"]*)"', read(folder / "2010-March/000001.html"))
        assert links[0].endswith(link)

    @pytest.mark.parametrize(
        ("generation", "key"),
        [
            (V2_0, "01267462800-01267549200-"),  # off by the five hours of the zone
            (V2_1_9, "01267444800/1@mail.example.org-01267531200/2@mail.example.org-"),
            (V2_1_10, "01267444800/1@mail.example.org-01267531200/2@mail.example.org-"),
            (V2_1_13, "01267444800.0-01267531200.1-"),
        ],
        ids=lambda value: value.name if isinstance(value, Generation) else "",
    )
    def test_the_thread_comment_has_the_key_of_its_time(self, tmp_path: Path, generation: Generation, key: str) -> None:
        """The comment before an answer holds its parent's element and its own."""
        folder = written(tmp_path, QUESTION, ANSWER, generation=generation, zone=EASTERN)

        assert f"<UL>\n<!--1 {key} -->\n<LI>" in read(folder / "2010-March/thread.html")

    @pytest.mark.parametrize(
        ("generation", "sender", "date"),
        [
            (V1, "From bob@example.net Tue, 02 Mar 2010 12:00:00 +0000\n", "Tue, 02 Mar 2010 12:00:00 +0000"),
            (V2_0, "From keepers@lists.example.org  Tue Mar  2 12:00:00 2010\n", "Tue, 02 Mar 2010 12:00:00 +0000"),
            (V2_1_5, "From bob at example.net  Tue Mar  2 07:00:00 2010\n", "Tue Mar  2 07:00:00 2010"),
            (V2_1_39, "From bob at example.net  Tue Mar  2 07:00:00 2010\n", "Tue, 02 Mar 2010 12:00:00 +0000"),
        ],
        ids=lambda value: value.name if isinstance(value, Generation) else "",
    )
    def test_the_text_names_sender_and_date_as_then(
        self, tmp_path: Path, generation: Generation, sender: str, date: str
    ) -> None:
        """Who sent it and when, with obscured addresses and without a zone where that was so."""
        text = read(written(tmp_path, QUESTION, ANSWER, generation=generation, zone=EASTERN) / "2010-March.txt")

        assert sender in text
        assert f"Date: {date}\n" in text

    @pytest.mark.parametrize(
        ("generation", "urls"),
        [
            (V2_1_5, ["URL: {}page.html\n", "Url : {}a.png\n"]),
            (V2_1_9, ["URL: {}attachment.html \n", "Url : {}attachment.png \n"]),
            (V2_1_10, ["URL: <{}attachment.html>\n", "URL: <{}attachment.png>\n"]),
        ],
        ids=lambda value: value.name if isinstance(value, Generation) else "",
    )
    def test_a_notice_has_the_url_line_of_its_time(
        self, tmp_path: Path, generation: Generation, urls: list[str]
    ) -> None:
        """The URL line's label, brackets, trailing blank and file name are those of the generation."""
        parts = (Part("text/html", "<p>Lit</p>", name="page.html"), Part("image/png", PNG, name="a.png"))
        text = read(written(tmp_path, replace(ANSWER, parts=parts), generation=generation) / "2010-March.txt")

        base = "http://lists.example.org/pipermail/keepers/attachments/20100302/"
        digest = hashlib.sha1(b"<2@mail.example.org>").hexdigest()
        for url in urls:
            assert url.format(f"{base}{digest[:4]}{digest[-4:]}/") in text

    def test_volumes_of_a_list_can_be_of_different_generations(self, tmp_path: Path) -> None:
        """A list that was upgraded mixes generations, volume by volume."""
        later = mail(3, on(1, month=4))
        write(tmp_path, ListForm("keepers"), [QUESTION, later], generations={"2010-March": V2_1_9})

        assert 'In-Reply-To="' in read(tmp_path / "keepers/2010-March/000000.html")
        assert 'In-Reply-To=%3C3%40mail.example.org%3E"' in read(tmp_path / "keepers/2010-April/000001.html")

    def test_very_old_mailman_leaves_parts_as_they_came(self, tmp_path: Path) -> None:
        """Before 2.1 a multipart's source is the text, boundaries and all, and no file is saved."""
        folder = written(tmp_path, replace(ANSWER, parts=(Part("image/png", PNG, name="a.png"),)), generation=V2_0)

        assert "Content-Type: image/png" in read(folder / "2010-March/000000.html")
        assert not (folder / "attachments").exists()


class TestPages:
    """A message's page."""

    def test_quotations_are_italic_with_their_line_end_inside(self, tmp_path: Path) -> None:
        """A quoted line's tag closes at the start of the next line."""
        folder = written(tmp_path, replace(ANSWER, body="> Good\n>> deep\n>\nno <b>\n"))

        expected = (
            "<PRE>&gt;<i> Good\n</I>&gt;&gt;<i> deep\n</I>&gt;<i>\n</I>no &lt;b&gt;\n\n</PRE>\n\n<!--endarticle-->"
        )
        assert expected in read(folder / "2010-March/000000.html")

    def test_addresses_are_obscured_and_urls_linked(self, tmp_path: Path) -> None:
        """A mail address links to the list's page and shows ` at `; a URL links to itself, escaped."""
        folder = written(tmp_path, replace(QUESTION, body="bob@example.net <http://example.org/?a=1&b=2>\n"))

        page = read(folder / "2010-March/000000.html")
        assert '<A HREF="http://lists.example.org/mailman/listinfo/keepers">bob at example.net</A>' in page
        assert '&lt;<A HREF="http://example.org/?a=1&b=2">http://example.org/?a=1&amp;b=2</A>&gt;' in page

    def test_a_list_may_show_addresses(self, tmp_path: Path) -> None:
        """Without obscuring, pages and texts hold the address and mail goes to the sender."""
        folder = written(tmp_path, replace(QUESTION, body="bob@example.net\n"), obscured=False)

        page = read(folder / "2010-March/000000.html")
        assert '<A HREF="mailto:ann%40example.org?' in page
        assert '<A HREF="mailto:bob@example.net">bob@example.net</A>' in page
        assert "From ann@example.org  Mon" in read(folder / "2010-March.txt")

    @pytest.mark.parametrize(("generation", "shown"), [(V2_1_10, "&amp;lt;"), (V2_1_13, "&lt;")])
    def test_literal_entities_are_not_escaped_since_2_1_13(
        self, tmp_path: Path, generation: Generation, shown: str
    ) -> None:
        """An author's `&lt;` cannot be told from a sign on newer pages."""
        folder = written(tmp_path, replace(QUESTION, body="&lt; & so\n"), generation=generation)

        assert f"<PRE>{shown} &amp; so\n" in read(folder / "2010-March/000000.html")

    def test_what_does_not_fit_the_charset_is_an_entity_on_the_page(self, tmp_path: Path) -> None:
        """The page has numeric entities where the text has question marks."""
        folder = written(tmp_path, replace(QUESTION, body="Café ☃\n"))

        assert "<PRE>Caf&#233; &#9731;\n" in read(folder / "2010-March/000000.html")
        assert "\nCaf? ?\n" in read(folder / "2010-March.txt")

    def test_a_multipart_is_flattened_to_the_lists_charset(self, tmp_path: Path) -> None:
        """What does not fit is lost on the page as well when the mail had parts."""
        mixed = replace(QUESTION, body="Café ☃\n", parts=(Part("image/png", PNG),))
        folder = written(tmp_path, mixed, language="fr")

        assert "<PRE>Café ?\n-------------- section suivante" in read(folder / "2010-March/000000.html", "iso-8859-1")

    def test_an_empty_mail_has_no_pre(self, tmp_path: Path) -> None:
        """A page without text has nothing between its two marks."""
        folder = written(tmp_path, replace(QUESTION, body=""))

        assert "<!--beginarticle-->\n\n<!--endarticle-->" in read(folder / "2010-March/000000.html")

    def test_a_mail_without_sender_is_nobodys(self, tmp_path: Path) -> None:
        """The page shows no name and no address, the text an address that does not exist."""
        folder = written(tmp_path, replace(QUESTION, from_address=None, from_name=""))

        assert "<B></B>" in read(folder / "2010-March/000000.html")
        assert "From: bogus@does.not.exist.com ()\n" in read(folder / "2010-March.txt")

    def test_a_mail_without_id_gets_one_of_mailmans(self, tmp_path: Path) -> None:
        """A missing Message-ID is made up, and told by its form."""
        folder = written(tmp_path, replace(QUESTION, message_id=None))

        assert re.search(
            r"^Message-ID: <mailman\.\d+\.\d+\.\d+\.keepers@", read(folder / "2010-March.txt"), re.MULTILINE
        )

    def test_headers_in_other_letters_are_encoded_in_the_text(self, tmp_path: Path) -> None:
        """Name and subject are encoded words in the text and readable on the page."""
        folder = written(tmp_path, replace(QUESTION, from_name="Jörg", subject="Grüße"), language="de")

        assert "(=?utf-8?" in read(folder / "2010-March.txt", "iso-8859-1")
        assert "<H1>Grüße</H1>\n    <B>Jörg</B>" in read(folder / "2010-March/000000.html", "iso-8859-1")


class TestParts:
    """What becomes of a mail's parts."""

    def test_a_mail_that_is_html_alone_is_its_notice_alone(self, tmp_path: Path) -> None:
        """No separator stands before the first part's notice, and the file is escaped source."""
        page = replace(QUESTION, body="", parts=(Part("text/html", "<p>Good evening</p>"),))
        folder = written(tmp_path, page)

        assert "<PRE>An HTML attachment was scrubbed..." in read(folder / "2010-March/000000.html")
        files = list(folder.glob("attachments/20100301/*/attachment.html"))
        assert [read(file) for file in files] == ["<tt>\n&lt;p&gt;Good&nbsp;evening&lt;/p&gt;\n</tt>\n"]

    @pytest.mark.parametrize(
        ("sanitizer", "text"), [(0, "HTML attachment scrubbed and removed"), (2, "&lt;b&gt;Lit&lt;/b&gt;\n")]
    )
    def test_html_can_be_dropped_or_put_into_the_text(self, tmp_path: Path, sanitizer: int, text: str) -> None:
        """The owner's choice for HTML is followed, without a file."""
        mixed = replace(QUESTION, parts=(Part("text/html", "<b>Lit</b>"),))
        folder = written(tmp_path, mixed, sanitizer=sanitizer)

        assert f"-------------- next part --------------\n{text}" in read(folder / "2010-March.txt")
        assert not (folder / "attachments").exists()

    def test_html_can_be_kept_as_it_is(self, tmp_path: Path) -> None:
        """Sanitizer 3 saves the bytes."""
        folder = written(tmp_path, replace(QUESTION, parts=(Part("text/html", "<b>Lit</b>"),)), sanitizer=3)

        assert [read(file) for file in folder.glob("attachments/*/*/*")] == ["<b>Lit</b>"]

    def test_files_of_one_name_are_numbered(self, tmp_path: Path) -> None:
        """A second file of the same name and kind gets -0001."""
        folder = written(tmp_path, replace(QUESTION, parts=(Part("image/png", PNG), Part("image/png", PNG + b"2"))))

        names = sorted(file.name for file in folder.glob("attachments/*/*/*"))
        assert names == ["attachment-0001.png", "attachment.png"]

    def test_a_mail_within_a_mail_is_saved_as_a_list_of_one(self, tmp_path: Path) -> None:
        """An embedded message's notice tells its headers; its file is escaped, in brackets."""
        folder = written(tmp_path, replace(ANSWER, parts=(Part("message/rfc822", QUESTION),)))

        assert "From: Ann Keeper <ann at example.org>\nSubject: [Keepers] The lamp\n" in read(folder / "2010-March.txt")
        saved = read(next(folder.glob("attachments/*/*/attachment.eml")))
        assert saved.startswith("[From nobody ")
        assert "From: Ann Keeper &lt;ann@example.org&gt;\n" in saved
        assert saved.endswith("Good evening.\n]")

    def test_a_text_with_disposition_and_no_charset_is_scrubbed(self, tmp_path: Path) -> None:
        """A text/plain attachment that names no charset is a file; one that does is text."""
        bare = Part("text/plain", "log\n", name="log.txt", charset=None, disposition="attachment")
        folder = written(tmp_path, replace(QUESTION, parts=(bare, Part("text/plain", "more\n"))))

        text = read(folder / "2010-March.txt")
        assert "An embedded and charset-unspecified text was scrubbed...\nName: log.txt\n" in text
        assert "next part --------------\nmore\n" in text

    def test_what_is_left_over_is_named(self, tmp_path: Path) -> None:
        """A nested multipart without content leaves its type."""
        folder = written(tmp_path, replace(QUESTION, parts=(Part("multipart/alternative", ""),)))

        assert "Skipped content of type multipart/alternative\n" in read(folder / "2010-March.txt")

    def test_the_separator_sticks_to_a_line_without_end_in_old_texts(self, tmp_path: Path) -> None:
        """Up to 2.1.9 a text without a final line end runs into the separator."""
        mixed = replace(QUESTION, body="run()", parts=(Part("image/png", PNG),))

        assert "run()-------------- next part" in read(written(tmp_path, mixed, generation=V2_1_9) / "2010-March.txt")


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
