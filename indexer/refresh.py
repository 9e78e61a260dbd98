"""Bringing an index up to the store: which segments stay, which are made anew, and the change from one to the other.

    headings ──in order──▶ segments of today ──digest──▶ those in service stay
                                                └──────▶ the others are built beside, on all cores
    new generation ──▶ verified, in service ──▶ what it replaces is taken away

A kill at any moment leaves the generation that was in service, or the new one; what else lies
about is taken away by the next run. Segments with damaged files are made anew, and no others. When the store
has not changed and nothing is damaged, nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.config import Config
from crawler.store import Store
from indexer import generations
from indexer.files.mentions import published_otherwise
from indexer.files.reading import available
from indexer.generations import FORMAT_VERSION, INDEX_FOLDER, Mark, Segment, State
from indexer.places import digest_of, ids_in_places, in_places, place
from indexer.redaction import Privacy
from indexer.segments import Range, segments
from indexer.senders import REMEMBERED, are_damaged, remembered_privacy
from indexer.tasks import StoreSource, Task, build_all

BUILDING: Final = "building"  # the folder beside the files in service where new segments are made


@dataclass(frozen=True, slots=True)
class Report:
    """What a refresh did: messages in the index, messages read anew, segments in service and segments written.

    `damaged` are the files that were found damaged, and made anew.
    """

    messages: int
    indexed: int
    segments: int
    written: int
    damaged: tuple[str, ...] = ()


Wanted = list[tuple[str, Range]]
"""The segments of today: digest of all they are made of, and which messages of the order they hold."""


def refresh(
    config: Config, store: Store, *, full: bool = False, verify: bool = False, processes: int | None = None
) -> Report:
    """Bring the index of an archive up to its store; `full` makes all of it anew, `verify` reads all that stays.

    The caller holds the archive's lock. `processes` is how many may work at once, by default one a core.
    """
    folder = config.folder / INDEX_FOLDER
    if not folder.is_dir():
        _remove(folder)
    folder.mkdir(parents=True, exist_ok=True)
    held = generations.mendable(folder)
    if held is None or held.format == FORMAT_VERSION:  # else it is of a Hamelin that may still search it meanwhile
        _take_away(folder, held)
    languages, settings = languages_of(config, store), settings_of(config, store)
    current = held is not None and held.format == FORMAT_VERSION and not full
    same = current and held is not None and (held.revision, held.settings) == (store.revision(), settings)
    damaged = _damaged(folder, held, verify=verify, same=same) if held and current else ()
    if held and same and not damaged:
        return Report(held.messages, 0, len(held.segments), 0)
    privacy = remembered_privacy(folder, store.senders(), publish_addresses=config.publish_addresses)
    wanted = _wanted(store)
    stay: dict[str, Segment] = {}
    if held and current and held.settings == settings:
        stay = _staying(config.folder, held, wanted, store, privacy, damaged)
    source = StoreSource(config.folder)
    tasks = [
        Task(source, folder / BUILDING / digest, ids_in_places(store, *some), languages, privacy, digest)
        for digest, some in wanted
        if digest not in stay
    ]
    made = {segment.digest: segment for segment in build_all(tasks, processes or os.cpu_count() or 1)}
    chosen = tuple(made.get(digest) or stay[digest] for digest, _ in wanted)
    exceptions = tuple(sorted(privacy.told))
    generation = generations.next_generation(folder)
    files = _marks(held, stay)
    state = State(generation, store.revision(), settings, languages, exceptions, chosen, files, FORMAT_VERSION)
    put_in_service(folder, state, [task.folder for task in tasks])
    return Report(state.messages, sum(len(task.keys) for task in tasks), len(chosen), len(made), damaged)


def languages_of(config: Config, store: Store) -> dict[str, str]:
    """Give the language of each list: its own, or that of the archive."""
    return {known.name: known.language or config.language for known in store.lists()}


def settings_of(config: Config, store: Store) -> str:
    """Give a digest of all that an index depends on besides its messages."""
    charsets = {known.name: known.charset for known in store.lists()}  # of which the texts of files may be read
    return _digest(FORMAT_VERSION, languages_of(config, store), charsets, config.publish_addresses, available())


def _damaged(folder: Path, held: State, *, verify: bool, same: bool) -> tuple[str, ...]:
    """Name the files in service that are damaged: all are read to `verify`, else those of one segment in turn.

    So a disk that forgets is noticed after as many changes as there are segments; a run without a change reads none.
    """
    read = set(held.files) if verify else set()
    if held.segments and not verify and not same:
        turn = held.segments[held.generation % len(held.segments)]
        read = {name for name in held.files if name.partition(".")[0] == turn.stem}
    remembered = (REMEMBERED,) if verify and are_damaged(folder) else ()
    return (*generations.damaged(folder, held, read=read), *remembered)


def _marks(held: State | None, stay: dict[str, Segment]) -> dict[str, Mark]:
    """Give what is known of the files of the segments that stay."""
    stems = {segment.stem for segment in stay.values()}
    return {name: mark for name, mark in (held.files if held else {}).items() if name.partition(".")[0] in stems}


def _wanted(store: Store) -> Wanted:
    place(store)
    dates, marks = in_places(store)
    return [(digest_of(marks[start:end]), (start, end)) for start, end in segments(dates)]


def _staying(
    archive: Path, held: State, wanted: Wanted, store: Store, privacy: Privacy, damaged: Iterable[str]
) -> dict[str, Segment]:
    """Give the segments in service, by digest, that are whole and hold what they would hold if made today.

    An address that redaction must be told of since, or no longer, can change what is published of
    the messages that mention it, though they are the same.
    """
    touched = published_otherwise(archive, store, privacy, held.exceptions)
    unchanged = {digest for digest, some in wanted if not touched or touched.isdisjoint(ids_in_places(store, *some))}
    broken = {name.partition(".")[0] for name in damaged}
    kept = (segment for segment in held.segments if segment.stem not in broken)
    return {segment.digest: segment for segment in kept if segment.digest in unchanged}


def put_in_service(folder: Path, state: State, built: Iterable[Path]) -> None:
    """Move the segments that were built in these folders beside the others, and put a generation in service.

    Its state is written with the marks of their files, and of the table of contents, in it.
    """
    from indexer import build  # Whoosh takes long to import; often nothing is built

    files = dict(state.files)
    for made in built:
        for path in sorted(path for path in made.iterdir() if path.is_file()):
            build.sync(path)
            files[path.name] = generations.mark_of(path)
            path.rename(folder / path.name)
    segments = [(segment.name, segment.messages) for segment in state.segments]
    contents = build.write_contents(folder / BUILDING, state.generation, segments)
    files[contents.name] = generations.mark_of(contents)
    state = state.changed(files=files)
    build.sync(generations.write(folder, state))
    contents.rename(folder / contents.name)
    build.sync(folder)
    build.check_in_service(folder, state.generation, state.messages)
    _take_away(folder, state)


def _take_away(folder: Path, kept: State | None) -> None:
    """Remove what was being built when a run was killed, and what is of no use any more."""
    _remove(folder / BUILDING)
    for path in generations.leftovers(folder, kept):
        _remove(path)


def _remove(path: Path) -> None:
    """Remove what there is: a file, a link that leads nowhere, or a folder in a file's place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
