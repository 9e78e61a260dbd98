"""A search pack read back: the texts that it holds, for tests and for the scan for addresses.

Nothing here is used by searches; browsers read packs by site_templates/static/search-pack.js.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from indexer.pack.coding import read_script
from indexer.pack.source import NAME_FIELDS
from indexer.pack.terms import FORM, STEMS, WORDS
from indexer.pack.write import TOP
from indexer.site.urls import PACK

KEY = 16  # bytes
BETWEEN: Final = "\n;\n"  # two pieces: nobody reads a sender and the text of the next message as an address


def top(site: Path) -> dict[str, Any]:
    """Read what a browser reads first."""
    known: dict[str, Any] = json.loads(read_script((site / PACK / TOP).read_bytes()))
    return known


def texts(site: Path, wanted: Container[str] | None = None) -> Iterator[tuple[str, str]]:
    """Give each file of a site's pack that holds text: its path below the site, and the text of its pieces.

    Of `wanted` paths alone, if that is given.
    """
    for stretch in top(site)["stretches"]:
        for path in sorted((site / PACK / stretch["folder"]).iterdir()):
            reader, below = _reader(path.stem), path.relative_to(site).as_posix()
            if reader and (wanted is None or below in wanted):
                yield below, BETWEEN.join(reader(read_script(path.read_bytes())))


def _reader(name: str) -> Callable[[bytes], Iterable[str]] | None:
    """Give what reads the texts of a file of this name; None where it has none."""
    if name[1:].isdecimal():
        return {"t": terms, "d": _record_texts}.get(name[0])
    return json.loads if name in NAME_FIELDS else None


def terms(shard: bytes) -> list[str]:
    """Give the terms of a shard."""
    count, position = _number(shard, 0)
    _, position = _number(shard, position)
    found: list[str] = []
    last = b""
    for _ in range(count):
        shared, position = _number(shard, position)
        length, position = _number(shard, position)
        last = last[:shared] + shard[position : position + length]
        found.append(last.decode())
        kinds, position = shard[position + length], position + length + 1
        for _ in range(2 * (bool(kinds & STEMS) + bool(kinds & WORDS))):
            _, position = _number(shard, position)
        if not kinds & (STEMS | WORDS | FORM):
            raise ValueError(f"{found[-1]!r} is no kind of term")
    return found


def _record_texts(block: bytes) -> list[str]:
    """Give the texts of a block of records; they stand behind all that is not text."""
    count = block[0]
    position = 1 + count * KEY
    for _ in range(count):
        position += 1 + KEY * (block[position] == 1)
    for _ in range(2 * count):
        _, position = _number(block, position)
    return block[position:].decode().split("\0")


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Read a number, and where the next begins."""
    number = shift = 0
    while data[position] & 128:
        number |= (data[position] & 127) << shift
        shift, position = shift + 7, position + 1
    return number | data[position] << shift, position + 1
