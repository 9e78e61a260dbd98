"""What several commands begin with: an archive's database, opened for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from crawler.errors import ArchiveTrouble
from crawler.store import DATABASE, Store

if TYPE_CHECKING:
    from indexer.cli import Session


def open_store(session: object) -> Store:
    """Open the archive that the command line names; ArchiveTrouble where there is none."""
    folder = cast("Session", session).archive
    if not (folder / DATABASE).exists():
        from crawler.warc import files  # of use where something is missing

        if files(folder):
            raise ArchiveTrouble(
                f"{folder / DATABASE} is missing.", hint="Run `hamelin reparse --write`: it is made again from warc/."
            )
        raise ArchiveTrouble(f"{folder} is no archive yet.", hint="Begin one with `hamelin update URL`.")
    return Store.open(folder)
