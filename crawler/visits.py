"""Which volumes of a list are visited, when one is done with for good, and what a crawl will cost.

Pure: rows of a list index and what we know of each volume in, decisions out. Who asks the server,
and how, is the spider's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.config import Pages
from crawler.pages import VolumeRow
from crawler.parse.dates import volume_span
from crawler.store import Volume

SETTLING_DAYS = 31  # after its end a volume can still grow: mail held for moderation, a server's clock
# A settled volume is asked for again, conditionally, so many days after the last time: archives are edited and
# rebuilt. The last number stays; so many volumes of a list in one run, those that waited longest first.
CHECK_DAYS, CHECKS_A_RUN = (30, 90, 180, 365), 3
SECONDS_A_DAY = 86400

# So many attachments in a row that are not there, or twice as many as were found: then the rest is gone, too.
MOST_IN_VAIN, TIMES_FOUND = 50, 2
# So many attachments of a list that are not there are named, and asked for once more in the next run.
MOST_NAMED = 20

# A text's size in its row, as sizeof (HyperArch.py) writes it: "26 KB", the python 3 port "26 KiB".
LARGE_SIZE = re.compile(r"(\d+)\s*([KMG])i?B\b")
ANY_NUMBER = re.compile(r"\d+")
UNITS = {"K": 1000, "M": 1000**2, "G": 1000**3}

# What a message costs, in bytes, and how often it has an attachment: means of a real list of 5,374 messages.
TEXT, PACKED_TEXT, INDEX, PAGE, ATTACHMENT = 2040, 540, 360, 4300, 5000
ATTACHMENTS = 0.2
ANSWER_SECONDS = 0.1  # what an answer takes besides the delay


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a crawl would take: volumes to visit, messages in them, requests, bytes."""

    volumes: int = 0
    messages: int = 0
    requests: int = 0
    bytes: int = 0

    def seconds(self, delay: float) -> float:
        """Give the time it would take with this many seconds between two requests."""
        return self.requests * (delay + ANSWER_SECONDS)

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
            self.volumes + other.volumes, self.messages + other.messages,
            self.requests + other.requests, self.bytes + other.bytes,
        )  # fmt: skip


class Patience:
    """How long a list's attachments are asked for when they are not there: servers lose whole folders of them.

    `found` and `missing` are those of earlier runs. Where none ever was there, one more try decides.
    """

    def __init__(self, found: int = 0, missing: int = 0) -> None:
        self.found, self.missing, self.in_vain = found, missing, 0 if found else min(missing, MOST_IN_VAIN - 1)

    @property
    def ended(self) -> bool:
        """Say whether asking on is of no use."""
        return self.in_vain >= max(MOST_IN_VAIN, TIMES_FOUND * self.found)

    @property
    def doubts(self) -> bool:
        """Say whether earlier runs found nothing, so that only what is new is worth a try."""
        return not self.found and self.in_vain >= MOST_IN_VAIN - 1

    @property
    def hopes(self) -> bool:
        """Say whether one that is not there is worth naming: so few are missing that each is a surprise."""
        return self.missing < MOST_NAMED

    def saw(self, *, there: bool) -> None:
        """Note what came of asking for one."""
        self.found, self.in_vain = (self.found + 1, 0) if there else (self.found, self.in_vain + 1)
        self.missing += not there


def due(rows: Iterable[VolumeRow], held: dict[str, Volume], *, recheck: bool = False) -> list[VolumeRow]:
    """Choose the volumes to visit, newest first: new ones, changed ones, those that can still grow, unfinished ones."""
    chosen = [row for row in rows if recheck or not _is_done(row, held.get(row.name))]
    return sorted(chosen, key=lambda row: (row.starts, row.name), reverse=True)


def checkable(rows: Iterable[VolumeRow], held: dict[str, Volume], now: float) -> list[VolumeRow]:
    """Choose settled volumes that are to be looked at once more, those that waited longest first.

    `now` is in seconds since 1970 UTC.
    """
    waited = [(now - _next_check(held[row.name]), row) for row in rows if _is_done(row, held.get(row.name))]
    late = sorted((-over, row.name, row) for over, row in waited if over >= 0)
    return [row for _, _, row in late[:CHECKS_A_RUN]]


def vanished(rows: Iterable[VolumeRow], held: dict[str, Volume]) -> list[VolumeRow]:
    """Give rows for the volumes that we hold and the list's index has no more."""
    listed = {row.name for row in rows}
    return [row_of(name) for name in held if name not in listed]


def _next_check(volume: Volume) -> int:
    return volume.checked + CHECK_DAYS[min(volume.checks, len(CHECK_DAYS) - 1)] * SECONDS_A_DAY


def newest(rows: Iterable[VolumeRow]) -> str | None:
    """Name the volume that new mail goes to."""
    return max(((row.starts, row.name) for row in rows), default=(0, None))[1]


def row_of(name: str) -> VolumeRow:
    """Make the row of a volume that no index names; the row that a server's index has will be another."""
    span = volume_span(name)
    return VolumeRow(name, name, span[0] if span else 0, ())


def settles(name: str, newest_name: str | None, today: int) -> bool:
    """Say whether a volume visited today cannot grow any more; `today` is in days since 1970-01-01."""
    span = volume_span(name)
    return name != newest_name and span is not None and today > span[1] + SETTLING_DAYS


def text_size(row: VolumeRow) -> int:
    """Read the size of a volume's text from its row's label, in bytes; 0 when it has none.

    >>> text_size(VolumeRow("2024-May", "May 2024: [ Thread ] [ Date ] [ Gzip'd Text 26 KB ]", 19844, ()))
    26000
    """
    label = row.row.rpartition("[")[2]
    if large := LARGE_SIZE.findall(label):
        return int(large[-1][0]) * UNITS[large[-1][1]]
    numbers = ANY_NUMBER.findall(label)
    return int(numbers[-1]) if numbers and row.text_urls else 0


def cost(rows: Iterable[VolumeRow], pages: Pages) -> Estimate:
    """Estimate what it takes to visit volumes for the first time."""
    return sum((_cost(row, pages) for row in rows), Estimate())


def _cost(row: VolumeRow, pages: Pages) -> Estimate:
    size = text_size(row)
    packed = any(url.endswith(".gz") for url in row.text_urls)
    messages = max(1, round(size / (PACKED_TEXT if packed else TEXT)))
    attachments = round(messages * ATTACHMENTS)
    with_pages = messages if pages == "all" else 0
    return Estimate(
        volumes=1,
        messages=messages,
        requests=2 + attachments + with_pages,
        bytes=size + messages * INDEX + attachments * ATTACHMENT + with_pages * PAGE,
    )


def _is_done(row: VolumeRow, volume: Volume | None) -> bool:
    return volume is not None and volume.complete and volume.settled and volume.row == row.row
