"""`hamelin remove`: take messages out of the archive, keep them out, and take them out of warc/, too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import UsageError
from crawler.message import Message
from crawler.removals import Removal
from crawler.remove import bring_back, in_hand, purge_away, take_out
from crawler.run import version
from crawler.store import Store
from indexer.generations import INDEX_FOLDER
from indexer.harmless import harmless
from indexer.naming import messages_named
from indexer.opening import open_store
from indexer.site.build import SITE

if TYPE_CHECKING:
    from indexer.cli import Session

WRITTEN_BY = """
SELECT m.id FROM messages m JOIN entries e USING (entry) WHERE lower(e.from_address) = lower(?) ORDER BY e.date, m.id"""
ANSWERING = """
SELECT count(*) FROM messages m JOIN entries e USING (entry)
WHERE m.list = ? AND (e.in_reply_to = ? OR instr(e.refs, json_quote(?)))"""


@click.command("remove")
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--from", "address", metavar="ADDRESS", help="All that this address wrote; it is listed first.")
@click.option("--reason", help="Why, for removals.jsonl.")
@click.option("--purge", is_flag=True, help="Take it out of warc/, too. Nothing brings it back.")
@click.option("--undo", is_flag=True, help="Bring back what was taken out and not purged.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    address: str | None,
    reason: str | None,
    purge: bool,
    undo: bool,
    yes: bool,
) -> int:
    """Take messages out of index, search pack, site, feeds and export, their attachments too, and keep them out.

    ID is a message's id, its Message-ID, or its address here or in the old archive. It stays out whatever
    comes with later crawls and whatever is made anew: removals.jsonl says so. With --purge it goes from every
    record of warc/ as well. What others quote of it in their mails stays. Without ID, what was taken out is
    listed.

    \b
    Example:
      hamelin remove dz7cpy2arv2rdv3qv5w6splpki --reason "asked by its sender"
    """
    session: Session = ctx.obj
    if not names and address is None:
        with closing(open_store(session)) as store:
            session.show("".join(f"{line}\n" for line in _listed(store)))
        return 0
    with session.lock(), closing(open_store(session)) as store:
        if undo:
            count = bring_back(session.archive, store, [_removed(store, name) for name in names])
            session.say(f"{count} messages are back.")
        else:
            _take_out(session, store, names, address, reason, purge=purge, yes=yes)
    return publish_again(ctx)


def publish_again(ctx: click.Context) -> int:
    """Bring index and site up to the archive, where there are any; give the exit code."""
    from indexer.commands import index, site

    session: Session = ctx.obj
    if (session.archive / INDEX_FOLDER).exists():
        ctx.invoke(index.command)
    return int(ctx.invoke(site.command)) if (session.archive / SITE).exists() else 0


def _take_out(
    session: Session,
    store: Store,
    names: tuple[str, ...],
    address: str | None,
    reason: str | None,
    *,
    purge: bool,
    yes: bool,
) -> None:
    chosen = {id: message for name in names for id, message in _named(session.archive, store, name)}
    chosen |= {message.id: message for message in _written_by(store, address)} if address else {}
    again = [removal for name in names if (removal := store.removals.by_id.get(name)) and removal.purged]
    if not chosen and not again:
        raise UsageError("No such message is in the archive.", hint="`hamelin search` finds messages and their ids.")
    if (purge or address) and not yes and chosen:
        _ask(list(chosen.values()), purge=purge)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    removals = take_out(session.archive, store, list(chosen.values()), reason=reason, now=now, purge=purge)
    for removal in removals:
        click.echo(f"{'purged' if purge else 'removed'}: {_line(chosen[removal.id])}")
    if purge or again:
        done = purge_away(session.archive, store, f"Hamelin {version()}")
        session.say(f"{done.changed} records of warc/ were changed and {done.gone} emptied, in {done.files} files.")
    answers = sum(_answers(store, message) for message in chosen.values())
    if answers:
        session.say(f"{answers} mails answer what was taken out. What they quote of it is theirs, and stays.")


def _named(archive: Path, store: Store, name: str) -> list[tuple[str, Message]]:
    """Give the message that a name means, from the store's rows also where it is out already."""
    found = messages_named(store, name)
    if len(found) > 1:
        raise UsageError(f"{len(found):,} messages are called {name!r}.", hint="Say more of the id.")
    messages = [message for id in found if (message := store.message(id))]
    if not messages and name in store.removals and not store.removals.by_id[name].purged:
        messages = [message for message in [in_hand(archive, store, name)] if message]
    if not messages and name not in store.removals:
        raise UsageError(f"No message is called {name!r}.", hint="`hamelin search` finds messages and their ids.")
    return [(message.id, message) for message in messages]


def _removed(store: Store, name: str) -> str:
    """Give the id of a message that was taken out, by its id or the beginning of it."""
    found = [removal.id for removal in store.removals if removal.id.startswith(name)]
    return found[0] if len(found) == 1 else name


def _written_by(store: Store, address: str) -> Iterator[Message]:
    for (id,) in store.db.execute(WRITTEN_BY, (address.strip("<> "),)).fetchall():
        if message := store.message(id):
            yield message


def _ask(messages: list[Message], *, purge: bool) -> None:
    """List what would go and ask; without a person there, --yes is needed."""
    for message in messages:
        click.echo(f"  {_line(message)}", err=True)
    what = f"{'Purge' if purge else 'Remove'} {len(messages)} messages?"
    if not sys.stdin.isatty():
        raise UsageError(f"{what} Nobody is there to answer.", hint="Say --yes if that is what you want.")
    click.confirm(f"{what} {'Nothing brings them back.' if purge else ''}", abort=True, err=True)


def _line(message: Message) -> str:
    who = message.from_name or message.from_address or "nobody"
    return harmless(f"{message.id}  {(message.date or 'no date')[:10]}  {who}: {message.subject or '(no subject)'}")


def _answers(store: Store, message: Message) -> int:
    values = (message.list, message.message_id, message.message_id)
    return int(store.db.execute(ANSWERING, values).fetchone()[0]) if message.message_id else 0


def _listed(store: Store) -> Iterator[str]:
    removals = list(store.removals)
    for removal in removals:
        yield _told(removal)
    if not removals:
        yield "Nothing was taken out."


def _told(removal: Removal) -> str:
    parts = (removal.id, (removal.removed or "")[:10], removal.list, "purged" if removal.purged else "removed")
    return harmless("  ".join(filter(None, (*parts, removal.reason))))
