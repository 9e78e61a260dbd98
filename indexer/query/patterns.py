"""Patterns of whole file names: `*` for any characters, `?` for one. No other sign is special."""

from __future__ import annotations


def holds(pattern: str, name: str) -> bool:
    """Tell whether a folded name has the form of a folded pattern.

    Goes back to the last star only, so that it takes no more than name times pattern steps.

    >>> holds("*.pdf", "notes.pdf"), holds("a?c*", "abc"), holds("*.pdf", "pdf")
    (True, True, False)
    """
    at = there = 0
    star, resume = -1, 0
    while at < len(name):
        if there < len(pattern) and pattern[there] == "*":
            star, resume = there, at
            there += 1
        elif there < len(pattern) and pattern[there] in ("?", name[at]):
            at, there = at + 1, there + 1
        elif star >= 0:
            resume += 1
            at, there = resume, star + 1
        else:
            return False
    return not pattern[there:].strip("*")
