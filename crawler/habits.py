"""What the HTML of a list is usually like, which tells a server's error page from a mail's HTML part.

Both are HTML, and a scrubber's notice states no size of HTML. But a list's files come the way they always do: in the
frame that Mailman puts around escaped source, where its sanitizer is the usual one (Scrubber.py), and with the
validators that a web server has for every file. An error page has neither, and often it is known already, as the
answer for something else that is not there.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from crawler.encodings import PackingTrouble
from crawler.verdict import EMPTY, FRAME_START, GARBAGE, HTML

if TYPE_CHECKING:
    from crawler.keeper import Ask, Keeper
    from crawler.warc_records import Answer

READ = 40  # HTML files of a list, the newest, that are read for how they look
VALIDATED = """
SELECT count(*), coalesce(sum(etag IS NOT NULL OR last_modified IS NOT NULL), 0) FROM captures
WHERE list = :list AND status = 200 AND (url LIKE '%.html' OR url LIKE '%.htm')"""
NEWEST = """
SELECT url FROM captures WHERE list = :list AND status BETWEEN 200 AND 299 AND instr(url, '/attachments/')
AND (url LIKE '%.html' OR url LIKE '%.htm') ORDER BY warc DESC, offset DESC LIMIT :most"""
# What stands for an HTML file and seemed to be none does not speak against others like it.
FAILED = """
SELECT sha256 FROM captures WHERE list = :list AND status >= 400 AND size > 0
AND NOT (status >= 600 AND instr(url, '/attachments/') AND (url LIKE '%.html' OR url LIKE '%.htm'))"""
MANY = 3  # documents without validators that differ, from which on it is how this server sends files
# What makes two copies of one error page differ: times, numbers of requests.
CHANGING = re.compile(rb"[0-9A-Fa-f]{4,}|\d+")


@dataclass
class Habit:
    """What is known of a list's answers.

    `pages` counts HTML of the list that came, `validated` how much of it with validators; `framed` HTML files in
    Mailman's frame, `bare` has the gist of each without; `unvalidated` that of documents that lacked validators alone,
    `failed` the digests of what came in place of other things.
    """

    pages: int = 0
    validated: int = 0
    framed: int = 0
    bare: set[bytes] = field(default_factory=set)
    unvalidated: set[bytes] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def verdict(self, url: str, page: bytes, *, validated: bool, html: bool) -> int | None:
        """Judge an HTML document that came for a file; `html` says that the file's notice states HTML."""
        if hashlib.sha256(page).hexdigest() in self.failed:
            return HTML
        said = gist(url, page)
        if not validated and self.pages and self.pages == self.validated:
            self.unvalidated.add(said)
            if len(self.unvalidated) < MANY:
                return GARBAGE
        return GARBAGE if html and self.framed and self.bare <= {said} else None

    def saw(self, url: str, payload: bytes) -> None:
        """Note how an HTML file looks."""
        if payload.startswith(FRAME_START):
            self.framed += 1
        else:
            self.bare.add(gist(url, payload))


class Habits:
    """The habits of the lists of a run: what the archive holds of a list, and what comes meanwhile."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper, self.known = keeper, dict[str, Habit]()

    def judge(self, ask: Ask, answer: Answer, page: bytes) -> int | None:
        """Judge an HTML document that came for an attachment; None where nothing speaks against it."""
        habit = self.known.get(ask.list)
        if habit is None:
            habit = self.known[ask.list] = self._read(ask.list)
        return habit.verdict(ask.url, page, validated=is_validated(answer), html=states_html(ask))

    def note(self, ask: Ask, answer: Answer, verdict: int, payload: bytes) -> None:
        """Learn from an answer that was kept; before the first question there is no need to."""
        habit = self.known.get(ask.list)
        if habit is None:
            return
        if verdict == 200 and urlsplit(ask.url).path.endswith((".html", ".htm")):
            habit.pages, habit.validated = habit.pages + 1, habit.validated + is_validated(answer)
        if 200 <= verdict < 300 and states_html(ask):
            habit.saw(ask.url, payload)
        if payload and (400 <= verdict < EMPTY or (verdict >= EMPTY and not states_html(ask))):
            habit.failed.add(hashlib.sha256(payload).hexdigest())

    def _read(self, list_name: str) -> Habit:
        store, asked = self.keeper.store, {"list": list_name, "most": READ}
        pages, validated = store.db.execute(VALIDATED, asked).fetchone()
        failed = {sha256 for (sha256,) in store.db.execute(FAILED, asked)}
        habit = Habit(pages, validated, failed=failed)
        for (url,) in store.db.execute(NEWEST, asked).fetchall():
            with suppress(PackingTrouble):
                if capture := store.capture(url):
                    habit.saw(url, self.keeper.payload(capture))
        return habit


def states_html(ask: Ask) -> bool:
    """Say whether a notice states HTML: of a mail it states a size, too."""
    return ask.text and ask.size is None


def is_validated(answer: Answer) -> bool:
    """Say whether an answer came with validators (RFC 9110, section 8.8)."""
    return bool(answer.header("ETag") or answer.header("Last-Modified"))


def gist(url: str, page: bytes) -> bytes:
    """Give what a page says whatever was asked for, and when.

    >>> one = gist("http://example.org/a/1/x.html", b"<html>No /a/1/x.html here (#123)</html>")
    >>> one == gist("http://example.org/b/2/y.html", b"<html>No /b/2/y.html here (#7)</html>")
    True
    """
    path = urlsplit(url).path.encode()
    for part in (url.encode(), path, unquote_to_bytes(path), path.rpartition(b"/")[2]):
        page = page.replace(part, b"") if part.strip(b"/") else page
    return hashlib.sha256(CHANGING.sub(b"", page)).digest()
