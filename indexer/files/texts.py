"""files.sqlite: the texts of files, kept by their digest so that none is read twice. Derived, all of it.

Kept beside archive.sqlite, since that is made anew by `reparse --write` and this need not be. A file that is damaged is
made anew too, by who may write it: losing it costs time and nothing else. Each row has a checksum, for what SQLite does
not see.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from crawler.errors import ArchiveTrouble
from crawler.message import Attachment, Message
from indexer.files.reading import Reading, Status, available

DATABASE: Final = "files.sqlite"
FORMAT: Final = 2  # PRAGMA user_version; a file of another format is made anew
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS files (
  sha256 TEXT NOT NULL, told TEXT NOT NULL, status TEXT NOT NULL, type TEXT, reader TEXT NOT NULL,
  version INTEGER NOT NULL, text BLOB NOT NULL, crc32 INTEGER NOT NULL,
  PRIMARY KEY (sha256, told)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (gathered TEXT NOT NULL);
"""
# What SQLite says of a file that is damaged (of SQLITE_ERROR: a name of the schema is another), without its details.
DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
PRIMARY: Final = 0xFF  # of a result code (https://sqlite.org/rescode.html)
ANEW: Final = "`hamelin index --verify` makes what is damaged anew."
Key = tuple[str, str]
"""A file's sha256, and what else its text depends on: kind, type as stated, the list's charset."""


def key_of(part: Attachment, charset: str | None) -> Key | None:
    """Give the key of an attachment whose bytes are held; None for one of which there are none."""
    use = use_of(part)
    return use and key_with(use, charset)


def use_of(part: Attachment) -> tuple[str, str] | None:
    """Give what an attachment itself says of its file's key; None for one of which there are no bytes."""
    if part.sha256 is None or part.status not in ("stored", "inline"):
        return None
    return part.sha256, f"{part.kind} {part.type or ''}"


def key_with(use: tuple[str, str], charset: str | None) -> Key:
    """Give the key of a file, from what its attachment says of it and its list's charset."""
    return use[0], f"{use[1]} {charset or ''}"


class Texts:
    """The texts of an archive's files; open it with `Texts.open`, end it with `close` or as a context."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection

    @classmethod
    def open(cls, archive: Path, *, anew: bool = False) -> Texts:
        """Open or make the file; with `anew` one that is damaged or of another format gives way to an empty one.

        ArchiveTrouble when it cannot be opened, or is so and is not to be made anew.
        """
        path = archive / DATABASE
        try:
            return cls(_connect(path))
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & PRIMARY not in DAMAGE:
                hint = "Mend that, or delete the file."  # no room, no permission: nothing that a new file would mend
                raise ArchiveTrouble(f"{path} cannot be opened: {error}.", hint=hint) from error
            if not anew:
                raise damaged(str(error)) from error
        return cls.empty(archive)

    @classmethod
    def empty(cls, archive: Path) -> Texts:
        """Make the file anew, whatever is there."""
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"):
            (archive / name).unlink(missing_ok=True)
        return cls(_connect(archive / DATABASE))

    def close(self) -> None:
        """End the connection."""
        self.db.close()

    def __enter__(self) -> Texts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep(self, readings: Iterable[tuple[Key, Reading]]) -> None:
        """Keep what came of files; all of it or nothing."""
        rows = (
            (*key, r.status, r.type, r.reader, r.version, zlib.compress(r.text.encode("utf-8", "replace")))
            for key, r in readings
        )
        with self.db:
            sql = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            self.db.executemany(sql, ((*row, _checksum(row)) for row in rows))

    def reading(self, key: Key | None) -> Reading | None:
        """Give what came of a file; None for one that was not read yet. ArchiveTrouble where that is damaged."""
        row = self.db.execute("SELECT * FROM files WHERE sha256 = ? AND told = ?", key).fetchone() if key else None
        if row is None:
            return None
        *held, checksum = row
        if checksum != _checksum(held):
            raise damaged("a text is not as it was kept")
        _, _, status, type, reader, version, text = held
        return Reading(status, type, zlib.decompress(text).decode(), reader, version)

    def is_damaged(self) -> bool:
        """Say whether anything in the file is not as it was kept; all of it is read."""
        try:
            if self.db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return True
            return any(checksum != _checksum(held) for *held, checksum in self.db.execute("SELECT * FROM files"))
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return True

    def readings(self, message: Message, charset: str | None) -> list[Reading | None]:
        """Give what came of a message's files, in their order; `charset` is its list's."""
        return [self.reading(key_of(part, charset)) for part in message.attachments]

    def fresh(self, failures: bool = True) -> set[Key]:
        """Give the files that need not be read again; without `failures` only those of which something came."""
        found = self.db.execute("SELECT sha256, told, status, reader, version FROM files")
        versions = available()
        return {
            (sha256, told)
            for sha256, told, status, reader, version in found
            if versions.get(reader, 0) == version and (failures or status not in PASSING)
        }

    def forget(self, kept: set[Key]) -> None:
        """Take away the texts of all files but these."""
        held = set(self.db.execute("SELECT sha256, told FROM files"))
        with self.db:
            self.db.executemany("DELETE FROM files WHERE sha256 = ? AND told = ?", sorted(held - kept))

    def statuses(self) -> Iterator[tuple[Key, Status, str | None]]:
        """Give each file's key, status and type."""
        for sha256, told, status, type in self.db.execute("SELECT sha256, told, status, type FROM files"):
            yield (sha256, told), status, type

    def holding(self, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give the sha256 and the text of the files whose text holds one of these, case apart."""
        wanted = [text.lower() for text in texts]
        rows = self.db.execute("SELECT sha256, text FROM files WHERE status = 'read'") if wanted else ()
        for sha256, packed in rows:
            text = zlib.decompress(packed).decode()
            if any(one in text.lower() for one in wanted):
                yield sha256, text

    @property
    def gathered(self) -> str:
        """Of what state of the archive all files were read."""
        row = self.db.execute("SELECT gathered FROM state").fetchone()
        return row[0] if row else ""

    @gathered.setter
    def gathered(self, state: str) -> None:
        with self.db:
            self.db.execute("DELETE FROM state")
            self.db.execute("INSERT INTO state VALUES (?)", (state,))


PASSING: Final[frozenset[Status]] = frozenset(["too_slow", "too_much_memory", "crashed"])
"""What may not come again: a busy machine is slow."""


def _checksum(row: Sequence[Any]) -> int:
    """Sum up a row: its names as text, then the packed text, which is of another type where the row is damaged."""
    *named, text = row
    packed = text if isinstance(text, bytes) else b""
    return zlib.crc32(packed, zlib.crc32(repr((*named, type(text))).encode("utf-8", "replace")))


def damaged(why: str) -> ArchiveTrouble:
    """Say that the file is damaged."""
    return ArchiveTrouble(f"{DATABASE} is damaged: {why}.", hint=ANEW)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30)
    try:
        held = db.execute("PRAGMA user_version").fetchone()[0]
        if held not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"it is of format {held}, not {FORMAT}")
        if held == 0:
            db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
        db.execute("SELECT count(*) FROM files, state").fetchone()
        db.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone from the file, too
    except BaseException:
        db.close()
        raise
    return db
