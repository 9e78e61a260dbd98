"""Whether the index answers like a slow search that reads every message for every query.

    python -m bench.search_answers ARCHIVE --queries FILE

Of each query of FILE (one a line) the number of hits, the set of them and each score are compared with those of
`tests/naive_search.py`, over the archive's own mail. Then 10,000 queries at random are asked, and the worst
that we know: none may raise or take longer than two seconds. Ends with 1 when one differs. Takes some minutes and,
with 33,000 messages, 4 GB.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.config import load
from crawler.errors import QueryError
from crawler.parse.file_names import shown_name
from crawler.store import Store
from indexer.contents import seconds
from indexer.query.parse import parse
from indexer.readable import Readable, readable
from indexer.redaction import privacy_for
from indexer.search import SearchIndex, open_index, search
from indexer.tasks import StoreSource
from tests.naive_search import Read, naive_search
from tests.stored import Letter

ALL = 10_000_000
SEED = 20041005
RANDOM_QUERIES = 10_000
LONGEST = 2.0  # seconds of the processor that a query may take
PIECES = (
    *("(", ")", '"', "-", "OR", "NOT", "AND", "*", "~", ":", "..", "from:", "subject:", "date:", "file:", "said:"),
    *(
        "id:",
        "newer:",
        "2004",
        "2005-13",
        "a",
        "re*",
        "th*",
        "reactor",
        "leak~",
        "<x@y>",
        "東京",
        "é",
        "\0",
        "\u202e",
        "%",
    ),
)
COMMON = ("the", "to", "a", "of", "in", "and", "is", "it", "that", "for", "this", "you", "be", "on", "not", "with")
NEAR_ENDS = ("actor", "fers", "sted", "sage", "thon", "quest", "turns", "place")
# All but those of a megabyte are as large as the language lets them be.
WORST = {
    "twenty beginnings": " OR ".join(f"{a}{b}*" for a in "abcdst" for b in "aeio")[:400].rpartition(" OR ")[0],
    "as many beginnings as may be": " OR ".join(f"{a}{b}*" for a in "cdimprst" for b in "aeioruhl"),
    "as many near spellings": " OR ".join(f"{a}{b}~2" for a in ("re", "de", "twi", "mes") for b in NEAR_ENDS),
    "as many phrases": " OR ".join(f'"{a} {b}"' for a in COMMON[:7] for b in COMMON[:4]),
    "the longest phrase": f'"{" ".join((COMMON * 32)[:496])}"',
    "senders": " OR ".join(f"from:{a}@{b}" for a in COMMON for b in COMMON),
    "5,000 parentheses": "(" * 5000 + "a" + ")" * 5000,
    "a megabyte of words": "reactor " * 131_072,
    "a megabyte of a word": "a" * (1 << 20),
    "a megabyte of quotes": '"' * (1 << 20),
    "a megabyte of parentheses": "(" * (1 << 20),
    "common phrase": '"the the the the"',
    "everything but": "date:1970.. -the",
}


@dataclass(frozen=True)
class Published(Letter):
    """A message of an archive, as the slow search reads letters: published, with its keys as they are."""

    key: str = ""
    thread_of: str = ""

    @property
    def id(self) -> str:
        """The id that the archive gave."""
        return self.key

    @property
    def thread_key(self) -> str:
        """The key of its thread."""
        return self.thread_of


def main() -> int:
    """Compare, and print what differs."""
    options = read_options()
    index = open_index(options.archive)
    queries = [line.strip() for line in options.queries.read_text("utf-8").splitlines() if line.strip()]
    mail = list(read(options.archive))
    print(f"{len(mail):,} messages read, {len(queries)} queries", flush=True)
    same = [compare(query, index, mail) for query in queries]
    print(f"{sum(same)} of {len(same)} queries find the same messages with the same scores")
    quick = all([*random_queries(index), *worst_queries(index)])
    return 0 if all(same) and quick else 1


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--queries", type=Path, required=True, help="a query a line")
    return parser.parse_args()


def read(archive: Path) -> Iterator[Read]:
    """Read all mail of an archive as the slow search does."""
    config = load(archive)
    with closing(Store.open(archive)) as store:
        privacy = privacy_for(store.senders(), publish_addresses=config.publish_addresses)
        languages = {known.name: known.language or config.language for known in store.lists()}
        ids = [heading.id for name in languages for heading in store.headings(name)]
    for whole, readings, endings in StoreSource(archive).read(ids):
        one = readable(whole, readings, privacy, endings)
        yield Read(_letter(one, whole.from_address), languages[whole.list], one.endings)


def _letter(one: Readable, address: str | None) -> Published:
    m = one.message
    parts = tuple(
        replace(part, name=shown_name(part.name), type=part.type or found or "")
        for part, found in zip(m.attachments, one.types, strict=True)
    )
    date = seconds(m.date) if m.date else None
    known = {"message_id": m.message_id, "file_texts": one.texts, "key": m.id, "thread_of": m.thread or m.id}
    return Published(m.subject, m.body, m.from_name, address, m.list, date, attachments=parts, **known)  # type: ignore[arg-type]


def compare(query: str, index: SearchIndex, mail: list[Read]) -> bool:
    """Ask both, and say where they differ."""
    now = int(time.time())
    tree = parse(query, now=now).tree
    expected = naive_search(tree, mail)
    found = search(tree, index, limit=ALL)
    same = expected == {hit.id: hit.score for hit in found.hits} and found.total == len(expected)
    if not same:
        print(f"DIFFERS {query}: {found.total} found, {len(expected)} expected", flush=True)
    return same


def random_queries(index: SearchIndex) -> Iterator[bool]:
    """Ask queries put together from pieces at random."""
    gc.freeze()  # what the slow search holds: to look through it takes seconds, which are no search's
    luck, slowest, refused = random.Random(SEED), (0.0, ""), 0
    for _ in range(RANDOM_QUERIES):
        query = "".join(luck.choice(PIECES) + luck.choice(("", " ", " ")) for _ in range(luck.randint(1, 12)))
        seconds_, fine = ask(query, index)
        slowest, refused = max(slowest, (seconds_, query)), refused + (not fine)
    print(f"{RANDOM_QUERIES:,} random queries: {refused:,} refused, the slowest {slowest[0]:.2f} s ({slowest[1]!r})")
    yield slowest[0] < LONGEST


def worst_queries(index: SearchIndex) -> Iterator[bool]:
    """Ask what is made to take long."""
    for name, query in WORST.items():
        took, fine = ask(query, index)
        print(f"{name}: {took:.2f} s{'' if fine else ', refused'}", flush=True)
        yield took < LONGEST


def ask(query: str, index: SearchIndex) -> tuple[float, bool]:
    """Ask; give the seconds of the processor, and whether it was a query."""
    started = time.process_time()
    try:
        search(parse(query, now=0).tree, index, limit=20)
    except QueryError:
        return time.process_time() - started, False
    return time.process_time() - started, True


if __name__ == "__main__":
    sys.exit(main())
