"""Take the worst inputs of tests/fuzz/worst.py down the whole chain, in full: each in a process of its own.

    python -m tests.soak.worst --seconds 600
    python -m tests.soak.worst --case "100,000 notices"

Half of the size comes first: what takes more than three times as long for twice as much grows with the square.
Ends with 1 when a case raises, takes longer or more memory than it may, or grows so. After its time no new case begins.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial

from tests.fuzz.chain import TARGETS
from tests.fuzz.measure import Cost, cost
from tests.fuzz.worst import MEGABYTES, WORST

STEEPEST = 3.0  # times the seconds for twice the size; two is even, four is the square
WORTH_A_LOOK = 1.0  # seconds; of less, a ratio says nothing


def main() -> int:
    """Try all cases, or one."""
    options = read_options()
    end, bad = time.monotonic() + options.seconds, 0
    for target in TARGETS.values():
        target(b"Tock.")  # so that tables are built before memory is counted
    for name in options.case or WORST:
        if time.monotonic() > end:
            print(f"  the time was over before {name!r}")
            break
        half, full = measure(name, WORST[name].full // 2), measure(name, WORST[name].full)
        trouble = judge(name, half, full)
        bad += bool(trouble)
        print(
            f"{'BAD ' if trouble else '    '}{name:40}{full.seconds:8.2f} s{full.megabytes:6.0f} MB  {trouble}",
            flush=True,
        )
    return 1 if bad else 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--case", action="append", choices=list(WORST), metavar="NAME")
    return parser.parse_args()


def measure(name: str, size: int) -> Cost:
    """Measure a case in a size."""
    return cost(partial(TARGETS[WORST[name].target], WORST[name].make(size)), WORST[name].seconds)


def judge(name: str, half: Cost, full: Cost) -> str:
    """Say what is wrong with a case's costs, "" for nothing."""
    if half.trouble or full.trouble:
        return (half.trouble or full.trouble).strip().rpartition("\n")[2]
    if full.seconds > WORST[name].seconds:
        return f"more than {WORST[name].seconds:.0f} s"
    if full.megabytes > MEGABYTES:
        return f"more than {MEGABYTES} MB"
    steep = full.seconds > WORTH_A_LOOK and full.seconds > STEEPEST * half.seconds
    return f"{full.seconds / half.seconds:.1f} times the time for twice the size" if steep else ""


if __name__ == "__main__":
    sys.exit(main())
