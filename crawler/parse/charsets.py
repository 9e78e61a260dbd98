"""Bytes of an archive to text: declared charsets tried first, then what the bytes themselves say.

Pipermail writes a page or a volume text in the charset of the list's language; mail that could not
be decoded passes through as raw bytes. Nothing here guesses when a declared charset explains the bytes.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

# The META line that Mailman's page templates carry since 2.1.0; attribute order varies with its language.
META_CHARSET = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([-\w.:]+)", re.IGNORECASE)
META_WITHIN = 4096  # bytes; templates have it in their head

# ISO-2022-JP escape sequences (RFC 1468, with JIS X 0201 Katakana and the single shift to ASCII).
ESCAPE_RUN = re.compile(rb"\x1b\$[@B].*?(?:\x1b\([BJ]|(?=\n)|\Z)", re.DOTALL)

# Names that mail and Mailman use, which Python's codec registry does not know or knows too narrowly.
# iso-8859-1 is read as windows-1252 (WHATWG Encoding), whose C1 bytes mail of that time was full of.
ALIASES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "x-mac-roman": "mac-roman",
    "unicode-1-1-utf-7": "utf-7",
    "unknown-8bit": "ascii",
    "x-unknown": "ascii",
    "default_charset": "ascii",
    "us-ascii": "ascii",
}
ENOUGH_TO_GUESS = 64  # bytes; with fewer, statistics of letters say nothing


@lru_cache(maxsize=512)
def codec_name(charset: str | None) -> str | None:
    """Give the name of the Python codec for a charset as mail names it; None when there is none.

    >>> codec_name("ISO-8859-1"), codec_name("x-nonsense")
    ('cp1252', None)
    """
    if not charset:
        return None
    name = charset.strip().strip("\"'").lower()
    name = ALIASES.get(name, name)
    try:
        info = codecs.lookup(name)
        "".encode(name)  # refuses codecs that are no charsets: base64, rot13, zlib
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    return name if getattr(info, "_is_text_encoding", True) else None


def page_charset(html: bytes) -> str | None:
    """Give the charset that a page's META line declares.

    >>> page_charset(b'<META http-equiv="Content-Type" content="text/html; charset=euc-jp">')
    'euc-jp'
    """
    match = META_CHARSET.search(html, 0, META_WITHIN)
    return match[1].decode("ascii", "replace").lower() if match else None


def decode(data: bytes, charset: str | None) -> str:
    """Decode bytes of a page or a volume: the declared charset, then UTF-8, then what fits best.

    >>> decode(b"caf\\xe9", "iso-8859-1"), decode(b"caf\\xc3\\xa9", "us-ascii")
    ('café', 'café')
    """
    if b"\x1b$" in data:
        return _decode_escapes(data, charset)
    return _decode_plain(data, charset)


def fits(data: bytes, charset: str | None) -> bool:
    """Say whether the declared charset explains all of the bytes."""
    name = codec_name(charset)
    return name is not None and _strict(data, name) is not None


def _decode_escapes(data: bytes, charset: str | None) -> str:
    """Decode ISO-2022-JP runs on their own, the rest by the page's charset (Mailman mixes them in ja lists)."""
    pieces, end = [], 0
    obfuscated = _encoded(" ＠ ", charset)
    for run in ESCAPE_RUN.finditer(data):
        pieces.append(_decode_plain(data[end : run.start()], charset))
        # Mailman takes an `@` byte between letters of a run for that of an address and obfuscates it
        pieces.append(run[0].replace(obfuscated, b"@").decode("iso2022_jp_ext", "replace"))
        end = run.end()
    pieces.append(_decode_plain(data[end:], charset))
    return "".join(pieces)


def _encoded(text: str, charset: str | None) -> bytes:
    return text.encode(codec_name(charset) or "utf-8", "replace")


def _decode_plain(data: bytes, charset: str | None) -> str:
    name = codec_name(charset)
    for candidate in (name, "utf-8"):
        text = _strict(data, candidate) if candidate else None
        if text is not None:
            return text
    if name in (None, "ascii"):
        return guess(data)
    if name == "utf-8":
        return _mixed_utf8(data)
    return data.decode(name or "utf-8", "replace")


def guess(data: bytes) -> str:
    """Decode bytes that nothing declares: UTF-8 if they are, else the likeliest, else windows-1252."""
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    if len(data) >= ENOUGH_TO_GUESS:
        best = from_bytes(data).best()
        if best is not None:
            return str(best)
    return _western(data)


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError):
        return None


def _western(data: bytes) -> str:
    """Decode as windows-1252, its five holes as the C1 controls they are in HTML."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)


BAD_UTF8 = re.compile(r"[\udc80-\udcff]+")


def _mixed_utf8(data: bytes) -> str:
    """Decode UTF-8 with stray bytes in it: those are undecoded windows-1252 more often than not."""
    text = data.decode("utf-8", "surrogateescape")
    return BAD_UTF8.sub(lambda m: _western(m[0].encode("utf-8", "surrogateescape")), text)
