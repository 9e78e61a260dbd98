"""Text of strangers made harmless for a terminal. Nothing else: pages have their own ways."""

from __future__ import annotations

from typing import Final

from indexer.pattern import pattern

# C0 but for line ends and tabs, DEL, C1 (ECMA-48): with them a mail could move the cursor or set the title.
# And overrides and isolates of direction (UAX 9), which would show what stands behind them the wrong way round.
CONTROLS: Final = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Show control characters as the sign for what cannot be shown; carriage returns go.

    >>> harmless("a\\x1b[2Jb\\r\\n")
    'a�[2Jb\\n'
    """
    return CONTROLS.sub("�", text.replace("\r", ""))
