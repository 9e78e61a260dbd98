"""Files of a message that stands on several pages: none is lost, none is doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crawler.merged_files import join_files
from crawler.parse.notices import directory_hash
from tests.kept import Kept, entry, index


def part(url: str | None, sha256: str | None = None, **values: Any) -> dict[str, Any]:
    """Make an attachment; it is held when its digest is given."""
    stated = {"kind": "html", "name": None, "type": "text/html", "size": None, "description": None}
    return stated | {"url": url, "sha256": sha256, "status": "stored" if sha256 else "missing", "at": 3} | values


def test_the_same_bytes_are_one_file() -> None:
    """Whatever its addresses are."""
    assert join_files([part("a", "1")], [[part("b", "1")], [part("c", "1")]]) == [part("a", "1", urls=["a", "b", "c"])]


def test_other_bytes_are_another_file() -> None:
    """It comes last."""
    assert join_files([part("a", "1")], [[part("b", "2")]]) == [part("a", "1"), part("b", "2")]


def test_a_file_that_only_a_copy_has_is_held() -> None:
    """It takes the place of the one that is missing, whose address stays."""
    assert join_files([part("a")], [[part("b", "1")]]) == [part("b", "1", urls=["b", "a"])]


def test_alike_parts_stay_two() -> None:
    """Each of a copy's parts is the counterpart of one."""
    own, copy = [part("a", "1"), part("b", "1")], [part("c", "1"), part("d", "1")]

    assert join_files(own, [copy]) == [part("a", "1", urls=["a", "c"]), part("b", "1", urls=["b", "d"])]


def test_notices_without_a_file() -> None:
    """What both say was skipped was one part."""
    skipped = part(None, status="skipped", type="text/calendar")

    assert join_files([skipped], [[skipped]]) == [skipped]


def test_a_list_that_was_archived_twice(tmp_path: Path) -> None:
    """Its messages have one file, under both addresses, and both lead to it."""
    kept = Kept(tmp_path)
    tail = f"attachments/20100301/{directory_hash('<1@clock.example.org>')}/attachment"
    base = "http://lists.example.org/pipermail/clockwork/"
    notice = "Tock.\n-------------- next part --------------\nAn HTML attachment was scrubbed...\nURL: <{}>\n"
    names = f"{tail}.htm", f"{tail}-0001.htm"
    kept.hold("2010-March/thread.html", index(1, 2))
    kept.hold("2010-March.txt", "".join(entry(1, notice.format(base + name)) for name in names))
    for name in names:
        kept.hold(name, "<tt>\nbell\n</tt>\n")
    kept.ingest()

    (message,) = kept.messages()
    assert message.pages == ("2010-March/000001.html", "2010-March/000002.html")
    (file,) = message.attachments
    assert file.urls == (base + names[0], base + names[1])
    assert message.as_record()["attachments"][0]["urls"] == file.urls
    assert [urls for _, _, urls in kept.store.old_addresses("clockwork")] == [file.urls]
    kept.again()
    assert kept.ingest().changed == 0


def test_a_file_of_one_address_is_found_by_it(tmp_path: Path) -> None:
    """Its old address leads to its message, and no list of addresses is kept beside it."""
    kept = Kept(tmp_path)
    url = f"http://lists.example.org/pipermail/clockwork/attachments/20100301/{directory_hash('<1@clock.example.org>')}/a.htm"
    kept.hold("2010-March/thread.html", index(1))
    kept.hold("2010-March.txt", entry(1, f"An HTML attachment was scrubbed...\nURL: <{url}>\n"))
    kept.ingest()

    assert [urls for _, _, urls in kept.store.old_addresses("clockwork")] == [(url,)]
    assert "urls" not in kept.store.db.execute("SELECT attachments FROM attached").fetchone()[0]
