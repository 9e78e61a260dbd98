"""The table of faults, in its small form: one fault, every kind of address, each of its requests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("flags", "cells"),
    [(["--only", "short"], 18), (["--only", "html", "--file", "html", "--targets", "attachment"], 3)],
)
def test_a_fault_replaces_nothing_good_is_named_and_mended(flags: list[str], cells: int) -> None:
    """Whatever a server does with an address: what was good stays, a run says what it lacks, the next has it."""
    command = [sys.executable, "bench/faults.py", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "all is well"
    assert done.stdout.count("ok [") + done.stdout.count("ok- [") == cells
