"""Logging in to private archives: whose name and password goes where, Mailman's form, and what comes back.

Passwords come from the environment (config.py) or from the system's keyring, never from hamelin.toml, and go nowhere
but to their host: into the form, or a field of requests. Nothing of it is kept: warc_records.py leaves out fields that
hold a secret, and the answer to a form is not written down at all. Nothing is asked here.
"""

from __future__ import annotations

import base64
import importlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import lxml.html

from crawler.verdict import is_login

BASIC = re.compile(r"\bbasic\b", re.IGNORECASE)  # RFC 7617
COOKIE = re.compile(r"\s*([^=;\s]+)=([^;]*)(.*)", re.DOTALL)  # RFC 6265, 4.1.1
COOKIE_PATH = re.compile(r";\s*path\s*=\s*(/[^;]*)", re.IGNORECASE)
SERVICE = "hamelin"  # what a keyring knows our passwords by: hamelin HOST


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password; they are not shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form: where it goes, and its body."""

    url: str
    body: bytes = field(repr=False)


def from_keyring(host: str) -> Login | None:
    """Ask the system's keyring, where the package is installed and something is known."""
    with suppress(Exception):  # no package, no keyring, a locked one: then there is no password
        keyring = importlib.import_module("keyring")
        found = keyring.get_credential(f"{SERVICE} {host}", None)
        return Login(found.username, found.password) if found else None
    return None


def filled(page: bytes, url: str, login: Login) -> Form | None:
    """Fill the login form of a private archive (Mailman's private.py); None where a page holds none.

    It goes to the host that sent it, by the way by which it came, whatever its target says.
    """
    if not is_login(page):
        return None
    for form in lxml.html.document_fromstring(page).forms:
        fields = {name: value or "" for name, value in form.form_values()}
        names = {str(element.name).lower(): str(element.name) for element in form.inputs if element.name}
        if not {"username", "password"} <= set(names):
            continue
        fields |= {names["username"]: login.user, names["password"]: login.password}
        if "submit" in names:
            fields[names["submit"]] = "Let me in..."
        here, target = urlsplit(url), urlsplit(urljoin(url, form.action or url))
        return Form(urlunsplit((here.scheme, here.netloc, target.path, "", "")), urlencode(fields).encode())
    return None


class Sessions:
    """What is known of logins in one run: who logs in where, cookies and fields by host, and where it was in vain."""

    def __init__(self, find: Callable[[str], Login | None]) -> None:
        self.find = find
        self._cookies: dict[str, dict[str, tuple[str, str]]] = {}
        self._basic: dict[str, str] = {}
        self._tried: set[tuple[str, str]] = set()
        self._given: set[tuple[str, str]] = set()

    def fields(self, url: str) -> dict[str, str]:
        """Give the fields that a request goes out with."""
        parts = urlsplit(url)
        mine = self._cookies.get(parts.netloc, {})
        sent = "; ".join(f"{name}={value}" for name, (value, path) in mine.items() if parts.path.startswith(path))
        found = {"Cookie": sent} if sent else {}
        return found | ({"Authorization": self._basic[parts.netloc]} if parts.netloc in self._basic else {})

    def login(self, url: str, folder: str) -> Login | None:
        """Give who may log in for an address below a list's folder, once in a run for each; then None."""
        place = (urlsplit(url).netloc, folder)
        login = None if place in self._tried else self.find(urlsplit(url).hostname or "")
        self._tried.add(place)
        self._given |= {place} if login else set()
        return login

    def given(self, url: str) -> bool:
        """Say whether a login was given for an address in this run."""
        return (urlsplit(url).netloc, folder_of(url)) in self._given

    def use_basic(self, url: str, login: Login) -> None:
        """Send user and password with each request to a host from now on."""
        token = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        self._basic[urlsplit(url).netloc] = f"Basic {token}"

    def take(self, url: str, cookies: list[str]) -> bool:
        """Take the cookies of an answer; say whether there was one."""
        jar = self._cookies.setdefault(urlsplit(url).netloc, {})
        for cookie in cookies:
            if match := COOKIE.match(cookie):
                path = COOKIE_PATH.search(match[3])
                jar[match[1]] = (match[2].strip(), path[1].strip() if path else "/")
        return bool(cookies)


def asks_for_password(status: int, challenge: str) -> bool:
    """Say whether an answer wants user and password in a field (RFC 7617)."""
    return status == 401 and BASIC.search(challenge) is not None


def folder_of(url: str) -> str:
    """Give the folder that a login opens: of a private archive its list's, else the host's.

    >>> folder_of("http://x.org/mailman/private/kitchen/2024-May/thread.html")
    '/mailman/private/kitchen/'
    """
    match = re.match(r".*?/private/[^/]+/", urlsplit(url).path)
    return match[0] if match else "/"
