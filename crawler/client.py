"""Scrapy's own HTTP client, held back until a request may be made, and listened to.

Here, where the host's one download slot is taken, a request waits for its time (pace.py) and its host
is looked up (guard.py); and here the heads are noted as they go over the wire, since Twisted tells neither the
order and case of fields nor the reason phrase, and leaves some out.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.guard import Guard, read_address

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.run import Run

HEAD_END = b"\r\n\r\n"
VOUCH = "If that is right, name the host in hamelin.toml: [safety] hosts."


class Refused(IgnoreRequest):
    """A request that is not made, and why: robots.txt forbids it, its host is left alone, it leads to another site.

    `hint` says what a person can do about it.
    """

    def __init__(self, reason: str, *, forbidden: bool = False, moved: str | None = None, hint: str = "") -> None:
        super().__init__(reason)
        self.reason, self.forbidden, self.moved, self.hint = reason, forbidden, moved, hint


class PatientClient(HTTP11DownloadHandler):
    """Make requests when the host's Pace allows it, to hosts that the run's Guard lets through."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.run = run_of(crawler)
        self.run.pace.delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._heads: dict[bytes, tuple[bytes, bytes]] = {}
        self._pool._factory = _overheard(self._pool._factory, self._heads, self.run.guard)

    async def download_request(self, request: Request) -> Response:
        """Make a request when its time has come; Refused when the host is left alone."""
        host, pace = urlsplit(request.url).hostname or "", self.run.pace
        while not pace.closed(host) and (pause := pace.wait(host)) > 0:
            await asyncio.sleep(pause)
        if reason := pace.closed(host):
            raise Refused(reason)
        if reason := await self._refusal(request, host):
            raise Refused(reason, hint=VOUCH)
        self._heads.pop(request.url.encode("ascii"), None)
        request.meta["asked_at"] = time.time()
        try:
            response = await super().download_request(request)
        except Exception:
            self.run.count(0)
            pace.failed(host)
            raise
        self.run.count(len(response.body))
        retry_after = (response.headers.get("Retry-After") or b"").decode("latin-1")
        pace.heard(host, response.status, retry_after, request.meta.get("download_latency", 0.0))
        request.meta["heads"] = self._heads.pop(request.url.encode("ascii"), None)
        return response

    async def _refusal(self, request: Request, host: str) -> str | None:
        guard, proxy = self.run.guard, request.meta.get("proxy")
        if proxy:
            await asyncio.to_thread(guard.through, urlsplit(proxy).hostname or "")
            return None
        return await asyncio.to_thread(guard.looked_up, host)


def _overheard(factory: type[Any], heads: dict[bytes, tuple[bytes, bytes]], guard: Guard) -> type[Any]:
    """Make the connections of a factory note, by address, each request's head and its answer's, as they are sent.

    A connection that has an address inside is ended before anything is said: names can be given another address
    between two looks at them.
    """

    class Overheard(factory):  # type: ignore[misc]  # a base that is a value
        def buildProtocol(self, address: Any) -> Any:  # noqa: N802  # Twisted's name
            peer = read_address(getattr(address, "host", ""))
            if peer and (reason := guard.refused(peer)):
                raise Refused(reason, hint=VOUCH)
            protocol = super().buildProtocol(address)
            _Ear(protocol, heads)
            return protocol

    return Overheard


class _Ear:
    """Listens to one connection: wraps its `request` and its `dataReceived`."""

    def __init__(self, protocol: Any, heads: dict[bytes, tuple[bytes, bytes]]) -> None:
        self.heads, self.url, self.asked, self.data = heads, b"", b"", bytearray()
        self._protocol = protocol
        self._request: Callable[[Any], Any] = protocol.request
        self._received: Callable[[bytes], None] = protocol.dataReceived
        protocol.request, protocol.dataReceived = self.request, self.received

    def request(self, request: Any) -> Any:
        self.url, self.data = request.absoluteURI or b"", bytearray()
        fields = [(name, value) for name, values in request.headers.getAllRawHeaders() for value in values]
        lines = [b"%s %s HTTP/1.1" % (request.method, request.uri), *(b"%s: %s" % field for field in fields)]
        self.asked = b"\r\n".join([*lines, b"", b""])
        return self._request(request)

    def received(self, data: bytes) -> None:
        _acknowledge(self._protocol.transport)
        if self.url:
            self.data += data
            while self.url and HEAD_END in self.data:
                head, _, self.data = self.data.partition(HEAD_END)
                if not head.split(b" ", 2)[1:2][0].startswith(b"1"):  # 100 Continue and its like come before the answer
                    self.heads[self.url], self.url = (self.asked, bytes(head + HEAD_END)), b""
        self._received(data)


def _acknowledge(transport: Any) -> None:
    """Tell the server at once that its bytes came, where the system can.

    Servers that send head and body apart wait with the body for that (Nagle's algorithm), and systems
    wait 40 ms with saying it: together half a minute for each thousand requests.
    """
    with suppress(AttributeError, OSError, TypeError):  # another system, or a connection inside TLS
        transport.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def run_of(crawler: Crawler) -> Run:
    """Give the run that a crawler's spider walks for."""
    run: Run = crawler.spider.run  # type: ignore[union-attr]  # the spider is ours, made before all that asks
    return run
