"""Answers kept: first in warc/, then as a capture in archive.sqlite; and what a killed run left, taken in.

A bad answer never takes the place of a good one, and an answer that says what we hold already adds
nothing to the database but its date. Before an archive has its first list nothing is written at all:
answers wait until it is `founded`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.encodings import PackingTrouble
from crawler.excise import Excision
from crawler.former import hold
from crawler.store import DATABASE, REFUSALS, Capture, Store
from crawler.verdict import GARBAGE, TORN, Asked
from crawler.warc import TRANSIENT, Place, WarcReader, WarcWriter, capture_of, files, finish, scan, unfinished
from crawler.warc_purge import GONE as PURGED
from crawler.warc_purge import purged_answer
from crawler.warc_records import Answer, Labels
from crawler.warc_rewrite import cut_torn_end

# Files of warc/ that the database names.
KNOWN_FILES = "SELECT warc FROM captures UNION SELECT gone FROM captures UNION SELECT warc FROM former"
ALL_THERE_IS = 206  # of what came twice the same, torn or not as its notice states it: what the server has of it


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for: an address, what should stand there, and whose it is (volume None: the list's own).

    `guess` says that no page of the archive names the address, so that nobody needs to wonder if nothing is there.
    `span` is the first and the last byte of what is wanted of a file; the address then has a fragment that
    tells the parts apart. `size` is what an attachment has, in bytes, if its notice says so, `text` that
    it is HTML or a mail.
    """

    url: str
    kind: Asked
    list: str
    volume: str | None = None
    guess: bool = False
    span: tuple[int, int] | None = None
    size: int | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer to what was asked, judged, with the redirects that led to it; `excised`: some of it was taken out."""

    ask: Ask
    answer: Answer
    verdict: int
    payload: bytes
    hops: tuple[Answer, ...] = ()
    excised: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an answer: what it is taken for, and whether what is held of its address is another thing now.

    `rewritten` says that the new thing does not tell all that the old one did.
    """

    verdict: int
    changed: bool
    rewritten: bool = False


class Keeper:
    """Keep the answers of one run in an archive; open it under the archive's lock, end it with `close`.

    With `dry` it only tells what is held, and needs no lock.
    """

    def __init__(self, folder: Path, *, software: str = "Hamelin", dry: bool = False) -> None:
        self.folder = folder
        self.reader, self.writer = WarcReader(folder), WarcWriter(folder, software=software)
        self._store: Store | None = None
        self._waiting: list[Exchange] = []
        self.left: frozenset[str] = frozenset()  # files in warc/ of runs that were killed
        if (folder / DATABASE).exists() or (files(folder) and not dry):
            self._open()

    @property
    def store(self) -> Store:
        """The archive's database; there is one from the first list on."""
        assert self._store, "no list was found yet"
        return self._store

    @property
    def founded(self) -> bool:
        """Say whether there is an archive to keep things in."""
        return self._store is not None

    def found(self) -> None:
        """Make the archive, now that there is a list to keep, and write down what waited for it."""
        if self._store is None:
            self._open()
            waiting, self._waiting = self._waiting, []
            for exchange in waiting:
                self.keep(exchange)

    def held(self, url: str) -> Capture | None:
        """Give what we hold of an address."""
        return self._store.capture(url) if self._store else None

    def payload(self, capture: Capture) -> bytes:
        """Give the payload of a capture."""
        return self.reader.payload(capture)

    def keep(self, exchange: Exchange) -> Kept:
        """Write an answer down; say what it is taken for, and whether what we hold of the address changed by it."""
        if self._store is None:
            self._waiting.append(exchange)
            return Kept(exchange.verdict, changed=True)
        exchange = self._without_purged(exchange, self._store)
        ask, held = exchange.ask, self._store.capture(self.reader.homes.home(exchange.ask.url))
        sha256 = hashlib.sha256(exchange.payload).hexdigest()
        again = held is not None and held.sha256 == sha256
        if (again and ask.kind == "robots") or (held and held.gone and exchange.verdict in REFUSALS):
            return Kept(exchange.verdict, changed=False)
        torn = exchange.verdict == TORN or (exchange.verdict == GARBAGE and ask.kind == "attachment")
        torn = torn or (held is not None and held.status == ALL_THERE_IS)
        verdict = ALL_THERE_IS if again and torn else exchange.verdict
        labels = Labels(ask.list, ask.volume, ask.url, verdict, exchange.excised)
        for hop in exchange.hops:
            self.writer.write(hop, replace(labels, verdict=hop.status))
        capture = capture_of(exchange.answer, labels, self._write(exchange.answer, labels, held if again else None))
        if verdict in TRANSIENT:
            return Kept(verdict, changed=False)
        if ask.guess and verdict in REFUSALS:
            capture = replace(capture, gone=capture.warc)
        done = hold(self._store, self.payload, self.reader.homes.at_home(capture))
        return Kept(verdict, done.changed, done.rewritten)

    def take(self, ask: Ask, answer: Answer, verdict: int, payload: bytes) -> bool:
        """Keep what a copy has of an address, unless the same or a newer answer is held; say whether it was kept."""
        exchange = self._without_purged(Exchange(ask, answer, verdict, payload), self.store)
        held, answer = self.store.capture(ask.url), exchange.answer
        if held and held.good:
            same = held.sha256 == hashlib.sha256(exchange.payload).hexdigest()
            if same or held.fetched_at >= int(answer.asked_at):
                return False
        labels = Labels(ask.list, ask.volume, ask.url, exchange.verdict, exchange.excised)
        hold(self.store, self.payload, capture_of(answer, labels, self.writer.write(answer, labels)))
        return exchange.verdict == verdict

    def recover(self) -> int:
        """Take in what a killed run, or a database that was deleted, left in warc/ alone; say how many captures."""
        if self._store is None:
            return 0
        known = {name for (name,) in self._store.db.execute(KNOWN_FILES)}
        left = unfinished(self.folder)
        self.left = frozenset(left)
        names = [name for name in files(self.folder) if name in left or name not in known]
        with self._store.transaction():
            taken = sum(self._take(capture) for capture in scan(self.folder, names)) if names else 0
        for name in left:
            cut_torn_end(self.folder, name)
            finish(self.folder, name)
        return taken

    def close(self) -> None:
        """End the files and the database."""
        self.writer.close()
        self.reader.close()
        if self._store:
            self._store.close()

    def _open(self) -> None:
        self._store = Store.open(self.folder)

    def _write(self, answer: Answer, labels: Labels, held: Capture | None) -> Place:
        """Write a response, or only its head where the same bytes are held."""
        if held and self._sent_the_same(answer, held):
            self.writer.write_revisit(answer, labels, held)
            return Place(held.warc, held.offset)
        return self.writer.write(answer, labels)

    def _without_purged(self, exchange: Exchange, store: Store) -> Exchange:
        """Take the messages that were purged out of an answer, before it is kept."""
        ask = exchange.ask
        if not store.removals.purged(ask.list):
            return exchange
        left = Excision(ask.list, store.removals).of(ask.url, exchange.payload)
        if left == exchange.payload:
            return exchange
        answer = purged_answer(exchange.answer, left or b"")
        verdict = exchange.verdict if left is not None else PURGED
        return replace(exchange, answer=answer, verdict=verdict, payload=left or b"", excised=True)

    def _sent_the_same(self, answer: Answer, held: Capture) -> bool:
        return self.reader.response(Place(held.warc, held.offset))[1] == answer.body

    def _take(self, capture: Capture) -> int:
        held = self.store.capture(capture.url)
        # which came later is told by the files' count, whatever the clock said
        if held == capture or (held and (held.warc, held.offset) > (capture.warc, capture.offset)):
            return 0
        hold(self.store, self.payload, capture)
        return 1


def good_payload(keeper: Keeper, capture: Capture | None) -> bytes | None:
    """Give what a good capture holds; None when there is none, or it cannot be unpacked."""
    if capture is None or not capture.good:
        return None
    try:
        return keeper.payload(capture)
    except PackingTrouble:
        return None
