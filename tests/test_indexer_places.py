"""The order of an index, kept in the database: who stands where, and what is known of each."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crawler.config import Config
from crawler.store import Store
from indexer.learned import learn_endings
from indexer.places import ids_in_places, in_places, place
from indexer.refresh import refresh
from indexer.rethread import rethread
from indexer.segments import in_order
from tests.stored import DAY, START, Letter, archive, hold, letter, numbered, remove

LEARNT = ("Find a spoon near you, free of charge", "at the spoon finder of your provider")


def test_the_database_sorts_as_an_index_does(tmp_path: Path) -> None:
    """The order that it keeps is that of `in_order`: dates, lists, numbers and ids that are alike too."""
    held = [
        letter("a", "x", date=START, list=name, message_id=f"<{name}{n}@x>")
        for name in ("kitchen", "attic")
        for n in range(3)
    ]
    config = archive(tmp_path, [*held, letter("b", "y", date=None), letter("c", "z", date=START - DAY)])
    with Store.open(config.folder) as store:
        store.db.execute("UPDATE entries SET number = NULL WHERE ordinal = 1")
        place(store)
        headings = in_order(one for known in store.lists() for one in store.headings(known.name))

        assert [h.id for h in headings] == ids_in_places(store)
        assert [h.date or 0 for h in headings] == in_places(store)[0]
        assert ids_in_places(store)[2:5] == ids_in_places(store, 2, 5)


def _letters(count: int, seed: int) -> list[Letter]:
    """Write letters of few senders, some of which end as others do and some of which answer others."""
    chance = random.Random(seed)
    return [
        letter(
            f"Soup {n}",
            f"Text {n}.\n" + ("\n".join(LEARNT) if chance.random() < 0.4 else "Bye.") + "\n",
            address=f"{chance.choice('abc')}@example.org",
            date=START + chance.randrange(4) * DAY,
            list=chance.choice(("kitchen", "attic")),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_places_after_changes_are_those_from_nothing(tmp_path: Path, seed: int) -> None:
    """Whatever came, changed, went, was threaded or learned: nobody is left where it stood or as it was."""
    chance = random.Random(seed)
    letters = numbered(_letters(40, seed))
    config = archive(tmp_path, [])
    with Store.open(config.folder) as store:
        for _ in range(12):
            hold(store, chance.sample(letters, 6))
            for id in chance.sample(ids := ids_in_places(store), min(2, len(ids))):
                remove(store, id)
            if chance.random() < 0.5:
                rethread(store)
                learn_endings(store)
            if chance.random() < 0.7:
                place(store)
        place(store)
        kept = ids_in_places(store), in_places(store)
        store.db.executescript("DELETE FROM places; INSERT INTO unplaced SELECT id FROM messages;")
        place(store)

        assert kept == (ids_in_places(store), in_places(store))
        assert len(set(kept[1][1])) == store.count()


def test_what_is_learned_of_older_mail_makes_its_segment_anew(tmp_path: Path) -> None:
    """An index holds what is said; so it changes where an ending is no longer taken for that."""
    config: Config = archive(tmp_path, [letter(f"Soup {n}", f"Text {n}.\n" + "\n".join(LEARNT)) for n in range(4)])
    with Store.open(config.folder) as store:
        before = refresh(config, store, processes=1)
        learn_endings(store)
        after = refresh(config, store, processes=1)

        assert (before.indexed, after.indexed) == (4, 4)
        assert refresh(config, store, processes=1).indexed == 0
