"""`hamelin export`: the messages of an archive as records, one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace

import click

from crawler.errors import UsageError
from crawler.message import Message
from crawler.store import Store
from indexer.completion import complete_list
from indexer.opening import open_store
from indexer.rethread import fresh_keys


@click.command("export")
@click.option(
    "--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True, help="How to write."
)
@click.option("--list", "list_name", shell_complete=complete_list, help="Only this list's messages.")
@click.pass_obj
def command(session: object, form: str, list_name: str | None) -> None:
    """Write all messages to standard output, in the archive's order.

    Each line is one message with every field of docs/formats.md, addresses as the archive shows them.

    \b
    Example:
      hamelin export --format jsonl | head -n 1 | python3 -m json.tool
    """
    del form  # the only one so far
    with open_store(session) as store:
        names = [known.name for known in store.lists()]
        if list_name is not None and list_name not in names:
            raise UsageError(f"There is no list {list_name!r}.", hint=f"There are: {', '.join(names) or 'none yet'}.")
        for name in [list_name] if list_name is not None else names:
            for message in _messages(store, name):
                line = json.dumps(message.as_record(), ensure_ascii=False) + "\n"
                sys.stdout.buffer.write(line.encode("utf-8"))
    sys.stdout.buffer.flush()


def _messages(store: Store, list_name: str) -> Iterator[Message]:
    keys = fresh_keys(store, list_name)
    for message in store.messages(list_name):
        yield replace(message, thread=keys[message.id]) if message.id in keys else message
