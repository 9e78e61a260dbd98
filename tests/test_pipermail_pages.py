"""The writer's pages, texts and notices have the form of each generation, as the format's facts state it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipermail import V1, V2_0, V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39, Generation, ListForm, Part, write
from tests.pipermail.cases import ANSWER, EASTERN, PNG, QUESTION, mail, on, read, written


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
            (V2_1_9, ["URL: {}attachment.htm \n", "Url : {}attachment.png \n"]),
            (V2_1_10, ["URL: <{}attachment.htm>\n", "URL: <{}attachment.png>\n"]),
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
        files = list(folder.glob("attachments/20100301/*/attachment.htm"))
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
