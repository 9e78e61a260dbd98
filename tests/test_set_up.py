"""Setting up on machines that lack something: one clear sentence, or the one package that helps.

Programs are stood in for by small scripts on a PATH of their own; nothing is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEEDED = ("sh", "printf", "cat", "echo")  # what stays of the real machine

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def machine(tmp_path: Path) -> Run:
    """Give a runner of `.ci/` scripts on a machine that has only the programs named: `machine(script, name=source)`."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in NEEDED:
        (bin_ / name).symlink_to(shutil.which(name) or "")

    def run(script: str, *arguments: str, **programs: str) -> subprocess.CompletedProcess[str]:
        for name, source in programs.items():
            path = bin_ / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{source}\n")
            path.chmod(0o755)
        environment = {"PATH": str(bin_), "LOG": str(tmp_path / "log")}
        command = [str(ROOT / ".ci" / script), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def calls(tmp_path: Path) -> list[str]:
    """Give the lines that stand-ins wrote down."""
    return (tmp_path / "log").read_text().splitlines()


NOTES_ITS_CALLS = 'echo "$(basename "$0") $*" >> "$LOG"'


class TestPython:
    """`.ci/set-up` needs Python 3.11 and its venv."""

    def test_without_python_it_says_what_to_install(self, machine: Run) -> None:
        """A machine without python3 gets one sentence."""
        done = machine("set-up", ".venv")

        assert done.returncode == 2
        assert done.stderr == "There is no python3 here. Install it (apt-get install python3) and try again.\n"

    def test_an_old_python_is_named(self, machine: Run) -> None:
        """Too old a Python is refused with its version and a way to name another."""
        done = machine("set-up", ".venv", python3='case "$1" in -V) echo Python 3.10.12;; *) exit 1;; esac')

        assert done.returncode == 2
        assert "needs Python 3.11 or newer, and python3 is Python 3.10.12" in done.stderr
        assert "PYTHON=python3.12" in done.stderr

    def test_a_missing_venv_is_a_sentence_for_users(self, machine: Run) -> None:
        """Who is not root is told which package is missing; nothing is tried."""
        done = machine("set-up", ".venv", python3='case "$*" in *ensurepip*) exit 1;; esac', id="echo 1000")

        assert done.returncode == 2
        assert "apt-get install python3-venv" in done.stderr

    def test_root_gets_a_missing_venv(self, machine: Run, tmp_path: Path) -> None:
        """As root the package is fetched, and no other."""
        for name in ("basename", "mkdir"):
            (tmp_path / "bin" / name).symlink_to(shutil.which(name) or "")
        python = 'case "$*" in *ensurepip*) exit 1;; "-m venv"*) mkdir -p "$3/bin"; : > "$3/bin/python";; esac'
        machine("set-up", ".venv", python3=python, id="echo 0", apt_get=NOTES_ITS_CALLS)

        assert calls(tmp_path) == [
            "apt-get update -qq",
            "apt-get install -qq -y --no-install-recommends python3-venv",
        ]


class TestBrowser:
    """`.ci/set-up-browser` sees that there is a Chromium."""

    @pytest.mark.parametrize("name", ["chromium", "chromium_browser", "google_chrome"])
    def test_a_browser_that_is_there_is_enough(self, machine: Run, name: str) -> None:
        """Nothing is said and nothing is done."""
        done = machine("set-up-browser", **{name: ":"})

        assert (done.returncode, done.stdout + done.stderr) == (0, "")

    def test_a_missing_browser_is_a_sentence_for_users(self, machine: Run) -> None:
        """Who is not root is told what to install, and how to go on without."""
        done = machine("set-up-browser", id="echo 1000")

        assert done.returncode == 2
        assert "apt-get install chromium" in done.stderr
        assert "make test BROWSER=no" in done.stderr

    def test_it_can_be_left_out(self, machine: Run) -> None:
        """Told `no` it does nothing, on any machine."""
        assert machine("set-up-browser", "no").returncode == 0

    def test_root_gets_a_missing_browser(self, machine: Run, tmp_path: Path) -> None:
        """As root the package lists are brought up to date first, then Chromium comes, alone."""
        (tmp_path / "bin" / "basename").symlink_to(shutil.which("basename") or "")
        done = machine("set-up-browser", id="echo 0", apt_get=NOTES_ITS_CALLS)

        assert done.returncode == 0
        assert calls(tmp_path) == ["apt-get update -qq", "apt-get install -qq -y --no-install-recommends chromium"]


def test_the_scripts_can_be_run() -> None:
    """What make and a merge call is executable."""
    scripts = [path for path in (ROOT / ".ci").iterdir() if path.is_file()]

    assert len(scripts) >= 3
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


def test_a_merge_runs_what_a_person_runs() -> None:
    """`.ci/run` is `make test`, and stops at the first error."""
    lines = (ROOT / ".ci" / "run").read_text().splitlines()

    assert "set -euo pipefail" in lines
    assert lines[-1] == "exec make test"
