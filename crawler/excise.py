"""Messages taken out of what a server sent: of volume texts, indexes, pages; and how each is known again.

Pure: bytes in, bytes out. What names a message goes with it: its line in an index and the count there, its
subject in the links of its neighbours' pages. What other mails quote of it, and the Message-ID in their
headers and thread keys, is theirs and stays.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.links import kind_of
from crawler.message import key
from crawler.pages import PAGE_NAME
from crawler.parse.mail import read_mail
from crawler.parse.mbox import PIECE, mails
from crawler.parse.message_page import MessagePage, read_page
from crawler.parse.notices import tail
from crawler.parse.volume_text import GZIP, TextEntry, is_text, read_entry, starts, unpack
from crawler.removals import Removal

LETTERS: Final = 32
LEAST: Final = 40  # letters of a text that alone tell it from others
NOT_A_LETTER: Final = re.compile(r"[^0-9A-Za-z]+")
# A message's line in an index (HyperArch): its thread key, its link, anchor and author, up to what follows.
LINE: Final = (
    rb"(?:<!--\s*\d[^>]*-->\s*)?<LI>\s*<A HREF=\"(?:[^\">]*/)?0*%d\.html\">"
    rb"(?:(?!<LI>|</?UL>|<!--|<A HREF=).)*?(?:</I>\s*|(?=<LI>|</?UL>|<!--|\Z))"
)
# A link to a message with what it says, in the head and foot of its neighbours' pages.
LINK: Final = rb"(<A HREF=\"(?:[^\">]*/)?0*%d\.html\"[^>]*>)(?:(?!</A>).)*(</A>)"
# The count of a volume's messages stands behind the third bold label (crawler.pages).
COUNT: Final = re.compile(
    rb"((?:<b>[^<]*</b>(?:(?!<b>|<ul>).){0,400}?){2}<b>[^<]*</b>\s*)(\d{1,12})", re.IGNORECASE | re.DOTALL
)
GONE: Final = b"[removed]"


class Excision:
    """Takes the purged messages of one list out of what came for it."""

    def __init__(self, name: str, removals: Iterable[Removal]) -> None:
        self.name = name
        purged = [removal for removal in removals if removal.purged and removal.list == name]
        self.ids = {removal.id for removal in purged if removal.by_id}
        self.prints = {mark for removal in purged for mark in removal.prints}
        self.files = {mark for removal in purged for mark in removal.files}
        self.pages = {path for removal in purged for path in removal.pages}
        self.shared = {page for removal in purged if not removal.by_id for page in removal.pages}

    def of(self, url: str, payload: bytes) -> bytes | None:
        """Give what is left of the payload that stands at an address; None where all of it goes.

        A payload that names no purged message comes back as it is.
        """
        kind = kind_of(url)
        if PIECE in url:
            return self._of_mails(payload)
        if kind == "attachment":
            return None if file_print(url) in self.files else payload
        if kind == "text":
            return self._of_text(payload)
        if kind == "page" and self._is_purged_page(url, payload):
            return None
        numbers = self._numbers(url)
        return without_lines(payload, numbers) if kind == "index" else without_names(payload, numbers)

    def purges(self, raw: bytes) -> bool:
        """Say whether a mail of a raw mbox is one of the purged."""
        entry = read_mail(raw).entry
        message_id = entry.headers.get("message-id", "").strip()
        return bool(message_id and key(self.name, message_id) in self.ids) or entry_print(entry) in self.prints

    def _of_text(self, payload: bytes) -> bytes:
        data = bytes(unpack(payload).data)
        if not is_text(data):
            return payload
        places = [*starts(data), len(data)]
        chunks = [data[a:b] for a, b in pairwise(places)]
        stay = [chunk for chunk in chunks if not self._is_purged_entry(chunk)]
        if len(stay) == len(chunks):
            return payload
        left = data[: places[0]] + b"".join(stay)
        return gzip.compress(left, 9, mtime=0) if payload.startswith(GZIP) else left

    def _of_mails(self, payload: bytes) -> bytes | None:
        """Take mails out of a piece of a raw mbox; None where none is left."""
        found = list(mails([payload]))
        stay = [raw for raw in found if not self.purges(raw)]
        if len(stay) == len(found):
            return payload
        return b"".join(stay) or None

    def _is_purged_entry(self, chunk: bytes) -> bool:
        entry = read_entry(chunk, None)
        message_id = entry.headers.get("message-id", "").strip()
        return bool(message_id and key(self.name, message_id) in self.ids) or entry_print(entry) in self.prints

    def _is_purged_page(self, url: str, payload: bytes) -> bool:
        page = read_page(payload)
        if page.message_id and key(self.name, page.message_id) in self.ids:
            return True
        if page.message_id and page_path(url) not in self.shared:
            return False  # an archive that was built anew can have another message at an address
        return page_path(url) in self.pages or page_print(page) in self.prints

    def _numbers(self, url: str) -> list[int]:
        volume = page_path(url).rpartition("/")[0]
        names = (path.rpartition("/") for path in self.pages)
        return sorted(int(m[1]) for folder, _, page in names if folder == volume and (m := PAGE_NAME.search(page)))


def entry_print(entry: TextEntry) -> str:
    """Give the fingerprint of an entry of a text: of its date, subject and body, whatever charset they came in."""
    return _print("entry", entry.headers.get("date", ""), entry.headers.get("subject", ""), entry.body)


def page_print(page: MessagePage) -> str | None:
    """Give the fingerprint of a page; None where it says too little to be told from others."""
    bare = NOT_A_LETTER.sub("", page.body or "")
    return _print("page", page.subject, bare) if len(bare) >= LEAST else None


def file_print(url: str) -> str | None:
    """Give the fingerprint of an attachment's address, which does not tell its name; None for one of no scrubber."""
    path = tail(url)
    return _print("file", path) if path else None


def _print(*parts: str) -> str:
    return hashlib.sha256("\0".join(NOT_A_LETTER.sub("", part) for part in parts).encode()).hexdigest()[:LETTERS]


def page_path(url: str) -> str:
    """Give the last two parts of an address's path: VOLUME/NNNNNN.html.

    >>> page_path("http://x.org/pipermail/kitchen/2004-May/000722.html")
    '2004-May/000722.html'
    """
    return "/".join(unquote(urlsplit(url).path).split("/")[-2:])


def without_lines(index: bytes, numbers: Sequence[int]) -> bytes:
    """Take the lines of messages out of a volume's index, and as many off its count."""
    found = 0
    for number in numbers:
        index, times = re.subn(LINE % number, b"", index, flags=re.IGNORECASE | re.DOTALL)
        found += times > 0
    if not found:
        return index
    return COUNT.sub(lambda match: match[1] + b"%d" % max(0, int(match[2]) - found), index, count=1)


def without_names(page: bytes, numbers: Sequence[int]) -> bytes:
    """Take what links to messages say of them out of a page.

    >>> without_names(b'<A HREF="000007.html">Soup\\n</A>', [7])
    b'<A HREF="000007.html">[removed]</A>'
    """
    for number in numbers:
        page = re.sub(LINK % number, rb"\1" + GONE + rb"\2", page, flags=re.IGNORECASE | re.DOTALL)
    return page
