"""Processes that help a command, and that end with it however it ends.

A worker waits for work on a pipe that it shares with its fellows, so that a command which is killed would leave
them waiting for ever. Each therefore watches for the end of the command's process.
"""

from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


def pool_of(count: int) -> ProcessPoolExecutor:
    """Start a pool of so many processes, each from nothing: forks of a process with threads can hang."""
    from concurrent.futures import ProcessPoolExecutor  # little work is done without a pool
    from multiprocessing import get_context

    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=end_with_the_command)


def end_with_the_command() -> None:
    """Have this process end when the command's does."""
    Thread(target=_wait_for_its_end, daemon=True).start()


def _wait_for_its_end() -> None:
    from multiprocessing import parent_process

    command = parent_process()
    if command is not None:
        command.join()
        os._exit(1)
