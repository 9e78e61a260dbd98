"""Bytes of an archive to text: declared charsets tried first, then what the bytes themselves say.

Pipermail writes a page or a volume text in the charset of the list's language; mail that could not
be decoded passes through as raw bytes. Nothing here guesses when a declared charset explains the bytes,
but for UTF-8 that passed through a charset of one byte a letter.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache

# The META line that Mailman's page templates carry since 2.1.0; attribute order varies with its language.
META_CHARSET = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([-\w.:]+)", re.IGNORECASE)
# What HTTrack writes before a page's head: the charset that the server's header said, not that of the page.
ADDED_META = re.compile(rb"<!-- Added by HTTrack -->.*?<!-- /Added by HTTrack -->", re.DOTALL)
META_WITHIN = 4096  # bytes; templates have it in their head
NEVER_IN_META = re.compile(rb"utf-?(?:16|32|7)", re.IGNORECASE)  # a META line that can be read is in none of them

# ISO-2022-JP escape sequences (RFC 1468, with JIS X 0212 and the Katakana of JIS X 0201) up to the shift back to ASCII.
ESCAPE_RUN = re.compile(rb"\x1b(?:\$(?:[@B]|\(D)|\(I).*?(?:\x1b\([BJ]|(?=\n)|\Z)", re.DOTALL)

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
    "windows-31j": "cp932",
    "x-windows-949": "cp949",
    "windows-949": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "x-mac-roman": "mac-roman",
    "unicode-1-1-utf-7": "utf-7",
    "unknown-8bit": "ascii",
    "x-unknown": "ascii",
    "default_charset": "ascii",
    "us-ascii": "ascii",
}
# What some programs made of such names: win-1251, x-cp1251, cp-850; x-euc-jp.
PRIVATE_NAME = re.compile(r"(?:x-)?(?:windows|win|cp|ibm)[-_]?(\d{3,4})|x-(.+)")
# Codecs of Python's that no mail is written in; some of them are slow or warn.
NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
TWO_BYTES = frozenset({"euc-jp", "euc_jp", "cp949", "gb18030", "cp950", "cp932"})
ENOUGH_PAIRS = 8  # bytes with their highest bit
LONGEST_NAME = 64  # letters of a charset's name
ENOUGH_TO_GUESS = 64  # bytes; with fewer, statistics of letters say nothing
STRAY = re.compile(r"[\udc80-\udcff]+")  # bytes that are no UTF-8, as Python escapes them
# Charsets of one byte a letter: no text of theirs is UTF-8 by chance, but undeclared UTF-8 passed through as it was.
ONE_BYTE = re.compile(r"(?:iso-?8859-|cp125\d|koi8)")
NEAR = 0.1  # in the measure of charset-normalizer's coherence
NEAR_LATIN = 0.3  # between charsets of one script statistics decide on less
LATIN = frozenset({"cp1250", "iso8859_2", "cp1254"})
GUESS_WITHIN = 16_384  # bytes; with more, statistics say nothing new
# What undeclared mail was written in. Charsets of few lists are left out: to statistics they look like Western ones.
LIKELY = [
    "utf_8", "cp1252", "cp1250", "iso8859_2", "cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp1253", "iso8859_7",
    "cp1254", "cp1255", "cp1256", "iso8859_6", "euc_jp", "cp932", "cp949", "gb18030", "cp950", "tis_620",
]  # fmt: skip
# The five bytes that windows-1252 leaves open are the C1 controls that they are in HTML.
HOLES = {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
# C1 controls that came from windows-1252 by way of a wrong label mean its signs (HTML's rule for numeric entities).
WESTERN = {byte: HOLES.get(byte) or bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0)}
CONTROLS = {byte: sign for byte, sign in WESTERN.items() if byte != 0x85}  # which is a line end, too


@lru_cache(maxsize=512)
def codec_name(charset: str | None) -> str | None:
    """Give the name of the Python codec for a charset as mail names it; None when there is none.

    >>> codec_name("ISO-8859-1"), codec_name("x-nonsense")
    ('cp1252', None)
    """
    if not charset or len(charset) > LONGEST_NAME:
        return None
    name = charset.strip().strip("\"'").lower()
    private = PRIVATE_NAME.fullmatch(name)
    spellings = [name, f"cp{private[1]}" if private and private[1] else private[2] if private else ""]
    return next((codec for codec in map(_codec, spellings) if codec), None)


def _codec(name: str) -> str | None:
    name = ALIASES.get(name, name)
    try:
        info = codecs.lookup(name)
        "".encode(name)  # refuses codecs that are no charsets: base64, rot13, zlib
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    known = getattr(info, "_is_text_encoding", True) and info.name.replace("-", "_") not in NO_CHARSETS
    return name if known else None


def page_charset(html: bytes) -> str | None:
    """Give the charset that a page's META line declares.

    >>> page_charset(b'<META http-equiv="Content-Type" content="text/html; charset=euc-jp">')
    'euc-jp'
    """
    added = ADDED_META.search(html, 0, META_WITHIN)
    match = META_CHARSET.search(html, added.end() if added else 0, META_WITHIN)
    return match[1].decode("ascii", "replace").lower() if match and not NEVER_IN_META.match(match[1]) else None


def decode(data: bytes, charset: str | None, other: str | None = None) -> str:
    """Decode bytes of a page or a volume: the declared charset, then UTF-8, then what fits best.

    `other` is a charset that what stands around says: it counts where none is declared, or the declared one is wrong.

    >>> decode(b"caf\\xe9", "latin1"), decode(b"caf\\xc3\\xa9", "us-ascii"), decode(b"\\xa4\\xce", "utf-8", "euc-jp")
    ('café', 'café', 'の')
    """
    if b"\x1b" in data:
        return _decode_escapes(data, charset or other)
    return _by(_codec_for(data, charset, other), data)


def _decode_escapes(data: bytes, charset: str | None) -> str:
    """Decode ISO-2022-JP runs on their own, the rest by the page's charset (Mailman mixes them in ja lists)."""
    plain, runs = ESCAPE_RUN.split(data), ESCAPE_RUN.findall(data)
    # Mailman takes an `@` byte between letters of a run for that of an address and obfuscates it
    obfuscated = " ＠ ".encode(codec_name(charset) or "utf-8", "replace")
    decoded = [run.replace(obfuscated, b"@").decode("iso2022_jp_ext", "replace") for run in runs]
    codec = _codec_for(b"".join(plain), charset)
    between = [_by(codec, piece) for piece in plain]
    return "".join(piece for pair in zip(between, [*decoded, ""], strict=True) for piece in pair)


def guess(data: bytes) -> str:
    """Decode bytes that nothing declares: UTF-8 if they are, else the likeliest, else windows-1252."""
    return _by(_codec_for(data, None), data)


def likely_charset(data: bytes) -> str | None:
    """Give the codec that bytes are likeliest in, where nothing is declared; None for too few, and for windows-1252."""
    return _likeliest(data[:GUESS_WITHIN]) if len(data) >= ENOUGH_TO_GUESS else None


def _codec_for(data: bytes, charset: str | None, other: str | None = None) -> str:
    """Choose the codec for bytes: the declared one or UTF-8 where it fits; else the declared one or the likeliest."""
    name, second = codec_name(charset or other), codec_name(other)
    one_byte = name is not None and ONE_BYTE.match(name)
    for candidate in ("utf-8", name) if one_byte else (name, "utf-8"):
        if candidate and _fits(data, candidate):
            return second if second and candidate == name and one_byte and _is_paired(data, second) else candidate
    if second and second not in ("ascii", name) and not ONE_BYTE.match(second) and _fits(data, second):
        return second
    if name is not None and name != "ascii" and not (name == "utf-8" and _is_mislabelled(data)):
        return name
    if second and ONE_BYTE.match(second):
        return second
    return (_likeliest(data[:GUESS_WITHIN]) if len(data) >= ENOUGH_TO_GUESS else None) or "cp1252"


def _is_paired(data: bytes, codec: str) -> bool:
    """Say whether bytes that any charset of one byte a letter takes are all pairs of another one: not by chance."""
    high = sum(byte >= 0x80 for byte in data[:GUESS_WITHIN]) if codec in TWO_BYTES else 0
    return high >= ENOUGH_PAIRS and _fits(data, codec)


def _is_mislabelled(data: bytes) -> bool:
    """Say whether more of what should be UTF-8 is not than is."""
    text = data.decode("utf-8", "surrogateescape")
    strays = sum(map(len, STRAY.findall(text)))
    return strays > len(text) - strays - len(text.encode("ascii", "ignore"))


def fallback(pieces: Iterable[bytes], charset: str | None) -> str | None:
    """Give the charset that the pieces of one source are likeliest in, where some do not fit the declared one.

    >>> fallback([b"plain", b"caf\\xc3\\xa9"], "utf-8")
    """
    if codec_name(charset) not in ("utf-8", None):
        return None
    strays = bytearray()
    for piece in pieces:
        if len(strays) >= GUESS_WITHIN:
            break
        if not piece.isascii() and not _fits(piece, "utf-8"):
            strays += piece[:GUESS_WITHIN]
    found = len(strays) >= ENOUGH_TO_GUESS and _is_mislabelled(bytes(strays)) and _likeliest(bytes(strays))
    return found or None


def _fits(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except (UnicodeError, LookupError):
        return False
    return True


def _by(codec: str, data: bytes) -> str:
    """Decode by a codec; in UTF-8 and windows-1252 a stray byte is what windows-1252 has for it, elsewhere U+FFFD."""
    if codec == "cp1252":
        return data.decode("latin-1").translate(WESTERN)
    if codec in ("utf-8", "utf8"):
        text = data.decode("utf-8", "surrogateescape")
        text = STRAY.sub(lambda m: _by("cp1252", m[0].encode("utf-8", "surrogateescape")), text)
        return text.translate(CONTROLS) if b"\xc2" in data else text
    return data.decode(codec, "replace")


def _likeliest(data: bytes) -> str | None:
    """Give the codec that statistics find likeliest; None for windows-1252 and what is near it: most mail is."""
    from charset_normalizer import from_bytes  # 20 ms; few bytes come without a charset that fits

    matches = from_bytes(data, cp_isolation=LIKELY)
    best = matches.best()
    western = next((match for match in matches if match.encoding in ("cp1252", "latin_1")), None)
    if best is None:
        return None
    near = NEAR_LATIN if best.encoding in LATIN else NEAR
    if western and western.chaos <= best.chaos and western.coherence >= best.coherence - near:
        return None
    return best.encoding
