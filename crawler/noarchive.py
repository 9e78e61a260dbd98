"""Who asks not to be archived: a page's robots META, a server's X-Robots-Tag, a mail's or an answer's X-No-Archive.

What asks so is kept in warc/ like all that was sent, and published nowhere: its messages are in no index, pack, site or
export. Mailman's own pages say `noindex` or `index,nofollow`: that is for others, and asks nothing of the kind.
Pure: bytes in, an answer out.
"""

from __future__ import annotations

import re

HEAD = 1 << 16  # bytes of a page above its article, in which a META can stand
ARTICLE = b"<!--beginarticle-->"
META = re.compile(rb"<meta\b[^>]*\bname\s*=\s*[\"']?robots\b[^>]*>", re.IGNORECASE)
NO_ARCHIVE = re.compile(rb"\bnoarchive\b", re.IGNORECASE)
# X-Robots-Tag: noarchive, or with a robot's name before: what is said to another robot is not said to us.
TAG = re.compile(
    rb"^x-robots-tag:[ \t]*(?:hamelin:[ \t]*)?(?![^,\r\n]*:)[^\r\n]*\bnoarchive\b", re.IGNORECASE | re.MULTILINE
)
FIELD = re.compile(rb"^x-no-archive:[ \t]*yes\b", re.IGNORECASE | re.MULTILINE)


def asks_not_to(head: bytes, payload: bytes) -> bool:
    r"""Say whether an answer asks not to be archived, by its head's fields or its page's META.

    >>> asks_not_to(b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noindex, noarchive\r\n\r\n", b"")
    True
    >>> asks_not_to(b"", b'<HTML><META NAME="robots" CONTENT="index,nofollow">')
    False
    """
    if TAG.search(head) or FIELD.search(head):
        return True
    meta = META.search(payload[:HEAD].partition(ARTICLE)[0]) if b"<" in payload[:HEAD] else None
    return meta is not None and NO_ARCHIVE.search(meta[0]) is not None
