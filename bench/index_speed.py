"""Building and searching beside the peers, over the same unmerged entries in the same run: `make bench`.

    python -m bench.index_speed VOLUMES --queries FILE [--cache .bench] [--most N] [--only NAME …]

VOLUMES is a folder of a list's volume texts (.txt, .txt.gz), FILE has a query a line. What is needed once is made in
the cache: the entries, the same as a maildir and as lines, and environments with Whoosh 2.7.4, tantivy and Xapian.
notmuch, which is Xapian under a reader of mail, and mu are asked for as Debian has them. A peer that is not there is
said to be missing. Our index and "our schema" hold all fields of the language, "its own fields" about as many;
tantivy, Xapian and plain Whoosh hold subject, sender and body.

Seconds are of the processor, over all processes of a command; the wall's stand beside them. Memory is the most that
all processes of a build held together, and the most that one search held. Machines differ, and so do hours on one: the
ratios are what to compare.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench import entries as entries_file
from bench.cost import Cost, cost_of, quick_cost_of
from bench.entries import Entries
from bench.environments import TANTIVY, WHOOSH, XAPIAN, python_with
from bench.maildir import write_lines, write_maildir

ROOT = Path(__file__).parent.parent
HAMELIN = Path(sys.executable).parent / "hamelin"
PLAIN, TEXT = (Path(__file__).parent / name for name in ("plain_whoosh.py", "text_engines.py"))
STEPS = (5_000, 20_000)  # messages, beside all, whose cost each is compared

Command = list[str | Path]


@dataclass(frozen=True)
class Inputs:
    """What peers are fed with: entries, the same as lines and as a maildir; and where they may write."""

    entries: Path
    lines: Path
    maildir: Path
    folder: Path


@dataclass(frozen=True)
class Engine:
    """A search engine: how it builds into a folder, and how it is asked; `missing` says why it can do neither."""

    name: str
    build: Callable[[Inputs], Command]
    search: Callable[[Inputs, str], Command] | None = None
    env: dict[str, str] = field(default_factory=dict)
    missing: str = ""


def main() -> None:
    """Measure and print."""
    options = read_options()
    os.environ["PYTHONPATH"] = str(ROOT)
    cache: Path = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    inputs = prepare(options.volumes, cache, options.most)
    queries = options.queries.read_text("utf-8").splitlines() if options.queries else ["memory leak", "the"]
    engines = [one for one in peers(cache) if not options.only or one.name in options.only]
    print(f"{len(Entries(inputs.entries)):,} entries, {len(queries)} queries, {os.cpu_count()} cores", flush=True)
    builds = [(engine, built(engine, inputs)) for engine in engines]
    ours = next((cost for engine, cost in builds if engine.name == "hamelin" and cost), None)
    print(f"\n{'build':26}{'CPU s':>8}{'wall s':>8}{'MB':>7}   times ours")
    for engine, cost in builds:
        print(f"{engine.name:26}{engine.missing}" if cost is None else _row(engine.name, cost, ours), flush=True)
    if not options.only or "hamelin" in options.only:
        a_message(inputs)
    searches([engine for engine, cost in builds if cost and engine.search], inputs, [q for q in queries if q])


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("volumes", type=Path)
    parser.add_argument("--queries", type=Path, help="a query a line")
    parser.add_argument("--cache", type=Path, default=ROOT / ".bench")
    parser.add_argument("--most", type=int, help="the oldest so many entries only")
    parser.add_argument("--only", nargs="*", help="names of engines")
    return parser.parse_args()


def prepare(volumes: Path, cache: Path, most: int | None) -> Inputs:
    """Make what peers are fed with, once."""
    name = f"{volumes.resolve().name}-{most or 'all'}"
    inputs = Inputs(
        cache / f"{name}.entries", cache / f"{name}.jsonl", cache / f"{name}.maildir", cache / f"{name}.made"
    )
    if not inputs.entries.exists():
        entries_file.make(volumes, inputs.entries, most)
    if not inputs.lines.exists():
        write_lines(Entries(inputs.entries), inputs.lines)
    if not inputs.maildir.exists():
        write_maildir(Entries(inputs.entries), inputs.maildir)
    shutil.rmtree(inputs.folder, ignore_errors=True)
    inputs.folder.mkdir()
    return inputs


def peers(cache: Path) -> list[Engine]:
    """Name the engines, ours first, and find out which are there."""
    old, no_whoosh = environment(cache, "whoosh274", WHOOSH)
    others, no_others = environment(cache, "text_engines", TANTIVY, XAPIAN)
    python = sys.executable
    return [
        Engine(
            "hamelin",
            lambda i: [python, "-m", "bench.our_index", i.entries, i.folder / "hamelin"],
            lambda i, q: [HAMELIN, "--archive", i.folder / "hamelin", "search", "--", q],
        ),
        Engine("whoosh3, our schema", lambda i: [python, "-m", "bench.whoosh_index", i.entries, i.folder / "schema"]),
        Engine("whoosh3, its own fields", lambda i: [python, PLAIN, "fields", i.lines, i.folder / "fields"]),
        Engine(
            "Whoosh 2.7.4, plain",
            lambda i: [old, PLAIN, "build", i.lines, i.folder / "plain"],
            lambda i, q: [old, PLAIN, "search", i.folder / "plain", q],
            missing=no_whoosh,
        ),
        text_engine("tantivy", others, no_others),
        text_engine("xapian", others, no_others),
        Engine(
            "notmuch",
            lambda i: ["notmuch", f"--config={notmuch_config(i)}", "new", "--no-hooks"],
            lambda i, q: ["notmuch", f"--config={i.folder / 'notmuch'}", "search", "--limit=20", q],
            missing="" if shutil.which("notmuch") else "missing: apt-get install notmuch",
        ),
        Engine(
            "mu",
            lambda i: ["mu", "index", f"--muhome={mu_home(i)}", "--quiet"],
            lambda i, q: ["mu", "find", f"--muhome={i.folder / 'mu'}", "--maxnum=20", q],
            missing="" if shutil.which("mu") else "missing: apt-get install maildir-utils",
        ),
    ]


def text_engine(name: str, python: Path, missing: str) -> Engine:
    """Give tantivy or Xapian, as they come."""
    return Engine(
        f"{name}, plain",
        lambda i: [python, TEXT, "build", name, i.lines, i.folder / name],
        lambda i, q: [python, TEXT, "search", name, i.folder / name, q],
        missing=missing,
    )


def environment(cache: Path, name: str, *packages: str) -> tuple[Path, str]:
    """Give the Python of an environment with these packages, made once; or say why there is none."""
    folder = cache / name
    try:
        return python_with(folder, *packages), ""
    except (subprocess.CalledProcessError, OSError):
        return folder, f"missing: {' and '.join(packages)} cannot be installed"


def notmuch_config(inputs: Inputs) -> Path:
    """Write the configuration of notmuch, whose index stands apart from its mail."""
    home = inputs.folder / "notmuch-index"
    home.mkdir(exist_ok=True)
    config = inputs.folder / "notmuch"
    config.write_text(f"[database]\npath={home}\nmail_root={inputs.maildir}\n[new]\ntags=\n[user]\nname=a\n")
    return config


def mu_home(inputs: Inputs) -> Path:
    """Make the home of mu."""
    home = inputs.folder / "mu"
    command: Command = ["mu", "init", f"--muhome={home}", f"--maildir={inputs.maildir}", "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
    return home


def built(engine: Engine, inputs: Inputs) -> Cost | None:
    """Have an engine build its index."""
    if engine.missing:
        return None
    for name in ("schema", "fields", "plain"):
        (inputs.folder / name).mkdir(exist_ok=True)
    return cost_of(engine.build(inputs), env=engine.env)


def a_message(inputs: Inputs) -> None:
    """Tell what a message costs of few, more and all."""
    count = len(Entries(inputs.entries))
    print("\nhamelin, by messages:", end="", flush=True)
    for most in (*(step for step in STEPS if step < count), count):
        folder = inputs.folder / f"hamelin-{most}"
        command: Command = [sys.executable, "-m", "bench.our_index", inputs.entries, folder, "--most", str(most)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"  {most:,}: {done.stdout.split(':')[1].strip()}", end="", flush=True)
        shutil.rmtree(folder)
    print()


def searches(engines: Iterable[Engine], inputs: Inputs, queries: list[str]) -> None:
    """Ask all engines all queries, each in a process of its own, beside a Python that does nothing."""
    nothing: list[Cost] = []
    asked: dict[str, list[Cost]] = {engine.name: [] for engine in engines}
    for query in queries:
        nothing.append(quick_cost_of([sys.executable, "-c", "pass"]))
        for engine in engines:
            assert engine.search
            asked[engine.name].append(quick_cost_of(engine.search(inputs, query), engine.env))
    base = _told(nothing)
    heads = ("CPU: median", "95 %", "most", "wall: median", "95 %", "most")
    print(f"\n{'search, whole process':26}" + "".join(f"{head:>13}" for head in heads) + " ms   most MB")
    for name, costs in {"python -c pass": nothing, **asked}.items():
        told = _told(costs)
        row = f"{name:26}" + "".join(f"{value:13.0f}" for value in told)
        memory = max(cost.memory for cost in costs)
        print(f"{row}{memory:13.0f}   {told[0] / base[0]:.2f} and {told[1] / base[0]:.2f} times python -c pass")


def _told(costs: list[Cost]) -> list[float]:
    told = []
    for name in ("processor", "wall"):
        values = sorted(1000 * getattr(cost, name) for cost in costs)
        told += [statistics.median(values), values[int(len(values) * 0.95)], values[-1]]
    return told


def _row(name: str, cost: Cost, ours: Cost | None) -> str:
    times = f"{cost.processor / ours.processor:13.2f}" if ours else ""
    return f"{name:26}{cost.processor:8.1f}{cost.wall:8.1f}{cost.memory:7.0f}{times}"


if __name__ == "__main__":
    main()
