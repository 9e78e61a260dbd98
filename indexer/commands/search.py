"""`hamelin search`: find messages from the shell; the same query language and answers as the site's search page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crawler.errors import QueryError, UsageError
from indexer.answers import Asked, answer, best, found_by
from indexer.completion import complete, complete_saved
from indexer.news import remember, seen
from indexer.query.parse import parse
from indexer.search import Sort
from indexer.start import NOTHING_FOUND, clock, columns, is_colourful

if TYPE_CHECKING:
    from indexer.cli import Session


# A word that begins with - is what a query does not want, not an option that there is not.
@click.command("search", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("words", nargs=-1, metavar="QUERY...", shell_complete=complete)
@click.option(
    "--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True, help="What comes first."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl", "mbox"]),
    default="text",
    show_default=True,
    help="How to write.",
)
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="How many to show.")
@click.option("--threads", is_flag=True, help="Show of each thread its best message only, and how many.")
@click.option("--explain", is_flag=True, help="Say how the query was read.")
@click.option("--saved", metavar="NAME", shell_complete=complete_saved, help="Ask what hamelin.toml saves under NAME.")
@click.option("--new", is_flag=True, help="Show only what was not found the last time that --new asked this.")
@click.pass_obj
def command(
    session: Session,
    words: tuple[str, ...],
    sort: Sort,
    form: str,
    limit: int,
    threads: bool,
    explain: bool,
    saved: str | None,
    new: bool,
) -> int:
    """Find messages. Words are joined by AND; quote "a phrase", and the whole query from the shell.

    Fields are from:, subject:, said:, quoted:, list:, date:, has:, file: and type:; OR, NOT, - and
    parentheses do the usual, leak* finds beginnings and leek~ near spellings. --format mbox writes
    the mails that were found, for any mail program. Exits with 0 when something was found, with 1
    when nothing was.

    \b
    Example:
      hamelin search 'from:porter "memory leak" date:2004'
    """
    if words == ("-h",):
        click.echo(click.get_current_context().get_help())
        return 0
    query, now = _query(session, words, saved), clock()
    known = seen(session.archive, query) if new else frozenset()
    found_now = found_by(session.archive, query, now) if new else frozenset()
    asked = Asked(now, sort, form, limit, threads, explain, known)
    found = _write(session, query, asked)
    if new and found_now != known:
        remember(session.archive, query, found_now)
    return 0 if found else NOTHING_FOUND


def _write(session: Session, query: str, asked: Asked) -> int:
    """Write an answer, and give how many were found."""
    if asked.form == "mbox":
        from indexer.commands.export import write_mails  # what reads captures is of no use to other searches

        ids = best(session.archive, query, asked)
        write_mails(session, ids)
        return len(ids)
    found = answer(session.archive, query, asked, width=columns(), colour=is_colourful())
    if asked.form == "text":
        session.show(found.text)
    else:
        sys.stdout.buffer.write(found.text.encode())
        sys.stdout.buffer.flush()
    return found.total


def _query(session: Session, words: tuple[str, ...], saved: str | None) -> str:
    """Put the query together: words, and those that were saved under a name."""
    said = " ".join(words)
    if saved is None:
        if not said:
            raise UsageError("There is no query.", hint="Write one: hamelin search memory leak.")
        return said
    names = dict(session.config.searches)
    if saved not in names:
        some = ", ".join(names) or "none yet; [searches] in hamelin.toml takes them"
        raise UsageError(f"No search is saved under {saved!r}.", hint=f"There are: {some}.")
    try:
        parse(names[saved], now=clock())
    except QueryError as error:
        raise UsageError(f"What is saved under {saved!r} is no query. {error.message}", hint=error.hint) from error
    return f"({names[saved]}) {said}" if said else names[saved]
