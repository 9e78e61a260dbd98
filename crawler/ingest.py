"""From warc/ to the store: volumes whose captures are newer than what was parsed are read and kept.

Each volume is one transaction: after a kill it is as it was, and dirty still.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from crawler.entries import Entry, Kept, keep_entries, row
from crawler.library import Library, Payload
from crawler.message import Attachment, Status, key_of_text
from crawler.parse.compose import GENERATED_ID, ParsedEntry
from crawler.parse.dates import rfc3339
from crawler.parse.defects import Note
from crawler.parse.notices import Notice, tail
from crawler.parse.volume import VolumeReading, VolumeSource, read_volume
from crawler.store import Ledger, Store, Volume

SURROGATE = re.compile("[\ud800-\udfff]")
# What a text that does not fit its charset loses or gains: all but ASCII, and `?`; blanks go with them.
LOSABLE = re.compile(r"[^\x21-\x3e\x40-\x7e]+")
ATTACHMENT_FIELDS = tuple(Attachment.__dataclass_fields__)
DIGEST_LENGTH = 32
PARSER = 1  # counts up with each change of what parsing gives; volumes of an older one are read anew by `reparse`


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
    library = Library(store, payload)
    chosen = set(lists) if lists is not None else None
    counts: Counter[str] = Counter()
    for mailing_list in store.lists():
        if chosen is not None and mailing_list.name not in chosen:
            continue
        for volume in store.volumes(mailing_list.name):
            if volume.dirty:
                entries, reading = read_entries(library, volume)
                kept = _keep(store, volume, entries, reading)
                counts.update(volumes=1, changed=kept.changed, gone=kept.gone)
                if progress:
                    progress(mailing_list.name, volume.name, len(entries))
    return IngestReport(counts["volumes"], counts["changed"], counts["gone"])


def _keep(store: Store, volume: Volume, entries: list[Entry], reading: VolumeReading) -> Kept:
    with store.transaction():
        kept = keep_entries(store, volume, entries)
        store.save_ledger(account(volume, reading, kept.merged))
        store.save_volume(replace(volume, dirty=False, parser=PARSER))
    return kept


def read_entries(library: Library, volume: Volume) -> tuple[list[Entry], VolumeReading]:
    """Read a volume from its captures into rows, in the order of the messages' arrival."""
    source = library.source(volume.list, volume.name)
    parsed, reading = read_volume(source)
    captures = library.store.captures(volume.list, volume.name)
    indexed = {entry.number for entry in reading.index.entries}

    def stored(url: str) -> str | None:
        capture = captures.get(url)
        return capture.sha256 if capture and capture.good else None

    return [_entry(entry, source, entry.number in indexed, stored) for entry in parsed], reading


def _entry(parsed: ParsedEntry, source: VolumeSource, indexed: bool, stored: Callable[[str], str | None]) -> Entry:
    attachments = [_attachment(notice, source.list_url, stored) for notice in parsed.notices]
    date = rfc3339(parsed.epoch) if parsed.epoch is not None else None
    text_key = key_of_text(source.list_name, date or "", f"{parsed.subject} {parsed.body}")
    own = parsed.message_id and not GENERATED_ID.match(parsed.message_id)
    entry = Entry(
        parsed.number,
        parsed.page,
        indexed,
        parsed.message_id if own and parsed.message_id else text_key,
        key_of_text("", "", parsed.body.replace("\ufffd", "?")),
        key_of_text("", "", LOSABLE.sub("", parsed.body)),
        parsed.body.count("?") + parsed.body.count("\ufffd"),
        text_key,
        "",
        parsed.message_id,
        parsed.in_reply_to,
        _json(parsed.references),
        parsed.from_name,
        parsed.from_address,
        date,
        parsed.date_raw,
        parsed.subject,
        parsed.body,
        _json([_attachment_row(attachment) for attachment in attachments]),
        _json(parsed.defects),
    )
    values: list[Any] = [_storable(value) for value in row(entry)]
    digest = hashlib.sha256(repr(values).encode()).hexdigest()[:DIGEST_LENGTH]
    return replace(Entry(*values), digest=digest)


def _attachment(notice: Notice, list_url: str, stored: Callable[[str], str | None]) -> Attachment:
    path = tail(notice.url)
    sha256 = stored(urljoin(list_url, path)) if path else None
    status: Status = "skipped" if path is None else "stored" if sha256 else "missing"
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
    if attachment.source is None:
        del row["source"]
    return row


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _storable(value: object) -> object:
    """Keep lone surrogates, which some odd codecs give, out of the database: it holds UTF-8."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if SURROGATE.search(value) else value


def account(volume: Volume, reading: VolumeReading, merged: int) -> Ledger:
    """Draw up a volume's ledger: what its index, numbered pages and text claim, and what became of it."""
    numbered = {slot.number for slot in reading.slots if slot.number is not None}
    indexed = reading.index.claimed if reading.source.index else None
    bodiless = sum(slot.text is None and slot.page is None for slot in reading.slots)
    claims = max(indexed or 0, reading.entries or 0, len(numbered))
    notes: Counter[Note] = Counter(reading.notes)
    notes["index_missing"] += reading.source.index is None
    notes["text_missing"] += reading.entries is None
    notes["page_number_unknown"] += reading.unplaced
    notes["only_in_index"] += bodiless
    lost = max(0, claims - len(reading.slots)) + bodiless
    return Ledger(
        volume.list,
        volume.name,
        indexed,
        len(numbered) if numbered else None,
        reading.entries,
        len(reading.slots),
        merged,
        lost,
        {str(reason): count for reason, count in sorted(notes.items()) if count},
    )
