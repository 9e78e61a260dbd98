"""How the archiver escapes and encodes what it writes. Pure."""

from __future__ import annotations

import html
import re

from tests.pipermail.forms import Generation

ENTITY = re.compile(r"&(?=#?\w+;)")  # left alone since 2.1.13, so that an author's &lt; reads like a sign


def escaped(text: str, generation: Generation) -> str:
    """Escape a text for HTML, as far as the generation does; apostrophes stay."""
    pieces = [text] if generation.escapes_entities else ENTITY.split(text)
    return "&".join(html.escape(piece).replace("&#x27;", "'") for piece in pieces)


def in_charset(text: str, charset: str) -> bytes:
    """Encode a page; where one character does not fit, all that are not ASCII become numeric entities.

    >>> in_charset("café", "iso-8859-1"), in_charset("café ☃", "iso-8859-1")
    (b'caf\\xe9', b'caf&#233; &#9731;')
    """
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return text.encode("ascii", "xmlcharrefreplace")
