"""`hamelin crawl`: fetch what is new of the archive's lists, keep it, parse it, and say what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from crawler.config import Config
from crawler.errors import HamelinError
from crawler.run import Options, Progress, Run, finish, opened
from crawler.runs import RunReport
from crawler.visits import Estimate
from indexer.amounts import count, duration_of, size_of
from indexer.cli import Session
from indexer.reporting import reported

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

NOT_ALL = 1  # the exit code of a run that could not fetch something
NEXT = "`hamelin index` makes it searchable, `hamelin site` publishes it; `hamelin update` is all three in one."
SHORT = "texts of {:,} volumes hold fewer messages than their index names; `hamelin status` shows them"
MISSING = "{:,} more attachments are not there"
OFFERED = 'its server offers the raw mails too ({}); source = "mbox" in hamelin.toml takes them'
UNASKED = "{:,} attachments were not asked for, as so many before them are not there; --recheck asks for them"

OPTIONS = [
    click.option("--delay", type=float, metavar="SECONDS", help="Between two requests to a host (default: 1)."),
    click.option(
        "--pages", type=click.Choice(["needed", "all", "none"]), help="Message pages to fetch (default: needed)."
    ),
    click.option("--recheck", is_flag=True, help="Ask for closed volumes and missing files again, too."),
    click.option("-v", "--verbose", is_flag=True, help="Show Scrapy's log."),
]


def crawl_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that crawls."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@crawl_options
@click.option("--dry-run", "dry", is_flag=True, help="Say what it would take; fetch list indexes only, write nothing.")
@click.pass_obj
def command(
    session: Session,
    urls: tuple[str, ...],
    delay: float | None,
    pages: str | None,
    recheck: bool,
    verbose: bool,
    dry: bool,
) -> int:
    """Fetch what is new: of the lists behind URLs, or of all lists that the archive has.

    A URL can be a list's archive, any page in it, Mailman's page about a list, or a page that leads to
    several. What was fetched stays below warc/ as it was sent; messages are parsed at the end. A crawl
    that was stopped goes on where it was.

    \b
    Example:
      hamelin --archive kitchen crawl --dry-run https://lists.example.org/pipermail/kitchen/
    """
    config, options = session.config.with_flags(delay=delay, pages=pages), Options(recheck, dry, session.wait)
    if dry:
        return crawl_and_parse(session, config, urls, options, RunReport("crawl"), verbose=verbose)
    with reported(session, "crawl") as report:
        report.exit = crawl_and_parse(session, config, urls, options, report, verbose=verbose)
        if report.changed or report.gone:
            session.say(NEXT)
        return report.exit


def crawl_and_parse(
    session: Session,
    config: Config,
    urls: tuple[str, ...],
    options: Options,
    report: RunReport,
    *,
    verbose: bool = False,
) -> int:
    """Crawl, parse, and report; give the exit code. The error that left nothing to report is raised."""
    from crawler.crawl import crawl  # Scrapy takes half a second to import

    with _shown(session, verbose=verbose) as shown, opened(config, urls, options, shown.walked) as run:
        try:
            crawl(run, verbose=verbose)
        finally:
            report.take(run)
        if run.troubles and not run.lists:
            raise all_of(run.troubles)
        finish(run, shown.read)
        report.take(run)
    return report_of(session, run)


def all_of(troubles: list[HamelinError]) -> HamelinError:
    """Put the troubles of a run that came to no list at all into one."""
    first, *others = troubles
    first.hint = " ".join([first.hint, *(str(other) for other in others)]).strip()
    return first


def report_of(session: Session, run: Run) -> int:
    """Say what a run did and what it could not; give the exit code."""
    if run.options.dry:
        _say_estimate(run)
    elif not session.quiet:
        for report in run.lists:
            settled = report.volumes - report.due
            others = f"; {settled:,} are settled and were left alone" if settled > 0 else ""
            click.echo(f"{report.name}: {report.visited:,} of {count(report.volumes, 'volume')} visited{others}")
            if report.mbox:
                click.echo(f"{report.name}: {OFFERED.format(report.mbox)}")
        click.echo(_account(run))
    for failure in run.failures:
        click.echo(f"not fetched: {failure}", err=True)
    if run.forbidden:
        click.echo(f"{len(run.forbidden)} addresses are not for programs: robots.txt does not allow them", err=True)
    for report in run.lists:
        if report.short:
            click.echo(f"{report.name}: {SHORT.format(report.short)}", err=True)
        if report.missing:
            click.echo(f"{report.name}: {MISSING.format(report.missing)}", err=True)
        if report.unasked:
            click.echo(f"{report.name}: {UNASKED.format(report.unasked)}", err=True)
    for trouble in run.troubles:
        click.echo(f"hamelin: {trouble}", err=True)
    return NOT_ALL if run.failures or run.troubles else 0


def _account(run: Run) -> str:
    changed = run.ingested.changed if run.ingested else 0
    return (
        f"{run.messages:,} messages ({changed:,} new or changed); {run.requests:,} requests, {size_of(run.bytes)},"
        f" {run.seconds:.1f} s; {told_of_failures(len(run.failures))}"
    )


def told_of_failures(failures: int) -> str:
    """Say whether all was fetched.

    >>> told_of_failures(0), told_of_failures(1)
    ('nothing failed', '1 address was not fetched, the next run asks again')
    """
    if not failures:
        return "nothing failed"
    return f"{count(failures, 'address was', 'addresses were')} not fetched, the next run asks again"


def _say_estimate(run: Run) -> None:
    estimates = [report.estimate for report in run.lists if report.estimate]
    for report in run.lists:
        click.echo(f"{report.name}: {report.due} of {report.volumes} volumes to visit ({report.url})")
    total = sum(estimates, Estimate())
    took = duration_of(total.seconds(run.config.delay))
    click.echo(
        f"about {total.requests:,} requests, {size_of(total.bytes)} and {took}"
        f" at {run.config.delay:g} s between two requests, for about {total.messages:,} messages"
    )
    click.echo("(from the sizes that the list index gives, and from what messages and attachments cost in other lists)")


class Lines:
    """Show progress as a line for each list."""

    def __init__(self, session: Session) -> None:
        self.session, self.seen = session, set[str]()

    def walked(self, progress: Progress) -> None:
        """Hear how far the walk through a list is."""
        if progress.list not in self.seen:
            self.seen.add(progress.list)
            text = size_of(progress.total)
            self.session.say(f"{progress.list}: {text} of text to look at, from {progress.volume} back")

    def read(self, list_name: str, volume: str, messages: int) -> None:
        """Hear of a volume that was parsed."""


class Bars:
    """Show progress as a bar for each list: what is left, and how long that takes."""

    def __init__(self, bars: RichProgress) -> None:
        self.bars = bars
        self.tasks: dict[str, TaskID] = {}
        self.messages = 0

    def walked(self, progress: Progress) -> None:
        """Hear how far the walk through a list is."""
        said = f"{progress.requests:,} requests, at {progress.volume}"
        if progress.list not in self.tasks:
            self.tasks[progress.list] = self.bars.add_task(progress.list, total=progress.total, said=said)
        self.bars.update(self.tasks[progress.list], completed=progress.done, said=said)

    def read(self, list_name: str, volume: str, messages: int) -> None:
        """Hear of a volume that was parsed."""
        self.messages += messages
        said = f"{self.messages:,} messages, at {volume}"
        name = f"{list_name}: reading"
        if name not in self.tasks:
            self.tasks[name] = self.bars.add_task(name, total=None, said=said)
        self.bars.update(self.tasks[name], said=said)


@contextmanager
def _shown(session: Session, *, verbose: bool) -> Iterator[Lines | Bars]:
    """Choose how progress is shown: bars for a person at a terminal, lines for everybody else."""
    if verbose or session.quiet or not sys.stderr.isatty():
        yield Lines(session)
        return
    from rich.console import Console  # only at a terminal
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Bars(bars)
