"""Kill crawls at random moments, let the next run go on, and compare the export with that of a crawl left alone.

    python bench/kill_crawl.py TREE                        # a pipermail tree: the folder above lists' folders
    python bench/kill_crawl.py TREE --list kitchen --list names --kills 50 --seed 7

Each round starts from nothing: `hamelin crawl` is killed (SIGKILL) at a random moment between its first request and
the end of its file in warc/, then run again to its end. The list server is the tests' own, on loopback. Ends with 1
when an export differs, when a round asked for more than one address twice (robots.txt and the list's index apart, which
each run asks for), or when a WARC record is not as it should be (`warcio check`).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.list_server import ListServer

COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
MOST_REPEATED = 1


@dataclass(frozen=True)
class Crawl:
    """A whole crawl: the digest of its export, its seconds, the requests that the server saw."""

    digest: str
    seconds: float
    requests: int


def main() -> int:
    """Measure crawls left alone, then kill others."""
    options = read_options()
    names = options.list or [next(path.parent.name for path in sorted(options.tree.glob("*/index.html")))]
    chance, good = random.Random(options.seed), 0
    with ListServer(options.tree) as server, tempfile.TemporaryDirectory() as scratch:
        whole = {name: alone(server, Path(scratch) / f"whole-{name}", name) for name in names}
        for number in range(options.kills):
            name, archive = names[number % len(names)], Path(scratch) / str(number)
            while not struck(server, archive, name, chance.uniform(0.4, whole[name].seconds)):
                shutil.rmtree(archive, ignore_errors=True)  # it had ended before it was killed
            good += went_on(server, archive, name, whole[name])
    print(f"{good} of {options.kills} rounds are as they should be")
    return 0 if good == options.kills else 1


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--list", action="append", help="a folder below TREE; default: the first with an index.html")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def alone(server: ListServer, archive: Path, name: str) -> Crawl:
    """Crawl a list without a kill."""
    server.forget()
    whole = crawl(server, archive, f"{server.url}{name}/")
    said = f"{whole.requests} requests, {whole.seconds:.1f} s, export {whole.digest[:12]}"
    print(f"{name} left alone: {said}", flush=True)
    return whole


def crawl(server: ListServer, archive: Path, url: str) -> Crawl:
    """Crawl to the end, and export."""
    before, started = len(server.requests), time.monotonic()
    done = subprocess.run(arguments(archive, url), capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the crawl ended with {done.returncode}: {done.stderr}", flush=True)
    seconds = time.monotonic() - started
    export = subprocess.run([*COMMAND, "--archive", str(archive), "export"], check=True, capture_output=True).stdout
    return Crawl(hashlib.sha256(export).hexdigest(), seconds, len(server.requests) - before)


def struck(server: ListServer, archive: Path, name: str, after: float) -> bool:
    """Kill a crawl after some seconds; say whether it was at work: it asked something, and its file is open still."""
    server.forget()
    command = arguments(archive, f"{server.url}{name}/")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    process.wait()
    return bool(server.requests) and (not (archive / "warc").exists() or any((archive / "warc").glob("*.open")))


def went_on(server: ListServer, archive: Path, name: str, whole: Crawl) -> bool:
    """Crawl on after a kill, and say whether all is as it should be."""
    before = len(server.requests)
    rest = crawl(server, archive, f"{server.url}{name}/")
    asked = Counter(path for path in server.paths if path not in ("/robots.txt", f"/{name}/"))
    repeated = [path for path, times in asked.items() if times > 1]
    sound = valid(archive)
    same = rest.digest == whole.digest
    print(
        f"{name} killed: {before} + {rest.requests} requests, {len(repeated)} asked twice,"
        f" export {rest.digest[:12]}{'' if same else ' DIFFERS'}{'' if sound else ', WARC DAMAGED'}",
        flush=True,
    )
    if len(repeated) > MOST_REPEATED:
        print("  twice: " + " ".join(repeated), flush=True)
    return same and sound and len(repeated) <= MOST_REPEATED


def valid(archive: Path) -> bool:
    """Let warcio check every record of an archive."""
    files = [str(path) for path in sorted((archive / "warc").iterdir())]
    command = [sys.executable, "-c", "from warcio.cli import main; main()", "check", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not files:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0 and bool(files)


def arguments(archive: Path, url: str) -> list[str]:
    """Give the command that crawls."""
    return [*COMMAND, "--archive", str(archive), "--quiet", "crawl", "--delay", "0", url]


if __name__ == "__main__":
    sys.exit(main())
