"""What each way to misbehave does to an archive: a table of faults, and of the addresses that they strike.

    python bench/faults.py                       # a small archive of the tests' own
    python bench/faults.py TREE --list kitchen   # a pipermail tree: the folder above lists' folders
    python bench/faults.py --only 404,bomb
    python bench/faults.py --file html --targets attachment

For each fault, each kind of address, and each of: its first request, its second, every one. The list is crawled
twice with the fault (the second time with --recheck, so that all is asked for again), then twice without. A cell is
`ok` when nothing that was good was replaced, a run to which something is missing said so, and the archive in the end
is that of a crawl without faults; `ok-` when it is only after the last run, a --recheck, and not by the one before.
The numbers are the runs' exit codes. Ends with 1 when a cell is neither.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.command import hamelin
from tests.list_server import Fault, ListServer
from tests.list_server.faults import ACTIONS
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail

SETTINGS = "[politeness]\ndelay = 0\nbackoff = 0.01\ntimeout = 0.6\n"
# Kind of address ▶ the path of one such address, as a pattern.
TARGETS = {
    "robots": r"^/robots\.txt$",
    "index": r"/{name}/$",
    "volume index": r"/{volume}/thread\.html$",
    "text": r"/{volume}\.txt(\.gz)?$",
    "page": r"/{page}$",
    "attachment": r"/{attachment}$",
}
LAMP = Mail(
    "<lamp@example.org>", datetime(2010, 1, 1, tzinfo=UTC), "ann@example.org", "Ann", "Lamp", "The lamp is lit.\n"
)
# The file that mails of the small archive have.
FILES = {
    "png": Part("image/png", b"\x89PNG of the lamp", name="lamp.png"),
    "html": Part("text/html", "<html><body><p>The lamp is <b>lit</b>.</p></body></html>"),
    "message": Part("message/rfc822", LAMP),
}
WHEN = {"first": (0, 1), "second": (1, 1), "always": (0, None)}


@dataclass(frozen=True)
class Ground:
    """A list that is served, and what an archive of it holds when nothing goes wrong: `whole`, digests by address."""

    server: ListServer
    url: str
    name: str
    export: str
    whole: dict[str, str]
    volume: str
    page: str
    attachment: str

    def path(self, target: str) -> str:
        """Give the pattern of a target."""
        return TARGETS[target].format(name=self.name, volume=self.volume, page=self.page, attachment=self.attachment)


def main() -> int:
    """Strike, and print the table."""
    options = read_options()
    faults = options.only.split(",") if options.only else sorted(ACTIONS)
    targets = options.targets.split(",") if options.targets else list(TARGETS)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        tree, name = (options.tree, options.list) if options.tree else (small(scratch / "www", options.file), "keepers")
        with ListServer(tree) as server:
            ground = survey(server, name, scratch / "whole")
            heads = [f"{target}, {when}" for target in targets for when in WHEN]
            print(f"{'':12}" + "".join(f"{head:>22}" for head in heads), flush=True)
            bad = [cell for fault in faults for cell in row(ground, fault, targets, scratch)]
    print("\n".join(bad) or "all is well")
    return 1 if bad else 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path, nargs="?")
    parser.add_argument("--list", help="a folder below TREE")
    parser.add_argument("--file", choices=FILES, default="png", help="what is attached in the small archive")
    parser.add_argument("--targets", help="kinds of address, with commas between; default: all")
    parser.add_argument("--only", help="faults, with commas between; default: all")
    return parser.parse_args()


def small(tree: Path, kind: str) -> Path:
    """Write a list of two months, six mails, two attachments."""
    parts = (FILES[kind],)
    mails = [
        mail(10 * month + n, datetime(2010, month, n + 1, 12, tzinfo=UTC), parts=parts if n == 0 else ())
        for month in (1, 2)
        for n in range(3)
    ]
    write(tree, ListForm("keepers"), mails)
    return tree


def survey(server: ListServer, name: str, archive: Path) -> Ground:
    """Crawl without faults, and choose what is struck: an older volume, with a page and an attachment."""
    url = f"{server.url}{name}/"
    crawl(archive, url)
    with closing(sqlite3.connect(archive / "archive.sqlite")) as db:
        volume, page, tail = db.execute(
            "SELECT e.volume, e.page, c.url FROM entries e JOIN captures c ON c.volume = e.volume"
            " WHERE instr(c.url, '/attachments/') AND c.status = 200 AND e.page IS NOT NULL ORDER BY e.volume"
        ).fetchone()
    attachment = tail[tail.index("attachments/") :]
    return Ground(server, url, name, export(archive), held(archive), volume, page, attachment)


def row(ground: Ground, fault: str, targets: list[str], scratch: Path) -> list[str]:
    """Strike with one fault everywhere; print a row and give what went wrong."""
    cells = {}
    for target in targets:
        for when in WHEN:
            archive = scratch / f"{fault}-{target}-{when}".replace(" ", "_")
            cells[f"{fault}, {target}, {when}"] = struck(ground, fault, target, when, archive)
    print(f"{fault:12}" + "".join(f"{said[:21]:>22}" for said in cells.values()), flush=True)
    return [f"{place}: {said}" for place, said in cells.items() if not said.startswith("ok")]


def struck(ground: Ground, fault: str, target: str, when: str, archive: Path) -> str:
    """Say what a fault does: `ok` and the exit codes of the runs, or what went wrong."""
    after, times = WHEN[when]
    ground.server.misbehave(Fault(ground.path(target), fault, times=times, after=after, retry_after="0"))
    said_so = False
    codes, mended, good = list[int](), list[bool](), dict[str, str]()
    for number in range(4):
        if number == 2:
            ground.server.misbehave()
        code, said = crawl(archive, *([ground.url] if number in (0, 2) else ["--recheck"]))
        codes.append(code)
        now = held(archive)
        if lost := [url for url, sha in good.items() if now.get(url) != sha == ground.whole.get(url)]:
            return f"run {number + 1} replaced {lost[0]}"
        good = now
        if code not in (0, 1, 2) or "Traceback" in said:
            return f"run {number + 1} ended with {code}: {said.strip().splitlines()[-1:]}"
        said_so = said_so or any(codes) or "not there" in said or "fewer messages" in said
        if number < 2 and not said_so and export(archive) != ground.export:
            return f"run {number + 1} named nothing that is missing"
        if code and "not fetched: " not in said and "hamelin: " not in said:
            return f"run {number + 1} does not say what it lacks"
        mended.append(export(archive) == ground.export)
    said = f"{'ok' if mended[2] else 'ok-'} {codes}".replace(", ", " ")
    return said if mended[3] else f"not mended {codes}"


def crawl(archive: Path, *words: str) -> tuple[int, str]:
    """Crawl with all pages; give the exit code and what was said on stderr."""
    archive.mkdir(exist_ok=True)
    if not (archive / "hamelin.toml").exists():
        (archive / "hamelin.toml").write_text(SETTINGS)
    if not words and "[[lists]]" not in (archive / "hamelin.toml").read_text():
        return 0, ""
    done = hamelin("--archive", str(archive), "--quiet", "crawl", "--pages", "all", *words)
    return done.code, done.err


def export(archive: Path) -> str:
    """Export an archive; nothing when there is none."""
    done = hamelin("--archive", str(archive), "export")
    return done.out if done.code == 0 else ""


def held(archive: Path) -> dict[str, str]:
    """Give the digest of each address of which something good is held."""
    if not (archive / "archive.sqlite").exists():
        return {}
    with closing(sqlite3.connect(archive / "archive.sqlite")) as db:
        return dict(db.execute("SELECT url, sha256 FROM captures WHERE status = 200"))


if __name__ == "__main__":
    sys.exit(main())
