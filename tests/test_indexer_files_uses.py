"""Which messages have which files: known after any change without looking at all of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.message import Attachment
from crawler.store import Store
from indexer.files.texts import Key, key_of
from indexer.files.uses import bring_up, parts, used
from tests.stored import Letter, archive, attachment, file_with_text, hold, letter, numbered, remove

FILES = [
    *(file_with_text(f"soup{n}.txt", "salt") for n in range(6)),
    file_with_text("soup0.txt", "salt", type="text/x-diff"),
    attachment("lost.txt"),
]


def _letters(chance: random.Random) -> list[Letter]:
    chosen = [tuple(chance.sample(FILES, chance.randrange(3))) for _ in range(20)]
    lists = ("kitchen", "attic")
    return numbered(letter("Soup", f"{some}", attachments=some, list=chance.choice(lists)) for some in chosen)


def _all_files(store: Store) -> dict[Key, tuple[str, Attachment]]:
    """Look at every message, in the archive's order; the first that has a file counts."""
    charsets = {known.name: known.charset for known in store.lists()}
    found: dict[Key, tuple[str, Attachment]] = {}
    for message in store.messages():
        for part in message.attachments:
            if key := key_of(part, charsets[message.list]):
                found.setdefault(key, (message.list, part))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_files_are_known_after_any_change(tmp_path: Path, seed: int) -> None:
    """What came, changed and went leaves the files that all messages have, each with the first that has it."""
    chance = random.Random(seed)
    held: dict[str, Letter] = {}
    with Store.open(archive(tmp_path, []).folder) as store:
        for _ in range(12):
            some = {one.id: one for one in chance.sample(_letters(chance), 5)}
            hold(store, some.values())
            held |= some
            gone = chance.choice(list(held))
            remove(store, held.pop(gone).id)
            if chance.random() < 0.3:
                store.save_list(replace(store.lists()[0], charset=chance.choice(("us-ascii", "koi8-r", None))))
            bring_up(store)
            wanted = _all_files(store)

            assert used(store) == wanted.keys()
            assert {key: (name, part) for key, name, part in parts(store, wanted)} == wanted
            assert [key for key, _, _ in parts(store, wanted)] == list(wanted)


def test_messages_that_are_known_are_not_looked_at(tmp_path: Path) -> None:
    """An attachment of a message that did not change is not read again."""
    letters = numbered([letter("Soup", "a", attachments=(FILES[0],)), letter("Soup", "b", attachments=(FILES[1],))])
    with Store.open(archive(tmp_path, letters[:1]).folder) as store:
        bring_up(store)
        store.db.execute("UPDATE entries SET attachments = 'damaged'")
        hold(store, letters[1:])
        bring_up(store)

        assert used(store) == {key_of(FILES[0], None), key_of(FILES[1], None)}
