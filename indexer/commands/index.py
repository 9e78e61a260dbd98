"""`hamelin index`: bring the threads and the search index up to the archive."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from crawler.remove import heed
from indexer.opening import open_store
from indexer.refresh import Report, refresh
from indexer.rethread import rethread

if TYPE_CHECKING:
    from indexer.cli import Session


@click.command("index")
@click.option("--full", is_flag=True, help="Make all of it anew.")
@click.pass_obj
def command(session: Session, full: bool) -> None:
    """Index what changed since the last time; what did not change is left as it is.

    The index that serves searches is replaced only when the new one is whole, so that it can be
    searched all the while.

    \b
    Example:
      hamelin index --full
    """
    with session.lock(), closing(open_store(session)) as store:
        heed(session.archive, store)
        rethread(store)
        session.say(told(refresh(session.config, store, full=full)))


def told(report: Report) -> str:
    """Say in a sentence what was indexed.

    >>> told(Report(messages=5374, indexed=0, segments=9, written=0))
    'Index: 5,374 messages, nothing changed.'
    """
    if not report.written:
        return f"Index: {report.messages:,} messages, nothing changed."
    return (
        f"Index: {report.messages:,} messages; {report.indexed:,} read for "
        f"{report.written} of {report.segments} segments."
    )
