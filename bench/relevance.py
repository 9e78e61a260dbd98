"""How well results are ranked, beside the plain BM25 of tantivy and of Xapian, on the same questions.

    python -m bench.relevance ARCHIVE [--judgements FILE] [--half held] [--peers FOLDER]

Questions come from `bench.judgements`, out of the archive itself; by default only those that no weight was chosen by
are asked. All engines hold the same published text and join words by AND; `or` rows are what the peers do when they
are left to themselves. The peers run in a virtual environment of their own, made the first time in --peers. Figures are
MRR (of what was looked for) and nDCG@10 (with its thread), in the mean of all questions and by kind.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench.environments import TANTIVY, XAPIAN, python_with
from bench.judgements import Held, Judgement, judgements, read
from indexer.query.parse import parse
from indexer.search import open_index, search

DEPTH = 100  # results of a question that are looked at
TEN = 10
WANTED = 2  # the grade of what was looked for
Ranks = dict[str, list[str]]  # by query, the ids that an engine gave


def main() -> int:
    """Ask, and print a table."""
    options = read_options()
    held = read(options.archive)
    asked = [one for one in _judgements(options.judgements, held) if options.half in ("all", one.half)]
    print(f"{len(held):,} messages, {len(asked)} questions ({options.half})")
    engines = {"Hamelin": ours(options.archive, asked), **peers(options.peers, held, asked)}
    kinds = sorted({one.kind for one in asked})
    print(f"{'':14}{'all':>16}" + "".join(f"{kind:>16}" for kind in kinds) + "    MRR nDCG@10")
    for name, ranks in engines.items():
        rows = [asked, *([one for one in asked if one.kind == kind] for kind in kinds)]
        print(f"{name:14}" + "".join(f"{_mean(mrr, row, ranks):9.4f}{_mean(ndcg, row, ranks):7.4f}" for row in rows))
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--judgements", type=Path, help="questions made before; default: made now")
    parser.add_argument("--half", choices=["held", "tune", "all"], default="held")
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "hamelin-bench" / "relevance")
    return parser.parse_args()


def _judgements(path: Path | None, held: list[Held]) -> Iterator[Judgement]:
    if path is None:
        return judgements(held)
    return (Judgement(**json.loads(line)) for line in path.read_text("utf-8").splitlines())


def ours(archive: Path, asked: Iterable[Judgement]) -> Ranks:
    """Ask our own index."""
    index = open_index(archive)
    return {
        one.query: [hit.id for hit in search(parse(one.query, now=0).tree, index, limit=DEPTH).hits] for one in asked
    }


def peers(folder: Path, held: list[Held], asked: list[Judgement]) -> dict[str, Ranks]:
    """Ask the peers, in their own environment; without one the table has our row alone."""
    try:
        python = python_with(folder, TANTIVY, XAPIAN)
    except subprocess.CalledProcessError as error:
        print(f"the peers cannot be set up: {error}", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        texts, queries = Path(scratch) / "texts.jsonl", Path(scratch) / "queries.json"
        with texts.open("w", encoding="utf-8") as out:
            for one in held:
                m = one.message
                row = {"id": m.id, "subject": m.subject, "sender": m.from_name or "", "body": m.body}
                out.write(json.dumps(row) + "\n")
        queries.write_text(json.dumps([one.query for one in asked]), "utf-8")
        script = Path(__file__).with_name("relevance_peers.py")
        done = subprocess.run(
            [python, script, texts, queries, str(DEPTH)], check=True, stdout=subprocess.PIPE, text=True
        )
    found: dict[str, Ranks] = json.loads(done.stdout)
    return found


def mrr(one: Judgement, ranked: list[str]) -> float:
    """Give 1/rank of the first message that was looked for, 0 where none is among the results."""
    return next((1 / rank for rank, id in enumerate(ranked, 1) if one.relevant.get(id) == WANTED), 0.0)


def ndcg(one: Judgement, ranked: list[str]) -> float:
    """Give the discounted gain of the first ten results, as a share of the best there could be.

    >>> ndcg(Judgement("subject", "a", "held", {"x": 2, "y": 1}), ["x", "y"])
    1.0
    """
    gains = [one.relevant.get(id, 0) for id in ranked[:TEN]]
    best = sorted(one.relevant.values(), reverse=True)[:TEN]
    return _gain(gains) / _gain(best)


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _mean(measure: Callable[[Judgement, list[str]], float], asked: list[Judgement], ranks: Ranks) -> float:
    values = [measure(one, ranks[one.query]) for one in asked]
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
