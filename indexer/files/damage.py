"""Why the text of a file could not be had: what readers of formats raise. None of it leaves `indexer.files`."""

from __future__ import annotations


class Unreadable(Exception):
    """A file of a format that is read, whose text cannot be had."""


class Damaged(Unreadable):
    """It is not what it says it is, or broken."""


class Locked(Unreadable):
    """It wants a password."""


class Unbounded(Unreadable):
    """It unpacks to more than we read."""
