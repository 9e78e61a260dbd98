"""`hamelin status`: what an archive holds, whether anything is to be done, and the ledger of every message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from crawler.parse.defects import NOTES, REASONS
from indexer.amounts import count
from indexer.commands.schedule import installed
from indexer.files.account import told_of
from indexer.harmless import harmless
from indexer.holdings import COUNTS, index_keeps_up, last_run, list_facts, read_by_older, site_keeps_up
from indexer.opening import open_store

if TYPE_CHECKING:
    from indexer.cli import Session

SHOWN = 5  # addresses of the last run that are named
NO_CLAIM = "-"
NAMED = 5  # attachments without text, or volumes, that are named; all of them with --ledger
ROWS = 12  # volumes with remarks that are shown; all of them with --ledger
ASKED: Final = "asked"  # the reason of a page that its text gives none for
ATTACHMENTS: Final = {
    "stored": "{} held",
    "inline": "{} in the text itself",
    "skipped": "{} that the list's server never kept",
    "missing": "{} not there when asked for",
}


@click.command("status")
@click.option("--ledger", "whole", is_flag=True, help="Show every volume, not only those with remarks.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a list, ledger included.")
@click.pass_obj
def command(session: Session, whole: bool, as_json: bool) -> None:
    """Show lists, messages, attachments, the last run, what is to be done, and the ledger.

    A volume's ledger says how many messages its index page, its numbered pages and its text claim,
    how many were parsed, how many of those merged into a message that another place has too, and
    how many were lost, with reasons. With --ledger all volumes are shown, and all is explained.

    \b
    Example:
      hamelin status --ledger
    """
    last = last_run(session.archive, installed(session.archive))
    with open_store(session) as store:
        lists = [list_facts(session.archive, store, known) | {"last_run": last} for known in store.lists()]
        if as_json:
            for facts in lists:
                click.echo(json.dumps(facts))
            return
        behind = _behind(index_keeps_up(session.config, store), site_keeps_up(session.config, store))
        tasks = [*_tasks(lists), *_unread(read_by_older(store)), *behind]
    for facts in lists:
        click.echo("\n".join(_lines(facts, whole)))
    if not lists:
        click.echo("No list yet. Begin with `hamelin update URL`.")
        return
    for line in (*_told(last), *(f"to do: {task}" for task in tasks or ["nothing"])):
        click.echo(line)


def _told(last: dict[str, Any] | None) -> Iterator[str]:
    """Tell of the last run and the next."""
    if not last:
        return
    yield f"last run: {_time(last['ended'] or last['started'])}, {last['summary']}"
    for failure in last["failures"][:SHOWN]:
        yield f"  not fetched: {failure['url']} {failure['reason']}"
    if len(last["failures"]) > SHOWN:
        yield f"  and {len(last['failures']) - SHOWN:,} more: runs.jsonl has them all"
    for name, days in last["silent"].items():
        yield f"  {name}: nothing for {days} days, which is unusual"
    due = last["next_due"]
    yield f"next run: {_time(due) if due else 'not scheduled (`hamelin schedule install` does that)'}"


def _time(stamp: str) -> str:
    return f"{stamp[:10]} {stamp[11:16]} UTC"


def _tasks(lists: list[dict[str, Any]]) -> Iterator[str]:
    """Name what is missing of the lists, with the command that asks for it."""
    for facts in lists:
        name = facts["list"]
        if volumes := facts["incomplete"]:
            more = f" and {len(volumes) - NAMED} more" if len(volumes) > NAMED else ""
            named = ", ".join(volumes[:NAMED]) + more
            yield f"{name}: not all of {named} was asked for yet; `hamelin update` goes on"
        if lost := facts["totals"]["lost"]:
            yield f"{name}: {count(lost, 'message')} lost; `hamelin update --recheck` asks for them again"
        if missing := facts["attachments"].get("missing"):
            yield (
                f"{name}: {count(missing, 'attachment')} not there; updates ask again after growing pauses,"
                " `hamelin update --recheck` asks now"
            )


def _unread(volumes: int) -> Iterator[str]:
    if volumes:
        what = f"{count(volumes, 'volume was', 'volumes were')} read by an older parser"
        yield f"{what}; `hamelin reparse` shows what would change, with --write it does it"


def _behind(index: str, site: str) -> Iterator[str]:
    """Name what has not kept up with the archive."""
    if index != "current":
        state = "there is no search index" if index == "none" else "the search index is not of today"
        yield f"{state}; `hamelin index` makes it"
    if site != "current":
        state = "there is no site" if site == "none" else "the site is not of today"
        yield f"{state}; `hamelin site` makes it"


def _lines(facts: dict[str, Any], whole: bool) -> Iterator[str]:
    yield f"{facts['list']}  {facts['url']}"
    span = f", {facts['first'][:10]} to {facts['last'][:10]}" if facts["first"] else ""
    yield f"  {count(facts['messages'], 'message')}{span}"
    yield f"  {facts['account']}"
    kept = [ATTACHMENTS[status].format(f"{facts['attachments'][status]:,}") for status in _known(facts["attachments"])]
    yield f"  attachments: {', '.join(kept) or 'none'}"
    if facts["texts"]:
        yield f"  texts of attachments: {told_of(facts['texts'])}"
        yield from (f"    {one['status']}: {harmless(one['name'])} of {one['message']}" for one in _some(facts, whole))
    pages = facts["totals"]["pages"]
    yield f"  message pages: {_pages(pages, whole)}"
    if whole:
        yield from _explained(pages, REASONS)
    yield f"  {'ledger':26}" + "".join(f"{name:>10}" for name in COUNTS)
    shown, left_out = _volumes(facts["ledger"], whole)
    yield from (_row(account["volume"], account) for account in shown)
    if left_out:
        yield f"    {left_out:,} more with remarks: --ledger shows all"
    yield _row("all volumes", facts["totals"])
    yield from _explained(facts["totals"]["notes"], NOTES)


def _volumes(ledger: list[dict[str, Any]], whole: bool) -> tuple[list[dict[str, Any]], int]:
    """Choose the volumes that are shown, those that lost something before others, and count what is left out."""
    told = [account for account in ledger if whole or account["notes"] or account["lost"]]
    chosen = told if whole else sorted(told, key=lambda account: not account["lost"])[:ROWS]
    return [account for account in told if account in chosen], len(told) - len(chosen)


def _known(counts: dict[str, int]) -> list[str]:
    return [status for status in ATTACHMENTS if counts.get(status)]


def _pages(counts: dict[str, int], whole: bool) -> str:
    """Say how many message pages are held, and how many of them because a text lacks something."""
    held = sum(counts.values())
    needed = held - counts.get(ASKED, 0)
    if not held:
        return "none held: most messages are whole in their volume's text"
    why = "" if whole else "; --ledger says what"
    return f"{held:,} held" + (f", {needed:,} for what a volume's text does not tell{why}" if needed else "")


def _explained(counts: dict[str, int], words: Any) -> Iterator[str]:
    """Explain names that are counted."""
    return (f"    {name} {number:,}: {words.get(name, '')}" for name, number in counts.items() if number)


def _some(facts: dict[str, Any], whole: bool) -> list[dict[str, str]]:
    troubles: list[dict[str, str]] = facts["without_text"]
    return troubles if whole else troubles[:NAMED]


def _row(title: str, account: dict[str, Any]) -> str:
    cells = "".join(f"{NO_CLAIM if account[n] is None else format(account[n], ','):>10}" for n in COUNTS)
    notes = ", ".join(f"{reason} {number:,}" for reason, number in account["notes"].items())
    return f"    {title:24}{cells}  {notes}".rstrip()
