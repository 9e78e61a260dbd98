"""Which entries are one message: decided by the entries alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crawler.merge import Sighting, merge
from crawler.message import key

ID = "<tick@clock.example.org>"
FIRST = Sighting(1, ID, "hash", "bones", 0, "k" * 26, True, 14669, "2010-March", 0, "2010-March/000001.html")


def again(entry: int, **known: object) -> Sighting:
    """Sight the same message once more, further on."""
    return replace(FIRST, entry=entry, ordinal=entry, page=f"2010-March/{entry:06}.html", **known)  # type: ignore[arg-type]


def test_a_message_alone() -> None:
    """A message that stands in one place is told by it and known by its Message-ID."""
    [merged] = merge("clockwork", [FIRST])

    assert (merged.id, merged.entry, merged.pages) == (key("clockwork", ID), 1, ("2010-March/000001.html",))
    assert (merged.others, merged.defects) == ((), ())


def test_the_same_text_is_one_message() -> None:
    """Copies are one message with all their pages, its own first."""
    [merged] = merge("clockwork", [again(3), FIRST, again(2)])

    assert (merged.entry, merged.others) == (1, (2, 3))
    assert merged.pages == tuple(f"2010-March/{n:06}.html" for n in (1, 2, 3))


def test_another_text_is_another_message() -> None:
    """Of two texts under one Message-ID the first keeps the id, the other is known by its text; both are marked."""
    one, other = merge("clockwork", [again(2, text_hash="x", bones="y", text_key="t" * 26), FIRST])

    assert (one.id, one.entry, other.id, other.entry) == (key("clockwork", ID), 1, "t" * 26, 2)
    assert one.defects == other.defects == ("message_id_taken",)


def test_what_a_charset_lost_makes_no_other_message() -> None:
    """A copy with question marks for letters is the same message, and the whole one tells it."""
    [merged] = merge("clockwork", [replace(FIRST, marks=2, text_hash="lost"), again(2)])

    assert (merged.entry, merged.others) == (2, (1,))


def test_the_copy_that_an_index_names_tells() -> None:
    """Of two equal copies the one in an index tells: its time is true."""
    [merged] = merge("clockwork", [replace(FIRST, indexed=False), again(2)])

    assert merged.entry == 2


def test_without_a_message_id() -> None:
    """A message without an id is known by its list, date and text."""
    [merged] = merge("clockwork", [replace(FIRST, group=FIRST.text_key)])

    assert (merged.id, merged.defects) == (FIRST.text_key, ())


SIGHTINGS = st.lists(
    st.builds(
        lambda group, bones, marks, indexed, volume: (group, bones, marks, indexed, volume),
        st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 2), st.booleans(), st.integers(0, 3),
    ),
    max_size=12,
)  # fmt: skip


@given(drawn=SIGHTINGS, data=st.data())
def test_the_order_of_sightings_does_not_matter(
    drawn: list[tuple[str, str, int, bool, int]], data: st.DataObject
) -> None:
    """However entries became known, the messages are the same, and each entry is a part of exactly one."""
    sightings = [
        Sighting(n, group, bones + str(marks), bones, marks, bones * 26, indexed, volume, str(volume), n, f"{n}.html")
        for n, (group, bones, marks, indexed, volume) in enumerate(drawn)
    ]
    merged = merge("clockwork", sightings)

    assert merge("clockwork", data.draw(st.permutations(sightings))) == merged
    assert sorted(e for m in merged for e in (m.entry, *m.others)) == list(range(len(sightings)))
    assert sorted(p for m in merged for p in m.pages) == sorted(s.page or "" for s in sightings)
