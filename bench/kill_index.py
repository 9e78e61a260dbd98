"""Kill `hamelin index` and `site` at random moments, and ask both generations' questions after each.

    python -m bench.kill_index ARCHIVE [--kills 10] [--seed 7]

ARCHIVE is copied. Before each kill its store is changed, so that there is something to do: every second time all is
made anew. After the kill, searches must answer as before it or as after it, and the site's search page must
find all its files; then `index` and `site` run to their end and must leave what a run from nothing leaves. Ends
with 1 when one of that is not so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crawler.store import Store
from indexer.pack import read

COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
QUESTIONS = ("the", "memory leak", '"as you"', "re*", "date:2005", "from:an*")

Answers = list[tuple[int, list[str]]]


def main() -> int:
    """Kill, ask, mend, compare."""
    options = read_options()
    luck = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive"
        shutil.copytree(options.archive, archive)
        whole = build(archive, "--full")
        print(f"index and site of {options.archive.name} take {whole:.1f} s", flush=True)
        fine = [killed(archive, number, luck, whole) for number in range(options.kills)]
    print(f"{sum(fine)} of {len(fine)} kills left an archive that answers, and that the next run mended")
    return 0 if all(fine) else 1


def killed(archive: Path, number: int, luck: random.Random, whole: float) -> bool:
    """Change the archive, kill the commands that follow it, and see what is left."""
    before = answers(archive)
    change(archive, number)
    full = number % 2 == 0
    moment = luck.uniform(0, whole if full else whole / 4)
    arguments = ["--full"] * full
    done = start(archive, "index", *arguments, until=moment)
    if done < moment:
        start(archive, "site", *arguments, until=moment - done)
    left, files = answers(archive), loads(archive)
    build(archive)
    after = answers(archive)
    again = digest(archive)
    build(archive, "--full")
    same = digest(archive) == again and answers(archive) == after
    fine = left in (before, after) and files and same
    found = "before" if left == before else "after" if left == after else "NEITHER"
    print(
        f"  killed after {moment:5.2f} s: answers of {found}, pack {'whole' if files else 'BROKEN'}, mended {same}",
        flush=True,
    )
    return fine


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def start(archive: Path, verb: str, *arguments: str, until: float | None = None) -> float:
    """Run a command, to its end or until it is killed; give its seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "--quiet", "--archive", str(archive), verb, *arguments], stdout=subprocess.PIPE
    )
    try:
        process.communicate(timeout=until)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return time.perf_counter() - began


def build(archive: Path, *arguments: str) -> float:
    """Index and publish to the end; give the seconds."""
    return start(archive, "index", *arguments) + start(archive, "site", *arguments)


def change(archive: Path, number: int) -> None:
    """Take one message out, as if its owner had asked for it."""
    with Store.open(archive) as store, store.transaction():
        ids = [id for (id,) in store.db.execute("SELECT id FROM messages ORDER BY id")]
        gone = ids[(number * 7919) % len(ids)]
        (name,) = store.db.execute("SELECT list FROM messages WHERE id = ?", (gone,)).fetchone()
        store.db.execute("DELETE FROM messages WHERE id = ?", (gone,))
        store.db.execute("INSERT OR REPLACE INTO deletions VALUES (?, ?, ?)", (gone, name, store.next_revision()))


def answers(archive: Path) -> Answers:
    """Ask the shell all questions."""
    found = []
    for question in QUESTIONS:
        command = [*COMMAND, "--archive", str(archive), "search", "--format", "json", "--", question]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        answer = json.loads(done.stdout)
        found.append((answer["total"], [hit["id"] for hit in answer["hits"]]))
    return found


def loads(archive: Path) -> bool:
    """Say whether all files that the pack's top names are there and can be read."""
    folders = read.top(archive / "site")["stretches"]
    held = list(read.texts(archive / "site"))
    return all(any(f"/{known['folder']}/" in path for path, _ in held) for known in folders)


def digest(archive: Path) -> str:
    """Sum up the bytes of a site's pages and pack."""
    total = hashlib.sha256()
    for path in sorted(path for path in (archive / "site").rglob("*") if path.is_file()):
        total.update(path.relative_to(archive).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
