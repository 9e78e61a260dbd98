"""`hamelin move`: a list's archive has a new address."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from crawler.ingest import ingest
from crawler.links import list_url
from crawler.moves import move
from crawler.warc import WarcReader
from indexer.commands.remove import publish_again
from indexer.opening import open_store

if TYPE_CHECKING:
    from indexer.cli import Session


@click.command("move")
@click.argument("name", metavar="LIST")
@click.argument("url", metavar="NEW-URL")
@click.pass_context
def command(ctx: click.Context, name: str, url: str) -> int:
    """Tell the archive that a list's host changed; nothing is asked of any server.

    What was fetched under the old address counts as held under the new one: ids, addresses of the site and
    closed volumes stay as they are. The old address stays in hamelin.toml as `former`: attachments that the new
    host lacks are looked for there.

    \b
    Example:
      hamelin move kitchen https://mail.example.net/pipermail/kitchen/
    """
    session: Session = ctx.obj
    with session.lock(), closing(open_store(session)) as store, WarcReader(session.archive) as reader:
        moved = move(session.archive, store, name, list_url(url))
        ingest(store, reader.payload)
    session.reread()
    session.say(f"{moved.name} is at {moved.url} now. Next: hamelin update")
    return publish_again(ctx)
