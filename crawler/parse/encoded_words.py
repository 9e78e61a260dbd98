"""RFC 2047 encoded words in headers, read as mail has them rather than as the RFC wants them.

Unknown charsets, broken base64 and words that split a character are common; none of them raises.
"""

from __future__ import annotations

import binascii
import re

from crawler.parse.charsets import codec_name, guess

# RFC 2047 section 2; the RFC 2231 language suffix after `*` is dropped. Blanks and `?` inside a Q word are
# forbidden there, yet common, so only a line end, `?=` and the next word's `=?` end a word. A word that
# was cut, its end or half of it missing, goes on to the end of the value.
ENCODED_WORD = re.compile(
    r"=\?[ \t]{0,3}([^?*\s]{1,60})(?:\*[^?\s]{0,60})?[ \t]{0,3}\?[ \t]{0,3}([bBqQ])[ \t]{0,3}\?"
    r"((?:[^?=\r\n]|\?(?!=|\Z)|=(?!\?[^=\s]))*)(?:\?=|\??\Z|(?=[ \t]*=\?[^?\s]{1,60}\?[bBqQ]\?))"
)
HEXADECIMAL = re.compile(rb"(?:=[0-9A-Fa-f]{2})+")
FOLD = re.compile(r"(?<![ \t])[ \t]*\r?\n[ \t]*")
BETWEEN_WORDS = re.compile(r"\A\s*\Z")


def unfold(value: str) -> str:
    """Join a folded header value into one line (RFC 5322 section 2.2.3).

    >>> unfold("a long\\n\\tsubject")
    'a long subject'
    """
    return FOLD.sub(" ", value).strip() if "\n" in value else value.strip()


def decode_words(value: str) -> str:
    """Decode all encoded words of a header value; blanks between two of them vanish.

    >>> decode_words("=?utf-8?q?caf=C3=A9?= =?utf-8?b?IG5vaXI=?= !")
    'café noir !'
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    end = 0
    for match in ENCODED_WORD.finditer(value):
        gap = value[end : match.start()]
        if not pending or not BETWEEN_WORDS.match(gap):
            out += [_text(pending), gap]
            pending = []
        _append(pending, match[1], _payload(match[2], match[3]))
        end = match.end()
    return "".join([*out, _text(pending), value[end:]])


def _append(pending: list[tuple[str, bytes]], charset: str, data: bytes) -> None:
    """Add a word; one of the same charset joins the last, since some split characters over two words."""
    charset = charset.lower()
    if pending and pending[-1][0] == charset and not data.startswith(b"\x1b"):
        pending[-1] = (charset, pending[-1][1] + data)
    else:
        pending.append((charset, data))


def _text(pending: list[tuple[str, bytes]]) -> str:
    return "".join(decode_bytes(data, charset) for charset, data in pending)


def decode_bytes(data: bytes, charset: str) -> str:
    """Decode bytes by the charset that a mail names; by what they look like when it is wrong."""
    name = codec_name(charset)
    if name is None:
        return guess(data)
    try:
        return data.decode(name)
    except UnicodeError:
        return guess(data) if name in ("ascii", "utf-8") else data.decode(name, "replace")


def _payload(encoding: str, text: str) -> bytes:
    """Decode a word's text; base64 that was joined of padded pieces piece by piece, of a cut one what is whole."""
    if encoding in "qQ":
        plain = (text.strip() if text[:1] == " " else text).replace("_", " ").encode("utf-8", "replace")
        return HEXADECIMAL.sub(lambda m: bytes.fromhex(m[0].replace(b"=", b"").decode("ascii")), plain)
    pieces = "".join(re.findall(r"[A-Za-z0-9+/=]", text)).split("=")
    try:
        return b"".join(_base64(piece) for piece in pieces)
    except binascii.Error:
        return text.encode("utf-8", "replace")


def _base64(piece: str) -> bytes:
    whole = piece[:-1] if len(piece) % 4 == 1 else piece
    return binascii.a2b_base64(whole + "=" * (-len(whole) % 4))
