"""Which weights rank best: the questions that may be used for choosing, asked under other rules than today's.

    python -m bench.search_quality ARCHIVE [--each 400]

Questions are the half `tune` of `bench.judgements`; `bench.relevance` asks the other half, beside other engines. The
first line ranks as `indexer.impact` and `indexer.fields` do, the others with another usual length of texts or other
weights of parts, and the last with BM25F in floating point: what whole numbers cost.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench import judgements
from bench.judgements import Judgement
from bench.relevance import DEPTH, mrr, ndcg
from crawler.config import load
from crawler.store import Store
from indexer.analysis import terms_of, units, words
from indexer.contents import Contents, contents
from indexer.fields import FIELDS, PARTS
from indexer.impact import LENGTHS, MOST_IMPACT, MOST_MASS, impact, length_class, weight
from indexer.readable import readable
from indexer.redaction import privacy_for
from indexer.segments import in_order

WEIGHTS = {field.name: field.weight for field in FIELDS if field.weight}
USUAL = 384  # words of a usual text, as docs/pack.md has it
SLOWNESS = 36  # k1 of 1.2, in tenths of the weight of new text

Impact = Callable[[int, int], float]


@dataclass
class Held:
    """What is known of all messages: ids and numbers of words, oldest first, and how often each asked term stands."""

    ids: list[str]
    words: list[int]
    postings: dict[str, dict[int, list[int]]]


def read(archive: Path, asked: set[str]) -> Held:
    """Read all messages of an archive as an index would; keep what is told of the terms that are asked for."""
    held = Held([], [], {term: {} for term in asked})
    config = load(archive)
    with closing(Store.open(archive)) as store:
        privacy = privacy_for(store.senders(), publish_addresses=config.publish_addresses)
        languages = {known.name: known.language or config.language for known in store.lists()}
        for heading in in_order(heading for known in store.lists() for heading in store.headings(known.name)):
            message = store.message(heading.id)
            if message is not None:
                read_as = readable(message, [None] * len(message.attachments), privacy)
                _take(held, contents(read_as, message), languages[message.list])
    return held


def _take(held: Held, known: Contents, language: str) -> None:
    number, counted = len(held.ids), 0
    held.ids.append(known.shown["id"])
    for part, text in known.texts:
        read_words = list(words(text, language=language))
        counted += len({word.position for word in read_words})
        for term in (word.term for word in read_words if word.term in held.postings):
            held.postings[term].setdefault(number, [0] * len(PARTS))[part] += 1
    held.words.append(counted)


def ranked(
    held: Held, terms: list[str], rule: Impact, weights: list[int], by: Callable[[int, int], float]
) -> list[str]:
    """Rank the messages that hold all terms, as a search does."""
    lists = [held.postings[term] for term in terms]
    common = set.intersection(*map(set, lists)) if lists else set()
    scores = {
        number: sum(
            by(len(found), len(held.ids)) * rule(_mass(found[number], weights), held.words[number]) for found in lists
        )
        for number in common
    }
    best = sorted(scores, key=lambda number: (-scores[number], -number))[:DEPTH]
    return [held.ids[number] for number in best]


def _mass(counts: list[int], weights: list[int]) -> int:
    return sum(count * one for count, one in zip(counts, weights, strict=True))


def in_whole_numbers(usual: int) -> Impact:
    """Make the rule of `indexer.impact` for another usual length."""
    middles = [LENGTHS[0] / 2, *((a + b) / 2 for a, b in pairwise(LENGTHS)), LENGTHS[-1] * 1.5]
    half = [round(SLOWNESS * (0.25 + 0.75 * length / usual)) for length in middles]

    def rule(mass: int, words: int) -> float:
        held = min(mass, MOST_MASS)
        return 1 + (10 * held * (MOST_IMPACT - 1)) // (10 * held + half[length_class(words)])

    return rule


def bm25f(usual: float) -> Impact:
    """Give what the impacts are made from, in floating point."""
    return lambda mass, words: mass / (mass + SLOWNESS / 10 * (0.25 + 0.75 * words / usual))


def rules() -> Iterator[tuple[str, Impact, list[int]]]:
    """Give the rules to compare: a name, an impact, the weights of parts."""
    now = list(WEIGHTS.values())
    yield "as it is", lambda mass, words: impact(mass, length_class(words)), now
    yield from ((f"usual length {n}", in_whole_numbers(n), now) for n in (128, 180, 256, USUAL, 512, 1024))
    for part, others in (("subject", (3, 6, 9, 12, 18, 30)), ("from", (2, 8)), ("quoted", (2, 3)), ("said", (2, 5))):
        for other in others:
            yield f"{part} {other}", in_whole_numbers(USUAL), list({**WEIGHTS, part: other}.values())


def logarithm(found: int, messages: int) -> float:
    """Weigh a term without rounding."""
    return math.log2((messages + 1) / (found + 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--each", type=int, default=judgements.EACH, help="questions of a kind")
    options = parser.parse_args()
    asked = [j for j in judgements.judgements(judgements.read(options.archive), options.each) if j.half == "tune"]
    terms = {one.query: [term for unit in units(one.query) for term in terms_of(unit, language="en")] for one in asked}
    held = read(options.archive, {term for several in terms.values() for term in several})
    usual = sum(held.words) / len(held.words)
    print(f"{len(held.ids):,} messages, {usual:.0f} words in the mean; {len(asked)} questions     MRR  nDCG@10")
    for name, rule, weights in rules():
        _show(name, asked, {q: ranked(held, terms[q], rule, weights, weight) for q in terms})
    floating = bm25f(USUAL)
    now = list(WEIGHTS.values())
    _show("floating BM25F", asked, {q: ranked(held, terms[q], floating, now, logarithm) for q in terms})


def _show(name: str, asked: list[Judgement], ranks: dict[str, list[str]]) -> None:
    figures = [sum(measure(one, ranks[one.query]) for one in asked) / len(asked) for measure in (mrr, ndcg)]
    print(f"{name:18} {figures[0]:.4f} {figures[1]:.4f}", flush=True)


if __name__ == "__main__":
    main()
