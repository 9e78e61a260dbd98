"""What new mail costs from ingest to searchable, again and again, and what searches cost after that.

    python -m bench.updates VOLUMES [--new 300] [--times 50] [--queries FILE]

VOLUMES is a folder of a list's volume texts (.txt, .txt.gz). Its entries become an archive's, unmerged (a second one
of the same Message-ID gets another), but for the newest, which come bit by bit: the volumes' texts grow, as a crawl
fetches them. A whole process then parses what grew, keeps it and brings the index up to it; its start counts too.
In the end the same queries are asked of the index that grew and of one that is built anew; the two are compared.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.cost import Cost, cost_of, quick_cost_of
from bench.entries import LIST
from bench.index_speed import HAMELIN
from bench.parse_speed import volumes
from crawler.ingest import ingest
from crawler.parse.dates import volume_span
from crawler.parse.volume_text import split, unpack
from crawler.store import Capture, MailingList, Store, Volume
from indexer.generations import INDEX_FOLDER, newest

URL = f"https://example.org/pipermail/{LIST}/"
TEXTS = "texts"  # folder of an archive where its volumes' texts are, in place of warc/
MESSAGE_ID = re.compile(rb"^(Message-ID: <)([^>\n]*>)", re.IGNORECASE | re.MULTILINE)

Entries = list[tuple[str, bytes]]
"""Entries of volume texts, oldest volume first, each with its volume's name."""


def main() -> None:
    """Measure and print."""
    options = read_options()
    if options.once:
        once(options.volumes)
        return
    entries = list(unmerged(options.volumes))
    first = len(entries) - options.new * options.times
    queries = options.queries.read_text("utf-8").split("\n") if options.queries else ["memory leak", "the", "reactor"]
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive"
        fetch(archive, entries, 0, first)
        told(f"first {first:,}", update(archive))
        told("nothing new", update(archive))
        costs = []
        for start in range(first, len(entries), options.new):
            fetch(archive, entries, start, start + options.new)
            costs.append(update(archive))
        told(f"{options.new} new, median of {options.times}", median(costs))
        told(f"{options.new} new, worst", max(costs, key=lambda cost: cost.processor))
        print("each:", *(f"{cost.processor:.2f}" for cost in costs))
        searches(archive, [query for query in queries if query])


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("volumes", type=Path)
    parser.add_argument("--new", type=int, default=300)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--queries", type=Path, help="a query a line")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)  # what is measured; VOLUMES an archive
    return parser.parse_args()


def unmerged(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give the entries of a folder's texts, the oldest volume first; none has the Message-ID of another."""
    met: dict[bytes, int] = {}

    def other(match: re.Match[bytes]) -> bytes:
        count = met[match[2]] = met.get(match[2], 0) + 1
        return match[1] + (b"" if count == 1 else b"%d." % count) + match[2]

    texts = {name: max(found, key=len) for name, found in volumes(folder).items()}
    for name in sorted(texts, key=starts):
        for entry in split(unpack(texts[name]).data):
            yield name, MESSAGE_ID.sub(other, entry, count=1)


def starts(volume: str) -> int:
    """Give the day on which a volume starts."""
    known = volume_span(volume)
    return known[0] if known else 0


def fetch(archive: Path, entries: Entries, start: int, end: int) -> None:
    """Put entries at the end of their volumes' texts, and write down that these were fetched."""
    (archive / TEXTS).mkdir(parents=True, exist_ok=True)
    new: dict[str, list[bytes]] = {}
    for name, entry in entries[start:end]:
        new.setdefault(name, []).append(entry)
    with Store.open(archive) as store, store.transaction():
        store.save_list(MailingList(LIST, URL, language="en", charset="us-ascii"))
        for name, found in new.items():
            path = archive / TEXTS / f"{name}.txt.gz"
            before = gzip.decompress(path.read_bytes()) if path.exists() else b""
            path.write_bytes(gzip.compress(before + b"".join(found), mtime=0))
            store.save_volume(store.volume(LIST, name) or Volume(LIST, name, starts(name), ""))
            digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
            known = Capture(URL + path.name, LIST, name, 200, end, None, None, digest, size, str(end), 0)
            store.save_capture(known)


def update(archive: Path) -> Cost:
    """Bring an archive up to what was fetched, in a process of its own."""
    return cost_of([sys.executable, "-m", "bench.updates", "--once", archive])


def once(archive: Path) -> None:
    """Parse what was fetched, and index it: what `hamelin update` does between crawl and site."""
    from indexer import cli

    def payload(capture: Capture) -> bytes:
        return (archive / TEXTS / capture.url.removeprefix(URL)).read_bytes()

    with Store.open(archive) as store:
        ingest(store, payload)
    cli.main(["--quiet", "--archive", str(archive), "index"])


def searches(archive: Path, queries: list[str]) -> None:
    """Ask the index that grew and one that is built anew, and compare them."""
    grown, digests = ask(archive, queries), made_of(archive)
    told("index --full", cost_of([HAMELIN, "--quiet", "--archive", archive, "index", "--full"]))
    anew = ask(archive, queries)
    told("a search of the index that grew", grown)
    told("a search of one built anew", anew)
    same = "made of the same" if digests == made_of(archive) else "made of other messages"
    print(f"{grown.processor / anew.processor:.2f} times; {len(digests)} and {len(made_of(archive))} segments, {same}")


def made_of(archive: Path) -> list[str]:
    """Give the digests of what the segments of an index are made of."""
    state = newest(archive / INDEX_FOLDER)
    return [segment.digest for segment in state.segments] if state else []


def ask(archive: Path, queries: Iterable[str]) -> Cost:
    """Give the median cost of a search."""
    return median([quick_cost_of([HAMELIN, "--archive", archive, "search", "--", query]) for query in queries])


def median(costs: list[Cost]) -> Cost:
    """Give the median of each cost."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("processor", "wall", "memory")))


def told(name: str, cost: Cost) -> None:
    """Print a line."""
    print(f"{name:36}{cost.processor:8.3f} CPU s {cost.wall:8.3f} s {cost.memory:6.0f} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
