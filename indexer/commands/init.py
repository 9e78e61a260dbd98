"""`hamelin init`: a folder with a commented hamelin.toml."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crawler.config import SETTINGS_FILE, create
from indexer.cli import Session


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--title", help="The archive's name.")
@click.option("--contact", help="Your mail address or URL; every server that is asked is told it.")
@click.pass_obj
def command(session: Session, folder: Path, title: str | None, contact: str | None) -> None:
    """Make a folder for an archive, with its settings in hamelin.toml, each with a comment.

    A person at a terminal is asked for a title and a contact.

    \b
    Example:
      hamelin init kitchen --title "Cooks' mail" --contact me@example.org
    """
    if sys.stdin.isatty() and not (folder / SETTINGS_FILE).exists():
        title = title or click.prompt("The archive's name", default=folder.name, err=True)
        contact = contact or click.prompt("Who keeps it (mail address or URL; servers are told)", default="", err=True)
    path = create(folder, title=title, contact=contact)
    session.say(f"{path} is yours to edit. Next: hamelin --archive {folder} update URL")
