"""What a schedule consists of, as text: a systemd unit and its timer, or a line of a crontab. Nothing is done here.

Each archive has its own, named for its folder, so that many live side by side.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass

from crawler.errors import UsageError

TIME = re.compile(r"(\d{1,6})\s*(s|m|h|d)", re.IGNORECASE)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LEAST = 600  # seconds between two scheduled runs: a list server is a guest's host, not a clock
HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
MARK = "# hamelin schedule"  # behind a crontab's line, with the schedule's name and seconds
EVERY = re.compile(r"OnUnitActiveSec=(\d+)")

SERVICE = """\
[Unit]
Description=Bring the mail archive {folder} up to date
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# what a run could not fetch is in its report, and is asked for by the next
SuccessExitStatus=1
Nice=10
IOSchedulingClass=idle
"""
TIMER = """\
[Unit]
Description=Bring the mail archive {folder} up to date, again and again

[Timer]
OnActiveSec=1min
OnUnitActiveSec={every}
RandomizedDelaySec={spread}

[Install]
WantedBy=timers.target
"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A run each `every` seconds of the archive in `folder`, an absolute path; `program` is how hamelin is started."""

    folder: str
    every: int
    program: str = "hamelin"

    @property
    def name(self) -> str:
        """Give the name of its units, which its folder makes."""
        return f"hamelin-{hashlib.sha256(self.folder.encode()).hexdigest()[:10]}"

    @property
    def command(self) -> list[str]:
        """Give what is run: it waits an hour for a run that goes on."""
        return [self.program, "--archive", self.folder, "--quiet", "--wait", str(HOUR), "update"]

    def service(self) -> str:
        """Write the unit that makes a run."""
        return SERVICE.format(folder=_plain(self.folder), command=" ".join(map(_quoted, self.command)))

    def timer(self) -> str:
        """Write the timer that starts it."""
        return TIMER.format(folder=_plain(self.folder), every=self.every, spread=min(self.every // 10, HOUR))

    def cron(self) -> str:
        """Write the line of a crontab; UsageError where cron cannot say so."""
        command = " ".join(map(shlex.quote, self.command)).replace("%", r"\%")
        return f"{self._times()} {command} {MARK} {self.name} {self.every}"

    def _times(self) -> str:
        place = int(self.name.rpartition("-")[2], 16)  # so that archives do not all start in the same minute
        minute, hour, day = place % 60, place // 60 % 24, place // 1440 % 7
        if self.every < HOUR and HOUR % self.every == 0 and self.every % 60 == 0:
            step = self.every // 60
            return f"{minute % step}-59/{step} * * * *"
        if DAY % self.every == 0 and self.every % HOUR == 0 and self.every < DAY:
            step = self.every // HOUR
            return f"{minute} {hour % step}-23/{step} * * *" if step > 1 else f"{minute} * * * *"
        if self.every in (DAY, WEEK):
            return f"{minute} {hour} * * {'*' if self.every == DAY else day}"
        hint = "Choose 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d or 7d."
        raise UsageError(f"cron knows no time of {self.every} seconds.", hint=hint)


def seconds_of(text: str, least: int = 1) -> int:
    """Read a time such as 6h, 30m, 1d.

    >>> seconds_of("6h"), seconds_of("1d")
    (21600, 86400)
    """
    match = TIME.fullmatch(text.strip())
    seconds = int(match[1]) * UNITS[match[2].lower()] if match else 0
    if seconds < least:
        hint = f"It is a number and s, m, h or d, such as 6h{f', at least {least // 60}m' if least > 1 else ''}."
        raise UsageError(f"{text!r} is no time between two runs.", hint=hint)
    return seconds


def timer_seconds(timer: str) -> int | None:
    """Read from a timer how many seconds are between two runs."""
    match = EVERY.search(timer)
    return int(match[1]) if match else None


def cron_seconds(crontab: str, name: str) -> int | None:
    """Read from a crontab how many seconds are between two runs of a schedule; None when it has no line of it."""
    for line in crontab.splitlines():
        if f"{MARK} {name} " in line:
            return int(line.rpartition(" ")[2])
    return None


def without(crontab: str, name: str) -> str:
    """Take a schedule's line out of a crontab; all others stay as they are."""
    return "".join(line for line in crontab.splitlines(keepends=True) if f"{MARK} {name} " not in line)


def _quoted(word: str) -> str:
    """Write a word as systemd reads it (systemd.service(5), Command lines): quotes, backslashes, % and $ said twice."""
    escaped = word.replace("\\", r"\\").replace('"', r"\"").replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"[^\w@%+=:,./$-]", word) else escaped


def _plain(text: str) -> str:
    return text.replace("%", "%%").replace("\n", " ")
