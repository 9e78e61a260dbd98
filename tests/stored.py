"""Archives for tests of what comes after parsing: messages put straight into a store, as ingest would leave them.

    config = archive(folder, [letter("Soup", "Onions first."), letter("Re: Soup", "> Onions first.\\nWhy?")])

Nothing is fetched or parsed, so that such a test fails for its own reasons only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from crawler.config import Config, load
from crawler.message import Attachment, Kind, key
from crawler.store import MailingList, Store
from indexer.files.reading import Reading
from indexer.files.texts import Texts, key_of

DAY = 86400
START = int(datetime(2004, 3, 1, 9, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Letter:
    """A message as a store holds it; `date` in seconds since 1970 UTC, None for none."""

    subject: str
    body: str
    name: str | None = "Ada Porter"
    address: str | None = "ada@example.org"
    list: str = "kitchen"
    date: int | None = START
    message_id: str | None = None
    thread: str | None = None
    number: int = 0
    attachments: tuple[Attachment, ...] = ()
    file_texts: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id that this message has for ever."""
        return key(self.list, self.message_id or f"<{self.number}@example.org>")

    @property
    def thread_key(self) -> str:
        """The key of its thread; without one it is alone."""
        return key(self.list, self.thread) if self.thread else self.id


def letter(subject: str, body: str, **known: object) -> Letter:
    """Write a letter."""
    return replace(Letter(subject, body), **known)  # type: ignore[arg-type]  # as replace takes them


def numbered(letters: Iterable[Letter]) -> list[Letter]:
    """Number letters, each a day after the one before where they have the usual date."""
    return [
        replace(one, number=number, date=START + number * DAY if one.date == START else one.date)
        for number, one in enumerate(letters)
    ]


def attachment(name: str, type: str = "text/plain") -> Attachment:
    """Make an attachment that is kept nowhere."""
    return Attachment("other", name, type, None, None, None, None, "missing", 0)


def file_with_text(name: str, text: str, kind: Kind = "other", type: str = "text/plain") -> Attachment:
    """Make an attachment whose bytes are held; its text goes into the letter's `file_texts`."""
    sha256 = hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()
    return Attachment(kind, name, type, None, None, None, sha256, "stored", 0)


def archive(folder: Path, letters: Iterable[Letter], languages: dict[str, str] | None = None) -> Config:
    """Make an archive that holds letters; lists are English but for those in `languages`."""
    folder.mkdir(parents=True, exist_ok=True)
    written = numbered(letters)
    with Store.open(folder) as store:
        hold(store, written, languages)
    keep_texts(folder, written)
    return load(folder)


def keep_texts(folder: Path, letters: Iterable[Letter]) -> None:
    """Keep the texts of letters' files as if they had been read: `file_texts`, in the order of the attachments."""
    read = [
        (key_of(part, None), text)
        for one in letters
        for part, text in zip(one.attachments, one.file_texts, strict=False)
    ]
    if read:
        with Texts.open(folder) as texts:
            texts.keep((place, Reading("read", None, text, "plain", 1)) for place, text in read if place)


def hold(store: Store, letters: Iterable[Letter], languages: dict[str, str] | None = None) -> None:
    """Put letters into a store as one change; one whose id is held takes that one's place."""
    with store.transaction():
        revision = store.next_revision()
        for one in letters:
            language = (languages or {}).get(one.list, "en")
            store.save_list(MailingList(one.list, f"https://example.org/{one.list}/", language=language))
            _hold(store, one, revision)


def remove(store: Store, id: str) -> None:
    """Take a message out of a store."""
    with store.transaction():
        row = store.db.execute("SELECT list, entry FROM messages WHERE id = ?", (id,)).fetchone()
        store.db.execute("DELETE FROM messages WHERE id = ?", (id,))
        store.db.execute("DELETE FROM entries WHERE entry = ?", (row[1],))
        store.db.execute("INSERT INTO deletions VALUES (?, ?, ?)", (id, row[0], store.next_revision()))


def _fillers(store: Store) -> dict[str, object]:
    """Give something for the columns of entries that only merging reads."""
    columns = store.db.execute("PRAGMA table_info(entries)").fetchall()
    return {name: 0 if kind == "INTEGER" else "" for _, name, kind, needed, *_ in columns if needed}


def _hold(store: Store, one: Letter, revision: int) -> None:
    date = None if one.date is None else datetime.fromtimestamp(one.date, UTC)
    volume = date.strftime("%Y-%B") if date else "2004-March"
    parts = json.dumps([{f: getattr(part, f) for f in Attachment.__slots__} for part in one.attachments])
    entry = {
        **_fillers(store),
        "list": one.list,
        "volume": volume,
        "starts": (one.date or START) // DAY,
        "ordinal": one.number,
        "number": one.number,
        "page": f"{volume}/{one.number:06}.html",
        "grp": one.id,
        "message_id": one.message_id or f"<{one.number}@example.org>",
        "in_reply_to": one.thread,
        "refs": json.dumps([one.thread] if one.thread else []),
        "from_name": one.name,
        "from_address": one.address,
        "date": date.strftime("%Y-%m-%dT%H:%M:%SZ") if date else None,
        "subject": one.subject,
        "body": one.body,
        "attachments": parts,
        "defects": json.dumps(one.defects),
    }
    held = store.db.execute("SELECT entry FROM messages WHERE id = ?", (one.id,)).fetchone()
    if held:
        store.db.execute("DELETE FROM entries WHERE entry = ?", held)
    marks = ", ".join("?" * len(entry))
    cursor = store.db.execute(f"INSERT INTO entries ({', '.join(entry)}) VALUES ({marks})", tuple(entry.values()))
    digest = hashlib.sha256(repr(one).encode()).hexdigest()
    row = (one.id, one.list, cursor.lastrowid, one.id, "[]", "[]", one.thread_key, digest, revision)
    columns = "id, list, entry, grp, pages, defects, thread, digest, revision"
    store.db.execute("DELETE FROM deletions WHERE id = ?", (one.id,))
    store.db.execute(f"INSERT OR REPLACE INTO messages ({columns}) VALUES ({', '.join('?' * len(row))})", row)
