"""What a newer parser would read differently: paired message by message, summed up, shown with the changed words."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.differences import COMPARED, Compared, differences, pairs
from indexer.changed_words import changed_words
from tests.command import hamelin
from tests.demo.archive import FOOTER, HERE, KEEPERS, LETTERS
from tests.demo.letters import post
from tests.kept import Kept, entry, index
from tests.pipermail import write


def row(number: int | None, message_id: str | None = "", body: str = "Tock.", **known: Any) -> dict[str, Any]:
    """Make what a reading holds of a message; its Message-ID follows from its number unless it is given."""
    own = f"<{number}@clock.example.org>" if message_id == "" else message_id
    blank: dict[str, Any] = dict.fromkeys(COMPARED, "")
    return blank | {"number": number, "message_id": own, "body": body} | known


def paired(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[int | None, int | None]]:
    """Pair two readings, each message shown as its place."""
    places = {id(one): at for side in (before, after) for at, one in enumerate(side)}
    return [tuple(None if one is None else places[id(one)] for one in pair) for pair in pairs(before, after)]  # type: ignore[misc]  # two of them


class TestPairs:
    """Which message of one reading is which of the other."""

    @pytest.mark.parametrize("place", [0, 2, 4])
    def test_one_more_is_one_more(self, place: int) -> None:
        """A message that only today's parser finds stands alone, and all others are who they were."""
        before = [row(n) for n in (1, 2, 3, 4)]
        after = [row(n) for n in (1, 2, 3, 4)]
        after.insert(place, row(None, "<new@clock.example.org>", "New."))
        olds: list[int | None] = [0, 1, 2, 3]
        olds.insert(place, None)

        assert paired(before, after) == list(zip(olds, range(5), strict=True))

    def test_one_less_is_one_less(self) -> None:
        """A message that only the former parser found comes last."""
        assert paired([row(1), row(2), row(3)], [row(1), row(3)]) == [(0, 0), (2, 1), (1, None)]

    def test_numbers_that_moved_do_not_mislead(self) -> None:
        """Where page numbers are joined otherwise, Message-IDs say who is who."""
        before = [row(1, "<a@b>"), row(2, "<b@b>"), row(3, "<c@b>")]
        after = [row(1, "<x@b>"), row(2, "<a@b>"), row(3, "<b@b>"), row(4, "<c@b>")]

        assert paired(before, after) == [(None, 0), (0, 1), (1, 2), (2, 3)]

    def test_another_message_id_is_a_change(self) -> None:
        """A message whose Message-ID is read otherwise is told by its number, or else by its text."""
        assert paired([row(1, "<a@b>")], [row(1, "<z@b>")]) == [(0, 0)]
        assert paired([row(None, "<a@b>")], [row(None, None)]) == [(0, 0)]

    def test_copies_are_paired_in_order(self) -> None:
        """Copies of one message stay in their order."""
        same = [row(None, "<a@b>") for _ in range(3)]

        assert paired(same, [dict(one) for one in same]) == [(0, 0), (1, 1), (2, 2)]

    def test_what_nothing_tells_is_paired_between_others(self) -> None:
        """A message of which everything changed is still the one between its neighbours."""
        before = [row(1), row(None, None, "old", subject="old"), row(3)]
        after = [row(1), row(None, None, "new", subject="new"), row(3)]

        assert paired(before, after) == [(0, 0), (1, 1), (2, 2)]

    def test_many_are_paired_soon(self) -> None:
        """Ten thousand messages with one more in front are paired in less than a second or two."""
        before = [row(n) for n in range(10_000)]
        start = time.process_time()
        found = pairs(before, [row(None, "<new@b>"), *(dict(one) for one in before)])

        assert sum(old is None for old, _ in found) == 1
        assert time.process_time() - start < 2


class TestDifferences:
    """A store against what is read from the same captures today."""

    def test_an_entry_that_was_not_found_before(self, tmp_path: Path) -> None:
        """One message more in the middle of a volume is one difference, in the count too."""
        kept = Kept(tmp_path)
        kept.hold("2010-March.txt", "".join(entry(n) for n in (1, 2, 3, 4)))
        kept.hold("2010-March/thread.html", index(1, 2, 3, 4))
        kept.ingest()
        kept.store.db.execute("DELETE FROM entries WHERE number = 2")
        compared = Compared()
        found = list(differences(kept.store, lambda capture: kept.payloads[capture.url], compared))

        assert [(d.field, d.place, d.before, d.after) for d in found] == [
            ("message", "2010-March/000002.html", None, "Tick 2")
        ]
        assert (compared.messages, compared.messages_changed, compared.volumes_changed) == (4, 1, 1)

    def test_the_same_parser_changes_nothing(self, tmp_path: Path) -> None:
        """What was stored by today's parser is what it reads."""
        kept = Kept(tmp_path)
        kept.hold("2010-March.txt", entry(1) + entry(1, "Other.") + entry(2))
        kept.ingest()

        assert list(differences(kept.store, lambda capture: kept.payloads[capture.url])) == []


class TestChangedWords:
    """Two texts shown as one."""

    def test_long_texts_are_cut_around_the_change(self) -> None:
        """Of much that stayed only what stands next to a change is shown."""
        before = "tick " * 500 + "caf?" + " tock" * 500
        pieces = changed_words(before, before.replace("caf?", "café"))

        assert [(piece.kind, piece.text) for piece in pieces[1:3]] == [("gone", "caf?"), ("new", "café")]
        assert pieces[0].text.startswith("…")
        assert pieces[-1].text.endswith("…")
        assert sum(len(piece.text) for piece in pieces) < 100

    def test_texts_that_have_nothing_in_common(self) -> None:
        """Two long texts without a common word take no time."""
        start = time.process_time()
        pieces = changed_words("a " * 200_000, "b " * 200_000)

        assert [piece.kind for piece in pieces[:2]] == ["gone", "new"]
        assert sum(len(piece.text) for piece in pieces) < 500
        assert time.process_time() - start < 2


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Import a list, then have its database as an older parser would have left it."""
    folder = tmp_path_factory.mktemp("reparse")
    prefix, names = LETTERS[KEEPERS]
    write(folder / "tree", KEEPERS, post([HERE / name for name in names], prefix, FOOTER))
    assert hamelin("--archive", str(folder / "a"), "import", str(folder / "tree")).code == 0
    with closing(sqlite3.connect(folder / "a" / "archive.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE entries SET subject = 'Re: ' || subject WHERE number < 5")
        db.execute("UPDATE entries SET refs = '[\"<old@b>\"]', from_name = NULL WHERE number = 2")
        db.execute("UPDATE entries SET body = replace(body, 'the', 'teh') WHERE number = 3")
        db.execute("DELETE FROM entries WHERE number = 7")
    return folder / "a"


class TestCommand:
    """`hamelin reparse`, of an archive whose database an older parser has written."""

    def test_a_sum_comes_first(self, archive: Path) -> None:
        """What would change is counted by field, most first, before any example."""
        done = hamelin("--archive", str(archive), "reparse", "--limit", "2")
        lines = done.out.split("\n")

        assert done.code == 0
        assert lines[0].startswith("Today's parser would change 6 of ")
        assert [line.split() for line in lines[1:6]] == [
            ["subject", "5"],
            ["body", "1"],
            ["from_name", "1"],
            ["message", "1"],
            ["references", "1"],
        ]
        assert "\nsubject, 2 of 5:\n" in done.out
        assert done.out.endswith("Nothing was written: hamelin reparse --write does it, --json shows all of it.\n")

    def test_examples_name_their_place_and_mark_words(self, archive: Path) -> None:
        """An example names list and page, and marks what goes and what comes."""
        done = hamelin("--archive", str(archive), "reparse")

        assert re.search(r"^  keepers \d{4}-\w+/000000[.]html\n    \[-Re: -\]\S", done.out, re.MULTILINE)
        assert "[-teh-]{+the+}" in done.out
        assert "[-null-]{+" in done.out

    def test_one_field_can_be_asked_for(self, archive: Path) -> None:
        """With --field only that is shown, up to the limit."""
        done = hamelin("--archive", str(archive), "reparse", "--field", "subject", "--limit", "50")

        assert "subject, 5 of 5:" in done.out
        assert "references" not in done.out

    def test_a_field_that_there_is_not_is_refused(self, archive: Path) -> None:
        """With those that there are."""
        done = hamelin("--archive", str(archive), "reparse", "--field", "subjct")

        assert (done.code, done.out) == (2, "")
        assert "There is no field 'subjct'. There are: " in done.err
        assert "subject" in done.err

    def test_json_has_all(self, archive: Path) -> None:
        """As JSON each difference is a line, its values as in the record."""
        done = hamelin("--archive", str(archive), "reparse", "--json")
        found = [json.loads(line) for line in done.out.splitlines()]

        assert len(found) == 9
        assert {"list", "volume", "place", "field", "before", "after"} == set(found[0])
        assert [one["before"] for one in found if one["field"] == "references"] == [["<old@b>"]]

    def test_nothing_is_written(self, archive: Path) -> None:
        """Looking changes no file; --write does, and then nothing is left to change."""
        files = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file() and path.suffix != ".lock"}
        before = hamelin("--archive", str(archive), "reparse").out
        same = {path: path.read_bytes() for path in files if "-shm" not in path.name and path.exists()}

        assert {path: data for path, data in same.items() if data != files[path]} == {}
        assert hamelin("--archive", str(archive), "reparse", "--write").code == 0
        assert hamelin("--archive", str(archive), "reparse").out.startswith("Nothing would change in ")
        assert "would change" in before


def test_index_and_site_follow_a_new_reading(tmp_path: Path) -> None:
    """A database made again counts its changes beyond the former's, so that nothing takes the new for the old."""
    prefix, names = LETTERS[KEEPERS]
    write(tmp_path / "tree", KEEPERS, post([HERE / name for name in names], prefix, FOOTER))
    folder = tmp_path / "a"
    assert hamelin("--archive", str(folder), "import", str(tmp_path / "tree")).code == 0
    with closing(sqlite3.connect(folder / "archive.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE entries SET subject = 'misreadeth' WHERE number = 3")
        db.execute("UPDATE messages SET digest = 'older' WHERE entry IN (SELECT entry FROM entries WHERE number = 3)")
    for words in (("index",), ("site",), ("reparse", "--write")):
        assert hamelin("--archive", str(folder), *words).code == 0
    stale = hamelin("--archive", str(folder), "check")
    for words in (("index",), ("site",)):
        assert hamelin("--archive", str(folder), *words).code == 0

    assert stale.code == 1
    assert "hamelin index" in stale.out
    assert hamelin("--archive", str(folder), "search", "misreadeth").code == 1
    assert not any("misreadeth" in path.read_text() for path in (folder / "site").rglob("*.html"))
    assert hamelin("--archive", str(folder), "check").code == 0
