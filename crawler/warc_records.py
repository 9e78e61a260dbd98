"""One WARC record made: an answer and the request for it, or a file, as bytes ready to be appended to a WARC file.

warcio writes the records; the heads inside are those of the wire, byte for byte, but for one name
(UNCHUNKED). Pure: no file is touched here.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from crawler.store import Capture

VERSION = "WARC/1.1"
REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
CONTENT_TYPES = {
    "response": "application/http; msgtype=response",
    "revisit": "application/http; msgtype=response",
    "request": "application/http; msgtype=request",
    "warcinfo": "application/warc-fields",
    "resource": "application/octet-stream",
}

# Our own header fields: all that captures need beyond what WARC tells (docs/formats.md).
LIST, VOLUME = "WARC-Hamelin-List", "WARC-Hamelin-Volume"
ASKED = "WARC-Hamelin-Asked"  # the address asked for, when redirects led to the record's own
VERDICT = "WARC-Hamelin-Verdict"  # a status from 600, when a 200 did not carry what was asked for
REMOVED = "WARC-Hamelin-Removed"  # of a record that somebody took messages out of
REFERS_TO = "WARC-Hamelin-Refers-To"  # of a revisit: file name and offset of the record that has the payload

FILE_STATUS = 200  # of what came as a file: it is there

# The body is kept without its chunks, so this field would lie; the name is what other web archives use.
CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
UNCHUNKED = b"X-Archive-Orig-Transfer-Encoding:"
# Fields that let somebody else in where we were let in (RFC 6265, RFC 9110 11.6.2), folded lines included.
SECRET = re.compile(
    rb"^(?:set-cookie2?|cookie2?|(?:proxy-)?authorization):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One exchange with a server: its heads and body as sent, transfer encoding undone, content encoding not.

    `asked_at` is in seconds since 1970 UTC; both heads end with their empty line. What came as a file, not
    from a server, has no heads; `asked_at` then is the time from which on it is known to have been as it is.
    """

    url: str
    status: int
    head: bytes
    body: bytes
    request: bytes
    asked_at: float
    ip: str | None = None

    def header(self, name: str) -> str | None:
        """Give a field of the answer's head."""
        return field(self.head, name)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a record says besides the exchange: whose it is, which address was asked, how it was judged.

    `removed` says that the archive's owner took messages out of it.
    """

    list: str
    volume: str | None
    asked: str
    verdict: int
    removed: bool = False


def exchange(answer: Answer, labels: Labels, held: Capture | None = None) -> bytes:
    """Make the records of an exchange, its answer's first: a response, or a revisit of a held capture's payload.

    A file makes one record, a resource.
    """
    if not answer.head:
        return _packed(_record("resource", _fields(answer, labels), None, answer.body))
    if held:
        first = _record("revisit", _fields(answer, labels) + _reference(answer, held), _head(answer), b"")
    else:
        first = _record("response", _fields(answer, labels), _head(answer), answer.body)
    concurrent = ("WARC-Concurrent-To", first.rec_headers.get_header("WARC-Record-ID"))
    request = _record("request", [*_target(answer), concurrent], SECRET.sub(b"", answer.request), b"")
    return _packed(first) + (_packed(request) if answer.request else b"")


def warcinfo(name: str, software: str, made_at: float) -> bytes:
    """Make the record that opens a file: its own name, and who wrote it when."""
    text = f"software: {software}\r\nformat: WARC File Format 1.1\r\n"
    return _packed(_record("warcinfo", [("WARC-Filename", name), ("WARC-Date", _date(made_at))], None, text.encode()))


def field(head: bytes, name: str) -> str | None:
    """Give the first field of this name in a head; bytes beyond ASCII are read as latin-1 (RFC 9110, 5.5).

    >>> field(b"HTTP/1.1 200 OK\\r\\nETag: W/1\\r\\n\\r\\n", "etag")
    'W/1'
    """
    start = name.lower() + ":"
    for line in head.decode("latin-1").split("\r\n")[1:]:
        if line[: len(start)].lower() == start:
            return line[len(start) :].strip()
    return None


class _Head(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """A head that warcio writes as it came, instead of putting it together anew."""

    def __init__(self, data: bytes) -> None:
        super().__init__("as it came", [])  # without a status line warcio takes it for absent
        self.headers_buff = data

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Leave the bytes as they are."""


def _record(kind: str, fields: list[tuple[str, str]], head: bytes | None, body: bytes) -> ArcWarcRecord:
    """Make a record; warcio adds its digests."""
    fields = [("WARC-Type", kind), ("WARC-Record-ID", f"<{uuid.uuid4().urn}>"), *fields]
    return ArcWarcRecord(
        "warc", kind, StatusAndHeaders("", fields, protocol=VERSION), BytesIO(body),
        None if head is None else _Head(head), CONTENT_TYPES[kind], len(body), payload_length=len(body),
    )  # fmt: skip


def _fields(answer: Answer, labels: Labels) -> list[tuple[str, str]]:
    optional = [
        ("WARC-IP-Address", answer.ip),
        (LIST, labels.list),
        (VOLUME, labels.volume),
        (ASKED, labels.asked if labels.asked != answer.url else None),
        (REMOVED, "1" if labels.removed else None),
        (VERDICT, str(labels.verdict) if labels.verdict != answer.status else None),
    ]
    return [*_target(answer), *((name, value) for name, value in optional if value)]


def _target(answer: Answer) -> list[tuple[str, str]]:
    return [("WARC-Target-URI", answer.url), ("WARC-Date", _date(answer.asked_at))]


def _reference(answer: Answer, held: Capture) -> list[tuple[str, str]]:
    digester = Digester("sha1")  # as warcio writes it for responses
    digester.update(answer.body)
    return [
        ("WARC-Profile", REVISIT_PROFILE),
        ("WARC-Refers-To-Target-URI", held.url),
        ("WARC-Refers-To-Date", _date(held.fetched_at)),
        ("WARC-Payload-Digest", str(digester)),
        (REFERS_TO, f"{held.warc} {held.offset}"),
    ]


def _head(answer: Answer) -> bytes:
    return CHUNKED.sub(UNCHUNKED, SECRET.sub(b"", answer.head))


def _packed(record: ArcWarcRecord) -> bytes:
    out = BytesIO()
    WARCWriter(out, gzip=True, warc_version=VERSION).write_record(record)
    return out.getvalue()


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
