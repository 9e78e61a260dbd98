"""Dates and ages of the query language: to stretches of seconds since 1970 UTC, and back to words.

Whole numbers all the way, proleptic Gregorian, years 1 to 9999: the browser's twin of this module
counts the same. The clock is an argument.
"""

from __future__ import annotations

from typing import Final

from indexer.pattern import pattern
from indexer.query.refusal import refusal, shown
from indexer.query.tree import Dates

DAY: Final = 86400
UNITS: Final = {"h": 3600, "d": DAY, "w": 7 * DAY, "m": 30 * DAY, "y": 365 * DAY}
DATE: Final = pattern(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?\Z")
AGE: Final = pattern(r"([0-9]{1,6})([hdwmy])\Z")
EARLIEST: Final = -62135596800  # the first second of the year 1
MONTH_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
FORMS: Final = "Write a date as 2004, 2004-10 or 2004-10-05, and a range as 2004-03..2004-10-05."
AGE_FORMS: Final = "Write an age as a number of hours, days, weeks, months or years: 12h, 30d, 2w, 6m, 1y."


def read_dates(name: str, value: str, position: int) -> Dates:
    """Read the value of `date:`, `after:` or `before:`; refuse with the place what is no date.

    >>> read_dates("date", "2004-10", 0)
    Dates(first=1096588800, before=1099267200)
    >>> read_dates("before", "2004", 0)
    Dates(first=None, before=1072915200)
    """
    if name == "after":
        return Dates(_stretch(value, position)[0], None)
    if name == "before":
        return Dates(None, _stretch(value, position)[0])
    if ".." not in value:
        return Dates(*_stretch(value, position))
    return _range(value, position)


def read_age(name: str, value: str, position: int, now: int) -> Dates:
    """Read the value of `newer:` or `older:`, counted back from `now`.

    >>> read_age("newer", "30d", 0, now=30 * 86400)
    Dates(first=0, before=None)
    """
    found = AGE.match(value)
    if not found:
        raise refusal(f"{shown(value)} is no age", position, AGE_FORMS)
    then = max(EARLIEST, now - int(found[1]) * UNITS[found[2]])
    return Dates(then, None) if name == "newer" else Dates(None, then)


def stretch_in_words(dates: Dates) -> str:
    """Say a stretch of time; the last day of a range is meant as a whole.

    >>> stretch_in_words(Dates(1096588800, 1099267200))
    'dated from 2004-10-01 to 2004-10-31'
    >>> stretch_in_words(Dates(1096588805, None))
    'dated 2004-10-01 00:00:05 or later'
    """
    if dates.first is None:
        return "dated at any time" if dates.before is None else f"dated before {_moment(dates.before)}"
    if dates.before is None:
        return f"dated {_moment(dates.first)} or later"
    first, last = _moment(dates.first), _moment(dates.before - DAY)
    return f"dated {first}" if first == last else f"dated from {first} to {last}"


def _range(value: str, position: int) -> Dates:
    start, end = value.split("..", 1)
    if not start and not end:
        raise refusal("A range needs a date", position, FORMS)
    first = _stretch(start, position)[0] if start else None
    before = _stretch(end, position + len(start) + 2)[1] if end else None
    if first is not None and before is not None and first >= before:
        hint = f"Swap them: {end}..{start}."
        raise refusal("The range ends before it begins", position, hint)
    return Dates(first, before)


def _stretch(value: str, position: int) -> tuple[int, int]:
    """Give the first second of a year, month or day, and the first one behind it."""
    found = DATE.match(value)
    if not found or not int(found[1]):
        raise refusal(f"{shown(value)} is no date", position, FORMS)
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    if not 1 <= month <= len(MONTH_LENGTHS):
        raise refusal(f"There is no month {month}", position, FORMS)
    length = _month_length(year, month)
    if not 1 <= day <= length:
        hint = f"That month has {length} days."
        raise refusal(f"There is no day {shown(value)}", position, hint)
    first = days_since_1970(year, month, day)
    if found[3]:
        return first * DAY, (first + 1) * DAY
    if found[2]:
        return first * DAY, (first + length) * DAY
    return first * DAY, days_since_1970(year + 1, 1, 1) * DAY


def days_since_1970(year: int, month: int, day: int) -> int:
    """Count the days to a date; the year is taken to begin in March, so that leap days come last.

    >>> days_since_1970(1970, 1, 1), days_since_1970(2000, 2, 29)
    (0, 11016)
    """
    march_year, months = year - (month <= 2), (month + 9) % 12
    leap_days = march_year // 4 - march_year // 100 + march_year // 400
    return march_year * 365 + leap_days + (months * 153 + 2) // 5 + day - 1 - 719468


def _month_length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else MONTH_LENGTHS[month - 1]


def _moment(seconds: int) -> str:
    """Write a moment, its clock only where it is not midnight."""
    days, clock = divmod(seconds, DAY)
    date = _date(days)
    if not clock:
        return date
    return f"{date} {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}"


def _date(days: int) -> str:
    """Write a day, by the reverse of `days_since_1970`."""
    days += 719468
    era, of_era = divmod(days, 146097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    months = (5 * of_year + 2) // 153
    day, month = of_year - (153 * months + 2) // 5 + 1, (months + 2) % 12 + 1
    year = year_of_era + era * 400 + (month <= 2)
    return f"{year:04}-{month:02}-{day:02}"
