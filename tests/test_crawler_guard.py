"""No page on the web can make us fetch what only this machine or its network may see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.guard import Guard, addresses_of, is_inside_by_name, is_public, read_address
from tests.list_server import Fault
from tests.pipermail import ListForm, write
from tests.test_crawler_crawl import SETTINGS, Serve, crawl, letters


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
     "255.255.255.255", "224.0.0.1", "::", "::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
)  # fmt: skip
def test_addresses_inside(address: str) -> None:
    """Private, loopback, link-local, shared, multicast and unspecified ones, and those that lead to one."""
    found = read_address(address)
    assert found
    assert not is_public(found)


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"])
def test_addresses_on_the_public_internet(address: str) -> None:
    """All others."""
    found = read_address(address)
    assert found
    assert is_public(found)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "::1", "fe80::1%eth0",
             "localhost", "mailhost", "lists.lan", "a.b.home.arpa", "Lists.Local."],
)  # fmt: skip
def test_names_that_are_inside_by_themselves(host: str) -> None:
    """Addresses in every form that systems read, and names that are never public."""
    assert is_inside_by_name(host)


def test_a_persons_own_host_inside_may_be_asked_and_others_may_not() -> None:
    """What the start address is decides; another name that leads to the same network does not."""
    table = {"127.0.0.1": ["127.0.0.1"], "evil.example.org": ["127.0.0.1"], "fine.example.org": ["9.9.9.9"]}
    guard = Guard(["127.0.0.1"], resolve=lambda host: table.get(host, []))

    assert guard.looked_up("127.0.0.1") is None
    assert guard.looked_up("fine.example.org") is None
    assert guard.looked_up("nobody.example.org") is None
    assert Guard(["fine.example.org"], resolve=lambda _: ["10.0.0.7"]).looked_up("fine.example.org") == (
        "is at 10.0.0.7, which is not on the public internet"
    )


def test_one_address_inside_is_enough_to_refuse_a_host() -> None:
    """A name with a public and a private address would be asked at either."""
    guard = Guard([], resolve=lambda _: ["9.9.9.9", "fd00::5"])

    assert guard.looked_up("both.example.org") == "is at fd00::5, which is not on the public internet"


def test_a_host_that_a_person_vouches_for_may_be_inside() -> None:
    """An intranet whose names look public needs a line in hamelin.toml."""
    guard = Guard(["lists.example.org"], ["Lists.example.org"], lambda _: ["10.0.0.7"])

    assert guard.looked_up("lists.example.org") is None


def test_the_system_is_asked_for_addresses() -> None:
    """Names and odd forms are read as a connection would read them; what nobody knows has none."""
    assert "127.0.0.1" in addresses_of("2130706433")
    assert addresses_of("lists.example.invalid") == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: the list keepers, three months, twelve messages, three attachments."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), letters())
    return tmp_path / "www"


def test_a_name_that_is_given_another_address_is_found_out(tree: Path, tmp_path: Path, list_server: Serve) -> None:
    """The name was public when it was looked up, the connection is not: nothing is said over it."""
    server = list_server(tree)
    code = (
        "import crawler.guard\n"
        "crawler.guard.is_inside_by_name = lambda host: False\n"
        "crawler.guard.addresses_of = lambda host: ['9.9.9.9']\n"
        "from indexer.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "--archive", str(tmp_path / "new"), "crawl", "--delay", "0"]
    url = f"http://localhost:{server.port}/pipermail/keepers/"
    done = subprocess.run([*command, url], capture_output=True, text=True, check=False)

    assert (done.returncode, server.requests) == (2, [])
    assert "is at 127.0.0.1, which is not on the public internet" in done.stderr
    assert "name the host in hamelin.toml: [safety] hosts." in done.stderr


def test_redirects_lead_to_hosts_that_a_person_vouches_for(tree: Path, tmp_path: Path, list_server: Serve) -> None:
    """A text that moved to another host is refused, and fetched once hamelin.toml names that host."""
    folder, elsewhere = tmp_path / "archive", list_server(tree, host="127.0.0.3")
    folder.mkdir()
    (folder / "hamelin.toml").write_text(SETTINGS)
    name = "pipermail/keepers/2010-January.txt.gz"
    server = list_server(tree, faults=[Fault(name, "offsite", location=elsewhere.url + name)])
    done = crawl(folder, f"{server.url}pipermail/keepers/")
    assert (done.code, f"leads to another site, {elsewhere.url}" in done.err, elsewhere.paths) == (1, True, [])

    text = (folder / "hamelin.toml").read_text().replace("[[lists]]", '[safety]\nhosts = ["127.0.0.3"]\n[[lists]]')
    (folder / "hamelin.toml").write_text(text)
    done = crawl(folder)
    assert (done.code, "12 messages" in done.out) == (0, True)
    assert elsewhere.paths[-1] == f"/{name}"
