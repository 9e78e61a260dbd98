"""Bodies that kept their quoted-printable form: Mailman 2.1.5 to 2.1.14 left some multiparts undecoded.

The addresses of scrubbed files are then broken over two lines as well (Mailman bug 787790, mended 2011-06).
"""

from __future__ import annotations

import re

from crawler.parse.notice_forms import TAIL

# An address with soft line breaks in it. Where it is that of a scrubbed file a text surely is quoted-printable.
BROKEN_ADDRESS = re.compile(r"(?<![^\s<>])https?://[^\s<>]*(?:(?<==)\n[^\s<>]+)+")
SOFT_BREAK = re.compile(r"=[ \t]*\n")
ENCODED = re.compile(r"(?:=[0-9A-F]{2})+")


def join_addresses(text: str) -> str:
    """Join the addresses of scrubbed files that stand on two lines; the rest of the body stays as it is archived.

    >>> join_addresses("a =3D b\\nURL: http://x/attachments/20070517/c0=\\n4ee09a/a.htm\\n")
    'a =3D b\\nURL: http://x/attachments/20070517/c04ee09a/a.htm\\n'
    """
    if "=\n" not in text:
        return text
    return BROKEN_ADDRESS.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    whole = match[0].replace("=\n", "")
    return whole if TAIL.search(whole) else match[0]


def decode_transfer_encoding(body: str) -> str:
    """Decode a body of the defect `body_transfer_encoded`, for those who read or search it.

    >>> decode_transfer_encoding("a =3D b, caf=C3=A9=\\n!")
    'a = b, café!'
    """
    return ENCODED.sub(_decoded, SOFT_BREAK.sub("", body))


def _decoded(match: re.Match[str]) -> str:
    data = bytes.fromhex(match[0].replace("=", ""))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
