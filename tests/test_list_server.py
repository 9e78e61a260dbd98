"""The list server of the tests: it serves as Apache does, remembers, and misbehaves as it is told."""

from __future__ import annotations

import gzip
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.list_server import ACTIONS, Fault, ListServer
from tests.list_server.faults import BOMB_BYTES, ON_THE_SOCKET, STATUSES, bomb

Serve = Callable[..., ListServer]
TEXT = b"From keeper at example.org  Mon Jan  1 09:00:00 2024\n" * 20


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a folder with a list index, a text, its gzip and a secret beside it."""
    folder = tmp_path / "tree"
    (folder / "keepers").mkdir(parents=True)
    (folder / "keepers" / "index.html").write_bytes(b"<h1>The Keepers Archives</h1>")
    (folder / "keepers" / "2024-January.txt").write_bytes(TEXT)
    (folder / "keepers" / "2024-January.txt.gz").write_bytes(gzip.compress(TEXT))
    (tmp_path / "secret.txt").write_text("not yours")
    return folder


def ask(
    server: ListServer, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask for a path, following nothing, and give the answer and its body."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


class TestServing:
    """Without faults, it is an ordinary static server."""

    def test_a_file_comes_whole_with_its_validators(self, tree: Path, list_server: Serve) -> None:
        """A file is sent byte for byte, with type, length, Last-Modified and ETag."""
        response, body = ask(list_server(tree), "/keepers/2024-January.txt")

        assert (response.status, body) == (200, TEXT)
        assert response.headers["Content-Type"] == "text/plain"
        assert response.headers["Last-Modified"]
        assert response.headers["ETag"]

    def test_a_folder_is_its_index(self, tree: Path, list_server: Serve) -> None:
        """A folder with its slash is its index.html, without the slash a redirect to it."""
        server = list_server(tree)

        assert ask(server, "/keepers/")[1] == b"<h1>The Keepers Archives</h1>"
        assert ask(server, "/keepers")[0].headers["Location"] == "/keepers/"

    @pytest.mark.parametrize("path", ["/nothing", "/../secret.txt", "/%2e%2e/secret.txt", "/keepers/../../secret.txt"])
    def test_nothing_outside_the_tree_is_served(self, tree: Path, list_server: Serve, path: str) -> None:
        """What is not below the tree is 404, however it is asked for."""
        assert ask(list_server(tree), path)[0].status == 404

    def test_a_head_has_no_body(self, tree: Path, list_server: Serve) -> None:
        """HEAD tells the length and sends nothing."""
        server = list_server(tree)
        response, body = ask(server, "/keepers/2024-January.txt", method="HEAD")

        assert (b"", str(len(TEXT))) == (body, response.headers["Content-Length"])
        assert server.requests[0].sent == 0

    @pytest.mark.parametrize("validator", [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")])
    def test_what_the_client_has_is_not_sent_again(
        self, tree: Path, list_server: Serve, validator: tuple[str, str]
    ) -> None:
        """A good validator gives 304 without a body, and 200 again once the file has changed."""
        server, file = list_server(tree), tree / "keepers" / "2024-January.txt"
        asked, told = validator
        condition = {asked: ask(server, "/keepers/2024-January.txt")[0].headers[told]}

        response, body = ask(server, "/keepers/2024-January.txt", condition)
        assert (response.status, body) == (304, b"")

        later = file.stat().st_mtime + 60
        os.utime(file, (later, later))
        assert ask(server, "/keepers/2024-January.txt", condition)[0].status == 200
        assert sorted(request.conditional for request in server.requests) == [False, True, True]

    def test_an_unreadable_date_is_no_validator(self, tree: Path, list_server: Serve) -> None:
        """If-Modified-Since that is no date gets the file."""
        response, _ = ask(list_server(tree), "/keepers/2024-January.txt", {"If-Modified-Since": "yesterday"})

        assert response.status == 200

    def test_validators_can_be_left_out(self, tree: Path, list_server: Serve) -> None:
        """Some servers send neither Last-Modified nor ETag."""
        response, _ = ask(list_server(tree, validators=False), "/keepers/2024-January.txt")

        assert (response.headers["Last-Modified"], response.headers["ETag"]) == (None, None)

    def test_a_prefix_stands_before_every_path(self, tree: Path, list_server: Serve) -> None:
        """With a prefix the tree is below it and nowhere else."""
        server = list_server(tree, prefix="/pipermail")

        assert server.url.endswith("/pipermail/")
        assert ask(server, "/pipermail/keepers/")[0].status == 200
        assert ask(server, "/keepers/")[0].status == 404

    def test_robots_txt_is_there_when_given(self, tree: Path, list_server: Serve) -> None:
        """The text of /robots.txt is served as given, and is 404 when none is."""
        rules = "User-agent: *\nDisallow: /keepers/\n"

        assert rules.encode() == ask(list_server(tree, robots=rules), "/robots.txt")[1]
        assert ask(list_server(tree), "/robots.txt")[0].status == 404

    def test_only_loopback_is_bound(self, tree: Path) -> None:
        """An address that others can reach is refused."""
        with pytest.raises(ValueError, match="only loopback"):
            ListServer(tree, host="0.0.0.0")


class TestRemembering:
    """Every request is remembered, so that tests can count."""

    def test_a_request_is_remembered(self, tree: Path, list_server: Serve) -> None:
        """Method, path with its query, status, bytes and user agent are kept."""
        server = list_server(tree)
        ask(server, "/keepers/2024-January.txt?x=1", {"User-Agent": "Hamelin/1"})

        request = server.requests[0]
        assert (request.method, request.path, request.status) == ("GET", "/keepers/2024-January.txt?x=1", 200)
        assert (len(TEXT), 1, "Hamelin/1") == (request.sent, request.together, request.user_agent)
        assert [request] == server.asked("January")

    def test_requests_at_the_same_time_are_counted(self, tree: Path, list_server: Serve) -> None:
        """Two requests in work together are seen as two, one after the other as one each."""
        server = list_server(tree, delay=0.2)
        threads = [threading.Thread(target=ask, args=(server, "/keepers/")) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ask(server, "/keepers/")

        assert sorted(request.together for request in server.requests) == [1, 1, 2]

    def test_requests_can_be_forgotten(self, tree: Path, list_server: Serve) -> None:
        """After `forget` the count begins anew."""
        server = list_server(tree)
        ask(server, "/keepers/")
        server.forget()
        ask(server, "/robots.txt")

        assert server.paths == ["/robots.txt"]


class TestFaults:
    """It misbehaves on the paths it is told, in the way and as often as it is told."""

    def test_a_fault_is_spent_after_its_times(self, tree: Path, list_server: Serve) -> None:
        """A rule with `times` fires so often; other paths and later requests are served."""
        server = list_server(tree, faults=[Fault("[.]txt$", "500", times=2)])
        statuses = [ask(server, "/keepers/2024-January.txt")[0].status for _ in range(3)]

        assert statuses == [500, 500, 200]
        assert ask(server, "/keepers/")[0].status == 200

    def test_rules_can_be_replaced_while_it_serves(self, tree: Path, list_server: Serve) -> None:
        """`misbehave` puts other rules in force, and none lets it behave."""
        server = list_server(tree, faults=[Fault("", "403")])
        server.misbehave()
        assert ask(server, "/keepers/")[0].status == 200

        server.misbehave(Fault("", "410"))
        assert ask(server, "/keepers/")[0].status == 410

    @pytest.mark.parametrize("status", sorted(STATUSES))
    def test_a_status_is_sent_without_validators(self, tree: Path, list_server: Serve, status: str) -> None:
        """A status fault sends that status; 429 and 503 say when to come again."""
        response, _ = ask(list_server(tree, faults=[Fault("", status, retry_after="7")]), "/keepers/")

        assert (int(status), None) == (response.status, response.headers["ETag"])
        assert ("7" if status in {"429", "503"} else None) == response.headers["Retry-After"]

    @pytest.mark.parametrize(("do", "location"), [("redirect", "/keepers/"), ("offsite", "http://127.0.0.2:9/")])
    def test_a_redirect_leads_nowhere(self, tree: Path, list_server: Serve, do: str, location: str) -> None:
        """A redirect goes to itself for ever, or to a host where nobody answers."""
        response, _ = ask(list_server(tree, faults=[Fault("", do)]), "/keepers/")

        assert (302, location) == (response.status, response.headers["Location"])

    @pytest.mark.parametrize(
        ("do", "mark"),
        [("html", b"Temporarily unavailable"), ("wall", b"not a bot"), ("login", b'name="password"'), ("empty", b"")],
    )
    def test_a_wrong_page_comes_with_200(self, tree: Path, list_server: Serve, do: str, mark: bytes) -> None:
        """Error pages, bot walls and login forms come under the archive's own addresses, as if all were well."""
        response, body = ask(list_server(tree, faults=[Fault("", do)]), "/keepers/2024-January.txt.gz")

        assert response.status == 200
        assert mark in body
        assert TEXT[:20] not in body

    def test_half_a_body_can_pass_for_all(self, tree: Path, list_server: Serve) -> None:
        """`short` sends half and says that this is the length."""
        _, body = ask(list_server(tree, faults=[Fault("", "short")]), "/keepers/2024-January.txt")

        assert TEXT[: len(TEXT) // 2] == body

    def test_a_body_can_break_off(self, tree: Path, list_server: Serve) -> None:
        """`truncate` promises the whole and closes after half."""
        server = list_server(tree, faults=[Fault("", "truncate")])
        with pytest.raises(http.client.IncompleteRead) as broken:
            ask(server, "/keepers/2024-January.txt")

        assert TEXT[: len(TEXT) // 2] == broken.value.partial

    def test_a_connection_can_drop(self, tree: Path, list_server: Serve) -> None:
        """`drop` closes without an answer."""
        with pytest.raises(http.client.RemoteDisconnected):
            ask(list_server(tree, faults=[Fault("", "drop")]), "/keepers/")

    def test_a_text_can_be_packed_on_the_way(self, tree: Path, list_server: Serve) -> None:
        """`gzipped` packs the body and says so; `encoded` says so of a file that is packed on disk."""
        server = list_server(tree, faults=[Fault("txt$", "gzipped"), Fault("gz$", "encoded")])

        for path, encoding in [("/keepers/2024-January.txt", "gzip"), ("/keepers/2024-January.txt.gz", "x-gzip")]:
            response, body = ask(server, path)
            assert encoding == response.headers["Content-Encoding"]
            assert gzip.decompress(body) == TEXT

    def test_garbage_is_the_same_every_time(self, tree: Path, list_server: Serve) -> None:
        """Random bytes are the same ones in each run, so that a failure can be seen again."""
        server = list_server(tree, faults=[Fault("", "garbage")])

        first, second = ask(server, "/keepers/")[1], ask(server, "/keepers/")[1]
        assert first == second
        assert len(first) == 4096

    def test_a_bomb_is_small_on_the_wire(self, tree: Path, list_server: Serve) -> None:
        """The bomb is a megabyte that says it unpacks to a gigabyte."""
        response, body = ask(list_server(tree, faults=[Fault("", "bomb")]), "/keepers/")

        assert response.headers["Content-Encoding"] == "gzip"
        assert len(body) < 2 << 20
        assert (BOMB_BYTES & 0xFFFFFFFF).to_bytes(4, "little") == body[-4:]

    def test_a_bomb_unpacks_without_an_error(self) -> None:
        """A bomb is a sound gzip member, as large as it says."""
        assert bytes(8 << 20) == gzip.decompress(bomb(8 << 20))

    def test_a_slow_answer_takes_its_time(self, tree: Path, list_server: Serve) -> None:
        """`slow` sends all, a byte at a time."""
        server = list_server(tree, faults=[Fault("", "slow")])
        started = time.monotonic()
        _, body = ask(server, "/keepers/index.html")

        assert body == b"<h1>The Keepers Archives</h1>"
        assert time.monotonic() - started > 0.25

    def test_a_hanging_request_is_not_in_work(self, tree: Path, list_server: Serve) -> None:
        """`hang` says nothing, is not counted among the requests in work, and ends when the client leaves."""
        server = list_server(tree, faults=[Fault("hang", "hang")])
        with socket.create_connection((server.host, server.port)) as client:
            client.sendall(b"GET /hang HTTP/1.1\r\nHost: lists\r\n\r\n")
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(1)
            ask(server, "/keepers/")
        deadline = time.monotonic() + 5
        while len(server.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)

        answered = {(request.path, request.together, request.status) for request in server.requests}
        assert answered == {("/keepers/", 1, 200), ("/hang", 1, 0)}

    def test_closing_wakes_what_hangs(self, tree: Path) -> None:
        """The server can close while a client hangs."""
        with ListServer(tree, faults=[Fault("", "hang")]) as server:
            client = socket.create_connection((server.host, server.port))
            client.sendall(b"GET / HTTP/1.1\r\nHost: lists\r\n\r\n")
            time.sleep(0.3)  # a request that was not read yet would be refused, not ended
        with client:
            assert client.recv(1) == b""

    def test_an_unknown_fault_is_refused(self) -> None:
        """A rule with a fault that there is not raises, with the names of those that there are."""
        with pytest.raises(ValueError, match=r"unknown fault 'hiccup'.*truncate"):
            Fault("", "hiccup")

    @pytest.mark.parametrize("do", sorted(ACTIONS - ON_THE_SOCKET))
    def test_every_answer_can_be_asked_with_head(self, tree: Path, list_server: Serve, do: str) -> None:
        """HEAD on a faulty path gives headers alone, whatever the fault."""
        assert ask(list_server(tree, faults=[Fault("", do)]), "/keepers/", method="HEAD")[1] == b""


def test_the_command_serves_until_it_is_told_to_stop(tree: Path) -> None:
    """`python -m tests.list_server` says its address, serves with its faults, and ends on SIGTERM."""
    command = [sys.executable, "-m", "tests.list_server", str(tree), "--fault", "index=404*1", "--prefix", "/p"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        host, port = url.removeprefix("http://").split("/")[0].split(":")
        statuses = []
        for _ in range(2):
            connection = http.client.HTTPConnection(host, int(port), timeout=5)
            connection.request("GET", "/p/keepers/index.html")
            statuses.append(connection.getresponse().status)
            connection.close()
        process.send_signal(signal.SIGTERM)

    assert (statuses, process.returncode) == ([404, 200], 0)
