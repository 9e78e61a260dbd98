"""How often a list gets mail, and whether it is quieter than it uses to be. Pure: dates in, an opinion out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

LATEST = 100  # messages that tell the rhythm
LEAST = 20  # messages below which there is none
SHARE = 0.95  # of the gaps between messages are usual
TIMES = 4  # as long as a usual gap is unusual
LEAST_DAYS = 7  # of silence that anybody is told of: people go on holiday
DAY = 86400
WORDS = ((1.5, "daily"), (4.5, "every few days"), (10.5, "weekly"), (45.5, "monthly"))  # days between days with mail


@dataclass(frozen=True, slots=True)
class Silence:
    """A list that has been quiet for so many days, and how it uses to be."""

    days: int
    usual: str

    def __str__(self) -> str:
        return f"usually {self.usual}, nothing for {self.days} days"


def silence(dates: Sequence[int], now: int) -> Silence | None:
    """Say whether a list is unusually quiet; `dates` of its newest messages, in seconds since 1970 UTC, as is `now`.

    >>> str(silence([day * 86400 for day in range(40)], 49 * 86400))
    'usually daily, nothing for 10 days'
    """
    times = sorted(date for date in dates if date <= now)[-LATEST:]
    if len(times) < LEAST:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    usual = gaps[int(SHARE * (len(gaps) - 1))]
    quiet = now - times[-1]
    if quiet <= max(LEAST_DAYS * DAY, TIMES * usual):
        return None
    return Silence(quiet // DAY, _word(times))


def _word(times: list[int]) -> str:
    days = sorted({time // DAY for time in times})
    between = median(later - earlier for earlier, later in pairwise(days)) if len(days) > 1 else 1
    return next((word for limit, word in WORDS if between <= limit), "now and then")
