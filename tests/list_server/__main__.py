"""Serve a pipermail tree on loopback from the command line: `python -m tests.list_server TREE`."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.list_server import ACTIONS, Fault, ListServer

EPILOG = f"Actions: {' '.join(sorted(ACTIONS))}. Example: --fault '[.]txt[.]gz$=503*2'"


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = read(arguments)
    robots = options.robots.read_text("utf-8") if options.robots else None
    with ListServer(
        options.tree, faults=options.fault, prefix=options.prefix, robots=robots,
        validators=not options.no_validators, delay=options.delay, host=options.host, port=options.port,
    ) as server:  # fmt: skip
        print(f"serving {options.tree} at {server.url}", flush=True)
        _wait()


def read(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.list_server", description=__doc__, epilog=EPILOG)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--prefix", default="", help="serve the tree below this path")
    parser.add_argument("--fault", type=Fault.from_text, action="append", default=[], metavar="REGEX=ACTION[*TIMES]")
    parser.add_argument("--robots", type=Path, help="serve this file as /robots.txt")
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer")
    parser.add_argument("--no-validators", action="store_true", help="send neither Last-Modified nor ETag")
    return parser.parse_args(arguments)


def _wait() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


if __name__ == "__main__":
    main()
