"""Threads: one rule of the algorithm each, an independent second threader, and lists from hell."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Heading, key
from indexer.threads import Entry, Thread, thread_keys, threads

LIST = "kitchen"


def heading(
    name: str, *references: str, reply_to: str | None = None, date: int | None = 0, mid: str | None = ""
) -> Heading:
    """Make a message of that name, answering those: `heading("b", "a")` is <b@x>, answering <a@x>."""
    return Heading(
        id=name,
        list=LIST,
        volume=None,
        number=None,
        message_id=f"<{name}@x>" if mid == "" else mid,
        in_reply_to=reply_to,
        references=tuple(f"<{reference}@x>" for reference in references),
        subject="Soup",
        from_name=None,
        date=date,
    )


def drawn(found: Iterable[Thread]) -> list[str]:
    """Draw threads as lines, one thread each: `a >b >>c`, ghosts' threads behind a `?`."""
    return [("? " if t.ghost else "") + " ".join(">" * e.depth + e.id for e in t.entries) for t in found]


CASES = {
    "an answer stands below what it answers": ([heading("a"), heading("b", "a")], ["a >b"]),
    "the newest reference is the parent": ([heading("a"), heading("b", "a"), heading("c", "a", "b")], ["a >b >>c"]),
    "In-Reply-To serves where there are no References": ([heading("a"), heading("b", reply_to="<a@x>")], ["a >b"]),
    "In-Reply-To is newer than References that lack it": (
        [heading("a"), heading("b", "a"), heading("c", "a", reply_to="<b@x>")],
        ["a >b >>c"],
    ),
    "References that hold the In-Reply-To keep their order": (
        [heading("a"), heading("b", "a"), heading("c", "a", "b", reply_to="<a@x>")],
        ["a >b >>c"],
    ),
    "answers stand in the order of their dates": (
        [heading("a"), heading("late", "a", date=2), heading("early", "a", date=1)],
        ["a >early >late"],
    ),
    "an answer without a date comes last": (
        [heading("a"), heading("b", "a", date=None), heading("c", "a", date=9)],
        ["a >c >b"],
    ),
    "threads stand in the order of their first messages": ([heading("b", date=2), heading("a", date=1)], ["a", "b"]),
    "answers to a message that nobody saw are one thread": (
        [heading("b", "a", date=1), heading("c", "a", date=2)],
        ["? b c"],
    ),
    "a ghost between two messages is passed over": ([heading("a"), heading("c", "a", "b")], ["a >c"]),
    "a chain of ghosts is passed over": ([heading("a"), heading("e", "a", "b", "c", "d")], ["a >e"]),
    "References of others place a message that has none": (
        [heading("a"), heading("b", date=1), heading("c", "a", "b", date=2)],
        ["a >b >>c"],
    ),
    "a message's own word counts more than that of others": (
        [heading("a"), heading("z"), heading("b", "a", date=1), heading("c", "z", "b", date=2)],
        ["a >b >>c", "z"],
    ),
    "a message that names itself is no answer": ([heading("a", "a", reply_to="<a@x>")], ["a"]),
    "two messages that answer each other are a thread of both": ([heading("a", "b"), heading("b", "a")], ["b >a"]),
    "a loop of three is broken once": (
        [heading("a", "c", date=1), heading("b", "a", date=2), heading("c", "b", date=3)],
        ["c >a >>b"],
    ),
    "the reference before the one that closes a loop is taken": (
        [heading("a", "b", date=1), heading("b", "z", "a", date=2), heading("z", date=0)],
        ["z >b >>a"],
    ),
    "a reference that comes twice counts as its last": (
        [heading("a"), heading("b", "a"), heading("c", "a", "b", "a")],
        ["a >b >c"],
    ),
    "equal subjects do not make a thread": ([heading("a"), heading("b")], ["a", "b"]),
    "a message without a Message-ID stands alone": ([heading("a", mid=None), heading("b", mid=None)], ["a", "b"]),
    "a message without a Message-ID can be an answer": ([heading("a"), heading("b", "a", mid=None)], ["a >b"]),
    "two messages of one Message-ID both stand there": (
        [heading("a", date=1), heading("twin", date=2, mid="<a@x>"), heading("b", "a", date=3)],
        ["a twin >b"],
    ),
    "twins share the parent that one of them names": (
        [heading("a", date=1), heading("b", date=2), heading("twin", "a", date=3, mid="<b@x>")],
        ["a >b >twin"],
    ),
    "what people tell a prompt for In-Reply-To is no id": (
        [heading("a", reply_to="<y>"), heading("b", reply_to="<y>"), heading("c", reply_to="no")],
        ["a", "b", "c"],
    ),
    "an id without an @ is one if it is long": (
        [heading("a", mid="<2004.42>"), heading("b", reply_to="<2004.42>")],
        ["a >b"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("headings", "expected"), CASES.values(), ids=CASES)
def test_threads_basic(headings: list[Heading], expected: list[str]) -> None:
    """Each rule of the algorithm holds, whatever the order in which its messages come."""
    for shuffled in (headings, headings[::-1]):
        assert drawn(threads(shuffled)) == expected


def test_a_thread_is_named_by_its_root() -> None:
    """The key is made of the root's Message-ID, and every message of the thread has it."""
    keys = thread_keys([heading("a"), heading("b", "a"), heading("c", "a", "b")])

    assert keys == dict.fromkeys("abc", key(LIST, "<a@x>"))


def test_a_thread_keeps_its_name_when_its_root_arrives() -> None:
    """The outermost ancestor that is named counts, seen or not."""
    early = [heading("b", "root", "a"), heading("c", "root", "a", "b")]
    before = thread_keys(early)

    assert set(before.values()) == {key(LIST, "<root@x>")}
    assert thread_keys([*early, heading("root"), heading("a", "root")]) == before | dict.fromkeys(
        ["root", "a"], key(LIST, "<root@x>")
    )


def test_a_root_without_a_message_id_is_named_by_its_own_id() -> None:
    """Nobody can answer it, so its id will do."""
    (thread,) = threads([heading("lonely", mid=None)])

    assert (thread.key, thread.root, thread.ghost) == ("lonely", None, False)


def test_a_late_parent_joins_two_threads() -> None:
    """Answers that stood apart for want of their parent stand together when it comes."""
    apart = [heading("b", "a", date=1), heading("d", "c", date=2)]

    assert drawn(threads(apart)) == ["? b", "? d"]
    assert drawn(threads([*apart, heading("c", "a", date=0)])) == ["? c >d b"]


def test_an_entry_names_the_nearest_message_that_was_seen() -> None:
    """Over a ghost the parent is the message above it; below a ghost root there is none."""
    (thread,) = threads([heading("a"), heading("c", "a", "b")])
    (headless,) = threads([heading("x", "ghost"), heading("y", "ghost", date=1)])

    assert thread.entries == (Entry("a", None, 0), Entry("c", "a", 1))
    assert headless.ghost
    assert headless.root == "<ghost@x>"
    assert headless.entries == (Entry("x", None, 0), Entry("y", None, 0))


def test_lists_do_not_mix() -> None:
    """The same Message-IDs on two lists are two threads of two names."""
    here, there = heading("a"), heading("b", "a")
    other = [Heading("o" + h.id, "bath", *(getattr(h, name) for name in Heading.__slots__[2:])) for h in (here, there)]
    found = threads([here, there, *other])

    assert [(thread.list, thread.key) for thread in found] == [
        ("bath", key("bath", "<a@x>")),
        ("kitchen", key("kitchen", "<a@x>")),
    ]


def test_no_messages_make_no_threads() -> None:
    """An empty list is an empty list."""
    assert threads([]) == []
    assert thread_keys([]) == {}


# --- an independent second threader ---------------------------------------------------------------


def naive_parents(headings: list[Heading]) -> dict[str, str | None]:
    """Give each known Message-ID its parent, by walking up for every link; messages must have unique ids."""
    parents: dict[str, str | None] = {}

    def above(name: str | None) -> list[str]:
        chain = []
        while name is not None:
            chain.append(name)
            name = parents.get(name)
        return chain

    ordered = sorted(headings, key=lambda h: (h.date is None, h.date or 0, h.id))
    chains = []
    for h in ordered:
        chain: list[str] = []
        for name in (*h.references, *([h.in_reply_to] if h.in_reply_to and h.in_reply_to not in h.references else [])):
            if name != h.message_id:
                chain = [c for c in chain if c != name] + [name]
        chains.append((h.message_id or "", chain))
    for name, chain in chains:
        for elder in chain[::-1]:
            if parents.get(name) is None and name not in above(elder):
                parents[name] = elder
    for name, chain in chains:
        for elder, younger in zip([*chain, name], [*chain, name][1:], strict=False):
            if parents.get(younger) is None and younger not in above(elder):
                parents[younger] = elder
    return parents


def naive_threads(headings: list[Heading]) -> dict[str, tuple[str, str | None]]:
    """Give each message its thread's root and its nearest seen ancestor."""
    parents = naive_parents(headings)
    seen = {h.message_id: h.id for h in headings}
    found = {}
    for h in headings:
        name, nearest = h.message_id or "", None
        while parents.get(name) is not None:
            name = parents[name] or ""
            nearest = nearest or seen.get(name)
        found[h.id] = (name, nearest)
    return found


NAMES = st.sampled_from("abcdefghij")


@st.composite
def small_lists(draw: st.DrawFn) -> list[Heading]:
    """Make a small list whose messages refer to each other, to themselves and to ghosts, wildly."""
    names = draw(st.lists(NAMES, unique=True, max_size=8))
    return [
        heading(
            name,
            *draw(st.lists(NAMES, max_size=4)),
            reply_to=draw(st.none() | NAMES.map("<{}@x>".format)),
            date=draw(st.none() | st.integers(0, 3)),
        )
        for name in names
    ]


@given(small_lists())
def test_threads_agree_with_an_independent_threader(headings: list[Heading]) -> None:
    """Roots and parents are those that a slow and simple second implementation finds."""
    found = {entry.id: (thread.root, entry.parent) for thread in threads(headings) for entry in thread.entries}

    assert found == naive_threads(headings)


@given(small_lists(), st.randoms())
def test_threads_do_not_depend_on_the_order_of_arrival(headings: list[Heading], chance: random.Random) -> None:
    """The same set of messages gives the same threads, entry by entry."""
    shuffled = chance.sample(headings, len(headings))

    assert threads(shuffled) == threads(headings)


@given(small_lists())
def test_every_message_stands_in_one_thread_below_its_parent(headings: list[Heading]) -> None:
    """Nothing is lost or doubled; each entry is one deeper than its parent, which stands before it."""
    found = threads(headings)

    assert sorted(e.id for t in found for e in t.entries) == sorted(h.id for h in headings)
    assert len({t.key for t in found}) == len(found)
    for thread in found:
        depths: dict[str | None, int] = {None: -1}
        for entry in thread.entries:
            assert entry.depth == depths[entry.parent] + 1
            depths[entry.id] = entry.depth


# --- pathological -----------------------------------------------------------------------------------

DEEP = 50_000


@pytest.mark.parametrize("direction", [1, -1], ids=["in order", "backwards"])
def test_threads_pathological_depth(direction: int) -> None:
    """A thread of 50,000 answers, each to the one before, is read in seconds and not by recursion."""
    headings = [heading(f"m{n:05}", *([f"m{n - 1:05}"] if n else []), date=direction * n) for n in range(DEEP)]
    start = time.process_time()
    (thread,) = threads(headings)

    assert [entry.depth for entry in thread.entries] == list(range(DEEP))
    assert time.process_time() - start < 20


def test_threads_pathological_loop() -> None:
    """A loop of 50,000 messages is broken once, and nobody is lost."""
    headings = [heading(f"m{n:05}", f"m{(n - 1) % DEEP:05}", date=n) for n in range(DEEP)]
    (thread,) = threads(headings)

    assert len(thread.entries) == DEEP
    assert thread.entries[-1].depth == DEEP - 1


def test_threads_pathological_references() -> None:
    """Hundreds of messages that each name the same thousands of ghosts stay one thread."""
    ghosts = [f"ghost{n}" for n in range(3000)]
    headings = [heading(f"m{n:03}", *ghosts, date=n) for n in range(200)]
    (thread,) = threads(headings)

    assert thread.root == "<ghost0@x>"
    assert {entry.depth for entry in thread.entries} == {0}


def test_threads_pathological_width() -> None:
    """One message with 50,000 answers has them in order."""
    headings = [heading("root"), *(heading(f"m{n:05}", "root", date=DEEP - n) for n in range(DEEP))]
    (thread,) = threads(headings)

    assert [entry.id for entry in thread.entries[1:3]] == ["m49999", "m49998"]
    assert len(thread.entries) == DEEP + 1
