"""WARC files that other tools wrote: the lists whose archives are in them, as copies to be taken in.

Read by warcio, packed or not, in two goes: first each record's address, status and place, then, one at a
time, what is wanted. Transfer encoding is undone, as in our own files. A revisit is the answer that it
refers to, where that is in the same files.
"""

from __future__ import annotations

import gzip
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from crawler.copies import ATTACHMENTS, LIST_INDEX, VOLUME_INDEX, CopiedList, volume_of
from crawler.errors import HamelinError, UsageError
from crawler.links import kind_of, list_url
from crawler.pages import PAGE_NAME
from crawler.warc_records import Answer
from crawler.warc_records import field as header

MAGIC, GZIP = b"WARC/", b"\x1f\x8b"
SUFFIXES = (".warc", ".warc.gz")
HEAD_WITHIN = 1 << 14  # bytes of an answer in which its head is
STEP = 1 << 16  # bytes read at once
HEAD_END = b"\r\n\r\n"
DEAD_ENDS = (EOFError, OSError, ValueError)  # what a torn or damaged file can raise, beside warcio's own


@dataclass(frozen=True, slots=True)
class Found:
    """An answer in a WARC file: its address, when it was sent (seconds since 1970), the record that has it."""

    url: str
    at: float
    place: tuple[Path, int]


@dataclass
class Contents:
    """What WARC files hold: the newest good answer of each address; revisits of what is nowhere in them; torn files."""

    answers: dict[str, Found] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    torn: list[Path] = field(default_factory=list)


def is_warc(path: Path) -> bool:
    """Say whether a file is a WARC file, packed or not, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if not start.startswith(GZIP):
        return start == MAGIC
    with suppress(OSError, EOFError, zlib.error), gzip.open(path) as packed:
        return packed.read(len(MAGIC)) == MAGIC
    return False


def warcs_in(path: Path) -> list[Path]:
    """Give the WARC files that a path means: the file itself, or those below a folder."""
    if path.is_file():
        return [path] if is_warc(path) else []
    return sorted(found for found in path.rglob("*") if found.name.endswith(SUFFIXES) and is_warc(found))


def read_contents(paths: list[Path]) -> Contents:
    """Look through WARC files; UsageError for one whose records cannot be found apart."""
    contents = Contents()
    index = _Index(contents)
    for path in paths:
        try:
            for offset, record, start in _records(path):
                index.add(path, offset, record, start)
        except ArchiveLoadFailed as error:
            if "non-chunked" in str(error):
                hint = "Unpack it with gunzip, and import the unpacked file."
                raise UsageError(f"{path} is packed as a whole, not record by record.", hint=hint) from error
            contents.torn.append(path)
        except DEAD_ENDS:
            contents.torn.append(path)
    index.resolve()
    return contents


def lists_in(contents: Contents) -> list[CopiedList]:
    """Find the lists whose archives are among the answers: whatever has a volume's thread index, pages or texts."""
    bases = {_bare(list_url(url)): list_url(url) for url in contents.answers if _tells_a_list(url)}
    paths: dict[str, dict[str, Found]] = defaultdict(dict)
    for url, found in contents.answers.items():
        bare = _bare(url)
        for base in _beginnings(bare):
            path = _path(bare[len(base) :]) if base in bases else None
            if path is not None and (path not in paths[base] or paths[base][path].at < found.at):
                paths[base][path] = found
    return [
        CopiedList(unquote(url.rstrip("/").rpartition("/")[2]), url, paths[base], _reader(paths[base]))
        for base, url in bases.items()
    ]


class _Index:
    """Takes records in, and finds what revisits refer to."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.by_id: dict[str, tuple[Path, int]] = {}
        self.by_digest: dict[str, tuple[Path, int]] = {}
        self.revisits: list[tuple[Found, str, str, str]] = []

    def add(self, path: Path, offset: int, record: ArcWarcRecord, start: bytes) -> None:
        """Note a record's place, if it is an answer with what was asked for."""
        told = record.rec_headers.get_header
        url = (told("WARC-Target-URI") or "").strip("<>")
        if record.rec_type not in ("response", "revisit", "resource") or urlsplit(url).scheme not in ("http", "https"):
            return
        status = 200 if record.rec_type == "resource" else _status(start)
        found = Found(url.partition("#")[0], _seconds(told("WARC-Date")), (path, offset))
        if record.rec_type == "revisit":
            refers, digest = told("WARC-Refers-To") or "", told("WARC-Payload-Digest") or ""
            self.revisits.append((found, refers, digest, told("WARC-Refers-To-Target-URI") or url))
        elif status and 200 <= status < 300:
            self.by_id[told("WARC-Record-ID") or ""] = found.place
            self.by_digest.setdefault(told("WARC-Payload-Digest") or "", found.place)
            self._keep(found)

    def resolve(self) -> None:
        """Give each revisit the body of what it refers to; what is nowhere is lost."""
        self.by_id.pop("", None)
        self.by_digest.pop("", None)
        for found, refers, digest, url in self.revisits:
            earlier = self.contents.answers.get(url)
            place = self.by_id.get(refers) or self.by_digest.get(digest) or (earlier.place if earlier else None)
            if place is None:
                self.contents.lost.append(found.url)
            else:
                self._keep(replace(found, place=place))

    def _keep(self, found: Found) -> None:
        held = self.contents.answers.get(found.url)
        if held is None or held.at <= found.at:
            self.contents.answers[found.url] = found


class _Quiet(ArchiveIterator):  # type: ignore[misc]  # warcio has no types
    """warcio's reader, which would write its warnings to stderr."""

    INC_RECORD = ""


def _records(path: Path) -> Iterator[tuple[int, ArcWarcRecord, bytes]]:
    """Give each record with its place and the bytes that its block begins with; EOFError at one that is cut."""
    with path.open("rb") as file:
        reader = _Quiet(file, no_record_parse=True)
        for record in reader:
            offset, start = reader.offset, record.raw_stream.read(HEAD_WITHIN)
            while record.raw_stream.read(STEP):
                pass
            if getattr(record.raw_stream, "limit", 1):  # what its length promises and is not there, or no length
                raise EOFError
            yield offset, record, start


def _reader(paths: Mapping[str, Found]) -> Callable[[str, str], Answer]:
    def read(path: str, _: str) -> Answer:
        found = paths[path]
        file, offset = found.place
        try:
            with file.open("rb") as opened:
                opened.seek(offset)
                record = next(iter(_Quiet(opened, no_record_parse=True)))
                whole, kind = record.raw_stream.read(), record.rec_type
        except (ArchiveLoadFailed, StopIteration, *DEAD_ENDS) as error:
            raise HamelinError(f"{file} cannot be read at {offset}.", hint="Is it being written still?") from error
        if kind == "resource":
            return Answer(found.url, 200, b"", whole, b"", found.at)
        head, _, body = whole.partition(HEAD_END)
        head += HEAD_END
        if "chunked" in (header(head, "Transfer-Encoding") or "").lower():
            body = ChunkedDataReader(BytesIO(body)).read(len(body))
        return Answer(found.url, _status(head) or 200, head, body, b"", found.at)

    return read


def _status(head: bytes) -> int | None:
    parts = head.split(None, 2)
    return int(parts[1]) if len(parts) > 1 and parts[0].startswith(b"HTTP/") and parts[1].isdigit() else None


def _seconds(date: str | None) -> float:
    try:
        moment = datetime.fromisoformat(date or "")
    except ValueError:
        return 0.0
    return float(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _tells_a_list(url: str) -> bool:
    """Say whether an address has the shape of a volume's thread index, page or text, which nothing else has."""
    with suppress(HamelinError, ValueError):
        path = unquote(urlsplit(url).path).removeprefix(unquote(urlsplit(list_url(url)).path))
        return volume_of(path) is not None and (
            path.endswith(f"/{VOLUME_INDEX}") or PAGE_NAME.search(path) is not None or kind_of(url) == "text"
        )
    return False


def _bare(url: str) -> str:
    """Take the scheme off an address, and what stands behind `?`: both forms of a host are one archive."""
    return url.partition("://")[2].partition("?")[0]


def _beginnings(bare: str) -> Iterator[str]:
    """Give the folders above an address, itself first when it is one."""
    end = len(bare)
    while (end := bare.rfind("/", 0, end)) > 0:
        yield bare[: end + 1]


def _path(rest: str) -> str | None:
    """Give the path of what belongs to a list's archive; None for other addresses below it."""
    path = unquote(rest)
    if path in ("", LIST_INDEX):
        return ""
    if volume_of(path):
        folder, slash, name = path.partition("/")
        if slash and name in ("", LIST_INDEX, VOLUME_INDEX):
            return f"{folder}/{VOLUME_INDEX}"
        return path if not slash or PAGE_NAME.match(name) else None
    return path if path.startswith(f"{ATTACHMENTS}/") else None
