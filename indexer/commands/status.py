"""`hamelin status`: what an archive holds, and the ledger that accounts for every message."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.runs import last_of, reports, spoken
from crawler.store import Ledger, MailingList, Store
from indexer.commands.schedule import installed
from indexer.files.account import files_account
from indexer.harmless import harmless
from indexer.opening import open_store

if TYPE_CHECKING:
    from indexer.cli import Session

SHOWN = 5  # addresses of the last run that are named
COUNTS = ("indexed", "numbered", "entries", "parsed", "merged", "lost")
NO_CLAIM = "-"
NAMED = 5  # attachments without text that are named; all of them with --ledger


@click.command("status")
@click.option("--ledger", "whole", is_flag=True, help="Show every volume, not only those with remarks.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a list, ledger included.")
@click.pass_obj
def command(session: Session, whole: bool, as_json: bool) -> None:
    """Show lists, volumes, messages, attachments with what came of their texts, and the ledger.

    A volume's ledger says how many messages its index page, its numbered pages and its text claim,
    how many were parsed, how many of those merged into a message that another place has too, and
    how many were lost, with reasons.

    \b
    Example:
      hamelin status --ledger
    """
    last = last_run(session.archive)
    with open_store(session) as store:
        archive = session.archive
        lists = store.lists()
        if not lists:
            click.echo("No list yet. Begin with `hamelin update URL`.")
        for mailing_list in lists:
            facts = list_facts(archive, store, mailing_list) | {"last_run": last}
            click.echo(json.dumps(facts) if as_json else "\n".join(_lines(facts, whole)))
    if last and not as_json:
        for line in _told(last):
            click.echo(line)


def last_run(archive: Path) -> dict[str, Any] | None:
    """Gather what is known of an archive's last run, and when the next is due (UTC, RFC 3339; None: not scheduled)."""
    known = reports(archive)
    report = last_of(known)
    if report is None:
        return None
    every = report.every or installed(archive)
    begun = datetime.fromisoformat(report.started)
    due = f"{begun + timedelta(seconds=every):%Y-%m-%dT%H:%M:%SZ}" if every else None
    quiet = {name: days for name, days in report.silent.items() if name in spoken(known)}
    return asdict(report) | {"summary": report.summary(), "next_due": due, "silent": quiet}


def _told(last: dict[str, Any]) -> Iterator[str]:
    yield f"last run: {last['ended'] or last['started']}, {last['summary']}"
    for failure in last["failures"][:SHOWN]:
        yield f"  not fetched: {failure['url']} {failure['reason']}"
    if len(last["failures"]) > SHOWN:
        yield f"  and {len(last['failures']) - SHOWN:,} more: runs.jsonl has them all"
    for name, days in last["silent"].items():
        yield f"  {name}: nothing for {days} days, which is unusual"
    yield f"next run: {last['next_due'] or 'not scheduled'}"


def list_facts(archive: Path, store: Store, mailing_list: MailingList) -> dict[str, Any]:
    """Gather what is known of a list: counts, the time it spans, attachments and their texts, volumes, ledger."""
    files = files_account(archive, store, mailing_list)
    ledger = store.ledger(mailing_list.name)
    volumes = store.volumes(mailing_list.name)
    first, last = store.db.execute(
        "SELECT min(date), max(date) FROM messages m JOIN entries e USING (entry) WHERE m.list = ?",
        (mailing_list.name,),
    ).fetchone()
    return {
        "list": mailing_list.name,
        "url": mailing_list.url,
        "messages": store.count(mailing_list.name),
        "first": first,
        "last": last,
        "volumes": len(volumes),
        "incomplete": [v.name for v in volumes if not v.complete],
        "attachments": _attachments(store, mailing_list.name),
        "texts": files.statuses,
        "without_text": [asdict(trouble) for trouble in files.troubles],
        "totals": _totals(ledger),
        "ledger": [asdict(account) for account in ledger],
    }


def _attachments(store: Store, list_name: str) -> dict[str, int]:
    sql = (
        "SELECT json_extract(part.value, '$.status'), count(*) FROM attached, json_each(attached.attachments) part"
        " WHERE list = ? GROUP BY 1 ORDER BY 1"
    )
    return dict(store.db.execute(sql, (list_name,)).fetchall())


def _totals(ledger: list[Ledger]) -> dict[str, Any]:
    totals: dict[str, Any] = dict.fromkeys(COUNTS)
    notes: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for account in ledger:
        for name in COUNTS:
            value = getattr(account, name)
            totals[name] = value if totals[name] is None else totals[name] + (value or 0)
        notes.update(account.notes)
        pages.update(account.pages)
    return {**totals, "notes": dict(sorted(notes.items())), "pages": dict(pages.most_common())}


def _lines(facts: dict[str, Any], whole: bool) -> Iterator[str]:
    yield f"{facts['list']}  {facts['url']}"
    span = f", {facts['first'][:10]} to {facts['last'][:10]}" if facts["first"] else ""
    yield f"  {facts['messages']:,} messages in {facts['volumes']:,} volumes{span}"
    kept = ", ".join(f"{count:,} {status}" for status, count in facts["attachments"].items())
    yield f"  attachments: {kept or 'none'}"
    if facts["texts"]:
        yield f"  texts of attachments: {_reasons(facts['texts'])}"
        yield from (f"    {one['status']}: {harmless(one['name'])} of {one['message']}" for one in _some(facts, whole))
    yield f"  pages: {_reasons(facts['totals']['pages']) or 'none'}"
    if facts["incomplete"]:
        yield f"  not complete: {', '.join(facts['incomplete'])}"
    yield f"  {'ledger':26}" + "".join(f"{name:>10}" for name in COUNTS)
    for account in facts["ledger"]:
        if whole or account["notes"] or account["lost"]:
            yield _row(account["volume"], account)
    yield _row("all volumes", facts["totals"])


def _some(facts: dict[str, Any], whole: bool) -> list[dict[str, str]]:
    troubles: list[dict[str, str]] = facts["without_text"]
    return troubles if whole else troubles[:NAMED]


def _row(title: str, account: dict[str, Any]) -> str:
    cells = "".join(f"{NO_CLAIM if account[n] is None else format(account[n], ','):>10}" for n in COUNTS)
    return f"    {title:24}{cells}  {_reasons(account['notes'])}".rstrip()


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
