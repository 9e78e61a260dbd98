"""What goes out and comes in between the spider and a server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from crawler.client import _Ear
from crawler.config import Config
from crawler.keeper import Ask
from crawler.middlewares import ValidatorMiddleware, _answer, request_for
from crawler.settings import DOWNLOADER_MIDDLEWARES, for_config, user_agent
from crawler.store import Capture
from crawler.verdict import Asked

URL = "http://lists.example.org/pipermail/keepers/2010-March/thread.html"
HELD = Capture(URL, "keepers", "2010-March", 200, 0, '"a-1"', "Mon, 01 Mar 2010 12:00:00 GMT", "", 0, "", 0)


def asked(held: Capture | None, kind: Asked = "index") -> dict[str, str]:
    """Give the fields that a request goes out with."""
    request = request_for(Ask(URL, kind, "keepers", "2010-March"), held, 180.0)
    ValidatorMiddleware().process_request(request)
    return {name.decode(): value[0].decode("latin-1") for name, value in request.headers.items()}


def test_what_is_held_is_asked_for_with_both_validators() -> None:
    """The server chooses which one it knows."""
    fields = asked(HELD)

    assert fields["If-None-Match"] == '"a-1"'
    assert fields["If-Modified-Since"] == "Mon, 01 Mar 2010 12:00:00 GMT"


def test_what_is_not_held_is_asked_for_plainly() -> None:
    """No validator, no condition; one that the server never gave is not made up."""
    assert set(asked(None)) == {"Accept-Encoding"}
    assert set(asked(replace(HELD, etag=None, last_modified=None))) == {"Accept-Encoding"}


def test_an_etag_that_its_server_does_not_know_again_is_left_out() -> None:
    """Apache adds -gzip to its ETag and then takes it for another; the date alone works."""
    fields = asked(replace(HELD, etag='"a-1-gzip"'))

    assert "If-None-Match" not in fields
    assert "If-Modified-Since" in fields


@pytest.mark.parametrize(
    ("kind", "encoding"), [("index", "gzip"), ("page", "gzip"), ("text", "identity"), ("attachment", "identity")]
)
def test_pages_may_come_packed_and_files_come_as_they_are(kind: Asked, encoding: str) -> None:
    """A text is packed by itself or not at all, and an attachment is kept as its bytes."""
    assert asked(None, kind)["Accept-Encoding"] == encoding


def test_first_answers_are_waited_for_shorter_and_large_ones_longer() -> None:
    """Who gave an address does not wait for an hour; a text of thirty megabytes takes its time."""
    timeouts = {
        kind: request_for(Ask(URL, kind, ""), None, 180.0).meta["download_timeout"]
        for kind in ("robots", "entry", "index", "text")
    }  # fmt: skip

    assert timeouts == {"robots": 60, "entry": 60, "index": 180, "text": 900}


class Connection:
    """Stands for a connection of Twisted's: notes what passes through."""

    transport = None

    def __init__(self) -> None:
        self.data = b""

    def request(self, request: object) -> object:
        return request

    def dataReceived(self, data: bytes) -> None:
        self.data += data


class Sent:
    """Stands for a request of Twisted's."""

    method, uri, absoluteURI = b"GET", b"/pipermail/", b"http://x.org/pipermail/"  # noqa: N815  # Twisted's name

    class headers:  # noqa: N801  # Twisted's name
        @staticmethod
        def getAllRawHeaders() -> list[tuple[bytes, list[bytes]]]:
            return [(b"Host", [b"x.org"]), (b"User-Agent", [b"Hamelin/1"])]


def overhear(*pieces: bytes) -> tuple[dict[bytes, tuple[bytes, bytes]], Connection]:
    connection: Any = Connection()
    heads: dict[bytes, tuple[bytes, bytes]] = {}
    _Ear(connection, heads)
    connection.request(Sent())
    for piece in pieces:
        connection.dataReceived(piece)
    return heads, connection


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_heads_are_overheard_as_they_are_sent(size: int) -> None:
    """In pieces of any size, with odd case and order, and without taking anything from the connection."""
    sent = b"HTTP/1.1 200 Sure\r\neTaG: x\r\nB: 1\r\nb: 2\r\n\r\nbody\r\n\r\nmore"
    heads, connection = overhear(*(sent[n : n + size] for n in range(0, len(sent), size)))

    request = b"GET /pipermail/ HTTP/1.1\r\nHost: x.org\r\nUser-Agent: Hamelin/1\r\n\r\n"
    assert heads == {b"http://x.org/pipermail/": (request, b"HTTP/1.1 200 Sure\r\neTaG: x\r\nB: 1\r\nb: 2\r\n\r\n")}
    assert connection.data == sent


def test_an_interim_answer_is_not_the_answer() -> None:
    """100 Continue and 103 Early Hints come before what counts."""
    heads, _ = overhear(b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 304 Not\r\n\r\n")

    assert heads[b"http://x.org/pipermail/"][1] == b"HTTP/1.1 304 Not\r\n\r\n"


def test_heads_that_were_not_overheard_are_put_together() -> None:
    """Behind a proxy the record says what Scrapy knows."""
    request = Request("http://x.org/a?b=c", headers={"User-Agent": "Hamelin/1"}, meta={"asked_at": 1.0})
    response = HtmlResponse("http://x.org/a?b=c", headers={"ETag": "x"}, body=b"indigo", request=request)
    answer = _answer(request, response)

    assert answer.request == b"GET /a?b=c HTTP/1.1\r\nHost: x.org\r\nUser-Agent: Hamelin/1\r\n\r\n"
    assert (answer.head, answer.header("ETag")) == (b"HTTP/1.1 200 OK\r\nEtag: x\r\n\r\n", "x")


def test_the_user_agent_is_honest_and_one_line() -> None:
    """It names program and owner; a contact cannot put anything else into the request."""
    assert user_agent("https://example.org/me", "1.0") == "Hamelin/1.0 (+https://example.org/me)"
    assert user_agent("a\r\nX: (b) é", "1.0") == "Hamelin/1.0 (+a??X: ?b? ?)"
    assert "no contact given" in user_agent(None, "1.0")


def test_settings_follow_the_archives(tmp_path: Any) -> None:
    """What hamelin.toml says of delays reaches Scrapy."""
    settings = for_config(Config(tmp_path, delay=2.5, timeout=30), "1.0", hosts=3)

    assert (settings["DOWNLOAD_DELAY"], settings["DOWNLOAD_TIMEOUT"]) == (2.5, 30)
    assert settings["CONCURRENT_REQUESTS"] >= 3


def test_keeping_stands_next_to_the_wire() -> None:
    """No other middleware sees an answer before it is kept, but for that which logs in: a login is never kept."""
    *_, keep, login = sorted(DOWNLOADER_MIDDLEWARES, key=lambda name: DOWNLOADER_MIDDLEWARES[name])
    assert keep.endswith("KeepMiddleware")
    assert login.endswith("LoginMiddleware")
