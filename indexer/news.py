"""What is new for a search that is asked again: the messages it found before, kept for each query.

`searches.json` in the archive's folder maps a query's text to the ids that it found. Ids stay for ever, so that
neither a rebuilt index nor a message read better makes old mail new.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from crawler.errors import ArchiveTrouble

FILE = "searches.json"


def seen(archive: Path, query: str) -> frozenset[str]:
    """Give the ids that a query found when it was last asked for news; ArchiveTrouble at a file that is damaged."""
    return frozenset(_read(archive).get(query, ()))


def remember(archive: Path, query: str, ids: frozenset[str]) -> None:
    """Keep what a query has found by now, in place of what it had."""
    kept = _read(archive) | {query: sorted(ids)}
    path = archive / FILE
    beside = path.with_name(f"{FILE}.new")
    beside.write_text(json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=0) + "\n", "utf-8")
    os.replace(beside, path)


def _read(archive: Path) -> dict[str, list[str]]:
    path = archive / FILE
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        hint = "Delete it: all that searches find then counts as new once more."
        raise ArchiveTrouble(f"{path} cannot be read: {error}.", hint=hint) from error
    return {str(query): [str(id) for id in ids] for query, ids in kept.items()}
