"""The published site held against its manifest: every page has to be what was published, of what there is now.

Every file is read once. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.config import Config
from crawler.findings import SITE, SITE_ANEW, Finding, some
from crawler.store import Store
from indexer.site.build import SITE as FOLDER
from indexer.site.build import state_of
from indexer.site.leaks import scan
from indexer.site.publish import Manifest, SiteFolder, digest
from indexer.site.urls import PACK


@dataclass
class Looked:
    """How much of a site was looked at."""

    files: int = 0
    bytes: int = 0


def check_site(config: Config, store: Store | None, looked: Looked) -> Iterator[Finding]:
    """Look whether a site is there, whole, nowhere edited, and made of the store's messages; `looked` is filled."""
    root = config.folder / FOLDER
    folder = SiteFolder(root)
    if not root.exists():
        yield Finding("site", "Nothing is published yet.", SITE, fault=False)
        return
    held = folder.manifest()
    if not held.pages:
        yield Finding("site", "The site has no index.html or no readable site.json, so nothing tells what it is.", SITE)
        return
    if folder.unfinished:
        yield Finding("site", "A run that made the site was killed, or goes on.", SITE)
    elif store and held.state != state_of(config, store):
        yield Finding("site", "The site is behind the archive, its settings or this Hamelin.", SITE)
    yield from _check_files(folder, held, looked)


def _check_files(folder: SiteFolder, held: Manifest, looked: Looked) -> Iterator[Finding]:
    published = _published(held)
    missing, edited = [], []
    for path, digests in published.items():
        try:
            data = (folder.root / path).read_bytes()
        except OSError:
            missing.append(path)
            continue
        looked.files, looked.bytes = looked.files + 1, looked.bytes + len(data)
        if digest(data) not in digests:
            edited.append(path)
    shaped = set(folder.left_over())
    strangers = [path for path in files_of(folder.root) if path not in published]
    for paths, what in (
        (missing, "files of the site are missing"),
        (edited, "files of the site are not what was published"),
        ([path for path in strangers if path in shaped], "files of the site are shaped like ours and not published"),
    ):
        if paths:
            yield Finding("site", f"{len(paths):,} {what}: {some(paths)}.", SITE_ANEW)
    if others := [path for path in strangers if path not in shaped]:
        what = f"{len(others):,} files stand in the site that Hamelin did not write and leaves alone: {some(others)}."
        yield Finding("site", what, fault=False)


def _published(held: Manifest) -> dict[str, set[str]]:
    """Give the digests that each published file may have: lists that share a file can decode it differently."""
    found: dict[str, set[str]] = {}
    for path, page in held.pages.items():
        found.setdefault(path, set()).add(page.digest)
        for file, its_digest in page.files.items():
            found.setdefault(file, set()).add(its_digest)
    return found


def files_of(root: Path) -> list[str]:
    """Name the files of a site, those of its search pack left out."""
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.startswith(f"{PACK}/"))


def check_addresses(config: Config, store: Store) -> Iterator[Finding]:
    """Scan the whole site for addresses that it must not show."""
    root = config.folder / FOLDER
    if config.publish_addresses or not root.exists():
        return
    leaks = scan(root, files_of(root), store.senders())
    if leaks:
        what = f"Addresses can be read in {len(leaks):,} files of the site: {some(leak.path for leak in leaks)}."
        yield Finding("site", what, SITE_ANEW)
