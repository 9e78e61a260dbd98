"""Dates and volume names as people read them: absolute, UTC, the day's name before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Volume names of Mailman's five frequencies (HyperArch dateToVolName); English in every language.
MONTH_VOLUME: Final = re.compile(rf"(\d{{4}})-({'|'.join(MONTHS)})")
QUARTER_VOLUME: Final = re.compile(r"(\d{4})q([1-4])")
WEEK_VOLUME: Final = re.compile(r"Week-of-Mon-(\d{4})(\d{2})(\d{2})")
DAY_VOLUME: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment: for machines, as a day, as a time of day."""

    iso: str
    day: str
    time: str

    @property
    def text(self) -> str:
        """Give the whole of it."""
        return f"{self.day} {self.time} UTC"


def stamp(date: int | None) -> Stamp | None:
    """Make the stamp of seconds since 1970 UTC.

    >>> stamp(1096976823).text
    'Tue 2004-10-05 11:47 UTC'
    """
    if date is None:
        return None
    days, seconds = divmod(date, 86400)
    day = _day(days)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return Stamp(f"{day[4:]}T{clock}:{seconds % 60:02}Z", day, clock)


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    moment = EPOCH + timedelta(days=days)
    return f"{DAYS[moment.weekday()]} {moment.date().isoformat()}"


def year(date: int) -> int:
    """Give the year of seconds since 1970 UTC.

    >>> year(1096976823)
    2004
    """
    return (EPOCH + timedelta(seconds=date)).year


def month_of(volume: str) -> tuple[int, int] | None:
    """Give the year and month (1-12) of a monthly volume.

    >>> month_of("2004-October"), month_of("2004q4")
    ((2004, 10), None)
    """
    match = MONTH_VOLUME.fullmatch(volume)
    return (int(match[1]), MONTHS.index(match[2]) + 1) if match else None


def volume_label(volume: str) -> str:
    """Give a volume's name as short as it can be beside its year.

    >>> volume_label("2004-October"), volume_label("2004q4"), volume_label("Week-of-Mon-20041004")
    ('Oct', 'Q4', '10-04')
    """
    if match := MONTH_VOLUME.fullmatch(volume):
        return match[2][:3]
    if match := QUARTER_VOLUME.fullmatch(volume):
        return f"Q{match[2]}"
    if match := WEEK_VOLUME.fullmatch(volume) or DAY_VOLUME.fullmatch(volume):
        return f"{match[2]}-{match[3]}"
    return volume


def volume_title(volume: str) -> str:
    """Give a volume's name in words.

    >>> volume_title("2004-October"), volume_title("2004q4"), volume_title("Week-of-Mon-20041004")
    ('October 2004', '2004, quarter 4', 'Week of Mon 2004-10-04')
    """
    if match := MONTH_VOLUME.fullmatch(volume):
        return f"{match[2]} {match[1]}"
    if match := QUARTER_VOLUME.fullmatch(volume):
        return f"{match[1]}, quarter {match[2]}"
    if match := WEEK_VOLUME.fullmatch(volume):
        return f"Week of Mon {match[1]}-{match[2]}-{match[3]}"
    if match := DAY_VOLUME.fullmatch(volume):
        return f"{match[1]}-{match[2]}-{match[3]}"
    return volume
