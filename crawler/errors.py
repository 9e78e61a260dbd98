"""The errors that a user can meet, each with a hint of what to do.

    HamelinError
    ├── UsageError       what was asked for cannot be done as it was said
    ├── NotAnArchive     the address answers, but with no pipermail archive
    ├── HostTrouble      the host refuses, is silent, asks for a login or for proof of work
    ├── ArchiveTrouble   the archive folder: of a newer version, damaged, full, not to be written
    │   └── ArchiveBusy  another command has its lock
    └── QueryError       a query that cannot be read, with the place and a suggestion

Anything else that is raised is a bug of ours and shows its traceback.
"""

from __future__ import annotations


class HamelinError(Exception):
    """Say in one sentence what went wrong and, as `hint`, what to do about it.

    >>> str(HamelinError("The archive is locked.", hint="Wait for the other command."))
    'The archive is locked. Wait for the other command.'
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(HamelinError):
    """Asked for in a way that cannot be done."""


class NotAnArchive(HamelinError):
    """An address that answers with something that is no pipermail archive."""


class HostTrouble(HamelinError):
    """A host that refuses, is silent, or asks for a login or for proof of work."""


class ArchiveTrouble(HamelinError):
    """An archive folder that is newer than we are, damaged, full, or cannot be written."""


class ArchiveBusy(ArchiveTrouble):
    """An archive folder whose lock another command has."""


class QueryError(HamelinError):
    """A query that cannot be read; `position` is where, in characters from 0."""

    def __init__(self, message: str, *, hint: str = "", position: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.position = position
