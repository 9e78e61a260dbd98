"""archive.sqlite: what is written is found, and nothing good is lost."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import ArchiveTrouble
from crawler.schema import SCHEMA, SCHEMA_VERSION
from crawler.store import DATABASE, Capture, Ledger, MailingList, Store, Volume
from tests.kept import BASE, Kept, entry

CLOCKWORK = MailingList("clockwork", BASE + "clockwork/", "Clockwork", "us-ascii", "en", None)
MARCH = Volume("clockwork", "2010-March", 14669, "March", settled=True, complete=True, dirty=False, parser=3)
MADE = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY type, name"  # of all that a database is made of
TEXT = Capture(BASE + "clockwork/2010-March.txt", "clockwork", "2010-March", 200, 1, '"e"', None, "s" * 64, 7, "a", 9)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a list and a volume that was parsed."""
    store = Store.open(tmp_path)
    store.save_list(CLOCKWORK)
    store.save_volume(MARCH)
    return store


def _first() -> sqlite3.Connection:
    """Make what the first version made; of its tables some have columns more by now."""
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    return db


class TestOpening:
    """The file itself."""

    def test_it_is_made_and_found_again(self, tmp_path: Path) -> None:
        """A new folder gets a database; the next one who opens it finds what was written."""
        with Store.open(tmp_path / "new" / "archive") as store:
            store.save_list(CLOCKWORK)
        with Store.open(tmp_path / "new" / "archive") as store:
            assert store.lists() == [CLOCKWORK]

    def test_a_newer_one_is_refused(self, tmp_path: Path) -> None:
        """An archive of a newer version is left as it is, and what to do is said."""
        Store.open(tmp_path).close()
        with sqlite3.connect(tmp_path / DATABASE) as db:
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

        with pytest.raises(ArchiveTrouble, match="newer Hamelin") as trouble:
            Store.open(tmp_path)
        assert trouble.value.hint

    def test_an_older_one_is_brought_up_to_date(self, tmp_path: Path) -> None:
        """What an older version wrote stays, and gets what it lacks."""
        with Store.open(tmp_path) as store:
            store.save_list(CLOCKWORK)
            store.save_volume(MARCH)
            store.save_capture(TEXT)
            new = store.db.execute(MADE).fetchall()
        first = ("captures.gone", "captures.noarchive", "volumes.checked", "volumes.checks", "entries.standing")
        columns = (*first, "ledger.pages", "messages.files")
        with sqlite3.connect(tmp_path / DATABASE) as db:
            first_ones = {name for (name,) in _first().execute("SELECT name FROM sqlite_master")}
            for kind in ("trigger", "view", "table", "index"):
                sql = "SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL"  # without keys' own indexes
                for (name,) in db.execute(sql, (kind,)).fetchall():
                    if name not in first_ones:
                        db.execute(f"DROP {kind} IF EXISTS {name}")
            for table, _, column in (name.partition(".") for name in columns):
                db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            db.execute("PRAGMA user_version = 1")
        db.close()

        with Store.open(tmp_path) as store:
            assert store.db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
            assert store.db.execute(MADE).fetchall() == new
            assert store.capture(TEXT.url) == TEXT
            assert store.volumes("clockwork") == [replace(MARCH, dirty=True)]
            store.save_capture(replace(TEXT, sha256="1" * 64, warc="b"), keep_former=True)
            assert store.former("clockwork", "2010-March") == [(TEXT, "b")]

    def test_a_damaged_one_is_told(self, tmp_path: Path) -> None:
        """What is no database says how to get one."""
        (tmp_path / DATABASE).write_bytes(b"no database at all, but long enough to be looked at" * 40)

        with pytest.raises(ArchiveTrouble, match="cannot be opened") as trouble:
            Store.open(tmp_path)
        assert "reparse --write" in trouble.value.hint


class TestCaptures:
    """What was answered, by its address."""

    def test_a_bad_answer_never_takes_a_good_ones_place(self, store: Store) -> None:
        """A page that answered once stays when it is gone; a good one takes a bad one's place."""
        store.save_capture(TEXT)
        store.save_capture(replace(TEXT, status=404, sha256="0" * 64))
        assert store.capture(TEXT.url) == replace(TEXT, gone="a")

        gone = replace(TEXT, url=TEXT.url + ".gz", status=404)
        store.save_capture(gone)
        store.save_capture(replace(gone, status=200))
        found = store.capture(gone.url)
        assert found
        assert found.good

    @pytest.mark.parametrize(
        ("change", "dirty"),
        [({"sha256": "0" * 64}, True), ({"fetched_at": 2, "etag": '"f"'}, False)],
    )
    def test_another_payload_makes_the_volume_dirty(self, store: Store, change: dict[str, object], dirty: bool) -> None:
        """The same bytes again are no reason to parse."""
        store.save_capture(TEXT)
        store.save_volume(MARCH)
        store.save_capture(replace(TEXT, **change))  # type: ignore[arg-type]
        volume = store.volume("clockwork", "2010-March")

        assert volume
        assert volume.dirty == dirty

    def test_by_volume(self, store: Store) -> None:
        """The list's own captures are those of no volume."""
        own = replace(TEXT, url=CLOCKWORK.url, volume=None)
        for capture in (TEXT, own):
            store.save_capture(capture)

        assert store.captures("clockwork", "2010-March") == {TEXT.url: TEXT}
        assert store.captures("clockwork", None) == {own.url: own}
        assert store.capture("http://elsewhere.example.org/") is None


class TestVolumesAndLedger:
    """How far we are, and the accounts."""

    def test_volumes_stand_in_the_order_of_their_days(self, store: Store) -> None:
        """Not in that of their names."""
        april = replace(MARCH, name="2010-April", starts=14700)
        store.save_volume(april)

        assert store.volumes("clockwork") == [MARCH, april]
        assert store.volume("clockwork", "2010-May") is None

    def test_an_account_is_written_over(self, store: Store) -> None:
        """A volume has one account, the newest."""
        account = Ledger("clockwork", "2010-March", 3, None, 2, 2, 1, 1, {"only_in_index": 1}, {"mark_alone": 2})
        store.save_ledger(replace(account, lost=9))
        store.save_ledger(account)

        assert store.ledger("clockwork") == [account]


class TestTransactions:
    """All or nothing."""

    def test_an_error_takes_everything_back(self, store: Store) -> None:
        """What was written before the error is gone, the inner transaction's too."""

        def work() -> None:
            with store.transaction(), store.transaction():
                store.save_volume(replace(MARCH, row="changed"))
                raise KeyError

        with pytest.raises(KeyError):
            work()
        assert store.volume("clockwork", "2010-March") == MARCH


class TestMessages:
    """Finding messages."""

    @pytest.fixture
    def kept(self, tmp_path: Path) -> Kept:
        """Two lists with three messages."""
        kept = Kept(tmp_path / "kept")
        kept.add("bells")
        kept.hold("2010-April.txt", entry(3), volume="2010-April")
        kept.hold("2010-March.txt", entry(1) + entry(2))
        kept.hold("2010-March.txt", entry(1), name="bells")
        kept.ingest()
        return kept

    def test_they_stand_in_the_archives_order(self, kept: Kept) -> None:
        """By list, by volume, as they stand in it; headings stand alike."""
        ids = [m.id for m in kept.store.messages()]

        assert [(m.list, m.subject) for m in kept.store.messages()] == [
            ("bells", "Tick 1"), ("clockwork", "Tick 1"), ("clockwork", "Tick 2"), ("clockwork", "Tick 3"),
        ]  # fmt: skip
        assert [h.id for h in kept.store.headings("clockwork")] == ids[1:]
        assert [h.date for h in kept.store.headings("clockwork")] == [
            1267444801, 1267444802, 1270080000,  # the first moment of a volume that cannot hold the Date header
        ]  # fmt: skip

    def test_one_by_its_id(self, kept: Kept) -> None:
        """A message is found by its id, and none by another."""
        message = next(kept.store.messages("clockwork"))

        assert kept.store.message(message.id) == message
        assert kept.store.message("nobody") is None
        assert (kept.store.count(), kept.store.count("bells")) == (4, 1)

    def test_threads_are_written_once(self, kept: Kept) -> None:
        """A thread key that a message has already is no change."""
        keys = {h.id: "t" * 26 for h in kept.store.headings("clockwork")}

        assert [kept.store.save_threads("clockwork", keys) for _ in range(2)] == [3, 0]
        assert [m.subject for m in kept.store.thread("clockwork", "t" * 26)] == ["Tick 1", "Tick 2", "Tick 3"]
        assert kept.store.save_threads("clockwork", {"nobody": "x"}) == 0

    def test_senders_are_named_once(self, kept: Kept) -> None:
        """Who wrote."""
        assert kept.store.senders() == ["ann@clock.example.org"]
