"""Run the demo: build the lists, serve them on loopback, and let hamelin crawl and show them.

`make demo` runs this. Everything that it starts ends with it; what it made stays in demo-archive/, and is made
anew the next time.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.demo.archive import LETTERS, build
from tests.list_server import ListServer

HAMELIN = Path(sys.executable).with_name("hamelin")
PREFIX = "/pipermail"
SEARCHES = [
    ("What did Tomas write about the suspension spring?", "suspension spring from:tomas"),
    ("Who sent pictures, tables or drawings in 2024?", "has:attachment date:2024"),
    ("The escapement, in three languages.", "Hemmung OR 脱進機 OR échappement"),
]


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and give its exit status: that of the first command that failed, or 0."""
    options = read(arguments)
    with tempfile.TemporaryDirectory(prefix="demo-lists-") as tree:
        count = sum(len(articles) for articles in build(Path(tree)).values())
        with ListServer(Path(tree), prefix=PREFIX) as server:
            say(f"A list server with {len(LETTERS)} lists and {count} mails is at {server.url}")
            shutil.rmtree(options.archive, ignore_errors=True)
            status = run(steps(options.archive, [f"{server.url}{form.name}/" for form in LETTERS]))
            if status == 0:
                status = show(options.archive, server.url, once=options.once)
    return status


def read(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end by itself")
    parser.add_argument(
        "--archive", type=Path, default=Path("demo-archive"), help="the folder to make, and to empty first"
    )
    return parser.parse_args(arguments)


def steps(archive: Path, urls: list[str]) -> list[tuple[str, list[str]]]:
    """Say what the demo does: a sentence and the arguments of hamelin, in order."""
    update = ["update", "--delay", "0", *urls]  # our own server need not be spared
    verbs = [
        ("Crawl both lists, keep what comes, read every mail, index and publish it.", update),
        ("What is there now, and does it add up?", ["status"]),
        *((sentence, ["search", "--limit", "3", query]) for sentence, query in SEARCHES),
    ]
    return [(sentence, ["--archive", str(archive), *verb]) for sentence, verb in verbs]


def run(commands: list[tuple[str, list[str]]]) -> int:
    """Run the commands until one fails."""
    for sentence, arguments in commands:
        say(f"{sentence}\n$ {shlex.join(['hamelin', *arguments])}")
        status = subprocess.run([HAMELIN, *arguments], env=os.environ | {"COLUMNS": "100"}, check=False).returncode
        if status != 0:
            say(f"That ended with status {status}; the demo stops here.")
            return status
    return 0


def show(archive: Path, lists: str, *, once: bool) -> int:
    """Serve the site and say where, until Ctrl-C; with `once` only until its home page was read."""
    arguments = ["--archive", str(archive), "serve", "--port", "0"]
    say(f"And as a site, with a search page.\n$ {shlex.join(['hamelin', *arguments])}")
    with subprocess.Popen([HAMELIN, *arguments], stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout
        try:
            address = site.stdout.readline().strip()
            with urllib.request.urlopen(address) as home:
                say(f"The site is at {address} ({home.status}, {len(home.read()):,} bytes on its home page).")
            if not once:
                stay(f"It stays there, and the lists at {lists}, until you press Ctrl-C.")
        finally:
            site.terminate()
    return 0


def say(text: str) -> None:
    """Say something between the commands, apart from what they say."""
    print(f"\n{text}", flush=True)


def stay(text: str) -> None:
    """Say that it waits for Ctrl-C, and wait; who is quick may press it while it is being said."""
    with suppress(KeyboardInterrupt):
        say(text)
        threading.Event().wait()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
