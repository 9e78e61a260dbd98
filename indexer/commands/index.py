"""`hamelin index`: bring the threads and the search index up to the archive."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import click

from crawler.disregarded import heed
from indexer.amounts import count
from indexer.files.account import told_of
from indexer.files.gather import Report as FilesReport
from indexer.files.gather import gather
from indexer.learned import learn_endings
from indexer.opening import open_store
from indexer.refresh import Report, refresh
from indexer.rethread import rethread

if TYPE_CHECKING:
    from indexer.cli import Session


# Read by numpy, here and in other processes: threads to multiply matrices, of which there are none, take 25 ms.
THREADS = "OPENBLAS_NUM_THREADS"


@click.command("index")
@click.option("--full", is_flag=True, help="Make all of it anew.")
@click.option("--verify", is_flag=True, help="Read every byte of it, and make anew what is damaged.")
@click.pass_obj
def command(session: Session, full: bool, verify: bool) -> None:
    """Index what changed since the last time; what did not change is left as it is.

    Files that are missing, cut short or were written to are made anew each time. The index that serves
    searches is replaced only when the new one is whole, so that it can be searched all the while.

    \b
    Example:
      hamelin index --full
    """
    os.environ.setdefault(THREADS, "1")
    with session.lock(), closing(open_store(session)) as store:
        heed(session.archive, store)
        rethread(store)
        learn_endings(store)
        if (files := gather(session.archive, store, again=full, verify=verify)) and files.files:
            session.say(told_of_files(files))
        session.say(told(refresh(session.config, store, full=full, verify=verify)))


def told_of_files(report: FilesReport) -> str:
    """Say in a sentence what was read of attachments, and of how many no text could be had, by reason.

    >>> told_of_files(FilesReport(12, 3, {"read": 9, "no_text": 2, "too_slow": 1}))
    'Files: 12 attachments, 3 read now; texts: 9 can be searched, 2 without any, 1 too slow to read.'
    """
    return f"Files: {report.files:,} attachments, {report.read:,} read now; texts: {told_of(report.statuses)}."


def told(report: Report) -> str:
    """Say in a sentence what was indexed.

    >>> told(Report(messages=5374, indexed=0, segments=9, written=0))
    'Index: 5,374 messages, nothing changed.'
    >>> told(Report(messages=5374, indexed=712, segments=9, written=1))
    'Index: 5,374 messages; 712 indexed anew, in 1 of 9 segments.'
    >>> told(Report(messages=5374, indexed=256, segments=9, written=1, damaged=("MAIN_1.pst",)))
    'Index: 1 damaged file made anew; 5,374 messages; 256 indexed anew, in 1 of 9 segments.'
    """
    mended = f"{count(len(report.damaged), 'damaged file')} made anew; " if report.damaged else ""
    if not report.written:
        return f"Index: {mended}{report.messages:,} messages, nothing {'else ' if mended else ''}changed."
    return (
        f"Index: {mended}{report.messages:,} messages; {report.indexed:,} indexed anew,"
        f" in {report.written} of {count(report.segments, 'segment')}."
    )
