"""What is held of a volume, and what is still wanted of it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from crawler.library import GAPS_AT_MOST, Pages, Wanted
from crawler.parse.notices import directory_hash
from tests.kept import BASE, Kept, entry, index, page

URL = f"{BASE}clockwork/"
LISTING = (
    '<table><tr><td>March</td><td><a href="2010-March/thread.html">x</a></td><td><a href="{}">y</a></td></tr></table>'
)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A list whose index names a volume with a gzip."""
    kept = Kept(tmp_path)
    kept.hold("", LISTING.format("2010-March.txt.gz"), volume=None)
    kept.volume("2010-March")
    return kept


def wanted(kept: Kept, pages: Pages = "needed") -> list[str]:
    """Give the paths below the list's that are wanted now."""
    return [want.url.removeprefix(URL) for want in kept.library.wanted("clockwork", "2010-March", pages)]


class TestFirst:
    """What is wanted before anything else is known."""

    def test_the_index_and_the_text_that_the_list_names(self, kept: Kept) -> None:
        """Only one form of the text is asked for at a time."""
        assert kept.library.wanted("clockwork", "2010-March") == [
            Wanted(URL + "2010-March/thread.html", "index"), Wanted(URL + "2010-March.txt.gz", "text"),
        ]  # fmt: skip

    def test_the_other_form_where_one_is_missing(self, kept: Kept) -> None:
        """The plain text is tried when there is no gzip."""
        kept.hold("2010-March/thread.html", index(1))
        kept.hold("2010-March.txt.gz", None)

        assert wanted(kept) == ["2010-March.txt"]

    @pytest.mark.parametrize("text", [entry(1), "<html>Not found</html>", ""])
    def test_the_other_form_where_one_falls_short(self, kept: Kept, text: str) -> None:
        """A text with fewer messages than the index names may be last night's."""
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt.gz", text)

        assert "2010-March.txt" in wanted(kept)

    def test_nothing_twice(self, kept: Kept) -> None:
        """What was answered is not wanted again, whatever the answer was."""
        for path in ("2010-March/thread.html", "2010-March.txt.gz", "2010-March.txt"):
            kept.hold(path, None)

        assert wanted(kept) == []

    def test_an_unknown_list(self, kept: Kept) -> None:
        """To ask for a list that there is not is a mistake of ours."""
        with pytest.raises(KeyError):
            kept.library.wanted("bells", "2010-March")


class TestPages:
    """Which messages' pages are wanted."""

    @pytest.fixture
    def whole(self, kept: Kept) -> Kept:
        """A volume with a whole message and one that lost a letter."""
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt.gz", entry(1) + entry(2, "Un caf? noir."))
        return kept

    @pytest.mark.parametrize(
        ("pages", "numbers"),
        [("needed", ["000002"]), ("all", ["000001", "000002"]), ("none", [])],
    )
    def test_by_what_was_asked(self, whole: Kept, pages: Pages, numbers: list[str]) -> None:
        """Those of texts that lost something, all, or none."""
        assert wanted(whole, pages) == [f"2010-March/{number}.html" for number in numbers]

    def test_of_messages_that_the_text_does_not_have(self, kept: Kept) -> None:
        """A message that only the index names is wanted by its page."""
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt.gz", entry(1))
        kept.hold("2010-March.txt", None)

        assert wanted(kept) == ["2010-March/000002.html"]

    def test_of_the_last_message_of_a_torn_text(self, kept: Kept) -> None:
        """A gzip without a good end is tried in its other form, and its last message by its page."""
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt.gz", gzip.compress((entry(1) + entry(2)).encode(), mtime=0)[:-4])

        assert wanted(kept) == ["2010-March.txt", "2010-March/000002.html"]

    def test_of_numbers_that_no_index_names(self, kept: Kept) -> None:
        """Copies stand under numbers between and behind those of the index, but for other volumes' numbers."""
        kept.hold("2010-April/thread.html", index(4), volume="2010-April")
        kept.hold("2010-March/thread.html", index(1, 3))
        kept.hold("2010-March.txt.gz", entry(1) + entry(1) + entry(3))

        assert wanted(kept) == ["2010-March/000002.html"]

    def test_numbers_far_apart_cost_no_time(self, kept: Kept) -> None:
        """An index that names a number beyond all measure does not make us count to it."""
        kept.hold("2010-March/thread.html", index(1, 999_999_999_999, claimed=999_999))
        kept.hold("2010-March.txt.gz", entry(1) + entry(999_999_999_999))

        assert len(wanted(kept)) <= GAPS_AT_MOST + 2

    def test_an_attachment_that_is_named_like_a_page_is_none(self, kept: Kept) -> None:
        """A file of a message may have a name of six digits."""
        kept.hold("2010-March/thread.html", index(1))
        kept.hold("2010-March.txt.gz", entry(1))
        kept.hold("attachments/20100301/0123abcd/000009.html", page(9))
        kept.hold("attachments/20100301/0123abcd/notes.txt", entry(8))
        source = kept.library.source("clockwork", "2010-March")

        assert (dict(source.pages), len(source.texts)) == ({}, 1)


class TestAttachments:
    """The files that notices name."""

    def text(self, host: str) -> str:
        """Write an entry with a notice under the host of that day."""
        folder = f"attachments/20100301/{directory_hash('<1@clock.example.org>')}"
        return entry(1, f"An HTML attachment was scrubbed...\nURL: <{host}{folder}/plan.pdf>")

    @pytest.mark.parametrize(
        "host",
        ["http://old.example.net/pipermail/clockwork/", "https://lists.example.org/mailman/private/clockwork/", ""],
    )
    def test_below_the_address_that_is_crawled(self, kept: Kept, host: str) -> None:
        """Wherever the old address points, the file is wanted below the list's."""
        kept.hold("2010-March/thread.html", index(1))
        kept.hold("2010-March.txt.gz", self.text(host))

        assert wanted(kept) == [f"attachments/20100301/{directory_hash('<1@clock.example.org>')}/plan.pdf"]

    def test_that_a_page_alone_names(self, kept: Kept) -> None:
        """A page that came later can name more files."""
        folder = f"attachments/20100301/{directory_hash('<1@clock.example.org>')}"
        kept.hold("2010-March/thread.html", index(1))
        for path in ("2010-March.txt.gz", "2010-March.txt"):
            kept.hold(path, None)
        assert wanted(kept) == ["2010-March/000001.html"]
        kept.hold(
            "2010-March/000001.html", page(1, f"An HTML attachment was scrubbed...\nURL: &lt;{URL}{folder}/a.htm&gt;")
        )

        assert wanted(kept) == [f"{folder}/a.htm"]


@pytest.mark.parametrize(("media", "size"), [("image/png", 2047), ("text/x-diff", 2047), ("text/html", None)])
def test_a_file_has_the_size_of_its_notice(kept: Kept, media: str, size: int | None) -> None:
    """Not so HTML that a command of the list's owner turned into text: its notice has the HTML's."""
    path = f"attachments/20100301/{directory_hash('<1@clock.example.org>')}/attachment.bin"
    notice = (
        "A non-text attachment was scrubbed...\nName: a\nType: {}\nSize: 2047 bytes\nDesc: not available\nURL: <{}>\n"
    )
    kept.hold("2010-March/thread.html", index(1))
    kept.hold("2010-March.txt.gz", entry(1, notice.format(media, URL + path)))

    assert [want.size for want in kept.library.wanted("clockwork", "2010-March") if want.kind == "attachment"] == [size]
