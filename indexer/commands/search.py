"""`hamelin search`: find messages from the shell; the same query language and answers as the site's search page."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from indexer.harmless import harmless
from indexer.query.parse import parse
from indexer.query.tree import Query, as_json
from indexer.query.words import read_as
from indexer.results import Found, tell
from indexer.search import Results, Sort, open_index, search
from indexer.snippets import Snippet

if TYPE_CHECKING:
    from indexer.cli import Session

NOTHING_FOUND = 1
FORMATS = ("text", "json", "jsonl")
CLOCK_VARIABLE = "SOURCE_DATE_EPOCH"  # https://reproducible-builds.org/specs/source-date-epoch/
INDENT = "    "


# A word that begins with - is what a query does not want, not an option that there is not.
@click.command("search", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@click.option(
    "--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True, help="What comes first."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="How to write.",
)
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="How many to show.")
@click.option("--threads", is_flag=True, help="Show of each thread its best message only.")
@click.option("--explain", is_flag=True, help="Say how the query was read.")
@click.pass_obj
def command(
    session: Session, words: tuple[str, ...], sort: Sort, form: str, limit: int, threads: bool, explain: bool
) -> int:
    """Find messages. Words are joined by AND; quote "a phrase", and the whole query from the shell.

    Fields are from:, subject:, said:, quoted:, list:, date:, has:, file: and type:; OR, NOT, - and
    parentheses do the usual, leak* finds beginnings and leek~ near spellings. Exits with 0 when
    something was found, with 1 when nothing was.

    \b
    Example:
      hamelin search 'from:porter "memory leak" date:2004'
    """
    if words == ("-h",):
        click.echo(click.get_current_context().get_help())
        return 0
    query = parse(" ".join(words), now=_now())
    index = open_index(session.archive)
    results = search(query.tree, index, limit=limit, sort=sort, threads=threads)
    found = list(tell(results.hits, query.tree, index))
    if form == "text":
        session.show("\n".join(_text(query, results, found, explain=explain, threads=threads)) + "\n")
    else:
        _write_json(form, query, results, found, explain=explain)
    return 0 if results.total else NOTHING_FOUND


def _now() -> int:
    said = os.environ.get(CLOCK_VARIABLE, "")
    return int(said) if said.isdecimal() else int(time.time())


def _write_json(form: str, query: Query, results: Results, found: list[Found], *, explain: bool) -> None:
    hits = [one.as_record() for one in found]
    answer: dict[str, Any] = {"query": query.text, "read_as": read_as(query), "total": results.total, "hits": hits}
    if explain:
        answer["tree"] = as_json(query.tree)
    lines = hits if form == "jsonl" else [answer]
    sys.stdout.buffer.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
    sys.stdout.buffer.flush()


def _text(query: Query, results: Results, found: list[Found], *, explain: bool, threads: bool) -> Iterator[str]:
    if explain:
        yield click.style(read_as(query), italic=True)
        yield ""
    yield from (line for one in found for line in (*_lines(one), ""))
    yield click.style(_count(results, len(found), "thread" if threads else "message"), dim=True)


def _count(results: Results, shown: int, thing: str) -> str:
    things = f"{results.total:,} {thing}{'s' * (results.total != 1)}"
    if not results.total:
        return f"No {thing} found."
    return f"{things} found." if shown == results.total else f"{things} found, {shown:,} shown; --limit shows more."


def _lines(one: Found) -> Iterator[str]:
    """Lay one message out: subject, who and when, snippet, address."""
    width = min(shutil.get_terminal_size().columns, 110)
    yield _marked(one.subject, bold=True) if one.subject.text else click.style("(no subject)", bold=True)
    when = (one.date or "no date")[:10]
    who, where = click.style(harmless(one.hit.from_name) or "nobody", fg="green"), click.style(one.hit.list, dim=True)
    yield f"{INDENT}{who}  {when}  {where}"
    for line, part in _wrapped(one.snippet, width - len(INDENT)):
        yield INDENT + _marked(Snippet(line, part))
    yield INDENT + click.style(one.address, fg="blue", dim=True)


def _wrapped(shown: Snippet, width: int) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Break a snippet into lines, each with its marks."""
    start = 0
    for line in textwrap.wrap(shown.text, max(20, width), break_on_hyphens=False):
        start = shown.text.index(line, start)
        end = start + len(line)
        yield line, tuple((max(a, start) - start, min(b, end) - start) for a, b in shown.marks if a < end and b > start)
        start = end


def _marked(shown: Snippet, *, bold: bool = False) -> str:
    pieces, position, text = [], 0, harmless(shown.text)
    for start, end in shown.marks:
        pieces.append(click.style(text[position:start], bold=bold))
        pieces.append(click.style(text[start:end], bold=True, fg="yellow"))
        position = end
    return "".join((*pieces, click.style(text[position:], bold=bold)))
