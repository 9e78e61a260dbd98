"""A body while it is being read: its lines, and what is known of each so far."""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["said", "quoted", "attribution", "forwarded", "patch", "code", "signature", "footer"]
"""What a line is.

    said         new text
    quoted       somebody else's text, marked as such
    attribution  the line that says whose it is; it belongs to the quotation that it opens
    forwarded    the text of a whole mail, below a line or headers that say so
    patch        a difference between files, its own lines and those around it
    code         a program or what it printed, where that is certain
    signature    the sender's, and what a provider appended
    footer       what the list put below
"""
Level = int
"""How deep a line is quoted: 0 for the sender's own."""

# How a line begins that can be something else than new text, for a first look that is cheap. What the other modules
# look for begins so; headers of forwarded mails are the words with a colon.
SIGN: Final = re.compile(
    r"[ \t]*_{30}|[ \t]{0,3}(?:[>|:@*_=~#+`-]|[A-Za-z]{1,6}>|\d+(?:,\d+)?[acd]\d|Traceback \(|"
    r"(?:From|Von|De|Da|Van|Från|Fra|Od|От|Lähettäjä|Feladó|Kimden|发件人|寄件者|差出人) ?[:：]|"
    r"(?:Begin forw|Anfang der w|Début du m|Inizio m|Inicio del m))"
)


class Draft:
    """Lines of a body, each with its kind and level; everything is new text until somebody marks it.

    `signs` are the numbers of the lines that begin like something else.
    """

    __slots__ = ("body", "kinds", "levels", "lines", "signs")

    def __init__(self, body: str) -> None:
        self.body = body
        self.lines = body.split("\n")
        self.kinds: list[Kind] = ["said"] * len(self.lines)
        self.levels: list[Level] = [0] * len(self.lines)
        match = SIGN.match
        self.signs = [number for number, line in enumerate(self.lines) if match(line)]

    def mark(self, kind: Kind, start: int, end: int, level: Level | None = None) -> None:
        """Give lines from `start` up to `end` a kind, and a level where one is named."""
        self.kinds[start:end] = [kind] * (end - start)
        if level is not None:
            self.levels[start:end] = [level] * (end - start)

    def is_blank(self, number: int) -> bool:
        """Say whether a line holds nothing but blanks."""
        return not self.lines[number].strip()

    def free(self, start: int, end: int) -> bool:
        """Say whether nobody marked lines from `start` up to `end`."""
        return all(kind == "said" for kind in self.kinds[start:end])
