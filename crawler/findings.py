"""What a check found: what is not as it should be, and how it is mended. Nothing is looked at or mended here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Area = Literal["warc", "database", "ledger", "index", "pack", "site"]

# How things are mended, each a line that can be typed.
RESTORE: Final = "hamelin reparse --write && hamelin update"  # what cannot be read is set aside and asked for again
REPARSE: Final = "hamelin reparse --write"
UPDATE: Final = "hamelin update"
INDEX: Final = "hamelin index"
INDEX_VERIFIED: Final = "hamelin index --verify"  # what is damaged is made anew, and nothing else
INDEX_ANEW: Final = "hamelin index --full"
SITE: Final = "hamelin site"
SITE_ANEW: Final = "hamelin site --full"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check met: in which part, a sentence that says what, and the command that mends it.

    `fault` is False for what is as it should be and yet worth knowing.
    """

    area: Area
    what: str
    mend: str = ""
    fault: bool = True


def some(names: Iterable[str], most: int = 5) -> str:
    """Name a few of many.

    >>> some(["b", "a"]), some("gfedcba")
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    known = sorted(names)
    rest = len(known) - most
    return ", ".join(known[:most]) + (f" and {rest:,} more" if rest > 0 else "")
