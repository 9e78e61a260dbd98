"""List indexes and volume indexes as servers show them, and as their owners changed them."""

from __future__ import annotations

import pytest

from crawler.pages import IndexEntry, VolumeRow, read_key, read_list_index, read_volume_index

URL = "http://lists.example.org/pipermail/clockwork/"
MARCH = 14669  # the first of March 2010, in days since 1970


def row(volume: str, text: str = "", label: str = "March 2010:") -> str:
    """Write a row of a list index as archtocentry.html does."""
    views = "".join(
        f'<A href="{volume}/{view}.html">[ {view} ]</a>\n' for view in ("thread", "subject", "author", "date")
    )
    cell = f'<td><A href="{text}">[ Text 497 bytes ]</a></td>' if text else ""
    return f"<tr><td>{label}</td><td>{views}</td>{cell}</tr>\n"


def page(*rows: str, above: str = "", below: str = "") -> bytes:
    """Write a list index around rows."""
    return (
        f'<HTML><HEAD><META http-equiv="Content-Type" content="text/html; charset=us-ascii"></HEAD><BODY>{above}'
        '<h1>The Clockwork Archives </h1><p>You can get <a href="http://lists.example.org/mailman/listinfo/clockwork">more'
        f" information</a>.</p><table border=3><tr><td>Archive</td></tr>{''.join(rows)}</table>{below}</BODY></HTML>"
    ).encode()


class TestListIndex:
    """A list's index page."""

    def test_it_tells_of_the_list(self) -> None:
        """Title, charset, list information and archiver are read, and there is no login."""
        index = read_list_index(page(row("2010-March", "2010-March.txt.gz")), URL)

        assert index.volumes == (
            VolumeRow("2010-March", index.volumes[0].row, MARCH, (URL + "2010-March.txt.gz",)),
        )  # fmt: skip
        assert index.volumes[0].row.startswith("March 2010: [ thread ]")
        assert (index.title, index.charset, index.archiver) == ("The Clockwork Archives", "us-ascii", "pipermail")
        assert index.listinfo == "http://lists.example.org/mailman/listinfo/clockwork"
        assert (index.login, index.mbox_url) == (False, None)

    @pytest.mark.parametrize(
        ("volume", "starts"),
        [
            ("2010-March", MARCH),
            ("2010q1", MARCH - 59),
            ("2010", MARCH - 59),
            ("Week-of-Mon-20100301", MARCH),
            ("20100301", MARCH),
        ],
    )
    def test_volumes_of_every_frequency(self, volume: str, starts: int) -> None:
        """The name of a volume comes from addresses, and tells when it begins."""
        found = read_list_index(page(row(volume, f"{volume}.txt", label="何年何月:")), URL).volumes

        assert [(v.name, v.starts, v.text_urls) for v in found] == [(volume, starts, (f"{URL}{volume}.txt",))]

    def test_a_row_without_a_text(self) -> None:
        """A volume may have no text at all."""
        assert read_list_index(page(row("2010-March")), URL).volumes[0].text_urls == ()

    def test_a_volume_that_has_only_a_text(self) -> None:
        """A text alone tells of a volume too."""
        links = '<a href="2010-March.txt">text</a> <a href="2010-March.txt.gz">gzip</a>'
        index = read_list_index(page(f"<tr><td>{links}</td></tr>"), URL)

        assert [v.text_urls for v in index.volumes] == [(URL + "2010-March.txt", URL + "2010-March.txt.gz")]

    @pytest.mark.parametrize(
        "href",
        [
            "2010-March/thread.html",
            "./2010-March/thread.html",
            "/pipermail/clockwork/2010-March/thread.html",
            "https://www.lists.example.org/pipermail/clockwork/2010-March/thread.html",
            "http://old.example.org/archives/Clockwork/2010-March/thread.html#start",
            "  2010-March/date.html?x=1 ",
            "2010-March/",
        ],
    )
    def test_addresses_of_every_form(self, href: str) -> None:
        """Relative and absolute addresses count, those of the list's former host too."""
        assert [v.name for v in read_list_index(f'<p><A HREF="{href}">x</A></p>'.encode(), URL).volumes] == [
            "2010-March"
        ]

    @pytest.mark.parametrize(
        "href",
        [
            "../other/2010-March/thread.html",
            "http://lists.example.org/pipermail/other/2010-March/thread.html",
            "2010-Smarch/thread.html",
            "2010-March/000001.html",
            "attachments/20100301/",
            "http://[broken/2010-March/thread.html",
            "thread.html",
            "",
        ],
    )
    def test_what_is_no_volume(self, href: str) -> None:
        """Other lists' volumes, months that there are not, and pages of messages are no volumes of this list."""
        assert read_list_index(f'<a href="{href}">x</a>'.encode(), URL).volumes == ()

    @pytest.mark.parametrize("name", ["clock.work", "Clock-Work", "clock%2Bwork", "clock_example.org"])
    def test_names_of_lists(self, name: str) -> None:
        """Dots, case and percent signs in a list's name change nothing."""
        url = f"http://lists.example.org/pipermail/{name}/"
        html = f'<a href="/pipermail/{name}/2010-March/thread.html">x</a>'.encode()

        assert [v.name for v in read_list_index(html, url).volumes] == ["2010-March"]

    def test_a_sites_own_header(self) -> None:
        """A site's own tables, links and headings around the list's table hide nothing, and add nothing."""
        other = '<a href="/pipermail/other/2009-May/thread.html">other</a>'
        above = f'<table><tr><td><a href="/">Home</a></td><td><table><tr><td>{other}</td></tr></table>'
        html = page(row("2010-March"), row("2010-February"), above=above, below="</td></tr></table>")
        index = read_list_index(html, URL)

        assert [v.name for v in index.volumes] == ["2010-March", "2010-February"]
        assert index.volumes[0].row.startswith("March 2010: [ thread ]")

    def test_volumes_in_a_list_instead_of_a_table(self) -> None:
        """Own templates may have no table; a table for the header alone hides nothing."""
        html = b'<table><tr><td>Header</td></tr></table><ul><li><a href="2010-March/thread.html">March</a></ul>'

        assert [v.name for v in read_list_index(html, URL).volumes] == ["2010-March"]

    def test_each_volume_once_in_the_order_of_the_page(self) -> None:
        """A volume that is named twice is one, and the newest stays first."""
        html = page(row("2010-March"), row("2010-February"), row("2010-March"))

        assert [v.name for v in read_list_index(html, URL).volumes] == ["2010-March", "2010-February"]

    def test_the_raw_archive(self) -> None:
        """A public mailbox with everything is found."""
        html = page(row("2010-March"), below='<a href="../clockwork.mbox/clockwork.mbox">download</a>')

        assert read_list_index(html, URL).mbox_url == "http://lists.example.org/pipermail/clockwork.mbox/clockwork.mbox"

    def test_a_login_form(self) -> None:
        """A private archive's form is recognised by its fields and where it leads."""
        fields = '<INPUT name="username"><INPUT NAME="password">'
        form = f'<FORM METHOD=POST ACTION="../../mailman/private/clockwork/">{fields}</FORM>'

        assert read_list_index(form.encode(), URL).login
        assert not read_list_index(form.replace("private", "options").encode(), URL).login

    @pytest.mark.parametrize(
        ("html", "archiver"),
        [
            ("<i>This archive was generated by\n Pipermail 0.09 (Mailman edition).</i>", "pipermail"),
            ('<a href="/hyperkitty/list/a@b.c/">x</a>', "hyperkitty"),
            ("<!-- MHonArc v2.6.19 -->", "mhonarc"),
            ('<!-- isosent="20100301" -->', "hypermail"),
            ("<title>public inbox for x</title>", "public-inbox"),
            ('<a href="/mod_mbox/x/201003.mbox/thread">x</a>', "mod_mbox"),
            ("<p>Welcome!</p>", None),
            ("", None),
        ],
    )
    def test_other_software(self, html: str, archiver: str | None) -> None:
        """What is no pipermail archive says what else it seems to be."""
        index = read_list_index(html.encode(), URL)

        assert (index.archiver, index.volumes) == (archiver, ())

    def test_a_page_in_another_charset(self) -> None:
        """The page's own META line says how its title reads."""
        html = (
            page(row("2010-March"))
            .replace(b"us-ascii", b"iso-8859-2")
            .replace(b"Clockwork", "Zegary źle".encode("iso-8859-2"))
        )

        assert read_list_index(html, URL).title == "The Zegary źle Archives"


def index_page(*entries: str, claimed: str = "2") -> bytes:
    """Write a thread.html."""
    return (
        '<HTML><META content="text/html; charset=utf-8"><a href="http://lists.example.org/mailman/listinfo/clockwork">x</a>'
        "<p><b>Starting:</b> <i>Mon Mar  1 12:00:00 CET 2010</i><br><b>Ending:</b> <i>x</i><br>"
        f"<b>Messages:</b> {claimed}<p><ul>{''.join(entries)}</ul></HTML>"
    ).encode()


def entry(number: int, subject: str, author: str, key: str) -> str:
    """Write an entry of a thread.html."""
    link = f'<A HREF="{number:06}.html">{subject}\n</A><A NAME="{number}">&nbsp;</A>'
    return f"<!--0 {key}- -->\n<LI>{link}\n<I>{author}\n</I>\n"


class TestVolumeIndex:
    """A volume's thread.html."""

    def test_entries_of_every_generation(self) -> None:
        """Numbers, subjects, authors, times and ids are read from the keys of each generation."""
        index = read_volume_index(
            index_page(
                entry(7, "Tick", "Ann", "01267444800.7"),
                entry(8, "Tock &amp; &#233;", "Bob", "01267444800/a-1@b.c-01267444900/d@e.f"),
                entry(9, "Tack", "", "00936259908"),
            )
        )

        assert index.entries == (
            IndexEntry(7, "Tick", "Ann", 1267444800, True, None, ()),
            IndexEntry(8, "Tock & é", "Bob", 1267444900, True, "d@e.f", ("a-1@b.c",)),
            IndexEntry(9, "Tack", None, 936259908, False, None, ()),
        )
        assert (index.charset, index.claimed, index.zone) == ("utf-8", 2, 3600)
        assert index.listinfo == "http://lists.example.org/mailman/listinfo/clockwork"

    def test_each_message_once(self) -> None:
        """A page that is linked twice is one entry, the first."""
        index = read_volume_index(
            index_page(entry(7, "Tick", "Ann", "01267444800.7"), entry(7, "Again", "Ann", "01267444801.7"))
        )

        assert [(e.number, e.subject) for e in index.entries] == [(7, "Tick")]

    def test_an_entry_without_a_key(self) -> None:
        """A key belongs to the entry behind it, and to no other."""
        index = read_volume_index(
            index_page(entry(7, "Tick", "Ann", "01267444800.7"), '<LI><A HREF="000008.html">Tock</A>')
        )

        assert [e.epoch for e in index.entries] == [1267444800, None]

    def test_lower_case_and_no_line_ends(self) -> None:
        """The Polish template is in lower case; a site's own may have no line ends."""
        html = b'<ul><!--0 01267444800.7- --><li><a href="000007.html">Tick</a><a name="7"></a><i>Ann</i></li></ul>'

        assert read_volume_index(html).entries == (IndexEntry(7, "Tick", "Ann", 1267444800, True, None, ()),)

    def test_seven_digits(self) -> None:
        """Lists of more than a million messages have longer numbers."""
        assert [
            e.number for e in read_volume_index(index_page(entry(1234567, "x", "y", "01267444800.1234567"))).entries
        ] == [1234567]

    @pytest.mark.parametrize("html", [b"", b" \n", b"\0", b"<!-- -->", b"<p>Not found</p>", b"\xff\xfe"])
    def test_what_is_no_index(self, html: bytes) -> None:
        """Another page has no entries and claims nothing."""
        index = read_volume_index(html)

        assert (index.entries, index.claimed, index.zone) == ((), None, None)

    @pytest.mark.parametrize("claimed", ["", "many", "9" * 400])
    def test_a_claim_that_cannot_be_read(self, claimed: str) -> None:
        """A count that is none is no claim."""
        assert read_volume_index(index_page(claimed=claimed)).claimed is None


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ("", (None, False, None, ())),
        ("nonsense", (None, False, None, ())),
        ("01300000000.000007", (1300000000, True, None, ())),
        ("01300000000.000007-01300000900.000009", (1300000900, True, None, ())),
        ("01300000000/a@b", (1300000000, True, "a@b", ())),
        ("01300000000/x-1-y@b-01300000001/c-01@d", (1300000001, True, "c-01@d", ("x-1-y@b",))),
        ("01300000000/a@b-01300000900.000009", (1300000900, True, None, ("a@b",))),
        ("00900000000-00900000001", (900000001, False, None, ())),
    ],
)
def test_keys(key: str, read: tuple[int | None, bool, str | None, tuple[str, ...]]) -> None:
    """A thread key tells the message's time, whether that is UTC, its id and its ancestors', hyphens in them or not."""
    assert read_key(key) == read
