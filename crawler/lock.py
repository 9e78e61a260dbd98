"""One writer an archive: a lock on a file in its folder. Readers need none.

The lock is the kernel's (POSIX, fcntl): it ends with its process however that ends, and nothing
is written into the file, so that a run with nothing to do leaves the folder as it was. It belongs
to the process: take it once, at the top of a command, never inside what the command calls.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crawler.errors import ArchiveBusy, ArchiveTrouble

LOCK_FILE = ".lock"
POLL = 0.2  # seconds between two tries
COMMAND_LENGTH = 80  # characters of the holder's command that are shown

# struct flock of Linux: short type, short whence, long start, long length, int pid (fcntl(2)).
FLOCK = struct.Struct("hhqqi4x")


@contextmanager
def locked(folder: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold an archive's lock; ArchiveTrouble names the holder when it is not free within `wait` seconds.

    The folder is made when it is missing, and taken away again when nothing came to be in it.
    """
    made = not folder.exists()
    file = _take(folder, wait)
    try:
        yield
    finally:
        if made:
            _leave_no_trace(folder)
        os.close(file)


def _take(folder: Path, wait: float) -> int:
    until = time.monotonic() + wait
    while True:
        file = _open(folder)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            trouble = _trouble(folder, file, error)
            os.close(file)
            if error.errno not in (errno.EACCES, errno.EAGAIN) or time.monotonic() >= until:
                raise trouble from error
            time.sleep(POLL)
            continue
        if _still_there(folder, file):
            return file
        os.close(file)


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ArchiveTrouble(
            f"The archive {folder} cannot be written: {error.strerror}.",
            hint="Choose another folder with --archive, or mend its permissions.",
        ) from error


def _still_there(folder: Path, file: int) -> bool:
    """Say whether what is locked is still the folder's lock file, and not one that its holder took away."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(file), os.stat(folder / LOCK_FILE))
    return False


def _trouble(folder: Path, file: int, error: OSError) -> ArchiveTrouble:
    if error.errno not in (errno.EACCES, errno.EAGAIN):
        return ArchiveTrouble(f"The archive {folder} cannot be locked: {error.strerror}.", hint="Use a local disk.")
    return ArchiveBusy(
        f"The archive {folder} is in use by {_holder(file)}.",
        hint="Wait until that has ended, or say how long to wait for it: --wait SECONDS.",
    )


def _holder(file: int) -> str:
    """Name the process that has the lock and its command, as far as the system tells."""
    if not sys.platform.startswith("linux"):
        return "another command"
    asked = FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    pid = FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))[4]
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        return f"`{_command(words)}` (process {pid})"
    return f"process {pid}" if pid else "another command"


def _command(words: list[str]) -> str:
    """Shorten a command line to what a person typed.

    >>> _command(["/usr/bin/python3", "/home/me/bin/hamelin", "crawl", "--delay", "0", ""])
    'hamelin crawl --delay 0'
    """
    if len(words) > 1 and os.path.basename(words[0]).startswith("python"):
        words = words[1:]
    return " ".join([os.path.basename(words[0]), *words[1:]]).strip()[:COMMAND_LENGTH]


def _leave_no_trace(folder: Path) -> None:
    """Take the lock file and the folder away, when there is nothing but the lock file in it."""
    with suppress(OSError):
        if os.listdir(folder) == [LOCK_FILE]:
            (folder / LOCK_FILE).unlink()
            folder.rmdir()
