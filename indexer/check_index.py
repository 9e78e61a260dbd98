"""The search index and its pack held against the archive: each has to be whole, and made of what there is now.

Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.config import Config
from crawler.errors import ArchiveTrouble
from crawler.findings import INDEX, INDEX_ANEW, INDEX_VERIFIED, SITE, SITE_ANEW, Finding, some
from crawler.store import Store
from indexer import generations
from indexer.files.gather import has_files, is_behind
from indexer.files.texts import DATABASE
from indexer.generations import FORMAT_VERSION, INDEX_FOLDER, State
from indexer.pack.read import top
from indexer.pack.source import groups
from indexer.pack.write import TOP, digest_of_stretch, key_of, remembered_stretches
from indexer.refresh import settings_of
from indexer.rethread import stale
from indexer.senders import REMEMBERED, are_damaged
from indexer.site.urls import PACK


def check_index(config: Config, store: Store) -> Iterator[Finding]:
    """Look whether the index is there, whole, and made of the messages that the store has."""
    folder = config.folder / INDEX_FOLDER
    held, newest = generations.mendable(folder), generations.next_generation(folder) - 1
    if held is None:
        if store.count():
            yield Finding("index", "There is no index that is whole, so nothing can be searched.", INDEX)
        return
    if held.format != FORMAT_VERSION:
        yield Finding("index", "The index is of another version of Hamelin.", INDEX)
        return
    if held.generation != newest:
        what = f"Generation {newest} of the index is damaged; {held.generation} is in use."
        yield Finding("index", what, INDEX_VERIFIED)
    if held.revision != store.revision() or any(stale(store, known.name) for known in store.lists()):
        yield Finding("index", f"The index is behind the archive: it holds {held.messages:,} messages.", INDEX)
    elif held.messages != store.count():
        what = f"The index holds {held.messages:,} messages and the archive {store.count():,}."
        yield Finding("index", what, INDEX_ANEW)
    if held.settings != settings_of(config, store):
        yield Finding("index", "The index was made by another Hamelin, or with other settings.", INDEX)
    damaged = [*generations.damaged(folder, held, read=held.files), *[REMEMBERED] * are_damaged(folder)]
    if damaged:
        yield Finding("index", f"Damaged in the index: {some(damaged)}.", INDEX_VERIFIED)


def check_texts(archive: Path, store: Store) -> Iterator[Finding]:
    """Look whether the texts of attachments are whole, and those of the attachments that the store has."""
    if not (archive / DATABASE).exists():
        if has_files(store):
            yield Finding("index", f"{DATABASE}, with the texts of attachments, is missing.", INDEX)
        return
    try:
        if is_behind(archive, store):
            yield Finding("index", "The texts of attachments are behind the archive.", INDEX)
    except ArchiveTrouble as trouble:
        yield Finding("index", trouble.message, INDEX_VERIFIED)


def check_pack(archive: Path, site: Path) -> Iterator[Finding]:
    """Look whether the search pack of a site is whole, and made of the index in service."""
    held = generations.mendable(archive / INDEX_FOLDER)
    if held is None or not (site / PACK).exists():
        if held and site.exists():
            yield Finding("pack", "The site has no search pack.", SITE)
        return
    try:
        stretches: list[dict[str, Any]] = top(site)["stretches"]
    except (OSError, ValueError, KeyError):
        yield Finding("pack", f"{PACK}/{TOP} of the site is damaged or missing.", SITE_ANEW)
        return
    named = {str(stretch["folder"]) for stretch in stretches}
    damaged = [name for name in named if digest_of_stretch(site / PACK / name) != name]
    if damaged:
        yield Finding("pack", f"{len(damaged)} stretches of the search pack are damaged: {some(damaged)}.", SITE_ANEW)
    if extra := {path.name for path in (site / PACK).iterdir()} - named - {TOP}:
        yield Finding("pack", f"The search pack has what it does not name: {some(extra)}.", SITE_ANEW)
    if _made_of_another(archive, held, stretches):
        yield Finding("pack", "The search pack is behind the index.", SITE)


def _made_of_another(archive: Path, held: State, stretches: list[dict[str, Any]]) -> bool:
    made = remembered_stretches(archive)
    keys = [
        key_of([segment.name for segment in held.segments[group]], held.languages) for group in groups(held.segments)
    ]
    return [made[key]["top"] if key in made else None for key in keys] != stretches
