"""Kill a crawl at random moments, let the next run go on, and compare the export with that of a crawl left alone.

    python bench/kill_crawl.py TREE            # a pipermail tree: the folder above lists' folders
    python bench/kill_crawl.py TREE --list kitchen --kills 10 --seed 7

Each round starts from nothing: `hamelin crawl` is killed (SIGKILL) between its first and its last
second, then run again to its end. The list server is the tests' own, on loopback. Ends with 1 when
one export differs.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.list_server import ListServer

COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]


@dataclass(frozen=True)
class Crawl:
    """A whole crawl: the digest of its export, its seconds, the requests that the server saw."""

    digest: str
    seconds: float
    requests: int


def main() -> int:
    """Measure a crawl left alone, then kill others."""
    options = read_options()
    name = options.list or next(path.parent.name for path in sorted(options.tree.glob("*/index.html")))
    with ListServer(options.tree) as server, tempfile.TemporaryDirectory() as scratch:
        url = f"{server.url}{name}/"
        whole = crawl(server, Path(scratch) / "whole", url)
        print(f"left alone: {whole.requests} requests, {whole.seconds:.1f} s, export {whole.digest[:12]}", flush=True)
        moments = random.Random(options.seed)
        same = [
            killed(server, Path(scratch) / str(n), url, whole, moments.uniform(0.5, whole.seconds))
            for n in range(options.kills)
        ]
    print(f"{sum(same)} of {len(same)} exports are the same")
    return 0 if all(same) else 1


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--list", help="a folder below TREE; default: the first with an index.html")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def crawl(server: ListServer, archive: Path, url: str) -> Crawl:
    """Crawl to the end, and export."""
    server.forget()
    started = time.monotonic()
    done = subprocess.run(arguments(archive, url), capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the crawl ended with {done.returncode}: {done.stderr}", flush=True)
    seconds = time.monotonic() - started
    export = subprocess.run([*COMMAND, "--archive", str(archive), "export"], check=True, capture_output=True).stdout
    return Crawl(hashlib.sha256(export).hexdigest(), seconds, len(server.requests))


def killed(server: ListServer, archive: Path, url: str, whole: Crawl, after: float) -> bool:
    """Kill a crawl after some seconds, go on, and say whether the export is the same."""
    server.forget()
    process = subprocess.Popen(arguments(archive, url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    process.wait()
    before = len(server.requests)
    rest = crawl(server, archive, url)
    same = rest.digest == whole.digest
    asked = f"{before} + {rest.requests} requests"
    print(f"killed after {after:.1f} s: {asked}, export {rest.digest[:12]}{'' if same else ' DIFFERS'}", flush=True)
    return same


def arguments(archive: Path, url: str) -> list[str]:
    """Give the command that crawls."""
    return [*COMMAND, "--archive", str(archive), "--quiet", "crawl", "--delay", "0", url]


if __name__ == "__main__":
    sys.exit(main())
