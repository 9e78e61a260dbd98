"""Numbers of things, bytes and seconds, as they are said to people; nothing is read or written here."""

from __future__ import annotations

from typing import Final

KB, MB = 1000, 1000**2
MINUTE, HOUR, DAY = 60, 3600, 86400
# From how many seconds on a longer unit says it better: 90 s, 90 minutes, 2 days.
IN_MINUTES: Final = 1.5 * MINUTE
IN_HOURS: Final = 1.5 * HOUR
IN_DAYS: Final = 2 * DAY


def count(number: int, one: str, many: str | None = None) -> str:
    """Say how many there are.

    >>> count(1, "message"), count(5374, "message"), count(2, "person", "people")
    ('1 message', '5,374 messages', '2 people')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size_of(number: int) -> str:
    """Say a number of bytes.

    >>> size_of(1), size_of(999), size_of(25_300), size_of(56_000_000)
    ('1 byte', '999 bytes', '25 KB', '56.0 MB')
    """
    return count(number, "byte") if number < KB else f"{number // KB} KB" if number < MB else f"{number / MB:.1f} MB"


def duration_of(seconds: float) -> str:
    """Say how long something takes, in the unit that people would use.

    >>> duration_of(5), duration_of(1), duration_of(130), duration_of(6_840), duration_of(400_000)
    ('5 seconds', '1 second', '2 minutes', '1.9 hours', '4.6 days')
    """
    if seconds < IN_MINUTES:
        return count(round(seconds), "second")
    if seconds < IN_HOURS:
        return count(round(seconds / MINUTE), "minute")
    return f"{seconds / HOUR:.1f} hours" if seconds < IN_DAYS else f"{seconds / DAY:.1f} days"
