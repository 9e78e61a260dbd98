"""Near-valid archives and the worst that is known, down the whole chain: nothing raises, hangs or swells.

`make soak` does more of both: an hour of fuzzing that is led by coverage, and every worst case in full.
"""

from __future__ import annotations

import gzip
import signal
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.pages import read_volume_index
from crawler.parse.volume_text import unpack
from tests.fuzz.chain import TARGETS
from tests.fuzz.grammar import INPUTS
from tests.fuzz.measure import cost
from tests.fuzz.worst import HERE, MEGABYTES, WORST, deep_index


def test_every_target_has_inputs() -> None:
    """A target without a grammar would never be tried, and neither would one without a worst case."""
    assert INPUTS.keys() == TARGETS.keys()
    assert {worst.target for worst in WORST.values()} == TARGETS.keys()
    assert WORST.keys() >= HERE.keys()


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_near_valid_archives_go_down_the_whole_chain(name: str, data: st.DataObject) -> None:
    """What is nearly an archive is read, redacted, indexed, threaded and shown without an exception."""
    TARGETS[name](data.draw(INPUTS[name]))


@pytest.mark.parametrize("name", sorted(HERE))
def test_the_worst_is_borne(name: str) -> None:
    """Much of what is hard to read goes down the whole chain in bounded time and memory."""
    worst = WORST[name]
    data = worst.make(HERE[name])
    TARGETS[worst.target](b"Tock.")  # so that tables are built before the memory is counted

    found = cost(partial(TARGETS[worst.target], data), worst.seconds)

    assert found.trouble == ""
    assert found.seconds < worst.seconds
    assert found.megabytes < MEGABYTES


def hang() -> None:
    """Never end."""
    while True:
        pass


class TestMeasure:
    """The measure itself tells what goes wrong."""

    def test_what_a_child_takes_is_told(self) -> None:
        """Memory that the work touches is counted, what the process held before is not."""
        found = cost(lambda: bytes(range(256)) * (200_000), 5)

        assert found.trouble == ""
        assert 40 < found.megabytes < 80

    def test_what_is_raised_is_told(self) -> None:
        """An exception comes back as its traceback."""
        assert "ZeroDivisionError" in cost(lambda: 1 // 0, 5).trouble

    def test_a_hang_ends(self) -> None:
        """Work that never ends is ended by its limit."""
        assert cost(hang, 0).trouble == f"ended by signal {signal.SIGKILL}"


class TestNothingIsLost:
    """What is odd in its size is read all the same."""

    def test_an_index_five_thousand_deep(self) -> None:
        """A hundred thousand entries stand, though five thousand of them lie each in the one before."""
        assert len(read_volume_index(deep_index(100_000)).entries) == 100_000

    @pytest.mark.parametrize("size", [1 << 10, 64 << 20])
    def test_a_text_that_compresses_well_is_whole_or_said_to_be_cut(self, size: int) -> None:
        """A small text may compress as well as it likes; a large one that does is a bomb, and is cut."""
        text = unpack(gzip.compress(bytes(size), 9))

        assert text.whole == (len(text.data) == size)
        assert text.whole == (size < 1 << 20)
