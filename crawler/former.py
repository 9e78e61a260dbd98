"""What an address told before: the captures that a newer answer took the place of without telling all that they did.

A volume that grew says all that it said before, and its former state needs no keeping. One that its owner edited,
shortened or rebuilt does not: its former captures stay in the table `former`, with the run (by its file in warc/) that
brought the newer ones. From them each former state of the volume is put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.encodings import PackingTrouble
from crawler.links import kind_of
from crawler.pages import VolumeIndex, read_volume_index
from crawler.parse.message_page import read_page
from crawler.parse.volume_text import unpack
from crawler.store import Capture, Store

Payload = Callable[[Capture], bytes]


@dataclass(frozen=True, slots=True)
class Held:
    """What became of a capture: whether what is held is another thing now, and whether that lost something."""

    changed: bool
    rewritten: bool


def hold(store: Store, payload: Payload, capture: Capture) -> Held:
    """Write down the newest capture of an address, and keep the former one where the new one does not tell all of it.

    A bad answer takes no good one's place; one that says that nothing is there any more is noted (`gone`).
    """
    held = store.capture(capture.url)
    changed = held is None or (held.sha256, held.status) != (capture.sha256, capture.status)
    rewritten = bool(changed and held and held.good and capture.good and not _supersedes(payload, held, capture))
    store.save_capture(capture, keep_former=rewritten)
    return Held(changed, rewritten)


def supersedes(url: str, old: bytes, new: bytes) -> bool:
    """Say whether a newer payload tells all that the older one of the same address told.

    >>> supersedes("http://x.org/p/kitchen/2024-May.txt", b"From a", b"From a, and more")
    True
    """
    kind = kind_of(url)
    if kind == "text":
        return unpack(new).data.startswith(unpack(old).data.rstrip())
    if kind == "index":
        return _lines(read_volume_index(old)) <= _lines(read_volume_index(new))
    if kind == "page":
        return _told(old) == _told(new)
    return True


def states(captures: Iterable[Capture], former: Iterable[tuple[Capture, str]]) -> list[dict[str, Capture]]:
    """Put together each former state of a volume, oldest first: what was held of it before a run changed it.

    `former` gives captures with the run that took their place. Runs are named by their files in warc/, whose names
    sort as they were made.
    """
    spans = [*former, *((c, c.gone or "\uffff") for c in captures if c.good)]
    runs = sorted({until for c, until in spans if until != "\uffff" and kind_of(c.url) in ("text", "index")})
    return [{c.url: c for c, until in spans if c.warc < run <= until} for run in runs]


def current(
    captures: dict[str, Capture], listed: Callable[[Capture], frozenset[int]], *, named: bool
) -> dict[str, Capture]:
    """Choose what a volume's captures say today: what is gone counts as long as nothing else tells.

    A missing text proves nothing while the index stands, and a missing page nothing while it is `listed` there.
    Where texts and index are gone, so are the pages, asked for or not, unless the list's index still has the
    volume (`named`): then it is the server that is in trouble.
    """
    good = {url: c for url, c in captures.items() if c.good}
    texts, indexes = ({u: c for u, c in good.items() if kind_of(u) == kind} for kind in ("text", "index"))
    frame = {**texts, **indexes}
    if frame and not named and all(c.gone for c in frame.values()):
        return {}
    standing = {url: c for url, c in texts.items() if not c.gone} or texts
    numbers = frozenset[int]().union(*(listed(c) for url, c in indexes.items() if url.endswith("/thread.html")))
    pages = {url: c for url, c in good.items() if url not in frame and (not c.gone or _number(url) in numbers)}
    return {**standing, **indexes, **pages}


def _supersedes(payload: Payload, old: Capture, new: Capture) -> bool:
    if kind_of(new.url) == "attachment":
        return True
    try:
        return supersedes(new.url, payload(old), payload(new))
    except PackingTrouble:
        return False


def _lines(index: VolumeIndex) -> set[tuple[int, str]]:
    return {(entry.number, entry.subject) for entry in index.entries}


def _told(data: bytes) -> tuple[object, ...]:
    """Give what a page tells of its message; its date and links are written anew when its neighbours change."""
    page = read_page(data)
    return page.subject, page.author, page.address, page.message_id, page.in_reply_to, page.body


def _number(url: str) -> int | None:
    stem = urlsplit(url).path.rpartition("/")[2].partition(".")[0]
    return int(stem) if stem.isascii() and stem.isdigit() else None
