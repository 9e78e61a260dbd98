"""One writer an archive: a second one waits or learns who is first."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler.errors import ArchiveTrouble
from crawler.lock import LOCK_FILE, locked

HOLD = """
import sys, time
from pathlib import Path
from crawler.lock import locked
with locked(Path(sys.argv[1])):
    (Path(sys.argv[1]) / "made").touch()
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(folder: Path, seconds: float) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder), str(seconds)], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def test_a_second_writer_is_told_who_holds_the_archive(tmp_path: Path) -> None:
    """The sentence names the process and its command, and how to wait."""
    process = hold(tmp_path, 60)

    with pytest.raises(ArchiveTrouble) as caught, locked(tmp_path):
        pass
    end(process)

    assert f"(process {process.pid})" in caught.value.message
    assert "-c" in caught.value.message
    assert "--wait SECONDS" in caught.value.hint


def test_a_second_writer_that_waits_gets_its_turn(tmp_path: Path) -> None:
    """Within the time given, the lock is taken as soon as it is free."""
    process = hold(tmp_path, 0.5)

    with locked(tmp_path, wait=30):
        pass
    end(process)


def test_waiting_ends_when_the_time_is_over(tmp_path: Path) -> None:
    """Waiting is bounded by what was asked."""
    process, started = hold(tmp_path, 60), time.monotonic()

    with pytest.raises(ArchiveTrouble), locked(tmp_path, wait=0.5):
        pass
    end(process)

    assert 0.5 <= time.monotonic() - started < 10


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    """The kernel ends the lock with its process, so nothing has to be cleaned up by hand."""
    end(hold(tmp_path, 60))

    with locked(tmp_path):
        assert (tmp_path / LOCK_FILE).exists()


def test_locking_changes_nothing_in_an_archive(tmp_path: Path) -> None:
    """After the first time, taking the lock touches neither a file's content nor its date."""
    (tmp_path / "archive.sqlite").touch()
    with locked(tmp_path):
        pass
    before = {name: os.stat(tmp_path / name) for name in os.listdir(tmp_path)}

    with locked(tmp_path):
        pass

    assert {name: os.stat(tmp_path / name).st_mtime_ns for name in os.listdir(tmp_path)} == {
        name: stat.st_mtime_ns for name, stat in before.items()
    }


def test_a_folder_in_which_nothing_came_to_be_goes_away_again(tmp_path: Path) -> None:
    """A first command that failed at once leaves no half-made archive."""
    with locked(tmp_path / "new"):
        assert (tmp_path / "new").is_dir()
    assert not (tmp_path / "new").exists()

    with locked(tmp_path / "new"):
        (tmp_path / "new" / "hamelin.toml").touch()
    assert sorted(os.listdir(tmp_path / "new")) == [LOCK_FILE, "hamelin.toml"]


def test_a_place_that_cannot_be_a_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    """A file in the folder's place is no archive."""
    (tmp_path / "file").touch()

    with pytest.raises(ArchiveTrouble, match="cannot be written"), locked(tmp_path / "file"):
        pass
