"""`hamelin import`: mail that does not come from a crawl: a copy of an archive on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from crawler import copies as on_disk
from crawler import foreign_warc
from crawler.config import Config, KnownList
from crawler.copies import CopiedList
from crawler.errors import UsageError
from crawler.imports import ImportReport, MboxReport, add, importing, name_list, take_in, take_mails
from crawler.ingest import IngestReport, ingest
from crawler.keeper import Keeper
from crawler.mbox_files import MboxFile, mboxes_in
from crawler.run import version
from indexer.cli import Session
from indexer.completion import complete_list

Source = CopiedList | MboxFile
SHOWN = 10  # files that were refused and are named one by one


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--list",
    "name",
    metavar="NAME",
    shell_complete=complete_list,
    help="The list's name here; of several lists, the one to take.",
)
@click.option("--url", metavar="URL", help="The address at which the list's archive is, or was.")
@click.pass_obj
def command(session: Session, path: Path, name: str | None, url: str | None) -> None:
    """Take in mail from disk: a raw mbox, Mailman's own folder of an archive, a mirror of its pages, or WARC files.

    An mbox (packed or not) holds mails as they were sent: nothing tells more of them. A mirror can be one of
    `wget --mirror` or HTTrack; its folders say where each list was. WARC files can be of any tool: wget, warcio,
    Browsertrix. What is taken stays below warc/, then is parsed like what a crawl fetched. A later crawl of the
    same list goes on from there. Importing again changes nothing.

    \b
    Example:
      hamelin --archive kitchen import archives/private/kitchen --url https://lists.example.org/pipermail/kitchen/
    """
    copies = _copies(session, path)
    sources: Sequence[Source] = copies or mboxes_in(path)
    chosen = _chosen(path, sources, name, url)
    reports: list[ImportReport | MboxReport] = []
    with importing(session.config, software=f"Hamelin {version()}", wait=session.wait) as keeper:
        config = session.config
        for source in chosen:
            address = source.url if isinstance(source, CopiedList) else source.address()
            known = name_list(config, source.name, address, name, url)
            config = add(config, keeper, known)
            reports.append(_take(session, keeper, config, source, known))
        ingested = ingest(keeper.store, keeper.payload)
        count = keeper.store.count()
    _say(session, reports, ingested, count)


def _take(
    session: Session, keeper: Keeper, config: Config, source: Source, known: KnownList
) -> ImportReport | MboxReport:
    if isinstance(source, CopiedList):
        session.say(f"{known.name}: {len(source.volumes)} volumes")
        return take_in(keeper, config, source, known)
    report = take_mails(keeper, known, source.mails(), source.path.stat().st_mtime)
    if source.cut:
        session.say(f"{source.path} is cut: what stands before the cut is read")
    return report


def _copies(session: Session, path: Path) -> list[CopiedList]:
    """Find the lists in a folder or in WARC files; say what of the latter cannot be read."""
    found = [] if path.is_file() and foreign_warc.is_warc(path) else on_disk.lists_in(path)
    warcs = [] if found else foreign_warc.warcs_in(path)
    if not warcs:
        return found
    contents = foreign_warc.read_contents(warcs)
    for torn in contents.torn:
        session.say(f"{torn} is damaged: what stands before the damage is read")
    if contents.lost:
        session.say(f"{len(contents.lost):,} revisits of what is not in these files are left out")
    return foreign_warc.lists_in(contents)


def _chosen(path: Path, copies: Sequence[Source], name: str | None, url: str | None) -> Sequence[Source]:
    """Choose the lists to take: all, or the one of several that is named; one alone can get any name."""
    if not copies:
        raise UsageError(
            f"{path} holds no archive: no months or other volumes of pipermail, no WARC file, no mail.",
            hint="Give a raw mbox, a WARC file, or the folder that holds a list's index.html, or one above it.",
        )
    if len(copies) == 1:
        return copies
    named = [copy for copy in copies if copy.name == name]
    names = ", ".join(sorted(copy.name for copy in copies))
    if name is not None and len(named) != 1:
        raise UsageError(f"{path} does not hold one list {name!r}.", hint=f"There are: {names}.")
    if url is not None and not named:
        raise UsageError(f"{path} holds {len(copies)} lists, and --url is of one.", hint=f"Say --list: {names}.")
    return named or copies


def _say(session: Session, reports: Sequence[ImportReport | MboxReport], ingested: IngestReport, count: int) -> None:
    """Say what was taken, what was held already, what was refused and why."""
    for report in reports:
        if not session.quiet:
            click.echo(_account(report))
        refused = report.refused if isinstance(report, ImportReport) else []
        for reason in refused[:SHOWN]:
            click.echo(f"not taken: {report.name}/{reason}", err=True)
        if len(refused) > SHOWN:
            click.echo(f"not taken: {len(refused) - SHOWN:,} files more", err=True)
        if KnownList(report.name, report.url).is_nowhere:
            session.say(f"{report.name}: nothing tells its address on the web; `hamelin move {report.name} URL` does")
    if not session.quiet:
        click.echo(f"{count:,} messages ({ingested.changed:,} new or changed)")


def _account(report: ImportReport | MboxReport) -> str:
    things = "files" if isinstance(report, ImportReport) else "mails"
    absent = report.absent if isinstance(report, ImportReport) else 0
    missing = f", {absent:,} attachments not in it" if absent else ""
    return f"{report.name}: {report.taken:,} {things} taken, {report.held:,} held already{missing} ({report.url})"
