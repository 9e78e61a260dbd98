"""The ways in which a list server can misbehave, each with a name, and the rules that choose one.

A `Fault` says on which paths, how and how often; `Faults` hands out the one that is due; `answer`
makes the answer of those that are whole answers. The four that need the socket itself (`hang`,
`slow`, `truncate`, `drop`) are done by the server. Nothing is sent from here.
"""

from __future__ import annotations

import functools
import gzip
import random
import re
import threading
import zlib
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]

STATUSES = frozenset({"400", "401", "403", "404", "410", "429", "500", "502", "503"})
ON_THE_SOCKET = frozenset({"hang", "slow", "truncate", "drop"})
ANSWERS = frozenset(
    ["short", "empty", "gzipped", "encoded", "html", "garbage", "redirect", "offsite", "bomb", "wall", "login"]
)
ACTIONS = STATUSES | ON_THE_SOCKET | ANSWERS

BOMB_BYTES = 1 << 30  # what the bomb unpacks to; packed it is about a megabyte
GARBAGE_BYTES = 4096
NOWHERE = "http://127.0.0.2:9/"  # the discard port of another loopback host: nobody answers there

HTML: Headers = (("Content-Type", "text/html"),)

# The kind of page that Anubis, Cloudflare and their like put before a site: no word of the archive is in it.
WALL = b"""<!doctype html><html><head><title>Making sure you&#39;re not a bot!</title>
<script id="challenge" type="application/json">{"difficulty": 4, "algorithm": "fast"}</script></head>
<body><h1>Making sure you&#39;re not a bot!</h1>
<p>Please wait a moment while we check your browser. Proof of work is required.</p></body></html>
"""

# A login form with the marks of a Mailman private archive: the two field names and the form's target.
LOGIN = b"""<html><head><title>Keepers Private Archives Authentication</title></head><body>
<form method="POST" action="/mailman/private/keepers/" name="f">
<p>Email address: <input type="text" name="username" size="30">
Password: <input type="password" name="password" size="30">
<input type="submit" name="submit" value="Let me in..."></p></form></body></html>
"""

SORRY = b"<html><head><title>Sorry</title></head><body><h1>Temporarily unavailable</h1></body></html>\n"


@dataclass(frozen=True)
class Fault:
    """Do `do` on paths that match the regex `path`, `times` times (None: always), but for the first `after` ones.

    `retry_after` goes with 429 and 503, as it is (seconds or a date); `location` is where `offsite` leads.

    >>> Fault("[.]txt$", "503", times=2).retry_after
    '2'
    """

    path: str
    do: str
    times: int | None = None
    retry_after: str = "2"
    location: str = NOWHERE
    after: int = 0

    def __post_init__(self) -> None:
        """Refuse an action that there is not: a rule that never fires proves nothing."""
        if self.do not in ACTIONS:
            raise ValueError(f"unknown fault {self.do!r}; known: {', '.join(sorted(ACTIONS))}")

    @classmethod
    def from_text(cls, text: str) -> Fault:
        """Read a rule as the command line has it: `REGEX=ACTION` or `REGEX=ACTION*TIMES`.

        >>> Fault.from_text("/2024-.*[.]html$=404*3")
        Fault(path='/2024-.*[.]html$', do='404', times=3, retry_after='2', location='http://127.0.0.2:9/', after=0)
        """
        path, _, rest = text.rpartition("=")
        do, _, times = rest.partition("*")
        return cls(path, do, int(times) if times else None)


@dataclass
class Faults:
    """The rules of a server and how often each has fired; threads may ask at the same time."""

    rules: list[Fault] = field(default_factory=list)
    _spent: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def due(self, path: str) -> Fault | None:
        """Give the first rule that matches the path and is not spent, and count it."""
        with self._lock:
            for number, rule in enumerate(self.rules):
                spent = self._spent.get(number, 0)
                if (rule.times is None or spent < rule.after + rule.times) and re.search(rule.path, path):
                    self._spent[number] = spent + 1
                    if spent >= rule.after:
                        return rule
        return None

    def replace(self, rules: list[Fault]) -> None:
        """Take new rules, none of them spent."""
        with self._lock:
            self.rules, self._spent = list(rules), {}


def answer(fault: Fault, path: str, body: bytes) -> tuple[int, Headers, bytes]:
    """Make the status, headers and body of a fault; `body` is what the file holds."""
    if fault.do in STATUSES:
        return int(fault.do), HTML + _retry_after(fault), f"<h1>{fault.do}</h1>".encode()
    if fault.do in {"redirect", "offsite"}:
        return 302, (("Location", path if fault.do == "redirect" else fault.location),), b""
    return 200, *_content(fault.do, path, body)


def _retry_after(fault: Fault) -> Headers:
    return (("Retry-After", fault.retry_after),) if fault.do in {"429", "503"} else ()


def _content(do: str, path: str, body: bytes) -> tuple[Headers, bytes]:
    packed = (("Content-Encoding", "gzip"),)
    contents: dict[str, tuple[Headers, bytes]] = {
        "short": (HTML, body[: len(body) // 2]),
        "empty": (HTML, b""),
        "gzipped": (HTML + packed, gzip.compress(body, mtime=0)),
        "encoded": ((("Content-Type", "text/plain"), ("Content-Encoding", "x-gzip")), body),
        "html": (HTML, SORRY),
        "garbage": ((("Content-Type", "application/octet-stream"),), random.Random(7).randbytes(GARBAGE_BYTES)),
        "wall": (HTML, WALL),
        "login": (HTML, LOGIN),
    }
    if do == "bomb":
        return (("Content-Type", "text/plain"),) + (() if path.endswith(".gz") else packed), bomb()
    return contents[do]


@functools.cache
def bomb(size: int = BOMB_BYTES) -> bytes:
    """Make a gzip member that unpacks to `size` zeros, a thousand times its own size.

    A megabyte is packed once and said as often as it takes (a full flush lets a block stand
    anywhere), which is many times quicker than packing all of it.
    """
    zeros, times = bytes(1 << 20), size >> 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = functools.reduce(lambda crc, _: zlib.crc32(zeros, crc), range(times), 0)
    start, end = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff", b"\x03\0"
    return b"".join([start, *[block] * times, end, checksum.to_bytes(4, "little"), size.to_bytes(4, "little")])
