"""The pages around messages: a list's index, a volume's index, and pages that are something else.

Pure: bytes in, links, numbers and dates out. Labels are localised and never read for what they
say: a volume's name and numbers come from addresses alone.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

import lxml.etree
import lxml.html

from crawler.parse.charsets import decode, page_charset
from crawler.parse.dates import volume_span

TEXT_NAME = re.compile(r"(?P<volume>[^/]+?)\.txt(?:\.gz)?\Z")
INDEX_NAME = re.compile(r"(?P<volume>[^/]+)/(?:(?:thread|subject|author|date|index)\.html)?\Z")
PAGE_NAME = re.compile(r"(?<!\d)(\d{6,12})\.html\Z", re.ASCII)
# Before each entry of thread.html stands `<!--DEPTH KEY -->`. KEY holds an element for each ancestor and the
# message, each ending in `-`: EPOCH.NUMBER since 2.1.13, EPOCH/MESSAGE-ID before, EPOCH alone in 2.0.
COMMENT = re.compile(r"\s*\d+ (?P<key>0\d{10}.*)-\s*\Z", re.DOTALL | re.ASCII)
ELEMENT = re.compile(r"(?:\A|(?<=-))(0\d{10})(?=[/.]|-|\Z)", re.ASCII)
# Tells nothing that keys do not tell better, and lxml loses what stands in a thousand of them; a break nests nothing.
NESTING = re.compile(r"</?ul>", re.IGNORECASE)
NEAR = 4  # elements behind a message's link within which its author stands
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
    text = decode(html, charset)
    tree = _tree(text)
    if tree is None:
        return ListIndex((), charset, None, None, None, _archiver(text), False, None)
    volumes = tuple(_volumes(tree, url))
    heading = tree.find(".//h1")
    links = [link for a in tree.iter("a") if (link := _absolute(url, a))]
    return ListIndex(
        volumes=volumes,
        charset=charset,
        title=(_text(heading) or None) if heading is not None else None,
        language=tree.get("lang") or None,
        listinfo=next((link for link in links if "/listinfo" in link), None),
        archiver="pipermail" if volumes else _archiver(text),
        login=_is_login(tree),
        mbox_url=next((link for link in links if re.search(r"\.mbox/[^/]+\.mbox\Z", link)), None),
    )


def _tree(html: str) -> lxml.html.HtmlElement | None:
    """Parse a page; None for one that holds nothing but blanks or marks."""
    parser = lxml.html.HTMLParser(encoding="utf-8", recover=True, huge_tree=True)
    with suppress(lxml.etree.ParserError):
        return lxml.html.document_fromstring(html.replace("\0", " ").encode("utf-8", "replace"), parser=parser)
    return None


def _text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _absolute(url: str, link: lxml.html.HtmlElement) -> str | None:
    with suppress(ValueError):  # what is no address at all
        return urljoin(url, link.get("href", "").strip()) if link.get("href") else None
    return None


def _archiver(text: str) -> str | None:
    return next((name for name, mark in ARCHIVERS if mark.search(text)), None)


def _is_login(tree: lxml.html.HtmlElement) -> bool:
    """Recognise the form of a private archive (Mailman/Cgi/private.py): name, password, an action below /private/."""
    for form in tree.iter("form"):
        names = {field.get("name", "").lower() for field in form.iter("input")}
        if {"username", "password"} <= names and "/private/" in form.get("action", ""):
            return True
    return False


def _volumes(tree: lxml.html.HtmlElement, url: str) -> list[VolumeRow]:
    """Read the volumes from the addresses of each table row, and from those that stand in no row."""
    by_row: dict[lxml.html.HtmlElement | None, dict[str, list[str]]] = {}
    for link in tree.iter("a"):
        address = (_absolute(url, link) or "").partition("#")[0].partition("?")[0]
        name = _volume_of(address, url)
        if name:
            row = next(link.iterancestors("tr"), None)
            urls = by_row.setdefault(row, {}).setdefault(name, [])
            if TEXT_NAME.search(address) and address not in urls:
                urls.append(address)
    volumes: dict[str, VolumeRow] = {}
    for row, texts in by_row.items():
        label = " ".join(" ".join(row.xpath(".//text()")).split()) if row is not None and len(texts) == 1 else ""
        for name, urls in texts.items():
            span = volume_span(name)
            if name not in volumes and span:
                volumes[name] = VolumeRow(name, label or name, span[0], tuple(urls))
    return list(volumes.values())


def _volume_of(address: str, url: str) -> str | None:
    """Give the volume that an address belongs to, if it stands in the folder of the list at `url`.

    The folder's own name is enough: archives move, and the links of their own templates stay behind.
    """
    path = _path(address)
    match = TEXT_NAME.search(path) or INDEX_NAME.search(path)
    if match is None or volume_span(match["volume"]) is None:
        return None
    folder = path[: match.start()].rstrip("/").rpartition("/")[2]
    return match["volume"] if folder.lower() == _folder(url).lower() else None


def _folder(url: str) -> str:
    return _path(url).rpartition("/")[0].rpartition("/")[2]


def _path(url: str) -> str:
    with suppress(ValueError):
        return unquote(urlsplit(url).path)
    return ""


def read_volume_index(html: bytes) -> VolumeIndex:
    """Read a volume's thread.html; from a page that is none, nothing."""
    charset = page_charset(html)
    tree = _tree(NESTING.sub("<br>", decode(html, charset)))
    if tree is None:
        return VolumeIndex(charset, (), None, None)
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
            match = re.match(r"\s*([0-9]{1,12})(?![0-9])", labels[2].tail or "")
            return int(match[1]) if match else None
    return None


def _entries(tree: lxml.html.HtmlElement) -> list[IndexEntry]:
    entries, key, seen = [], "", set[int]()
    for node in tree.iter():
        if node.tag is lxml.html.etree.Comment:
            match = COMMENT.match(node.text or "")
            key = match["key"] if match else key
        elif node.tag == "a":
            match = PAGE_NAME.match(_path(node.get("href") or "").rpartition("/")[2])
            if match and int(match[1]) not in seen:
                number = int(match[1])
                seen.add(number)
                entries.append(_entry(node, number, key))
                key = ""
    return entries


def _entry(link: lxml.html.HtmlElement, number: int, key: str) -> IndexEntry:
    author = next((n for n in islice(link.itersiblings(), NEAR) if n.tag == "i"), None)
    name = _text(author) if author is not None else ""
    epoch, exact, own, parents = read_key(key)
    return IndexEntry(number, _text(link), name or None, epoch, exact, own, parents)


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
