"""Date headers and volume names to points in time, in seconds since 1970 UTC.

A volume is the trustworthy clock of a pipermail archive: what lies far outside it is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_tz
from typing import Literal

from dateutil import parser as dateutil_parser

DAY = 86_400
# Mailman takes month names from the C locale, whatever the list's language.
LONG_MONTHS = {
    "January": 1, "February": 2, "March": 3, "April": 4, "May": 5, "June": 6,
    "July": 7, "August": 8, "September": 9, "October": 10, "November": 11, "December": 12,
}  # fmt: skip
MONTHS = {name[:3]: month for name, month in LONG_MONTHS.items()}
LONGEST = 200  # letters of a Date header; what is longer holds something else

# The form of nearly all Date headers (RFC 5322 section 3.3), read by hand for speed.
USUAL = re.compile(
    r"(?:\w{3}, )?\s*(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" (\d\d):(\d\d):(\d\d) ([-+])(\d\d)(\d\d)\b",
    re.ASCII,
)
# What says that a Date header knows its zone: an offset, GMT/UT/Z or the letters of RFC 5322 section 4.3.
ZONE = re.compile(r"[-+]\d\d:?\d\d\b|\b(?:GMT|UTC|UT|Z|[ECMP][SD]T)\b|(?<=\d)Z\b")
# Mailman's volume names (dateToVolName): month names are those of the C locale in every language.
MONTHLY = re.compile(r"(\d{4})-([A-Z][a-z]+)\Z", re.ASCII)
QUARTERLY = re.compile(r"(\d{4})q([1-4])\Z", re.ASCII)
WEEKLY = re.compile(r"Week-of-Mon-(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
DAILY = re.compile(r"(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
YEARLY = re.compile(r"(\d{4})\Z", re.ASCII)
EPOCH = dt.date(1970, 1, 1)
UNSAID = (dt.datetime(2000, 1, 1), dt.datetime(2001, 2, 2))  # noqa: DTZ001 - what stands for what a date does not say
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # of the years 1 to 9999
# A volume is cut at midnight of the server's zone, and the extreme zones are 14 hours away from UTC.
ZONES_APART = 14 * 3600


def volume_span(name: str) -> tuple[int, int] | None:
    """Give the first day of a volume and the first day after it, in days since 1970-01-01; None for no volume's name.

    >>> volume_span("1970-February"), volume_span("2004q4"), volume_span("attachments")
    ((31, 59), (12692, 12784), None)
    """
    try:
        return _span(name)
    except ValueError:  # month 13, day 32: no volume of Mailman's
        return None


def _span(name: str) -> tuple[int, int] | None:
    if (m := MONTHLY.match(name)) and m[2] in LONG_MONTHS:
        return _months(int(m[1]), LONG_MONTHS[m[2]], 1)
    if m := QUARTERLY.match(name):
        return _months(int(m[1]), int(m[2]) * 3 - 2, 3)
    if m := YEARLY.match(name):
        return _months(int(m[1]), 1, 12)
    if m := WEEKLY.match(name) or DAILY.match(name):
        first = (dt.date(int(m[1]), int(m[2]), int(m[3])) - EPOCH).days
        return first, first + (7 if name.startswith("W") else 1)
    return None


def _months(year: int, month: int, count: int) -> tuple[int, int]:
    after = year * 12 + month - 1 + count
    first = (dt.date(year, month, 1) - EPOCH).days
    return first, (dt.date(after // 12, after % 12 + 1, 1) - EPOCH).days


Frequency = Literal["yearly", "monthly", "quarterly", "weekly", "daily"]
FORMS: tuple[tuple[Frequency, re.Pattern[str]], ...] = (
    ("monthly", MONTHLY), ("quarterly", QUARTERLY), ("weekly", WEEKLY), ("daily", DAILY), ("yearly", YEARLY),
)  # fmt: skip


def frequency_of(name: str) -> Frequency | None:
    """Say how often a list begins a volume, by the name of one.

    >>> frequency_of("2004q4"), frequency_of("attachments")
    ('quarterly', None)
    """
    return next((frequency for frequency, form in FORMS if form.match(name)), None)


def volume_name(epoch: int, frequency: Frequency = "monthly") -> str:
    """Name the volume of a time as Mailman would on a server in UTC (dateToVolName); of the years 1 to 9999.

    >>> volume_name(0), volume_name(0, "weekly"), volume_name(86400 * 365, "quarterly")
    ('1970-January', 'Week-of-Mon-19691229', '1971q1')
    """
    day = EPOCH + dt.timedelta(days=epoch // DAY)
    monday = day - dt.timedelta(days=min(day.weekday(), day.toordinal() - 1))
    if frequency == "monthly":
        return f"{day.year:04}-{list(LONG_MONTHS)[day.month - 1]}"
    if frequency == "quarterly":
        return f"{day.year:04}q{(day.month + 2) // 3}"
    if frequency == "yearly":
        return f"{day.year:04}"
    named = monday if frequency == "weekly" else day
    return f"{'Week-of-Mon-' if frequency == 'weekly' else ''}{named.year:04}{named.month:02}{named.day:02}"


def within(epoch: int, span: tuple[int, int] | None) -> bool:
    """Say whether a volume of this span can hold a message of this time, whatever the server's zone."""
    return span is None or span[0] * DAY - ZONES_APART <= epoch < span[1] * DAY + ZONES_APART


def read_date(value: str) -> int | None:
    """Read a Date header; None when it is no date or tells no zone.

    >>> read_date("Fri, 27 Jan 2023 01:10:41 +0100"), read_date("yesterday")
    (1674778241, None)
    """
    match = USUAL.match(value)
    if len(value) > LONGEST:
        return None
    if match:
        day, month, year, hour, minute, second, sign, zh, zm = match.groups()
        offset = (int(zh) * 3600 + int(zm) * 60) * (-1 if sign == "-" else 1)
        parts = (int(year), MONTHS[month], int(day), int(hour), int(minute), int(second))
        return _seconds(parts, offset)
    return _odd_date(value)


def _odd_date(value: str) -> int | None:
    try:
        parsed = parsedate_tz(value)
    except (ValueError, IndexError, TypeError, OverflowError):
        parsed = None
    if parsed:
        # `-0000` is UTC from a place that is not told (RFC 5322 section 3.3); email gives None for it
        known = parsed[9] is not None or "-0000" in value
        return _seconds(parsed[:6], parsed[9] or 0) if known and ZONE.search(value.upper()) else None
    return _oddest_date(value) if ZONE.search(value) else None


def _oddest_date(value: str) -> int | None:
    """Read a date that only dateutil reads; one that lacks its day, month or year is none: they would be today's."""
    try:
        moments = {dateutil_parser.parse(value, tzinfos=_zone, default=day) for day in UNSAID}
        moment = moments.pop()
        return round(moment.timestamp()) if moment.tzinfo and not moments else None
    except (ValueError, OverflowError, TypeError, AttributeError, ArithmeticError, LookupError):
        return None


def _zone(_name: str | None, offset: int | None) -> dt.tzinfo | None:
    """Give no zone for letters that nobody defined: a wrong zone is worse than none."""
    return None if offset is None or abs(offset) >= DAY else dt.timezone(dt.timedelta(seconds=offset))


def read_local_date(value: str) -> int | None:
    """Read a date without regard to a zone, as if it were UTC: the last resort, hours wrong at most."""
    try:
        parsed = parsedate_tz(value[:LONGEST])
        return _seconds(parsed[:6], parsed[9] or 0) if parsed else None
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _seconds(parts: tuple[int, ...], offset: int) -> int | None:
    year, month, day, hour, minute, second = parts
    try:
        days = dt.date(year, month, 1).toordinal() + day - 1 - EPOCH.toordinal()
    except (ValueError, OverflowError):
        return None
    moment = days * DAY + hour * 3600 + minute * 60 + second - offset
    return moment if FIRST_SECOND <= moment <= LAST_SECOND else None


def rfc3339(epoch: int) -> str:
    """Write a point in time as the record has it.

    >>> rfc3339(0)
    '1970-01-01T00:00:00Z'
    """
    return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=epoch)).isoformat() + "Z"  # noqa: DTZ001 - the Z is ours


# The first line of an entry: `From ADDRESS  Fri Mar  5 08:56:43 2010`, in the server's zone.
ENVELOPE_DATE = re.compile(r"\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})\s*\Z")


def read_envelope(line: str) -> int | None:
    """Read the time of an entry's first line as if the server's clock were UTC.

    >>> read_envelope("From ada at example.org  Thu Jan  1 00:01:00 1970")
    60
    """
    match = ENVELOPE_DATE.search(line)
    if match is None or match[1] not in MONTHS:
        return None
    month, day, hour, minute, second, year = match.groups()
    return _seconds((int(year), MONTHS[month], int(day), int(hour), int(minute), int(second)), 0)
