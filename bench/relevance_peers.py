"""tantivy and Xapian, as they come, over the same texts: run by `bench.relevance` in an environment of its own.

    python relevance_peers.py TEXTS.jsonl QUERIES.json DEPTH

How they index and are asked is in `text_engines.py`: with their own BM25 and the constants that it comes with; once
with words joined by AND, once as they join them by themselves. Writes ids as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from text_engines import (  # type: ignore[import-not-found]  # beside this script
    ask_tantivy,
    ask_xapian,
    build_tantivy,
    build_xapian,
)


def main():
    """Ask both."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    queries, depth = json.loads(Path(sys.argv[2]).read_text("utf-8")), int(sys.argv[3])
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        engines = {"tantivy": (build_tantivy(rows), ask_tantivy), "Xapian": (build_xapian(rows, scratch), ask_xapian)}
        for name, (index, ask) in engines.items():
            found[name] = {query: ask(index, query, depth)[1] for query in queries}
            found[f"{name}, or"] = {query: ask(index, query, depth, conjunction=False)[1] for query in queries}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
