"""What is put into warc/ is found again, byte for byte, whatever happened to the run that wrote it."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.encodings import PackingTrouble, gunzip, unpack
from crawler.errors import ArchiveTrouble
from crawler.store import Capture
from crawler.warc import WarcReader, WarcWriter, capture_of, files, finish, scan, unfinished
from crawler.warc_records import Answer, Labels

URL = "https://lists.example.org/pipermail/kitchen/2024-May.txt"
REQUEST = b"GET /pipermail/kitchen/2024-May.txt HTTP/1.1\r\nHost: lists.example.org\r\n\r\n"
# A head no library would write: odd case, a field twice, bytes beyond ASCII.
HEAD = (
    b'HTTP/1.1 200 Sure thing\r\nserver: Apache/1.3\r\nETAG: "a-1"\r\nX-Odd:  two  blanks\r\nVia: a\r\n'
    b"Via: b\r\nX-Latin: caf\xe9\r\nLast-Modified: Sat, 04 May 2024 10:00:00 GMT\r\n\r\n"
)


def answer(body: bytes, *, url: str = URL, head: bytes = HEAD, status: int = 200, at: float = 1714816800.0) -> Answer:
    return Answer(url, status, head, body, REQUEST, at, "192.0.2.1")


def labels(url: str = URL, verdict: int = 200, volume: str | None = "2024-May") -> Labels:
    return Labels("kitchen", volume, url, verdict)


def keep(writer: WarcWriter, body: bytes, **changes: object) -> Capture:
    sent = answer(body, **changes)  # type: ignore[arg-type]  # the keywords are those of answer()
    named = labels(sent.url, sent.status)
    return capture_of(sent, named, writer.write(sent, named))


def kill(writer: WarcWriter) -> None:
    """Let a writer end as its process would: without a last word."""
    assert writer._file
    writer._file.close()


def test_a_payload_and_its_head_come_back_as_they_were_sent(tmp_path: Path) -> None:
    """Every byte of head and body is kept, also where no library would write it so."""
    writer = WarcWriter(tmp_path)
    capture = keep(writer, b"From indigo\n" * 9)
    writer.close()

    with WarcReader(tmp_path) as reader:
        assert reader.response(_place(capture)) == (HEAD, b"From indigo\n" * 9)
        assert reader.payload(capture) == b"From indigo\n" * 9


def test_what_lets_somebody_in_is_left_out(tmp_path: Path) -> None:
    """Cookies and passwords in either head, folded or not, are in no record; the other fields are."""
    secret = b"Set-Cookie: a=oil;\r\n  path=/\r\nSET-COOKIE: b=oil\r\n"
    asked = REQUEST.replace(b"\r\n\r\n", b"\r\ncookie: a=oil\r\nAuthorization: Basic oil\r\nAccept: */*\r\n\r\n")
    writer = WarcWriter(tmp_path)
    sent = replace(answer(b"From indigo\n", head=HEAD.replace(b"Via: b\r\n", secret + b"Via: b\r\n")), request=asked)
    capture = capture_of(sent, labels(), writer.write(sent, labels()))
    writer.close()

    kept = gzip.decompress((tmp_path / "warc" / capture.warc).read_bytes())
    assert b"oil" not in kept
    assert b"path=/" not in kept
    assert b"Accept: */*\r\n" in kept
    with WarcReader(tmp_path) as reader:
        assert reader.response(_place(capture))[0] == HEAD


def test_the_capture_tells_validators_size_and_digest(tmp_path: Path) -> None:
    """A capture made while fetching is the one that a scan of warc/ makes."""
    writer = WarcWriter(tmp_path)
    capture = keep(writer, b"indigo")
    writer.close()

    assert (capture.etag, capture.last_modified) == ('"a-1"', "Sat, 04 May 2024 10:00:00 GMT")
    assert (capture.size, capture.sha256[:8], capture.fetched_at) == (
        6,
        hashlib.sha256(b"indigo").hexdigest()[:8],
        1714816800,
    )
    assert list(scan(tmp_path)) == [capture]


def test_other_tools_read_what_we_write_and_find_no_wrong_digest(tmp_path: Path) -> None:
    """warcio's own reader sees warcinfo, responses, revisits and requests, and every digest holds."""
    writer = WarcWriter(tmp_path)
    held = keep(writer, b"indigo")
    writer.write_revisit(answer(b"indigo"), labels(), held)
    writer.close()

    seen = []
    with (tmp_path / "warc" / held.warc).open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.raw_stream.read()
            seen.append((record.format, record.rec_type, record.rec_headers.protocol))
    kinds = ["warcinfo", "response", "request", "revisit", "request"]
    assert seen == [("warc", kind, "WARC/1.1") for kind in kinds]


def test_content_encoding_is_kept_as_sent_and_undone_on_reading(tmp_path: Path) -> None:
    """A packed body stays packed in warc/; the payload, its size and its digest are of what it holds."""
    head = HEAD.replace(b"X-Odd:", b"Content-Encoding: gzip\r\nX-Odd:")
    writer = WarcWriter(tmp_path)
    plain, packed = keep(writer, b"indigo"), keep(writer, gzip.compress(b"indigo"), head=head, url=URL + "x")
    writer.close()

    with WarcReader(tmp_path) as reader:
        assert reader.payload(packed) == b"indigo"
        assert reader.response(_place(packed))[1] == gzip.compress(b"indigo")
    assert (packed.size, packed.sha256) == (plain.size, plain.sha256)


def test_a_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    """A payload that unpacks to more than the limit is refused without being unpacked."""
    head = HEAD.replace(b"X-Odd:", b"Content-Encoding: gzip\r\nX-Odd:")
    writer = WarcWriter(tmp_path)
    capture = keep(writer, gzip.compress(bytes(5000)), head=head)
    writer.close()

    with WarcReader(tmp_path, limit=4999) as reader, pytest.raises(PackingTrouble) as caught:
        reader.payload(capture)
    assert caught.value.beyond


def test_transfer_encoding_gets_the_name_other_archives_give_it(tmp_path: Path) -> None:
    """A body is kept without its chunks, so the head must not say that it has them."""
    writer = WarcWriter(tmp_path)
    capture = keep(writer, b"indigo", head=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    writer.close()

    with WarcReader(tmp_path) as reader:
        head = reader.response(_place(capture))[0]
    assert head == b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n\r\n"


def test_a_revisit_points_to_the_payload_that_is_held(tmp_path: Path) -> None:
    """The same payload again costs a head; its capture is newer and reads from the first record."""
    writer = WarcWriter(tmp_path)
    held = keep(writer, b"indigo" * 999)
    before = (tmp_path / "warc" / (held.warc + ".open")).stat().st_size
    writer.write_revisit(answer(b"indigo" * 999, at=1714820400.0), labels(), held)
    writer.close()

    last = list(scan(tmp_path))[-1]
    assert (last.warc, last.offset, last.fetched_at) == (held.warc, held.offset, 1714820400)
    assert (last.sha256, last.size) == (held.sha256, held.size)
    assert (tmp_path / "warc" / held.warc).stat().st_size - before < 1200


def test_what_a_verdict_and_a_redirect_changed_survives_in_the_record(tmp_path: Path) -> None:
    """A scan gives the address that was asked and the verdict, not what the wire said."""
    writer = WarcWriter(tmp_path)
    moved = answer(b"<html>sorry</html>", url="https://elsewhere.example.org/x")
    writer.write(moved, Labels("kitchen", None, URL, 601))
    writer.close()

    [capture] = scan(tmp_path)
    assert (capture.url, capture.status, capture.volume, capture.list) == (URL, 601, None, "kitchen")


@pytest.mark.parametrize("status", [301, 302, 408, 429, 500, 503])
def test_redirects_and_passing_trouble_are_kept_but_are_no_captures(tmp_path: Path, status: int) -> None:
    """The record is there for who wants to know; nobody takes it for an answer."""
    writer = WarcWriter(tmp_path)
    head = b"HTTP/1.1 %d Hm\r\n\r\n" % status
    keep(writer, b"later", head=head, status=status)
    writer.close()

    assert list(scan(tmp_path)) == []
    assert (tmp_path / "warc" / files(tmp_path)[0]).stat().st_size > 500


def test_nothing_to_write_makes_nothing(tmp_path: Path) -> None:
    """A run that fetched nothing leaves no file and no folder."""
    WarcWriter(tmp_path).close()

    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("cut", [0, 1, 7, 300])
def test_a_torn_record_is_passed_over(tmp_path: Path, cut: int) -> None:
    """After a kill in the middle of writing, all records before the torn one are found."""
    writer = WarcWriter(tmp_path)
    captures = [keep(writer, f"message {n}\n".encode() * 50, url=f"{URL}?{n}") for n in range(3)]
    kill(writer)
    path = tmp_path / "warc" / (captures[0].warc + ".open")
    path.write_bytes(path.read_bytes()[: captures[2].offset + cut])

    assert list(scan(tmp_path)) == captures[:2]


def test_an_unfinished_file_is_read_under_its_final_name(tmp_path: Path) -> None:
    """Captures name the final file; before the run ended, and after it was killed, they read all the same."""
    writer = WarcWriter(tmp_path)
    capture = keep(writer, b"indigo")
    kill(writer)

    with WarcReader(tmp_path) as reader:
        assert reader.payload(capture) == b"indigo"
    assert unfinished(tmp_path) == [capture.warc]
    finish(tmp_path, capture.warc)
    with WarcReader(tmp_path) as reader:
        assert reader.payload(capture) == b"indigo"
    assert unfinished(tmp_path) == []


def test_each_run_writes_a_file_of_its_own_and_names_sort_by_age(tmp_path: Path) -> None:
    """A new writer never appends to what is there, and its file comes after all others whatever the clock says."""
    names = []
    for _ in range(3):
        writer = WarcWriter(tmp_path)
        names.append(keep(writer, b"indigo").warc)
        writer.close()

    assert files(tmp_path) == names
    assert len(set(names)) == 3


def test_a_file_that_is_large_enough_is_followed_by_another(tmp_path: Path) -> None:
    """Rotation ends a file between two exchanges; captures find both."""
    writer = WarcWriter(tmp_path, rotate_at=2000)
    captures = [keep(writer, os.urandom(1500), url=f"{URL}?{n}") for n in range(3)]
    writer.close()

    assert len({capture.warc for capture in captures}) == 3
    assert list(scan(tmp_path)) == captures


def test_a_full_disk_is_said_in_a_sentence_and_tears_only_what_was_being_written(tmp_path: Path) -> None:
    """What was written before the disk was full reads; the file stays marked, so that the next run looks into it."""
    writer = WarcWriter(tmp_path)
    capture = keep(writer, b"indigo")
    with _file_size_limit((tmp_path / "warc" / (capture.warc + ".open")).stat().st_size + 700):
        with pytest.raises(ArchiveTrouble, match="cannot be written: File too large"):
            keep(writer, os.urandom(5000), url=URL + "?2")
        writer.close()

    assert list(scan(tmp_path)) == [capture]
    assert unfinished(tmp_path) == [capture.warc]


@pytest.mark.parametrize("damage", ["gone", "short"])
def test_a_record_that_is_not_there_is_said_in_a_sentence(tmp_path: Path, damage: str) -> None:
    """A database that names what warc/ has not says what to do."""
    writer = WarcWriter(tmp_path)
    capture = keep(writer, b"indigo")
    writer.close()
    path = tmp_path / "warc" / capture.warc
    path.unlink() if damage == "gone" else path.write_bytes(path.read_bytes()[:-600])

    with WarcReader(tmp_path) as reader, pytest.raises(ArchiveTrouble, match="reparse --write"):
        reader.payload(capture)


def test_many_files_need_few_handles(tmp_path: Path) -> None:
    """Reading from more files than the limit closes the oldest one."""
    captures = []
    for n in range(12):
        writer = WarcWriter(tmp_path)
        captures.append(keep(writer, str(n).encode()))
        writer.close()

    with WarcReader(tmp_path) as reader:
        assert [reader.payload(capture) for capture in captures * 2] == [str(n).encode() for n in range(12)] * 2
        assert len(reader._files) == 8


def test_gunzip_reads_all_members_and_leaves_what_is_none() -> None:
    """Two members are one text; what is appended without being gzip is left out."""
    two = gzip.compress(b"one ") + gzip.compress(b"two")

    assert gunzip(two) == b"one two"
    assert gunzip(two + b"trailing") == b"one two"


@pytest.mark.parametrize(
    ("body", "words"), [(gzip.compress(b"indigo" * 99)[:-9], "middle"), (b"\x1f\x8b\x08" + b"\xff" * 9, "unpacked")]
)
def test_gzip_that_is_torn_or_none_is_trouble(body: bytes, words: str) -> None:
    """A body that begins as gzip and does not end as such cannot be believed."""
    with pytest.raises(PackingTrouble, match=words) as caught:
        gunzip(body)
    assert not caught.value.beyond


@pytest.mark.parametrize("wrap", [lambda z: z, lambda z: z[2:-4]], ids=["zlib", "raw"])
def test_deflate_is_undone_in_both_readings_of_the_word(wrap: Callable[[bytes], bytes]) -> None:
    """Servers send deflate with its zlib frame, or without."""
    import zlib

    assert unpack(wrap(zlib.compress(b"indigo")), "deflate") == b"indigo"


def _place(capture: Capture) -> object:
    from crawler.warc import Place

    return Place(capture.warc, capture.offset)


class _file_size_limit:  # noqa: N801  # reads as what it is: a limit within which something happens
    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
