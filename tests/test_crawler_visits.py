"""A volume is visited until nothing more can come of it, and no longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.pages import VolumeRow
from crawler.parse.dates import volume_span
from crawler.store import Volume
from crawler.visits import MOST_IN_VAIN, Patience, checkable, cost, due, newest, settles, text_size, vanished

LABEL = "[ Thread ] [ Subject ] [ Author ] [ Date ]"


def row(name: str, text: str = "[ Gzip'd Text 26 KB ]") -> VolumeRow:
    span = volume_span(name)
    assert span
    return VolumeRow(name, f"{name}: {LABEL} {text}", span[0], (f"http://x.org/keepers/{name}.txt.gz",))


def held(row: VolumeRow, *, settled: bool = True, complete: bool = True) -> dict[str, Volume]:
    return {row.name: Volume("keepers", row.name, row.starts, row.row, settled=settled, complete=complete)}


ROW = row("2010-March")


@pytest.mark.parametrize(
    ("known", "visited"),
    [
        ({}, True),
        (held(ROW), False),
        (held(ROW, settled=False), True),
        (held(ROW, complete=False), True),
        (held(row("2010-March", "[ Gzip'd Text 25 KB ]")), True),
    ],
    ids=["new", "done with", "can still grow", "unfinished", "row changed"],
)
def test_which_volumes_are_visited(known: dict[str, Volume], visited: bool) -> None:
    """Those that are new, changed, unfinished or open."""
    assert due([ROW], known) == ([ROW] if visited else [])


def test_a_recheck_visits_all() -> None:
    """Also what is done with."""
    assert due([ROW], held(ROW), recheck=True) == [ROW]


def test_the_newest_come_first() -> None:
    """A run that is stopped has what readers want most."""
    rows = [row("2010-March"), row("2011-January"), row("2010-April")]

    assert [chosen.name for chosen in due(rows, {})] == ["2011-January", "2010-April", "2010-March"]
    assert newest(rows) == "2011-January"
    assert newest([]) is None


@pytest.mark.parametrize(
    ("name", "days_after_end", "settled"),
    [("2010-March", 31, False), ("2010-March", 32, True), ("2024", 32, True), ("20240101", 31, False)],
)
def test_a_volume_settles_a_month_after_its_end(name: str, days_after_end: int, settled: bool) -> None:
    """Mail comes late: held for moderation, sent by a clock that is wrong."""
    span = volume_span(name)
    assert span

    assert settles(name, "2030-May", span[1] + days_after_end) is settled


def test_the_newest_volume_never_settles() -> None:
    """The next mail may go there however old it is."""
    assert not settles("2010-March", "2010-March", 30000)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("[ Gzip'd Text 26 KB ]", 26000),
        ("[ Text 497 bytes ]", 497),
        ("[ Text 3 MiB ]", 3000000),
        ("[ Gzip圧縮テキスト  3 KB ]", 3000),
        ("[ 文本大小为 675 字节 ]", 675),
        ("[ Text412 bytes gzipado ]", 412),
        ("[ Date ]", 0),
    ],
)
def test_sizes_are_read_in_every_language(text: str, size: int) -> None:
    """Numbers and units are the same in all of Mailman's languages, the words around them are not."""
    assert text_size(row("2010-March", text)) == size


def test_a_cost_grows_with_the_text_and_with_the_pages() -> None:
    """Packed text holds more messages; all pages cost a request each."""
    packed, plain = row("2010-March"), VolumeRow("2010-March", ROW.row, ROW.starts, ("http://x.org/2010-March.txt",))
    needed, every = cost([packed], "needed"), cost([packed], "all")

    assert needed.messages > cost([plain], "needed").messages > 0
    assert every.requests == needed.requests + needed.messages
    assert needed.seconds(delay=1.0) > needed.requests
    assert cost([packed, packed], "needed").bytes == 2 * needed.bytes


class TestChecks:
    """Settled volumes, looked at again now and then."""

    def test_they_are_asked_for_again_after_ever_longer_times(self) -> None:
        """After 30, 90, 180 and then each time 365 days."""
        settled = held(ROW)[ROW.name]
        for checks, days in ((0, 30), (1, 90), (2, 180), (3, 365), (9, 365)):
            known = {ROW.name: replace(settled, checked=1_000_000, checks=checks)}
            assert checkable([ROW], known, 1_000_000 + days * 86400 - 1) == []
            assert checkable([ROW], known, 1_000_000 + days * 86400) == [ROW]

    def test_a_run_takes_few_of_them_those_that_waited_longest(self) -> None:
        """A list of twenty years is spread over many runs; a clock that was set back asks for nothing."""
        rows = [row(f"20{year:02}") for year in range(20)]
        known = {r.name: replace(held(r)[r.name], checked=100 * n) for n, r in enumerate(reversed(rows))}

        assert checkable(rows, known, 1e9) == rows[:-4:-1]
        assert checkable(rows, known, -1e9) == []

    def test_what_is_visited_anyway_is_not_chosen(self) -> None:
        """Open, unfinished and unknown volumes are due by themselves."""
        assert checkable([ROW], {}, 1e12) == []
        assert checkable([ROW], held(ROW, settled=False), 1e12) == []

    def test_a_volume_that_the_index_has_no_more_is_visited_once(self) -> None:
        """Its row is its name from then on."""
        [gone] = vanished([], held(ROW))
        assert (gone.name, gone.row, gone.starts, gone.text_urls) == (ROW.name, ROW.name, ROW.starts, ())
        assert due([gone], held(ROW)) == [gone]
        assert due([gone], held(gone)) == []


class TestPatience:
    """Attachments that are not there."""

    def test_it_ends_after_many_in_a_row(self) -> None:
        """What is found begins the count anew."""
        patience = Patience()
        for _ in range(MOST_IN_VAIN - 1):
            patience.saw(there=False)
        assert not patience.ended
        patience.saw(there=True)
        for _ in range(MOST_IN_VAIN):
            assert not patience.ended
            patience.saw(there=False)
        assert patience.ended

    def test_it_is_longer_for_a_list_of_which_much_was_found(self) -> None:
        """A gap of a hundred among a thousand that are there proves nothing of the rest."""
        patience = Patience(found=1000, missing=30)
        for _ in range(1999):
            patience.saw(there=False)
        assert not patience.ended
        patience.saw(there=False)
        assert patience.ended

    def test_where_nothing_ever_was_found_one_more_try_decides(self) -> None:
        """The next run does not begin from nothing."""
        patience = Patience(found=0, missing=19_000)
        assert not patience.ended
        patience.saw(there=False)
        assert patience.ended
