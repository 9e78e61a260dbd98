"""`hamelin index`: bring the threads and the search index up to the archive."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import click

from crawler.remove import heed
from indexer.files.gather import Report as FilesReport
from indexer.files.gather import gather
from indexer.learned import learn_endings
from indexer.opening import open_store
from indexer.refresh import Report, refresh
from indexer.rethread import rethread

if TYPE_CHECKING:
    from indexer.cli import Session

# What is as it should be; other statuses are told by their own names.
FINE = {"read": "with text", "empty": "without", "no_text": "without"}


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
        learn_endings(store)
        if (files := gather(session.archive, store, again=full)) and files.files:
            session.say(told_of_files(files))
        session.say(told(refresh(session.config, store, full=full)))


def told_of_files(report: FilesReport) -> str:
    """Say in a sentence what was read of attachments, and of how many no text could be had, by reason.

    >>> told_of_files(FilesReport(12, 3, {"read": 9, "no_text": 2, "too_slow": 1}))
    'Files: 12 attachments, 3 read now; 9 with text, 2 without, 1 too slow.'
    """
    counts: Counter[str] = Counter()
    for name, count in report.statuses.items():
        counts[FINE.get(name) or name.replace("_", " ")] += count
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return f"Files: {report.files:,} attachments, {report.read:,} read now" + (f"; {told}." if told else ".")


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
