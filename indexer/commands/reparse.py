"""`hamelin reparse`: what today's parser makes of what was fetched, shown or written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import click

from crawler.differences import FIELDS, Compared, Difference, differences
from crawler.errors import UsageError
from crawler.reparse import rebuild
from crawler.store import Store
from crawler.warc import WarcReader
from crawler.warc_rewrite import set_aside
from indexer.changed_words import Piece, changed_words
from indexer.harmless import harmless
from indexer.learned import learn_endings
from indexer.opening import open_store
from indexer.rethread import rethread

if TYPE_CHECKING:
    from indexer.cli import Session


@click.command("reparse")
@click.option("--write", is_flag=True, help="Make the database again from warc/ alone.")
@click.option("--limit", type=click.IntRange(min=0), default=3, show_default=True, help="Examples of each field.")
@click.option("--field", "chosen", metavar="NAME", multiple=True, help="Show this field alone; can be said again.")
@click.option("--json", "as_json", is_flag=True, help="Show each difference as a JSON object, all of them.")
@click.pass_obj
def command(session: object, write: bool, limit: int, chosen: tuple[str, ...], as_json: bool) -> None:
    """Show what today's parser would change; with --write, do it.

    Nothing is asked of any server. What is shown is a sum by field, then examples with [-what goes-] and
    {+what comes+} marked. --write makes archive.sqlite new from warc/ and hamelin.toml, also when it was
    deleted. Records of warc/ that are damaged are then set aside in warc/damaged/; the next crawl asks for
    what they held.

    \b
    Example:
      hamelin reparse --field subject --limit 50
    """
    if write:
        _write(cast("Session", session))
    else:
        _show(cast("Session", session), limit, chosen, as_json)


def _write(session: Session) -> None:
    def heard(name: str, volume: str, count: int) -> None:
        session.say(f"{name} {volume}: {count} messages")

    with session.lock():
        for name in set_aside(session.archive):
            session.say(f"What could not be read is in {name} now.")
        report = rebuild(session.archive, session.config, heard)
        with Store.open(session.archive) as store:
            rethread(store)
            learn_endings(store)
            click.echo(f"{store.count()} messages of {report.volumes} volumes read from warc/.")


def _show(session: Session, limit: int, chosen: tuple[str, ...], as_json: bool) -> None:
    if unknown := [name for name in chosen if name not in FIELDS]:
        raise UsageError(f"There is no field {unknown[0]!r}.", hint=f"There are: {', '.join(sorted(FIELDS))}.")
    compared = Compared()
    examples: dict[str, list[Difference]] = defaultdict(list)
    with open_store(session) as store, WarcReader(session.archive) as reader:
        for difference in differences(store, reader.payload, compared):
            if chosen and difference.field not in chosen:
                continue
            if as_json:
                click.echo(json.dumps(asdict(difference)))
            elif len(examples[difference.field]) < limit:
                examples[difference.field].append(difference)
    if not as_json:
        for line in _report(compared, examples, chosen):
            click.echo(line)


def _report(compared: Compared, examples: dict[str, list[Difference]], chosen: tuple[str, ...]) -> Iterator[str]:
    """Say the sum, then the examples field by field, the most frequent first."""
    if not compared.fields:
        yield f"Nothing would change in {compared.messages:,} messages."
        return
    yield (
        f"Today's parser would change {compared.messages_changed:,} of {compared.messages:,} messages"
        f" in {compared.volumes_changed:,} of {compared.volumes:,} volumes:"
    )
    counts = sorted(compared.fields.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [(name, count) for name, count in counts if not chosen or name in chosen]
    yield from (f"  {name:16}{count:8,}" for name, count in shown)
    for name, count in shown:
        if examples[name]:
            yield f"\n{click.style(name, bold=True)}, {len(examples[name])} of {count:,}:"
            yield from (line for difference in examples[name] for line in _example(difference))
    yield "\nNothing was written: hamelin reparse --write does it, --json shows all of it."


def _example(difference: Difference) -> Iterator[str]:
    place = difference.place if difference.volume in difference.place else f"{difference.volume} {difference.place}"
    yield f"  {click.style(harmless(f'{difference.list} {place}'), fg='blue')}"
    if difference.field == "message":
        sign, color, subject = (
            ("+", "green", difference.after) if difference.before is None else ("-", "red", difference.before)
        )
        yield f"    {click.style(f'{sign} {harmless(subject)}', fg=color)}"
        return
    before, after = (_text(value) for value in (difference.before, difference.after))
    yield f"    {''.join(map(_marked, changed_words(before, after)))}"


def _text(value: object) -> str:
    """Write a value so that its words can be compared; null is told from an empty text."""
    if value is None:
        return "null"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _marked(piece: Piece) -> str:
    text = harmless(piece.text.replace("\n", "\u23ce"))
    match piece.kind:
        case "gone":
            return click.style(f"[-{text}-]", fg="red")
        case "new":
            return click.style(f"{{+{text}+}}", fg="green")
        case _:
            return text
