"""What an input costs: a process of its own, its CPU seconds and its most memory, both under a limit."""

from __future__ import annotations

import ctypes
import os
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

ADDRESS_SPACE = 3 << 30  # bytes that a child may reserve; what it touches is measured


@dataclass(frozen=True)
class Cost:
    """CPU seconds; megabytes above what the process held when it began; what was raised, "" for nothing."""

    seconds: float
    megabytes: float
    trouble: str = ""


def cost(work: Callable[[], object], seconds: float) -> Cost:
    """Do some work in a child that gets so many CPU seconds; one that it killed or that crashed says so."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, seconds, reader, writer)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if not told:
        return Cost(seconds, 0, f"ended by signal {os.WTERMSIG(status)}")
    used, megabytes, trouble = told.split("\n", 2)
    return Cost(float(used), float(megabytes), trouble)


def _work(work: Callable[[], object], seconds: float, reader: int, writer: int) -> None:
    trouble = ""
    try:
        os.close(reader)
        limit = round(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        _forget_the_peak()
        held, start = _kilobytes(), time.process_time()
        try:
            work()
        except BaseException:
            trouble = traceback.format_exc(limit=-4)
        used = time.process_time() - start
        told = f"{used}\n{(_kilobytes() - held) / 1024}\n{trouble}"
        os.write(writer, told.encode("utf-8", "replace")[: 1 << 15])
    finally:
        os._exit(0)


def _forget_the_peak() -> None:
    """Have Linux count the most memory from here on (proc(5), clear_refs): a child begins with its parent's.

    Memory that the parent freed and still has is given back first, so that it is not taken again unseen.
    """
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _kilobytes() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
