"""A host is left alone as long as it asks for, and longer each time it is in trouble."""

from __future__ import annotations

import pytest

from crawler.pace import LONGEST_STRAIN, MAX_OF_LAST, MAX_PAUSE, MAX_TROUBLES, Pace, seconds_of


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
    """A pace that begins with two seconds, and leaves nothing to chance."""
    return Pace(2.0, clock, lambda: 0.0)


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


def test_a_growing_pause_is_never_shorter_and_up_to_a_quarter_longer(clock: Clock) -> None:
    """Clients that were turned away together come back one by one."""
    for chance, pause in ((0.0, 2.0), (0.5, 2.25), (1.0, 2.5)):
        pace = Pace(2.0, clock, lambda chance=chance: chance)  # type: ignore[misc]  # mypy cannot infer a bound default
        pace.heard("x", 503)
        assert pace.wait("x") == pause


def test_a_host_that_slows_down_is_asked_slower_until_it_recovers(pace: Pace, clock: Clock) -> None:
    """Its answers take four seconds to begin: it soon gets pauses of nearly that; quick ones end them."""
    pace.heard("x", 200, latency=0.2)
    assert pace.wait("x") == 0
    for _ in range(9):
        pace.heard("x", 200, latency=4.0)
    assert 3.5 < pace.wait("x") < 4.0
    for _ in range(9):
        pace.heard("x", 200, latency=0.05)
    assert pace.wait("x") == 0
    for _ in range(99):
        pace.heard("x", 200, latency=600.0)

    assert pace.wait("x") == LONGEST_STRAIN


def test_a_host_that_fails_every_other_time_is_left_alone(pace: Pace) -> None:
    """Never many troubles in a row, but too many in all."""
    for count in range(2 * MAX_OF_LAST - 2):
        pace.heard("x", 500 if count % 2 else 200)
    assert pace.closed("x") is None
    pace.heard("x", 500)

    assert pace.closed("x") == f"is in trouble: {MAX_OF_LAST} of its last {2 * MAX_OF_LAST - 1} answers were none"


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
