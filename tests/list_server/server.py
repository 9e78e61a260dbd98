"""The list server: files of a tree over HTTP on loopback, as Apache serves them, until a fault is due.

Last-Modified, ETag, 304 and HEAD work; every request is remembered in memory. It does not list
folders, run programs or take uploads.
"""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import re
import select
import socket
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from types import TracebackType

from tests.list_server.faults import ON_THE_SOCKET, Fault, Faults, Headers, answer
from tests.list_server.login import Login

TYPES = {  # as Apache's mime.types has them
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".gz": "application/x-gzip",
    ".png": "image/png",
    ".jpeg": "image/jpeg",
    ".pdf": "application/pdf",
    ".eml": "message/rfc822",
}
ANY_TYPE = "application/octet-stream"
NOT_FOUND = b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n"
SLOW_PAUSE = 0.01  # seconds between two bytes of a slow answer
PATIENCE = 10  # seconds that a look at the requests waits for those in work
POLL = 0.05  # seconds between two looks whether a hanging client has left


@dataclass(frozen=True)
class Request:
    """What is remembered of a request; `at` and `seconds` are in seconds of the monotonic clock.

    `sent` counts the bytes of the body, `together` the requests in work when this one came, itself
    included; `conditional` says whether a validator came with it.
    """

    method: str
    path: str
    status: int
    sent: int
    together: int
    conditional: bool
    user_agent: str
    at: float
    seconds: float


class ListServer:
    """Serve `tree` under `prefix`, from the moment of making until `close`.

    `faults` are rules (tests/list_server/faults.py), `robots` the text of /robots.txt (None: 404),
    `validators` whether Last-Modified and ETag are sent, `ranges` whether parts of files are, `delay` the
    seconds before each answer, `login` what a private part asks for.
    Use it as a context manager, or call `close`.
    """

    def __init__(
        self,
        tree: Path,
        *,
        faults: Iterable[Fault] = (),
        prefix: str = "",
        robots: str | None = None,
        validators: bool = True,
        ranges: bool = False,
        delay: float = 0,
        login: Login | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"only loopback is served, not {host}")
        self.tree, self.prefix, self.robots = tree.resolve(), prefix.rstrip("/"), robots
        self.validators, self.ranges, self.delay, self.closing = validators, ranges, delay, threading.Event()
        self.login = login
        self._requests: list[Request] = []
        self._faults, self._lock = Faults(list(faults)), threading.Condition()
        self._working: set[int] = set()
        self._connections: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"server_of_lists": self})
        self._http = _QuietServer((host, port), handler)
        self.host, self.port = host, int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the tree, with its slash."""
        return f"http://{self.host}:{self.port}{self.prefix}/"

    @property
    def requests(self) -> list[Request]:
        """The requests so far, in the order of their answers; it waits for those in work, hanging ones apart."""
        with self._lock:
            self._lock.wait_for(lambda: not self._working, PATIENCE)
            return list(self._requests)

    @property
    def paths(self) -> list[str]:
        """The paths asked for so far, in the order of their answers."""
        return [request.path for request in self.requests]

    def asked(self, pattern: str) -> list[Request]:
        """Give the requests whose path matches the regex `pattern`."""
        return [request for request in self.requests if re.search(pattern, request.path)]

    def misbehave(self, *faults: Fault) -> None:
        """Replace the rules; with none, behave."""
        self._faults.replace(list(faults))

    def forget(self) -> None:
        """Forget the requests so far, so that the next ones can be counted."""
        with self._lock:
            self._lock.wait_for(lambda: not self._working, PATIENCE)
            self._requests.clear()

    def close(self) -> None:
        """Stop, wake what hangs, end every connection, and wait for the threads."""
        self.closing.set()
        self._http.shutdown()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _end(connection)
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> ListServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def file(self, path: str) -> Path | None:
        """Find the file behind a URL path, a folder's index.html included; None when there is none below the tree."""
        if not path.startswith(self.prefix + "/"):
            return None
        file = (self.tree / path[len(self.prefix) :].lstrip("/")).resolve()
        if file.is_dir():
            file = file / "index.html"
        return file if file.is_relative_to(self.tree) and file.is_file() else None

    def fault(self, path: str) -> Fault | None:
        """Say how to misbehave on this path, if at all."""
        return self._faults.due(path)

    def begin(self, token: int) -> int:
        """Count a request as being in work and say how many are."""
        with self._lock:
            self._working.add(token)
            return len(self._working)

    def rest(self, token: int, request: Request | None = None) -> None:
        """Count a request as in work no more: it hangs, or it is done and remembered."""
        with self._lock:
            self._working.discard(token)
            if request:
                self._requests.append(request)
            self._lock.notify_all()

    def opened(self, connection: socket.socket) -> None:
        """Know a connection, so that `close` can end it."""
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)


class _QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them
    request_queue_size = 64

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Say nothing of clients that leave in the middle; of anything else, as the library does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Lists/1"
    server_of_lists: ListServer

    def setup(self) -> None:
        super().setup()
        self.server_of_lists.opened(self.connection)

    def finish(self) -> None:
        self.server_of_lists.closed(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing to stderr: requests are remembered instead."""

    def do_GET(self) -> None:
        self.work()

    def do_POST(self) -> None:
        self.work()

    def do_HEAD(self) -> None:
        self.work()

    def work(self) -> None:
        """Answer one request and remember it, also when the client leaves in the middle."""
        lists, token, started = self.server_of_lists, id(self), time.monotonic()
        together = lists.begin(token)
        self.status, self.sent = 0, 0
        try:
            lists.closing.wait(lists.delay)
            self.answer()
        except ConnectionError:
            self.close_connection = True
        finally:
            lists.rest(token, self.as_request(together, started))

    def as_request(self, together: int, started: float) -> Request:
        validators = self.headers.get("If-None-Match") or self.headers.get("If-Modified-Since")
        return Request(
            self.command, self.path, self.status, self.sent, together, validators is not None,
            self.headers.get("User-Agent", ""), started, time.monotonic() - started,
        )  # fmt: skip

    def answer(self) -> None:
        lists = self.server_of_lists
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        fault, file = lists.fault(path), lists.file(path)
        denied = lists.login.denied(path, self) if lists.login else None
        if denied:
            self.reply(*denied)
        elif fault:
            self.misbehave(fault, file.read_bytes() if file else b"nothing here\n" * 99)
        elif path == "/robots.txt" and lists.robots is not None:
            self.reply(200, (("Content-Type", "text/plain"),), lists.robots.encode())
        elif file is None:
            self.reply(404, (("Content-Type", "text/html"),), NOT_FOUND)
        elif file.name == "index.html" and not path.endswith(("/", "index.html")):
            self.reply(301, (("Location", urllib.parse.quote(path) + "/"),))
        else:
            self.serve(file)

    def serve(self, file: Path) -> None:
        """Send a file with its validators, or 304 when the client has it."""
        headers: Headers = (("Content-Type", TYPES.get(file.suffix, ANY_TYPE)),)
        if self.server_of_lists.validators:
            stat = file.stat()
            etag = f'"{stat.st_size:x}-{stat.st_mtime_ns // 1000:x}"'
            headers += (("Last-Modified", formatdate(stat.st_mtime, usegmt=True)), ("ETag", etag))
            if self.has_it(etag, int(stat.st_mtime)):
                self.reply(304, headers)
                return
        self.reply(*self.part(headers, file.read_bytes()))

    def part(self, headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        """Cut from a file what is asked for of it, where parts are sent (RFC 9110, 14)."""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not wanted or not self.server_of_lists.ranges:
            return 200, headers, body
        first, last = int(wanted[1]), min(int(wanted[2]), len(body) - 1)
        if first >= len(body):
            return 416, (("Content-Range", f"bytes */{len(body)}"),), b""
        return 206, (*headers, ("Content-Range", f"bytes {first}-{last}/{len(body)}")), body[first : last + 1]

    def has_it(self, etag: str, modified: int) -> bool:
        """Say whether the client's validators are still good; its ETags come first (RFC 9110, 13.2.2)."""
        match = self.headers.get("If-None-Match")
        if match is not None:
            return match.strip() == "*" or etag in re.findall(r'"[^"]*"', match)
        try:
            return modified <= parsedate_to_datetime(self.headers.get("If-Modified-Since", "")).timestamp()
        except ValueError:
            return False

    def reply(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        self.begin(status, headers, None if status == 304 else len(body))
        if self.command != "HEAD" and body:
            self.send(body)

    def begin(self, status: int, headers: Headers, length: int | None) -> None:
        self.status = status
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.wfile.write(data)
        self.sent += len(data)

    def misbehave(self, fault: Fault, body: bytes) -> None:
        if fault.do in ON_THE_SOCKET:
            {"hang": self.hang, "slow": self.slow, "truncate": self.truncate, "drop": self.drop}[fault.do](body)
        else:
            self.reply(*answer(fault, self.path, body))

    def hang(self, body: bytes) -> None:
        """Say nothing until the client leaves or the server closes; from the first moment on it is not in work."""
        self.server_of_lists.rest(id(self))
        while not self.server_of_lists.closing.is_set() and not _left(self.connection):
            pass
        self.close_connection = True

    def slow(self, body: bytes) -> None:
        """Send byte by byte, with a pause after each."""
        self.begin(200, (("Content-Type", "text/html"),), len(body))
        for value in body if self.command != "HEAD" else b"":
            self.send(bytes([value]))
            if self.server_of_lists.closing.wait(SLOW_PAUSE):
                raise ConnectionAbortedError

    def truncate(self, body: bytes) -> None:
        """Promise the whole body, send half of it, and close."""
        self.begin(200, (("Content-Type", "text/html"),), len(body))
        self.send(body[: len(body) // 2])
        self.close_connection = True

    def drop(self, body: bytes) -> None:
        """Close without a word."""
        self.close_connection = True


def _left(connection: socket.socket) -> bool:
    """Wait a moment and say whether the other end has closed."""
    try:
        poll = select.poll()  # select() itself takes no descriptor beyond 1023
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(1000 * POLL)) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):  # ValueError: it is closed here already
        return True


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed already is what we want
        connection.shutdown(socket.SHUT_RDWR)
