"""The walk through lists: which volume, which address next, and when a volume is done with.

It asks one thing after the other through `ask`, so nothing waits in a queue. Where it is stands in
archive.sqlite after every answer; a run that was killed is gone on with by the next one. What an
answer holds is read by pages.py and library.py, what becomes of it is the keeper's business.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Protocol
from urllib.parse import urlsplit

from crawler.config import KnownList
from crawler.discovery import Found, discover
from crawler.errors import ArchiveTrouble, HamelinError, HostTrouble, NotAnArchive
from crawler.keeper import ALL_THERE_IS, Ask, good_payload
from crawler.library import Library, Wanted
from crawler.links import kind_of, same_site
from crawler.mails import take_up
from crawler.mbox_visit import MboxVisit
from crawler.pages import ListIndex, VolumeRow, read_list_index
from crawler.refused import count_attachments, tried, worth_another_try
from crawler.reply import Reply, no_archive, refusal
from crawler.run import ListReport, Progress, Run
from crawler.store import REFUSALS, Capture, MailingList, Volume
from crawler.verdict import LOGIN, REASONS
from crawler.visits import SECONDS_A_DAY, Patience, checkable, cost, due, newest, settles, text_size, vanished

CUT = "ended in the middle, each time in the same place"  # said once, then it is all that the server has
ODD = "was not of the size or kind that its notice states, each time the same"  # this, too
FRESH = 3600  # seconds in which what a killed run had fetched is not asked for again by the next one
LEAST_WEIGHT = 1000  # of a volume in the progress, in bytes: its index and its text are two requests at least


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
        if archive.exchange.verdict == ALL_THERE_IS:
            self.run.fail(known.url, CUT)
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
        every = [*index.volumes, *vanished(index.volumes, held)]
        rows = due(every, held, recheck=options.recheck)
        report = self.run.report(known, volumes=len(index.volumes), due=len(rows))
        if options.dry:
            report.estimate = cost(rows, self.run.config.pages)
            return
        rows += checkable(every, held, self.clock())
        keeper.store.save_list(
            MailingList(known.name, known.url, index.title, index.charset, index.language, index.listinfo)
        )
        await self._mbox(known, index, report)
        tour = Tour(
            self, Library(keeper.store, keeper.payload, self.run.config.lists), report,
            Patience(*count_attachments(keeper.store, known.name)), newest(index.volumes), int(self.clock()),
        )  # fmt: skip
        await tour.go(rows)
        if tour.renumbered:  # then the others probably are, too
            chosen = {row.name for row in rows}
            await tour.go([row for row in every if row.name in held and row.name not in chosen])
        await tour.retry({row.name: row for row in every})

    async def _mbox(self, known: KnownList, index: ListIndex, report: ListReport) -> None:
        """Fetch the list's raw mbox, where it is wanted and on the list's own site; else say that there is one."""
        if known.source == "pages":
            report.mbox = index.mbox_url
        elif index.mbox_url and same_site(index.mbox_url, known.url):
            await MboxVisit(self.run, self.ask, known, index.mbox_url).go()
            names = [row.name for row in index.volumes]
            take_up(self.run.keeper.store, self.run.keeper.payload, known.name, names)
        else:
            hint = 'Take source = "mbox" out of hamelin.toml.'
            self.run.trouble(NotAnArchive(f"The list {known.name} offers no raw mbox at {known.url}.", hint=hint))


@dataclass(slots=True)
class Tour:
    """A list's volumes visited one after the other: what all visits share.

    `now` is in seconds since 1970 UTC; `renumbered` names the volumes whose pages got other numbers.
    """

    walk: Walk
    library: Library
    report: ListReport
    patience: Patience
    newest: str | None
    now: int
    renumbered: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    async def retry(self, rows: dict[str, VolumeRow]) -> None:
        """Ask once more for what was refused once in an earlier run, and for texts and indexes that are lacking."""
        waiting = defaultdict[str, list[Capture]](list)
        for capture in worth_another_try(self.walk.run.keeper.store, self.report.name, self.now):
            row = rows.get(capture.volume or "")
            named = row and (kind_of(capture.url) != "text" or capture.url in row.text_urls or capture.gone is None)
            if row and named and capture.url not in self.asked:
                waiting[row.name].append(capture)
        for name, captures in waiting.items():
            await VolumeVisit(self, rows[name], Span(0, 0, 1)).retry(captures)

    async def go(self, rows: list[VolumeRow]) -> None:
        """Visit volumes."""
        run, weights = self.walk.run, [max(LEAST_WEIGHT, text_size(row)) for row in rows]
        for row, weight, done in zip(rows, weights, accumulate(weights, initial=0), strict=False):
            await VolumeVisit(self, row, Span(done, weight, sum(weights))).go()
            self.report.visited += 1
            run.progress(Progress(self.report.name, row.name, done + weight, sum(weights), run.requests))


@dataclass(frozen=True, slots=True)
class Span:
    """A volume's part of the work on its list, in bytes of text."""

    done: int
    weight: int
    total: int


class VolumeVisit:
    """Visit one volume: ask again what can have changed, then all that the library wants of it."""

    def __init__(self, tour: Tour, row: VolumeRow, span: Span) -> None:
        self.tour, self.run, self.ask, self.library = tour, tour.walk.run, tour.walk.ask, tour.library
        self.report, self.patience, self.store = tour.report, tour.patience, self.run.keeper.store
        self.known, self.row, self.span = KnownList(self.report.name, self.report.url), row, span
        self.before = self.store.volume(self.known.name, row.name)
        self.changed = self.before is not None and self.before.row != row.row
        self.rewritten, self.came, self.whole = False, False, True
        self._vain = set[str]()
        self._texts: list[Ask] | None = []
        self._stated: dict[str, Wanted] | None = None

    async def go(self) -> None:
        """Visit the volume and write down whether it is complete, and whether it can still grow."""
        if self.before is None or self.changed:
            volume = self.before or Volume(self.known.name, self.row.name, self.row.starts, self.row.row)
            came_or_went = (volume.row == volume.name) != (self.row.row == self.row.name)
            now = replace(volume, row=self.row.row, complete=False, dirty=volume.dirty or came_or_went)
            self.store.save_volume(now)
        self._say(0)
        only_lacks = self.before is not None and self.before.settled and not self.before.complete
        if not only_lacks or self.changed or self.run.options.recheck or self.tour.renumbered:
            await self._again()  # a settled one that is not complete lacks files; what it has is looked at in its time
        await self._rest()
        self.report.short += self._texts is None and self.library.is_short(self.known.name, self.row.name)
        today = self.tour.now // SECONDS_A_DAY
        settled = self.whole and not self._torn() and settles(self.row.name, self.tour.newest, today)
        self._save(complete=self.whole, settled=settled)

    async def retry(self, captures: list[Capture]) -> None:
        """Ask once more for what was refused; when it came, for what follows from it."""
        for capture in captures:
            await self._one(self._ask(capture.url), None if capture.status == ALL_THERE_IS else capture)
        if self.came:
            await self._rest()
            volume = self.store.volume(self.known.name, self.row.name)
            self._save(complete=self.whole, settled=bool(volume and volume.settled))

    async def _rest(self) -> None:
        """Ask for all that the library wants, until it wants nothing more."""
        while self.whole and (asks := self._wanted()):
            if self._texts and self.library.is_short(self.known.name, self.row.name):
                texts, self._texts = self._texts, None  # once more: it may have come by half, which nothing else tells
                for ask in texts:
                    await self._one(ask)
                continue
            for number, ask in enumerate(asks):
                self._say(number / len(asks))
                await self._one(ask)

    async def _again(self) -> None:
        """Ask again for what is held and can have changed; then, if it had, for what was missing."""
        held = self.store.captures(self.known.name, self.row.name)
        retried = self.run.options.recheck or not (self.before and self.before.complete)
        for capture in _changeable(held, self.row, retried=retried):
            if not self._is_fresh(capture):
                await self._one(self._ask(capture.url), capture)
        if self.rewritten:  # then pages, and the text's other form, can have changed, too
            for capture in held.values():
                if capture.good and kind_of(capture.url) != "attachment" and capture.url not in self.tour.asked:
                    await self._one(self._ask(capture.url), capture)
        if self.changed or self.run.options.recheck:
            for capture in held.values():
                torn = capture.status == ALL_THERE_IS and capture.url not in self.tour.asked
                if capture.status in REFUSALS or torn:
                    await self._one(self._ask(capture.url))

    async def _one(self, ask: Ask, held: Capture | None = None) -> None:
        if ask.kind == "attachment" and self._is_hopeless():
            self._vain.add(ask.url)
            return
        self.tour.asked.add(ask.url)
        ask = replace(ask, guess=self._is_guess(ask))
        reply = await self.ask(ask, held if held and held.good and not held.gone else None)
        if ask.kind == "attachment" and (reply.good or reply.gone):
            self.patience.saw(there=reply.good)
        if ask.kind == "attachment" and reply.status is not None:
            came = reply.good and reply.status != ALL_THERE_IS
            tried(self.store, ask.url, self.tour.now, came=came)
        if reply.good:
            self.came = True
            if ask.kind == "text" and reply.changed and self._texts is not None:
                self._texts.append(ask)
            if reply.status == ALL_THERE_IS and reply.changed:
                self.run.fail(ask.url, ODD if ask.kind == "attachment" else CUT)
            self.changed |= reply.changed and ask.kind in ("text", "index")
            self.rewritten |= reply.rewritten and ask.kind in ("text", "index")
            if reply.rewritten and ask.kind == "index":
                self.tour.renumbered.append(self.row.name)
        elif reply.forbidden:
            self.run.forbidden.append(ask.url)
            self._vain.add(ask.url)
        elif reply.gone:
            self._missed(ask, reply, known=held is not None and held.good)
        elif not (reply.status in REASONS and ask.guess):
            self.run.fail(ask.url, reply.reason)
            self._vain.add(ask.url)
            self.whole &= not reply.passing
        if reply.closed or reply.status == LOGIN:
            self._save(complete=False, settled=False)
            host = urlsplit(ask.url).hostname or ""
            hint = "What was fetched is kept; run the same command again later."
            raise HostTrouble(f"{host} {self.run.pace.closed(host) or 'asks for a login again'}.", hint=hint)

    def _missed(self, ask: Ask, reply: Reply, *, known: bool) -> None:
        """Name an address at which nothing is; a page or an attachment the first time alone.

        Of what goes with its volume's row the ledger tells.
        """
        frame = ask.kind in ("text", "index") and not known
        if ask.guess or not (reply.changed or frame):
            self.report.missing += ask.kind == "attachment" and (reply.changed or self.run.options.recheck)
        elif not known or (ask.kind != "page" and self.row.row != self.row.name):
            self.run.fail(ask.url, f"is not there{' any more' if known else ''} ({reply.status})")

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
            Ask(want.url, want.kind, self.known.name, self.row.name, want.guess, size=want.size, text=want.text)
            for want in wanted
            if want.url not in self._vain
        ]

    def _ask(self, url: str) -> Ask:
        ask = Ask(url, kind_of(url), self.known.name, self.row.name)
        if ask.kind != "attachment":
            return ask
        if self._stated is None:
            self._stated = self.library.stated(self.known.name, self.row.name)
        want = self._stated.get(url)
        return replace(ask, size=want.size, text=want.text) if want else ask

    def _is_guess(self, ask: Ask) -> bool:
        """Say whether an address is our idea, or nobody would miss what is not there.

        No page of the archive names some forms of texts and some pages; of attachments so many can be missing that
        one more is no surprise, and a former host may have those that today's has not.
        """
        known = self.run.config.known(self.known.url) or self.known
        lost = ask.kind == "attachment" and not (self.patience.hopes and ask.url.startswith(known.urls[-1]))
        return ask.guess or lost or (ask.kind == "text" and ask.url not in self.row.text_urls)

    def _is_fresh(self, capture: Capture) -> bool:
        """Say whether a run that was killed fetched this a moment ago, so that asking again would be for nothing."""
        recent = 0 <= self.tour.now - capture.fetched_at < FRESH
        return recent and capture.good and capture.warc in self.run.keeper.left and not self.changed

    def _torn(self) -> bool:
        captures = self.store.captures(self.known.name, self.row.name)
        torn = (capture for capture in captures.values() if capture.status == ALL_THERE_IS)
        return any(kind_of(capture.url) != "attachment" for capture in torn)

    def _say(self, share: float) -> None:
        done = self.span.done + int(self.span.weight * share)
        self.run.progress(Progress(self.known.name, self.row.name, done, self.span.total, self.run.requests))

    def _save(self, *, complete: bool, settled: bool) -> None:
        """Write down how far we are, on top of what keeping answers has written meanwhile."""
        volume = self.store.volume(self.known.name, self.row.name)
        assert volume, "it was written when the visit began"
        checked, checks = volume.checked, volume.checks
        if complete and settled and self.tour.now - checked > SECONDS_A_DAY:  # a day makes no difference
            checked, checks = self.tour.now, checks + 1 if volume.settled and not self.changed else 0
        now = replace(volume, complete=complete, settled=settled, checked=checked, checks=checks)
        if now != volume:
            self.store.save_volume(now)


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
