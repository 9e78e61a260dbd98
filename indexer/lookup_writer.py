"""Writing what our own searches read of a segment (`indexer.lookup`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.inversion import Inverted
from indexer.lookup import ALIGNED, ENDS, HEAD, MAGIC, SECTIONS
from indexer.postings import WIDE

Array = np.ndarray[Any, Any]

NARROW: Final = 1 << 16


def write_lookup(
    path: Path,
    words: dict[str, Inverted],
    names: dict[str, Inverted],
    dates: Sequence[int],
    threads: Sequence[int],
    shown: Sequence[bytes],
) -> None:
    """Write the file of a segment: postings by field, and what is kept of each message."""
    fields = {**words, **names}
    of_words, of_all = list(words.values()), list(fields.values())
    texts = [text for field in of_all for text in field.terms]
    numbers, number = _narrowest(_joined([field.numbers for field in of_all]))
    counts, count = _narrowest(_joined([np.diff(field.first_places) for field in of_words]))
    places = [_places(field) for field in of_words]
    sections = {
        "fields": "\0".join(fields).encode(),
        "field_ends": _ends(field.terms for field in of_all),
        "keys": b"".join(texts),
        "key_ends": _ends(texts),
        "starts": _shifted([field.starts for field in of_all]).astype("<u4"),
        "numbers": numbers,
        "impacts": _joined([field.impacts for field in of_all]).astype(np.uint8),
        "parts": _joined([field.firsts for field in of_words]).astype(np.uint8),
        "counts": counts,
        "places": b"".join(data for data, _ in places),
        "place_starts": _shifted([starts for _, starts in places]).astype("<u8"),
        "dates": np.array(dates, "<i8"),
        "threads": np.array(threads, "<i8"),
        "shown": b"".join(shown),
        "shown_ends": _ends(shown),
    }
    _write(path, HEAD.pack(len(dates), (number + count).encode()), [sections[name] for name in SECTIONS])


def _write(path: Path, head: bytes, sections: list[Any]) -> None:
    out = [bytes(section) for section in sections]
    at = len(MAGIC) + len(head) + ENDS.size
    pieces, ends = [], []
    for data in out:
        pad = -at % ALIGNED
        pieces += [bytes(pad), data]
        at += pad + len(data)
        ends.append(at)
    with path.open("wb") as file:
        file.write(MAGIC + head + ENDS.pack(*ends))
        file.writelines(pieces)


def _places(field: Inverted) -> tuple[bytes, Array]:
    """Lay out the places of a field's postings as values have them; tell each term's first byte, and the end."""
    wide = np.repeat(field.firsts & WIDE != 0, np.diff(field.first_places))
    sizes = np.where(wide, 4, 2)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    starts = ends[field.first_places[field.starts]]
    if not wide.any():
        return field.places.astype("<u2").tobytes(), starts
    out = np.empty(int(ends[-1]), np.uint8)
    for byte in range(4):
        some = wide if byte > 1 else np.ones(len(wide), bool)
        out[ends[:-1][some] + byte] = field.places[some] >> 8 * byte & 255
    return out.tobytes(), starts


def _shifted(starts: list[Array]) -> Array:
    """Join arrays that each count from 0 to an end into one that counts through."""
    shifted, base = [np.zeros(0, np.int64)], 0
    for part in starts:
        shifted.append(part[:-1] + base)
        base += int(part[-1])
    return np.append(np.concatenate(shifted), base)


def _joined(arrays: list[Array]) -> Array:
    return np.concatenate([np.zeros(0, np.int64), *arrays])


def _narrowest(numbers: Array) -> tuple[Array, str]:
    code = "H" if int(numbers.max(initial=0)) < NARROW else "I"
    return numbers.astype(np.dtype(code).newbyteorder("<")), code


def _ends(parts: Any) -> Array:
    return np.cumsum([len(part) for part in parts]).astype("<u4")
