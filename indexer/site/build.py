"""The site made from the store: what has to be made anew, in which order, and what goes.

    skeletons of lists ──compare──▶ thread pages and files (all cores) ──▶ volumes, feeds, overviews
    what is no longer ▶ taken away; then the manifest: the run has happened

Pages whose ingredients are what they were when they were made are neither read nor rendered; of
the others, those whose bytes are the same are not written. A site of an archive that has not
changed costs one look at the manifest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from crawler.config import Config
from crawler.runs import RunReport, reports
from crawler.store import Store
from indexer.fields import FIELDS
from indexer.files.mentions import published_otherwise
from indexer.files.reading import available
from indexer.files.texts import Texts
from indexer.generations import INDEX_FOLDER
from indexer.readable import readable
from indexer.redaction import Privacy
from indexer.senders import remembered_privacy
from indexer.site import urls
from indexer.site.feeds import feed_page, newest
from indexer.site.health import RunLine, health_page, lines_of
from indexer.site.leaks import Known
from indexer.site.outline import ListOutline, read_outline
from indexer.site.overviews import home_page, list_page, not_found_page, search_page
from indexer.site.pages import Link, Page, SiteFacts, Steps
from indexer.site.publish import Manifest, Published, SiteFolder, digest_of, stale
from indexer.site.redirects import maps, moved_pages, old_addresses, removed_page, server_map
from indexer.site.render import STATIC, TEMPLATES, static_files
from indexer.site.thread_pages import ThreadTask
from indexer.site.threads_work import Batch, Made, render_batch, renderer
from indexer.site.volume_pages import volume_pages
from indexer.workers import pool_of

SITE: Final = "site"
BATCH: Final = 150  # messages of a batch, about
WORTH_A_PROCESS: Final = 600  # messages to render, from which on more processes save time
OLD_LINKS_SCRIPT: Final = "old-links.js"  # written into 404.html


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: messages and pages of the site, pages made anew, files written and taken away."""

    messages: int
    pages: int
    rendered: int
    written: tuple[str, ...]
    removed: tuple[str, ...]


def build_site(
    config: Config, store: Store, *, full: bool = False, processes: int | None = None, run: RunReport | None = None
) -> Report:
    """Bring the site of an archive up to its store; `full` makes every page anew.

    The caller holds the archive's lock and has made the threads. `processes` is how many may work at once,
    `run` the run that this is a part of, which is not among the archive's reports yet.
    """
    folder = SiteFolder(config.folder / SITE)
    held = folder.manifest()
    settings = _settings(config)
    lists = store.lists()
    state = state_of(config, store)
    runs = lines_of([*reports(config.folder), *([run] if run else [])])
    if state == held.state and not full and not folder.unfinished:
        return _health_alone(config, store, folder, held, runs)
    privacy = remembered_privacy(
        config.folder / INDEX_FOLDER, store.senders(), publish_addresses=config.publish_addresses
    )
    outlines = [read_outline(store, mailing_list, privacy) for mailing_list in lists]
    left_over = folder.left_over() if folder.unfinished or full else []
    folder.begin()
    reusable = _reusable(config.folder, held, store, privacy, settings, full=full)
    build = _Build(config, store, folder, privacy, outlines, reusable, runs)
    pages = build.run(processes or os.cpu_count() or 1)
    gone = stale((*_paths(held.pages), *left_over), _paths(pages))
    for path in gone:
        folder.remove(path)
    suspect = tuple(sorted({*held.suspect, *folder.written} - set(gone)))
    folder.finish(Manifest(state, settings, tuple(sorted(privacy.told)), pages, suspect))
    messages = sum(len(thread.rows) for outline in outlines for thread in outline.threads)
    return Report(messages, len(pages), build.rendered, tuple(folder.written), tuple(gone))


def _health_alone(
    config: Config, store: Store, folder: SiteFolder, held: Manifest, runs: tuple[RunLine, ...]
) -> Report:
    """Bring the page that tells of runs up to date where no mail has changed; most runs have nothing to tell."""
    before, made_from = held.pages.get(urls.HEALTH), digest_of(runs)
    if before is None or before.made_from == made_from:
        return Report(0, len(held.pages), 0, (), ())
    known = None if config.publish_addresses else frozenset(held.exceptions)
    data = renderer(_facts(config)).render(health_page(store, runs, known))
    page = Published(made_from, folder.write(urls.HEALTH, data))
    suspect = tuple(sorted({*held.suspect, *folder.written}))
    folder.finish(replace(held, pages={**held.pages, urls.HEALTH: page}, suspect=suspect))
    return Report(0, len(held.pages), 1, tuple(folder.written), ())


def _facts(config: Config) -> SiteFacts:
    return SiteFacts(config.title or "Mail archive", config.language)


def state_of(config: Config, store: Store) -> str:
    """Give a digest of all that a site is made from: a site of the same state need not be looked at."""
    lists = store.lists()
    accounts = [(store.volumes(known.name), store.ledger(known.name)) for known in lists]
    return digest_of(_settings(config), store.revision(), lists, accounts, list(store.removals))


def _settings(config: Config) -> str:
    return digest_of(_code(), config.title, config.language, config.publish_addresses, config.old_links, available())


@dataclass(frozen=True, slots=True)
class Reusable:
    """Pages that stay if they are still made from the same, and the messages whose pages do not."""

    pages: dict[str, Published]
    touched: frozenset[str]


def _reusable(archive: Path, held: Manifest, store: Store, privacy: Privacy, settings: str, *, full: bool) -> Reusable:
    """Say what can stay of the last run.

    An address that redaction must be told of since, or no longer, can change what is published of
    the messages that mention it, though they are the same.
    """
    if full or held.settings != settings:
        return Reusable({}, frozenset())
    touched = published_otherwise(archive, store, privacy, held.exceptions)
    return Reusable(held.pages, frozenset(touched))


class _Build:
    """One run: what it knows, and the pages that the site has when it ends."""

    def __init__(
        self,
        config: Config,
        store: Store,
        folder: SiteFolder,
        privacy: Privacy,
        outlines: Sequence[ListOutline],
        reusable: Reusable,
        runs: tuple[RunLine, ...],
    ) -> None:
        self.config, self.store, self.folder, self.runs = config, store, folder, runs
        self.privacy, self.outlines, self.reusable = privacy, outlines, reusable
        self.facts = _facts(config)
        self.pages: dict[str, Published] = {}
        self.rendered = 0

    def run(self, processes: int) -> dict[str, Published]:
        """Make all pages: threads first, then what leads to them."""
        self._threads(processes)
        for outline in self.outlines:
            self._volumes(outline)
            self._feed(outline)
            self._page(list_page(outline))
        self._old_links()
        self._removed()
        self._page(home_page(self.outlines, self.facts.title))
        known = None if self.privacy.addresses else self.privacy.told
        self._page(health_page(self.store, self.runs, known), digest_of(self.runs))
        self._page(search_page(list(FIELDS)))
        static = static_files()
        folders = [urls.list_folder(outline.name) for outline in self.outlines]
        self._page(not_found_page(folders, static[OLD_LINKS_SCRIPT].decode()))
        for name, data in static.items():
            if name != OLD_LINKS_SCRIPT:
                self._file(f"{urls.STATIC}/{name}", data)
        return self.pages

    def _threads(self, processes: int) -> None:
        wanted = []
        for outline in self.outlines:
            for task in thread_tasks(outline):
                made_from = digest_of(task.told)
                if not self._stays(task.path, made_from, [row.id for row in task.outline.rows]):
                    wanted.append((task, made_from))
        known = Known.of(self.store.senders())
        charsets = {outline.name: outline.list.charset for outline in self.outlines}
        batches = [
            Batch(self.config.folder, self.facts, self.privacy, known, charsets, *_columns(chosen))
            for chosen in _cut(wanted)
        ]
        for made in _render_all(batches, self.folder.root, processes):
            self.pages.update(made.pages)
            self.folder.written += made.written
            self.rendered += len(made.pages)

    def _volumes(self, outline: ListOutline) -> None:
        for volume in outline.filled:
            rows, threads = outline.messages[volume.name], outline.threads_in[volume.name]
            members = [(t.key, t.rows[0].volume, t.subject) for t in threads]
            neighbours = [v.name for v in outline.filled]
            place = neighbours.index(volume.name)
            made_from = digest_of(
                outline.title, [row.told for row in rows], members, neighbours[max(0, place - 1) : place + 2]
            )
            paths = [urls.volume_page(outline.name, volume.name, view) for view in urls.VIEWS]
            ids = [row.id for row in rows]
            stay = [self._stays(path, made_from, ids) for path in paths]
            if not all(stay):
                for page in volume_pages(outline, volume.name):
                    self._page(page, made_from)

    def _feed(self, outline: ListOutline) -> None:
        rows = newest(outline)
        path, made_from = urls.feed(outline.name), digest_of(outline.title, [row.told for row in rows])
        if not self._stays(path, made_from, [row.id for row in rows]):
            whole = [message for row in rows if (message := self.store.message(row.id))]
            with Texts.open(self.config.folder) as texts:
                charset = outline.list.charset
                read = [readable(message, texts.readings(message, charset), self.privacy) for message in whole]
            messages = {one.message.id: one.message for one in read}
            self._page(feed_page(outline, [row for row in rows if row.id in messages], messages), made_from)

    def _old_links(self) -> None:
        lines: list[str] = []
        for outline in self.outlines:
            threads = {row.id: row.thread for thread in outline.threads for row in thread.rows}
            out = self.store.removals.of_list(outline.name)
            addresses = old_addresses(self.store.old_addresses(outline.name), threads, out)
            for path, data in maps(outline.name, addresses).items():
                self._file(path, data)
            lines += server_map(outline.name, addresses)
            if self.config.old_links == "pages":
                for page in moved_pages(outline.name, addresses):
                    self._page(page)
        self._file(urls.REDIRECTS, "".join(lines).encode())

    def _removed(self) -> None:
        """Say of what was taken out that it was, at its own addresses."""
        removals = list(self.store.removals)
        if removals:
            self._page(removed_page(urls.REMOVED))
        for removal in removals:
            path = urls.thread_page(removal.list, removal.thread) if removal.list and removal.thread else ""
            if path and path not in self.pages:
                self._page(removed_page(path))

    def _stays(self, path: str, made_from: str, ids: list[str]) -> bool:
        """Keep a page as it is, if it is made from what it was made from."""
        held = self.reusable.pages.get(path)
        if held is None or held.made_from != made_from or not self.reusable.touched.isdisjoint(ids):
            return False
        self.pages[path] = held
        return True

    def _page(self, page: Page, made_from: str = "") -> None:
        self.rendered += 1
        self._file(page.path, renderer(self.facts).render(page), made_from)

    def _file(self, path: str, data: bytes, made_from: str = "") -> None:
        self.pages[path] = Published(made_from, self.folder.write(path, data))


def thread_tasks(outline: ListOutline) -> Iterator[ThreadTask]:
    """Give the task of each thread of a list, with its neighbours."""
    threads = outline.threads

    def link(place: int) -> Link | None:
        if not 0 <= place < len(threads):
            return None
        return Link(threads[place].subject, urls.thread_page(outline.name, threads[place].key))

    for place, thread in enumerate(threads):
        steps = Steps(link(place - 1), link(place + 1))
        yield ThreadTask(outline.name, outline.title, outline.list.language, thread, steps)


Chosen = list[tuple[ThreadTask, str]]


def _cut(wanted: Chosen) -> Iterator[Chosen]:
    """Cut the threads to be rendered into batches of about as many messages each."""
    batch: Chosen = []
    messages = 0
    for task, made_from in wanted:
        batch.append((task, made_from))
        messages += len(task.outline.rows)
        if messages >= BATCH:
            yield batch
            batch, messages = [], 0
    if batch:
        yield batch


def _columns(chosen: Chosen) -> tuple[tuple[ThreadTask, ...], tuple[str, ...]]:
    return tuple(task for task, _ in chosen), tuple(made_from for _, made_from in chosen)


def _render_all(batches: list[Batch], root: Path, processes: int) -> Iterator[Made]:
    """Render batches, in other processes where that saves time."""
    messages = sum(len(task.outline.rows) for batch in batches for task in batch.tasks)
    workers = min(processes, len(batches))
    if workers < 2 or messages < WORTH_A_PROCESS:
        for batch in batches:
            yield render_batch(batch, root)
        return
    with pool_of(workers) as pool:
        waiting: list[Future[Made]] = [pool.submit(render_batch, batch, root) for batch in batches]
        for future in waiting:
            yield future.result()


def _paths(pages: dict[str, Published]) -> Iterator[str]:
    for path, page in pages.items():
        yield path
        yield from page.files


# What decides how pages look, below the folder of the packages.
_SHOWN: Final = (
    "indexer/site/*.py", "indexer/body/*.py", "indexer/files/*.py", "indexer/redaction.py", "indexer/readable.py",
    "indexer/accounts.py", "indexer/amounts.py", "crawler/parse/mime.py",
    "crawler/parse/restored.py", "crawler/parse/embedded.py", "crawler/parse/media.py", "crawler/parse/file_names.py",
)  # fmt: skip


@cache
def _code() -> str:
    """Give a digest of all that decides what pages look like, so that a newer Hamelin makes them anew."""
    root = Path(__file__).parents[2]
    shown = [path for pattern in _SHOWN for path in root.glob(pattern)]
    ours = [*shown, *TEMPLATES.glob("*.*"), *STATIC.glob("*.*")]
    return digest_of([(path.name, path.read_bytes()) for path in sorted(ours)])
