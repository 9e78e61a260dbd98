"""A run's requests made in this process: Scrapy started, quiet, and what went wrong in it raised here.

Scrapy's reactor runs once in a process, so this can be called once.
"""

from __future__ import annotations

import logging
import signal

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.errors import HamelinError
from crawler.run import Run, version
from crawler.settings import for_config
from crawler.spiders.pipermail import PipermailSpider


def crawl(run: Run, *, verbose: bool = False) -> None:
    """Walk a run's targets; its account is in `run` afterwards.

    A bug of ours, or trouble of the archive, is raised as it was; KeyboardInterrupt when a person stopped the run.
    """
    settings = Settings({"LOG_ENABLED": verbose, "LOG_LEVEL": "INFO"}, priority="cmdline")
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(for_config(run.config, version(), hosts=len(run.targets)), priority="cmdline")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    process = CrawlerProcess(settings)
    if not verbose:
        logging.getLogger("scrapy").setLevel(logging.CRITICAL)  # which spares it writing what nobody reads
    process.crawl(PipermailSpider, run=run).addErrback(_note, run)
    process.start()
    for number, handler in handlers.items():
        signal.signal(number, handler)  # Scrapy leaves its own, which would stop nothing any more
    if run.stopped and not isinstance(run.bug, HamelinError):
        raise KeyboardInterrupt  # what Scrapy raises of a request that it drops while it stops is nobody's bug
    if run.bug:
        raise run.bug


def _note(failure: Failure, run: Run) -> None:
    run.bug = run.bug or failure.value
