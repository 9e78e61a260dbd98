"""The `hamelin` command for tests: each run is a process of its own, forked from one that has imported everything.

    done = hamelin("--archive", str(folder), "crawl", url)
    assert (done.code, done.err) == (0, "")

Half a second of imports is paid once for all tests; Scrapy's reactor, which runs once in a process, gets a
new one each time.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["crawler.crawl", "indexer.cli", "indexer.commands.crawl", "indexer.commands.update"])
SETTINGS = "[politeness]\ndelay = 0\nbackoff = 0.05\ntimeout = 1.5\n"  # of an archive that is crawled in tests
PATIENCE = 60  # seconds after which a run that has not ended is killed


@dataclass(frozen=True)
class Machine:
    """What a run finds: to how many bytes files may grow, as on a full disk; by how many seconds the clock is wrong.

    `unprivileged`: permissions hold, even for root.
    """

    largest_file: int | None = None
    clock: float = 0
    unprivileged: bool = False


@dataclass(frozen=True)
class Done:
    """How a run ended: its exit code (negative: the signal), what it wrote, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float


class Running:
    """A run that goes on."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], machine: Machine) -> None:
        self._files = [_empty_file() for _ in range(2)]
        names = [str(path) for path in self._files]
        self._started = time.monotonic()
        self.process = CONTEXT.Process(target=_run, args=(arguments, names, dict(environment), machine))
        self.process.start()

    def signal(self, number: int) -> None:
        """Send a signal."""
        assert self.process.pid
        os.kill(self.process.pid, number)

    @property
    def err(self) -> str:
        """What it has written to stderr so far."""
        return self._files[1].read_text("utf-8")

    def done(self) -> Done:
        """Wait for its end."""
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        code, texts = self.process.exitcode, [path.read_text("utf-8") for path in self._files]
        self.process.close()
        for path in self._files:
            path.unlink()
        assert code is not None
        return Done(code, texts[0], texts[1], time.monotonic() - self._started)


def _empty_file() -> Path:
    with tempfile.NamedTemporaryFile(prefix="hamelin-test-", delete=False) as file:
        return Path(file.name)


def start(*arguments: str, environment: Mapping[str, str] | None = None, **machine: Any) -> Running:
    """Start a run, on a machine as Machine's fields tell."""
    return Running(arguments, environment or {}, Machine(**machine))


def hamelin(*arguments: str, environment: Mapping[str, str] | None = None, **machine: Any) -> Done:
    """Run a command to its end."""
    return start(*arguments, environment=environment, **machine).done()


def _run(arguments: tuple[str, ...], files: list[str], environment: dict[str, str], machine: Machine) -> None:
    """Be the process: write to files instead of the terminal, and run."""
    from indexer.cli import main

    for number, name in enumerate(files, start=1):
        os.dup2(os.open(name, os.O_WRONLY), number)
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    os.environ |= environment
    if machine.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (machine.largest_file, machine.largest_file))
    if machine.clock:
        right = time.time
        time.time = lambda: right() + machine.clock
    if machine.unprivileged:
        _give_up_privileges()
    try:
        main(list(arguments))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _give_up_privileges() -> None:
    """Let permissions of files hold for root, too (capset(2), version 3 of its structures)."""
    head, none = struct.pack("II", 0x20080522, 0), struct.pack("6I", *[0] * 6)
    if ctypes.CDLL(None, use_errno=True).capset(head, none):
        raise OSError(ctypes.get_errno(), "capset")
