"""Crawls that touch several hosts or addresses: redirects, hosts side by side, and what a terminal shows."""

from __future__ import annotations

import gzip
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.store import Store
from crawler.warc import files
from tests.command import start
from tests.list_server import ListServer
from tests.pipermail import ListForm, write
from tests.test_crawler_crawl import Serve, crawl, exported, held, letters


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, three attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


@contextmanager
def moved(to: str) -> Iterator[str]:
    """Serve nothing but redirects of every path to the same one below another address."""

    class Moved(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(301 if self.path != "/robots.txt" else 404)
            self.send_header("Location", to.rstrip("/") + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Moved)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TestMoved:
    """Archives that have moved."""

    def test_an_address_that_leads_to_another_site_is_followed(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """What a person gave may be old; the list's address is where it is now."""
        server = list_server(tree)
        with moved(server.url) as old:
            done = crawl(archive, f"{old}pipermail/keepers/")

        assert (done.code, "12 messages" in done.out) == (0, True)
        with Store.open(archive) as store:
            assert [known.url for known in store.lists()] == [f"{server.url}pipermail/keepers/"]
        assert f'url = "{server.url}pipermail/keepers/"' in (archive / "hamelin.toml").read_text()

    def test_a_known_list_that_moved_away_is_reported(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Nothing is fetched elsewhere unasked; the sentence says where it went and what to change."""
        server = list_server(tree)
        crawl(archive, f"{server.url}pipermail/keepers/")
        before = exported(archive)
        with moved(server.url) as elsewhere:
            text = (archive / "hamelin.toml").read_text()
            (archive / "hamelin.toml").write_text(text.replace(server.url, elsewhere))
            server.forget()
            done = crawl(archive)

        assert (done.code, server.paths, exported(archive)) == (2, [], before)
        assert f"leads to another site, {server.url}pipermail/keepers/" in done.err
        assert "change the list's url in hamelin.toml" in done.err

    def test_redirects_within_a_site_are_kept_and_cost_nothing_when_nothing_changed(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """Texts that are a redirect away are captured under the address that was asked; a second run writes nothing."""
        text = tree / "pipermail" / "keepers" / "2010-March.txt"
        (tree / "moved" / "text").mkdir(parents=True)
        (tree / "moved" / "text" / "index.html").write_bytes(text.read_bytes())
        text.unlink()
        text.symlink_to(tree / "moved" / "text")  # a folder: its address without the slash is redirected
        server = list_server(tree)
        done = crawl(archive, f"{server.url}pipermail/keepers/")
        before = held(archive)
        again = crawl(archive)

        assert (done.code, again.code, held(archive)) == (0, 0, before)
        assert "12 messages" in done.out
        kept = gzip.decompress((archive / "warc" / files(archive)[0]).read_bytes())
        assert b"HTTP/1.0 301" in kept or b"HTTP/1.1 301" in kept
        assert f"WARC-Hamelin-Asked: {server.url}pipermail/keepers/2010-March.txt\r\n".encode() in kept


def test_hosts_are_asked_side_by_side_and_each_one_at_a_time(tree: Path, archive: Path, list_server: Serve) -> None:
    """Two hosts are walked together, in half the time; none sees two requests at once."""
    servers = [list_server(tree), list_server(tree, host="127.0.0.3")]
    done = crawl(archive, *(f"{server.url}pipermail/keepers/" for server in servers), "--delay", "0.1")

    assert (done.code, "24 messages" in done.out) == (0, True)
    begun = [min(request.at for request in server.requests) for server in servers]
    ended = [max(request.at for request in server.requests) for server in servers]
    assert max(begun) < min(ended)
    assert {request.together for server in servers for request in server.requests} == {1}


def test_a_command_waits_for_a_busy_archive_when_told_to(tree: Path, archive: Path, list_server: Serve) -> None:
    """With --wait two crawls of a new list take turns; the second sees what the first has added."""
    server = list_server(tree, delay=0.1)
    words = ("--archive", str(archive), "--wait", "30", "crawl", f"{server.url}pipermail/keepers/")
    first, second = start(*words), start(*words)

    assert (first.done().code, second.done().code) == (0, 0)
    assert {request.together for request in server.requests} == {1}
    assert (archive / "hamelin.toml").read_text().count("[[lists]]") == 1


def test_at_a_terminal_a_bar_shows_what_is_left(tree: Path, archive: Path, list_server: Serve) -> None:
    """The bar goes to stderr and away again; results go to stdout and stay."""
    url = f"{list_server(tree).url}pipermail/keepers/"
    outside, inside = pty.openpty()
    code = "from indexer.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--archive", str(archive), "crawl", url],
        stdout=subprocess.PIPE, stderr=inside, env=os.environ | {"COLUMNS": "120", "TERM": "xterm"},
    )  # fmt: skip
    os.close(inside)
    shown = b"".join(iter(lambda: _read(outside), b""))
    out, _ = process.communicate(timeout=60)
    os.close(outside)

    assert (process.returncode, b"12 messages" in out) == (0, True)
    assert b"requests, at 2010-" in shown
    assert b"left" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_quiet_says_nothing_when_all_is_well(tree: Path, archive: Path, list_server: Serve) -> None:
    """A schedule's mail stays empty until there is something to tell."""
    server: ListServer = list_server(tree)
    done = start("--archive", str(archive), "--quiet", "crawl", f"{server.url}pipermail/keepers/").done()

    assert (done.code, done.out, done.err) == (0, "", "")
