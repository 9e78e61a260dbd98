"""Bringing an index up to the store: which segments stay, which are made anew, and the change from one to the other.

    headings ──in order──▶ segments of today ──digest──▶ those in service stay
                                                └──────▶ the others are built beside, on all cores
    new generation ──▶ verified, in service ──▶ what it replaces is taken away

A kill at any moment leaves the generation that was in service, or the new one; what else lies
about is taken away by the next run. When the store has not changed, nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.config import Config
from crawler.store import Store
from indexer import generations
from indexer.files.mentions import mentioning
from indexer.files.reading import available
from indexer.generations import FORMAT_VERSION, INDEX_FOLDER, Segment, State
from indexer.redaction import Privacy
from indexer.segments import segments
from indexer.senders import remembered_privacy
from indexer.tasks import StoreSource, Task, build_all

BUILDING: Final = "building"  # the folder beside the files in service where new segments are made


@dataclass(frozen=True, slots=True)
class Report:
    """What a refresh did: messages in the index, messages read anew, segments in service and segments written."""

    messages: int
    indexed: int
    segments: int
    written: int


Wanted = list[tuple[str, tuple[str, ...]]]
"""The segments of today: digest of all they are made of, ids of their messages, oldest first."""


def refresh(config: Config, store: Store, *, full: bool = False, processes: int | None = None) -> Report:
    """Bring the index of an archive up to its store; `full` makes all of it anew.

    The caller holds the archive's lock. `processes` is how many may work at once, by default one a core.
    """
    folder = config.folder / INDEX_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    held = generations.newest(folder)
    _take_away(folder, held)
    languages, settings = languages_of(config, store), settings_of(config, store)
    today = (store.revision(), settings, FORMAT_VERSION)
    if held and not full and (held.revision, held.settings, held.format) == today:
        return Report(held.messages, 0, len(held.segments), 0)
    privacy = remembered_privacy(folder, store.senders(), publish_addresses=config.publish_addresses)
    wanted = _wanted(store)
    same = held is not None and not full and held.settings == settings
    stay = _staying(config.folder, held, wanted, store, privacy) if held and same else {}
    tasks = [
        Task(StoreSource(config.folder), folder / BUILDING / digest, ids, languages, privacy, digest)
        for digest, ids in wanted
        if digest not in stay
    ]
    made = {segment.digest: segment for segment in build_all(tasks, processes or os.cpu_count() or 1)}
    chosen = tuple(made.get(digest) or stay[digest] for digest, _ in wanted)
    exceptions = tuple(sorted(privacy.told))
    generation = generations.next_generation(folder)
    files = _digests(held, chosen, tasks)
    state = State(generation, store.revision(), settings, languages, exceptions, chosen, files, FORMAT_VERSION)
    put_in_service(folder, state, [task.folder for task in tasks])
    return Report(state.messages, sum(len(task.keys) for task in tasks), len(chosen), len(made))


def languages_of(config: Config, store: Store) -> dict[str, str]:
    """Give the language of each list: its own, or that of the archive."""
    return {known.name: known.language or config.language for known in store.lists()}


def settings_of(config: Config, store: Store) -> str:
    """Give a digest of all that an index depends on besides its messages."""
    charsets = {known.name: known.charset for known in store.lists()}  # of which the texts of files may be read
    return _digest(FORMAT_VERSION, languages_of(config, store), charsets, config.publish_addresses, available())


def _digests(held: State | None, chosen: Sequence[Segment], tasks: Sequence[Task]) -> dict[str, str]:
    """Give the digest of each file of the segments that are chosen: known ones as they are known."""
    stems = {segment.stem for segment in chosen}
    known = {name: digest for name, digest in (held.files if held else {}).items() if name.partition(".")[0] in stems}
    new = {path.name: generations.digest_of(path) for task in tasks for path in sorted(task.folder.iterdir())}
    return {**known, **{name: digest for name, digest in new.items() if digest}}


def order_of(store: Store) -> list[tuple[str, str | None, str, int]]:
    """Give (id, thread, digest, date) of all messages in the order of an index (`indexer.segments.in_order`).

    Dates are in seconds since 1970 UTC, 0 for none. Tens of thousands are asked for at each indexing: so it is the
    database that sorts.
    """
    return store.db.execute(
        "SELECT m.id, m.thread, m.digest, coalesce(CAST(strftime('%s', e.date) AS INTEGER), 0) AS moment"
        " FROM messages m JOIN entries e USING (entry)"
        " ORDER BY moment, m.list DESC, coalesce(e.number, -1) DESC, m.id DESC"
    ).fetchall()


def _wanted(store: Store) -> Wanted:
    order = order_of(store)
    cut = [order[start:end] for start, end in segments([date for *_, date in order])]
    return [(_digest([row[:3] for row in rows]), tuple(row[0] for row in rows)) for rows in cut]


def _staying(archive: Path, held: State, wanted: Wanted, store: Store, privacy: Privacy) -> dict[str, Segment]:
    """Give the segments in service, by digest, that hold what they would hold if made today.

    An address that redaction must be told of since, or no longer, changes what is published of
    the messages that mention it, though they are the same.
    """
    told = privacy.told.symmetric_difference(held.exceptions)
    touched = mentioning(archive, store, told)
    unchanged = {digest for digest, ids in wanted if touched.isdisjoint(ids)}
    return {segment.digest: segment for segment in held.segments if segment.digest in unchanged}


def put_in_service(folder: Path, state: State, built: Iterable[Path]) -> None:
    """Move the segments that were built in these folders beside the others, and put a generation in service."""
    from indexer import build  # Whoosh takes long to import; often nothing is built

    for made in built:
        for path in sorted(path for path in made.iterdir() if path.is_file()):
            build.sync(path)
            path.rename(folder / path.name)
    build.sync(generations.write(folder, state))
    build.put_in_service(folder, state.generation, [(segment.name, segment.messages) for segment in state.segments])
    build.check_in_service(folder, state.generation, state.messages)
    _take_away(folder, state)


def _take_away(folder: Path, kept: State | None) -> None:
    """Remove what was being built when a run was killed, and what is of no use any more."""
    shutil.rmtree(folder / BUILDING, ignore_errors=True)
    for path in generations.leftovers(folder, kept):
        path.unlink()


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
