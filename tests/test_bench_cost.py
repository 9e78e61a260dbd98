"""What commands cost is measured as it is, whoever measures."""

from __future__ import annotations

import sys

import pytest

from bench.cost import cost_of, quick_cost_of

MB = 1024 * 1024
BARE = 40  # MB; a bare Python has less


def _holding(size: int) -> list[str]:
    return [sys.executable, "-c", f"import time; held = bytearray(b'x') * {size * MB}; time.sleep(0.6)"]


def test_memory_is_that_of_the_command_and_not_of_who_measures() -> None:
    """A large benchmark sees a small command as small, and a larger one as large as it is."""
    held = bytearray(b"x") * (300 * MB)

    assert quick_cost_of([sys.executable, "-c", "pass"]).memory < BARE
    assert 150 < quick_cost_of(_holding(150)).memory < 150 + BARE
    assert 150 < cost_of(_holding(150)).memory < 150 + BARE
    assert len(held) == 300 * MB


def test_processor_and_wall_are_told_apart() -> None:
    """Waiting costs no processor, working does."""
    waiting = quick_cost_of([sys.executable, "-c", "import time; time.sleep(0.5)"])
    working = quick_cost_of([sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"])

    assert waiting.processor < 0.4 < waiting.wall
    assert 0.5 <= working.processor < 1


def test_a_command_that_fails_ends_the_benchmark() -> None:
    """What is not measured is not printed; a search that finds nothing is no failure."""
    with pytest.raises(SystemExit, match="ended with 3: sorry"):
        cost_of([sys.executable, "-c", "import sys; sys.stderr.write('sorry'); sys.exit(3)"])
    assert quick_cost_of([sys.executable, "-c", "import sys; sys.exit(1)"]).processor > 0
