"""The texts of an archive's files brought up to its store: what is new is read, what is gone is forgotten.

    attachments of the store ──not held, or by an older reader──▶ processes ──▶ files.sqlite

Before index and site, which only look texts up. An archive that has not changed costs one look.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawler.message import read_attachment
from crawler.store import Store
from indexer.files.reading import STATUSES, File, Status, available
from indexer.files.texts import Key, Texts, damaged, use_of
from indexer.files.uses import bring_up, parts, used

if TYPE_CHECKING:
    from indexer.files.process import Limits

BATCH: Final = 200  # files whose texts are kept at once
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
        bring_up(store)
        wanted = used(store)
        missing = wanted - texts.fresh(failures=not again)
        if missing:
            _read(archive, store, texts, missing, processes or os.cpu_count() or 1, limits)
        texts.forget(wanted)
        texts.gathered = state
        counts = Counter(status for _, status, _ in texts.statuses())
    return Report(len(wanted), len(missing), {name: counts[name] for name in STATUSES if counts[name]})


def _read(
    archive: Path, store: Store, texts: Texts, missing: Collection[Key], processes: int, limits: Limits | None
) -> None:
    """Read files in processes that may die, and keep what came of them."""
    from crawler.mails import Shelf  # new mail has no file mostly, and these take long to import
    from crawler.warc import WarcReader
    from indexer.files.process import USUAL, read_files

    lists = {known.name: known for known in store.lists()}
    keys: list[Key] = []
    with WarcReader(archive) as reader:
        shelf = Shelf(store, reader.payload)

        def tasks() -> Iterator[tuple[str, File]]:
            for key, name, part in parts(store, missing):
                data = shelf.file(part, lists[name].url)
                keys.append(key)
                if data is not None:
                    yield str(len(keys) - 1), File(part.kind, part.type, lists[name].charset, data)

        readings = read_files(tasks(), min(processes, 1 + len(missing) // WORTH_A_PROCESS), limits or USUAL)
        while batch := list(islice(readings, BATCH)):
            texts.keep((keys[int(name)], reading) for name, reading in batch)


def has_files(store: Store) -> bool:
    """Say whether any message has an attachment whose bytes are held."""
    rows = store.db.execute("SELECT attachments FROM attached WHERE attachments <> '[]'")
    return any(use_of(read_attachment(part)) for (found,) in rows for part in json.loads(found))


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
