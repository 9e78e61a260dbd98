"""What is new for a search that is asked again: the messages it found before, kept for each query.

`searches.json` in the archive's folder maps a query's text to the ids that it found. Ids stay for ever, so that
neither a rebuilt index nor a message read better makes old mail new.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path

from crawler.errors import ArchiveTrouble

FILE = "searches.json"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def seen(archive: Path, query: str) -> frozenset[str]:
    """Give the ids that a query found when it was last asked for news; ArchiveTrouble at a file that is damaged."""
    return frozenset(_read(archive).get(query, ()))


def remember(archive: Path, query: str, ids: frozenset[str]) -> None:
    """Keep what a query has found by now, in place of what it had; ArchiveTrouble where that cannot be written.

    Of two queries that are asked at once none forgets the other: the file is locked, and not the archive, so that news
    can be asked for during a crawl.
    """
    path = archive / FILE
    try:
        while not _replace(archive, path, query, ids):
            pass  # another one took the file's place while we waited for it
    except OSError as error:
        if error.errno in FULL:
            raise  # which is said where all commands say it
        hint = "What was shown counts as new once more."
        raise ArchiveTrouble(f"{path} cannot be written: {error.strerror}.", hint=hint) from error


def _replace(archive: Path, path: Path, query: str, ids: frozenset[str]) -> bool:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return False
        kept = _read(archive) | {query: sorted(ids)}
        beside = path.with_name(f"{FILE}.new")
        beside.write_text(json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=0) + "\n", "utf-8")
        os.replace(beside, path)
        return True


def _read(archive: Path) -> dict[str, list[str]]:
    path = archive / FILE
    try:
        text = path.read_text("utf-8")
        kept = json.loads(text or "{}")  # empty where it was made a moment ago
        return {str(query): [str(id) for id in ids] for query, ids in kept.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ArchiveTrouble(f"{path} cannot be read: {error.strerror}.", hint="Mend its permissions.") from error
    except (ValueError, TypeError, AttributeError) as error:
        hint = "Delete it: all that searches find then counts as new once more."
        raise ArchiveTrouble(f"{path} cannot be read: {error}.", hint=hint) from error
