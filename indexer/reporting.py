"""Runs of `hamelin crawl` and `update` reported: written to runs.jsonl, and told to the owner's commands.

A report that cannot be written, or a command that fails, never changes how a run ended: it is said, and that is all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from crawler import hooks, rhythm, runs
from crawler.errors import ArchiveBusy, HamelinError
from crawler.runs import STOPPED, RunReport
from crawler.store import DATABASE, Store

if TYPE_CHECKING:
    from indexer.cli import Session

ERROR = 2
DATES = """
SELECT CAST(strftime('%s', e.date) AS INTEGER) FROM messages m JOIN entries e USING (entry)
WHERE m.list = ? AND e.date IS NOT NULL ORDER BY e.date DESC LIMIT ?"""


@contextmanager
def reported(session: Session, command: str, every: int | None = None) -> Iterator[RunReport]:
    """Report what happens inside, however it ends; who is inside fills the report in and sets its exit code."""
    report, started, busy = runs.begin(command, time.time(), every), time.monotonic(), False
    session.report = report
    try:
        yield report
    except HamelinError as error:
        report.exit, report.error = ERROR, str(error)
        busy = isinstance(error, ArchiveBusy)
        raise
    except KeyboardInterrupt:
        report.exit, report.error = STOPPED, "stopped"
        raise
    except BaseException as error:
        report.exit, report.error = ERROR, f"{type(error).__name__}: {error}"
        raise
    finally:
        runs.end(report, time.time(), time.monotonic() - started)
        if (session.archive / DATABASE).exists() and not busy:  # else there is no archive, or another run's report
            _finish(session, report)


def _finish(session: Session, report: RunReport) -> None:
    before = runs.reports(session.archive)
    with suppress(HamelinError):  # a database that cannot be read has said so already
        report.silent = _silent(session)
    try:
        with session.lock():
            runs.append(session.archive, report)
    except HamelinError as trouble:
        if not report.error:  # else it is what ended the run, most likely
            session.say(f"{runs.RUNS_FILE} was not written. {trouble}")
    except OSError as error:
        session.say(f"{runs.RUNS_FILE} cannot be written: {error.strerror}.")
    with suppress(HamelinError):  # settings that cannot be read have said so already
        _notify(session, report, before)


def _silent(session: Session) -> dict[str, int]:
    """Give the lists that are quieter than they use to be, and for how many days."""
    now = int(time.time())
    with Store.open(session.archive) as store:
        found = {known.name: rhythm.silence(_dates(store, known.name), now) for known in store.lists()}
    return {name: quiet.days for name, quiet in found.items() if quiet}


def _dates(store: Store, name: str) -> list[int]:
    return [date for (date,) in store.db.execute(DATES, (name, rhythm.LATEST))]


def _notify(session: Session, report: RunReport, before: list[RunReport]) -> None:
    config = session.config
    if report.failed and config.on_failure:
        _call(session, config.on_failure, report, "failure", report.summary())
    last = runs.last_of(before)
    began = (set(report.silent) & runs.spoken(before)) - set(last.silent if last else ())
    if began and config.on_silence:
        with Store.open(session.archive) as store:
            told = {name: rhythm.silence(_dates(store, name), int(time.time())) for name in sorted(began)}
        summary = "; ".join(f"{name}: {quiet}" for name, quiet in told.items())
        _call(session, config.on_silence, report, "silence", summary, lists=" ".join(sorted(began)))


def _call(session: Session, command: str, report: RunReport, event: str, summary: str, lists: str = "") -> None:
    variables = {
        "HAMELIN_EVENT": event,
        "HAMELIN_ARCHIVE": str(session.archive.resolve()),
        "HAMELIN_EXIT": str(report.exit),
        "HAMELIN_SUMMARY": " ".join(summary.split()),
        "HAMELIN_LISTS": lists or " ".join(one["name"] for one in report.lists),
    }
    if trouble := hooks.call(command, session.archive, {**asdict(report), "event": event}, variables):
        session.say(f"on_{event}: {trouble}.")
