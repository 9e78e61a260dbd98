"""Writing the search pack of an index into a site; what has not changed is left as it is.

    search/top.js       what a browser reads first: lists, stretches, where shards begin
    search/FOLDER/*.js  a stretch, never changed: its folder is named by a digest of all that is in it

A stretch is made in a folder of its own that gets its name when it is whole; then the top is replaced, and
then what it no longer names is taken away: a kill leaves the old pack or the new one. The same index
makes the same bytes. Beside the index is remembered which stretch was made of which segments.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from indexer.generations import INDEX_FOLDER
from indexer.pack import documents, source
from indexer.pack.coding import script
from indexer.pack.terms import File, TermFiles
from indexer.search import SearchIndex, assert_whole, searched
from indexer.site.urls import PACK, list_folder

FORMAT: Final = 2
TOP: Final = "top.js"
MADE: Final = "pack.json"  # in the index's folder: of what the stretches in service were made
NEW: Final = "new"  # the folder of a stretch that is being made

Described = dict[str, Any]


def write(archive: Path, site: Path, *, full: bool = False) -> list[str]:
    """Bring the search pack of a site up to the archive's index; give the files that were written, below the site.

    `full` looks into every file that is there already. ArchiveTrouble when there is no index, or it is damaged
    where the pack has to be made of it.
    """
    folder = site / PACK
    folder.mkdir(parents=True, exist_ok=True)
    return searched(archive, lambda index: _write(archive, index, folder, full=full))


def _write(archive: Path, index: SearchIndex, folder: Path, *, full: bool) -> list[str]:
    shutil.rmtree(folder / NEW, ignore_errors=True)
    lists = {name: number for number, name in enumerate(sorted(index.state.languages))}
    remembered = remembered_stretches(archive)
    made: dict[str, Described] = {}
    written: list[str] = []
    for stretch in source.stretches(index):
        key = key_of(stretch.made_of, lists)
        described = remembered.get(key)
        if described is None or not _is_whole(folder, described, full=full):
            assert_whole(archive, index.state, stretch.made_of)
            described = _write_stretch(folder, stretch, lists, written, full=full)
        made[key] = described
    top = _top(index.state.languages, [described["top"] for described in made.values()])
    if _replace(folder / TOP, script(top)):
        written.append(f"{PACK}/{TOP}")
    _replace(archive / INDEX_FOLDER / MADE, json.dumps(made).encode())
    _take_away(folder, {described["top"]["folder"] for described in made.values()})
    return written


def _write_stretch(
    folder: Path, stretch: source.Stretch, lists: Mapping[str, int], written: list[str], *, full: bool
) -> Described:
    """Write a stretch, unless there is one already that is the same to the byte."""
    new = folder / NEW
    new.mkdir()
    terms = TermFiles()
    names: list[str] = []
    for name, data in _files(stretch, lists, terms):
        content = script(data)
        (new / f"{name}.js").write_bytes(content)
        names.append(name)
    name = digest_of_stretch(new)
    top = {"folder": name, "messages": stretch.messages, "starts": terms.starts}
    described = {"top": top, "files": len(names)}
    if _is_whole(folder, described, full=full):
        shutil.rmtree(new)
    else:
        shutil.rmtree(folder / name, ignore_errors=True)
        new.rename(folder / name)
        written += [f"{PACK}/{name}/{file}.js" for file in names]
    return described


def _files(stretch: source.Stretch, lists: Mapping[str, int], terms: TermFiles) -> Iterator[File]:
    yield from terms.files(source.entries(stretch))
    records = list(source.records(stretch, lists))
    yield from documents.record_files(records)
    yield documents.days_file([record.date for record in records])
    yield from documents.key_files(list(source.keys(stretch, records, sorted(lists))))
    for field in source.NAME_FIELDS:
        yield documents.names_file(field, source.names(stretch, field))


def _top(languages: Mapping[str, str], stretches: list[Described]) -> bytes:
    lists = [{"name": name, "folder": list_folder(name), "language": languages[name]} for name in sorted(languages)]
    top = {"format": FORMAT, "lists": lists, "stretches": stretches}
    return json.dumps(top, ensure_ascii=False, separators=(",", ":")).encode()


def key_of(made_of: Sequence[str], lists: Iterable[str]) -> str:
    """Give the key under which a stretch that is made of these segments is remembered."""
    return _digest([FORMAT, made_of, sorted(lists)])


def digest_of_stretch(folder: Path) -> str:
    """Give the name that a stretch's folder has to have: a digest of its files, whatever it is called now."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*")):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _is_whole(folder: Path, described: Described, *, full: bool) -> bool:
    """Say whether a stretch is there with all its files; with `full`, whether they are what they were."""
    name = described["top"]["folder"]
    with suppress(FileNotFoundError):
        whole = sum(1 for _ in os.scandir(folder / name)) == int(described["files"])
        return whole and (not full or digest_of_stretch(folder / name) == name)
    return False


def remembered_stretches(archive: Path) -> dict[str, Described]:
    """Give the stretches in service by their keys."""
    return _read_made(archive / INDEX_FOLDER / MADE)


def _read_made(path: Path) -> dict[str, Described]:
    with suppress(OSError, ValueError):
        made: dict[str, Described] = json.loads(path.read_text("utf-8"))
        return made
    return {}


def _replace(path: Path, content: bytes) -> bool:
    """Give a file this content at once or not at all; say whether it had another."""
    if path.exists() and path.read_bytes() == content:
        return False
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    beside.replace(path)
    return True


def _take_away(folder: Path, kept: set[str]) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)
        elif path.is_file() and path.name != TOP:
            path.unlink()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
