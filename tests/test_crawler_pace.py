"""A host is left alone as long as it asks for, and longer each time it is in trouble."""

from __future__ import annotations

import pytest

from crawler.pace import MAX_PAUSE, MAX_TROUBLES, Pace, seconds_of


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time."""
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    """A pace that begins with two seconds."""
    return Pace(2.0, clock)


def test_at_first_nothing_waits(pace: Pace) -> None:
    """A host of which nothing is known may be asked."""
    assert (pace.wait("x"), pace.closed("x"), pace.answers("x")) == (0, None, False)


def test_a_pause_grows_with_each_trouble_and_ends_with_success(pace: Pace, clock: Clock) -> None:
    """Two, four, eight seconds; then all is forgotten."""
    pauses = []
    for _ in range(3):
        pace.heard("x", 503)
        pauses.append(pace.wait("x"))
        clock.now += pauses[-1]
    pace.heard("x", 404)
    pace.heard("x", 500)

    assert [*pauses, pace.wait("x")] == [2, 4, 8, 2]


def test_retry_after_counts_as_said(pace: Pace) -> None:
    """The server knows best how long it needs."""
    pace.heard("x", 429, "17")

    assert pace.wait("x") == 17


def test_a_pause_beyond_measure_ends_the_run_for_the_host(pace: Pace) -> None:
    """It is never asked before its time, so it is not asked again at all."""
    pace.heard("x", 503, f"{MAX_PAUSE + 60:.0f}")

    assert pace.closed("x") == "asks for a pause of 11 minutes"


def test_a_host_that_does_not_answer_is_left_alone_after_a_while(pace: Pace) -> None:
    """Silence and errors count alike, in a row."""
    for _ in range(MAX_TROUBLES - 1):
        pace.failed("x")
    assert pace.closed("x") is None
    pace.failed("x")

    assert pace.closed("x") == f"did not answer {MAX_TROUBLES} times in a row"
    assert not pace.answers("x")


def test_a_delay_counts_from_the_end_of_an_answer(pace: Pace, clock: Clock) -> None:
    """The longer of ours and the host's own; also after an answer that never came."""
    pace.delay = 3
    pace.heard("x", 200)
    assert pace.wait("x") == 3
    pace.at_most_every("x", 10)
    clock.now += 4
    assert pace.wait("x") == 6
    pace.failed("x")

    assert pace.wait("x") == 10


def test_hosts_are_apart(pace: Pace) -> None:
    """One host's trouble is not another's."""
    pace.heard("x", 503, "60")
    pace.close("x", "is tired")
    pace.close("x", "is asleep")

    assert (pace.wait("y"), pace.closed("y"), pace.closed("x")) == (0, None, "is tired")


@pytest.mark.parametrize(
    ("field", "seconds"),
    [("0", 0.0), (" 30 ", 30.0), ("-5", None), ("1.5", None), ("", None), ("tomorrow", None),
     ("Thu, 01 Jan 1970 00:10:00 GMT", 500.0), ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0), ("²", None)],
)  # fmt: skip
def test_retry_after_is_read_in_both_its_forms(field: str, seconds: float | None) -> None:
    """Seconds or a date; what is neither says nothing, what is past asks for nothing."""
    assert seconds_of(field, lambda: 100.0) == seconds
