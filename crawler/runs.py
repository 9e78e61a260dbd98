"""Reports of runs: what each was asked for, did, and could not do; one JSON object a line in runs.jsonl.

The newest stands last, and the file holds the last RUNS of them. docs/formats.md has the fields. A half line,
which a kill leaves, is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.run import Run, version

RUNS_FILE = "runs.jsonl"
RUNS = 1000  # reports that are kept; at four a day that is most of a year
NOT_ALL, STOPPED = 1, 130  # exit codes


@dataclass
class RunReport:
    """A run: times in UTC (RFC 3339), counts, what could not be fetched and why, the exit code.

    `lists` has an object a list (name, url, volumes, due, visited). `changed` counts messages that are new or
    changed. `error` is the sentence that ended it, if one did. `silent` names lists that are quieter than they
    use to be, and for how many days. `every` is the number of seconds between the runs of `update --every`.
    """

    command: str
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    version: str = ""
    exit: int = 0
    error: str | None = None
    lists: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    bytes: int = 0
    messages: int = 0
    changed: int = 0
    gone: int = 0
    forbidden: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    silent: dict[str, int] = field(default_factory=dict)
    every: int | None = None

    @property
    def failed(self) -> bool:
        """Say whether something went wrong, other than that a person stopped it."""
        return self.exit not in (0, STOPPED)

    @property
    def news(self) -> bool:
        """Say whether the run brought anything, or could not."""
        return bool(self.changed or self.gone or self.failed)

    def take(self, run: Run) -> None:
        """Take over what a crawl counted."""
        self.lists = [
            {"name": one.name, "url": one.url, "volumes": one.volumes, "due": one.due, "visited": one.visited}
            for one in run.lists
        ]
        self.requests, self.bytes, self.messages = run.requests, run.bytes, run.messages
        self.changed, self.gone = (run.ingested.changed, run.ingested.gone) if run.ingested else (0, 0)
        self.failures = [{"url": failure.url, "reason": failure.reason} for failure in run.failures]
        self.troubles, self.forbidden = [str(trouble) for trouble in run.troubles], len(run.forbidden)

    def summary(self) -> str:
        """Say in a sentence how it went.

        >>> RunReport("update", changed=3).summary()
        'update went well: 3 messages new or changed.'
        >>> RunReport("update", exit=1, failures=[{"url": "http://x.org/", "reason": "was empty"}]).summary()
        'update ended with 1: 0 messages new or changed, 1 address not fetched (http://x.org/ was empty).'
        """
        missing = len(self.failures)
        what = f"{self.changed:,} message{'s' * (self.changed != 1)} new or changed"
        if missing:
            what += f", {missing:,} address{'es' * (missing != 1)} not fetched"
        first = self.failures[0] if self.failures else None
        why = self.error or (self.troubles or [f"{first['url']} {first['reason']}" if first else ""])[0]
        how = {0: "went well", STOPPED: "was stopped"}.get(self.exit, f"ended with {self.exit}")
        return f"{self.command} {how}: {what}{f' ({why})' if why and why != 'stopped' else ''}."


def begin(command: str, now: float, every: int | None = None) -> RunReport:
    """Begin the report of a run; `now` is in seconds since 1970 UTC."""
    return RunReport(command, started=_stamp(now), version=version(), every=every)


def end(report: RunReport, now: float, seconds: float) -> None:
    """Write down when a run ended and how long it took, whatever the clock did meanwhile."""
    report.ended, report.seconds = _stamp(now), round(seconds, 1)


def append(folder: Path, report: RunReport) -> None:
    """Add a report to the archive's; OSError when it cannot be written, which nobody else need mind."""
    path = folder / RUNS_FILE
    line = json.dumps(asdict(report), ensure_ascii=False) + "\n"
    held = path.read_bytes() if path.exists() else b""
    if held and not held.endswith(b"\n"):
        held = held[: held.rfind(b"\n") + 1]
    lines = held.splitlines(keepends=True)[1 - RUNS :]
    beside = path.with_name(f".{RUNS_FILE}.new")
    try:
        beside.write_bytes(b"".join([*lines, line.encode("utf-8", "replace")]))
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def reports(folder: Path) -> list[RunReport]:
    """Give the reports of an archive, oldest first; what cannot be read is left out."""
    with suppress(OSError):
        return [report for line in (folder / RUNS_FILE).read_bytes().splitlines() if (report := _read(line))]
    return []


def spoken(reports: Iterable[RunReport]) -> set[str]:
    """Give the lists that were not silent in some run: the others were quiet already when they came."""
    whole = [report for report in reports if report.exit in (0, NOT_ALL)]
    return {one["name"] for report in whole for one in report.lists if one["name"] not in report.silent}


def last_of(reports: Iterable[RunReport], *, news: bool = False) -> RunReport | None:
    """Give the newest report, or the newest of a run that brought anything or could not."""
    return next((report for report in reversed(list(reports)) if report.news or not news), None)


def _read(line: bytes) -> RunReport | None:
    known = {one.name for one in fields(RunReport)}
    with suppress(ValueError, TypeError, AttributeError):
        return RunReport(**{name: value for name, value in json.loads(line).items() if name in known})
    return None


def _stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
