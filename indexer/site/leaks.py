"""The scan of a finished site for addresses of people who wrote to its lists.

It knows nothing of how redaction finds addresses: it takes what stands on both sides of
everything that the spellings of docs/addresses.md put between a name and a host, and looks it
up among the senders. Pages are read as they are, with references and percent signs resolved, and
without their tags; files of bytes are read as Latin letters.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from indexer.spellings import SPELLINGS
from indexer.workers import pool_of

WORTH_A_PROCESS: Final = 30_000_000  # bytes to be read, from which on more processes save time
NAME: Final = re.compile(r"[^\s<>()\[\]\"/:;,…@＠]+")  # backwards from what stands for the @
DOT: Final = r"\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*|\s+dot\s+"
HOST: Final = re.compile(rf"[\s>|]*([\w-]+)((?:(?:\.|{DOT})[\w-]+)*)")
ANY_DOT: Final = re.compile(DOT)
TAG: Final = re.compile(r"<[^<>]*>")
BOUNDARY: Final = re.compile(r"[^\w]+|_")
GAP_BEFORE: Final = " \t\r\n\xa0>|"
LONGEST: Final = 128  # characters of a name
# What the spellings put between name and host: signs, and words between blanks or brackets, or without them.
SIGNS: Final = (
    "@",
    "＠",
    "﹫",
    "%40",
    "%2540",
    "=40",
    "&#64;",
    "&#x40;",
    "&commat;",
    r"\u0040",
    "_at_",
    "在",
    "於",
    "در",
)
_FOUND: Final = {s.split("}", 1)[1].split("{")[0].lower().strip(" ()[]") for s in SPELLINGS} - {*SIGNS, "", "at"}
WORDS: Final = sorted(_FOUND, key=lambda word: (-len(word), word))  # the longer first: a pattern takes what fits first


def _between() -> re.Pattern[str]:
    signs = "|".join(re.escape(sign) for sign in SIGNS)
    words = "|".join(re.escape(word) for word in WORDS)
    apart = rf"[\s>](?:at(?=[\s\w])|(?:{words})(?=\s))"
    return re.compile(rf"{signs}|{apart}|[\[({{<]\s*(?:at|{words}|@)\s*[\])}}>]|  (?<=\S  )(?=\S)")


BETWEEN: Final = _between()


@dataclass(frozen=True, slots=True)
class Known:
    """Addresses to look for, lower-case, and the first labels of their hosts."""

    addresses: frozenset[str]
    labels: frozenset[str]

    @classmethod
    def of(cls, senders: Iterable[str]) -> Known:
        """Take what has a name and a host of all senders' addresses."""
        parts = [(address.lower(), *address.lower().rpartition("@")[::2]) for address in senders]
        whole = [(address, host) for address, name, host in parts if name and host]
        return cls(frozenset(a for a, _ in whole), frozenset(host.partition(".")[0] for _, host in whole))


@dataclass(frozen=True, slots=True)
class Leak:
    """A file in which an address can be read, and the address."""

    path: str
    address: str


def scan(root: Path, paths: Iterable[str], senders: Iterable[str], *, processes: int | None = None) -> list[Leak]:
    """Look into files below a root for addresses; give each file that holds one, with the first it holds."""
    known = Known.of(senders)
    wanted = sorted(set(paths))
    workers = processes or os.cpu_count() or 1
    if workers > 1 and sum(_size(root / path) for path in wanted) > WORTH_A_PROCESS:
        shares = [wanted[n :: workers * 8] for n in range(workers * 8)]
        with pool_of(workers) as pool:
            waiting = [pool.submit(_scan_files, root, share, known) for share in shares]
            return sorted((leak for future in waiting for leak in future.result()), key=lambda leak: leak.path)
    return _scan_files(root, wanted, known)


def leaks_in(texts: Iterable[tuple[str, str]], known: Known) -> Iterator[Leak]:
    """Look into (name, text) pairs, as of what a pack holds."""
    for name, text in texts:
        address = first_address(text, known)
        if address:
            yield Leak(name, address)


def first_address(text: str, known: Known) -> str | None:
    """Give the first of the known addresses that stands in a text, in any of its readings.

    >>> first_address("Write to Ada (at) example dot org!", Known.of(["ada@example.org"]))
    'ada@example.org'
    """
    for reading in _readings(text.lower()):
        for match in BETWEEN.finditer(reading):
            host = HOST.match(reading, match.end())
            if host and host[1] in known.labels:
                found = _known(reading[max(0, match.start() - LONGEST) : match.start()], host, known)
                if found:
                    return found
    return None


def _readings(text: str) -> Iterator[str]:
    """Give a text as it stands, and as it is read: without tags, references and percent signs resolved."""
    yield text
    read = TAG.sub("", text) if "<" in text else text
    read = unescape(read) if "&" in read else read
    read = unquote(read) if "%" in read else read
    if read != text:
        yield read


def _known(before: str, host: re.Match[str], known: Known) -> str | None:
    name = NAME.match(before.rstrip(GAP_BEFORE)[::-1])
    if name is None:
        return None
    names, hosts = _endings(name[0][::-1]), _beginnings(ANY_DOT.sub(".", host[1] + host[2]))
    return next((f"{n}@{h}" for h in hosts for n in names if f"{n}@{h}" in known.addresses), None)


def _endings(name: str) -> list[str]:
    """Give what can be the name: all of it, and what follows each sign in it."""
    return [name, *(name[m.end() :] for m in BOUNDARY.finditer(name) if name[m.end() :])]


def _beginnings(host: str) -> list[str]:
    """Give what can be the host: all of it, and less by a label each."""
    labels = host.split(".")
    return [".".join(labels[:n]) for n in range(len(labels), 0, -1)]


def _scan_files(root: Path, paths: list[str], known: Known) -> list[Leak]:
    return list(leaks_in(((path, _text(root / path)) for path in paths), known))


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _size(path: Path) -> int:
    return path.stat().st_size
