"""What a crawl costs its server: requests and bytes of Hamelin, wget and perceval's pipermail backend, in one run.

    python bench/crawl_cost.py TREE                             # a pipermail tree: the folder above lists' folders
    python bench/crawl_cost.py TREE --list kitchen --earlier OTHER_TREE --drop-peers

Each tool fetches the list twice from the tests' list server on loopback, which counts; the second time nothing is
new. With --earlier a third archive is crawled from that tree first and then from TREE: what new mail costs.
perceval is installed from PyPI into a folder of its own; wget is Debian's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.list_server import ListServer, Request

HAMELIN = [sys.executable, "-c", "from indexer.cli import main; main()"]
PERCEVAL = "perceval==1.6.1"
KINDS = (("texts", 7), ("indexes", 9), ("pages", 7), ("attachments", 13))
COLUMNS = (("requests", 9), ("MB", 8), ("a message", 11), *KINDS)


@dataclass(frozen=True)
class Cost:
    """What a run asked for: requests, bytes of bodies, requests with a validator, addresses by kind that came whole."""

    requests: int
    bytes: int
    conditional: int
    kinds: Counter[str]

    @classmethod
    def of(cls, requests: list[Request]) -> Cost:
        """Count requests."""
        came = {request.path for request in requests if request.status == 200}
        return cls(
            len(requests), sum(r.sent for r in requests), sum(r.conditional for r in requests), Counter(map(kind, came))
        )


def kind(path: str) -> str:
    """Tell what stands at a path."""
    if "/attachments/" in path:
        return "attachments"
    name = path.rpartition("/")[2]
    return "texts" if ".txt" in name else "pages" if name[:6].isdigit() else "indexes"


def main() -> int:
    """Measure, and print a table."""
    options = read_options()
    name = options.list or next(path.parent.name for path in sorted(options.tree.glob("*/index.html")))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with ListServer(options.tree) as server:
            url = f"{server.url}{name}/"
            archive = scratch / "archive"
            print(f"{'':34}" + "".join(f"{name:>{width}}" for name, width in COLUMNS), flush=True)
            first = measured(server, lambda: crawl(archive, url))
            messages = count(archive)
            show("hamelin --pages needed", first, messages)
            show("hamelin, again", measured(server, lambda: crawl(archive)), messages)
            for peer, run in {} if options.drop_peers else peers(scratch, url).items():
                show(peer, measured(server, run), messages)
                show(f"{peer}, again", measured(server, run), messages)
        if options.earlier:
            grown(options.tree, options.earlier, name, scratch / "grown")
        print(f"{messages:,} messages; attachments held: {attachments(archive)}")
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--list", help="a folder below TREE; default: the first with an index.html")
    parser.add_argument("--earlier", type=Path, help="a tree as it was some messages before TREE")
    parser.add_argument("--drop-peers", action="store_true", help="measure Hamelin alone")
    return parser.parse_args()


def measured(server: ListServer, run: Callable[[], None]) -> Cost:
    """Run something and count what the server saw."""
    server.forget()
    run()
    return Cost.of(server.requests)


def show(title: str, cost: Cost, messages: int) -> None:
    """Print a row of the table."""
    kinds = "".join(
        f"{cost.kinds[k]:>{w}}" for k, w in (("texts", 7), ("indexes", 9), ("pages", 7), ("attachments", 13))
    )
    share = f"{cost.requests / messages:.3f}" if messages else "-"
    print(f"{title:34}{cost.requests:>9}{cost.bytes / 1e6:>8.1f}{share:>11}{kinds}", flush=True)


def crawl(archive: Path, *urls: str) -> None:
    """Crawl with nothing between requests: the server is our own."""
    command = [*HAMELIN, "--archive", str(archive), "--quiet", "crawl", "--delay", "0", *urls]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the crawl ended with {done.returncode}: {done.stderr}", flush=True)


def count(archive: Path) -> int:
    """Count the messages of an archive."""
    return int(status(archive)["messages"])


def attachments(archive: Path) -> str:
    """Say how many attachments an archive has, by status."""
    return ", ".join(f"{number:,} {kept}" for kept, number in status(archive)["attachments"].items())


def status(archive: Path) -> dict[str, dict[str, int]]:
    """Ask an archive what it holds."""
    done = subprocess.run([*HAMELIN, "--archive", str(archive), "status", "--json"], check=True, capture_output=True)
    found: dict[str, dict[str, int]] = json.loads(done.stdout.splitlines()[0])
    return found


def grown(tree: Path, earlier: Path, name: str, scratch: Path) -> None:
    """Crawl a list as it was, then as it is, from one address, and print what the second crawl cost."""
    scratch.mkdir()
    archive, served = scratch / "archive", scratch / "served"
    served.symlink_to(earlier.resolve(), target_is_directory=True)
    with ListServer(served) as server:
        server.tree = earlier.resolve()
        crawl(archive, f"{server.url}{name}/")
        before = count(archive)
        server.tree = tree.resolve()
        cost = measured(server, lambda: crawl(archive))
        show(f"hamelin, {count(archive) - before} messages more", cost, count(archive) - before)
        print("   " + " ".join(f"{r.path.partition(name)[2] or r.path}={r.status}" for r in server.requests))


def peers(scratch: Path, url: str) -> dict[str, Callable[[], None]]:
    """Give the other tools that are there, ready to run."""
    found: dict[str, Callable[[], None]] = {}
    if wget := shutil.which("wget"):
        mirror = [wget, "--mirror", "--no-parent", "--quiet", "--directory-prefix", str(scratch / "wget"), url]
        found["wget --mirror"] = lambda: quietly(mirror)
    place = scratch / "venv"
    venv.create(place, with_pip=True)
    if subprocess.run(
        [place / "bin" / "pip", "install", "--quiet", PERCEVAL], check=False, capture_output=True
    ).returncode:
        print("perceval could not be installed")
        return found
    command = [place / "bin" / "perceval", "pipermail", url, "--mboxes-path", str(scratch / "mboxes"), "--json-line"]
    found["perceval pipermail"] = lambda: quietly([str(word) for word in command])
    return found


def quietly(command: list[str]) -> None:
    """Run a tool whose words nobody needs; wget ends with 8 where a link leads nowhere."""
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
