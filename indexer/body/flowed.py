"""Paragraphs that were cut into lines to be put together again: format=flowed (RFC 3676).

The header that says so is lost in an archive, so it is believed only where the whole mail speaks for it: each long
line within a paragraph ends with one blank, the last of each does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONG: Final = 50  # characters of a line that goes on in the next
FEWEST: Final = 3  # such lines
SIGNATURE: Final = "-- "


def is_flowed(lines: Sequence[str]) -> bool:
    """Say whether the lines of a mail are certainly cut out of paragraphs.

    `lines` are new text alone, in order.

    >>> is_flowed(["a" * 60 + " "] * 3 + ["end."]), is_flowed(["a" * 60] * 3 + ["end."])
    (True, False)
    """
    soft = stray = 0
    for place, line in enumerate(lines):
        if len(line) < LONG or line[0] in " \t":
            continue
        below = lines[place + 1].strip() if place + 1 < len(lines) else ""
        if not line.endswith(" "):
            if below and below[0].islower():
                return False
        elif line.endswith("  ") or not below:
            stray += 1
        else:
            soft += 1
    return soft >= FEWEST and stray * 8 <= soft


def reflowed(text: str) -> str:
    """Put the paragraphs of flowed text together again, and take out the blanks that stuffing added.

    >>> reflowed("One \\nparagraph.\\n -- \\nnone")
    'One paragraph.\\n-- \\nnone'
    """
    out: list[str] = []
    joins = False
    for line in text.split("\n"):
        stuffed = line[1:] if line.startswith((" >", " From ", " -- ")) else line
        if joins and stuffed.strip():
            out[-1] += stuffed
        else:
            out.append(stuffed)
        joins = stuffed.endswith(" ") and stuffed != SIGNATURE and bool(stuffed.strip())
    return "\n".join(out)
