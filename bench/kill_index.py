"""Kill `hamelin index` and `site` at random moments, and ask both generations' questions after each.

    python -m bench.kill_index ARCHIVE [--kills 30] [--seed 7] [--index-alone]

ARCHIVE is copied. Its store goes to and fro between two states: all its mail, and all but the newest and a few old
ones, so that half of the changes bring new mail. In turn the kills hit

    first     the first index of all: searches find none, or the new one
    full      one made anew beside that in service
    update    the change alone
    swap      the moment when the new one takes the old one's place: the first new file of a segment, the
              state or the table of contents has just appeared

After each, searches must answer as before or as after the change, and the site's search page must find all its
files; then `index` and `site` run to their end, and must leave what was made from nothing, to the byte of the site,
and no file of the kill. With `--index-alone` sites are left out. Ends with 1 when one of that is not so.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.store import Store
from indexer import generations
from indexer.generations import INDEX_FOLDER
from indexer.pack import read

COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
QUESTIONS = ("the", "memory leak", '"as you"', "re*", "date:2005", "from:an*")
KINDS = ("first", "full", "update", "swap", "update", "swap")
NEWEST, OLD = 40, 3  # messages that come and go
APPEARING = ("MAIN_*", "state_*", "_MAIN_*.toc")  # at a swap, in this order
PATIENCE = 0.0005  # seconds between two looks for what appears
LATER = 0.03  # seconds after it that a kill comes at most

Answers = list[tuple[int, str]]


class Trial:
    """A copy of an archive that goes to and fro, and what its two states look like when they are made from nothing."""

    def __init__(self, archive: Path, luck: random.Random, *, index_alone: bool) -> None:
        self.archive = archive
        self.luck = luck
        self.verbs = ("index",) if index_alone else ("index", "site")
        self._rows = chosen_rows(archive)
        self.reduced = False
        self.answers, self.digests, self.seconds = [answers(archive)] * 2, ["", ""], 0.0
        for _ in range(2):
            self.turn()
            self.seconds = self.run("--full")
            self.answers[self.reduced], self.digests[self.reduced] = answers(archive), self.digest()

    def turn(self) -> None:
        """Take the messages out that come and go, or put them back, as one change."""
        self.reduced = not self.reduced
        ids = [(row["id"],) for row in self._rows]
        with Store.open(self.archive) as store, store.transaction():
            revision = store.next_revision()
            if self.reduced:
                store.db.executemany("DELETE FROM messages WHERE id = ?", ids)
                gone = [(row["id"], row["list"], revision) for row in self._rows]
                store.db.executemany("INSERT OR REPLACE INTO deletions VALUES (?, ?, ?)", gone)
                return
            store.db.executemany("DELETE FROM deletions WHERE id = ?", ids)
            for row in self._rows:
                values = {**row, "revision": revision}
                marks = ", ".join("?" * len(values))
                store.db.execute(f"INSERT INTO messages ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))

    def run(self, *arguments: str) -> float:
        """Run the commands to their end; give the seconds."""
        return sum(start(self.archive, verb, *arguments) for verb in self.verbs)

    def kill(self, kind: str) -> str:
        """Start the commands and kill them; say when that was."""
        arguments = ["--full"] * (kind == "full")
        if kind == "swap":
            return start_until_swap(self.archive, self.luck)
        moment = self.luck.uniform(0, self.seconds if kind in ("first", "full") else self.seconds / 4)
        done = 0.0
        for verb in self.verbs:
            if done < moment:
                done += start(self.archive, verb, *arguments, until=moment - done)
        return f"after {moment:.2f} s"

    def digest(self) -> str:
        """Sum up the bytes of the site's pages and pack."""
        total = hashlib.sha256()
        for path in sorted(path for path in (self.archive / "site").rglob("*") if path.is_file()):
            total.update(path.relative_to(self.archive).as_posix().encode() + b"\0" + path.read_bytes())
        return total.hexdigest()


def main() -> int:
    """Kill, ask, mend, compare."""
    options = read_options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        archive = Path(scratch) / "archive"
        shutil.copytree(options.archive, archive)
        trial = Trial(archive, random.Random(options.seed), index_alone=options.index_alone)
        print(f"{' and '.join(trial.verbs)} of {options.archive.name} take {trial.seconds:.1f} s", flush=True)
        fine = [killed(trial, KINDS[number % len(KINDS)]) for number in range(options.kills)]
    print(f"{sum(fine)} of {len(fine)} kills left an archive that answers, and that the next run mended")
    return 0 if all(fine) else 1


def killed(trial: Trial, kind: str) -> bool:
    """Change the archive, kill the commands that follow it, and see what is left."""
    folder = trial.archive / INDEX_FOLDER
    if kind == "first":
        shutil.rmtree(folder)
    before = answers(trial.archive)
    trial.turn()
    told = trial.kill(kind)
    after = trial.answers[trial.reduced]
    left, loads = answers(trial.archive), "index" in trial.verbs[-1:] or all_files(trial.archive)
    trial.run()
    state = generations.newest(folder)
    clean = state is not None and not generations.damaged(folder, state, read=state.files)
    clean = clean and not generations.leftovers(folder, state) and not (folder / "building").exists()
    mended = answers(trial.archive) == after and trial.digest() == trial.digests[trial.reduced]
    found = "before" if left == before else "after" if left == after else "NEITHER"
    print(
        f"  {kind:6} killed {told}: answers of {found}, pack {'whole' if loads else 'BROKEN'},"
        f" mended {mended}, clean {clean}",
        flush=True,
    )
    return left in (before, after) and loads and mended and clean


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--index-alone", action="store_true")
    parser.add_argument("--scratch", type=Path, help="where the copy is made")
    return parser.parse_args()


def chosen_rows(archive: Path) -> list[dict[str, Any]]:
    """Give the rows of the newest messages and of a few old ones, by column."""
    with Store.open(archive) as store:
        found = store.db.execute("SELECT m.* FROM messages m JOIN entries e USING (entry) ORDER BY e.date, m.id")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
    older = rows[:-NEWEST]
    return [*older[:: len(older) // OLD][:OLD], *rows[-NEWEST:]]


def start(archive: Path, verb: str, *arguments: str, until: float | None = None) -> float:
    """Run a command, to its end or until it is killed; give its seconds."""
    began = time.perf_counter()
    process = begun(archive, verb, *arguments)
    try:
        _, told = process.communicate(timeout=until)
        assert process.returncode == 0, told.decode()
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return time.perf_counter() - began


def start_until_swap(archive: Path, luck: random.Random) -> str:
    """Run `index` until something of the new generation appears, and kill it then or shortly after."""
    pattern, later = luck.choice(APPEARING), luck.choice((0.0, luck.uniform(0, LATER)))
    found = appeared(archive / INDEX_FOLDER, pattern)
    process = begun(archive, "index")
    while process.poll() is None and not found():
        time.sleep(PATIENCE)
    time.sleep(later)
    ended = process.poll() is not None
    process.kill()
    process.communicate()
    return f"{later * 1000:.1f} ms after {pattern} appeared" + " (it had ended)" * ended


def appeared(folder: Path, pattern: str) -> Callable[[], bool]:
    """Give a look for a new file of this pattern."""
    before = {path.name for path in folder.glob(pattern)}
    return lambda: any(path.name not in before for path in folder.glob(pattern))


def begun(archive: Path, verb: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Begin a command."""
    command = [*COMMAND, "--quiet", "--archive", str(archive), verb, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def answers(archive: Path) -> Answers:
    """Ask the shell all questions: exit codes and answers; without an index they are 2 and nothing."""
    found = []
    for question in QUESTIONS:
        command = [*COMMAND, "--archive", str(archive), "search", "--format", "json", "--", question]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        answer = json.loads(done.stdout or '{"total": 0, "hits": []}')
        told = json.dumps([answer["total"], [(hit["id"], hit["score"], hit["snippet"]) for hit in answer["hits"]]])
        found.append((done.returncode, told))
    return found


def all_files(archive: Path) -> bool:
    """Say whether all files that the pack's top names are there and can be read."""
    folders = read.top(archive / "site")["stretches"]
    held = list(read.texts(archive / "site"))
    return all(any(f"/{known['folder']}/" in path for path, _ in held) for known in folders)


if __name__ == "__main__":
    sys.exit(main())
