"""Messages taken out of texts, indexes and pages; the file that says which; and records rewritten in their place."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import ArchiveTrouble
from crawler.excise import Excision, entry_print, file_print, page_print, without_lines
from crawler.message import key
from crawler.pages import read_volume_index
from crawler.parse.message_page import read_page
from crawler.parse.volume_text import read_entries
from crawler.removals import Removal, append, load
from crawler.warc import Place, WarcReader, WarcWriter, scan
from crawler.warc_purge import purge_warc
from crawler.warc_records import Answer, Labels
from tests.kept import BASE, entry, index, page

BY_ID = Removal(
    key("clockwork", "<2@clock.example.org>"), "clockwork", old=("2010-March/000002.html",), purged=True, by_id=True
)
BODIES = {n: " ".join(f"{(n * 7919 + k * 104729) % 99991:x}" for k in range(60)) for n in (1, 2, 3)}
TEXT = "".join(entry(n, BODIES[n]) for n in (1, 2, 3))
REST = entry(1, BODIES[1]) + entry(3, BODIES[3])


def excision(*removals: Removal) -> Excision:
    return Excision("clockwork", removals)


class TestExcision:
    """What is left of a payload."""

    @pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: gzip.compress(gzip.compress(data))])
    def test_an_entry_goes_from_a_text_packed_or_not(self, pack: object) -> None:
        """The others stay to the byte."""
        left = excision(BY_ID).of(f"{BASE}clockwork/2010-March.txt", pack(TEXT.encode()))  # type: ignore[operator]

        assert left is not None
        plain = gzip.decompress(left) if left.startswith(b"\x1f\x8b") else left
        assert plain.decode() == REST

    def test_what_names_nobody_comes_back_as_it_is(self) -> None:
        """Not even its packing changes."""
        payload = gzip.compress((entry(1) + entry(3)).encode(), 1)

        assert excision(BY_ID).of(f"{BASE}clockwork/2010-March.txt.gz", payload) == payload

    def test_a_line_goes_from_an_index_and_one_from_its_count(self) -> None:
        """The others keep their place."""
        left = excision(BY_ID).of(f"{BASE}clockwork/2010-March/thread.html", index(1, 2, 3).encode())

        assert left is not None
        read = read_volume_index(left)
        assert ([e.number for e in read.entries], read.claimed) == ([1, 3], 2)
        assert b"Tick 2" not in left

    def test_other_volumes_have_other_numbers(self) -> None:
        """A number in another volume is none of ours."""
        payload = index(1, 2, 3).encode()

        assert excision(BY_ID).of(f"{BASE}clockwork/2010-April/thread.html", payload) == payload

    def test_its_page_goes_wherever_it_stands(self) -> None:
        """By its own id under another number; another message under its number stays."""
        taken = excision(BY_ID)

        assert taken.of(f"{BASE}clockwork/2010-March/000044.html", page(2).encode()) is None
        assert taken.of(f"{BASE}clockwork/2010-March/000002.html", page(5).encode()) == page(5).encode()

    def test_without_an_id_of_its_own_a_message_is_known_by_its_text(self) -> None:
        """In the text by date, subject and body; on its page by subject and body."""
        bare = entry(2, "A long story of a lamp that went out and of who lit it again.", message_id=None)
        shown = page(2, "A long story of a lamp that went out and of who lit it again.").replace("In-Reply-To", "X")
        marks = (entry_print(read_entries(bare.encode(), None)[0]), page_print(read_page(shown.encode())) or "")
        taken = excision(Removal("x" * 26, "clockwork", old=("2010-March/000009.html",), purged=True, prints=marks))

        assert taken.of(f"{BASE}clockwork/2010-March.txt", (entry(1) + bare).encode()) == entry(1).encode()
        assert taken.of(f"{BASE}clockwork/2010-March/000002.html", shown.encode()) is None

    def test_another_lists_removal_is_not_ours(self) -> None:
        """A mail that went to two lists is taken out of the one that it was taken out of."""
        other = replace(BY_ID, list="lamps")

        assert excision(other).of(f"{BASE}clockwork/2010-March.txt", TEXT.encode()) == TEXT.encode()

    def test_a_count_never_falls_below_nothing(self) -> None:
        """Whatever an index claims."""
        assert read_volume_index(without_lines(index(1, 2, claimed=1).encode(), [1, 2])).claimed == 0


class TestFile:
    """removals.jsonl."""

    def test_what_was_written_comes_back(self, tmp_path: Path) -> None:
        """The last line about a message counts."""
        append(tmp_path, [BY_ID, Removal("a" * 26)])
        append(tmp_path, [Removal("a" * 26, undone=True)])

        assert list(load(tmp_path)) == [BY_ID]

    def test_a_line_that_a_kill_cut_is_passed_over_and_closed(self, tmp_path: Path) -> None:
        """What comes next stands on a line of its own; the half line then is one that cannot be read."""
        append(tmp_path, [BY_ID])
        path = tmp_path / "removals.jsonl"
        path.write_text(path.read_text() + '{"id": "aaa')

        assert list(load(tmp_path)) == [BY_ID]

    @pytest.mark.parametrize("line", ["{", "[]", "{}", '{"id": 7}', "7"])
    def test_a_line_that_cannot_be_read_is_said(self, tmp_path: Path, line: str) -> None:
        """With its number."""
        (tmp_path / "removals.jsonl").write_text(f"\n{line}\n")

        with pytest.raises(ArchiveTrouble, match="Line 2 of"):
            load(tmp_path)

    def test_fields_of_a_newer_hamelin_are_passed_over(self, tmp_path: Path) -> None:
        """A removal holds all the same."""
        (tmp_path / "removals.jsonl").write_text('{"id": "aaa", "mood": "blue"}\n')

        assert "aaa" in load(tmp_path)


class TestRecords:
    """Records rewritten where they stand."""

    def put(self, folder: Path, *bodies: bytes, url: str = "2010-March.txt") -> None:
        writer = WarcWriter(folder)
        for body in bodies:
            address = f"{BASE}clockwork/{url}"
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: e\r\n\r\n" % len(body)
            answer = Answer(address, 200, head, body, b"GET / HTTP/1.1\r\n\r\n", 1e9)
            writer.write(answer, Labels("clockwork", "2010-March", address, 200))
        writer.close()

    def purge(self, folder: Path, *, held: bool = True) -> None:
        taken = excision(BY_ID)
        purge_warc(folder, lambda name: taken if name == "clockwork" else None, lambda *_: held, "Hamelin")

    def test_a_record_keeps_its_place_and_its_validators(self, tmp_path: Path) -> None:
        """Its length and digests are those of what is left."""
        self.put(tmp_path, TEXT.encode(), b"From nobody")
        before = list(scan(tmp_path))
        self.purge(tmp_path)
        after = list(scan(tmp_path))

        assert [Place(c.warc, c.offset) for c in after] == [Place(c.warc, c.offset) for c in before]
        assert (after[0].etag, after[1]) == ("e", before[1])
        with WarcReader(tmp_path) as reader:
            head, body = reader.response(Place(after[0].warc, after[0].offset))
        assert body.decode() == REST
        assert b"Content-Length: %d\r\n" % len(body) in head

    @pytest.mark.parametrize("held", [True, False])
    def test_what_is_too_long_for_its_place_goes_to_a_file_of_its_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: bool
    ) -> None:
        """If it is what is held of its address; a former reading goes."""
        from crawler import warc_purge

        self.put(tmp_path, TEXT.encode())
        monkeypatch.setattr(warc_purge, "packed", lambda *_: None)
        self.purge(tmp_path, held=held)

        found = list(scan(tmp_path))
        assert [c.url for c in found] == [f"{BASE}clockwork/2010-March.txt"] * held
        with WarcReader(tmp_path) as reader:
            assert [reader.payload(c).decode() for c in found] == [REST] * held

    def test_an_attachments_records_hold_no_name(self, tmp_path: Path) -> None:
        """Neither the answer nor the request for it tells its address any more."""
        url = "attachments/20100301/0a1b2c3d/secret.png"
        self.put(tmp_path, b"PNG", url=url)
        mark = file_print(f"{BASE}clockwork/{url}")
        taken = excision(replace(BY_ID, files=(mark or "",)))
        done = purge_warc(tmp_path, lambda _: taken, lambda *_: True, "Hamelin")

        [path] = (tmp_path / "warc").iterdir()
        assert b"secret" not in gzip.decompress(path.read_bytes())
        assert (done.gone, list(scan(tmp_path))) == (2, [])
