"""Taking messages out of an archive, for good or until they are wanted back; and purging them from warc/.

removals.jsonl is written first, so that whatever ends a run, the next step heeds it. The caller holds the
archive's lock, and brings index and site up to the database afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from crawler.config import load as load_settings
from crawler.disregarded import heed
from crawler.errors import UsageError
from crawler.excise import Excision, entry_print, file_print, page_print
from crawler.former import hold
from crawler.ingest import ingest
from crawler.library import Library
from crawler.message import Message, key
from crawler.moves import Homes
from crawler.parse.notice_forms import TAIL
from crawler.parse.notices import tail
from crawler.parse.volume import best_text, read_slots
from crawler.parse.volume_text import TextEntry, read_entry, split
from crawler.removals import Removal, Removals, append
from crawler.store import Store
from crawler.warc import Place, WarcReader, scan
from crawler.warc_purge import Purge, purge_warc

# Defects of a message whose Message-ID does not tell it from others, or another time.
NOT_BY_ID = frozenset({"message_id_taken", "message_id_generated", "message_id_missing"})
COPIES = """
SELECT e.volume, e.ordinal
FROM entries e JOIN entries told ON e.list = told.list AND e.grp = told.grp AND e.bones = told.bones
WHERE told.entry = (SELECT entry FROM messages WHERE id = :id UNION SELECT entry FROM taken_out WHERE id = :id)
ORDER BY e.starts, e.volume, e.ordinal"""
STATES = ("captures", "former", "mails", "parts")  # tables whose rows say where in warc/ a payload is


def take_out(
    folder: Path, store: Store, messages: Sequence[Message], *, reason: str | None, now: str, purge: bool = False
) -> list[Removal]:
    """Take messages out of all that is derived; with `purge` write down how to know them again, too."""
    with WarcReader(folder) as reader:
        library = Library(store, reader.payload)
        removals = [_removal(store, library, message, reason, now, purge=purge) for message in messages]
    append(folder, removals)
    heed(folder, store)
    return removals


def bring_back(folder: Path, store: Store, ids: Iterable[str]) -> int:
    """Undo removals; give how many. UsageError for what was purged, or not taken out at all."""
    chosen = [removal for id in ids if (removal := _known(store, id))]
    append(folder, [Removal(removal.id, undone=True) for removal in chosen])
    heed(folder, store)
    return len(chosen)


def in_hand(folder: Path, store: Store, id: str) -> Message | None:
    """Give a message that is out and not purged, as it would be if it were back.

    The file says all the while that it is out; the next step that heeds it takes it out again.
    """
    store.removals = Removals({other.id: other for other in store.removals if other.id != id})
    with WarcReader(folder) as reader:
        ingest(store, reader.payload)
    return store.message(id)


def purge_away(folder: Path, store: Store, software: str) -> Purge:
    """Take all purged messages out of warc/ and out of the database's file; what was done already stays done."""
    names = {removal.list for removal in store.removals if removal.purged}
    excisions = {name: Excision(name, store.removals) for name in names}

    homes = Homes(load_settings(folder).lists)

    def is_held(url: str, place: Place) -> bool:
        capture = store.capture(homes.home(url))
        return capture is not None and Place(capture.warc, capture.offset) == place

    done = purge_warc(folder, excisions.get, is_held, software)
    if done.urls:
        _take_in_again(folder, store, {*done.urls, *map(homes.home, done.urls)})
    with WarcReader(folder) as reader:
        ingest(store, reader.payload)
    store.db.execute("VACUUM")  # which leaves nothing of deleted rows in the file
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return done


def _take_in_again(folder: Path, store: Store, urls: set[str]) -> None:
    """Read again what warc/ holds of some addresses, and have their volumes parsed anew."""
    with WarcReader(folder) as reader, store.transaction():
        for url in urls:
            capture = store.capture(url)
            for table in STATES:
                store.db.execute(f"DELETE FROM {table} WHERE url = ?", (url,))  # noqa: S608 - one of STATES
            volume = store.volume(capture.list, capture.volume) if capture and capture.volume else None
            if volume:
                store.save_volume(replace(volume, dirty=True))
        for capture in scan(folder):
            if capture.url in urls:
                hold(store, reader.payload, capture)


def _known(store: Store, id: str) -> Removal:
    removal = store.removals.by_id.get(id)
    if removal is None:
        raise UsageError(f"{id} was not taken out.", hint="`hamelin remove` lists what was.")
    if removal.purged:
        raise UsageError(f"{id} was purged: nothing of it is held.", hint="Its list's server may have it yet.")
    return removal


def _removal(store: Store, library: Library, message: Message, reason: str | None, now: str, *, purge: bool) -> Removal:
    copies = store.db.execute(COPIES, {"id": message.id}).fetchall()
    addresses = [url for part in message.attachments for url in (part.url, *part.urls) if url]
    folders = dict.fromkeys(match[0].rpartition("/")[0] for url in addresses if (match := TAIL.search(url)))
    prints, files = (_prints(library, message, copies), _files(store, message)) if purge else ((), ())
    by_id = NOT_BY_ID.isdisjoint(message.defects) and message.id == key(message.list, message.message_id or "")
    return Removal(
        message.id,
        message.list,
        message.thread,
        tuple(dict.fromkeys(volume for volume, _ in copies)),
        tuple(dict.fromkeys((*message.pages, *folders))),
        now,
        reason,
        purge,
        purge and by_id,
        prints,
        files,
    )


def _prints(library: Library, message: Message, copies: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Make the fingerprints of a message as each volume's text and page tell it."""
    found: dict[str | None, None] = {}
    for volume, ordinal in copies:
        reading = read_slots(library.source(message.list, volume))
        if ordinal < len(reading.slots):
            slot = reading.slots[ordinal]
            found |= dict.fromkeys([page_print(slot.page)] if slot.page else [])
            found |= dict.fromkeys(_text_prints(reading.source.texts, slot.text, reading.charset))
            found |= dict.fromkeys([entry_print(slot.mail.entry)] if slot.mail else [])
    return tuple(one for one in found if one)


def _text_prints(texts: tuple[bytes, ...], entry: TextEntry | None, charset: str | None) -> list[str]:
    """Make the fingerprints of an entry as it is read again later, when nobody knows its text's charset."""
    text, _ = best_text(texts)
    if entry is None or text is None:
        return []
    return [entry_print(read_entry(chunk, None)) for chunk in split(text.data) if read_entry(chunk, charset) == entry]


def _files(store: Store, message: Message) -> tuple[str, ...]:
    """Make the fingerprints of a message's attachments, but for those that another message has, too."""
    own = {path for part in message.attachments for url in (part.url, *part.urls) if (path := tail(url))}
    for id, _, urls in store.old_addresses(message.list) if own else ():
        if id != message.id:
            own -= {path for url in urls if (path := tail(url))}
    return tuple(sorted(mark for path in own if (mark := file_print(path))))
