"""Archives that come from disk instead of a server: kept in warc/ first, then read like all else.

Each file is judged as a server's answer is, and stands under the address that it had on the server, so that a
later crawl goes on from it. What is held already stays, unless the copy is newer; what a copy lacks is not
written down as missing: the next crawl asks for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, unquote, urljoin

from crawler.config import NOWHERE, Config, KnownList, add_list, load, name_for
from crawler.copies import CopiedList, volume_of
from crawler.errors import UsageError
from crawler.excise import Excision
from crawler.keeper import Ask, Keeper, good_payload
from crawler.library import Library
from crawler.links import kind_of, list_url
from crawler.lock import locked
from crawler.mails import digest, is_held
from crawler.pages import ListIndex, VolumeRow, read_list_index
from crawler.parse.notices import tail
from crawler.parse.volume import read_volume
from crawler.store import MailingList, Volume
from crawler.verdict import REASONS, Asked, judge
from crawler.visits import newest, row_of
from crawler.warc_records import Answer

Outcome = Literal["taken", "held", "refused"]
PIECE_SIZE = 1 << 20  # bytes of mails that are kept together: enough to pack well, little enough to read for one mail


@dataclass
class ImportReport:
    """What an import did for a list: files taken, held already, refused and why; attachments that are nowhere."""

    name: str
    url: str
    volumes: int = 0
    taken: int = 0
    held: int = 0
    refused: list[str] = field(default_factory=list)
    absent: int = 0

    def count(self, outcome: Outcome) -> None:
        """Count a file."""
        self.taken += outcome == "taken"
        self.held += outcome == "held"


@dataclass
class MboxReport:
    """What an import of a raw mbox did: mails taken, mails held already, there twice, or taken out for good."""

    name: str
    url: str
    taken: int = 0
    held: int = 0


@contextmanager
def importing(config: Config, *, software: str = "Hamelin", wait: float = 0.0) -> Iterator[Keeper]:
    """Hold an archive's lock and what is kept in it; what an earlier run left is taken in first."""
    with locked(config.folder, wait):
        keeper = Keeper(config.folder, software=software)
        try:
            keeper.recover()
            yield keeper
        finally:
            keeper.close()


def name_list(config: Config, found: str, address: str | None, name: str | None, url: str | None) -> KnownList:
    """Say which list of the archive a copy is of, or which new one.

    `found` and `address` are what the copy tells, `name` and `url` what the person said, which counts more.
    """
    by_name = next((known for known in config.lists if known.name == name), None)
    if by_name and url and config.known(list_url(url)) != by_name:
        raise UsageError(
            f"The list {name} has the address {by_name.url}.", hint="Leave out --url, or give it another name."
        )
    if by_name:
        return by_name
    if url is None and address is None:
        same = next((known for known in config.lists if known.name == found), None)
        if same and name is None:
            return same
    where = list_url(url or address or f"{NOWHERE}{quote(name or found)}/")
    known = config.known(where)
    if known and name is not None:
        raise UsageError(f"The list at {known.url} is called {known.name} here.", hint=f"Say --list {known.name}.")
    return known or (KnownList(name, where) if name is not None else KnownList(name_for(where, config.lists), where))


def add(config: Config, keeper: Keeper, known: KnownList) -> Config:
    """Take a list into the archive's settings, and make the archive if it is its first one; give the new settings."""
    if config.known(known.url) is None:
        config.folder.mkdir(parents=True, exist_ok=True)
        add_list(config.folder, known)
        config = config.with_lists(load(config.folder).lists)
    keeper.found()
    return config


def take_in(
    keeper: Keeper, config: Config, copy: CopiedList, known: KnownList, progress: Callable[[str], None] = lambda _: None
) -> ImportReport:
    """Keep all that a copy holds of a list, volume by volume; `progress` hears of each volume."""
    taking = _Taking(keeper, copy, known)
    rows = {row.name: row for row in taking.index().volumes}
    paths: dict[str, list[str]] = {name: [] for name in copy.volumes}
    for path in sorted(copy.paths):
        if volume := volume_of(path):
            paths[volume].append(path)
    for name, members in paths.items():
        progress(name)
        taking.volume(rows.get(name) or row_of(name), members)
    taking.finish([*rows.values(), *(row_of(name) for name in paths)], config)
    return taking.report


class _Taking:
    """One list's files, taken from a copy."""

    def __init__(self, keeper: Keeper, copy: CopiedList, known: KnownList) -> None:
        self.keeper, self.copy, self.known, self.store = keeper, copy, known, keeper.store
        self.library = Library(keeper.store, keeper.payload)
        self.report = ImportReport(known.name, known.url, len(copy.volumes))

    def index(self) -> ListIndex:
        """Keep the list's index and give it; write down what the newest one that is held says of the list."""
        own = ListIndex((), None, None, None, None, None, False, None)
        if "" in self.copy.paths:
            self._one("", Ask(self.known.url, "list", self.known.name))
            own = read_list_index(self.copy.read("", self.known.url).body, self.known.url)
        payload = good_payload(self.keeper, self.keeper.held(self.known.url))
        index = read_list_index(payload, self.known.url) if payload else own
        self.store.save_list(
            MailingList(self.known.name, self.known.url, index.title, index.charset, index.language, index.listinfo)
        )
        return own

    def volume(self, row: VolumeRow, paths: list[str]) -> None:
        """Keep a volume's index, texts and pages, then the attachments that they name."""
        with self.store.transaction():
            if self.store.volume(self.known.name, row.name) is None:
                self.store.save_volume(Volume(self.known.name, row.name, row.starts, row.row))
            for path in paths:
                url = self.known.url + quote(path)
                self._one(path, Ask(url, kind_of(url), self.known.name, row.name))
            self._attachments(row.name)

    def finish(self, rows: list[VolumeRow], config: Config) -> None:
        """Write down of each volume whether anything is wanted of it still, and whether it can grow."""
        last = newest(rows)
        with self.store.transaction():
            for volume in self.store.volumes(self.known.name):
                complete = not self.library.wanted(self.known.name, volume.name, config.pages)
                settled = volume.settled or self.library.settled(volume, last)
                seen = [c.fetched_at for c in self.store.captures(self.known.name, volume.name).values() if c.good]
                checked = max(volume.checked, *seen) if seen else volume.checked
                self.store.save_volume(replace(volume, complete=complete, settled=settled, checked=checked))

    def _attachments(self, volume: str) -> None:
        """Keep the attachments that a volume's notices name and the copy has."""
        entries, _ = read_volume(self.library.source(self.known.name, volume))
        tails = dict.fromkeys(path for entry in entries for notice in entry.notices if (path := tail(notice.url)))
        for name in tails:
            path = self._path(name)
            url = urljoin(self.known.url, name)
            if path is not None:
                self._one(path, Ask(url, "attachment", self.known.name, volume))
            elif self.keeper.held(url) is None:
                self.report.absent += 1

    def _path(self, tail_: str) -> str | None:
        """Find a scrubbed file in the copy; mirrors can have put `.html` behind a name."""
        name = unquote(tail_)
        return next((path for path in (name, f"{name}.html", tail_) if path in self.copy.paths), None)

    def _one(self, path: str, ask: Ask) -> None:
        answer = self.copy.read(path, ask.url)
        kind: Asked = ask.kind
        verdict, payload = judge(kind, answer)
        if not 200 <= verdict < 300:
            self.report.refused.append(f"{path or 'index.html'} {REASONS.get(verdict, 'cannot be used')}")
            return
        self.report.count("taken" if self.keeper.take(ask, answer, verdict, payload) else "held")


def mbox_url(known: KnownList) -> str:
    """Give the address at which Mailman puts a list's raw mbox (archtoc.html, PUBLIC_MBOX)."""
    folder = known.url.rstrip("/").rpartition("/")[2]
    return urljoin(known.url, f"../{folder}.mbox/{folder}.mbox")


def take_mails(keeper: Keeper, known: KnownList, raws: Iterable[bytes], seen: float) -> MboxReport:
    """Keep the mails of a raw mbox that are not held, in pieces of many; `seen` is when they were known to be so."""
    if known.name not in {held.name for held in keeper.store.lists()}:
        keeper.store.save_list(MailingList(known.name, known.url))
    report, piece, size = MboxReport(known.name, known.url), list[bytes](), 0
    names, removals = set[str](), keeper.store.removals
    purges = Excision(known.name, removals).purges if removals.purged(known.name) else lambda _: False
    for raw in raws:
        name = digest(raw)
        if name in names or is_held(keeper.store, known.name, raw) or purges(raw):
            report.held += 1
            continue
        names.add(name)
        report.taken += 1
        piece.append(raw if raw.endswith(b"\n") else raw + b"\n")
        size += len(raw)
        if size >= PIECE_SIZE:
            _keep_piece(keeper, known, b"".join(piece), seen)
            piece, size = [], 0
    if piece:
        _keep_piece(keeper, known, b"".join(piece), seen)
    return report


def _keep_piece(keeper: Keeper, known: KnownList, data: bytes, seen: float) -> None:
    address = f"{mbox_url(known)}#{hashlib.sha256(data).hexdigest()[:16]}"
    keeper.take(Ask(address, "mbox", known.name), Answer(address, 200, b"", data, b"", seen), 200, data)
