"""How a server is treated, as its own log shows: each rule of docs/operations.md, "Manners"."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest

from tests.list_server import Fault, ListServer
from tests.pipermail import ListForm, Part, write
from tests.pipermail.cases import mail
from tests.test_crawler_crawl import Serve, crawl, exported, letters

JANUARY = r"2010-January\.txt\.gz$"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, three attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


class TestPoliteness:
    """How a server is treated."""

    def test_there_is_a_delay_between_two_requests(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """The delay is kept between the beginnings of any two requests, and never undercut by chance."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/", "--delay", "0.15")

        assert min(gaps(server)) > 0.14

    def test_a_crawl_delay_is_obeyed(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """What robots.txt asks for counts more than our own delay."""
        server = list_server(tree, robots="User-agent: *\nCrawl-delay: 0.15\n")
        crawl(archive, f"{server.url}pipermail/keepers/")

        assert min(gaps(server)[1:]) > 0.14

    def test_retry_after_is_obeyed(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """After a 429 nothing at all is asked of the host before its time."""
        server = list_server(tree, faults=[Fault(JANUARY, "429", times=1, retry_after="1")])
        crawl(archive, f"{server.url}pipermail/keepers/")

        at = [n for n, request in enumerate(server.requests) if request.status == 429]
        assert gaps(server)[at[0]] > 0.95

    def test_a_host_that_is_down_is_left_alone(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """After some troubles in a row the run asks nothing more, instead of thousands of addresses in vain."""
        server = list_server(tree, faults=[Fault("2010-", "503", retry_after="0")])
        done = crawl(archive, f"{server.url}pipermail/keepers/", "--pages", "all")

        assert (done.code, len(server.asked("2010-"))) == (1, 8)
        assert "answered 503 8 times in a row" in done.err

    def test_attachments_that_are_all_gone_are_not_asked_for_without_end(
        self, tmp_path: Path, archive: Path, list_server: Serve
    ) -> None:
        """After fifty that are not there the rest is left out and counted; --recheck asks for all and finds them."""
        parts = tuple(Part("image/png", b"lamp %d" % n, name="lamp.png") for n in range(30))
        mails = [mail(n, datetime(2010, n // 2 + 1, n + 1, tzinfo=UTC), parts=parts) for n in range(4)]
        write(tmp_path / "www" / "pipermail", ListForm("keepers"), mails)
        server = list_server(tmp_path / "www", faults=[Fault("attachments", "404")])
        done = crawl(archive, f"{server.url}pipermail/keepers/")
        assert (done.code, len(server.asked("attachments"))) == (1, 50)
        assert (done.err.count("is not there (404)"), "keepers: 30 more attachments are not there" in done.err) == (
            20,
            True,
        )
        assert "keepers: 70 attachments were not asked for, as so many before them are not there" in done.err
        server.forget()
        assert (crawl(archive).code, server.asked("attachments")) == (0, [])

        server.misbehave()
        done = crawl(archive, "--recheck")
        assert (done.code, exported(archive).count('"stored"')) == (0, 120)

    def test_retry_after_as_a_date_is_obeyed(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A date counts like seconds: nothing is asked of the host before it."""
        until = int(time.time()) + 3
        fault = Fault(JANUARY, "503", times=1, retry_after=formatdate(until, usegmt=True))
        server = list_server(tree, faults=[fault])
        begun, clock = time.monotonic(), time.time()
        assert crawl(archive, f"{server.url}pipermail/keepers/").code == 0

        at = next(n for n, request in enumerate(server.requests) if request.status == 503)
        assert clock + server.requests[at + 1].at - begun > until - 0.05

    def test_a_slow_server_is_asked_slower(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Its answers take half a second each: soon it has pauses that come near that, without any delay of ours."""
        server = list_server(tree, delay=0.5)
        assert crawl(archive, f"{server.url}pipermail/keepers/").code == 0

        pauses = [later.at - (one.at + one.seconds) for one, later in pairwise(server.requests)]
        assert max(pauses[:2]) < 0.3
        assert min(pauses[-4:]) > 0.35

    def test_lists_of_a_host_wait_for_each_other(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Two lists on one host are one client to it: never two requests at once, and the delay between all."""
        write(tree / "pipermail", ListForm("lamps"), letters(months=1))
        server = list_server(tree, delay=0.05)
        urls = [f"{server.url}pipermail/{name}/" for name in ("keepers", "lamps")]
        assert crawl(archive, *urls, "--delay", "0.1").code == 0

        assert {request.together for request in server.requests} == {1}
        assert min(gaps(server)) > 0.14

    def test_robots_txt_is_asked_first_and_what_it_forbids_never(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """The rules for Hamelin count before those for all."""
        robots = "User-agent: *\nDisallow: /\n\nUser-agent: Hamelin\nDisallow: /pipermail/keepers/2010-February\n"
        server = list_server(tree, robots=robots)
        crawl(archive, f"{server.url}pipermail/keepers/")

        assert server.paths[0] == "/robots.txt"
        assert server.asked("2010-February") == []
        assert len(server.asked("2010-March")) == 2


def gaps(server: ListServer) -> list[float]:
    """Give the seconds between the beginnings of requests."""
    times = sorted(request.at for request in server.requests)
    return [later - earlier for earlier, later in pairwise(times)]
