"""What came of asking for an address; and, where it is nothing to read, the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from crawler.errors import HostTrouble, NotAnArchive
from crawler.keeper import Exchange
from crawler.pages import ListIndex
from crawler.verdict import LOGIN, WALL
from crawler.warc import TRANSIENT

NAMES = {
    "hyperkitty": "a Mailman 3 archive (HyperKitty)",
    "mhonarc": "an archive made by MHonArc",
    "hypermail": "an archive made by hypermail",
    "public-inbox": "a public-inbox archive",
    "mod_mbox": "an archive shown by mod_mbox",
    "sympa": "an archive of Sympa",
}

WALLED = "It keeps programs out, and Hamelin does not go round that: ask its owner to let Hamelin in."
NOT_PUBLIC = "The archive is not public, or its host keeps programs out: ask its owner."
MEMBERS = "Only its members may read it: if you are one, set HAMELIN_USER and HAMELIN_PASSWORD."
WRONG = "It does not take the user and the password that were given: set HAMELIN_USER and HAMELIN_PASSWORD anew."
MOVED = "If that is where the archive is now, change the list's url in hamelin.toml."


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking: a verdict (None: no answer at all) and the payload, or the reason for having none.

    `url` is where redirects led; `changed` whether what we hold is another thing now, `rewritten` whether
    that does not tell all that was told before; `exchange` is
    there for an address of which nothing was known. `closed` says that the host is left alone from now on,
    `forbidden` that its robots.txt does not allow the address, `moved` where on another site it is now,
    `hint` what a person can do.
    """

    url: str
    status: int | None
    payload: bytes = b""
    changed: bool = False
    rewritten: bool = False
    exchange: Exchange | None = None
    reason: str = ""
    closed: bool = False
    forbidden: bool = False
    moved: str | None = None
    hint: str = ""

    @property
    def good(self) -> bool:
        """Say whether the thing itself came, or is what we hold already."""
        return self.unchanged or (self.status is not None and 200 <= self.status < 300)

    @property
    def unchanged(self) -> bool:
        """Say whether the server has nothing newer than we."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def gone(self) -> bool:
        """Say whether the server says that there is nothing at the address."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

    @property
    def passing(self) -> bool:
        """Say whether asking another day may get another answer.

        What is not the thing itself but came the same as the last time will come so again.
        """
        if self.good or self.forbidden:
            return False
        if self.status is not None and self.status >= 600:
            return self.changed
        return self.status is None or self.status in TRANSIENT or 300 <= self.status < 400


def refusal(url: str, reply: Reply) -> NotAnArchive | HostTrouble:
    """Say why there is nothing to read at an address, and what to do."""
    if reply.gone:
        hint = "Look for the archive's address in a browser."
        return NotAnArchive(f"There is nothing at {url} ({reply.status}).", hint=hint)
    host, status = urlsplit(url).hostname, reply.status
    cases = (
        (status == LOGIN, private(url, reply.hint)),
        (status == WALL, _trouble(f"{host} puts a bot wall before {url}.", WALLED)),
        (bool(reply.hint), _trouble(f"{url} {reply.reason}.", reply.hint)),
        (status == HTTPStatus.UNAUTHORIZED, _trouble(f"{url} {reply.reason}.", f"{NOT_PUBLIC} {MEMBERS}")),
        (status == HTTPStatus.FORBIDDEN, _trouble(f"{url} {reply.reason}.", NOT_PUBLIC)),
        (reply.forbidden, _trouble(f"{url} {reply.reason}.", f"Ask the owner of {host}.")),
        (reply.moved is not None, _trouble(f"{url} {reply.reason}.", MOVED)),
        (reply.closed and status is None, _trouble(f"{host} {reply.reason}.", "Run the same command again later.")),
        (True, _trouble(f"{url} {reply.reason}.", "Check the address, or run the same command again later.")),
    )
    return next(trouble for applies, trouble in cases if applies)


def private(url: str, hint: str = "") -> HostTrouble:
    """Say that an archive asks for a login."""
    return _trouble(f"The archive at {url} is private: it asks for a login.", hint or MEMBERS)


def _trouble(sentence: str, hint: str) -> HostTrouble:
    return HostTrouble(sentence, hint=hint)


def no_archive(url: str, index: ListIndex) -> NotAnArchive:
    """Say what a page that is no pipermail list index seems to be."""
    if index.archiver in NAMES:
        hint = "Hamelin reads the archives of Mailman 2."
        return NotAnArchive(f"{url} is {NAMES[index.archiver]}, not one of pipermail.", hint=hint)
    if index.archiver == "pipermail":
        hint = "Give the address of the page that lists the months."
        return NotAnArchive(f"{url} is a page of pipermail, but no list's first one.", hint=hint)
    return NotAnArchive(
        f"{url} is no pipermail archive: the page names no months or other volumes.",
        hint="Give the address of the page that lists the months, such as https://HOST/pipermail/LIST/.",
    )
