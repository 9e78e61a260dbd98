"""The pages around messages: a list's index, a volume's index, and pages that are something else.

Pure: bytes in, links, numbers and dates out. Labels are localised and never read for what they
say: a volume's name and numbers come from addresses alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import lxml.html
from bs4 import BeautifulSoup

from crawler.parse.charsets import decode, page_charset
from crawler.parse.dates import volume_span

TEXT_NAME = re.compile(r"(?P<volume>[^/]+?)\.txt(?:\.gz)?\Z")
INDEX_NAME = re.compile(r"(?:(?P<volume>[^/]+)/)?(?:thread|subject|author|date|index)\.html\Z")
PAGE_NAME = re.compile(r"(\d{6,})\.html\Z")
# Before each entry of thread.html stands `<!--DEPTH KEY -->`. KEY holds an element for each ancestor and the
# message, each ending in `-`: EPOCH.NUMBER since 2.1.13, EPOCH/MESSAGE-ID before, EPOCH alone in 2.0.
COMMENT = re.compile(r"\s*\d+ (?P<key>0\d{10}.*)-\s*\Z", re.DOTALL)
ELEMENT = re.compile(r"(?:\A|(?<=-))(0\d{10})(?=[/.]|-|\Z)")
# Zones whose letters are defined (RFC 5322 section 4.3) or clear in practice, in hours east of UTC.
ZONES = {
    "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "BST": 1, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9,
}  # fmt: skip
ZONE_LETTERS = re.compile(r"\b(?:" + "|".join(ZONES) + r")\b")
# Marks of list archivers, in a page's source, most telling first.
ARCHIVERS = (
    ("pipermail", re.compile(r"Pipermail\s+0\.\d+|<!--beginarticle-->|<!--threads-->", re.IGNORECASE)),
    ("hyperkitty", re.compile(r"hyperkitty", re.IGNORECASE)),
    ("mhonarc", re.compile(r"<!--\s*MHonArc|<!--X-(?:Subject|Message-Id|Body-of-Message)", re.IGNORECASE)),
    (
        "hypermail",
        re.compile(r"<!--\s*(?:isosent|inreplyto|body)=\"|generator\"?\s+content=\"hypermail", re.IGNORECASE),
    ),
    ("public-inbox", re.compile(r"public[- ]inbox", re.IGNORECASE)),
    ("mod_mbox", re.compile(r"mod_mbox|\.mbox/(?:thread|browser)", re.IGNORECASE)),
    ("sympa", re.compile(r"sympa", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A volume as the list index shows it: its name, its row's text, its first day since 1970-01-01, its texts."""

    name: str
    row: str
    starts: int
    text_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListIndex:
    """A list's index page: volumes newest first as there, and what the page says of the list.

    `archiver` is "pipermail" or another software that was recognised, None when none was;
    `login` tells the login form of a private archive; `mbox_url` the public raw archive.
    """

    volumes: tuple[VolumeRow, ...]
    charset: str | None
    title: str | None
    language: str | None
    listinfo: str | None
    archiver: str | None
    login: bool
    mbox_url: str | None


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A message in a volume's thread.html.

    `epoch` is in seconds since 1970; `exact` tells whether it is UTC (a bare epoch of 2.0 is off by the
    server's zone). `message_id` and `parents` come from keys up to 2.1.12, without `<>`.
    """

    number: int
    subject: str
    author: str | None
    epoch: int | None
    exact: bool
    message_id: str | None
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VolumeIndex:
    """A volume's thread.html: its entries as they stand, the number of messages that it claims.

    `zone` is the server's, in seconds east of UTC, where its letters tell it.
    """

    charset: str | None
    entries: tuple[IndexEntry, ...]
    claimed: int | None
    listinfo: str | None
    zone: int | None = None


def read_list_index(html: bytes, url: str) -> ListIndex:
    """Read a list's index page; any other page gives one without volumes that says what it seems to be."""
    charset = page_charset(html)
    text = decode(html, charset).replace("\0", " ")
    soup = BeautifulSoup(text, "lxml")
    volumes = tuple(_volumes(soup, url))
    links = [urljoin(url, str(a["href"])) for a in soup.find_all("a", href=True)]
    return ListIndex(
        volumes=volumes,
        charset=charset,
        title=" ".join(soup.h1.get_text().split()) if soup.h1 else None,
        language=str(soup.html["lang"]) if soup.html and soup.html.get("lang") else None,
        listinfo=next((link for link in links if "/listinfo" in link), None),
        archiver="pipermail" if volumes else _archiver(text),
        login=_is_login(soup),
        mbox_url=next((link for link in links if re.search(r"\.mbox/[^/]+\.mbox\Z", link)), None),
    )


def _archiver(text: str) -> str | None:
    return next((name for name, mark in ARCHIVERS if mark.search(text)), None)


def _is_login(soup: BeautifulSoup) -> bool:
    """Recognise the form of a private archive (Mailman/Cgi/private.py): name, password, an action below /private/."""
    for form in soup.find_all("form"):
        names = {str(field.get("name", "")).lower() for field in form.find_all("input")}
        if {"username", "password"} <= names and "/private/" in str(form.get("action", "")):
            return True
    return False


def _volumes(soup: BeautifulSoup, url: str) -> list[VolumeRow]:
    """Read the volumes from the addresses of each table row (or of the whole page, where there is no table)."""
    rows = {}
    for row in soup.find_all("tr") or [soup]:
        if row.find("tr"):
            continue
        texts: dict[str, list[str]] = {}
        for link in row.find_all("a", href=True):
            href = str(link["href"]).split("#")[0].split("?")[0]
            match = INDEX_NAME.search(href) or TEXT_NAME.search(href)
            name = match["volume"] if match else None
            if name and volume_span(name):
                texts.setdefault(name, [])
                if TEXT_NAME.search(href) and urljoin(url, href) not in texts[name]:
                    texts[name].append(urljoin(url, href))
        label = " ".join(row.get_text(" ").split()) if len(texts) == 1 else ""
        for name, urls in texts.items():
            span = volume_span(name)
            if name not in rows and span:
                rows[name] = VolumeRow(name, label or name, span[0], tuple(urls))
    return list(rows.values())


def read_volume_index(html: bytes) -> VolumeIndex:
    """Read a volume's thread.html; from a page that is none, nothing."""
    charset = page_charset(html)
    text = decode(html, charset).replace("\0", " ")
    if not text.strip():
        return VolumeIndex(charset, (), None, None)
    parser = lxml.html.HTMLParser(encoding="utf-8", recover=True, huge_tree=True)
    tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    links = [a.get("href") or "" for a in tree.iter("a")]
    listinfo = next((link for link in links if "/listinfo" in link), None)
    return VolumeIndex(charset, tuple(_entries(tree)), _claimed(tree), listinfo, _zone(tree))


def _zone(tree: lxml.html.HtmlElement) -> int | None:
    """Read the server's zone from the first date of the page that names one which mail defines."""
    for italic in tree.iter("i"):
        match = ZONE_LETTERS.search(italic.text_content() or "")
        if match:
            return ZONES[match[0]] * 3600
    return None


def _claimed(tree: lxml.html.HtmlElement) -> int | None:
    """Read the count behind the third bold label above the entries: Starting, Ending, Messages, in any language."""
    for paragraph in tree.iter("p"):
        labels = paragraph.findall("b")
        if len(labels) == 3:
            match = re.match(r"\s*(\d+)", labels[2].tail or "")
            return int(match[1]) if match else None
    return None


def _entries(tree: lxml.html.HtmlElement) -> list[IndexEntry]:
    entries, key, seen = [], "", set[int]()
    for node in tree.iter():
        if node.tag is lxml.html.etree.Comment:
            match = COMMENT.match(node.text or "")
            key = match["key"] if match else key
        elif node.tag == "a":
            match = PAGE_NAME.match(urlsplit(node.get("href") or "").path.rpartition("/")[2])
            if match and int(match[1]) not in seen:
                number = int(match[1])
                seen.add(number)
                entries.append(_entry(node, number, key))
                key = ""
    return entries


def _entry(link: lxml.html.HtmlElement, number: int, key: str) -> IndexEntry:
    author = next((n for n in link.itersiblings("i")), None)
    name = " ".join(author.text_content().split()) if author is not None else ""
    epoch, exact, own, parents = read_key(key)
    subject = " ".join(link.text_content().split())
    return IndexEntry(number, subject, name or None, epoch, exact, own, parents)


def read_key(key: str) -> tuple[int | None, bool, str | None, tuple[str, ...]]:
    """Read a thread key without its last `-` as (own epoch, is it UTC, own id, ancestors' ids).

    >>> read_key("01096680832/a-b@c-01096681363/d@e")
    (1096681363, True, 'd@e', ('a-b@c',))
    >>> read_key("00936259908"), read_key("01300000000.000007")
    ((936259908, False, None, ()), (1300000000, True, None, ()))
    """
    starts = list(ELEMENT.finditer(key))
    if not starts:
        return None, False, None, ()
    ends = [m.start() - 1 for m in starts[1:]] + [len(key)]
    values = [key[m.end() : end] for m, end in zip(starts, ends, strict=True)]
    ids = [v[1:] for v in values if v.startswith("/")]
    own = values[-1][1:] if values[-1].startswith("/") else None
    return int(starts[-1][1]), bool(values[-1]), own or None, tuple(ids[:-1] if own else ids)
