"""Answers are kept in warc/ before all else, and a killed run's are found again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.keeper import ALL_THERE_IS, Ask, Exchange, Keeper, good_payload
from crawler.store import MailingList, Volume
from crawler.verdict import HTML, TORN
from crawler.warc import files, scan, unfinished
from crawler.warc_records import Answer

BASE = "http://lists.example.org/pipermail/keepers/"
ASK = Ask(BASE + "2010-March.txt", "text", "keepers", "2010-March")


def exchange(
    body: bytes, verdict: int = 200, ask: Ask = ASK, *, at: float = 1e9, hops: tuple[Answer, ...] = ()
) -> Exchange:
    status = 200 if verdict >= 600 else verdict
    answer = Answer(ask.url, status, b"HTTP/1.1 %d X\r\nETag: e\r\n\r\n" % status, body, b"GET / HTTP/1.1\r\n\r\n", at)
    return Exchange(ask, answer, verdict, body, hops)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """A keeper of an archive that has a list and a volume that was parsed."""
    keeper = Keeper(tmp_path)
    keeper.found()
    keeper.store.save_list(MailingList("keepers", BASE))
    keeper.store.save_volume(Volume("keepers", "2010-March", 14669, "March", dirty=False))
    yield keeper
    keeper.close()


def kill(keeper: Keeper) -> None:
    """Leave everything as a kill would."""
    assert keeper.writer._file
    keeper.writer._file.close()
    keeper.writer._file = None


def is_dirty(keeper: Keeper) -> bool:
    volume = keeper.store.volume("keepers", "2010-March")
    assert volume
    return volume.dirty


def test_an_answer_is_in_warc_and_in_the_database(keeper: Keeper) -> None:
    """Its volume is to be parsed, and its payload can be had."""
    kept = keeper.keep(exchange(b"indigo"))

    assert (kept.verdict, kept.changed, is_dirty(keeper)) == (200, True, True)
    assert good_payload(keeper, keeper.held(ASK.url)) == b"indigo"
    assert list(scan(keeper.folder)) == [keeper.held(ASK.url)]


def test_before_the_first_list_nothing_is_written(tmp_path: Path) -> None:
    """Answers wait for the archive to be founded; without that there is none."""
    keeper = Keeper(tmp_path)
    keeper.keep(exchange(b"User-agent: *", ask=Ask("http://lists.example.org/robots.txt", "robots", "")))
    assert (keeper.founded, os.listdir(tmp_path)) == (False, [])
    keeper.found()
    keeper.close()

    assert [capture.url for capture in scan(tmp_path)] == ["http://lists.example.org/robots.txt"]


def test_the_same_again_changes_only_the_date(keeper: Keeper) -> None:
    """The volume needs no parsing, and the payload is not kept twice."""
    keeper.keep(exchange(b"indigo" * 999))
    first = keeper.held(ASK.url)
    keeper.store.save_volume(Volume("keepers", "2010-March", 14669, "March", dirty=False))
    kept = keeper.keep(exchange(b"indigo" * 999, at=2e9))

    assert first
    assert (kept.changed, is_dirty(keeper)) == (False, False)
    assert keeper.held(ASK.url) == replace(first, fetched_at=2_000_000_000)


def test_a_robots_txt_that_is_the_same_is_not_written_again(keeper: Keeper) -> None:
    """It is asked for in every run, and mostly without a validator to ask with."""
    ask = Ask("http://lists.example.org/robots.txt", "robots", "")
    keeper.keep(exchange(b"User-agent: *", ask=ask))
    before = os.stat(keeper.folder / "warc" / (files(keeper.folder)[0] + ".open")).st_size
    keeper.keep(exchange(b"User-agent: *", ask=ask, at=2e9))

    assert os.stat(keeper.folder / "warc" / (files(keeper.folder)[0] + ".open")).st_size == before


@pytest.mark.parametrize("verdict", [404, 403, HTML, TORN])
def test_a_bad_answer_is_kept_beside_the_good_one(keeper: Keeper, verdict: int) -> None:
    """warc/ has both; what is held stays the good one."""
    keeper.keep(exchange(b"indigo"))
    keeper.keep(exchange(b"sorry", verdict, at=2e9))

    assert good_payload(keeper, keeper.held(ASK.url)) == b"indigo"
    assert [capture.status for capture in scan(keeper.folder)] == [200, verdict]


def test_passing_trouble_is_no_answer(keeper: Keeper) -> None:
    """A 503 is written down and leaves the address unanswered."""
    kept = keeper.keep(exchange(b"later", 503))

    assert (kept.changed, keeper.held(ASK.url)) == (False, None)
    assert len(files(keeper.folder)) == 1


def test_what_comes_torn_twice_is_all_there_is(keeper: Keeper) -> None:
    """The same half again is what the server has of it."""
    assert keeper.keep(exchange(b"half", TORN)).verdict == TORN
    assert keeper.keep(exchange(b"half", TORN, at=2e9)).verdict == ALL_THERE_IS

    assert good_payload(keeper, keeper.held(ASK.url)) == b"half"


def test_redirects_are_kept_with_where_they_led(keeper: Keeper) -> None:
    """The hop is a record; the capture of the address that was asked is what came at last."""
    hop = exchange(b"", 301).answer
    moved = exchange(b"indigo")
    keeper.keep(replace(moved, answer=replace(moved.answer, url="https://lists.example.org/new"), hops=(hop,)))

    [capture] = scan(keeper.folder)
    assert (capture.url, capture.status) == (ASK.url, 200)


def test_what_a_killed_run_kept_is_taken_in(keeper: Keeper, tmp_path: Path) -> None:
    """Records that the database does not know become captures, and the file gets its final name."""
    keeper.keep(exchange(b"indigo"))
    known = keeper.held(ASK.url)
    keeper.store.db.execute("DELETE FROM captures")
    kill(keeper)

    after = Keeper(tmp_path)
    assert (after.recover(), after.held(ASK.url), unfinished(tmp_path)) == (1, known, [])
    assert after.recover() == 0
    after.close()


def test_recovery_takes_nothing_older_than_what_is_held(keeper: Keeper, tmp_path: Path) -> None:
    """A file of a killed run that a later file has overtaken changes nothing, whatever the clock said."""
    keeper.keep(exchange(b"old"))
    newer = replace(next(scan(tmp_path)), fetched_at=1, sha256="newer", warc="hamelin-000002-20240101000000.warc.gz")
    keeper.store.save_capture(newer)
    held = keeper.held(ASK.url)
    kill(keeper)

    after = Keeper(tmp_path)
    assert (after.recover(), after.held(ASK.url)) == (0, held)
    after.close()
