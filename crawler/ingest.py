"""From warc/ to the store: volumes whose captures are newer than what was parsed are read and kept.

Each volume is one transaction: after a kill it is as it was, and dirty still.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, overload
from urllib.parse import urljoin

from crawler.disregarded import disregarded
from crawler.entries import Entry, Kept, keep_entries
from crawler.library import Library, Payload
from crawler.mails import settle, sweep, take_up
from crawler.message import Attachment, Status, key_of_text
from crawler.parse.compose import GENERATED_ID, ParsedEntry
from crawler.parse.dates import rfc3339
from crawler.parse.defects import Note
from crawler.parse.notices import Notice, tail
from crawler.parse.volume import VolumeReading, VolumeSource, read_volume
from crawler.parse.wishes import Wishes
from crawler.store import Capture, Ledger, Store, Volume
from crawler.upstream import EDITED, REMOVED, SAME, beside

SURROGATE = re.compile("[\ud800-\udfff]")
ATTACHMENT_FIELDS = tuple(Attachment.__dataclass_fields__)
JSON = json.JSONEncoder(ensure_ascii=False)
HASH_LETTERS = 32
# What was an `@` once, in an address or in anything that looks like one (HyperArch, ARCHIVER_OBSCURES_EMAILADDRS).
OBSCURED = re.compile(r"(?<=[-+,.\w])\s+at\s+(?=[-+.\w])")
NO_ARCHIVE: Literal["no_archive"] = "no_archive"  # a defect of a mail, and the note that counts them
# What became of an entry of a former state ▶ the note that counts it.
UPSTREAM: dict[str, Note] = {SAME: "moved_upstream", EDITED: "edited_upstream", REMOVED: "removed_upstream"}
PARSER = 4  # counts up with each change of what parsing gives; volumes of an older one are read anew by `reparse`


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did: volumes read, messages now new or changed, messages gone."""

    volumes: int
    changed: int
    gone: int


def ingest(
    store: Store,
    payload: Payload,
    *,
    lists: Iterable[str] | None = None,
    progress: Callable[[str, str, int], None] | None = None,
) -> IngestReport:
    """Parse all dirty volumes into the store; `progress` hears of each one (list, volume, its messages)."""
    for list_name, name in disregarded(store):
        if volume := store.volume(list_name, name):
            store.save_volume(replace(volume, dirty=True))
    library = Library(store, payload)
    chosen = set(lists) if lists is not None else None
    counts: Counter[str] = Counter()
    for mailing_list in store.lists():
        if chosen is not None and mailing_list.name not in chosen:
            continue
        take_up(store, payload, mailing_list.name)
        counts += _ingest_list(library, mailing_list.name, progress)
        if settle(store, mailing_list.name):
            counts += _ingest_list(library, mailing_list.name, progress)
            sweep(store, mailing_list.name)
    return IngestReport(counts["volumes"], counts["changed"], counts["gone"])


def _ingest_list(library: Library, name: str, progress: Callable[[str, str, int], None] | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for volume in library.store.volumes(name):
        if volume.dirty:
            entries, reading = read_entries(library, volume)
            kept = _keep(library.store, volume, entries, reading)
            counts.update(volumes=1, changed=kept.changed, gone=kept.gone)
            if progress:
                progress(name, volume.name, len(entries))
    return counts


def _keep(store: Store, volume: Volume, entries: list[Entry], reading: VolumeReading) -> Kept:
    with store.transaction():
        kept = keep_entries(store, volume, entries)
        parsed = sum(not entry.standing for entry in entries)
        purged = len(store.removals.purged(volume.list, volume.name))
        store.save_ledger(account(volume, reading, kept.merged, removed=kept.removed, purged=purged, parsed=parsed))
        store.save_volume(replace(volume, dirty=False, parser=PARSER))
    return kept


def read_entries(library: Library, volume: Volume) -> tuple[list[Entry], VolumeReading]:
    """Read a volume from its captures into rows, in the order of the messages' arrival."""
    captures = library.store.captures(volume.list, volume.name)
    today, reading = _read(library.source(volume.list, volume.name), captures)
    former = [_read(source, captures)[0] for source in library.former_sources(volume.list, volume.name)]
    stay = list[Entry]()
    if former:
        today, stay = beside(today, former)
        reading.notes.update(UPSTREAM[entry.standing] for entry in stay)
    return _withheld([*today, *stay], library, volume, reading), reading


def _withheld(entries: list[Entry], library: Library, volume: Volume, reading: VolumeReading) -> list[Entry]:
    """Mark the entries that ask not to be archived, by themselves, by their page or by what they stand in."""
    whole, pages = library.asking_not_to(volume.list, volume.name)
    marked = [replace(e, defects=_with(e.defects, NO_ARCHIVE)) if whole or e.page in pages else e for e in entries]
    reading.notes[NO_ARCHIVE] = sum(not e.standing and NO_ARCHIVE in json.loads(e.defects) for e in marked)
    return marked


def _with(defects: str, name: str) -> str:
    return _json(sorted({*json.loads(defects), name}))


def _read(source: VolumeSource, captures: Mapping[str, Capture]) -> tuple[list[Entry], VolumeReading]:
    parsed, reading = read_volume(source)
    indexed = {entry.number for entry in reading.index.entries}

    def stored(url: str) -> str | None:
        capture = captures.get(url)
        return capture.sha256 if capture and capture.good else None

    return [_entry(entry, source, entry.number in indexed, stored) for entry in parsed], reading


def _entry(parsed: ParsedEntry, source: VolumeSource, indexed: bool, stored: Callable[[str], str | None]) -> Entry:
    attachments = [_attachment(notice, source.list_url, stored) for notice in parsed.notices]
    date = rfc3339(parsed.epoch) if parsed.epoch is not None else None
    body = _storable(parsed.body)
    text = " ".join([body, *(notice.source for notice in parsed.notices if notice.source)])
    message_id = _storable(parsed.message_id)
    text_key = key_of_text(source.list_name, date or "", f"{_storable(parsed.subject)} {text}")
    told: dict[str, Any] = {
        "message_id": message_id,
        "in_reply_to": _storable(parsed.in_reply_to),
        "refs": _storable(_json(parsed.references)),
        "from_name": _storable(parsed.from_name),
        "from_address": _storable(parsed.from_address),
        "date": date,
        "date_raw": _storable(parsed.date_raw),
        "subject": _storable(parsed.subject),
        "body": body,
        "attachments": _storable(_json([_attachment_row(attachment) for attachment in attachments])),
        "defects": _json(parsed.defects),
    }
    own = message_id is not None and not GENERATED_ID.match(message_id)
    text_hash, bones, marks = _marks_of(text)
    return Entry(
        number=parsed.number,
        page=parsed.page,
        indexed=indexed,
        grp=message_id if own and message_id is not None else text_key,
        text_hash=text_hash,
        bones=bones,
        marks=marks,
        text_key=text_key,
        digest=_hash("\0".join(str(value) for value in (parsed.page, indexed, *told.values()))),
        **told,
    )


def _marks_of(text: str) -> tuple[str, str, int]:
    """Give the hash of a text, blanks folded; that of what no charset loses of it; how many letters it seems to lack.

    An address reads the same whether the archive obscured it or its page undid that. What does not fit a charset
    becomes `?`: so all but ASCII can be lost, and `?` be what is left.
    """
    marked = OBSCURED.sub("@", text.replace("\ufffd", "?"))
    words = marked.split()
    bones = "".join(words).replace("?", "")
    kept = bones if bones.isascii() else bones.encode("ascii", "ignore").decode("ascii")
    return _hash(" ".join(words)), _hash(kept), marked.count("?")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:HASH_LETTERS]


def _attachment(notice: Notice, list_url: str, stored: Callable[[str], str | None]) -> Attachment:
    path = tail(notice.url)
    sha256 = stored(urljoin(list_url, path)) if path else None
    status: Status = "skipped" if path is None else "stored" if sha256 else "missing"
    if sha256 is None and notice.sha256 is not None:  # the mail itself has it
        sha256, status = notice.sha256, "stored"
    if notice.source is not None:
        sha256, status = hashlib.sha256(notice.source.encode("utf-8", "replace")).hexdigest(), "inline"
    return Attachment(
        notice.kind,
        notice.name,
        notice.type,
        notice.size,
        notice.description,
        notice.url,
        sha256,
        status,
        notice.at,
        notice.source,
    )


def _attachment_row(attachment: Attachment) -> dict[str, object]:
    row = {name: getattr(attachment, name) for name in ATTACHMENT_FIELDS}
    for name in ("source", "urls"):  # most have neither, and archives of before know no `urls`
        if not row[name]:
            del row[name]
    return row


def _json(value: Collection[object]) -> str:
    return JSON.encode(value) if value else "[]"


@overload
def _storable(value: str) -> str: ...
@overload
def _storable(value: str | None) -> str | None: ...
def _storable(value: str | None) -> str | None:
    """Keep lone surrogates, which some odd codecs give, out of the database: it holds UTF-8."""
    if value is None or value.isascii() or not SURROGATE.search(value):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def account(
    volume: Volume,
    reading: VolumeReading,
    merged: int,
    *,
    removed: int = 0,
    purged: int = 0,
    parsed: int | None = None,
) -> Ledger:
    """Draw up a volume's ledger: what its index, numbered pages and text claim, and what became of it.

    `parsed` counts its entries, where a former state filled some that nothing but the index told of.
    """
    numbered = {slot.number for slot in reading.slots if slot.number is not None}
    indexed = reading.index.claimed if reading.source.index else None
    bodiless = sum(slot.text is None and slot.page is None and slot.mail is None for slot in reading.slots)
    filled = 0 if parsed is None else len(reading.slots) - parsed
    claims = max(indexed or 0, reading.entries or 0, len(numbered))
    notes: Counter[Note] = Counter(reading.notes)
    if reading.source.index is None and not reading.source.texts and notes["removed_upstream"]:
        notes["volume_removed_upstream"] = 1
    elif not (notes["only_in_mbox"] and notes["only_in_mbox"] == len(reading.slots)):
        notes["index_missing"] += reading.source.index is None
        notes["text_missing"] += reading.entries is None
    notes["page_number_unknown"] += reading.unplaced
    notes["only_in_index"] += bodiless - filled
    notes.update(removed=removed, purged=purged)
    lost = max(0, claims - len(reading.slots)) + bodiless - filled
    return Ledger(
        volume.list,
        volume.name,
        indexed,
        len(numbered) if numbered else None,
        reading.entries,
        len(reading.slots) - filled,
        merged,
        lost,
        {str(reason): count for reason, count in sorted(notes.items()) if count},
        {str(reason): count for reason, count in sorted(Wishes(reading).held().items())},
    )
