"""How long a host is left alone: the delay, Crawl-delay, Retry-After, a growing pause after trouble, and when to stop.

No request is made and nothing sleeps here: the HTTP client asks `wait` and tells what it `heard`. A
delay counts from the end of an answer, so that a host has at least that much peace between two
requests, however slow it or we are; a host that slows down has as much peace as its answers take.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from crawler.warc import TRANSIENT

MAX_PAUSE = 600.0  # seconds; a server that asks for more is left alone for this run, never asked before its time
MAX_TROUBLES = 8  # answers in a row that were none, then the host is left alone for this run
LAST, MAX_OF_LAST = 60, 30  # or so many of so many: a host that fails every other time is no better
JITTER = 0.25  # of a growing pause, added by chance: clients that failed together do not come back together
# A first byte within so many seconds is no strain. Above, a pause is as long as the last answers took to
# begin (weighed by how new they are), up to LONGEST_STRAIN: so a host never spends more than half its time on us.
STRAIN, LONGEST_STRAIN, NEWEST_COUNTS = 0.25, 30.0, 0.3


@dataclass
class _Host:
    """What is known of a host in this run; times are of the monotonic clock."""

    not_before: float = 0.0
    ended: float = float("-inf")
    gap: float = 0.0
    latency: float = 0.0
    troubles: int = 0
    last: deque[bool] = field(default_factory=lambda: deque(maxlen=LAST))
    answered: bool = False
    closed: str | None = None


class Pace:
    """The pauses of one run, host by host, in seconds: `backoff` is the first one after trouble, then doubled.

    `chance` gives a number from 0 to 1.
    """

    def __init__(
        self, backoff: float, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self.backoff, self.clock, self.chance, self.delay = backoff, clock, chance, 0.0
        self._hosts: dict[str, _Host] = defaultdict(_Host)

    def wait(self, host: str) -> float:
        """Give the seconds until the host may be asked again."""
        known = self._hosts[host]
        strain = min(known.latency, LONGEST_STRAIN) if known.latency > STRAIN else 0.0
        return max(
            0.0, known.not_before - self.clock(), known.ended + max(self.delay, known.gap, strain) - self.clock()
        )

    def heard(self, host: str, status: int, retry_after: str | None = None, latency: float = 0.0) -> None:
        """Note an answer; one of passing trouble makes a pause, as long as the server says or longer each time.

        `latency` is the time in seconds from the request to the answer's first byte.
        """
        known = self._hosts[host]
        known.answered, known.ended = True, self.clock()
        known.latency += NEWEST_COUNTS * (latency - known.latency)
        known.last.append(status in TRANSIENT)
        if status not in TRANSIENT:
            known.troubles = 0
            return
        asked = seconds_of(retry_after) if retry_after else None
        if asked is not None and asked > MAX_PAUSE:
            self.close(host, f"asks for a pause of {asked / 60:.0f} minutes")
        self._trouble(known, host, asked, f"answered {status}")

    def failed(self, host: str) -> None:
        """Note that there was no answer."""
        known = self._hosts[host]
        known.ended = self.clock()
        known.last.append(True)
        self._trouble(known, host, None, "did not answer")

    def answers(self, host: str) -> bool:
        """Say whether the host has said anything in this run."""
        return self._hosts[host].answered

    def at_most_every(self, host: str, seconds: float) -> None:
        """Leave at least this long between two requests (Crawl-delay)."""
        self._hosts[host].gap = seconds

    def close(self, host: str, reason: str) -> None:
        """Ask this host nothing more in this run."""
        self._hosts[host].closed = self._hosts[host].closed or reason

    def closed(self, host: str) -> str | None:
        """Say why a host is left alone, None when it is not."""
        return self._hosts[host].closed

    def _trouble(self, known: _Host, host: str, asked: float | None, what: str) -> None:
        known.troubles += 1
        growing = self.backoff * 2 ** (known.troubles - 1) * (1 + JITTER * self.chance())
        pause = asked if asked is not None else min(MAX_PAUSE, growing)
        known.not_before = max(known.not_before, self.clock() + pause)
        if known.troubles >= MAX_TROUBLES:
            self.close(host, f"{what} {known.troubles} times in a row")
        elif sum(known.last) >= MAX_OF_LAST:
            self.close(host, f"is in trouble: {sum(known.last)} of its last {len(known.last)} answers were none")


def seconds_of(retry_after: str, now: Callable[[], float] = time.time) -> float | None:
    """Read a Retry-After field, seconds or a date (RFC 9110, 10.2.3); None when it is neither.

    >>> seconds_of("120"), seconds_of("soon"), seconds_of("Thu, 01 Jan 1970 00:01:00 GMT", lambda: 0.0)
    (120.0, None, 60.0)
    """
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now())
    except ValueError:
        return None
