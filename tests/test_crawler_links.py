"""Addresses of list servers are understood by their shape alone."""

from __future__ import annotations

import pytest

from crawler.errors import UsageError
from crawler.links import is_listinfo, kind_of, list_url, onward, same_site

LIST = "https://lists.example.org/pipermail/keepers/"


@pytest.mark.parametrize(
    "url",
    [
        LIST, LIST.rstrip("/"), LIST + "index.html", LIST + "?x=1#top", LIST + "2010-March", LIST + "2010-March/",
        LIST + "2010-March/thread.html", LIST + "2010-March/000001.html", LIST + "2010-March.txt",
        LIST + "2010-March.txt.gz", LIST + "Week-of-Mon-20240101/date.html", LIST + "2024q1/subject.html",
        LIST + "20240101.txt", LIST + "2024/author.html", LIST + "attachments/20100301/0123abcd/attachment.png",
    ],
)  # fmt: skip
def test_every_address_in_a_list_leads_to_it(url: str) -> None:
    """Volumes, messages, texts and files stand below their list."""
    assert list_url(url) == LIST


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("lists.example.org/pipermail/keepers", "http://lists.example.org/pipermail/keepers/"),
        ("localhost:8900/keepers/2010-March/", "http://localhost:8900/keepers/"),
        ("http://x.org/", "http://x.org/"),
        ("http://x.org/2010-March/thread.html", "http://x.org/"),
        ("http://x.org/attachments/keepers/", "http://x.org/attachments/keepers/"),
        ("http://x.org/pipermail/news_freedom.org/", "http://x.org/pipermail/news_freedom.org/"),
        ("http://x.org/mailman/private/board/2010-March.txt.gz", "http://x.org/mailman/private/board/"),
    ],
)
def test_other_shapes(url: str, expected: str) -> None:
    """Hosts without a scheme, lists at the root, lists with odd names."""
    assert list_url(url) == expected


@pytest.mark.parametrize(
    "url", ["", "ftp://x.org/", "http://", "mailto:me@x.org", "http://[::x/", "http://x.org:99999/"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """The error says what to give."""
    with pytest.raises(UsageError, match="is no address on the web"):
        list_url(url)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("2010-March.txt.gz", "text"), ("2010-March/000001.html", "page"), ("2010-March/thread.html", "index"),
        ("2010-March/", "index"), ("attachments/20100301/0123abcd/a.txt", "attachment"),
        ("attachments/20100301/0123abcd/000001.html", "attachment"), ("2010-March/1000000.html", "page"),
    ],
)  # fmt: skip
def test_what_stands_at_an_address(path: str, kind: str) -> None:
    """The shape tells what to expect, so that what comes can be judged."""
    assert kind_of(LIST + path) == kind


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://x.org/mailman/listinfo", True), ("http://x.org/mailman/listinfo/", True),
        ("http://x.org/cgi-bin/mailman/listinfo/keepers", True), ("http://x.org/mailman/listinfo.cgi/keepers", True),
        ("http://x.org/pipermail/listinfo-devel/", False), (LIST, False),
    ],
)  # fmt: skip
def test_pages_about_lists(url: str, expected: bool) -> None:
    """Mailman's own pages are known by their path."""
    assert is_listinfo(url) is expected


def test_a_page_about_one_list_leads_to_its_archive() -> None:
    """Of all links it is the one that names an archive, of this list rather than of another."""
    page = b"""<a href="http://x.org/mailman/subscribe/keepers">s</a> <a href="/pipermail/other/">o</a>
        <a href="http://x.org/pipermail/keepers/">Keepers Archives</a> <a href="../admin/keepers">a</a>"""

    assert onward(page, "http://x.org/mailman/listinfo/keepers") == ["http://x.org/pipermail/keepers/"]


def test_an_overview_leads_to_the_pages_about_its_lists() -> None:
    """Links as Mailman writes them, relative to the overview without its slash; each once."""
    page = b"""<a href="listinfo/lamps">l</a><a href="listinfo/keepers">k</a>
        <a href="listinfo/lamps#x">l</a><a href="admin">a</a>"""

    assert onward(page, "http://x.org/mailman/listinfo") == [
        "http://x.org/mailman/listinfo/lamps", "http://x.org/mailman/listinfo/keepers",
    ]  # fmt: skip


def test_a_folder_leads_to_what_is_directly_in_it() -> None:
    """Parents, files, sorting links and other hosts are not followed."""
    page = b"""<a href="../">up</a><a href="?C=M">sort</a><a href="keepers/">k</a><a href="lamps/2010/">deep</a>
        <a href="keepers.mbox">m</a><a href="http://y.org/pipermail/z/">z</a><a href="http://[bad">b</a>"""

    assert onward(page, "http://x.org/pipermail/") == ["http://x.org/pipermail/keepers/"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://x.org/a", "https://x.org:443/b", True), ("http://x.org/", "http://www.x.org/", True),
        ("http://x.org/", "http://y.org/", False), ("http://x.org/", "http://lists.x.org/", False),
    ],
)  # fmt: skip
def test_what_is_one_site(one: str, other: str, same: bool) -> None:
    """Scheme and www. may change; the host may not."""
    assert same_site(one, other) is same
