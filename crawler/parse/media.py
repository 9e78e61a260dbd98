"""What kind of thing a file is: by the type that its notice states, else by how its bytes begin. Pure.

A table of our own, since two dozen signatures are all that mail needs, and they are the ones that readers of files
ask for; the WHATWG's "MIME Sniffing" and the formats' own specifications give them.
"""

from __future__ import annotations

import re
from typing import Final

# Types that mailers state when they know none.
SAY_NOTHING: Final = frozenset({
    "", "application/octet-stream", "application/octetstream", "application/unknown", "application/x-unknown",
    "application/binary", "binary/octet-stream", "application/x-download", "application/force-download",
    "application/download", "application/x-msdownload", "application/text", "unknown/unknown",
})  # fmt: skip

# Type, and the bytes with which such a file begins.
BEGINNINGS: Final = (
    ("application/pdf", b"%PDF-"),
    ("application/postscript", b"%!PS-Adobe-"),
    ("application/rtf", b"{\\rtf"),
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF87a"),
    ("image/gif", b"GIF89a"),
    ("image/bmp", b"BM"),
    ("image/tiff", b"II*\x00"),
    ("image/tiff", b"MM\x00*"),
    ("application/gzip", b"\x1f\x8b"),
    ("application/x-bzip2", b"BZh"),
    ("application/x-xz", b"\xfd7zXZ\x00"),
    ("application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c"),
    ("application/vnd.rar", b"Rar!\x1a\x07"),
    ("audio/mpeg", b"ID3"),
    ("application/ogg", b"OggS\x00"),
    ("audio/midi", b"MThd"),
    ("application/vnd.ms-tnef", b"\x78\x9f\x3e\x22"),
    ("application/x-msdos-program", b"MZ"),
    ("application/pgp-encrypted", b"-----BEGIN PGP MESSAGE"),
    ("application/pgp-signature", b"-----BEGIN PGP SIGNATURE"),
    ("application/pgp-keys", b"-----BEGIN PGP PUBLIC KEY"),
)
RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo"}
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
OFFICE: Final = "application/vnd.openxmlformats-officedocument."
# Parts whose names tell what a zip of Office Open XML is (ECMA-376 part 1).
OFFICE_PARTS: Final = (
    (b"word/document", OFFICE + "wordprocessingml.document"),
    (b"xl/workbook", OFFICE + "spreadsheetml.sheet"),
    (b"ppt/presentation", OFFICE + "presentationml.presentation"),
)
# The first member of an OpenDocument file: its name, then its type, not compressed (ODF 1.2 part 3, 3.3).
OPEN_DOCUMENT: Final = re.compile(
    rb"PK\x03\x04.{26}mimetype(application/vnd\.(?:oasis\.opendocument|sun\.xml)\.[a-z.-]{1,30}?)(?=PK|[^a-z.-]|\Z)",
    re.DOTALL,
)
# Compound files (MS-CFB) hold names of their streams in UTF-16: of Word, Excel, PowerPoint before 2007.
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STREAMS: Final = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
HTML: Final = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.DOTALL | re.IGNORECASE
)
XML: Final = re.compile(rb"\s*<\?xml\b.{0,400}", re.DOTALL)
MARKS: Final = (b"\xff\xfe", b"\xfe\xff")  # of UTF-16's byte order
CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
STATED: Final = re.compile(r"[\w.+!#$&^-]{1,64}/[\w.+!#$&^-]{1,80}", re.ASCII)


def media_type(stated: str | None, data: bytes) -> str | None:
    """Give a file's media type: what its notice states if that says anything, else what its bytes tell; or None.

    >>> media_type("image/png", b"%PDF-1.4"), media_type("application/octet-stream", b"%PDF-1.4")
    ('image/png', 'application/pdf')
    """
    return told(stated) or type_of_bytes(data)


def told(stated: str | None) -> str | None:
    """Give the type that a notice states, plainly; None for one that says nothing.

    >>> told("Text/X-Diff; charset=utf-8"), told("application/octet-stream")
    ('text/x-diff', None)
    """
    plain = (stated or "").partition(";")[0].strip().lower()
    return plain if plain not in SAY_NOTHING and STATED.fullmatch(plain) else None


def type_of_bytes(data: bytes) -> str | None:
    """Tell a file's media type by its bytes; None for bytes that tell nothing.

    >>> type_of_bytes(b"{\\\\rtf1 Hello}"), type_of_bytes(b"Hello"), type_of_bytes(b"\\0\\1\\2")
    ('application/rtf', 'text/plain', None)
    """
    for name, beginning in BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data.startswith(b"RIFF"):
        return RIFF.get(data[8:12])
    if data.startswith(ZIP):
        return _type_of_zip(data)
    if data.startswith(COMPOUND):
        return next((name for stream, name in STREAMS if stream.encode("utf-16-le") in data), None)
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return _type_of_text(data) if is_text(data) else None


def is_text(data: bytes) -> bool:
    """Say whether bytes are text: no more control characters than strays.

    >>> is_text(b"plain\\n"), is_text(bytes(range(256))), is_text("Zażółć".encode("utf-16"))
    (True, False, True)
    """
    if data.startswith(MARKS):
        return len(data) % 2 == 0
    return b"\x00" not in data and len(CONTROLS.findall(data)) * 100 <= len(data)


def _type_of_zip(data: bytes) -> str:
    if document := OPEN_DOCUMENT.match(data):
        return document[1].decode()
    return next((name for part, name in OFFICE_PARTS if part in data), "application/zip")


def _type_of_text(data: bytes) -> str:
    if HTML.match(data):
        return "text/html"
    if xml := XML.match(data):
        return "image/svg+xml" if b"<svg" in xml[0] else "text/xml"
    return "text/plain"
