"""The spider that Scrapy starts: a walk through lists for each host, side by side.

What is asked next, and when a list is done with, is decided in walk.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.config import KnownList, archive_folder, load
from crawler.keeper import Ask
from crawler.reply import Reply
from crawler.run import Run, finish, host_of, opened, version
from crawler.settings import CONFIGURED, for_config
from crawler.spiders.asking import ask_for
from crawler.store import Capture
from crawler.variables import ARCHIVE_VARIABLE
from crawler.walk import Walk


class PipermailSpider(Spider):
    """Walk pipermail archives. `run` comes from `hamelin crawl`; `scrapy crawl pipermail -a url=…` makes its own."""

    name = "pipermail"

    def __init__(self, run: Run, own: ExitStack | None = None) -> None:
        super().__init__()
        self.run, self.own = run, own

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Add what an archive's hamelin.toml says, unless `hamelin crawl` did."""
        super().update_settings(settings)
        if not settings.getbool(CONFIGURED):
            config = load(archive_folder(settings.get(ARCHIVE_VARIABLE)))
            settings.setdict(for_config(config, version()), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PipermailSpider:
        """Make it as Scrapy does, with a run of its own when it was given none."""
        if "run" not in kwargs:
            own = ExitStack()
            config = load(archive_folder(crawler.settings.get(ARCHIVE_VARIABLE)))
            kwargs = {"run": own.enter_context(opened(config, kwargs.get("url", "").split())), "own": own}
        return super().from_crawler(crawler, **kwargs)

    async def start(self) -> AsyncIterator[Any]:
        """Walk all targets; nothing is yielded, as each answer is waited for where it is asked for."""
        try:
            async with asyncio.TaskGroup() as group:
                for targets in _by_host(self.run.targets):
                    group.create_task(self._walk(targets))
        except BaseExceptionGroup as errors:
            self.run.bug = errors.exceptions[0]
        nothing: tuple[Any, ...] = ()
        for request in nothing:  # what makes this the generator that Scrapy wants
            yield request

    def closed(self, reason: str) -> None:
        """End the run; one of the spider's own parses what came in and closes the archive."""
        self.run.stopped = reason == "shutdown"
        if self.own:
            with self.own:
                finish(self.run)

    async def _walk(self, targets: list[KnownList | str]) -> None:
        walk = Walk(self.run, self._ask)
        for target in targets:
            await walk.visit(target)

    async def _ask(self, ask: Ask, held: Capture | None = None) -> Reply:
        return await ask_for(self.crawler, self.run, ask, held)


def _by_host(targets: tuple[KnownList | str, ...]) -> list[list[KnownList | str]]:
    hosts: dict[str, list[KnownList | str]] = {}
    for target in targets:
        hosts.setdefault(host_of(target), []).append(target)
    return list(hosts.values())
