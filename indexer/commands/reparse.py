"""`hamelin reparse`: what today's parser makes of what was fetched, shown or written."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, cast

import click

from crawler.reparse import Difference, differences, rebuild
from crawler.store import Store
from crawler.warc import WarcReader
from crawler.warc_rewrite import set_aside
from indexer.learned import learn_endings
from indexer.opening import open_store
from indexer.rethread import rethread

if TYPE_CHECKING:
    from indexer.cli import Session

SHOWN_LENGTH = 70  # characters of a value that a line of text shows


@click.command("reparse")
@click.option("--write", is_flag=True, help="Make the database again from warc/ alone.")
@click.option("--limit", type=int, default=20, show_default=True, help="How many differences to show; the rest counts.")
@click.option("--json", "as_json", is_flag=True, help="Show each difference as a JSON object, all of them.")
@click.pass_obj
def command(session: object, write: bool, limit: int, as_json: bool) -> None:
    """Show what today's parser would change; with --write, do it.

    Nothing is asked of any server. What is shown is before and after, field by field; --write
    makes archive.sqlite new from warc/ and hamelin.toml, also when it was deleted. Records of warc/ that
    are damaged are then set aside in warc/damaged/; the next crawl asks for what they held.

    \b
    Example:
      hamelin reparse --limit 5
    """
    if write:
        _write(cast("Session", session))
    else:
        _show(session, limit, as_json)


def _write(session: Session) -> None:
    def heard(name: str, volume: str, count: int) -> None:
        session.say(f"{name} {volume}: {count} messages")

    with session.lock():
        for name in set_aside(session.archive):
            session.say(f"What could not be read is in {name} now.")
        report = rebuild(session.archive, session.config, heard)
        with Store.open(session.archive) as store:
            rethread(store)
            learn_endings(store)
            click.echo(f"{store.count()} messages of {report.volumes} volumes read from warc/.")


def _show(session: object, limit: int, as_json: bool) -> None:
    counts: Counter[str] = Counter()
    with open_store(session) as store, WarcReader(cast("Session", session).archive) as reader:
        for difference in differences(store, reader.payload):
            counts[difference.field] += 1
            if as_json:
                click.echo(json.dumps({n: getattr(difference, n) for n in Difference.__dataclass_fields__}))
            elif sum(counts.values()) <= limit:
                click.echo(_line(difference))
    if not as_json:
        total = ", ".join(f"{field} {count}" for field, count in counts.most_common())
        click.echo(f"{sum(counts.values())} differences: {total}." if counts else "Nothing would change.")


def _line(difference: Difference) -> str:
    before, after = (repr(value)[:SHOWN_LENGTH] for value in (difference.before, difference.after))
    return f"{difference.list} {difference.place or difference.volume} {difference.field}: {before} -> {after}"
