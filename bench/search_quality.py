"""How well results are ranked: known messages asked for by a few of their own words, and the rank they come back at.

    python -m bench.search_quality ARCHIVE [--queries 400]

Each query is three words that its message wrote itself, one of them from the subject where there is one. The
figure is the mean of 1/rank (MRR). The first line ranks as `indexer.impact` does, the others with another usual
length of texts or other weights of parts, and the last with BM25F in floating point: what whole numbers cost.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from crawler.config import load
from crawler.store import Store
from indexer.analysis import Analyzer
from indexer.contents import contents
from indexer.fields import FIELDS, PARTS
from indexer.impact import LENGTHS, MOST_IMPACT, MOST_MASS, impact, length_class, weight
from indexer.redaction import privacy_for, published
from indexer.segments import in_order

WEIGHTS = {field.name: field.weight for field in FIELDS if field.weight}
SEED = 20041005

Impact = Callable[[int, int], float]


@dataclass
class Held:
    """What is known of a message: how often each term stands in each part, how many words it has, those to ask for."""

    counts: dict[str, list[int]]
    words: int
    askable: list[str]


def read(archive: Path) -> list[Held]:
    """Read all messages of an archive as an index would."""
    config = load(archive)
    with closing(Store.open(archive)) as store:
        privacy = privacy_for(store.senders(), publish_addresses=config.publish_addresses)
        languages = {known.name: known.language or config.language for known in store.lists()}
        analyzers = {language: Analyzer(language) for language in languages.values()}
        order = in_order(heading for known in store.lists() for heading in store.headings(known.name))
        messages = filter(None, (store.message(heading.id) for heading in order))
        return [_held(contents(published(m, privacy), m, analyzers[languages[m.list]])) for m in messages]


def _held(known: object) -> Held:
    words = known.words  # type: ignore[attr-defined]
    counts = {
        term: [sum(place & 7 == part for place in places) for part in range(len(PARTS))]
        for term, places in words.places.items()
    }
    said = PARTS.index("said")
    askable = sorted(term for term, parts in counts.items() if parts[said] and term.isalpha() and len(term) > 2)
    return Held(counts, words.counted, askable)


def questions(held: list[Held], count: int) -> list[tuple[int, list[str]]]:
    """Choose messages and words of theirs."""
    luck = random.Random(SEED)
    rich = [number for number, one in enumerate(held) if len(one.askable) >= 12]
    return [(number, luck.sample(held[number].askable, 3)) for number in luck.choices(rich, k=count)]


def mean_reciprocal_rank(
    held: list[Held],
    asked: list[tuple[int, list[str]]],
    score: Impact,
    weights: list[int],
    *,
    by_df: Callable[[int, int], float],
) -> float:
    """Rank all messages for each question; equal scores count for those before it."""
    total = 0.0
    for wanted, terms in asked:
        found = [[n for n, one in enumerate(held) if term in one.counts] for term in terms]
        factors = [by_df(len(numbers), len(held)) for numbers in found]
        scores: dict[int, float] = {}
        for numbers, term, factor in zip(found, terms, factors, strict=True):
            for number in numbers:
                mass = sum(c * w for c, w in zip(held[number].counts[term], weights, strict=True))
                scores[number] = scores.get(number, 0) + factor * score(mass, held[number].words)
        total += 1 / (
            1
            + sum(
                other > scores[wanted] or (other == scores[wanted] and number > wanted)
                for number, other in scores.items()
            )
        )
    return total / len(asked)


def in_whole_numbers(usual: int) -> Impact:
    """Make the rule of `indexer.impact` for another usual length."""
    middles = [LENGTHS[0] / 2, *((a + b) / 2 for a, b in pairwise(LENGTHS)), LENGTHS[-1] * 1.5]
    half = [round(36 * (0.25 + 0.75 * length / usual)) for length in middles]

    def rule(mass: int, words: int) -> float:
        held = min(mass, MOST_MASS)
        return 1 + (10 * held * (MOST_IMPACT - 1)) // (10 * held + half[length_class(words)])

    return rule


def bm25f(usual: float) -> Impact:
    """Give what the impacts are made from, in floating point."""
    return lambda mass, words: mass / (mass + 3.6 * (0.25 + 0.75 * words / usual))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--queries", type=int, default=400)
    options = parser.parse_args()
    held = read(options.archive)
    asked = questions(held, options.queries)
    usual = sum(one.words for one in held) / len(held)
    print(f"{len(held):,} messages, {usual:.0f} words in the mean; {len(asked)} queries")
    now = list(WEIGHTS.values())
    rows: list[tuple[str, Impact, list[int]]] = [("as it is", lambda m, w: impact(m, length_class(w)), now)]
    rows += [(f"usual length {n}", in_whole_numbers(n), now) for n in (128, 180, 256, 384, 512, 1024)]
    for name, changed in (
        ("subject 3", {"subject": 3}),
        ("subject 9", {"subject": 9}),
        ("quoted 2", {"quoted": 2}),
        ("quoted 3", {"quoted": 3}),
    ):
        rows.append((name, in_whole_numbers(384), list({**WEIGHTS, **changed}.values())))
    for name, rule, weights in rows:
        print(f"{name:18} {mean_reciprocal_rank(held, asked, rule, weights, by_df=weight):.4f}")
    logarithm = lambda found, messages: math.log2((messages + 1) / (found + 1))  # noqa: E731
    print(f"{'floating BM25F':18} {mean_reciprocal_rank(held, asked, bm25f(384), now, by_df=logarithm):.4f}")


if __name__ == "__main__":
    main()
