"""The files of a message that stands on several pages: scrubbed twice they are one, and what only a copy has is kept.

Each page of a message that a server archived more than once has scrubbed files of its own: `attachment.htm` and
`attachment-0001.htm` hold the same bytes, most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Part = dict[str, Any]  # an attachment as docs/formats.md has it
SAME = ("kind", "name", "type", "size")  # what two notices of one part state alike


def join_files(own: Sequence[Part], copies: Iterable[Sequence[Part]]) -> list[Part]:
    """Join the attachments of a message's entries: those of the entry that tells it, then what only copies have.

    One that a copy has under another address keeps both in `urls`. One of which only the copy's file is held
    has that file.
    """
    joined = [dict(part) for part in own]
    for copy in copies:
        free = list(range(len(joined)))
        for part in copy:
            place = next((n for n in free if _is_same(joined[n], part)), None)
            if place is None:
                joined.append(dict(part) | {"at": joined[-1]["at"] if joined else 0})
            else:
                free.remove(place)
                joined[place] = _both(joined[place], part)
    return joined


def _is_same(one: Part, other: Part) -> bool:
    """Say whether two attachments are one: the same address or bytes, or alike where not both are held."""
    if one["url"] == other["url"] and one["url"]:
        return True
    if one["sha256"] and other["sha256"]:
        return bool(one["sha256"] == other["sha256"])
    return all(one[name] == other[name] for name in SAME)


def _both(one: Part, other: Part) -> Part:
    urls = dict.fromkeys(url for part in (one, other) for url in (part["url"], *part.get("urls", ())) if url)
    both = one | {"urls": list(urls)} if len(urls) > 1 else dict(one)
    if one["status"] == "missing" and other["status"] == "stored":
        both |= {name: other[name] for name in ("url", "sha256", "status")}
        both["urls"] = list(dict.fromkeys([other["url"], *both.get("urls", [])]))
    return both
