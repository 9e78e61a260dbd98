"""Fuzz one target of tests/fuzz/chain.py for some time, led by coverage (atheris, which is libFuzzer for Python).

    python -m tests.soak.fuzz volume --seconds 600 --folder .soak
    python -m tests.soak.fuzz volume --repeat .soak/found/volume-0123abcd

An input may take SECONDS of the processor and MEGABYTES in all. What raises or takes too long is kept once for each
kind of finding and place, and fuzzing goes on; what hangs inside one call of C ends the process, and another goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parent.parent.parent
SECONDS = 5  # of the processor that an input of LONGEST bytes may take; a tenth of it is much
HANG = 60  # seconds of the wall after which the process is given up
MEGABYTES = 600  # of the whole process: Python, what it imported, libFuzzer's tables and the corpus
LONGEST = 1 << 15  # bytes of an input
# What coverage is measured of; a package includes what lies in it.
INSTRUMENTED = ["crawler", "indexer"]

DONE = re.compile(r"#(\d+)\s+DONE +cov: (\d+) .*?exec/s: (\d+) rss: (\d+)Mb")


class TooSlow(Exception):
    """An input took more of the processor than it may."""


def main() -> int:
    """Fuzz or repeat."""
    options = read_options()
    if options.repeat:
        load(options.target)(options.repeat.read_bytes())
        print("nothing is raised")
        return 0
    if options.inside:
        return fuzz(options.target, options.seconds, options.folder)
    return watch(options)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", help="a name in tests/fuzz/chain.py")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--folder", type=Path, default=ROOT / ".soak")
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="give one input to the target, and end")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def load(name: str) -> Callable[[bytes], object]:
    """Import the targets, and give one."""
    return import_module("tests.fuzz.chain").TARGETS[name]  # type: ignore[no-any-return]


def watch(options: argparse.Namespace) -> int:
    """Have a process fuzz until the time is over, another one when it ended early; 1 when there are findings."""
    found = options.folder / "found"
    before = set(found.glob(f"{options.target}-*"))
    prepare(options.target, options.folder)
    end = time.monotonic() + options.seconds
    log_file = options.folder / f"{options.target}.log"
    log_file.touch()
    while (left := end - time.monotonic()) > 5:
        command = [sys.executable, "-m", "tests.soak.fuzz", options.target, "--inside"]
        command += ["--seconds", str(round(left)), "--folder", str(options.folder)]
        with log_file.open("ab") as log:
            done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
        if done.returncode == 0:
            break
    print(statistics(log_file.read_text("utf-8", "replace")))
    new = sorted(path for path in set(found.glob(f"{options.target}-*")) - before if path.suffix != ".why")
    for path in new:
        print(f"found: .venv/bin/python -m tests.soak.fuzz {options.target} --repeat {shown(path)}")
    return 1 if new else 0


def statistics(log: str) -> str:
    """Say what libFuzzer wrote of its last run.

    >>> statistics("cov: 8 ft: 9\\n#31 DONE   cov: 11 ft: 48 corp: 2/30b exec/s: 14 rss: 72Mb\\n")
    '31 inputs, 14 a second; 11 branches reached; 72 MB at most'
    """
    last = (DONE.findall(log) or [("none", "?", "?", "?")])[-1]
    return "{0} inputs, {2} a second; {1} branches reached; {3} MB at most".format(*last)


def shown(path: Path) -> Path:
    """Give a path as one says it at the root of this repository."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def prepare(name: str, folder: Path) -> None:
    """Write the seeds and the dictionary. They import what a fuzzing process has to import itself."""
    from tests.soak.seeds import DICTIONARY, seeds

    for kept in (folder / "found", folder / "corpus" / name, folder / "seeds" / name):
        kept.mkdir(parents=True, exist_ok=True)
    for data in seeds(name):
        (folder / "seeds" / name / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    (folder / "dictionary").write_text("".join(f'"{escaped(word)}"\n' for word in DICTIONARY))


def escaped(word: bytes) -> str:
    """Write bytes as libFuzzer's dictionaries have them."""
    return "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02x}" for b in word)


def fuzz(name: str, seconds: float, folder: Path) -> int:
    """Fuzz in this process until the time is over."""
    import atheris  # type: ignore[import-not-found,unused-ignore]  # only `make soak` installs it

    with atheris.instrument_imports(include=INSTRUMENTED):
        target = load(name)
    met: set[str] = set()
    signal.signal(signal.SIGVTALRM, too_slow)

    def one(data: bytes) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            target(data)
        except Exception as trouble:
            keep(name, data, trouble, folder / "found", met)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    arguments = [
        f"-max_total_time={round(seconds)}", f"-timeout={HANG}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={LONGEST}",
        f"-artifact_prefix={folder / 'found'}/{name}-", f"-dict={folder / 'dictionary'}", "-print_final_stats=1",
        "-verbosity=1", str(folder / "corpus" / name), str(folder / "seeds" / name),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()
    return 0


def too_slow(_signal: int, _frame: FrameType | None) -> None:
    """Interrupt an input that takes too long."""
    raise TooSlow


def keep(name: str, data: bytes, trouble: Exception, found: Path, met: set[str]) -> None:
    """Keep an input that shows something new: another exception, or one from another line of ours."""
    ours = [frame for frame in traceback.extract_tb(trouble.__traceback__) if "site-packages" not in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours]
    kind = f"{type(trouble).__name__} {places[-1] if not isinstance(trouble, TooSlow) else places[2:3]}"
    if kind in met:
        return
    met.add(kind)
    path = found / f"{name}-{hashlib.sha256(kind.encode()).hexdigest()[:8]}"
    path.write_bytes(data)
    path.with_suffix(".why").write_text("".join(traceback.format_exception(trouble)))
    os.write(2, f"soak: {kind}: {trouble}: {len(data)} bytes in {path.name}\n".encode("utf-8", "replace"))


if __name__ == "__main__":
    sys.exit(main())
