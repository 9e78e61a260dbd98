"""What fuzzing begins with: our own cases and what the grammar draws, as inputs of each target, and a dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from crawler.parse.volume_text import unpack
from crawler.parse.wordings import WORDINGS
from tests.fuzz.chain import CUT
from tests.fuzz.grammar import INPUTS, PIECES, SEPARATORS, Bytes
from tests.parser_cases import cases

DRAWN = 80  # inputs of the grammar for each target
LONGEST = 1 << 14  # bytes of a seed
SHORTEST_WORD, LONGEST_WORD = 2, 60  # bytes in a dictionary
LINES = [line.encode() for forms in WORDINGS.values() for form in forms for line in form.split("\n")]
DICTIONARY = sorted({
    word
    for word in [*PIECES, *SEPARATORS, *LINES]
    if SHORTEST_WORD <= len(word) <= LONGEST_WORD
})  # fmt: skip


def seeds(target: str) -> Iterator[bytes]:
    """Give the first inputs of a target."""
    for case in [*cases("clean"), *cases("broken")]:
        yield from (data[:LONGEST] for data in pieces(case, target))
    yield from drawn(INPUTS[target])


def pieces(case: Path, target: str) -> list[bytes]:
    """Give what a case of tests/data has for a target."""
    texts, pages = files(case, "*.txt*"), files(case, "[0-9]*.html")
    index = files(case, "thread.html")
    whole = CUT.join([*(index or [b""]), *(bytes(unpack(text).data) for text in texts[:1] or [b""]), *pages[:2]])
    return {
        "volume": [bytes(unpack(text).data) for text in texts],
        "held": [whole],
        "page": pages,
        "indexes": index,
        "notice": [bytes(unpack(text).data).partition(b"\n\n")[2] for text in texts],
        "gzipped": texts,
        "headers": [line for text in texts for line in bytes(unpack(text).data).splitlines()[:8]],
        "mbox": [bytes(unpack(text).data) for text in texts],
        "attachment": pages,
    }[target]


def files(case: Path, pattern: str) -> list[bytes]:
    """Read a case's files."""
    return [path.read_bytes() for path in sorted(case.glob(pattern))]


def drawn(inputs: Bytes) -> list[bytes]:
    """Draw inputs of a grammar, the same ones in every run."""
    found: list[bytes] = []

    @settings(
        max_examples=DRAWN,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def draw(data: bytes) -> None:
        found.append(data)

    draw()
    return [data for data in found if data]
