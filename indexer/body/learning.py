"""What the mails of a list end with again and again: the list's footers, and what senders and providers append.

A footer ends most mails of a list, of several senders, over the time in which it was in use; an ending, of two lines
or more, ends several mails of one sender, or mails of several senders. Where an ending begins is told by
what stands above it: something else each time. Each mail is told of the endings that apply to it, those of senders
only from the year on in which they were seen often enough: so new mail changes nothing for the mails of earlier years.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from indexer.body.draft import Draft
from indexer.body.endings import RULE, Ending, mark_endings, plain_line
from indexer.body.quotation import level

READ: Final = 3000  # characters at the end of a body that are looked at
LONGEST: Final = 24  # lines of an ending, blank ones left out

SHORTEST_LIST: Final = 20  # mails; footers of shorter lists are told by their form alone
FEWEST_WITH_FOOTER: Final = 10  # mails
FEWEST_AUTHORS: Final = 4  # of those mails
FOOTER_CHARACTERS: Final = 16

FEWEST_OF_ONE: Final = 3  # mails of one sender with the same ending
FEWEST_SENDERS: Final = 5  # or of so many senders
FEWEST_LINES: Final = 2
ENDING_CHARACTERS: Final = 40  # so that "Cheers, Ann" stays what Ann said
DIFFERENT: Final = 3  # lines that stand above an ending, at least
DASHES: Final = frozenset({"--", "-- "})  # what a signature stands below, as `SIGNATURE` of indexer/body/endings.py
SAME_ABOVE: Final = 0.75  # of the mails: then the ending goes on upwards


class Mail(NamedTuple):
    """What is known of a mail here: who sent it, in which year, and its last lines, the last one first."""

    sender: str
    year: int
    tail: tuple[str, ...]


Node = tuple[tuple[str, ...], list[int]]
"""Last lines that several mails have, the last one first, and the numbers of these mails."""


def tail_of(end: str) -> tuple[str, ...]:
    """Give the last lines of a body from its end, as `Mail` has them, up to a quotation; known footers left out.

    >>> tail_of("> Salt?\\nYes.\\n\\nAnn  Indigo\\n")
    ('Ann Indigo', 'Yes.')
    """
    lines = end.split("\n")
    if RULE in end or "://" in end or "@" in end:
        draft = Draft(end)
        mark_endings(draft)
        while lines and (not lines[-1].strip() or draft.kinds[len(lines) - 1] == "footer"):
            lines.pop()
    found: list[str] = []
    for line in reversed(lines):
        if level(line) or len(found) == LONGEST:
            break
        if plain := plain_line(line):
            found.append(plain)
    return tuple(found)


def footer_base(tail: Sequence[str]) -> tuple[str, ...]:
    """Give the fewest last lines that are long enough for a footer; () where all are not.

    Mails that end with the same footer have the same.

    >>> footer_base(("Leave the list", "Kitchen list", "Yes."))
    ('Leave the list', 'Kitchen list')
    """
    return _base(tail, 1, FOOTER_CHARACTERS)


def ending_base(tail: Sequence[str]) -> tuple[str, ...]:
    """Give the fewest last lines that are long enough for an ending of senders; () where all are not, or are signed.

    What applies to a mail depends on those mails alone that have the same.
    """
    return () if not DASHES.isdisjoint(tail) else _base(tail, FEWEST_LINES, ENDING_CHARACTERS)


def _base(tail: Sequence[str], lines: int, characters: int) -> tuple[str, ...]:
    length = 0
    for number, line in enumerate(tail, 1):
        length += len(line)
        if number >= lines and length >= characters:
            return tuple(tail[:number])
    return ()


def often_in_a_row(bases: Sequence[int | None]) -> set[int]:
    """Give what can be a footer's base among those of a list's mails, in the archive's order, as numbers.

    It ends more than half of all mails of some stretch. None is of a mail that has no base.
    """
    counts = Counter(bases)
    often = {base for base, count in counts.items() if base is not None and count >= FEWEST_WITH_FOOTER}
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place, base in enumerate(bases) if often else ():
        if base in often:
            places[base].append(place)
    return {base for base, having in places.items() if _is_dense(having)}


def _is_dense(places: Sequence[int]) -> bool:
    """Say whether so many places as a footer needs, or more, are more than half of the stretch that they span."""
    highest = -len(places)
    for last, place in enumerate(places):
        first = last + 1 - FEWEST_WITH_FOOTER
        if first >= 0:
            highest = max(highest, places[first] - 2 * first)
            if place - 2 * (last + 1) < highest:
                return True
    return False


def footers(mails: Mapping[int, Mail]) -> list[Ending]:
    """Learn footers from mails by their places in the archive's order: from all, or all that have some bases."""
    found = []
    for lines, numbers in _nodes(mails, sorted(mails), FEWEST_WITH_FOOTER):
        senders = {mails[number].sender for number in numbers}
        most = 2 * len(numbers) > numbers[-1] - numbers[0]
        if most and len(senders) >= FEWEST_AUTHORS and sum(map(len, lines)) >= FOOTER_CHARACTERS:
            found.append(Ending("footer", lines[::-1]))
    return sorted(found)


def above_footer(tail: tuple[str, ...], footers: Iterable[Ending]) -> tuple[str, ...]:
    """Give the last lines of a mail without the longest of some footers that it ends with."""
    found = (len(one.lines) for one in footers if tail[: len(one.lines)] == one.lines[::-1])
    return tail[max(found, default=0) :]


def signatures(mails: Sequence[Mail]) -> list[Ending | None]:
    """Learn from mails of one base, or of several, in the archive's order, which ending of senders applies to each.

    Their tails are without footers.
    """
    told: list[tuple[str, ...]] = [()] * len(mails)
    for ending, numbers in _endings(mails):
        for number in numbers:
            told[number] = max(told[number], ending, key=len)
    return [Ending("signature", ending[::-1]) if ending else None for ending in told]


def _endings(mails: Sequence[Mail]) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """Give what several mails of one sender, or of several, end with, and to which mails it applies."""
    by_sender: defaultdict[str, list[int]] = defaultdict(list)
    unsigned = [n for n, mail in enumerate(mails) if mail.tail and DASHES.isdisjoint(mail.tail)]
    for number in unsigned:
        by_sender[mails[number].sender].append(number)
    for sender, numbers in by_sender.items():
        if sender and len(numbers) >= FEWEST_OF_ONE:
            for lines, having in _nodes(mails, numbers, FEWEST_OF_ONE):
                if _is_long(lines):
                    yield lines, _since(mails, having, having[FEWEST_OF_ONE - 1])
    for lines, having in _nodes(mails, unsigned, FEWEST_SENDERS):
        first = {mails[number].sender: number for number in reversed(having)}
        if _is_long(lines) and len(first) >= FEWEST_SENDERS:
            yield lines, _since(mails, having, sorted(first.values())[FEWEST_SENDERS - 1])


def _is_long(lines: tuple[str, ...]) -> bool:
    return len(lines) >= FEWEST_LINES and sum(map(len, lines)) >= ENDING_CHARACTERS


def _since(mails: Sequence[Mail], numbers: list[int], told: int) -> list[int]:
    """Give the mails from the year on in which the mail `told` was sent."""
    return [number for number in numbers if mails[number].year >= mails[told].year]


def _nodes(mails: Sequence[Mail] | Mapping[int, Mail], numbers: Iterable[int], fewest: int) -> Iterator[Node]:
    """Give the last lines that at least so many mails have, where what stands above them differs."""
    everyone = list(numbers)
    open_nodes: list[Node] = [((), everyone)] if everyone else []
    while open_nodes:
        lines, having = open_nodes.pop()
        above: defaultdict[str, list[int]] = defaultdict(list)
        for number in having:
            tail = mails[number].tail
            above[tail[len(lines)] if len(tail) > len(lines) else ""].append(number)
        most = max(map(len, above.values()))
        if lines and len(above) >= DIFFERENT and most < SAME_ABOVE * len(having):
            yield lines, having
        if len(lines) < LONGEST:
            often = sorted((line, group) for line, group in above.items() if line and len(group) >= fewest)
            open_nodes += [((*lines, line), group) for line, group in often]
