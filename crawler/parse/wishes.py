"""Which pages of a volume are worth their requests, and why.

A page is wanted when its text may have lost something there that the page still has. Mail quotes mail: what one page
tells of a `?` it tells of all its quotations, so of several texts with the same doubt one is asked for, and the
others only when it turned out to be a loss. Depends on what is held of the volume alone, so that a crawl
that was killed goes on to the same end.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import dropwhile

from crawler.parse.addresses import hides_addresses, read_sender
from crawler.parse.defects import REASONS, Reason
from crawler.parse.doubts import MARKS, Author, Doubt, context, doubts, whole_words
from crawler.parse.slot import Slot
from crawler.parse.volume import VolumeReading

RANK = {reason: rank for rank, reason in enumerate(REASONS)}
# Reasons that more often than not are questions: these other pages can answer.
WEAK: frozenset[Reason] = frozenset({"mark_alone", "mark_goes_on", "mark_at_end", "word_unknown"})
# The charset that no character is lost in. A volume can have begun in another one, so a text has to show it first.
ALL_FITS = re.compile(r"utf-?8\Z", re.IGNORECASE)


class Wishes:
    """What is to be wished of a volume's pages; `words` gives words that its neighbours know, in lower case."""

    def __init__(self, reading: VolumeReading, words: Callable[[], Collection[str]] = frozenset) -> None:
        self.reading = reading
        self._words, self._known = words, frozenset[str]()
        self._learnt = _learnt(reading)
        self._lossless = _lossless(reading)
        self._losses = {key for key, lost in self._learnt.items() if lost}

    def wanted(self, allowed: Collection[Reason] = REASONS) -> dict[int, Reason]:
        """Give the numbers of pages that are worth fetching now, each with its strongest reason; none that is held."""
        found: dict[int, Reason] = {}
        asked: set[str] = set()
        for slot in self.reading.slots:
            if slot.number is None or slot.page is not None or slot.mail is not None:
                continue
            reasons = [
                (reason, key)
                for reason, key in self.reasons(slot)
                if reason in allowed and (key is None or self._is_open(key, asked))
            ]
            if reasons:
                found[slot.number] = min((reason for reason, _ in reasons), key=RANK.__getitem__)
                asked.update(key for _, key in reasons if key)
        return found

    def held(self) -> Counter[Reason]:
        """Count the pages that are held by the strongest reason for each; "asked" where there is none."""
        return Counter(
            min((reason for reason, _ in self.reasons(slot)), key=RANK.__getitem__, default="asked")
            for slot in self.reading.slots
            if slot.page is not None
        )

    def reasons(self, slot: Slot) -> Iterator[tuple[Reason, str | None]]:
        """Give the reasons for a slot's page; for a doubt with its context."""
        if slot.text is None:
            yield "text_missing", None
            return
        if self.reading.is_cut(slot):
            yield "text_cut", None
        if "from" not in slot.text.headers:
            yield "sender_missing", None
        if hides_addresses(slot.text.body, self.reading.at_word):
            yield "addresses_hidden", None
        for doubt in self._doubts(slot):
            yield doubt.reason, context(slot.text.body, doubt.place) if doubt.reason in WEAK else None
        if self._losses and any(key in self._losses for key in _contexts(slot.text.body)):
            yield "learnt", None

    def _doubts(self, slot: Slot) -> Iterator[Doubt]:
        assert slot.text, "its caller looked"
        own = (read_sender(slot.text.headers.get("from", ""))[0] or "").split()
        found = doubts(slot.text.body, Author(self.reading.names, own), self._vocabulary)
        return (doubt for doubt in found if slot.number not in self._lossless or doubt.reason == "undecoded")

    def _vocabulary(self) -> Collection[str]:
        """Give the words that this volume and its neighbours know; made when a doubt hangs on it."""
        if not self._known:
            own = whole_words(slot.text.body for slot in self.reading.slots if slot.text)
            self._known = own | frozenset(self._words())
        return self._known

    def _is_open(self, key: str, asked: set[str]) -> bool:
        """Say whether a page could still tell something of a doubt: no page told it, and none is asked for it."""
        return self._learnt.get(key) is None and key not in asked


def _lossless(reading: VolumeReading) -> frozenset[int | None]:
    """Give the numbers of messages whose text lost nothing: the first that shows it, and all behind it."""
    if not ALL_FITS.match(reading.charset or ""):
        return frozenset()
    behind = dropwhile(lambda slot: slot.text is None or slot.text.body.isascii(), reading.slots)
    return frozenset(slot.number for slot in behind)


def _learnt(reading: VolumeReading) -> dict[str, bool]:
    """Learn from the pages that are held which contexts are losses (True) and which are questions (False)."""
    found: dict[str, bool] = {}
    for slot in reading.slots:
        if slot.page and slot.page.body:
            body = slot.page.body
            lost = as_text(body, reading.charset)
            for mark in MARKS.finditer(lost) if len(lost) == len(body) else ():
                key = context(lost, mark.start())
                found[key] = found.get(key, False) or body[mark.start()] != "?"
    return found


def _contexts(text: str) -> Iterator[str]:
    return (context(text, mark.start()) for mark in MARKS.finditer(text)) if "?" in text else iter(())


def as_text(page: str, charset: str | None) -> str:
    """Give a page's body as the volume's text has it: `?` for each character that the list's charset lacks.

    >>> as_text("un café", "us-ascii")
    'un caf?'
    """
    try:
        name = codecs.lookup(charset or "ascii").name
        return page.encode(name, "replace").decode(name)
    except (LookupError, UnicodeError, TypeError, ValueError):
        return page.encode("ascii", "replace").decode()
