"""`hamelin site`: publish the archive as a folder of pages."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from crawler.disregarded import heed
from indexer.commands.index import told_of_files
from indexer.files.gather import gather
from indexer.learned import learn_endings
from indexer.opening import open_store
from indexer.rethread import rethread
from indexer.site.build import SITE
from indexer.site.publication import Publication, publish
from indexer.site.urls import HOME

if TYPE_CHECKING:
    from indexer.cli import Session

LEAKED = 1
NAMED = 10  # files with addresses that are named


@click.command("site")
@click.option("--full", is_flag=True, help="Make every page anew, and scan all of them for addresses.")
@click.option("--no-leak-scan", is_flag=True, help="Leave the scan for addresses to the next run.")
@click.pass_obj
def command(session: Session, full: bool, no_leak_scan: bool) -> int:
    """Publish what changed since the last time below site/: pages, attachments, the search pack.

    The folder can be put on any web host, or opened from a disk. What was written is scanned for
    addresses of the lists' senders; if one is found, its file is named and the exit code is 1.

    \b
    Example:
      hamelin site && rsync -a --delete site/ www.example.org:archive/
    """
    first = not (session.archive / SITE / HOME).exists()
    with session.lock(), closing(open_store(session)) as store:
        heed(session.archive, store)
        rethread(store)
        learn_endings(store)
        if (files := gather(session.archive, store, again=full)) and files.files:
            session.say(told_of_files(files))
        publication = publish(session.config, store, full=full, leak_scan=not no_leak_scan, run=session.report)
    for line in told(publication):
        session.say(line)
    if first:
        session.say(f"It is the folder {session.archive / SITE}: `hamelin serve` shows it, any web host can have it.")
    for leak in publication.leaks[:NAMED]:
        click.echo(f"hamelin: an address can be read in site/{leak.path}", err=True)
    if len(publication.leaks) > NAMED:
        click.echo(f"hamelin: and in {len(publication.leaks) - NAMED:,} files more", err=True)
    return LEAKED if publication.leaks else 0


def told(publication: Publication) -> list[str]:
    """Say in sentences what was published, and what stands in the way of searching it."""
    report = publication.report
    written = len(report.written) + len(publication.pack)
    if written or report.removed:
        done = f"Site: {report.pages:,} pages; {written:,} files written, {len(report.removed):,} taken away."
    else:
        done = f"Site: {report.pages:,} pages, nothing changed."
    hints = {
        "none": ["Its search page finds nothing before `hamelin index` and `hamelin site` were run."],
        "behind": ["Its search page does not know the newest messages before `hamelin index` and `hamelin site`."],
    }
    return [done, *hints.get(publication.index, [])]
