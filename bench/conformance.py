"""How much of an archive is read correctly: records compared with the truth, field by field; writes README's table.

    python -m bench.conformance --corpus NAME EXPORT TRUTH… [--tree NAME=FOLDER] [--misses]
    python -m bench.conformance --own --corpus …  --write README.md   # the table between its two markers made anew
    python -m bench.conformance --own --check README.md               # whether the columns given say the same

EXPORT is what `hamelin export --format jsonl` wrote, TRUTH files as bench/truth.py reads them; `--own` is the corpus
that comes with the project. A message is looked up by list and page; of a merged one each page counts. Lists that no
truth names are left out. A record without a page of the truth counts as invented. Ends with 1 when a check fails.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.truth import Answer, Place, Record, answers, load, read_lines

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"
MARKED = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
# The rows of the table, and how a reader calls them.
FIELDS = {
    "message present": "messages found",
    "message_id": "Message-ID",
    "from_name": "sender's name",
    "from_address": "sender's address",
    "subject": "subject",
    "date": "date, to the second",
    "in_reply_to": "In-Reply-To",
    "references": "References, all in order",
    "body": "text",
    "number of attachments": "number of attachments",
    "attachment found": "attachments found",
    "attachment name": "attachment's name",
    "attachment type": "attachment's type",
    "attachment size": "attachment's size",
    "attachment bytes": "attachment's bytes",
}
NONE = "–"


@dataclass
class Score:
    """What a corpus came to: by field how many were asked and right, the misses with their places, records invented."""

    asked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    misses: dict[str, list[tuple[str, Answer]]] = field(default_factory=lambda: defaultdict(list))
    invented: int = 0
    lists: int = 0

    def take(self, place: str, answer: Answer) -> None:
        """Count an answer."""
        self.asked[answer.field] += 1
        self.right[answer.field] += answer.right
        if not answer.right:
            self.misses[answer.field].append((place, answer))

    def cell(self, name: str) -> str:
        """Say a field's share and of how many; never rounded up to all.

        >>> Score(Counter(body=3), Counter(body=2)).cell("body")
        '66.66 % of 3'
        """
        if not self.asked[name]:
            return NONE
        share = self.right[name] * 10_000 // self.asked[name]
        return f"{'100' if share == 10_000 else f'{share / 100:.2f}'} % of {self.asked[name]:,}"


def main() -> int:
    """Score what was given; print, write or check."""
    options = read_options()
    scores: dict[str, Score] = {}
    if options.own:
        from bench.own_corpus import own_corpus

        scores["own"] = score(*own_corpus())
    trees = dict(pair.split("=", 1) for pair in options.tree)
    for name, export, *truths in options.corpus:
        tree = Path(trees[name]) if name in trees else None
        scores[name] = score(load(map(Path, truths)), read_lines(Path(export)), tree)
    if options.misses:
        print("\n".join(missed(scores)))
    if options.check:
        return check(options.check, scores)
    if options.write:
        write(options.write, scores)
    else:
        print(table(scores))
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", nargs="+", action="append", default=[], metavar=("NAME", "EXPORT TRUTH"))
    parser.add_argument("--own", action="store_true", help="the corpus that comes with the project")
    parser.add_argument("--tree", action="append", default=[], metavar="NAME=FOLDER", help="a real list's files")
    parser.add_argument("--misses", action="store_true", help="name each miss by its place; nothing is quoted")
    parser.add_argument("--write", type=Path, metavar="README")
    parser.add_argument("--check", type=Path, metavar="README")
    options = parser.parse_args()
    if any(len(corpus) < 3 for corpus in options.corpus) or not (options.own or options.corpus):
        parser.error("give --own, or --corpus with a name, an export and a truth")
    return options


def score(truth: dict[Place, Record], export: Iterable[Record], tree: Path | None = None) -> Score:
    """Compare an export with the truth."""
    found = Score(lists=len({name for name, _ in truth}))
    records: dict[Place, Record] = {}
    lists = {name for name, _ in truth}
    for record in export:
        if record["list"] in lists:
            places = [(record["list"], page) for page in record["pages"]]
            found.invented += not any(place in truth for place in places)
            found.invented += sum(place in records for place in places)  # a page can hold one message
            records.update(dict.fromkeys(places, record))
    for place, known in truth.items():
        read = records.get(place)
        found.take("/".join(place), Answer("message present", read is not None))
        for answer in answers(known, read, tree) if read is not None else ():
            found.take("/".join(place), answer)
    return found


def table(scores: dict[str, Score]) -> str:
    """Write the table: a row a field, a column a corpus."""
    rows = [["", *(f"`{name}`" for name in scores)], ["---"] * (len(scores) + 1)]
    rows += [[shown, *(found.cell(name) for found in scores.values())] for name, shown in FIELDS.items()]
    rows.append(["records invented", *(f"{found.invented:,}" for found in scores.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def missed(scores: dict[str, Score]) -> Iterator[str]:
    """Name all misses by field and place."""
    for name, found in scores.items():
        for asked, misses in found.misses.items():
            yield f"{name}, {asked}: {len(misses)} of {found.asked[asked]:,}"
            yield from (f"  {place}: {kind(answer)}" for place, answer in misses)


def kind(answer: Answer) -> str:
    """Say how an answer is wrong without quoting mail."""
    if answer.read in ("", "None", "[]"):
        return "nothing is read"
    return "something is read where nothing is" if answer.wanted in ("", "None", "[]") else "another value"


def write(readme: Path, scores: dict[str, Score]) -> None:
    """Put the table between the markers of a README."""
    text = readme.read_text("utf-8")
    if not MARKED.search(text):
        sys.exit(f"{readme} has no lines {BEGIN} and {END}")
    day = dt.datetime.now(dt.UTC).date()
    said = f"Measured on {day} with the reader of {commit()}; `python -m bench.conformance` made this table.\n"
    readme.write_text(MARKED.sub(lambda _: f"{table(scores)}\n{said}", text), "utf-8")


def commit() -> str:
    """Name the last commit that changed what reads archives, and say when that is not committed."""
    last = git("log", "-1", "--format=%h", "--", "crawler") or "an unknown commit"
    return f"{last} with changes" if git("status", "--porcelain", "--", "crawler") else last


def git(*arguments: str) -> str:
    """Ask git; "" where there is none."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def check(readme: Path, scores: dict[str, Score]) -> int:
    """Say where a README's table is not what was measured; columns that were not measured now are left alone."""
    found = MARKED.search(readme.read_text("utf-8"))
    told, measured = columns(found[0] if found else ""), columns(table(scores))
    wrong = [
        f"{name}, {row}: README says {told.get(name, {}).get(row, 'nothing')}, measured {value}"
        for name, rows in measured.items()
        for row, value in rows.items()
        if told.get(name, {}).get(row) != value
    ]
    print("\n".join(wrong) or f"{readme.name} says what was measured: {', '.join(scores)}")
    return 1 if wrong else 0


def columns(text: str) -> dict[str, dict[str, str]]:
    """Read a table back: by column, then by row.

    >>> columns("| | `a` | `b` |\\n|---|---|---|\\n| x | 1 | 2 |\\n")
    {'a': {'x': '1'}, 'b': {'x': '2'}}
    """
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    if len(rows) < 2:
        return {}
    names = [name.strip("`") for name in rows[0][1:]]
    return {name: {row[0]: row[at] for row in rows[2:]} for at, name in enumerate(names, 1)}


if __name__ == "__main__":
    sys.exit(main())
