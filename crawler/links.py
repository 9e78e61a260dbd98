"""Addresses of a list server: which list one belongs to, and what overview pages lead to.

Pure, by the shapes that Mailman gives its addresses. The pages of an archive itself are read in
pages.py.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Literal
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from crawler.errors import UsageError
from crawler.parse.dates import volume_span

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)  # RFC 3986, 3.1; digits after the colon are a port
TEXT_SUFFIX = re.compile(r"\.txt(?:\.gz)?\Z")
INDEX_PAGE = re.compile(r"(?:index|thread|subject|author|date)\.html?\Z", re.IGNORECASE)
NUMBERED_PAGE = re.compile(r"\d{6,}\.html\Z")
# Mailman's own pages about a list: /mailman/listinfo/LIST, with or without cgi-bin before and a language behind.
LISTINFO = re.compile(r"/listinfo(?:\.cgi)?(?:/(?P<list>[^/?]+))?/?\Z")
# Where a listinfo page says that an archive is (Defaults.py: PUBLIC_ARCHIVE_URL; /private/ for the others).
ARCHIVE = re.compile(r"/(?:pipermail|private|archives?)/", re.IGNORECASE)
NOT_AN_ARCHIVE = re.compile(
    r"/(?:listinfo|subscribe|options|admin|admindb|roster|edithtml)(?:\.cgi)?(?:/|\Z)", re.IGNORECASE
)

AskedKind = Literal["index", "text", "page", "attachment"]


def list_url(url: str) -> str:
    """Give the address of the archive that an address belongs to: its index, a volume, a message or a file in it.

    >>> list_url("https://x.org/pipermail/kitchen/2024-May/000722.html#start")
    'https://x.org/pipermail/kitchen/'
    >>> list_url("x.org/pipermail/kitchen")
    'http://x.org/pipermail/kitchen/'
    """
    parts = _split(url if SCHEME.match(url) else f"http://{url}")
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url} is no address on the web.", hint="Give the archive's URL, http:// or https://…")
    if "@" in parts.netloc:
        hint = "Set HAMELIN_USER and HAMELIN_PASSWORD, and leave them out of the address."
        raise UsageError("A user or a password stands in the address, and would be written down with it.", hint=hint)
    segments = [segment for segment in parts.path.split("/") if segment]
    kept = next((n for n, segment in enumerate(segments) if _below_a_list(segments, n, segment)), len(segments))
    path = "/".join(["", *segments[:kept], ""])
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def kind_of(url: str) -> AskedKind:
    """Tell what stands at an address below a list's, by its shape.

    >>> kind_of("http://x.org/p/kitchen/2024-May/000722.html"), kind_of("http://x.org/p/kitchen/2024-May.txt.gz")
    ('page', 'text')
    """
    path = urlsplit(url).path
    name = path.rpartition("/")[2]
    if "/attachments/" in path:
        return "attachment"
    if NUMBERED_PAGE.match(name):
        return "page"
    if INDEX_PAGE.match(name) or not name:
        return "index"
    return "text" if TEXT_SUFFIX.search(name) else "attachment"


def is_listinfo(url: str) -> bool:
    """Say whether an address is that of Mailman's page about a list, or about all lists of a host."""
    return LISTINFO.search(urlsplit(url).path.rstrip("/")) is not None


def onward(html: bytes, url: str) -> list[str]:
    """Give the addresses that a page about lists leads to: archives, pages about one list, or folders below it.

    The archive that a page about one list names comes alone; else the pages about single lists; else,
    as a web server lists a folder, the folders directly below. Each once, in the page's order.
    """
    from bs4 import BeautifulSoup  # 0.07 s, and most that asks here asks about addresses alone

    soup = BeautifulSoup(html, "lxml")
    found = (_join(url, str(a["href"])) for a in soup.find_all("a", href=True))
    links = [link for link in dict.fromkeys(found) if link]
    match = LISTINFO.search(urlsplit(url).path.rstrip("/"))
    if match:
        archives = [link for link in links if ARCHIVE.search(_path(link)) and not NOT_AN_ARCHIVE.search(_path(link))]
        own = [link for link in archives if match["list"] and match["list"].lower() in _path(link).lower()]
        if match["list"]:
            return [list_url(link) for link in (own or archives)[:1]]
        about = [link for link in links if (m := LISTINFO.search(_path(link).rstrip("/"))) and m["list"]]
        return about or [list_url(link) for link in archives]
    base = url if url.endswith("/") else url + "/"
    return [link for link in links if re.fullmatch(re.escape(base) + r"[^/?#]+/", link)]


def same_site(one: str, other: str) -> bool:
    """Say whether two addresses are on the same host, whatever the scheme, the port's default, or a `www.` before it.

    >>> same_site("http://www.x.org/a", "https://x.org/b"), same_site("http://x.org:81/", "http://x.org/")
    (True, False)
    """
    return _site(one) == _site(other)


def _below_a_list(segments: list[str], at: int, segment: str) -> bool:
    """Say whether this part of a path stands below a list's own address."""
    name = unquote(segment)
    last = at == len(segments) - 1
    if volume_span(TEXT_SUFFIX.sub("", name)) is not None:
        return True
    if name == "attachments" and not last:
        return re.fullmatch(r"\d{8}", segments[at + 1]) is not None
    return last and (INDEX_PAGE.match(name) is not None or NUMBERED_PAGE.match(name) is not None)


def _split(url: str) -> SplitResult | None:
    with suppress(ValueError):
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    return None


def _site(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return host, parts.port if parts.port and parts.port not in (80, 443) else 0


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)


def _join(base: str, href: str) -> str | None:
    """Make a link absolute, its fragment off; None for one that is no address at all."""
    with suppress(ValueError):
        return urljoin(base, href).partition("#")[0]
    return None
