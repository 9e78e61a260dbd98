"""Names of files as they may be shown: what strangers wrote, without what could deceive or break a line. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from crawler.parse.encoded_words import decode_words, unfold

# RFC 2231 section 4: charset, language, value; mailers of that time put it where a plain name belongs.
EXTENDED: Final = re.compile(r"([\w.-]{2,40})'[\w-]{0,20}'(.+)", re.DOTALL)
PATH: Final = re.compile(r".*[/\\]|^[A-Za-z]:", re.DOTALL)
# Controls, format characters (those that turn the direction of text among them), lone surrogates, separators of lines.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS: Final = "\u200c\u200d"  # which Persian and Indian names need
LONGEST: Final = 120  # letters that are shown
LONGEST_ENDING: Final = 10


def shown_name(name: str | None) -> str:
    """Give the name of a file as people may read it; "" where nothing is left of it.

    >>> shown_name("C:\\\\temp\\\\Grüße .pdf"), shown_name("=?utf-8?q?caf=C3=A9.txt?="), shown_name("fdp\\u202etxt.exe")
    ('Grüße .pdf', 'café.txt', 'fdptxt.exe')
    """
    decoded = decode_words(unfold(name or ""))
    if extended := EXTENDED.fullmatch(decoded):
        try:
            decoded = unquote(extended[2], extended[1], "replace")
        except LookupError:
            decoded = extended[2]
    seen = "".join(
        " " if letter.isspace() else letter
        for letter in decoded
        if letter.isspace() or letter in JOINERS or unicodedata.category(letter) not in UNSEEN
    )
    plain = PATH.sub("", " ".join(seen.split())).strip(" \"'")
    return plain if len(plain) <= LONGEST else _shortened(plain)


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= LONGEST_ENDING:
        return f"{stem[: LONGEST - len(ending) - 2]}….{ending}"
    return f"{name[: LONGEST - 1]}…"
