"""WARC files of other tools: the archives in them become what a crawl would have made."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import UsageError
from crawler.foreign_warc import lists_in, read_contents
from tests.command import Done, hamelin
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail

BASE = "https://lists.example.org/pipermail/keepers/"
PNG = b"\x89PNG\r\n\x1a\n of the lamp"
Head = Sequence[tuple[str, str]]


def letters() -> list[Mail]:
    """Write eight mails of two months, two of them with an attachment."""
    part = Part("image/png", PNG, name="lamp.png")
    return [
        mail(100 * month + n, datetime(2010, month, n + 1, 12, tzinfo=UTC), parts=(part,) if n == 0 else ())
        for month in (1, 2)
        for n in range(4)
    ]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The list keepers, as its server holds it."""
    write(tmp_path / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "pipermail" / "keepers"


def addresses(tree: Path, base: str = BASE) -> dict[str, bytes]:
    """Give what a browser would have seen: every file by its address, the list's index as a folder's."""
    paths = [path for path in sorted(tree.rglob("*")) if path.is_file()]
    found = {base + path.relative_to(tree).as_posix(): path.read_bytes() for path in paths}
    return {url.removesuffix("index.html") if url == base + "index.html" else url: data for url, data in found.items()}


class Warc:
    """A WARC file that grows record by record, written by hand: WARC 1.0, as most tools do."""

    def __init__(self, path: Path, *, packed: bool = True) -> None:
        self.path, self.packed = path, packed
        path.write_bytes(b"")

    def add(self, url: str, body: bytes, *, head: Head = (), status: str = "200 OK", day: int = 1) -> str:
        """Add an answer, sent on a day of March 2020; give the digest of its payload."""
        digest = "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in head), "", ""]
        self._record("response", url, day, "\r\n".join(lines).encode() + body, [("WARC-Payload-Digest", digest)])
        return digest

    def revisit(self, url: str, digest: str, *, day: int = 2) -> None:
        """Add a revisit of a payload that was written before."""
        profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
        fields = [("WARC-Payload-Digest", digest), ("WARC-Profile", profile)]
        self._record("revisit", url, day, b"HTTP/1.1 200 OK\r\n\r\n", fields)

    def close(self) -> Path:
        """Give the file."""
        return self.path

    def _record(self, kind: str, url: str, day: int, block: bytes, fields: Head) -> None:
        fields = [
            ("WARC-Type", kind), ("WARC-Record-ID", f"<{uuid.uuid4().urn}>"), ("WARC-Target-URI", url), *fields,
            ("WARC-Date", f"2020-03-{day:02}T12:00:00Z"), ("Content-Type", "application/http; msgtype=response"),
            ("Content-Length", str(len(block))),
        ]  # fmt: skip
        lines = ["WARC/1.0", *(f"{name}: {value}" for name, value in fields), "", ""]
        record = "\r\n".join(lines).encode() + block + b"\r\n\r\n"
        with self.path.open("ab") as file:
            file.write(gzip.compress(record) if self.packed else record)


def chunks(data: bytes) -> bytes:
    """Send bytes in chunks of 100 (RFC 9112, section 7.1)."""
    parts = [data[n : n + 100] for n in range(0, len(data), 100)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def plain(url: str, data: bytes) -> tuple[bytes, Head]:
    """Send bytes as they are."""
    return data, [("ETag", f'"{len(data)}"')]


def chunked(url: str, data: bytes) -> tuple[bytes, Head]:
    """Send bytes in chunks."""
    return chunks(data), [("Transfer-Encoding", "chunked")]


def packed_and_chunked(url: str, data: bytes) -> tuple[bytes, Head]:
    """Send bytes packed, in chunks."""
    return chunks(gzip.compress(data)), [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]


def unchunked(url: str, data: bytes) -> tuple[bytes, Head]:
    """Keep bytes without chunks under a head that still speaks of them, as some tools do."""
    return data, [("Transfer-Encoding", "chunked")]


def take(folder: Path, *arguments: str | Path) -> Done:
    """Import something."""
    return hamelin("--archive", str(folder), "import", *map(str, arguments))


def exported(folder: Path) -> list[dict[str, object]]:
    """Give an archive's records."""
    done = hamelin("--archive", str(folder), "export")
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture
def expected(tmp_path: Path, tree: Path) -> list[dict[str, object]]:
    """The records that the list's own folder gives."""
    take(tmp_path / "expected", tree, "--url", BASE)
    return exported(tmp_path / "expected")


@pytest.mark.parametrize("packed", [True, False], ids=["warc.gz", "warc"])
@pytest.mark.parametrize("sent", [plain, chunked, packed_and_chunked, unchunked])
def test_it_gives_the_records_of_the_server(
    tmp_path: Path,
    tree: Path,
    expected: list[dict[str, object]],
    sent: Callable[[str, bytes], tuple[bytes, Head]],
    packed: bool,
) -> None:
    """However the answers were sent and the file is packed, the records are those of the list's own folder."""
    warc = Warc(tmp_path / ("all.warc.gz" if packed else "all.warc"), packed=packed)
    for url, data in addresses(tree).items():
        body, head = sent(url, data)
        warc.add(url, body, head=head)

    done = take(tmp_path / "a", warc.close())

    assert (done.code, done.err) == (0, "keepers: 2 volumes\n")
    assert len(expected) == 8
    assert exported(tmp_path / "a") == expected


def test_revisits_are_what_they_refer_to(tmp_path: Path, tree: Path, expected: list[dict[str, object]]) -> None:
    """A revisit of a payload in another file of the same folder counts as the whole answer."""
    (tmp_path / "warcs").mkdir()
    one, two = Warc(tmp_path / "warcs" / "1.warc.gz"), Warc(tmp_path / "warcs" / "2.warc.gz")
    for url, data in addresses(tree).items():
        digest = one.add(url.replace("lists.example.org", "old.example.net"), data)
        two.revisit(url, digest)

    lists = lists_in(read_contents([two.path, one.path]))
    take(tmp_path / "a", tmp_path / "warcs", "--list", "keepers", "--url", BASE)

    assert sorted(copy.url or "" for copy in lists) == [
        "https://lists.example.org/pipermail/keepers/",
        "https://old.example.net/pipermail/keepers/",
    ]
    assert len(lists[0].paths) == len(lists[1].paths)


def test_revisits_of_what_is_elsewhere_are_counted(tmp_path: Path, tree: Path) -> None:
    """A revisit whose payload is not in the files given is left out, and said so."""
    warc = Warc(tmp_path / "all.warc.gz")
    for url, data in addresses(tree).items():
        if url.endswith("000000.html"):
            warc.revisit(url, "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        else:
            warc.add(url, data)

    done = take(tmp_path / "a", warc.close())

    assert "1 revisits of what is not in these files are left out\n" in done.err
    assert len(exported(tmp_path / "a")) == 8


def test_the_newest_answer_counts(tmp_path: Path, tree: Path) -> None:
    """Of several answers of an address the newest that carried something is taken, under either scheme."""
    warc = Warc(tmp_path / "all.warc.gz")
    found = addresses(tree)
    text = f"{BASE}2010-February.txt"
    for url, data in found.items():
        warc.add(url, data, day=3)
    warc.add(text.replace("https:", "http:"), found[text][:200], day=2)
    warc.add(text, b"Not now.", status="503 Busy", day=4)

    copy = lists_in(read_contents([warc.close()]))[0]

    assert copy.read("2010-February.txt", "").body == found[text]


def test_other_pages_of_the_same_site_are_left_alone(tmp_path: Path, tree: Path) -> None:
    """What stands beside the archive, even in folders named for years, is no list."""
    warc = Warc(tmp_path / "all.warc.gz")
    for url, data in addresses(tree).items():
        warc.add(url, data)
    warc.add("https://lists.example.org/blog/2010/index.html", b"<html>Our year</html>")
    warc.add("https://lists.example.org/pipermail/keepers/2010-January/author.html", b"<html></html>")

    lists = lists_in(read_contents([warc.close()]))

    assert [copy.url for copy in lists] == [BASE]
    assert "2010-January/author.html" not in lists[0].paths


def test_a_damaged_file_gives_what_stands_before_the_damage(tmp_path: Path, tree: Path) -> None:
    """A file that was cut is read up to the cut, and named."""
    warc = Warc(tmp_path / "all.warc.gz")
    for url, data in addresses(tree).items():
        warc.add(url, data)
    path = warc.close()
    path.write_bytes(path.read_bytes()[:-600])

    done = take(tmp_path / "a", path)

    assert f"{path} is damaged: what stands before the damage is read\n" in done.err
    assert done.code == 0


def test_a_file_that_is_packed_as_a_whole_is_refused(tmp_path: Path, tree: Path) -> None:
    """In a file that was packed by hand no record can be found apart: the sentence says what to do."""
    warc = Warc(tmp_path / "all.warc", packed=False)
    for url, data in addresses(tree).items():
        warc.add(url, data)
    packed = tmp_path / "all.warc.gz"
    packed.write_bytes(gzip.compress(warc.close().read_bytes()))

    with pytest.raises(UsageError, match=r"packed as a whole.*Unpack it"):
        read_contents([packed])


def test_validators_are_kept_for_the_next_crawl(tmp_path: Path, tree: Path) -> None:
    """The answers' own ETags come into the archive, so that a later crawl can ask conditionally."""
    warc = Warc(tmp_path / "all.warc.gz")
    for url, data in addresses(tree).items():
        warc.add(url, data, head=[("ETag", '"x1"')])

    answer = lists_in(read_contents([warc.close()]))[0].read("", BASE)

    assert (answer.header("ETag"), answer.status) == ('"x1"', 200)
    assert answer.asked_at == datetime(2020, 3, 1, 12, tzinfo=UTC).timestamp()
