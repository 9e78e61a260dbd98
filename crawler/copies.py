"""Copies of archives that lie on disk: which lists they hold, under which address each stood, and their files.

A copy is a folder: Mailman's own archives/private/LIST, or what `wget --mirror` or HTTrack made, with folders
named for hosts. What the paths mean follows from the shapes that pipermail gives them. Files are read one
at a time, by `CopiedList.read`; what becomes of them is decided in imports.py.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from crawler.pages import PAGE_NAME, TEXT_NAME, read_list_index
from crawler.parse.dates import volume_span
from crawler.parse.volume_text import unpack
from crawler.warc_records import Answer

LIST_INDEX, VOLUME_INDEX = "index.html", "thread.html"
ATTACHMENTS = "attachments"
# A folder that a mirroring tool named for a host: `lists.example.org`, with a port as each of them writes it.
HOST_FOLDER = re.compile(r"((?:[a-z0-9-]+\.)+(?:[a-z]{2,}|\d{1,3})|localhost)(?:[:+_](\d{1,5}))?\Z", re.IGNORECASE)
# Folders that stand between a host's and a list's; without one of them a host's name needs a port to be believed.
ARCHIVE_FOLDERS = frozenset({"pipermail", "private", "archives", "archive", "mailman"})
# The address of a scrubbed file, in a text or page: what stands before is the list's (Scrubber.py).
FILE_ADDRESS = re.compile(rb"(https?://[^\s<>\"]+/)attachments/\d{8}/[0-9a-f]{8}/")
LOOK_WITHIN = 8  # texts, newest first, in which an address is looked for


@dataclass(frozen=True, slots=True)
class CopiedList:
    """A list that a copy holds: its folder's name, its address as far as the copy tells, its files by path below it.

    `read` gives a file by its path, as the answer of an address. The list's own index has the path "".
    """

    name: str
    url: str | None
    paths: Mapping[str, object] = field(repr=False)
    read: Callable[[str, str], Answer] = field(repr=False)

    @property
    def volumes(self) -> list[str]:
        """Name the volumes that the copy has anything of, oldest first."""
        names = {volume for path in self.paths if (volume := volume_of(path))}
        return sorted(names, key=lambda name: (_starts(name), name))


def volume_of(path: str) -> str | None:
    """Give the volume that a path below a list's belongs to; None for files that no path tells of.

    >>> volume_of("2004-May/000722.html"), volume_of("2004-May.txt.gz"), volume_of("attachments/20040501/0a/x.obj")
    ('2004-May', '2004-May', None)
    """
    folder, slash, _ = path.partition("/")
    match = TEXT_NAME.match(path) if not slash else None
    name = folder if slash else match["volume"] if match else ""
    return name if volume_span(name) is not None else None


def _starts(volume: str) -> int:
    span = volume_span(volume)
    return span[0] if span else 0


def lists_in(root: Path) -> list[CopiedList]:
    """Find the lists in a folder, by the folders and texts that are named as volumes are; one text can stand alone."""
    if root.is_file():
        if volume_of(root.name) is None:
            return []
        paths = {root.name: root}
        return [CopiedList(root.absolute().parent.name, None, paths, _reader(paths))]
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        paths = _paths(Path(folder), subfolders, names, root)
        if any(volume_of(path) for path in paths):
            subfolders.clear()  # what lies below is this list's
            here = Path(folder).absolute()
            found.append(CopiedList(here.name, _address(here, paths), paths, _reader(paths)))
    return found


def _paths(folder: Path, subfolders: list[str], names: list[str], root: Path) -> dict[str, Path]:
    """Give the files of a folder that are a list's: its index, texts, and what the volumes' folders hold."""
    texts = [name for name in names if volume_of(name)]
    volumes = [name for name in subfolders if volume_span(name) is not None and _is_volume(folder / name)]
    if not texts and not volumes:
        return {}
    paths = {name: folder / name for name in texts}
    if LIST_INDEX in names:
        paths[""] = folder / LIST_INDEX
    for volume in volumes:
        paths |= {f"{volume}/{path.name}": path for path in _pages(folder / volume)}
        if f"{volume}/{VOLUME_INDEX}" not in paths and (folder / volume / LIST_INDEX).exists():
            paths[f"{volume}/{VOLUME_INDEX}"] = folder / volume / LIST_INDEX  # the same page, as the archive links it
    paths |= {path.relative_to(folder).as_posix(): path for path in _below(folder / ATTACHMENTS)}
    inside = root.resolve()
    return {name: path for name, path in paths.items() if path.resolve().is_relative_to(inside)}


def _is_volume(folder: Path) -> bool:
    return next(_pages(folder), None) is not None or (folder / LIST_INDEX).exists()


def _pages(folder: Path) -> Iterator[Path]:
    """Give a volume's thread index and numbered pages."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name == VOLUME_INDEX or PAGE_NAME.match(entry.name):
                yield Path(entry.path)


def _below(folder: Path) -> Iterator[Path]:
    for here, subfolders, names in os.walk(folder):
        subfolders.sort()
        yield from (Path(here) / name for name in sorted(names))


def _reader(paths: Mapping[str, Path]) -> Callable[[str, str], Answer]:
    """Make the way to a folder's files.

    All of them count as seen when the newest was written: one mirroring run made the copy, and what it
    did not write anew had not changed. A file's own time would say only when it changed last.
    """
    newest = max((path.stat().st_mtime for path in paths.values()), default=0.0)
    seen = float(int(max(0.0, min(newest, time.time()))))

    def read(path: str, url: str) -> Answer:
        return Answer(url, 200, b"", paths[path].read_bytes(), b"", seen)

    return read


def _address(folder: Path, paths: Mapping[str, Path]) -> str | None:
    """Say where a list stood: by the folders that are named for hosts, else by its files' addresses, else its pages."""
    by_folder, by_content = _by_folders(folder.parts), _by_content(folder.name, paths)
    if by_folder is None or by_content is None:
        return by_folder or by_content
    secure = by_content.startswith("https:") and urlsplit(by_content).hostname == urlsplit(by_folder).hostname
    return by_folder.replace("http:", "https:", 1) if secure else by_folder


def _by_folders(parts: tuple[str, ...]) -> str | None:
    """Make an address of the folders from one that is named for a host on.

    >>> _by_folders(("/", "mirror", "lists.example.org", "pipermail", "kitchen"))
    'http://lists.example.org/pipermail/kitchen/'
    """
    for at in range(len(parts) - 2, -1, -1):
        match = HOST_FOLDER.match(parts[at])
        if match and (match[2] or ARCHIVE_FOLDERS & {part.lower() for part in parts[at + 1 : -1]}):
            host = match[1] + (f":{match[2]}" if match[2] else "")
            return f"http://{host}/{'/'.join(quote(part) for part in parts[at + 1 :])}/"
    return None


def _by_content(name: str, paths: Mapping[str, Path]) -> str | None:
    """Learn an address from the addresses of scrubbed files, else from the link to the list's own page."""
    texts = sorted((path for path in paths if TEXT_NAME.match(path)), key=lambda path: _starts(volume_of(path) or ""))
    for text in reversed(texts[-LOOK_WITHIN:]):
        for match in FILE_ADDRESS.finditer(unpack(paths[text].read_bytes()).data):
            address = match[1].decode("latin-1")
            if address.rstrip("/").rpartition("/")[2].lower() == name.lower():
                return address
    if "" in paths and (listinfo := read_list_index(paths[""].read_bytes(), "http://x/").listinfo):
        place = urlsplit(listinfo)
        if place.hostname != "x":
            return f"{place.scheme}://{place.netloc}/pipermail/{quote(name)}/"
    return None
