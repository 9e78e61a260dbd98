"""Raw mbox files on disk, packed or not: what they are called, and their mails one at a time.

Read block by block; a packed file that is cut gives what stands before the cut.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from itertools import islice
from pathlib import Path

from crawler.parse.mail import list_archive
from crawler.parse.mbox import mails

BLOCK = 1 << 20  # bytes read at once
GZIP = b"\x1f\x8b"
SUFFIXES = re.compile(r"(?:\.(?:mbox|mbx|eml|txt|gz))+\Z", re.IGNORECASE)
LOOK_WITHIN = 20  # mails in which the list's address is looked for


@dataclass
class MboxFile:
    """An mbox on disk; `cut` once its packing came to a bad end, which shows when its mails were read."""

    path: Path
    cut: bool = False

    @property
    def name(self) -> str:
        """The name that the file suggests for its list."""
        return SUFFIXES.sub("", self.path.name) or self.path.name

    def mails(self) -> Iterator[bytes]:
        """Give the mails; none when the file holds none."""
        return mails(self._blocks())

    def address(self) -> str | None:
        """Give the list's address as the first mails tell it, if the list has the file's name there."""
        found = (list_archive(raw) for raw in islice(self.mails(), LOOK_WITHIN))
        fits = (url for url in found if url and url.rstrip("/").rpartition("/")[2].lower() == self.name.lower())
        return next(fits, None)

    def _blocks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            with GzipFile(fileobj=file) if packed else file as source:
                try:
                    while block := source.read1(BLOCK):  # what is whole before a cut comes out
                        yield block
                except (EOFError, zlib.error, BadGzipFile):
                    self.cut = True


def mboxes_in(path: Path) -> list[MboxFile]:
    """Give the mbox files that a path means: the file itself, or those below a folder that are named so."""
    paths = [path] if path.is_file() else sorted(path.rglob("*.mbox")) + sorted(path.rglob("*.mbox.gz"))
    files = [MboxFile(found) for found in paths if found.is_file()]
    return [file for file in files if next(file.mails(), None) is not None]
