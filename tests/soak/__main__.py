"""Run the parts of a soak one after another, each for its share of the time, and say what they found.

    make soak                           # an hour in all
    make soak MINUTES=10 PARTS="fuzz-page fuzz-notice"
    python -m tests.soak --list

What is found lies below `.soak/`, and stays there: a later run goes on from the corpus of the one before. Ends with 1
when a part found something, and names the line that shows it again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from tests.soak.parts import PARTS, Part

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / ".soak"


def main() -> int:
    """Run what was chosen."""
    options = read_options()
    if options.list:
        print("\n".join(PARTS))
        return 0
    chosen = [PARTS[name] for name in options.parts or PARTS]
    each = options.minutes * 60 / sum(part.share for part in chosen)
    failed = [part.name for part in chosen if not run(part, each * part.share, options.folder)]
    print(
        f"soak: {len(chosen) - len(failed)} of {len(chosen)} parts found nothing" + "".join(f"\n  {f}" for f in failed)
    )
    return 1 if failed else 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help="default: all")
    parser.add_argument("--minutes", type=float, default=60, help="for all parts together; default: 60")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where findings and corpora are kept")
    parser.add_argument("--list", action="store_true", help="name the parts")
    return parser.parse_args()


def run(part: Part, seconds: float, folder: Path) -> bool:
    """Run a part to its end; whether it found nothing."""
    print(f"soak: {part.name}, {seconds / 60:.1f} minutes", flush=True)
    start = time.monotonic()
    command = part.filled(seconds, str(folder))
    command = [sys.executable if word == "python" else word for word in command]
    done = subprocess.run(command, cwd=ROOT, check=False)
    print(
        f"soak: {part.name} ended with {done.returncode} after {(time.monotonic() - start) / 60:.1f} minutes",
        flush=True,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
