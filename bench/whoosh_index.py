"""Stock whoosh3 with the index's own schema: the same terms, impacts and places, written by Whoosh's own writer.

python -m bench.whoosh_index ENTRIES FOLDER [--most N]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whoosh import fields, formats, index

from bench.entries import Entries
from indexer.analysis import read_stretch, stretches
from indexer.contents import contents
from indexer.impact import HALF, MOST_MASS, impact, length_class
from indexer.postings import NARROW_PLACES, PLACES_A_POSITION, WEIGHTS, WIDE
from indexer.readable import readable
from indexer.redaction import privacy_for
from indexer.schema import schema

IMPACTS = [bytes(impact(mass, length) for mass in range(MOST_MASS + 1)) for length in range(len(HALF))]


class _Known(dict[str, list[tuple[str, ...]]]):
    """The terms of each stretch of text that was met: as our builder, it looks at none twice."""

    def __missing__(self, stretch: str) -> list[tuple[str, ...]]:
        found = self[stretch] = read_stretch(stretch, stems=True)[0]
        return found


KNOWN = _Known()


class StockWords(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Words as Whoosh's writer asks for them, from texts with the numbers of their parts."""

    def index(self, value: list[tuple[int, str]], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Give each term with how often it stands there, its impact and its value."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        starts: defaultdict[int, int] = defaultdict(int)
        counted = 0
        for part, text in value:
            position = starts[part]
            for stretch in stretches(text):
                for terms in KNOWN[stretch]:
                    for term in terms:
                        places[term].append(position * PLACES_A_POSITION + part)
                    position += 1
            counted += position - starts[part]
            starts[part] = position + 1
        table = IMPACTS[length_class(counted)]
        for term, found in places.items():
            found.sort()
            mass = sum([WEIGHTS[place & 7] for place in found])
            bits = WIDE if found[-1] >= NARROW_PLACES else 0
            for place in found:
                bits |= 1 << (place & 7)
            size = 4 if bits & WIDE else 2
            written = bytes((bits,)) + b"".join([place.to_bytes(size, "little") for place in found])
            yield term.encode(), len(found), float(table[min(mass, MOST_MASS)]), written


class StockNames(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Names as Whoosh's writer asks for them."""

    def index(self, value: tuple[str, ...], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Give each name once."""
        return ((name.encode(), 1, 1.0, b"") for name in value)


def stock_schema() -> Any:
    """Give the schema of our index, with fields that read their values themselves."""
    changed = dict(schema().items())
    for name in ("stems", "words"):
        changed[name] = StockWords(formats.Format(), None)
    for name in ("forms", "id", "list", "thread", "has", "type", "file", "address"):
        changed[name] = StockNames(formats.Existence(), None)
    return fields.Schema(**changed)


def build(entries: Entries, folder: Path, most: int | None) -> None:
    """Index the oldest so many entries."""
    privacy = privacy_for(entries.senders(most))
    writer = index.create_in(str(folder), stock_schema()).writer(limitmb=256)
    for whole, readings, endings in entries.read(range(len(entries))[:most]):
        held = contents(readable(whole, readings, privacy, endings), whole)
        text = f"{held.said}\0{held.quoted}\0{held.in_files}".encode()
        writer.add_document(stems=held.texts, date=held.date, text=text, message=held.shown, **held.names)
    writer.commit()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int)
    options = parser.parse_args()
    build(Entries(options.entries), options.folder, options.most)
