"""Scrubbed files made again what was sent: HTML and messages unescaped, types and names told, mails taken apart."""

from __future__ import annotations

import html
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.embedded import read_embedded
from crawler.parse.file_names import shown_name
from crawler.parse.media import media_type, told, type_of_bytes
from crawler.parse.restored import as_sent, html_source
from tests.documents import docx, odt, pdf, pptx, xlsx, zipped

SOURCES = st.lists(st.sampled_from([*'<>&"; abpé\n', "&nbsp;", "&lt;", "&#8217;", "<br>", "<p>"]), max_size=60).map(
    "".join
)


def framed(source: str, charset: str = "utf-8") -> bytes:
    """Keep HTML as Mailman up to 2.1.12 did: every `&` escaped."""
    lines = html.escape(source).replace(" ", "&nbsp;").encode(charset).split(b"\n")
    return b"<tt>\n" + b"<br>\n".join(lines) + b"\n</tt>\n"


class TestHtml:
    """HTML that was kept as a page of its source."""

    @given(SOURCES)
    def test_what_was_escaped_whole_comes_back_to_the_byte(self, source: str) -> None:
        """An entity in the source marks a Mailman that escaped every sign: nothing is doubtful then."""
        source += "<p>&amp;</p>"

        assert as_sent("html", framed(source)) == source.encode()

    @pytest.mark.parametrize(
        ("kept", "sent"),
        [
            ("&lt;p&gt;a&nbsp;&amp;&nbsp;b&lt;/p&gt;", "<p>a & b</p>"),
            ("&lt;b&gt;Ann&lt;/b&gt;&nbsp;&lt;ann@example.org&gt;&#8217;", "<b>Ann</b> &lt;ann@example.org>&#8217;"),
            ("&lt;a&nbsp;href=&quot;http://x/&quot;&gt;x&lt;/a&gt;", '<a href="http://x/">x</a>'),
            ("&lt;!DOCTYPE&nbsp;html&gt;&lt;!--&nbsp;x&nbsp;--&gt;", "<!DOCTYPE html><!-- x -->"),
            ("&lt;o:p&gt;&lt;/o:p&gt;", "<o:p></o:p>"),
        ],
    )
    def test_a_sign_that_begins_no_tag_stays_an_entity(self, kept: str, sent: str) -> None:
        """From 2.1.13 on `&lt;` may have been one in the source; `<ann@example.org>` would be lost as a tag."""
        assert as_sent("html", f"<tt>\n{kept}\n</tt>\n".encode()) == sent.encode()

    def test_a_file_without_the_frame_is_as_it_was_sent(self) -> None:
        """Sanitizer 3 keeps the bytes; entities in them are the author's."""
        assert as_sent("html", b"<p>1 &lt; 2</p>") == b"<p>1 &lt; 2</p>"

    def test_letters_of_iso_2022_jp_are_undone_before_they_are_read(self) -> None:
        """Signs among the bytes of Japanese letters were escaped too."""
        source = '<meta charset="iso-2022-jp"><p>検索の会議</p>'

        assert html_source(framed(source, "iso-2022-jp"), "euc-jp") == source

    @pytest.mark.parametrize("charset", ["iso-8859-1", "koi8-r", "euc-jp"])
    def test_the_lists_charset_reads_what_declares_none(self, charset: str) -> None:
        """Bytes that are no UTF-8 are read by what the HTML declares, then by the list's charset."""
        word = {"iso-8859-1": "Grüße", "koi8-r": "Привет", "euc-jp": "会議"}[charset]

        assert html_source(framed(f"<p>{word}</p>", charset), charset) == f"<p>{word}</p>"
        assert html_source(framed(f'<meta charset="{charset}">{word}', charset), None).endswith(word)

    @pytest.mark.parametrize(
        ("charset", "words"),
        [
            ("koi8-r", "собрание съезд переехал на новости рассылки и сервер понял вложения"),
            ("gb2312", "您的邮件已收到，我会尽快处理，谢谢！东华软件股份公司，北京市海淀区中关村"),
        ],
    )
    def test_a_list_in_utf_8_says_nothing_of_other_bytes(self, charset: str, words: str) -> None:
        """Undeclared letters are then read by what they are likeliest in; a few strays are windows-1252."""
        assert html_source(framed(f"<p>{words}</p>", charset), "utf-8") == f"<p>{words}</p>"
        assert html_source(framed("<p>caf\xe9\xa0!</p>", "iso-8859-1"), "utf-8") == "<p>café\xa0!</p>"


class TestMessages:
    """A mail inside a mail."""

    def test_the_wrapping_is_taken_off(self) -> None:
        """`[From nobody …`, the message, escaped once, `]`; an entity in it was its author's."""
        kept = b"[From nobody Sat Jun 27 12:00:02 2009\nFrom: &lt;a@b.org&gt;\n\nA &amp;lt; B&nbsp;]\n]\n"

        assert as_sent("message", kept) == b"From: <a@b.org>\n\nA &lt; B&nbsp;]\n"

    def test_one_that_was_kept_as_sent_stays(self) -> None:
        """Other archivers wrap nothing."""
        assert as_sent("message", b"From: a\n\nHello\n") == b"From: a\n\nHello\n"

    def test_text_html_and_files_are_told_apart(self) -> None:
        """The text is the body; a named part is a file, whatever its type; HTML beside text is neither."""
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "Ann <ann@example.org>", "Grüße"
        mail.set_content("Text here.\n")
        mail.add_alternative("<p>Page here.</p>", subtype="html")
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="été.pdf")
        read = read_embedded(mail.as_bytes(), None)

        assert read.headers == (("From", "Ann <ann@example.org>"), ("Subject", "Grüße"))
        assert (read.text, read.html) == ("Text here.\n", "")
        assert [(file.name, file.type, file.data) for file in read.files] == [
            ("été.pdf", "application/pdf", b"%PDF-1.4")
        ]

    def test_html_is_the_body_where_there_is_no_text(self) -> None:
        """A newsletter is HTML alone."""
        mail = b"Subject: x\nContent-Type: text/html; charset=iso-8859-1\n\n<p>Caf\xe9</p>\n"

        assert read_embedded(mail, None).html == "<p>Café</p>\n"

    def test_a_mail_in_the_mail_is_a_file(self) -> None:
        """Its bytes are whole, so that it can be read like this one."""
        inner = EmailMessage()
        inner["Subject"] = "inner"
        inner.set_content("deep\n")
        outer = EmailMessage()
        outer.set_content("outer\n")
        outer.add_attachment(inner)
        (file,) = read_embedded(outer.as_bytes(), None).files

        assert file.type == "message/rfc822"
        assert read_embedded(file.data, None).text == "deep\n"

    @given(st.binary(max_size=300))
    def test_no_bytes_raise(self, data: bytes) -> None:
        """What a stranger wrote never raises."""
        head = b"Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64\n"
        for mail in (data, head + data, head + b"\n--x\n" + data + b"\n--x--\n"):
            read_embedded(mail, None)

    def test_multiparts_a_thousand_deep_do_not_raise(self) -> None:
        """They are shown as they stand."""
        mail = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000))

        assert read_embedded(mail, None).headers == ()


class TestTypes:
    """What kind of thing a file is."""

    @pytest.mark.parametrize(
        ("data", "type"),
        [
            (pdf("x"), "application/pdf"),
            (docx("x"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (xlsx("x", 1), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (pptx("x"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            (odt("x"), "application/vnd.oasis.opendocument.text"),
            (odt("x", "spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet"),
            (zipped({"a": "b"}), "application/zip"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"\0\0\0\x18ftypmp42", "video/mp4"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0" + "WordDocument".encode("utf-16-le"), "application/msword"),
            (b"-----BEGIN PGP SIGNATURE-----\n", "application/pgp-signature"),
            (b"<!-- x --> <!DOCTYPE HTML PUBLIC", "text/html"),
            (b'<?xml version="1.0"?><svg/>', "image/svg+xml"),
            (b"<?xml version='1.0'?><a/>", "text/xml"),
            ("Größe".encode("utf-16"), "text/plain"),
            (b"\0\1\2\3", None),
            (b"", "text/plain"),
        ],
    )
    def test_bytes_tell(self, data: bytes, type: str | None) -> None:
        """Each signature of the table, and text."""
        assert type_of_bytes(data) == type

    def test_the_notice_counts_first(self) -> None:
        """Bytes are asked only where the notice says nothing."""
        assert media_type("text/x-diff; charset=utf-8", b"%PDF-1.4") == "text/x-diff"
        assert [media_type(stated, b"%PDF-1.4") for stated in (None, "application/octet-stream", "junk")] == [
            "application/pdf"
        ] * 3
        assert told("multipart/mixed") == "multipart/mixed"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (None, ""),
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\Grüße .PDF", "Grüße .PDF"),
        ("=?iso-8859-1?q?r=E9sum=E9.doc?=", "résumé.doc"),
        ("utf-8'en'na%C3%AFve%20plan.pdf", "naïve plan.pdf"),
        ("bill\u202efdp.exe", "billfdp.exe"),
        ("a\r\n\tb\0.txt", "a b.txt"),
        ("x" * 300 + ".pdf", "x" * 115 + "….pdf"),
        ("می‌خواهم.txt", "می‌خواهم.txt"),
        (" \"quoted.txt\" ", "quoted.txt"),
    ],
)  # fmt: skip
def test_a_name_is_shown_without_what_deceives(name: str | None, shown: str) -> None:
    """No path, no controls, no turned text; encoded words are read; long ones keep their ending."""
    assert shown_name(name) == shown
