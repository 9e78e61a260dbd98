"""Regular expressions that are compiled when they are first used.

A search imports some forty of them and uses ten: to compile the others would take as long as the search itself.
"""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Give a regular expression that is compiled when it is first used.

    >>> pattern("[0-9]+").findall("10:30")
    ['10', '30']
    """
    return cast("re.Pattern[str]", _Later(text, flags))


class _Later:
    """Stands for a regular expression, and has its methods once one of them was asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._written = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = re.compile(*self._written)
        for method in ("match", "search", "fullmatch", "findall", "finditer", "sub", "split", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
