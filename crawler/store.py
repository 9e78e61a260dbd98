"""archive.sqlite: lists, captures, volumes, messages and the ledger, read and written.

Everything in it is derived from warc/ (and hamelin.toml): it can be deleted and made again.
What an entry or a message *is* gets decided elsewhere (parse/, merge.py); this keeps and finds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from crawler.errors import ArchiveTrouble
from crawler.message import Heading, Message, read_attachment
from crawler.removals import Removals, load
from crawler.schema import connect, migrate

DATABASE = "archive.sqlite"
GONE = frozenset({404, 410})  # answers that say that nothing is there
REFUSALS = frozenset(range(400, 500)) - {408, 429}  # answers that leave nothing to wait for


@dataclass(frozen=True, slots=True)
class MailingList:
    """A list of the archive: its name, the URL of its archive, and what its pages said."""

    name: str
    url: str
    title: str | None = None
    charset: str | None = None
    language: str | None = None
    listinfo: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A response that we hold: where in warc/, and the validators to ask again with.

    `fetched_at` in seconds since 1970 UTC, `size` and `sha256` of the payload, content encodings undone,
    `warc` a file name below warc/, `offset` in bytes of its compressed record. `gone` is the file below warc/ with the
    answer that nothing is there any more or, of a refusal, that it is final, `noarchive` says that it asks not to be
    published.
    """

    url: str
    list: str
    volume: str | None
    status: int
    fetched_at: int
    etag: str | None
    last_modified: str | None
    sha256: str
    size: int
    warc: str
    offset: int
    gone: str | None = None
    noarchive: bool = False

    @property
    def good(self) -> bool:
        """Say whether the response carried what was asked for."""
        return 200 <= self.status < 300


FORMER_MARKS = ", ".join("?" * (len(fields(Capture)) + 1))


@dataclass(frozen=True, slots=True)
class Volume:
    """A period of a list's archive, and how far we are with it.

    `starts` is the day it begins (days since 1970-01-01), `row` the text of its row in the list
    index. `settled`: fetched after it could still grow; `complete`: all that its plan wants
    was asked for; `dirty`: a capture is newer than what was parsed; `parser`: by which version;
    `checked`: when all of it was last asked for, in seconds since 1970 UTC, and `checks` how often since it settled.
    """

    list: str
    name: str
    starts: int
    row: str
    settled: bool = False
    complete: bool = False
    dirty: bool = True
    parser: int = 0
    checked: int = 0
    checks: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """A volume's account: what its index, its numbered pages and its text claim, and what became of it.

    A claim is None where its source is not held. `notes` maps a reason to a count, `pages` why pages were wanted.
    """

    list: str
    volume: str
    indexed: int | None
    numbered: int | None
    entries: int | None
    parsed: int
    merged: int
    lost: int
    notes: dict[str, int]
    pages: dict[str, int] = field(default_factory=dict)


class Store:
    """One archive's database; open it with `Store.open`, end it with `close` or as a context."""

    def __init__(self, connection: sqlite3.Connection, removals: Removals | None = None) -> None:
        self.db, self.removals = connection, removals or Removals()

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open or make the database in an archive's folder; ArchiveTrouble when it is newer than we are or damaged."""
        path, removals = folder / DATABASE, load(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            db = connect(path)
            try:
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA synchronous = NORMAL")  # with WAL a power cut costs the newest change
                migrate(db, path)
            except BaseException:
                db.close()  # which takes the log's files away again: what is refused stays as it was
                raise
        except (sqlite3.DatabaseError, OSError) as error:
            hint = "Delete it and run `hamelin reparse --write`: it is made again from warc/."
            raise ArchiveTrouble(f"The database {path} cannot be opened: {error}.", hint=hint) from error
        return cls(db, removals)

    def close(self) -> None:
        """End the connection."""
        self.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written inside appear at once or not at all; nests into the outer one."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    # lists

    def save_list(self, mailing_list: MailingList) -> None:
        """Add a list, or write anew what is known of it."""
        _upsert(self.db, "lists", mailing_list, key=("name",))

    def lists(self) -> list[MailingList]:
        """Give all lists by name."""
        return [
            MailingList(*row) for row in self.db.execute(f"SELECT {_columns(MailingList)} FROM lists ORDER BY name")
        ]

    # captures

    def save_capture(self, capture: Capture, *, keep_former: bool = False) -> None:
        """Keep where a response is, the one before it too if told so. Its volume becomes dirty.

        A bad one never takes the place of a good one; one that says that nothing is there is noted with it. A
        refusal that comes a second time is final.
        """
        held = self.capture(capture.url)
        if held and held.good and not capture.good:
            if held.gone is not None or capture.status not in GONE:
                return
            capture = replace(held, gone=capture.warc)
        elif held and held.status == capture.status and capture.status in REFUSALS:
            capture = replace(capture, gone=held.gone or held.warc)
        with self.transaction():
            if held and keep_former:
                sql = f"INSERT OR REPLACE INTO former ({_columns(Capture)}, until) VALUES ({FORMER_MARKS})"
                self.db.execute(sql, (*astuple(held), capture.warc))
            _upsert(self.db, "captures", capture, key=("url",))
            same = held and (held.sha256, held.status) == (capture.sha256, capture.status)
            if held and same and held.noarchive == capture.noarchive and (held.gone == capture.gone or not held.good):
                return
            self.db.execute("UPDATE volumes SET dirty = 1 WHERE list = ? AND name = ?", (capture.list, capture.volume))
            if capture.volume is None and (held.noarchive if held else False) != capture.noarchive:
                self.db.execute("UPDATE volumes SET dirty = 1 WHERE list = ?", (capture.list,))

    def capture(self, url: str) -> Capture | None:
        """Give the response that we hold of a URL."""
        row = self.db.execute(f"SELECT {_columns(Capture)} FROM captures WHERE url = ?", (url,)).fetchone()
        return Capture(*row) if row else None

    def captures(self, list_name: str, volume: str | None) -> dict[str, Capture]:
        """Give the responses of one volume (None: of the list itself) by their URL."""
        sql = f"SELECT {_columns(Capture)} FROM captures WHERE list = ? AND volume IS ? ORDER BY url"
        return {row[0]: Capture(*row) for row in self.db.execute(sql, (list_name, volume))}

    def former(self, list_name: str, volume: str) -> list[tuple[Capture, str]]:
        """Give what a volume's addresses told before, with the file below warc/ of what took its place, by URL."""
        sql = f"SELECT {_columns(Capture)}, until FROM former WHERE list = ? AND volume = ? ORDER BY url, warc, offset"
        return [(Capture(*row[:-1]), row[-1]) for row in self.db.execute(sql, (list_name, volume))]

    def captured(self, list_name: str) -> bool:
        """Say whether anything good was answered of a list."""
        sql = "SELECT 1 FROM captures WHERE list = ? AND status < 300 LIMIT 1"
        return self.db.execute(sql, (list_name,)).fetchone() is not None

    def captured_volumes(self, list_name: str) -> list[str]:
        """Name the volumes of a list of which anything was answered, by name."""
        sql = "SELECT DISTINCT volume FROM captures WHERE list = ? AND volume IS NOT NULL ORDER BY volume"
        return [name for (name,) in self.db.execute(sql, (list_name,))]

    # volumes

    def save_volume(self, volume: Volume) -> None:
        """Add a volume, or write anew how far we are with it."""
        _upsert(self.db, "volumes", volume, key=("list", "name"))

    def volumes(self, list_name: str) -> list[Volume]:
        """Give a list's volumes, oldest first."""
        sql = f"SELECT {_columns(Volume)} FROM volumes WHERE list = ? ORDER BY starts, name"
        return [_volume(row) for row in self.db.execute(sql, (list_name,))]

    def volume(self, list_name: str, name: str) -> Volume | None:
        """Give one volume."""
        sql = f"SELECT {_columns(Volume)} FROM volumes WHERE list = ? AND name = ?"
        row = self.db.execute(sql, (list_name, name)).fetchone()
        return _volume(row) if row else None

    # the ledger

    def save_ledger(self, ledger: Ledger) -> None:
        """Write a volume's account."""
        values = [json.dumps(v, sort_keys=True) if isinstance(v, dict) else v for v in astuple(ledger)]
        marks = ", ".join("?" * len(values))
        self.db.execute(f"INSERT OR REPLACE INTO ledger ({_columns(Ledger)}) VALUES ({marks})", values)

    def ledger(self, list_name: str) -> list[Ledger]:
        """Give a list's accounts, oldest volume first."""
        columns = ", ".join(f"ledger.{f.name}" for f in fields(Ledger))
        sql = (
            f"SELECT {columns} FROM ledger JOIN volumes ON volumes.list = ledger.list AND volumes.name = ledger.volume"
            " WHERE ledger.list = ? ORDER BY volumes.starts, volumes.name"
        )
        return [_ledger(row) for row in self.db.execute(sql, (list_name,))]

    # messages

    def messages(self, list_name: str | None = None) -> Iterator[Message]:
        """Give whole messages in the archive's order: by list, by volume, as they stand in it."""
        where, values = ("WHERE m.list = ?", (list_name,)) if list_name is not None else ("", ())
        yield from self._messages(f"{where} ORDER BY m.list, e.starts, e.volume, e.ordinal", values)

    def message(self, id: str) -> Message | None:
        """Give one message by its id."""
        return next(self._messages("WHERE m.id = ?", (id,)), None)

    def thread(self, list_name: str, key: str) -> list[Message]:
        """Give all messages of a thread, in the archive's order."""
        where = "WHERE m.list = ? AND m.thread = ? ORDER BY e.starts, e.volume, e.ordinal"
        return list(self._messages(where, (list_name, key)))

    def changed(self, since: int) -> Iterator[Message]:
        """Give the messages that are new or changed after a revision, in the archive's order."""
        yield from self._messages("WHERE m.revision > ? ORDER BY m.list, e.starts, e.volume, e.ordinal", (since,))

    def deleted(self, since: int) -> list[tuple[str, str]]:
        """Give (list, id) of the messages that went away after a revision."""
        return list(self.db.execute("SELECT list, id FROM deletions WHERE revision > ? ORDER BY list, id", (since,)))

    def headings(self, list_name: str, ids: Iterable[str] | None = None) -> list[Heading]:
        """Give the skeletons of a list's messages, of all or of those of some ids, in the archive's order."""
        chosen = "m.list = :list" if ids is None else "m.id IN (SELECT value FROM json_each(:ids)) AND +m.list = :list"
        sql = (
            "SELECT m.id, e.list, e.volume, e.number, e.message_id, e.in_reply_to, e.refs, e.subject, e.from_name,"
            " CAST(strftime('%s', e.date) AS INTEGER) FROM messages m JOIN entries e USING (entry)"
            f" WHERE {chosen} ORDER BY e.starts, e.volume, e.ordinal"
        )
        return [_heading(row) for row in self.db.execute(sql, {"list": list_name, "ids": json.dumps(list(ids or ()))})]

    def states(self, list_name: str) -> dict[str, tuple[str | None, str]]:
        """Give each message's thread and the digest of all that is shown of it, by its id."""
        rows = self.db.execute("SELECT id, thread, state FROM states WHERE list = ?", (list_name,))
        return {id: (thread, digest) for id, thread, digest in rows}

    def nameless(self, list_name: str) -> dict[str, str]:
        """Give the addresses of the messages whose senders have no name, by the message's id."""
        sql = (
            "SELECT m.id, e.from_address FROM messages m JOIN entries e USING (entry)"
            " WHERE m.list = ? AND e.from_address IS NOT NULL AND coalesce(e.from_name, '') = ''"
        )
        return dict(self.db.execute(sql, (list_name,)))

    def old_addresses(self, list_name: str) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """Give each message's id, its pages and the URLs of its attachments, as the old archive has or had them.

        Those that it has come first.
        """
        sql = "SELECT id, pages, attachments FROM attached WHERE list = ?"
        for id, pages, attachments in self.db.execute(sql + " ORDER BY standing <> '', id", (list_name,)):
            parts = () if attachments == "[]" else json.loads(attachments)
            yield id, tuple(json.loads(pages)), tuple(u for p in parts for u in p.get("urls") or [p["url"]] if u)

    def senders(self) -> list[str]:
        """Give every address that anybody wrote from, sorted."""
        sql = "SELECT DISTINCT from_address FROM entries WHERE from_address IS NOT NULL ORDER BY from_address"
        return [address for (address,) in self.db.execute(sql)]

    def save_threads(self, list_name: str, keys: dict[str, str]) -> int:
        """Write each message's thread key (id to key); give how many changed. Those get a new revision."""
        sql = "SELECT id, thread FROM messages WHERE +list = ? AND id IN (SELECT value FROM json_each(?))"
        held = dict(self.db.execute(sql, (list_name, json.dumps(list(keys)))))
        changed = [(key, id) for id, key in keys.items() if id in held and held[id] != key]
        if changed:
            with self.transaction():
                revision = self.next_revision()
                sql = "UPDATE messages SET thread = ?, revision = ? WHERE id = ?"
                self.db.executemany(sql, [(key, revision, id) for key, id in changed])
        return len(changed)

    def revision(self) -> int:
        """Give the number of the newest change."""
        return int(self.db.execute("SELECT value FROM counters WHERE name = 'revision'").fetchone()[0])

    def next_revision(self) -> int:
        """Count one change more, inside a transaction."""
        self.db.execute("UPDATE counters SET value = value + 1 WHERE name = 'revision'")
        return self.revision()

    def count(self, list_name: str | None = None) -> int:
        """Count messages, of one list or of all."""
        where, values = ("WHERE list = ?", (list_name,)) if list_name is not None else ("", ())
        return int(self.db.execute(f"SELECT count(*) FROM messages {where}", values).fetchone()[0])

    def _messages(self, where: str, values: Iterable[Any]) -> Iterator[Message]:
        sql = (
            "SELECT m.list, l.url, m.id, e.volume, e.number, e.page, m.pages, e.message_id, e.in_reply_to, e.refs,"
            " e.from_name, e.from_address, e.date, e.date_raw, e.subject, e.body, coalesce(m.files, e.attachments),"
            " m.thread, e.defects, m.defects"
            f" FROM messages m JOIN entries e USING (entry) JOIN lists l ON l.name = m.list {where}"
        )
        for row in self.db.execute(sql, tuple(values)):
            if row[2] not in self.removals:  # which may have been taken out since the database was written
                yield _message(row)


def _ledger(row: tuple[Any, ...]) -> Ledger:
    values = list(row)
    values[8:] = map(json.loads, values[8:])
    return Ledger(*values)


def _heading(row: tuple[Any, ...]) -> Heading:
    references = () if row[6] == "[]" else tuple(json.loads(row[6]))
    values: tuple[Any, ...] = (*row[:6], references, *row[7:])
    return Heading(*values)


def _message(row: tuple[Any, ...]) -> Message:
    values = list(row)
    values[6], values[9] = tuple(json.loads(values[6])), tuple(json.loads(values[9]))
    values[16] = tuple(map(read_attachment, json.loads(values[16])))
    values[18:] = [tuple(sorted({*json.loads(values[18]), *json.loads(values[19])}))]
    return Message(*values)


def _volume(row: tuple[Any, ...]) -> Volume:
    values = list(row)
    values[4:7] = [bool(flag) for flag in values[4:7]]
    return Volume(*values)


def _columns(record: type) -> str:
    return ", ".join(f.name for f in fields(record))


def _upsert(db: sqlite3.Connection, table: str, record: Any, key: tuple[str, ...]) -> None:
    """Insert a dataclass as a row, or update the row of its key; a row that says so already is left alone."""
    names = [f.name for f in fields(record)]
    rest = [n for n in names if n not in key]
    changes = ", ".join(f"{n} = excluded.{n}" for n in rest)
    differs = " OR ".join(f"{n} IS NOT excluded.{n}" for n in rest)
    db.execute(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes} WHERE {differs}",
        astuple(record),
    )
