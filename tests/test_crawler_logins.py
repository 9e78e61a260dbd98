"""Private archives: members let Hamelin in, and what lets them in is written down nowhere."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from crawler.config import password_for
from crawler.logins import Login as Known
from crawler.logins import Sessions, filled, folder_of
from crawler.warc import files
from tests.list_server import Login
from tests.list_server.faults import LOGIN
from tests.pipermail import ListForm, write
from tests.test_crawler_crawl import Serve, crawl, held, letters

PRIVATE = "/mailman/private/keepers/"
USER, PASSWORD = "ann@example.org", "lamp oil & wicks"
GIVEN = {"HAMELIN_USER": USER, "HAMELIN_PASSWORD": PASSWORD}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the private list keepers."""
    write(tmp_path / "www" / "mailman" / "private", ListForm("keepers"), letters())
    return tmp_path / "www"


@pytest.mark.parametrize("status", [200, 401, 403, None], ids=["form", "form 401", "form 403", "basic"])
def test_a_member_gets_the_whole_archive_and_no_secret_stays(
    tree: Path, archive: Path, list_server: Serve, status: int | None
) -> None:
    """Texts, indexes and attachments come; neither password nor cookie is in any file; a second run writes nothing."""
    server = list_server(tree, login=Login(PRIVATE, USER, PASSWORD, status))
    done = crawl(archive, f"{server.url}mailman/private/keepers/", "-v", environment=GIVEN)
    assert (done.code, "12 messages" in done.out) == (0, True)
    before = held(archive)
    again = crawl(archive, environment=GIVEN)
    assert (again.code, held(archive)) == (0, before)

    written = b"".join(path.read_bytes() for path in archive.rglob("*") if path.is_file())
    written += b"".join(gzip.decompress((archive / "warc" / name).read_bytes()) for name in files(archive))
    written += (done.out + done.err + again.out + again.err).encode()
    for secret in (b"lamp oil", b"lamp+oil", b"keepers+user+ann=", b"Authorization", b"username=", b"Cookie"):
        assert secret not in written
    assert [r.method for r in server.requests].count("POST") == (0 if status is None else 2)
    assert b"WARC-Type: request" in written


def test_without_a_password_it_is_said_what_to_set(tree: Path, archive: Path, list_server: Serve) -> None:
    """Nothing is posted, and nothing but the form was fetched."""
    server = list_server(tree, login=Login(PRIVATE, USER, PASSWORD, 401))
    done = crawl(archive, f"{server.url}mailman/private/keepers/")

    assert (done.code, {r.method for r in server.requests}) == (2, {"GET"})
    assert "is private: it asks for a login. Only its members may read it" in done.err
    assert "set HAMELIN_USER and HAMELIN_PASSWORD" in done.err


@pytest.mark.parametrize("status", [200, None], ids=["form", "basic"])
def test_a_wrong_password_is_tried_once(tree: Path, archive: Path, list_server: Serve, status: int | None) -> None:
    """The sentence says that it was not taken; it does not say the password."""
    server = list_server(tree, login=Login(PRIVATE, USER, PASSWORD, status))
    wrong = GIVEN | {"HAMELIN_PASSWORD": "matches"}
    done = crawl(archive, f"{server.url}mailman/private/keepers/", environment=wrong)

    assert (done.code, len(server.asked("private"))) == (2, 2)
    assert "does not take the user and the password that were given" in done.err
    assert "matches" not in done.err


def test_a_private_list_does_not_keep_the_public_ones(tree: Path, archive: Path, list_server: Serve) -> None:
    """One that cannot be had is named, the others of its host are visited."""
    write(tree / "pipermail", ListForm("lamps"), letters(months=1))
    server = list_server(tree, login=Login(PRIVATE, USER, PASSWORD, 401))
    done = crawl(archive, f"{server.url}mailman/private/keepers/", f"{server.url}pipermail/lamps/")

    assert (done.code, "lamps: 1 of 1" in done.out) == (1, True)


def test_a_password_in_an_address_is_refused(archive: Path) -> None:
    """It would be written down; and it is not said again either."""
    done = crawl(archive, "http://ann:secret@127.0.0.1:9/pipermail/keepers/")

    assert (done.code, "secret" in done.err) == (2, False)
    assert "A user or a password stands in the address" in done.err


def test_a_password_is_for_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the plain names is for the one host of a run; one that names a host is for that host alone."""
    monkeypatch.setenv("HAMELIN_USER", "ann")
    monkeypatch.setenv("HAMELIN_PASSWORD", "oil")
    monkeypatch.setenv("HAMELIN_USER_LISTS_EXAMPLE_ORG", "bob")
    monkeypatch.setenv("HAMELIN_PASSWORD_LISTS_EXAMPLE_ORG", "wick")

    assert password_for("x.org", alone=True) == ("ann", "oil")
    assert password_for("x.org", alone=False) is None
    assert password_for("lists.example.org", alone=True) == ("bob", "wick")
    assert password_for("lists.example.org", alone=False) == ("bob", "wick")


def test_a_form_goes_to_the_host_that_sent_it() -> None:
    """Whatever target the page names: only its path counts."""
    page = LOGIN.replace(b'action="', b'action="http://evil.example.org')
    form = filled(page, "https://lists.example.org/mailman/private/keepers/2010-March/", Known("ann", "a&b"))

    assert form
    assert form.url == "https://lists.example.org/mailman/private/keepers/"
    assert sorted(form.body.split(b"&")) == [b"password=a%26b", b"submit=Let+me+in...", b"username=ann"]
    assert filled(b"<form action='/private/'><input name=q></form>", "http://x.org/", Known("a", "b")) is None


def test_a_cookie_goes_to_its_host_and_below_its_path() -> None:
    """Other hosts, ports and folders never see it."""
    sessions = Sessions(lambda _: None)
    assert sessions.take("http://x.org/mailman/private/a/", ["a+user=1; Path=/mailman/private/a/; HttpOnly", "b=2"])

    assert sessions.fields("http://x.org/mailman/private/a/2010-March.txt") == {"Cookie": "a+user=1; b=2"}
    assert sessions.fields("http://x.org/mailman/private/b/") == {"Cookie": "b=2"}
    assert sessions.fields("http://x.org:81/mailman/private/a/") == {}
    assert sessions.fields("http://evil.org/mailman/private/a/") == {}


def test_a_login_is_tried_once_for_each_list() -> None:
    """A server that forgets us at once is not asked without end; and a login does not show what it holds."""
    sessions = Sessions(lambda host: Known(host, "x"))
    url = "http://x.org/mailman/private/a/2010-March.txt"

    assert sessions.login(url, folder_of(url)) == Known("x.org", "x")
    assert sessions.login(url, folder_of(url)) is None
    assert sessions.given("http://x.org/mailman/private/a/")
    assert not sessions.given("http://x.org/mailman/private/b/")
    assert repr(Known("ann", "oil")) == "Login()"
