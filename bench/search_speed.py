"""Index, search and pack against plain Whoosh, over the same messages in the same run: seconds, memory, bytes.

    python -m bench.search_speed ARCHIVE [--queries FILE] [--plain] [--processes 1]

ARCHIVE is read only: its database is linked into a scratch folder, where everything is made anew. `--plain`
also builds and asks an index as Whoosh's own writer makes it, of the same published text, with its stemming
analyzer and positions. Seconds are of the processor, with the wall's behind them; memory is the most that one
process held. Machines differ, and so do hours on one: the ratio in the last column is what to compare.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from crawler.store import DATABASE

SEARCH = "import sys; from indexer.cli import main; main(sys.argv[1:])"
INDEX = """
import sys
from pathlib import Path
from crawler.config import load
from crawler.store import Store
from indexer.refresh import refresh
if __name__ == "__main__":
    config = load(Path(sys.argv[1]))
    with Store.open(config.folder) as store:
        refresh(config, store, full=True, processes=int(sys.argv[2]))
"""
PACK = """
import sys
from pathlib import Path
from indexer.pack.write import write
write(Path(sys.argv[1]), Path(sys.argv[1]) / "site")
"""
PLAIN_INDEX = """
import sys
from pathlib import Path
from whoosh import fields, index
from whoosh.analysis import StemmingAnalyzer
from crawler.config import load
from crawler.store import Store
from indexer.redaction import privacy_for, published
config = load(Path(sys.argv[1]))
text = fields.TEXT(analyzer=StemmingAnalyzer())
schema = fields.Schema(id=fields.ID(stored=True), subject=text, sender=text, body=text, date=fields.STORED)
writer = index.create_in(sys.argv[2], schema).writer(limitmb=256)
with Store.open(config.folder) as store:
    privacy = privacy_for(store.senders(), publish_addresses=config.publish_addresses)
    for whole in store.messages():
        m = published(whole, privacy)
        writer.add_document(id=m.id, subject=m.subject, sender=m.from_name or "", body=m.body, date=m.date)
writer.commit()
"""
PLAIN_SEARCH = """
import sys
from whoosh import index
from whoosh.qparser import MultifieldParser
with index.open_dir(sys.argv[1]).searcher() as searcher:
    query = MultifieldParser(["subject", "sender", "body"], searcher.schema).parse(sys.argv[2])
    results = searcher.search(query, limit=20)
    print(len(results), [hit["id"] for hit in results])
"""


@dataclass(frozen=True)
class Cost:
    """What a process cost: processor seconds, the wall's, and the most memory, in MB, that it or a child held."""

    processor: float
    wall: float
    memory: int


def run(code: str, *arguments: str) -> Cost:
    """Run code in a process of its own; a search that finds nothing is fine."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:  # a file, since other processes start from it
        script.write(code)
        script.flush()
        watched = f"import resource,runpy,sys;sys.argv=sys.argv[1:];{WATCH}"
        done = subprocess.run(
            [sys.executable, "-c", watched, script.name, *arguments], capture_output=True, text=True, check=False
        )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = done.stderr.rpartition("memory ")[2].strip()
    if done.returncode not in (0, 1) or not memory.isdecimal():
        sys.exit(done.stderr)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(processor, wall, int(memory) // 1024)


# Each process tells the most memory that it, or a process that it started, held.
WATCH = """import atexit
who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
atexit.register(lambda: print("memory", max(resource.getrusage(w).ru_maxrss for w in who), file=sys.stderr))
runpy.run_path(sys.argv[0], run_name="__main__")"""


def main() -> None:
    """Measure and print."""
    options = read_options()
    queries = (
        options.queries.read_text("utf-8").splitlines() if options.queries else ["memory leak", "the", "know more"]
    )
    os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
    with tempfile.TemporaryDirectory() as scratch:
        archive, plain = Path(scratch) / "archive", Path(scratch) / "plain"
        archive.mkdir(), plain.mkdir()
        for name in (DATABASE, f"{DATABASE}-wal", "hamelin.toml"):
            if (options.archive / name).exists():
                (archive / name).symlink_to((options.archive / name).resolve())
        other = run(PLAIN_INDEX, str(archive), str(plain)) if options.plain else None
        show("index", run(INDEX, str(archive), str(options.processes)), other)
        show("index again", run(INDEX.replace("full=True, ", ""), str(archive), "1"), None)
        show("pack", run(PACK, str(archive)), None)
        asked = [run(SEARCH, "--archive", str(archive), "search", "--", query) for query in queries]
        others = [run(PLAIN_SEARCH, str(plain), query) for query in queries] if options.plain else []
        show(f"search, median of {len(queries)}", median(asked), median(others) if others else None)
        for name, folder in (("index", archive / "index"), ("plain Whoosh", plain), ("pack", archive / "site")):
            files = [path for path in folder.rglob("*") if path.is_file()]
            print(f"{name:26}{sum(path.stat().st_size for path in files) / 1e6:8.1f} MB in {len(files):,} files")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--queries", type=Path, help="a query a line")
    parser.add_argument("--plain", action="store_true", help="measure plain Whoosh too")
    parser.add_argument("--processes", type=int, default=1)
    return parser.parse_args()


def median(costs: list[Cost]) -> Cost:
    """Give the median of each cost."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("processor", "wall", "memory")))


def show(name: str, cost: Cost, plain: Cost | None) -> None:
    """Print a line, with plain Whoosh's cost and the ratio behind it."""
    line = f"{name:26}{cost.processor:8.2f} s ({cost.wall:.2f} s) {cost.memory:5.0f} MB"
    if plain:
        line += f"   plain Whoosh {plain.processor:8.2f} s ({plain.wall:.2f} s) {plain.memory:5.0f} MB"
        line += f"   {plain.processor / cost.processor:.2f} times"
    print(line, flush=True)


if __name__ == "__main__":
    main()
