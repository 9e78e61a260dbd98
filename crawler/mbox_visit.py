"""The raw mbox that a list offers, fetched: what is new of it alone, where its server sends parts of files.

Each answer is a piece of its own (mails.py). The next one is asked for from the beginning of the last mail that
is held, so that it has to begin with what we know: only then it is the same file, grown. Else all of it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.config import KnownList
from crawler.keeper import Ask
from crawler.mails import CUT, last_mail, pieces_of
from crawler.store import Capture
from crawler.verdict import GARBAGE, content_range
from crawler.warc import Place
from crawler.warc_records import field

if TYPE_CHECKING:
    from crawler.run import Run
    from crawler.walk import Asking

STEP = 16 << 20  # bytes that are asked for at once
LARGEST = 128 << 20  # bytes of a step; a mail that does not fit is none
BEYOND = 416  # the answer where a file ends before what is asked for (RFC 9110, section 15.5.17)


@dataclass(frozen=True, slots=True)
class End:
    """Where a piece ends for us: its capture, the place of its last mail in the mbox, that mail; whether it is cut."""

    capture: Capture
    start: int
    mail: bytes

    @property
    def cut(self) -> bool:
        """Say whether the mail goes on in the next piece."""
        return self.capture.status == CUT


class MboxVisit:
    """Visit the mbox of one list."""

    def __init__(self, run: Run, ask: Asking, known: KnownList, url: str) -> None:
        self.run, self.ask, self.known, self.url = run, ask, known, url
        self.store = run.keeper.store
        self.step = STEP

    async def go(self) -> None:
        """Ask for what is new, piece by piece; trouble goes into the run's account, and the next run goes on."""
        end: End | None = self._end(self._newest())
        while True:
            ask = Ask(f"{self.url}#{self._next()}", "mbox", self.known.name, span=self._span(end))
            reply = await self.ask(ask, end.capture if end and not end.cut else None)
            capture = self.store.capture(ask.url)
            if end and reply.status in (BEYOND, GARBAGE):  # shorter than it was, or no mail begins where one did
                end = None
            elif reply.unchanged:
                return
            elif not reply.good or capture is None:
                self.run.fail(self.url, reply.reason)
                return
            elif end and not self._goes_on(end, capture):  # another file than it was
                end = None
            else:
                last, end = end, self._end(capture)
                if self._is_done(last, end):
                    return

    def _is_done(self, last: End | None, end: End | None) -> bool:
        """Say whether the file ended; a step that held no whole mail is made longer."""
        if end is None or not end.cut:
            return True
        self.step = self.step * 2 if last and end.start == last.start else STEP
        if self.step > LARGEST:
            self.run.fail(self.url, "holds a mail that is larger than any")
        return self.step > LARGEST

    def _span(self, end: End | None) -> tuple[int, int]:
        start = end.start if end else 0
        return start, start + self.step - 1

    def _goes_on(self, last: End, capture: Capture) -> bool:
        """Say whether a new piece begins with the last mail that was held; one that is the whole file needs nothing."""
        return self._start(capture) == 0 or self.run.keeper.payload(capture).startswith(last.mail)

    def _newest(self) -> Capture | None:
        found = [self.store.capture(url) for url in pieces_of(self.store, self.known.name, self.url)]
        return next((capture for capture in reversed(found) if capture), None)

    def _next(self) -> int:
        return len(pieces_of(self.store, self.known.name, self.url))

    def _end(self, capture: Capture | None) -> End | None:
        if capture is None or not capture.good:
            return None
        data = self.run.keeper.payload(capture)
        at = last_mail(data)
        return None if at is None else End(capture, self._start(capture) + at, data[at:].rstrip(b"\n"))

    def _start(self, capture: Capture) -> int:
        head, _ = self.run.keeper.reader.response(Place(capture.warc, capture.offset))
        span = content_range(field(head, "Content-Range"))
        return span[0] if span else 0
