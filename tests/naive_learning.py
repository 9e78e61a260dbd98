"""What the mails of a list end with, learned in a second way: from all of them at once, with nothing kept or left out.

It follows what docs/bodies.md says and knows nothing of bases, numbers or what was learned before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from indexer.body.endings import Ending
from indexer.body.learning import Mail

Node = tuple[tuple[str, ...], list[int]]


def learn(mails: Sequence[Mail]) -> list[list[Ending]]:
    """Tell of each mail of a list, in the archive's order, the endings that apply to it."""
    told: list[list[Ending]] = [[] for _ in mails]
    footers = _footers(mails) if len(mails) >= 20 else []
    left = list(mails)
    for number, mail in enumerate(mails) if footers else ():
        found = max((f for f in footers if mail.tail[: len(f)] == f), key=len, default=())
        if found:
            told[number].append(Ending("footer", found[::-1]))
            left[number] = mail._replace(tail=mail.tail[len(found) :])
    for ending, numbers in _endings(left):
        for number in numbers:
            if not any(held.kind == "signature" and len(held.lines) > len(ending) for held in told[number]):
                told[number] = [held for held in told[number] if held.kind == "footer"]
                told[number].append(Ending("signature", ending[::-1]))
    return told


def _footers(mails: Sequence[Mail]) -> list[tuple[str, ...]]:
    found = []
    for lines, numbers in _nodes(mails, range(len(mails)), 10):
        senders = {mails[number].sender for number in numbers}
        most = 2 * len(numbers) > numbers[-1] - numbers[0]
        if most and len(senders) >= 4 and sum(map(len, lines)) >= 16:
            found.append(lines)
    return found


def _endings(mails: Sequence[Mail]) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """Give what several mails of one sender, or of several, end with, and to which mails it applies."""
    by_sender: defaultdict[str, list[int]] = defaultdict(list)
    unsigned = [n for n, mail in enumerate(mails) if mail.tail and {"--", "-- "}.isdisjoint(mail.tail)]
    for number in unsigned:
        by_sender[mails[number].sender].append(number)
    for sender, numbers in by_sender.items():
        if sender and len(numbers) >= 3:
            for lines, having in _nodes(mails, numbers, 3):
                if _is_long(lines):
                    yield lines, _since(mails, having, having[3 - 1])
    for lines, having in _nodes(mails, unsigned, 5):
        first = {mails[number].sender: number for number in reversed(having)}
        if _is_long(lines) and len(first) >= 5:
            yield lines, _since(mails, having, sorted(first.values())[5 - 1])


def _is_long(lines: tuple[str, ...]) -> bool:
    return len(lines) >= 2 and sum(map(len, lines)) >= 40


def _since(mails: Sequence[Mail], numbers: list[int], told: int) -> list[int]:
    """Give the mails from the year on in which the mail `told` was sent."""
    return [number for number in numbers if mails[number].year >= mails[told].year]


def _nodes(mails: Sequence[Mail], numbers: Iterable[int], fewest: int) -> Iterator[Node]:
    """Give the last lines that at least so many mails have, where what stands above them differs: try all there are."""
    tails = {number: mails[number].tail for number in numbers}
    for lines in {tail[:length] for tail in tails.values() for length in range(1, min(len(tail), 24) + 1)}:
        having = [number for number, tail in tails.items() if tail[: len(lines)] == lines]
        above = Counter(tails[number][len(lines) : len(lines) + 1] for number in having)
        if len(having) >= fewest and len(above) >= 3 and max(above.values()) < 0.75 * len(having):
            yield lines, having
