"""Read a folder of volume texts, and say what each part of it costs, beside what others need for the same bytes.

    python -m bench.parse_speed FOLDER
    python -m bench.parse_speed FOLDER --no-peers --charset utf-8

FOLDER holds `2004-October.txt`, `2004-October.txt.gz` and so on, as a list server has them; of a volume's texts the
larger counts. Seconds are of the processor. Each part is measured with all that has to come before it, and that is
taken off: unpack (gzip), split (where messages begin), decode (bytes to headers and body), join (with pages, of which
there are none here: names and the server's zone are learnt), compose (every field of the record, notices taken out).
Peers: a split by hand as one writes it in an hour, which decodes and parts headers from body and reads none of them;
the standard library's `mailbox` with `email`, asked for the same headers and the text. Machines differ, and so do
hours on one: the ratios to `all` are what to compare.
"""

from __future__ import annotations

import argparse
import mailbox
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from itertools import pairwise
from pathlib import Path

from crawler.parse.volume import VolumeSource, read_slots, read_volume
from crawler.parse.volume_text import read_entries, starts, unpack

URL = "http://lists.example.org/pipermail/list/"
HEADERS = ("From", "Date", "Subject", "In-Reply-To", "References", "Message-ID")
HAND = re.compile(rb"^From .*\d\d:\d\d:\d\d \d{4}\n(?=From: )", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """What a part of the work, or a peer, took: CPU seconds, and the messages that it found, 0 where it finds none."""

    name: str
    seconds: float
    found: int


def main() -> None:
    """Measure and print."""
    options = read_options()
    packed = [(name, max(texts, key=len)) for name, texts in sorted(volumes(options.folder).items())]
    if not packed:
        raise SystemExit(f"There is no volume's text in {options.folder}: files named like 2004-October.txt")
    parts = list(own(packed, options.charset))
    whole = parts[-1]
    size = sum(len(unpack(data).data) for _, data in packed)
    print(f"{len(packed)} volumes, {size / 1e6:.1f} MB unpacked, {whole.found:,} messages")
    for part in [*parts, *([] if options.no_peers else peers(packed, options.charset))]:
        count = f"{part.found:,} messages" if part.found else ""
        print(
            f"{part.name:32}{part.seconds:8.2f} s   {part.seconds / whole.seconds:6.2f} times `all`   {count}",
            flush=True,
        )


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--charset", default="us-ascii", help="the list's; default: us-ascii")
    parser.add_argument("--no-peers", action="store_true", help="measure our own parts alone")
    return parser.parse_args()


def volumes(folder: Path) -> dict[str, list[bytes]]:
    """Read the texts of a folder by the volume's name."""
    found: dict[str, list[bytes]] = {}
    for path in sorted([*folder.glob("*.txt"), *folder.glob("*.txt.gz")]):
        found.setdefault(path.name.partition(".txt")[0], []).append(path.read_bytes())
    return found


def timed(name: str, work: Callable[[], int]) -> Part:
    """Do some work, and say what it took."""
    start = time.process_time()
    found = work()
    return Part(name, time.process_time() - start, found)


def own(packed: list[tuple[str, bytes]], charset: str) -> Iterator[Part]:
    """Measure our own parts, each by what it adds to the ones before it, and all of it in one go."""
    steps: dict[str, Callable[[str, bytes], int]] = {
        "unpack": lambda _, data: len(unpack(data).data) and 0,
        "split": lambda _, data: len(starts(unpack(data).data)),
        "decode": lambda _, data: len(read_entries(unpack(data).data, charset)),
        "join": lambda name, data: len(read_slots(source(name, data, charset)).slots),
        "all": lambda name, data: len(read_volume(source(name, data, charset))[0]),
    }
    before = 0.0
    for name, step in steps.items():
        found = timed(name, lambda step=step: sum(step(*volume) for volume in packed))  # type: ignore[misc]  # a default
        yield Part("compose" if name == "all" else name, found.seconds - before, found.found)
        before = found.seconds
    yield found


def source(name: str, data: bytes, charset: str) -> VolumeSource:
    """Hold a volume's text and nothing else."""
    return VolumeSource("list", URL, name, charset, None, (data,), {})


def peers(packed: list[tuple[str, bytes]], charset: str) -> Iterator[Part]:
    """Measure what others need."""
    yield timed("a hand split", lambda: sum(hand(bytes(unpack(data).data), charset) for _, data in packed))
    yield timed("mailbox and email", lambda: sum(stdlib(bytes(unpack(data).data)) for _, data in packed))


def hand(text: bytes, charset: str) -> int:
    """Split a text as one would in an hour: at its first lines, headers by name, body behind the first empty line."""
    ends = [match.end() for match in HAND.finditer(text)]
    for start, end in pairwise([*ends, len(text)]):
        head, _, _ = text[start:end].decode(charset, "replace").partition("\n\n")
        dict(line.split(": ", 1) for line in head.replace("\n\t", " ").replace("\n ", " ").split("\n") if ": " in line)
    return len(ends)


def stdlib(text: bytes) -> int:
    """Read a text with the standard library: an mbox of messages, their headers decoded, their text."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        box = mailbox.mbox(file.name, create=False)
        for message in box:
            for name in HEADERS:
                decoded(message[name])
            message.get_payload(decode=True)
        return len(box)


def decoded(value: object) -> str:
    """Decode a header; what cannot be decoded stays as it is."""
    try:
        return str(make_header(decode_header(str(value or ""))))
    except (LookupError, ValueError):
        return str(value)


if __name__ == "__main__":
    main()
