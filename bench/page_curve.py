"""Measure which pages are worth their requests: the share of bodies read right against requests a message.

    python -m bench.page_curve TREE/LIST                       # a list of a pipermail tree on disk, with its pages
    python -m bench.page_curve --archive ARCHIVE LIST          # a list crawled with --pages all
    python -m bench.page_curve TREE/LIST --truth TRUTH.jsonl.xz

The first line reads the texts alone, each further one allows one more reason to ask for a page (docs/formats.md), the
strongest first, so the last but one is what `--pages needed` does; then all pages. Requests are all that a first crawl
makes: robots.txt, list index, volume indexes, texts, pages, attachments. A body is right when it is what the truth
has (`body_loose_sha256` by list and page), without a truth what is read with all pages; blanks and
the spelling of addresses do not count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from crawler.library import NEIGHBOURS, Library
from crawler.pages import read_list_index
from crawler.parse.charsets import decode
from crawler.parse.compose import ParsedEntry
from crawler.parse.dates import volume_span
from crawler.parse.defects import REASONS, Reason
from crawler.parse.doubts import whole_words
from crawler.parse.notices import tail
from crawler.parse.volume import VolumeSource, read_slots, read_volume
from crawler.parse.volume_text import unpack
from crawler.parse.wishes import Wishes
from crawler.store import Store
from crawler.warc import WarcReader

OBFUSCATED = re.compile(r"([-+,.\w]+)(?:@| at )(?=[-+.\w])")
Truth = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What reading with some pages gives: messages and those read right, requests, pages among them."""

    messages: int
    right: int
    requests: int
    pages: int


def main() -> int:
    """Print the curve."""
    options = read_options()
    sources = list(from_archive(options.archive, options.list) if options.archive else from_tree(Path(options.list)))
    truth = read_truth(options.truth, sources[0].list_name) if options.truth else read_all(sources)
    print(f"{'reasons up to':20}{'pages':>8}{'requests':>10}{'a message':>11}{'right':>10}")
    show("texts alone", measure(sources, truth, ()))
    reasons = [reason for reason in REASONS if reason != "asked"]
    for count in range(1, len(reasons) + 1):
        show(reasons[count - 1], measure(sources, truth, tuple(reasons[:count])))
    show("all pages", measure(sources, truth, None))
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", help="the list's folder in a tree; with --archive its name")
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--truth", type=Path, help="JSON lines, .xz or not: list, page, body_loose_sha256, undecodable")
    return parser.parse_args()


def show(title: str, outcome: Outcome) -> None:
    """Print a point of the curve."""
    each, share = outcome.requests / outcome.messages, outcome.right / outcome.messages
    print(f"{title:20}{outcome.pages:8,}{outcome.requests:10,}{each:11.4f}{share:10.3%}", flush=True)


def from_tree(folder: Path) -> Iterator[VolumeSource]:
    """Give the volumes of a list on disk, newest first, as a crawl of all pages would hold them."""
    url = f"http://tree.invalid/{folder.name}/"
    index = read_list_index((folder / "index.html").read_bytes(), url)
    names = [path.name for path in folder.iterdir() if path.is_dir() and volume_span(path.name)]
    for name in sorted(names, key=lambda name: volume_span(name) or (0, 0), reverse=True):
        texts = [path for end in (".txt.gz", ".txt") if (path := folder / (name + end)).exists()]
        thread = folder / name / "thread.html"
        yield VolumeSource(
            folder.name, url, name, index.charset,
            thread.read_bytes() if thread.exists() else None,
            tuple(path.read_bytes() for path in texts[:1]),
            {int(path.stem): path.read_bytes() for path in (folder / name).glob("[0-9]*.html")},
            lambda path: (folder / path).exists(),
        )  # fmt: skip


def from_archive(archive: Path, name: str) -> Iterator[VolumeSource]:
    """Give the volumes of a list that was crawled with all pages, newest first."""
    with Store.open(archive) as store, WarcReader(archive / "warc") as reader:
        library = Library(store, reader.payload)
        volumes = sorted(store.volumes(name), key=lambda volume: (volume.starts, volume.name), reverse=True)
        yield from [library.source(name, volume.name) for volume in volumes]


def read_truth(path: Path, name: str) -> Truth:
    """Read the digest of each page's body."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8", errors="surrogatepass") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    known = (row for row in rows if row.get("list") == name and not row.get("undecodable"))
    return {row["page"]: row["body_loose_sha256"] for row in known if row.get("page")}


def read_all(sources: list[VolumeSource]) -> Truth:
    """Take what all pages give for the truth."""
    return {entry.page: digest(entry.body) for source in sources for entry in read_volume(source)[0] if entry.page}


def digest(body: str) -> str:
    """Make the digest of a body without regard to blanks and to how addresses are written."""
    loose = OBFUSCATED.sub(r"\1@", " ".join(body.split()))
    return hashlib.sha256(loose.encode("utf-8", "surrogatepass")).hexdigest()


def measure(sources: list[VolumeSource], truth: Truth, allowed: tuple[Reason, ...] | None) -> Outcome:
    """Read a list with the pages that the allowed reasons ask for, None for all pages."""
    requests, pages, right, messages = 2, 0, 0, 0  # robots.txt and the list's index
    words = _words(sources)
    for source in sources:
        held = source if allowed is None else fetched(source, allowed, words)
        entries, _ = read_volume(held)
        judged = [entry for entry in entries if entry.page in truth]
        messages += len(judged)
        right += sum(digest(entry.body) == truth[entry.page or ""] for entry in judged)
        pages += len(held.pages)
        requests += (source.index is not None) + len(source.texts) + len(held.pages) + len(files(entries))
    return Outcome(messages, right, requests, pages)


def fetched(source: VolumeSource, allowed: tuple[Reason, ...], words: Callable[[str], frozenset[str]]) -> VolumeSource:
    """Give a volume with the pages that would have been fetched."""
    held: dict[int, bytes] = {}
    while True:
        now = replace(source, pages=held)
        wanted = Wishes(read_slots(now), lambda: words(source.name)).wanted(allowed)
        new = {number: source.pages[number] for number in wanted if number in source.pages and number not in held}
        if not new:
            return now
        held = held | new


def files(entries: list[ParsedEntry]) -> set[str]:
    """Give the addresses of scrubbed files that a crawl would ask for."""
    return {path for entry in entries for notice in entry.notices if (path := tail(notice.url))}


def _words(sources: list[VolumeSource]) -> Callable[[str], frozenset[str]]:
    """Give a way to the words of a volume's neighbours, as a crawl from the newest to the oldest volume knows them."""
    names = [source.name for source in sources]

    @cache
    def own(name: str) -> frozenset[str]:
        source = sources[names.index(name)]
        return whole_words(decode(unpack(text).data, source.charset) for text in source.texts)

    @cache
    def near(name: str) -> frozenset[str]:
        at = names.index(name)
        return frozenset[str]().union(*map(own, names[max(0, at - NEIGHBOURS) : at]))

    return near


if __name__ == "__main__":
    sys.exit(main())
