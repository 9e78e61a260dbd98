"""Lists on several hosts at once: how long it takes beside the slowest host alone, and in what order each is asked.

    python bench/hosts.py TREE                      # a pipermail tree: the folder above lists' folders
    python bench/hosts.py TREE --hosts 5 --lists 20 --pause 0.05

TREE's lists are dealt out to hosts 127.0.0.2 and on, each of which waits before each answer. All lists are crawled
in one run; then those of the host that took longest, alone. Ends with 1 when the run took more than 1.3 times as
long as that, or a host saw two requests at once.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.list_server import ListServer

COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
MOST = 1.3


def main() -> int:
    """Measure both."""
    options = read_options()
    names = sorted(path.parent.name for path in options.tree.glob("*/index.html"))[: options.lists]
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        servers = [
            stack.enter_context(ListServer(options.tree, host=f"127.0.0.{n + 2}", delay=options.pause))
            for n in range(options.hosts)
        ]
        urls = [f"{servers[n % len(servers)].url}{name}/" for n, name in enumerate(names)]
        together = crawl(Path(folder) / "all", urls)
        spans = [server.requests[-1].at - server.requests[0].at for server in servers]
        for server, span in zip(servers, spans, strict=True):
            most = max(request.together for request in server.requests)
            print(f"{server.host}: {len(server.requests)} requests in {span:.1f} s, at most {most} at once")
        single = all(request.together == 1 for server in servers for request in server.requests)
        slowest = servers[spans.index(max(spans))]
        slowest.forget()
        own = [url for url in urls if url.startswith(slowest.url)]
        alone = crawl(Path(folder) / "alone", own)
    print(f"{len(urls)} lists on {len(servers)} hosts: {together:.1f} s; {slowest.host} alone: {alone:.1f} s")
    print(f"ratio {together / alone:.2f}; one request at a time: {'yes' if single else 'NO'}")
    return 0 if single and together <= MOST * alone else 1


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--hosts", type=int, default=5)
    parser.add_argument("--lists", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds before each answer")
    return parser.parse_args()


def crawl(archive: Path, urls: list[str]) -> float:
    """Crawl lists in one run; give its seconds."""
    started = time.monotonic()
    command = [*COMMAND, "--archive", str(archive), "--quiet", "crawl", "--delay", "0", *urls]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the crawl ended with {done.returncode}: {done.stderr}", flush=True)
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
