"""The page that accounts for every volume, and tells of the runs that brought the mail.

It is made of little, so that a run that only failed at something changes this page and reads no message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crawler.runs import RunReport
from crawler.store import Ledger, MailingList, Store
from indexer.accounts import Account, account
from indexer.amounts import count, size_of
from indexer.redaction import redact
from indexer.site import urls
from indexer.site.outline import title_of
from indexer.site.pages import Page
from indexer.site.stamps import Stamp, stamp, volume_title

NAMED: Final = 10  # addresses that a run could not fetch

FILLED: Final = (
    "SELECT v.name FROM volumes v WHERE v.list = ? AND EXISTS"
    " (SELECT 1 FROM entries e JOIN messages m USING (entry) WHERE e.list = v.list AND e.volume = v.name)"
)


@dataclass(frozen=True, slots=True)
class HealthView:
    """What the page shows: what is to be told of runs, and each list."""

    runs: tuple[RunLine, ...]
    lists: tuple[HealthList, ...]


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run: when it began, what it did, what it could not fetch, of which `more` are not named."""

    when: Stamp | None
    sentence: str
    failures: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class HealthList:
    """A list's ledger: the sum of all volumes and each volume, with reasons in words."""

    title: str
    path: str
    account: Account
    totals: HealthRow
    rows: tuple[HealthRow, ...]


@dataclass(frozen=True, slots=True)
class HealthRow:
    """A volume's ledger; a claim is None where its source is not held."""

    title: str
    path: str
    indexed: int | None
    numbered: int | None
    entries: int | None
    parsed: int
    merged: int
    lost: int
    notes: tuple[str, ...]


def health_page(store: Store, runs: Sequence[RunLine], known: frozenset[str] | None) -> Page:
    """Build the page from the ledgers of lists and what `lines_of` gives.

    `known` are the addresses that redaction has to be told of; None where addresses may be published.
    """
    shown = runs if known is None else [_redacted(run, known) for run in runs]
    view = HealthView(tuple(shown), tuple(_health(store, mailing_list) for mailing_list in store.lists()))
    return Page(urls.HEALTH, "health", "Health of the archive", view)


def _redacted(run: RunLine, known: frozenset[str]) -> RunLine:
    return replace(run, failures=tuple(redact(failure, known) for failure in run.failures))


def lines_of(reports: Sequence[RunReport]) -> tuple[RunLine, ...]:
    """Choose what is told of runs, oldest report first: the last that changed something, and a later one that failed.

    Runs that found nothing new change nothing here, so that a site stays as it is. What went wrong on
    this machine is not told.
    """
    last = reports[-1] if reports else None
    changing = next((report for report in reversed(reports) if report.changed or report.gone), None)
    told = [report for report in reports if report is changing or (report is last and _failed(report))]
    return tuple(_run(report, now=report is last) for report in told)


def _failed(report: RunReport) -> bool:
    return bool(report.failures or report.troubles)


def _run(report: RunReport, *, now: bool) -> RunLine:
    """Tell of a run; what it could not fetch only of the last one, since later ones asked again."""
    failures = [f"{one['url']} {one['reason']}" for one in report.failures] + report.troubles if now else []
    named = tuple(failures[:NAMED])
    return RunLine(_began(report), ", ".join(_done(report, len(failures))) + ".", named, len(failures) - len(named))


def _began(report: RunReport) -> Stamp | None:
    try:
        return stamp(int(datetime.fromisoformat(report.started).timestamp()))
    except ValueError:  # of a line that somebody wrote by hand
        return None


def _done(report: RunReport, failures: int) -> Iterator[str]:
    if report.changed or report.gone:
        yield f"{count(report.changed, 'message')} new or changed"
    if report.gone:
        yield f"{count(report.gone, 'message')} gone"
    yield f"{count(report.requests, 'request')}, {size_of(report.bytes)}"
    if failures:
        yield f"{count(failures, 'failure')}: the next run asks again"


def _health(store: Store, mailing_list: MailingList) -> HealthList:
    name, ledger = mailing_list.name, store.ledger(mailing_list.name)
    filled = {volume for (volume,) in store.db.execute(FILLED, (name,))}
    rows = [
        _row(
            volume_title(volume.volume),
            urls.volume_page(name, volume.volume) if volume.volume in filled else "",
            [volume],
        )
        for volume in ledger
    ]
    totals = _row("all volumes", "", ledger)
    return HealthList(title_of(mailing_list), urls.list_page(name), account(ledger), totals, tuple(reversed(rows)))


def _row(title: str, path: str, ledger: Sequence[Ledger]) -> HealthRow:
    notes: dict[str, int] = {}
    for volume in ledger:
        for reason, times in volume.notes.items():
            notes[reason] = notes.get(reason, 0) + times
    return HealthRow(
        title,
        path,
        _sum([volume.indexed for volume in ledger]),
        _sum([volume.numbered for volume in ledger]),
        _sum([volume.entries for volume in ledger]),
        sum(volume.parsed for volume in ledger),
        sum(volume.merged for volume in ledger),
        sum(volume.lost for volume in ledger),
        tuple(f"{reason.replace('_', ' ')}: {times:,}" for reason, times in sorted(notes.items())),
    )


def _sum(claims: list[int | None]) -> int | None:
    known = [claim for claim in claims if claim is not None]
    return sum(known) if known else None
