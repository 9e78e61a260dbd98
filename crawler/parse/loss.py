"""What a volume's text lost, and the fuller of two readings.

Mailman writes the text in the list's charset and `?` for what does not fit; the page keeps such characters.
"""

from __future__ import annotations

from collections.abc import Iterable

REPLACEMENT = "\ufffd"


def lossy_spellings(names: Iterable[str | None]) -> frozenset[str]:
    """Give the spellings that sender's names have in a text that lost characters: last letters too.

    >>> sorted(lossy_spellings(["Thomas Hervé", "Ada"]))
    ['Thomas Herv?']
    """
    found = {name.encode("ascii", "replace").decode() for name in names if name and not name.isascii()}
    return frozenset(name for name in found if name.count("?") <= len(name) // 2)


def fuller(text: str, page: str | None) -> str:
    """Give the one of two readings of a short value that lost nothing: they differ in `?` alone.

    >>> fuller("Herv?", "Hervé"), fuller("Why?", "Something else")
    ('Hervé', 'Why?')
    """
    if page is None or len(page) != len(text) or ("?" not in text and REPLACEMENT not in text):
        return text
    same = all(a == b or (a in ("?", REPLACEMENT) and not b.isascii()) for a, b in zip(text, page, strict=True))
    return page if same else text
