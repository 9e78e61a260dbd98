"""The walk through lists: which volume, which address next, and when a volume is done with.

It asks one thing after the other through `ask`, so nothing waits in a queue. Where it is stands in
archive.sqlite after every answer; a run that was killed is gone on with by the next one. What an
answer holds is read by pages.py and library.py, what becomes of it is the keeper's business.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol
from urllib.parse import urlsplit

from crawler.config import KnownList
from crawler.discovery import Found, discover
from crawler.errors import ArchiveTrouble, HamelinError, HostTrouble
from crawler.keeper import ALL_THERE_IS, Ask, good_payload
from crawler.library import Library
from crawler.links import kind_of
from crawler.pages import ListIndex, VolumeRow, read_list_index
from crawler.reply import Reply, no_archive, refusal
from crawler.run import ListReport, Progress, Run
from crawler.store import Capture, MailingList, Volume
from crawler.verdict import REASONS
from crawler.visits import Patience, cost, due, newest, settles, text_size

LEAST_WEIGHT = 1000  # of a volume in the progress, in bytes: its index and its text are two requests at least
SECONDS_A_DAY = 86400


class Asking(Protocol):
    """A way to ask for an address, with the validators of what is held if that is given."""

    def __call__(self, ask: Ask, held: Capture | None = None) -> Awaitable[Reply]:
        """Ask."""


class Walk:
    """Walk the lists of a run, those of one host after the other."""

    def __init__(self, run: Run, ask: Asking, clock: Callable[[], float] = time.time) -> None:
        self.run, self.ask, self.clock = run, ask, clock

    async def visit(self, target: KnownList | str) -> None:
        """Visit a list that is known, or all lists that an address leads to; trouble of theirs goes into the report."""
        work = self._known(target) if isinstance(target, KnownList) else self._discovered(target)
        await self._reported(work)

    async def _reported(self, work: Awaitable[None]) -> None:
        try:
            await work
        except ArchiveTrouble:
            raise
        except HamelinError as trouble:
            self.run.trouble(trouble)

    async def _discovered(self, address: str) -> None:
        found, troubles = await discover(address, self.ask)
        for archive in found:
            known = self.run.name(archive.url)
            await self._reported(self._found(known, archive))
        for trouble in troubles:
            self.run.trouble(trouble)

    async def _found(self, known: KnownList, archive: Found) -> None:
        """Take in a list whose index came with its discovery."""
        if not self.run.options.dry:
            self.run.add(known)
            self.run.keep(replace(archive.exchange, ask=Ask(known.url, "list", known.name)))
        await self._list(known, archive.index)

    async def _known(self, known: KnownList) -> None:
        held = self.run.keeper.held(known.url)
        reply = await self.ask(Ask(known.url, "list", known.name), held if held and held.good else None)
        if not reply.good:
            raise refusal(known.url, reply)
        payload = good_payload(self.run.keeper, held) if reply.unchanged else reply.payload
        index = read_list_index(payload or b"", known.url)
        if not index.volumes:
            raise no_archive(known.url, index)
        if not self.run.options.dry:
            self.run.add(known)
        await self._list(known, index)

    async def _list(self, known: KnownList, index: ListIndex) -> None:
        keeper, options = self.run.keeper, self.run.options
        held = {v.name: v for v in keeper.store.volumes(known.name)} if keeper.founded else {}
        rows = due(index.volumes, held, recheck=options.recheck)
        report = self.run.report(known, volumes=len(index.volumes), due=len(rows))
        if options.dry:
            report.estimate = cost(rows, self.run.config.pages)
            return
        keeper.store.save_list(
            MailingList(known.name, known.url, index.title, index.charset, index.language, index.listinfo)
        )
        library, newest_name = Library(keeper.store, keeper.payload), newest(index.volumes)
        patience = Patience(*keeper.store.attachments(known.name))
        weights = [max(LEAST_WEIGHT, text_size(row)) for row in rows]
        for row, weight, done in zip(rows, weights, accumulate(weights, initial=0), strict=False):
            visit = VolumeVisit(self, library, report, row, Span(done, weight, sum(weights)), patience)
            await visit.go(newest_name, today=int(self.clock()) // SECONDS_A_DAY)
            report.visited += 1
            self.run.progress(Progress(known.name, row.name, done + weight, sum(weights), self.run.requests))


@dataclass(frozen=True, slots=True)
class Span:
    """A volume's part of the work on its list, in bytes of text."""

    done: int
    weight: int
    total: int


class VolumeVisit:
    """Visit one volume: ask again what can have changed, then all that the library wants of it."""

    def __init__(
        self, walk: Walk, library: Library, report: ListReport, row: VolumeRow, span: Span, patience: Patience
    ) -> None:
        self.run, self.ask, self.library, self.report = walk.run, walk.ask, library, report
        self.known, self.patience = KnownList(report.name, report.url), patience
        self.row, self.span, self.store = row, span, walk.run.keeper.store
        self.before = self.store.volume(report.name, row.name)
        self.changed = self.before is not None and self.before.row != row.row
        self.whole = True
        self._vain: set[str] = set()

    async def go(self, newest_name: str | None, today: int) -> None:
        """Visit the volume and write down whether it is complete, and whether it can still grow."""
        if self.before is None or self.changed:
            volume = self.before or Volume(self.known.name, self.row.name, self.row.starts, self.row.row)
            self.store.save_volume(replace(volume, row=self.row.row, complete=False))
        self._say(0)
        if self.changed or self.run.options.recheck or not (self.before and self.before.settled):
            await self._again()  # a settled one that is not complete lacks files, and what it has cannot change
        while self.whole and (asks := self._wanted()):
            for number, ask in enumerate(asks):
                self._say(number / len(asks))
                await self._one(ask)
        settled = self.whole and not self._torn() and settles(self.row.name, newest_name, today)
        self._save(complete=self.whole, settled=settled)

    async def _again(self) -> None:
        """Ask again for what is held and can have changed; then, if it had, for what was missing."""
        held = self.store.captures(self.known.name, self.row.name)
        retried = self.run.options.recheck or not (self.before and self.before.complete)
        for capture in _changeable(held, self.row, retried=retried):
            await self._one(self._ask(capture.url), capture if capture.good else None)
        if self.changed or self.run.options.recheck:
            for capture in held.values():
                if 400 <= capture.status < 600:
                    await self._one(self._ask(capture.url))

    async def _one(self, ask: Ask, held: Capture | None = None) -> None:
        if ask.kind == "attachment" and self._is_hopeless():
            self._vain.add(ask.url)
            return
        reply = await self.ask(ask, held)
        if ask.kind == "attachment" and (reply.good or reply.gone):
            self.patience.saw(there=reply.good)
        if reply.good:
            self.changed |= reply.changed and ask.kind in ("text", "index")
        elif reply.forbidden:
            self.run.forbidden.append(ask.url)
            self._vain.add(ask.url)
        elif not reply.gone and not (reply.status in REASONS and self._is_guess(ask)):
            self.run.fail(ask.url, reply.reason)
            self._vain.add(ask.url)
            self.whole &= not reply.passing
        if reply.closed:
            self._save(complete=False, settled=False)
            host = urlsplit(ask.url).hostname or ""
            hint = "What was fetched is kept; run the same command again later."
            raise HostTrouble(f"{host} {self.run.pace.closed(host)}.", hint=hint)

    def _is_hopeless(self) -> bool:
        """Say whether attachments are not asked for any more, and count one that is not."""
        if self.run.options.recheck or not (self.patience.ended or self.patience.doubts):
            return False
        known = self.before is not None and self.before.complete and not self.changed
        self.report.unasked += self.patience.ended
        return self.patience.ended or known

    def _wanted(self) -> list[Ask]:
        wanted = self.library.wanted(self.known.name, self.row.name, self.run.config.pages)
        return [
            Ask(want.url, want.kind, self.known.name, self.row.name) for want in wanted if want.url not in self._vain
        ]

    def _ask(self, url: str) -> Ask:
        return Ask(url, kind_of(url), self.known.name, self.row.name)

    def _is_guess(self, ask: Ask) -> bool:
        """Say whether an address is our idea: no page of the archive names this form of a text."""
        return ask.kind == "text" and ask.url not in self.row.text_urls

    def _torn(self) -> bool:
        captures = self.store.captures(self.known.name, self.row.name)
        return any(capture.status == ALL_THERE_IS for capture in captures.values())

    def _say(self, share: float) -> None:
        done = self.span.done + int(self.span.weight * share)
        self.run.progress(Progress(self.known.name, self.row.name, done, self.span.total, self.run.requests))

    def _save(self, *, complete: bool, settled: bool) -> None:
        """Write down how far we are, on top of what keeping answers has written meanwhile."""
        volume = self.store.volume(self.known.name, self.row.name)
        assert volume, "it was written when the visit began"
        if (volume.complete, volume.settled) != (complete, settled):
            self.store.save_volume(replace(volume, complete=complete, settled=settled))


def _changeable(held: dict[str, Capture], row: VolumeRow, *, retried: bool) -> Iterator[Capture]:
    """Choose what is asked for again: indexes and texts that are held, and, if `retried`, what came as something else.

    Of texts only those that the list index names, as long as it names one that is held.
    """
    named = {url for url in row.text_urls if url in held and held[url].good}
    for url, capture in held.items():
        kind = kind_of(url)
        can_change = kind == "index" or (kind == "text" and url in (named or held))
        if (capture.good and can_change) or (capture.status in REASONS and retried):
            yield capture
