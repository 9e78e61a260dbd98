"""`hamelin export`: the messages of an archive as records, as mails, or as a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

import click

from crawler.errors import UsageError
from crawler.mails import Shelf
from crawler.message import Message
from crawler.parse.restored import as_sent
from crawler.store import Store
from crawler.warc import WarcReader
from indexer.cli import FULL, Session
from indexer.completion import complete_list
from indexer.mbox import mail
from indexer.opening import open_store
from indexer.parquet import write_parquet
from indexer.rethread import fresh_keys

FORMS = ("jsonl", "mbox", "parquet")


@click.command("export")
@click.option("--format", "form", type=click.Choice(FORMS), default="jsonl", show_default=True, help="How to write.")
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="Only this list's messages.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of the output.")
@click.pass_obj
def command(session: object, form: str, list_name: str | None, output: Path | None) -> None:
    """Write all messages to standard output or a file, in the archive's order.

    jsonl: each line is one message with every field of docs/formats.md. mbox: mails that any mail program
    reads, with their files. parquet: one table of the same fields. Addresses are as the archive shows them.

    \b
    Example:
      hamelin export --format mbox --output kitchen.mbox
    """
    with open_store(session) as store, WarcReader(cast("Session", session).archive) as reader:
        names = [known.name for known in store.lists()]
        if list_name is not None and list_name not in names:
            raise UsageError(f"There is no list {list_name!r}.", hint=f"There are: {', '.join(names) or 'none yet'}.")
        if form == "parquet" and output is None and sys.stdout.isatty():
            raise UsageError("A table is nothing for a terminal.", hint="Say --output FILE.")
        chosen = [list_name] if list_name is not None else names
        messages = (message for name in chosen for message in _messages(store, name))
        with _opened(output) as file:
            if form == "parquet":
                write_parquet(messages, file)
            else:
                shelf = Shelf(store, reader.payload)
                file.writelines(_line(one) if form == "jsonl" else _mail(one, shelf) for one in messages)


def write_mails(session: Session, ids: Iterable[str]) -> None:
    """Write these messages to standard output as mails, in this order; one that is gone by now is left out."""
    with open_store(session) as store, WarcReader(session.archive) as reader:
        shelf = Shelf(store, reader.payload)
        found = (message for id in ids if (message := store.message(id)))
        sys.stdout.buffer.writelines(_mail(message, shelf) for message in found)
        sys.stdout.buffer.flush()


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Give the standard output, or a file that gets its name when it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = output.with_name(output.name + ".new")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(output)
    except OSError as error:
        if error.errno in FULL:
            raise  # which is said where all commands say it
        raise UsageError(f"{output} cannot be written: {error.strerror}.", hint="Name another file.") from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _messages(store: Store, list_name: str) -> Iterator[Message]:
    keys = fresh_keys(store, list_name)
    for message in store.messages(list_name):
        yield replace(message, thread=keys[message.id]) if message.id in keys else message


def _line(message: Message) -> bytes:
    return (json.dumps(message.as_record(), ensure_ascii=False) + "\n").encode("utf-8")


def _mail(message: Message, shelf: Shelf) -> bytes:
    held = [(part.kind, shelf.file(part, message.list_url)) for part in message.attachments]
    return mail(message, [None if data is None else as_sent(kind, data) for kind, data in held])
