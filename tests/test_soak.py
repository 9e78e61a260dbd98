"""The runner of long runs: shares of time, findings kept once, and the line that shows one again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.chain import TARGETS
from tests.fuzz.measure import Cost
from tests.soak import fuzz, worst
from tests.soak.parts import PARTS, Part
from tests.soak.seeds import DICTIONARY, seeds

ROOT = Path(__file__).parent.parent


def soak(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the runner."""
    command = [sys.executable, "-m", "tests.soak", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


class TestRunner:
    """`python -m tests.soak`."""

    def test_every_target_is_a_part(self) -> None:
        """What is fuzzed in `make test` is fuzzed for long, too."""
        assert {f"fuzz-{name}" for name in TARGETS} <= PARTS.keys()
        assert soak("--list").stdout.split() == list(PARTS)

    def test_a_part_gets_its_time_and_place(self) -> None:
        """Seconds and folder are filled into a part's command."""
        part = Part("x", 1, ("python", "-m", "x", "--seconds", "{seconds}", "--folder", "{folder}"))

        assert part.filled(59.7, "here") == ["python", "-m", "x", "--seconds", "60", "--folder", "here"]

    def test_an_unknown_part_is_refused(self) -> None:
        """A part that is not there is a mistake in the command."""
        done = soak("fuzz-nothing")

        assert done.returncode == 2
        assert "invalid choice" in done.stderr

    def test_a_part_that_finds_nothing_ends_well(self, tmp_path: Path) -> None:
        """When no time is left no case begins, and the sum says so."""
        done = soak("worst", "--minutes", "0", "--folder", str(tmp_path))

        assert done.returncode == 0
        assert "soak: 1 of 1 parts found nothing" in done.stdout


class TestFuzz:
    """What fuzzing keeps."""

    def test_a_finding_is_kept_once_for_its_kind_and_place(self, tmp_path: Path) -> None:
        """Two inputs that raise the same at the same line are one finding, another line is another."""
        met: set[str] = set()
        for data, work in ((b"a", one), (b"b", one), (b"c", other)):
            with pytest.raises(ValueError, match="tick") as trouble:
                work()
            fuzz.keep("page", data, trouble.value, tmp_path, met)
        kept = sorted(path.read_bytes() for path in tmp_path.iterdir() if not path.suffix)

        assert kept == [b"a", b"c"]
        assert all("ValueError: tick" in path.read_text() for path in tmp_path.glob("*.why"))

    def test_a_finding_is_shown_again(self, tmp_path: Path) -> None:
        """The line that a run names gives one input to its target."""
        (tmp_path / "page-1").write_bytes(b"<h1>Tick")
        command = [sys.executable, "-m", "tests.soak.fuzz", "page", "--repeat", str(tmp_path / "page-1")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        assert (done.returncode, done.stdout) == (0, "nothing is raised\n")

    @pytest.mark.parametrize("name", TARGETS)
    def test_every_target_has_seeds(self, name: str) -> None:
        """A target begins with our own cases and what the grammar draws."""
        assert len(set(seeds(name))) > 50

    def test_the_dictionary_can_be_read(self) -> None:
        """Words stand as libFuzzer reads them: printable, all else as hexadecimal."""
        assert fuzz.escaped(b'a"\n\xff\\') == "a\\x22\\x0a\\xff\\x5c"
        assert all(fuzz.escaped(word).isascii() for word in DICTIONARY)


class TestWorst:
    """How a case's costs are judged."""

    @pytest.mark.parametrize(
        ("half", "full", "said"),
        [
            (Cost(1, 10), Cost(2, 20), ""),
            (Cost(1, 10), Cost(4, 20), "4.0 times the time for twice the size"),
            (Cost(0.1, 10), Cost(0.4, 20), ""),
            (Cost(9, 10), Cost(21, 20), "more than 20 s"),
            (Cost(1, 10), Cost(2, 301), "more than 300 MB"),
            (Cost(1, 10), Cost(2, 20, "Traceback\nValueError: tick\n"), "ValueError: tick"),
        ],
    )
    def test_what_is_too_much(self, half: Cost, full: Cost, said: str) -> None:
        """Raising, time, memory and growth each have their sentence."""
        assert worst.judge("dashes", half, full) == said


def one() -> None:
    """Raise."""
    raise ValueError("tick")


def other() -> None:
    """Raise elsewhere."""
    raise ValueError("tick")
