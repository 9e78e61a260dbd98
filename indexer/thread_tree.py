"""A thread drawn as a tree for a terminal: one line a message, bounded in width and in depth.

    Ada Porter  2004-03-01  Salt
    ├─ Bo       2004-03-02
    │  └─ Ada   2004-03-02  Salt, and pepper
    └─ Eve      2004-03-05

A subject is shown where it says another thing than that of the message above it in the tree. Nothing
is recursive: a thread may be 50,000 deep. Nothing is read or written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.columns import columns, cut
from indexer.threads import Entry

DEEPEST: Final = 12  # steps that are drawn; what is deeper stands at the last one, by a dotted branch
NARROWEST: Final = 40  # columns that a line may have in any case
GAP: Final = "  "
DAY: Final = len("2004-03-01")

# What answers and lists put before a subject: it tells no subject from another.
PREFIX: Final = re.compile(r"(?:\s*(?:\[[^\]]{1,40}\]|\w{2,4}(?:\[\d+\])?\s*:))+\s*")


@dataclass(frozen=True, slots=True)
class Told:
    """What a line tells of a message, each on one line and harmless; `day` may be ""."""

    name: str
    day: str
    subject: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the tree: its branches, what it tells, and whether it is the message that was asked for."""

    branches: str
    text: str
    shown: bool


def tree(entries: Sequence[Entry], told: Mapping[str, Told], *, shown: str, width: int) -> Iterator[Line]:
    """Draw a thread whose entries are in reading order; `shown` is the id of the message to be marked."""
    width = max(width, NARROWEST)
    deepest = min(DEEPEST, width // 10)
    branches = [
        line.replace("─", "╌") if entry.depth > deepest else line
        for line, entry in zip(_branches([min(entry.depth, deepest) for entry in entries]), entries, strict=True)
    ]
    widest = max((columns(b) + columns(told[e.id].name) for b, e in zip(branches, entries, strict=True)), default=0)
    of_names = min(widest, width // 2)
    for drawn, entry in zip(branches, entries, strict=True):
        one, elder = told[entry.id], told.get(entry.parent or "")
        name = _filled(one.name, max(1, of_names - columns(drawn)))
        changed = elder is None or _bare(elder.subject) != _bare(one.subject)
        text = GAP.join((name, one.day.ljust(DAY), *([one.subject] if changed else [])))
        yield Line(drawn, cut(text, width - columns(drawn)).rstrip(), entry.id == shown)


def _branches(depths: Sequence[int]) -> list[str]:
    """Draw what leads to each message, from the last to the first: only then it is known what still follows."""
    drawn: list[str] = []
    follows: list[bool] = []  # by depth, whether below the same message another comes later
    for depth in reversed(depths):
        del follows[depth + 1 :]
        follows += [False] * (depth + 1 - len(follows))
        passing = "".join("│  " if on else "   " for on in follows[1:depth])
        drawn.append(passing + ("├─ " if follows[depth] else "└─ ") if depth else "")
        follows[depth] = True
    return drawn[::-1]


def _bare(subject: str) -> str:
    return PREFIX.sub("", subject, count=1).casefold() or subject.casefold()


def _filled(text: str, width: int) -> str:
    shown = cut(text, width)
    return shown + " " * (width - columns(shown))
