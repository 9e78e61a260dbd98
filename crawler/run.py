"""One run of the crawl: what was asked for, what it works with, and what came of it.

The walk goes through lists, the middlewares keep and count, and whoever started the run reads its
account. `opened` holds the archive's lock as long as a run lasts; `finish` parses what came in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import metadata
from urllib.parse import urlsplit

from crawler.config import Config, KnownList, add_list, load, name_for, password_for
from crawler.errors import HamelinError, UsageError
from crawler.guard import Guard
from crawler.habits import Habits
from crawler.ingest import IngestReport, ingest
from crawler.keeper import Exchange, Keeper, Kept
from crawler.links import is_listinfo, list_url
from crawler.lock import locked
from crawler.logins import Login, Sessions, from_keyring
from crawler.moves import behind, bring_home
from crawler.pace import Pace
from crawler.visits import Estimate


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes: `recheck` asks closed volumes too, `dry` only estimates, `wait` seconds for the lock."""

    recheck: bool = False
    dry: bool = False
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """An address that was asked for in vain, and why."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url} {self.reason}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is with a list: the volume it is at, and bytes of text, as the list index tells them."""

    list: str
    volume: str
    done: int
    total: int
    requests: int


@dataclass
class ListReport:
    """What a run did for a list: volumes it has, that were due, that were visited; an estimate in a dry run.

    `short` counts volumes whose new text holds fewer messages than their index names, `missing` attachments that are
    not there, beyond those named, `unasked` those that were not asked for because so many others were not there;
    `mbox` is the address of the raw mbox, where the list offers one that is not used.
    """

    name: str
    url: str
    volumes: int = 0
    due: int = 0
    visited: int = 0
    short: int = 0
    missing: int = 0
    unasked: int = 0
    mbox: str | None = None
    estimate: Estimate | None = None


@dataclass
class Run:
    """A run's means and its account. `targets` are lists that are known, or addresses as a person gave them.

    `forbidden` are addresses that robots.txt keeps from us: no failure, as nobody here can change it.
    """

    config: Config
    keeper: Keeper
    targets: tuple[KnownList | str, ...]
    options: Options = Options()
    progress: Callable[[Progress], None] = lambda _: None
    lists: list[ListReport] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    troubles: list[HamelinError] = field(default_factory=list)
    requests: int = 0
    bytes: int = 0
    started: float = field(default_factory=time.monotonic)
    stopped: bool = False
    bug: BaseException | None = None
    ingested: IngestReport | None = None
    messages: int = 0
    pace: Pace = field(init=False)
    guard: Guard = field(init=False)
    sessions: Sessions = field(init=False)
    habits: Habits = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no host known."""
        self.habits = Habits(self.keeper)
        self.pace = Pace(self.config.backoff)
        hosts = {host_of(target) for target in self.targets}
        self.guard = Guard({host for target in self.targets for host in hosts_of(target)}, self.config.hosts)
        self.sessions = Sessions(lambda host: _login(host, alone=hosts == {host}))

    @property
    def seconds(self) -> float:
        """Give the time since the run began."""
        return time.monotonic() - self.started

    def keep(self, exchange: Exchange) -> Kept:
        """Keep an answer, unless nothing is to be written."""
        return Kept(exchange.verdict, changed=False) if self.options.dry else self.keeper.keep(exchange)

    def count(self, size: int) -> None:
        """Count a request and the bytes of its answer."""
        self.requests += 1
        self.bytes += size

    def fail(self, url: str, reason: str) -> None:
        """Note an address that was asked for in vain."""
        self.failures.append(Failure(url, reason))

    def trouble(self, trouble: HamelinError) -> None:
        """Note what ended the visit of a list."""
        self.troubles.append(trouble)

    def name(self, url: str) -> KnownList:
        """Give the list of an archive's address the name that it has, or a new one."""
        known = self.config.known(url)
        return known or KnownList(name_for(url, self.config.lists), url)

    def add(self, known: KnownList) -> None:
        """Take a list into the archive's settings, and make the archive if it is its first one."""
        if self.config.known(known.url) is None:
            self.config.folder.mkdir(parents=True, exist_ok=True)
            add_list(self.config.folder, known)
            self.config = self.config.with_lists((*self.config.lists, known))
        self.keeper.found()

    def report(self, known: KnownList, volumes: int, due: int) -> ListReport:
        """Begin the account of a list."""
        self.lists.append(ListReport(known.name, known.url, volumes, due))
        return self.lists[-1]


@contextmanager
def opened(
    config: Config,
    addresses: Iterable[str],
    options: Options = Options(),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Run]:
    """Hold an archive's lock for a run, but for a dry one; without addresses it is for all lists of the archive."""
    with nullcontext() if options.dry else locked(config.folder, options.wait):
        config = config.with_lists(load(config.folder).lists)  # another run may have added some while we waited
        somewhere = tuple(known for known in config.lists if not known.is_nowhere)
        targets = tuple(_target(config, address) for address in addresses) or somewhere
        if not targets:
            hint = "Give the URL of an archive: hamelin update URL."
            raise UsageError(f"The archive {config.folder} has no list with an address yet.", hint=hint)
        keeper = Keeper(config.folder, software=f"Hamelin {version()}", dry=options.dry)
        try:
            if not options.dry:
                keeper.recover()
                for known in config.lists if keeper.founded else ():
                    if behind(keeper.store, known):  # a person wrote `former` into the file
                        bring_home(keeper.store, known)
            yield Run(config, keeper, targets, options, progress)
        finally:
            keeper.close()


def finish(run: Run, progress: Callable[[str, str, int], None] | None = None) -> None:
    """Parse what the run brought in, and what an earlier one left unread; then count what there is."""
    if run.keeper.founded and not run.options.dry:
        run.ingested = ingest(run.keeper.store, run.keeper.payload, progress=progress)
        run.messages = run.keeper.store.count()


def version() -> str:
    """Give the version of this Hamelin."""
    try:
        return metadata.version("hamelin-archive")
    except metadata.PackageNotFoundError:  # run from a source tree that was not installed
        return "0"


def _login(host: str, *, alone: bool) -> Login | None:
    found = password_for(host, alone=alone)
    return Login(*found) if found else from_keyring(host)


def host_of(target: KnownList | str) -> str:
    """Give the host that a target is on, as it was written."""
    url = target if isinstance(target, str) else target.url
    return urlsplit(url if "://" in url else f"//{url}").hostname or ""


def hosts_of(target: KnownList | str) -> list[str]:
    """Give the hosts that a target is or was on."""
    return [host_of(url) for url in ([target] if isinstance(target, str) else target.urls)]


def _target(config: Config, address: str) -> KnownList | str:
    archive = list_url(address)  # which refuses what is no address
    return address if is_listinfo(address) else config.known(archive) or address
