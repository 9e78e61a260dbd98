"""The mails of raw mboxes: where each lies in warc/, which volume it belongs to, and their files.

An mbox is kept in pieces, each a capture of its own whose address is the mbox's with a fragment; a piece holds whole
mails. `take_up` notes what new pieces hold, `settle` finds mails their volumes, `Shelf` gives them back.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from urllib.parse import urljoin

from crawler.encodings import PackingTrouble
from crawler.message import Attachment
from crawler.parse.dates import (
    DAY,
    Frequency,
    frequency_of,
    read_date,
    read_envelope,
    read_local_date,
    volume_name,
    volume_span,
)
from crawler.parse.encoded_words import unfold
from crawler.parse.mail import Mail, part_data, read_mail
from crawler.parse.mbox import PIECE, mails
from crawler.parse.notices import tail
from crawler.store import Capture, Store, Volume

Payload = Callable[[Capture], bytes]

NUMBER = re.compile(r"\d{1,9}\Z")  # of a piece that was fetched, behind the `#`
CUT = 206  # the status of a piece whose last mail goes on in the next one
SKEW = 15 * DAY  # a Date header that is later than the arrival by more is wrong (ARCHIVER_ALLOWABLE_SANE_DATE_SKEW)
HELD_PIECES = 2  # that a shelf keeps in memory

PIECES = (
    "SELECT url FROM captures WHERE list = ? AND volume IS NULL AND status < 300 AND instr(url, ?) > 0 ORDER BY url"
)
ADD = "INSERT OR IGNORE INTO mails (list, digest, url, start, size, message_id, volume) VALUES (?, ?, ?, ?, ?, ?, ?)"
ADD_PART = "INSERT OR IGNORE INTO parts (sha256, url, start, size, place) VALUES (?, ?, ?, ?, ?)"
OF_VOLUME = "SELECT url, start, size FROM mails WHERE list = ? AND volume = ? ORDER BY url, start"
# Mails whose message another volume shows on a page, and their own volume does not.
ASTRAY = (
    "SELECT m.digest, m.volume, min(e.volume) FROM mails m JOIN entries e ON e.list = m.list AND e.grp = m.message_id"
    " WHERE m.list = ? AND e.page IS NOT NULL GROUP BY m.digest HAVING sum(e.volume = m.volume) = 0"
)
# Volumes of which nothing was ever fetched, and no mail is there.
EMPTY = "DELETE FROM {table} WHERE list = ? AND" + " AND".join(
    f" NOT EXISTS (SELECT 1 FROM {other} o WHERE o.list = {{table}}.list AND o.volume = {{table}}.{{column}})"
    for other in ("captures", "former", "mails", "entries")
)


class Shelf:
    """Where mails and their files are found, read through a store and a way to a capture's payload."""

    def __init__(self, store: Store, payload: Payload) -> None:
        self.store = store
        self._payload, self._fetched = lru_cache(maxsize=HELD_PIECES)(payload), payload

    def of_volume(self, list_name: str, volume: str) -> Iterator[bytes]:
        """Give the mails of a volume as they lie in their mbox, in its order."""
        for place in self.store.db.execute(OF_VOLUME, (list_name, volume)).fetchall():
            if (raw := self._raw(*place)) is not None:
                yield raw

    def part(self, sha256: str) -> bytes | None:
        """Give a file that came in a mail, by the digest of its bytes."""
        sql = "SELECT url, start, size, place FROM parts WHERE sha256 = ?"
        found = self.store.db.execute(sql, (sha256,)).fetchone()
        raw = self._raw(*found[:3]) if found else None
        return part_data(raw, found[3]) if raw is not None else None

    def file(self, part: Attachment, list_url: str) -> bytes | None:
        """Give the bytes that are held of an attachment: what the server sent of it, else what its mail has."""
        if part.source is not None:
            return part.source.encode("utf-8", "replace")
        path = tail(part.url)
        capture = self.store.capture(urljoin(list_url, path)) if path and part.sha256 else None
        if capture and capture.good:
            try:
                return self._fetched(capture)
            except PackingTrouble:
                return None
        return self.part(part.sha256) if part.sha256 else None

    def _raw(self, url: str, start: int, size: int) -> bytes | None:
        capture = self.store.capture(url)
        return self._payload(capture)[start : start + size] if capture and capture.good else None


def digest(raw: bytes) -> str:
    """Make the name of a mail's bytes: blanks at its end and the form of its line ends do not count."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n").rstrip()).hexdigest()[:32]


def is_held(store: Store, list_name: str, raw: bytes) -> bool:
    """Say whether a mail is held already."""
    sql = "SELECT 1 FROM mails WHERE list = ? AND digest = ?"
    return store.db.execute(sql, (list_name, digest(raw))).fetchone() is not None


def take_up(store: Store, payload: Payload, list_name: str, names: Iterable[str] = ()) -> int:
    """Note the mails of the pieces that are new, each in the volume of its date; give how many were not there.

    Their volumes become dirty, and are made where there are none; `names` are those of volumes that the list's index
    has, which tell how often the list begins one.
    """
    known = {url for (url,) in store.db.execute("SELECT DISTINCT url FROM mails WHERE list = ?", (list_name,))}
    new = [url for (url,) in store.db.execute(PIECES, (list_name, PIECE)) if url not in known]
    if not new:
        return 0
    usual, taken = _frequency([*names, *(volume.name for volume in store.volumes(list_name))]), 0
    for url in new:
        capture = store.capture(url)
        assert capture, "it was just found"
        with store.transaction():
            taken += _take_piece(store, capture, payload(capture), usual)
    return taken


def settle(store: Store, list_name: str) -> int:
    """Move mails to the volumes whose pages show them; give how many were moved. Both volumes become dirty."""
    astray = store.db.execute(ASTRAY, (list_name,)).fetchall()
    with store.transaction():
        for name, volume, right in astray:
            store.db.execute("UPDATE mails SET volume = ? WHERE list = ? AND digest = ?", (right, list_name, name))
            store.db.execute(
                "UPDATE volumes SET dirty = 1 WHERE list = ? AND name IN (?, ?)", (list_name, volume, right)
            )
    return len(astray)


def sweep(store: Store, list_name: str) -> None:
    """Take away volumes that were made for mails which then moved all to others."""
    for table, column in (("ledger", "volume"), ("volumes", "name")):
        store.db.execute(EMPTY.format(table=table, column=column), (list_name,))


def _take_piece(store: Store, capture: Capture, data: bytes, usual: Frequency) -> int:
    raws = list(mails([data]))
    starts = [0, *accumulate(len(raw) for raw in raws)]
    first = data.find(raws[0]) if raws else 0
    taken, moment = 0, 0
    for raw, start in zip(raws[: -1 if capture.status == CUT else None], starts, strict=False):
        mail = read_mail(raw)
        moment = time_of(mail, moment)
        message_id = mail.entry.headers.get("message-id", "").strip() or None
        volume = _shown_in(store, capture.list, message_id) or volume_name(moment, usual)
        row = (capture.list, digest(raw), capture.url, first + start, len(raw), message_id, volume)
        if store.db.execute(ADD, row).rowcount:
            taken += 1
            _make_dirty(store, capture.list, volume)
            parts = [(part.sha256, capture.url, first + start, len(raw), part.place) for part in mail.parts]
            store.db.executemany(ADD_PART, parts)
    return taken


def pieces_of(store: Store, list_name: str, url: str) -> list[str]:
    """Give the addresses of the pieces of an mbox that were fetched, as they came. Imported ones have no number."""
    found = [piece for (piece,) in store.db.execute(PIECES, (list_name, f"{url}#"))]
    numbered = [(int(number), piece) for piece in found if NUMBER.match(number := piece.rpartition("#")[2])]
    return [piece for _, piece in sorted(numbered)]


def last_mail(data: bytes) -> int | None:
    """Give the place of the last mail of a piece, in bytes; None where there is none."""
    raws = list(mails([data]))
    return data.find(raws[0]) + sum(map(len, raws[:-1])) if raws else None


def time_of(mail: Mail, previous: int) -> int:
    """Tell the time by which a mail is archived: its Date's, unless that cannot be; its arrival's; the last mail's.

    Mailman's rule (HyperArch, Article.__init__): no Date long after the arrival, and none before 1970.
    """
    arrivals = [read_date(value) for value in mail.arrivals] + [read_envelope(mail.entry.envelope)]
    arrival = next((found for found in arrivals if found is not None), None)
    raw = unfold(mail.entry.headers.get("date", ""))
    dated = read_date(raw)
    dated = read_local_date(raw) if dated is None else dated
    if dated is not None and dated >= 0 and (arrival is None or dated <= arrival + SKEW):
        return dated
    return previous + 1 if arrival is None else arrival


def _shown_in(store: Store, list_name: str, message_id: str | None) -> str | None:
    sql = "SELECT min(volume) FROM entries WHERE list = ? AND grp = ? AND page IS NOT NULL"
    found = store.db.execute(sql, (list_name, message_id)).fetchone() if message_id else None
    return str(found[0]) if found and found[0] else None


def _make_dirty(store: Store, list_name: str, name: str) -> None:
    sql = "UPDATE volumes SET dirty = 1 WHERE list = ? AND name = ?"
    if not store.db.execute(sql, (list_name, name)).rowcount:
        span = volume_span(name)
        store.save_volume(Volume(list_name, name, span[0] if span else 0, name, complete=True))


def _frequency(names: Iterable[str]) -> Frequency:
    """Say how often a list begins a volume: as most of its volumes do, else monthly."""
    votes = Counter(frequency_of(name) for name in names)
    best = votes.most_common(1)
    return (best[0][0] if best else None) or "monthly"
