"""HTML that nests deeper than any mailer's, made shallow before it is parsed.

A parser of HTML looks through all tags that are open at each one that opens or closes, so that a megabyte of them
takes it minutes. What is too deep loses the tags that nest, not its text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

# Tags that nest as deep as somebody writes them. Others end by themselves: they stand in none of their kind.
NESTING: Final = re.compile(
    r"<(/?)(?!(?:p|br|hr|li|dd|dt|td|th|tr|option|img|input|meta|link|wbr|col|base|area|param)\b)([a-z][a-z0-9]*)[^<>]*>?",
    re.IGNORECASE,
)
DEEPEST: Final = 500  # tags that are open at one place


def shallow(html: str) -> str:
    """Give HTML as it is, or without tags that nest where more than DEEPEST are open at one place.

    >>> shallow("<div><b>Hi</b></div>"), shallow("<div>" * 1000 + "<p>Hi")
    ('<div><b>Hi</b></div>', '<p>Hi')
    """
    return NESTING.sub("", html) if _is_too_deep(html) else html


def _is_too_deep(html: str) -> bool:
    """Say whether more tags are open at one place than a mailer nests; an end tag closes only its own kind."""
    opened: Counter[str] = Counter()
    depth = 0
    for end, name in NESTING.findall(html):
        step = 1 if not end else -1 if opened[name] else 0
        opened[name] += step
        depth += step
        if depth > DEEPEST:
            return True
    return False
