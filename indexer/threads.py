"""Threads: which message answers which, over whole lists.

Jamie Zawinski's algorithm (https://www.jwz.org/doc/threading.html) with these changes:

- No subjects are compared. Pipermail takes `Re:` off, so that equal subjects say nothing, and
  References and In-Reply-To say it where anything does.
- No month or volume cuts a thread.
- The same messages give the same threads in whatever order they come: they are sorted first. A
  message's own references decide on its parent; what other messages' References say of it
  counts when it says nothing itself, or was never seen.
- A thread is named by its outermost ancestor that anybody has named, seen or not (a ghost), so the
  name stays when the ancestor arrives.
- A loop is broken at the reference that would close it; the reference before it is taken.

Messages that share a Message-ID stand together, the answers below the first of them. Nothing is
recursive: a thread may be 50,000 deep. Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from crawler.message import Heading, key

NOBODY: Final = -1
SHORT_ANSWER: Final = 4  # `<y>`, `<no>`: what people told a prompt for In-Reply-To; ids are longer or hold an @
LAST_DATE: Final = 1 << 62  # where no clock is to be trusted a message follows those with one


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in its thread: the id of the nearest seen message that it answers, and its depth below the first."""

    id: str
    parent: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread, its messages in reading order: each before its answers, answers by date.

    `root` is the Message-ID of the outermost ancestor, None for a first message that has none;
    `ghost` tells that nobody has seen it, and then several entries can have depth 0.
    """

    list: str
    key: str
    root: str | None
    ghost: bool
    entries: tuple[Entry, ...]


def threads(headings: Iterable[Heading]) -> list[Thread]:
    """Put messages into threads, each list for itself; threads by list and by their first message's date."""
    lists: dict[str, list[Heading]] = {}
    for heading in sorted(headings, key=_order):
        lists.setdefault(heading.list, []).append(heading)
    return [thread for name in sorted(lists) for thread in _Forest(lists[name]).threads()]


def thread_keys(headings: Iterable[Heading]) -> dict[str, str]:
    """Give the key of each message's thread, by the message's id."""
    return {entry.id: thread.key for thread in threads(headings) for entry in thread.entries}


def _order(heading: Heading) -> tuple[int, int, str]:
    date = LAST_DATE if heading.date is None else heading.date
    return date, -1 if heading.number is None else heading.number, heading.id


def _references(heading: Heading) -> list[str]:
    """Give the ids that a message names, oldest first, each once; In-Reply-To counts where References lack it."""
    named = list(heading.references)
    if heading.in_reply_to and heading.in_reply_to not in named:
        named.append(heading.in_reply_to)
    newest_first = dict.fromkeys(name for name in reversed(named) if name != heading.message_id)
    return [name for name in reversed(newest_first) if "@" in name or len(name.strip("<>")) >= SHORT_ANSWER]


class _Forest:
    """The nodes of a list, by number: one for each Message-ID that is known, and for each message without one."""

    def __init__(self, headings: list[Heading]) -> None:
        self._list = headings[0].list
        self._by_name: dict[str, int] = {}  # Message-ID to node
        self._names: list[str | None] = []
        self._messages: list[list[Heading]] = []
        self._parents: list[int] = []
        self._roots: list[int] = []  # towards the root of each node: a union-find, flattened as it is asked
        chains = [(self._node_of(heading), _references(heading)) for heading in headings]
        nodes = [(node, [self._named(name) for name in chain]) for node, chain in chains]
        for node, chain in nodes:
            self._adopt(node, chain)
        for node, chain in nodes:
            self._link_ancestors([*chain, node])

    def threads(self) -> Iterator[Thread]:
        """Give the threads in the order of their first messages."""
        elders = self._nearest_seen()
        answers: dict[int, list[int]] = {}
        beginnings: dict[int, list[int]] = {}
        for node in self._seen():
            if elders[node] == NOBODY:
                beginnings.setdefault(self._root(node), []).append(node)
            else:
                answers.setdefault(elders[node], []).append(node)
        for root, first in beginnings.items():
            yield self._thread(root, tuple(self._entries(first, answers)))

    def _node_of(self, heading: Heading) -> int:
        node = self._named(heading.message_id) if heading.message_id else self._new(None)
        self._messages[node].append(heading)
        return node

    def _named(self, name: str) -> int:
        node = self._by_name.get(name)
        if node is None:
            node = self._by_name[name] = self._new(name)
        return node

    def _new(self, name: str | None) -> int:
        node = len(self._names)
        self._names.append(name)
        self._messages.append([])
        self._parents.append(NOBODY)
        self._roots.append(node)
        return node

    def _root(self, node: int) -> int:
        roots = self._roots
        while roots[node] != node:
            roots[node] = node = roots[roots[node]]
        return node

    def _adopt(self, node: int, chain: list[int]) -> None:
        """Give a node the newest of its references as parent that closes no loop."""
        if self._parents[node] != NOBODY:
            return  # another message of this Message-ID has said it
        for elder in reversed(chain):
            if self._root(elder) != node:
                self._parents[node] = self._roots[node] = elder
                return

    def _link_ancestors(self, chain: list[int]) -> None:
        """Link the nodes of a References header that have no parent of their own, each to the one before it."""
        for elder, node in pairwise(chain):
            if self._parents[node] == NOBODY and self._root(elder) != node:
                self._parents[node] = self._roots[node] = elder

    def _seen(self) -> list[int]:
        """List the nodes that have messages, in the order of their first."""
        return sorted(
            (node for node, met in enumerate(self._messages) if met), key=lambda n: _order(self._messages[n][0])
        )

    def _nearest_seen(self) -> list[int]:
        """Find each node's nearest ancestor that was seen, passing over ghosts."""
        nearest: list[int | None] = [None] * len(self._names)
        for start in range(len(self._names)):
            path, node = [], start
            while nearest[node] is None:
                path.append(node)
                elder = self._parents[node]
                if elder == NOBODY or self._messages[elder]:
                    nearest[node] = elder
                    break
                node = elder
            for passed in path:
                nearest[passed] = nearest[node]
        return [NOBODY if node is None else node for node in nearest]

    def _entries(self, first: list[int], answers: dict[int, list[int]]) -> Iterator[Entry]:
        """Give the messages of a thread depth first, from a stack of our own."""
        stack: list[tuple[int, str | None, int]] = [(node, None, 0) for node in reversed(first)]
        while stack:
            node, parent, depth = stack.pop()
            for message in self._messages[node]:
                yield Entry(message.id, parent, depth)
            parent = self._messages[node][0].id
            stack.extend((answer, parent, depth + 1) for answer in reversed(answers.get(node, [])))

    def _thread(self, root: int, entries: tuple[Entry, ...]) -> Thread:
        name = self._names[root]
        name_of_thread = key(self._list, name) if name else entries[0].id
        return Thread(self._list, name_of_thread, name, ghost=not self._messages[root], entries=entries)
