"""What new mail costs: `hamelin index` of an archive that gets some messages more, again and again, and then searches.

    python -m bench.updates ENTRIES [--new 300] [--times 50] [--queries FILE]

ENTRIES is a file of `bench.entries`; its messages become an archive's, unmerged, but for the newest, which come bit by
bit. After each lot the whole process is measured, its start too. In the end the same queries are asked of the
index that grew and of one that is built anew.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from bench.cost import Cost, cost_of, quick_cost_of
from bench.entries import LIST, Entries
from bench.index_speed import HAMELIN
from crawler.message import Message
from crawler.store import MailingList, Store


def main() -> None:
    """Measure and print."""
    options = read_options()
    entries = Entries(options.entries)
    first = len(entries) - options.new * options.times
    queries = options.queries.read_text("utf-8").split("\n") if options.queries else ["memory leak", "the", "reactor"]
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive"
        archive.mkdir()
        add(archive, (message for message, *_ in entries.read(range(first))))
        told("first index", index(archive))
        told("nothing new", index(archive))
        costs = []
        for start in range(first, len(entries), options.new):
            add(archive, (message for message, *_ in entries.read(range(start, start + options.new))))
            costs.append(index(archive))
        worst = max(costs, key=lambda cost: cost.processor)
        told(f"{options.new} new, median of {options.times}", median(costs))
        told(f"{options.new} new, worst", worst)
        grown = ask(archive, queries)
        told("index --full", cost_of([HAMELIN, "--quiet", "--archive", archive, "index", "--full"]))
        anew = ask(archive, queries)
        told("a search of the index that grew", grown)
        told("a search of one built anew", anew)
        print(f"{grown.processor / anew.processor:.2f} times")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", type=Path)
    parser.add_argument("--new", type=int, default=300)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--queries", type=Path, help="a query a line")
    return parser.parse_args()


def index(archive: Path) -> Cost:
    """Bring the index up to the archive, as a user does it."""
    return cost_of([HAMELIN, "--quiet", "--archive", archive, "index"])


def ask(archive: Path, queries: Iterable[str]) -> Cost:
    """Give the median cost of a search."""
    return median([quick_cost_of([HAMELIN, "--archive", archive, "search", "--", query]) for query in queries if query])


def median(costs: list[Cost]) -> Cost:
    """Give the median of each cost."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("processor", "wall", "memory")))


def told(name: str, cost: Cost) -> None:
    """Print a line."""
    print(f"{name:36}{cost.processor:8.3f} CPU s {cost.wall:8.3f} s {cost.memory:6.0f} MB", flush=True)


def add(archive: Path, messages: Iterable[Message]) -> None:
    """Put messages into an archive's database as ingest would leave them; their threads are yet to be found."""
    with Store.open(archive) as store, store.transaction():
        store.save_list(MailingList(LIST, f"https://example.org/pipermail/{LIST}/", language="en"))
        revision = store.next_revision()
        columns = store.db.execute("PRAGMA table_info(entries)").fetchall()
        fillers = {name: 0 if kind == "INTEGER" else "" for _, name, kind, needed, *_ in columns if needed}
        for message in messages:
            row = {**fillers, **_entry(message)}
            marks = ", ".join("?" * len(row))
            sql = f"INSERT INTO entries ({', '.join(row)}) VALUES ({marks})"
            entry = store.db.execute(sql, tuple(row.values())).lastrowid
            known = {"id": message.id, "list": LIST, "entry": entry, "grp": message.id, "pages": "[]", "defects": "[]"}
            known |= {"digest": message.id, "revision": revision}
            sql = f"INSERT INTO messages ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})"
            store.db.execute(sql, tuple(known.values()))


def _entry(message: Message) -> dict[str, object]:
    names = ("message_id", "in_reply_to", "from_name", "from_address", "date", "date_raw", "subject", "body", "volume")
    return {
        **{name: getattr(message, name) for name in names},
        "list": LIST,
        "ordinal": message.number,
        "grp": message.id,
        "refs": json.dumps(message.references),
        "attachments": json.dumps([_part(asdict(part)) for part in message.attachments]),
        "defects": json.dumps(message.defects),
    }


def _part(known: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in known.items() if name != "source" or value is not None}


if __name__ == "__main__":
    sys.exit(main())
