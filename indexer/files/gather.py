"""The texts of an archive's files brought up to its store: what is new is read, what is gone is forgotten.

    attachments of the store ──not held, or by an older reader──▶ processes ──▶ files.sqlite

Before index and site, which only look texts up. An archive that has not changed costs one look.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawler.message import Attachment, read_attachment
from crawler.store import Store
from indexer.files.reading import STATUSES, File, Status, available
from indexer.files.texts import Key, Texts, damaged, key_of

if TYPE_CHECKING:
    from crawler.mails import Shelf
    from indexer.files.process import Limits

BATCH: Final = 200  # files whose texts are kept at once
HELD: Final = ('%"sha256": "%', '%"sha256":"%')  # in JSON, of attachments whose bytes are held; of others it is null
WORTH_A_PROCESS: Final = 200  # files, from which on a second process saves time


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did: files of the archive, files read now, and how many of all have which status."""

    files: int
    read: int
    statuses: dict[Status, int]


def gather(
    archive: Path,
    store: Store,
    *,
    again: bool = False,
    verify: bool = False,
    processes: int | None = None,
    limits: Limits | None = None,
) -> Report | None:
    """Read the text of each file that was not read yet; None where nothing has changed since the last time.

    With `again` those too that took too long or whose process died; to `verify` all that is kept is looked at, and
    read again where it is damaged. The caller holds the archive's lock.
    """
    state = _state(store)
    with _texts(archive, verify) as texts:
        if texts.gathered == state and not again:
            return None
        wanted = _wanted(store)
        fresh = texts.fresh(failures=not again)
        missing = {key: file for key, file in wanted.items() if key not in fresh}
        if missing:
            _read(archive, store, texts, missing, processes or os.cpu_count() or 1, limits)
        texts.forget(set(wanted))
        texts.gathered = state
        counts = Counter(status for _, status, _ in texts.statuses())
    return Report(len(wanted), len(missing), {name: counts[name] for name in STATUSES if counts[name]})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file whose text is wanted: its list's URL and charset, and the first attachment that has it."""

    list_url: str
    charset: str | None
    part: Attachment


def _read(
    archive: Path, store: Store, texts: Texts, missing: dict[Key, _Wanted], processes: int, limits: Limits | None
) -> None:
    """Read files in processes that may die, and keep what came of them."""
    from crawler.mails import Shelf  # new mail has no file mostly, and these take long to import
    from crawler.warc import WarcReader
    from indexer.files.process import USUAL, read_files

    keys = list(missing)
    with WarcReader(archive) as reader:
        shelf = Shelf(store, reader.payload)
        tasks = ((str(place), file) for place, key in enumerate(keys) if (file := _file(missing[key], shelf)))
        readings = read_files(tasks, min(processes, 1 + len(keys) // WORTH_A_PROCESS), limits or USUAL)
        while batch := list(islice(readings, BATCH)):
            texts.keep((keys[int(name)], reading) for name, reading in batch)


def has_files(store: Store) -> bool:
    """Say whether any message has an attachment whose bytes are held."""
    return any(key_of(part, None) for _, part in _attachments(store))


def is_behind(archive: Path, store: Store) -> bool:
    """Say whether the files of another state of the archive were read; ArchiveTrouble where their texts are damaged."""
    with Texts.open(archive) as texts:
        if texts.is_damaged():
            raise damaged("not all is as it was kept")
        return texts.gathered != _state(store)


def _texts(archive: Path, verify: bool) -> Texts:
    texts = Texts.open(archive, anew=True)
    if not (verify and texts.is_damaged()):
        return texts
    texts.close()
    return Texts.empty(archive)


def _state(store: Store) -> str:
    told = repr((store.revision(), sorted(available().items()), store.lists()))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _wanted(store: Store) -> dict[Key, _Wanted]:
    """Give the files of all messages, each once, in the archive's order: files of one WARC then come in a row."""
    lists = {known.name: known for known in store.lists()}
    found: dict[Key, _Wanted] = {}
    for name, part in _attachments(store):
        known = lists[name]
        if (key := key_of(part, known.charset)) and key not in found:
            found[key] = _Wanted(known.url, known.charset, part)
    return found


def _attachments(store: Store) -> Iterator[tuple[str, Attachment]]:
    """Give the attachments of messages of which any is held, each with its list's name, in the archive's order."""
    sql = (
        "SELECT list, attachments FROM attached WHERE attachments LIKE ? OR attachments LIKE ?"
        " ORDER BY list, starts, volume, ordinal"
    )
    for name, parts in store.db.execute(sql, HELD):
        yield from ((name, read_attachment(part)) for part in json.loads(parts))


def _file(wanted: _Wanted, shelf: Shelf) -> File | None:
    part = wanted.part
    data = shelf.file(part, wanted.list_url)
    return None if data is None else File(part.kind, part.type, wanted.charset, data)
