"""Publishing: the site built, the search pack beside it, and all that is new in both scanned for addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from crawler.config import Config
from crawler.runs import RunReport
from crawler.store import Store
from indexer import generations
from indexer.generations import INDEX_FOLDER
from indexer.pack import read, write
from indexer.site.build import SITE, Report, build_site
from indexer.site.leaks import Known, Leak, leaks_in, scan
from indexer.site.publish import SiteFolder
from indexer.site.urls import PACK


@dataclass(frozen=True, slots=True)
class Publication:
    """What came of publishing: the build, files of the pack written, addresses found.

    `index` tells of the index that the pack was made of: "none", "behind" the store, or "current".
    """

    report: Report
    pack: tuple[str, ...]
    leaks: tuple[Leak, ...]
    index: str


def publish(
    config: Config, store: Store, *, full: bool = False, leak_scan: bool = True, run: RunReport | None = None
) -> Publication:
    """Bring site and pack up to the store; the caller holds the archive's lock and has made the threads.

    With `leak_scan` what was written since the last scan is looked through, with `full` everything is.
    `run` is the run that this is a part of, if any.
    """
    report = build_site(config, store, full=full, run=run)
    folder = SiteFolder(config.folder / SITE)
    held = generations.newest(config.folder / INDEX_FOLDER)
    pack = tuple(write.write(config.folder, folder.root, full=full)) if held else ()
    index = "none" if held is None else "current" if held.revision == store.revision() else "behind"
    leaks: tuple[Leak, ...] = ()
    if leak_scan and not config.publish_addresses:
        leaks = _leaks(folder, store, pack, full=full)
    return Publication(report, pack, leaks, index)


def _leaks(folder: SiteFolder, store: Store, pack: tuple[str, ...], *, full: bool) -> tuple[Leak, ...]:
    """Scan what is new and what was suspect before; what is found stays suspect."""
    manifest = folder.manifest()
    suspect = {*pack, *manifest.suspect}
    if full:
        suspect |= set(_files(folder.root))
    if not suspect:
        return ()
    senders = store.senders()
    found = scan(folder.root, [path for path in suspect if _is_plain(folder.root, path)], senders)
    if any(path.startswith(f"{PACK}/") for path in suspect):
        found += leaks_in(read.texts(folder.root, suspect), Known.of(senders))
    folder.finish(replace(manifest, suspect=tuple(sorted({leak.path for leak in found}))))
    return tuple(found)


def _files(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def _is_plain(root: Path, path: str) -> bool:
    return not path.startswith(f"{PACK}/") and (root / path).is_file()
