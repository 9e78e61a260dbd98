"""`hamelin update`: the chain of all steps, each doing only what is new; what a schedule runs."""

from __future__ import annotations

import click

from crawler.run import Options
from indexer.cli import Session
from indexer.commands.crawl import crawl_and_parse, crawl_options


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@crawl_options
@click.pass_context
def command(
    ctx: click.Context, urls: tuple[str, ...], delay: float | None, pages: str | None, recheck: bool, verbose: bool
) -> int:
    """Bring an archive up to date: fetch, parse, and rebuild all that follows from it.

    With a URL, its lists become part of the archive; without, all lists of the archive are looked at.
    A second run asks only whether something changed. It is `hamelin crawl`, `index` and `site` in turn.

    \b
    Example:
      hamelin --archive kitchen update https://lists.example.org/pipermail/kitchen/
    """
    session: Session = ctx.obj
    config = session.config.with_flags(delay=delay, pages=pages)
    crawled = crawl_and_parse(session, config, urls, Options(recheck, wait=session.wait), verbose=verbose)
    session.reread()

    from indexer.commands import index, site  # what they import is not for a crawl that found no archive

    ctx.invoke(index.command)
    published: int = ctx.invoke(site.command)
    return max(crawled, published)
