"""`hamelin update`: the chain of all steps, each doing only what is new; what a schedule runs."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from threading import Event

import click

from crawler.run import Options
from crawler.schedule import LEAST, seconds_of
from indexer.cli import Session
from indexer.commands.crawl import crawl_and_parse, crawl_options
from indexer.reporting import reported


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@crawl_options
@click.option("--every", metavar="TIME", help="Go on until stopped, a run each 6h, 30m or 1d: for containers.")
@click.option("--every-of", type=int, hidden=True, help="What a run of --every says of itself.")
@click.pass_context
def command(
    ctx: click.Context,
    urls: tuple[str, ...],
    delay: float | None,
    pages: str | None,
    recheck: bool,
    verbose: bool,
    every: str | None,
    every_of: int | None,
) -> int:
    """Bring an archive up to date: fetch, parse, and rebuild all that follows from it.

    With a URL, its lists become part of the archive; without, all lists of the archive are looked at.
    A second run asks only whether something changed. It is `hamelin crawl`, `index` and `site` in turn.
    Each run is reported in runs.jsonl.

    \b
    Example:
      hamelin --archive kitchen update https://lists.example.org/pipermail/kitchen/
    """
    session: Session = ctx.obj
    if every is not None:
        spared = session.config.with_flags(delay=delay).delay > 0  # without pauses it is the user's own server
        seconds = seconds_of(every, LEAST if spared else 1)
        return _again_and_again(session, seconds, _arguments(session, seconds, urls, delay, pages, recheck, verbose))
    config = session.config.with_flags(delay=delay, pages=pages)
    options = Options(recheck, wait=session.wait)
    with reported(session, "update", every_of) as report:
        crawled = report.exit = crawl_and_parse(session, config, urls, options, report, verbose=verbose)
        session.reread()

        from indexer.commands import index, site  # what they import is not for a crawl that found no archive

        ctx.invoke(index.command)
        published: int = ctx.invoke(site.command)
        report.exit = max(crawled, published)
        return report.exit


def _arguments(
    session: Session,
    every: int,
    urls: tuple[str, ...],
    delay: float | None,
    pages: str | None,
    recheck: bool,
    verbose: bool,
) -> list[str]:
    """Write the command line of one run: Scrapy runs once in a process, so that each gets its own."""
    flags = {"--quiet": session.quiet}
    after = {"--recheck": recheck, "--verbose": verbose}
    values = {"--delay": delay, "--pages": pages, "--every-of": every}
    return [
        sys.executable, "-c", "from indexer.cli import main; main()",
        "--archive", str(session.archive), "--wait", str(session.wait), *(name for name, on in flags.items() if on),
        "update", *(name for name, on in after.items() if on),
        *(word for name, value in values.items() if value is not None for word in (name, str(value))), *urls,
    ]  # fmt: skip


def _again_and_again(session: Session, every: int, arguments: list[str]) -> int:
    """Make a run each so many seconds until a signal comes, which the run in progress gets, too; then end well."""
    stop = Event()
    running: list[subprocess.Popen[bytes]] = []

    def told(number: int, _: object) -> None:
        stop.set()
        for process in running:
            process.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    while not stop.is_set():
        due = time.monotonic() + every
        with subprocess.Popen(arguments, start_new_session=True) as process:  # noqa: S603 - it is this command
            running[:] = [process]
            if stop.is_set():  # it came while the run began
                process.send_signal(signal.SIGTERM)
            process.wait()
            running.clear()
        while not stop.is_set() and (rest := due - time.monotonic()) > 0:
            stop.wait(min(rest, 60))  # a machine that slept wakes within a minute
    session.say("Stopped. What was done is kept.")
    return 0
