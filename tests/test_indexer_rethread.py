"""The steps that do only what is new, threads and endings, come to what doing all of it from nothing comes to."""

from __future__ import annotations

import json
import random
from pathlib import Path
from unittest.mock import patch

import pytest

from crawler.store import Store
from indexer import learned, tails
from indexer.body.learning import Mail, tail_of
from indexer.learned import learn_endings
from indexer.rethread import rethread
from indexer.threads import thread_keys
from tests import naive_learning
from tests.stored import Letter, archive, hold, letter, numbered, remove

NAMES = 24
FOOTERS = ("Kochen und Backen, die Liste\nAustragen: mail an kueche-weg", "The kitchen, a list of cooks\nLeave by mail")
SIGNED = (
    "Find a spoon near you, free of charge\nat the spoon finder of your provider",
    "Ann Indigo\nCook of the Crown",
)


def answering(store: Store, one: Letter, references: list[str]) -> None:
    """Put a letter into a store that names these Message-IDs."""
    hold(store, [one])
    store.db.execute("UPDATE entries SET refs = ?, in_reply_to = NULL WHERE grp = ?", (json.dumps(references), one.id))
    store.db.execute("UPDATE messages SET thread = NULL WHERE id = ?", (one.id,))


@pytest.mark.parametrize("seed", range(12))
def test_threads_of_what_changed_are_those_of_all(seed: int, tmp_path: Path) -> None:
    """After any adding, changing and removing each message has the thread that threading the whole list gives it."""
    chance = random.Random(seed)
    here: dict[int, Letter] = {}
    with Store.open(archive(tmp_path, []).folder) as store:
        for step in range(30):
            for _ in range(chance.randint(1, 3)):
                number = chance.randrange(NAMES)
                if number in here and chance.random() < 0.4:
                    remove(store, here.pop(number).id)
                    continue
                store.db.execute("DELETE FROM deletions WHERE id = ?", (letter("", "", number=number).id,))
                here[number] = letter("Soup", f"{step}", number=number, date=chance.randrange(1 << 30))
                named = [f"<{chance.randrange(NAMES + 4)}@example.org>" for _ in range(chance.choice((0, 0, 1, 1, 2)))]
                answering(store, here[number], named)
            rethread(store)
            held = dict(store.db.execute("SELECT id, thread FROM messages"))
            assert held == thread_keys(store.headings("kitchen"))


def test_only_what_hangs_together_with_new_mail_is_threaded_again(tmp_path: Path) -> None:
    """An answer has its thread read, and no other one of the list."""
    letters = numbered(letter("Soup", "", thread=f"<{n % 5}@example.org>") for n in range(50))
    with Store.open(archive(tmp_path, letters).folder) as store:
        rethread(store)
        hold(store, [letter("Soup", "", number=50, thread="<7@example.org>")])
        with patch("indexer.rethread.thread_keys", side_effect=thread_keys) as threading:
            rethread(store)

    assert len(threading.call_args.args[0]) == 11


def _body(chance: random.Random, step: int) -> str:
    said = f"Text {step} {chance.random()}."
    quoted = f"> {FOOTERS[0]}".replace("\n", "\n> ") if chance.random() < 0.1 else ""
    signed = SIGNED[chance.randrange(2)] if chance.random() < 0.4 else ""
    footer = FOOTERS[step > 12] if chance.random() < 0.8 else ""
    return f"{said}\n{quoted}\n{said}\n{signed}\n{footer}"


@pytest.mark.parametrize("seed", range(6))
def test_what_is_learned_bit_by_bit_is_what_is_learned_at_once(seed: int, tmp_path: Path) -> None:
    """After any adding, changing and removing the endings are those that a database learns which knew none."""
    chance = random.Random(seed)
    here: dict[int, Letter] = {}
    with Store.open(archive(tmp_path, []).folder) as store, Store.open(archive(tmp_path / "anew", []).folder) as anew:
        for step in range(25):
            for _ in range(chance.randint(1, 12)):
                number = chance.randrange(60)
                if number in here and chance.random() < 0.3:
                    remove(store, here.pop(number).id)
                    continue
                store.db.execute("DELETE FROM deletions WHERE id = ?", (letter("", "", number=number).id,))
                sender = f"{chance.choice('abcdef')}@example.org"
                here[number] = letter("Soup", _body(chance, step), number=number, address=sender)
                hold(store, [here[number]])
            learn_endings(store)
            for table in ("messages", "deletions", "learned", "endings", "tails", "counters", "entries"):
                anew.db.execute(
                    f"DELETE FROM {table} WHERE {'name <> ?' if table == 'counters' else '? <> 0'}", ("revision",)
                )
            hold(anew, here.values())
            learn_endings(anew)
            assert _learned(store) == _learned(anew)
            assert {id: set(json.loads(keys)) for id, keys in _learned(store)[0]} == _naively_learned(store)
        assert _learned(store)[0]


def _learned(store: Store) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    applying = store.db.execute("SELECT id, endings FROM learned ORDER BY id").fetchall()
    return applying, store.db.execute("SELECT ending, lines FROM endings ORDER BY ending").fetchall()


def _naively_learned(store: Store) -> dict[str, set[str]]:
    """Learn from all mails at once, in a second way; give the keys of what applies to each that has any."""
    sql = "SELECT m.id, e.from_address, e.body FROM messages m JOIN entries e USING (entry)"
    rows = store.db.execute(f"{sql} ORDER BY e.starts, e.ordinal, m.id").fetchall()
    told = naive_learning.learn([Mail(sender, 1970, tail_of(body)) for _, sender, body in rows])
    footers = {ending for endings in told for ending in endings if ending.kind == "footer"}
    words = {footer: max(" ".join(footer.lines).split(), key=len) for footer in footers}
    found = {}
    for (id, _, body), endings in zip(rows, told, strict=True):
        below = {footer for footer in footers if words[footer] in body}
        found[id] = {learned.key_of(ending) for ending in {*endings, *below}}
    return {id: keys for id, keys in found.items() if keys}


def test_only_new_mail_is_read(tmp_path: Path) -> None:
    """The last lines of mail that was read before are known."""
    with Store.open(archive(tmp_path, numbered(letter("Soup", f"Text {n}.") for n in range(9))).folder) as store:
        learn_endings(store)
        hold(store, [letter("Soup", "Salt!", number=9)])
        with patch.object(tails, "tail_of", side_effect=tails.tail_of) as reading:
            learn_endings(store)

    assert [call.args for call in reading.call_args_list] == [("Salt!",)]


def test_a_message_that_goes_takes_its_last_lines_along(tmp_path: Path) -> None:
    """Nothing of it stays in the database until the next step: it may be purged."""
    letters = numbered([letter("Soup", "Salt!")])
    with Store.open(archive(tmp_path, letters).folder) as store:
        learn_endings(store)
        before = store.db.execute("SELECT id FROM tails").fetchall()
        remove(store, letters[0].id)

        assert (before, store.db.execute("SELECT id FROM tails").fetchall()) == ([(letters[0].id,)], [])
