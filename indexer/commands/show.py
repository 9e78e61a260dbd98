"""`hamelin show`: a message, or its whole thread, in the pager."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import UsageError
from crawler.message import Attachment, Heading, Message
from crawler.parse.file_names import shown_name
from crawler.store import Store
from indexer.body.draft import Kind
from indexer.body.endings import Ending
from indexer.body.stretches import stretches
from indexer.files.texts import DATABASE, Texts
from indexer.harmless import harmless
from indexer.learned import endings_of
from indexer.naming import messages_named
from indexer.opening import open_store
from indexer.query.refusal import shown as quoted
from indexer.readable import as_read, readable
from indexer.redaction import Privacy
from indexer.site.urls import message as message_address
from indexer.start import columns
from indexer.thread_tree import Told, tree
from indexer.threads import threads

if TYPE_CHECKING:
    from indexer.cli import Session

NOTHING_FOUND = 1
OFFERED = 5  # messages that are named when a beginning fits several
DIM: frozenset[Kind] = frozenset({"quoted", "attribution", "forwarded", "signature", "footer"})
RULE = "─"
NO_SUBJECT = "(no subject)"
WIDEST = 110  # columns of the tree
SHOWN = "▸ "  # before the message that was asked for


@click.command("show")
@click.argument("name", metavar="ID")
@click.option("--thread", "whole", is_flag=True, help="Show the whole thread: a tree of it, then all, oldest first.")
@click.pass_obj
def command(session: Session, name: str, whole: bool) -> int:
    """Show a message as the archive has it, addresses too.

    ID is a message's id or the beginning of it, its Message-ID, its address on the site, or that
    of its page in the old archive, from the volume on. Exits with 1 when there is none.

    \b
    Example:
      hamelin show dz7cpy2a --thread
    """
    with closing(open_store(session)) as store:
        message = _find(store, name)
        if message is None:
            click.echo(f"No message is called {quoted(harmless(name))}.", err=True)
            return NOTHING_FOUND
        found = store.thread(message.list, message.thread) if whole and message.thread else [message]
        shown = [(one, endings_of(store, one.id)) for one in _as_read(session.archive, store, found)]
    drawn = list(_tree(found, message.id)) if len(found) > 1 else []
    session.show("\n".join([*drawn, *(line for one, endings in shown for line in _lines(one, endings))]) + "\n")
    return 0


def _tree(found: Sequence[Message], asked: str) -> Iterator[str]:
    """Draw a thread, one line a message, the one that was asked for marked."""
    told = {one.id: Told(_sender(one), (one.date or "")[:10], _line(one.subject) or NO_SUBJECT) for one in found}
    entries = [entry for thread in threads(map(_heading, found)) for entry in thread.entries]
    for line in tree(entries, told, shown=asked, width=min(columns(), WIDEST) - len(SHOWN)):
        mark = SHOWN if line.shown else " " * len(SHOWN)
        yield f"{mark}{click.style(line.branches, dim=True)}{click.style(line.text, bold=line.shown)}"
    yield ""
    yield _rule()


def _heading(message: Message) -> Heading:
    date = None if message.date is None else int(datetime.fromisoformat(message.date).timestamp())
    place = (message.id, message.list, message.volume, message.number)
    answers = (message.message_id, message.in_reply_to, message.references)
    return Heading(*place, *answers, message.subject, message.from_name, date)


def _sender(message: Message) -> str:
    return _line(message.from_name or message.from_address or "") or "nobody"


def _line(text: str) -> str:
    """Put a text into one line, so that nobody's name or subject looks like another line of ours."""
    return " ".join(harmless(text).split())


def _as_read(archive: Path, store: Store, messages: list[Message]) -> Iterator[Message]:
    """Give messages with the text that people read: that of their HTML, where there is no other."""
    if not (archive / DATABASE).exists():
        yield from map(as_read, messages)
        return
    charsets = {known.name: known.charset for known in store.lists()}
    with Texts.open(archive) as texts:
        for message in messages:
            yield readable(message, texts.readings(message, charsets[message.list]), Privacy(addresses=True)).message


def _find(store: Store, name: str) -> Message | None:
    found = messages_named(store, name)
    if len(found) > 1:
        some = ", ".join(found[:OFFERED]) + ", …" * (len(found) > OFFERED)
        raise UsageError(
            f"{len(found):,} messages are called {quoted(harmless(name))}.", hint=f"Say more of the id: {some}."
        )
    return store.message(found[0]) if found else None


def _lines(message: Message, endings: Sequence[Ending]) -> Iterator[str]:
    """Lay a message out: what is known of it, its attachments, its text with quotations dim."""
    yield click.style(_line(message.subject) or NO_SUBJECT, bold=True)
    sender = " ".join(filter(None, (message.from_name, message.from_address and f"<{message.from_address}>")))
    yield from _known("From", sender or "nobody")
    yield from _known("Date", message.date or "unknown")
    yield from _known("List", f"{message.list}, {message.page or message.volume or 'no page known'}")
    yield from _known("Message-ID", message.message_id)
    yield from _known("Address", message_address(message.list, message.thread or message.id, message.id))
    for part in message.attachments:
        yield from _known("Attachment", _attachment(part))
    yield ""
    for stretch in stretches(message.body, endings):
        for line in harmless(message.body[stretch.start : stretch.end]).rstrip("\n").split("\n"):
            yield click.style(line, dim=stretch.kind in DIM)
    yield _rule()


def _rule() -> str:
    return click.style(RULE * min(columns(), 78), dim=True)


def _known(name: str, value: str | None) -> Iterator[str]:
    if value:
        yield f"{click.style(f'{name}:', fg='blue')} {_line(value)}"


def _attachment(part: Attachment) -> str:
    size = None if part.size is None else f"{part.size:,} bytes"
    return ", ".join(filter(None, (shown_name(part.name) or "without a name", part.type, size, part.status)))
