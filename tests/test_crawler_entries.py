"""Entries of a volume written, and the messages that they touch made anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.entries import Entry, Kept, keep_entries
from crawler.message import key
from crawler.store import MailingList, Store, Volume

MARCH, APRIL = Volume("clockwork", "2010-March", 14669, "March"), Volume("clockwork", "2010-April", 14700, "April")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a list and two volumes."""
    store = Store.open(tmp_path)
    store.save_list(MailingList("clockwork", "http://lists.example.org/pipermail/clockwork/"))
    for volume in (MARCH, APRIL):
        store.save_volume(volume)
    return store


def row(number: int, message_id: str = "", body: str = "Tock.") -> Entry:
    """Make an entry."""
    own = message_id or f"<{number}@clock.example.org>"
    return Entry(
        number, f"2010-March/{number:06}.html", True, own, body, body, 0, f"text of {body}", f"{number} {body}",
        own, None, "[]", "Ann", "ann@clock.example.org", "2010-03-01T12:00:00Z", None, "Tick", body, "[]", "[]",
    )  # fmt: skip


def keep(store: Store, volume: Volume, *entries: Entry) -> Kept:
    """Keep a volume's entries."""
    with store.transaction():
        return keep_entries(store, volume, list(entries))


def entries(store: Store) -> list[tuple[str, int]]:
    """Give each message's id and the number of the page of the entry that tells it."""
    sql = "SELECT m.id, e.number FROM messages m JOIN entries e USING (entry) ORDER BY e.number"
    return list(store.db.execute(sql))


def test_new_entries_are_new_messages(store: Store) -> None:
    """Each entry becomes a message, in the volume's order."""
    assert keep(store, MARCH, row(1), row(2)) == Kept(2, 0, 0)
    assert [m.number for m in store.messages()] == [1, 2]


def test_a_copy_in_another_volume_is_merged(store: Store) -> None:
    """The earlier volume tells the message, whichever was kept first."""
    keep(store, APRIL, row(9, "<1@clock.example.org>"))

    assert keep(store, MARCH, row(1)) == Kept(1, 0, 0)
    assert entries(store) == [(key("clockwork", "<1@clock.example.org>"), 1)]
    assert next(store.messages()).pages == ("2010-March/000001.html", "2010-March/000009.html")


def test_a_message_survives_one_of_its_entries(store: Store) -> None:
    """When the entry that told a message goes away, another one tells it."""
    keep(store, MARCH, row(1))
    keep(store, APRIL, row(9, "<1@clock.example.org>"))

    assert keep(store, MARCH) == Kept(1, 0, 0)
    assert entries(store) == [(key("clockwork", "<1@clock.example.org>"), 9)]


def test_a_changed_text_is_a_changed_message(store: Store) -> None:
    """The id stays, the revision grows."""
    keep(store, MARCH, row(1), row(2))
    before = store.revision()

    assert keep(store, MARCH, row(1, body="Tack."), row(2)) == Kept(1, 0, 0)
    assert [(m.id, m.body) for m in store.changed(before)] == [(key("clockwork", "<1@clock.example.org>"), "Tack.")]


def test_entries_that_only_moved_change_nothing(store: Store) -> None:
    """The same entries in other rows of the database are the same messages."""
    keep(store, MARCH, row(1), row(2))
    keep(store, APRIL, row(9))
    before = store.revision()

    assert keep(store, MARCH, row(1), row(2)) == Kept(0, 0, 0)
    assert store.revision() == before
    assert [number for _, number in entries(store)] == [1, 2, 9]


def test_the_thread_of_a_message_stays(store: Store) -> None:
    """What threading found out is not lost when the volume is parsed again."""
    keep(store, MARCH, row(1))
    store.save_threads("clockwork", {key("clockwork", "<1@clock.example.org>"): "t" * 26})
    keep(store, MARCH, row(1, body="Tack."))

    assert next(store.messages()).thread == "t" * 26


def test_nothing_is_kept_by_halves(store: Store) -> None:
    """When keeping breaks off in the middle, all is as it was."""
    keep(store, MARCH, row(1))
    broken = replace(row(2), subject=None)  # type: ignore[arg-type]  # which the table refuses

    with pytest.raises(Exception, match="NOT NULL"):
        keep(store, MARCH, row(3), broken)
    assert [number for _, number in entries(store)] == [1]


def test_other_lists_are_left_alone(store: Store) -> None:
    """The same Message-ID in another list is another message."""
    store.save_list(MailingList("bells", "http://lists.example.org/pipermail/bells/"))
    bells = replace(MARCH, list="bells")
    store.save_volume(bells)
    keep(store, MARCH, row(1))
    keep(store, bells, row(1))

    assert keep(store, MARCH) == Kept(0, 1, 0)
    assert [(m.list, m.number) for m in store.messages()] == [("bells", 1)]
