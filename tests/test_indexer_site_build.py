"""The site of an archive: pages that are there, that stay, that go; nothing in them runs, no address is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.config import Config
from crawler.store import Store, Volume
from indexer.redaction import Privacy
from indexer.site.attachments import publish_file
from indexer.site.build import SITE, Report, build_site
from indexer.site.html_part import readable
from indexer.site.leaks import Known, first_address, scan
from indexer.site.publish import UNFINISHED, SiteFolder
from indexer.site.text import body_html
from tests.stored import DAY, START, archive, attachment, hold, letter, numbered

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"' &amp; </pre></body>"
KITCHEN = [
    letter("Soup", "Write to indigo@example.org or ada at example.org."),
    letter("Salt", HOSTILE, name="<b>Eve</b>", address="eve@example.org"),
    letter("Pans", "On Monday:\n> Why?\nBecause. https://example.org/a?b&c", address="tom@example.net", name="Tom"),
]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An archive of three messages in one volume."""
    found = archive(tmp_path, KITCHEN)
    with Store.open(tmp_path) as store:
        store.save_volume(Volume("kitchen", "2004-March", START // DAY, ""))
    return found


def build(config: Config, *, full: bool = False) -> Report:
    with Store.open(config.folder) as store:
        return build_site(config, store, full=full, processes=1)


def pages(config: Config) -> dict[str, bytes]:
    root = config.folder / SITE
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_every_kind_of_page_is_made(config: Config) -> None:
    """Home, list, volume, thread, search, health, feed and the page for old links are there."""
    build(config)

    made = set(pages(config))
    assert {"index.html", "search.html", "health.html", "404.html", "redirects.map", "static/style.css"} <= made
    assert {"kitchen/index.html", "kitchen/feed.xml"} <= made
    assert {f"kitchen/2004-March/{view}.html" for view in ("thread", "date", "author", "subject")} <= made
    assert {f"kitchen/threads/{one.thread_key}.html" for one in numbered(KITCHEN)} <= made


def test_nothing_is_written_when_nothing_changed(config: Config) -> None:
    """A second run renders and writes nothing; a full one renders all and writes nothing, the bytes being the same."""
    build(config)

    assert build(config).rendered == 0
    full = build(config, full=True)
    assert full.rendered > 10
    assert full.written == ()


def test_only_what_new_mail_touches_is_written(config: Config) -> None:
    """A thread that neither changed nor got a new neighbour is left alone."""
    build(config)
    late = replace(numbered([*KITCHEN, letter("Late", "Sorry.")])[3], date=START + 20 * DAY)
    with Store.open(config.folder) as store:
        hold(store, [late])

    written = build(config).written

    untouched = f"kitchen/threads/{numbered(KITCHEN)[0].thread_key}.html"
    assert f"kitchen/threads/{late.thread_key}.html" in written
    assert untouched not in written


def test_a_killed_run_is_mended(config: Config) -> None:
    """What a killed run left is taken away, what is not ours stays."""
    build(config)
    whole = pages(config)
    root = config.folder / SITE
    (config.folder / UNFINISHED).write_bytes(b"")
    for left in (f"kitchen/threads/{'a' * 26}.html", "kitchen/.index.html.part"):
        (root / left).write_bytes(b"half")
    (root / "CNAME").write_bytes(b"mail.example.org")

    build(config)

    assert pages(config) == {**whole, "CNAME": b"mail.example.org"}


def test_mail_cannot_write_markup(config: Config) -> None:
    """Tags in names and bodies stand on the page as text."""
    build(config)

    text = b"".join(data for path, data in pages(config).items() if path.startswith("kitchen/")).decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text
    assert "<b>Eve</b>" not in text


def test_no_address_is_left(config: Config) -> None:
    """The scan finds no sender in the site, and finds one that is put there."""
    build(config)
    root = config.folder / SITE
    senders = ["ada@example.org", "eve@example.org", "tom@example.net"]

    assert scan(root, pages(config), senders) == []
    (root / "leak.html").write_text("<p>tom<wbr>&#64;example.net", "utf-8")
    assert [leak.path for leak in scan(root, pages(config), senders)] == ["leak.html"]


@pytest.mark.parametrize(
    "text", ["tom@example.net", "x=Tom%40example.net", "tom (at) example dot net", "tom at\n> example.net"]
)
def test_the_scan_knows_spellings(text: str) -> None:
    """An address is found however it is written."""
    assert first_address(text, Known.of(["tom@example.net"])) == "tom@example.net"


@pytest.mark.parametrize(
    ("name", "data", "published"),
    [
        ("page.html", b"<script>x</script> a@b.example", "page.html.txt"),
        ("picture.svg", b"<svg onload='x()'/>", "picture.svg.txt"),
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0", "photo.png"),
        ("setup.exe", b"MZ\0\0\1\2", "setup.exe.bin"),
        ("../../etc/pass wd", b"x", "pass_wd.txt"),
    ],
)
def test_attachments_are_inert(name: str, data: bytes, published: str) -> None:
    """A file's name and form let nothing in it run."""
    file = publish_file(attachment(name), data, None, Privacy(), Known.of([]))

    assert file.name == published
    assert b"a@b" not in (file.data or b"")


def test_a_file_with_an_address_is_kept_back() -> None:
    """Bytes in which an address can be read are not published."""
    file = publish_file(attachment("a.doc"), b"\0\0by tom@example.net\0", None, Privacy(), Known.of([]))

    assert file.data is None


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Hi <a href='javascript:x()'>there</a></p>", '<p>Hi <a rel="nofollow noopener">there</a></p>'),
        ("<style>p{}</style><p style='x'>Hi<img src=http://x.example/></p>", "<p>Hi</p>"),
        ("<p>tom<b>@</b>example.net</p>", "<p>t…@example.net</p>"),
        ("<p> </p><div><br></div>", ""),
    ],
)
def test_html_mail_is_readable_and_harmless(html: str, shown: str) -> None:
    """Of an HTML part its text and structure are left."""
    assert readable(html, Privacy()) == shown


def test_long_quotations_are_folded() -> None:
    """Of a long quotation the lines just above the answer stay to be seen."""
    quoted = "".join(f"> line {n}\n" for n in range(20))

    markup = body_html(f"{quoted}Answer")

    assert "<summary>15 quoted lines</summary>" in markup
    assert "</details><blockquote><p>line 15" in markup


def test_folders_that_empty_go(tmp_path: Path) -> None:
    """A file that is taken away takes the folders that it leaves empty along."""
    folder = SiteFolder(tmp_path / "site")
    folder.write("kitchen/threads/a.html", b"x")

    folder.remove("kitchen/threads/a.html")

    assert list((tmp_path / "site").iterdir()) == []


@pytest.mark.parametrize("odd", ["", ">three", ">  four"])
def test_marks_go_from_plain_quotations_as_from_odd_ones(odd: str) -> None:
    """Lines of one mark each lose it together; one odd line among them changes nothing of the others."""
    markup = body_html(f"> one\n>\n> two\n> \n{odd}\n")

    assert markup.startswith("<blockquote><p>one\n\ntwo")
    assert markup.endswith(f"{odd[1:].removeprefix(' ')}</p></blockquote>")
    assert "&gt;" not in markup
