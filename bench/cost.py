"""What a command costs: processor seconds of all its processes, the wall's, and the most memory they held together."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

EVERY = 0.25  # seconds between two looks at memory


@dataclass(frozen=True)
class Cost:
    """Processor and wall in seconds, memory in MB."""

    processor: float
    wall: float
    memory: float


def cost_of(command: Sequence[str | Path], *, fine: Sequence[int] = (0,), env: dict[str, str] | None = None) -> Cost:
    """Run a command to its end, and look at its memory now and then; end the benchmark where it fails."""
    process, cost = _run(command, env)
    if process.returncode not in fine:
        sys.exit(f"{command} ended with {process.returncode}: {process.stderr.decode()[-2000:]}")
    return cost


def quick_cost_of(command: Sequence[str | Path], env: dict[str, str] | None = None) -> Cost:
    """Run a command that is over in a moment; whatever it ends with is fine. Memory is that of its largest process.

    The kernel counts what a process held before it became another program, and so the memory of who started it:
    a small process starts the command, which is why no figure is below the 10 MB or so of a bare Python.
    """
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, command)]
    done = subprocess.run(launcher, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, check=True)
    processor, wall, memory = json.loads(done.stdout)
    return Cost(processor, wall, memory)


# Prints processor and wall in seconds, and memory in MB, of the command that its arguments are.
LAUNCHER = """
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
began = time.perf_counter()
started = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
usage = os.wait4(started, 0)[2]
print([usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss / 1024])
"""


def _run(command: Sequence[str | Path], env: dict[str, str] | None) -> tuple[subprocess.CompletedProcess[bytes], Cost]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    known = {**os.environ, **(env or {})}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=known, start_new_session=True
    ) as process:
        watch = _Watch(process.pid)
        errors = process.stderr.read() if process.stderr else b""
        process.wait()
        memory = watch.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    done = subprocess.CompletedProcess(command, process.returncode, b"", errors)
    return done, Cost(processor, time.perf_counter() - began, memory)


class _Watch:
    """Looks at the memory of all processes of a session, each counting its share of what they share (PSS)."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._most = 0
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most / 1024

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            held = sum(_memory(int(path.name)) for path in Path("/proc").glob("[0-9]*") if self._is_ours(path))
            self._most = max(self._most, held)

    def _is_ours(self, process: Path) -> bool:
        try:
            return os.getsid(int(process.name)) == self._session
        except (ProcessLookupError, PermissionError):
            return False


def _memory(process: int) -> int:
    """Give the memory of a process in kB."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
