"""The site's folder: files written only when they changed, each at once or not at all, and taken away when stale.

`site.json`, beside the folder and not in it, says what was published and from what, so that the
next run makes only what differs. While a run is at work `site.unfinished` stands there too; after a
kill the next run finds it, and takes away what the killed one left over. Files that we did not
write stay.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crawler.errors import ArchiveTrouble
from indexer.site.urls import HOME, OURS

MANIFEST: Final = "site.json"
UNFINISHED: Final = "site.unfinished"
BESIDE: Final = ".part"  # ending of a file that is being written; its name begins with a dot
DIGEST: Final = 16  # bytes


@dataclass(frozen=True, slots=True)
class Published:
    """A page or file of the site: what it was made from, its digest, and those of the files that came with it."""

    made_from: str
    digest: str
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished run published: `state` of archive and settings, exceptions of redaction, pages by path.

    `suspect` are files that the scan for addresses has not seen yet, or has found one in.
    """

    state: str = ""
    settings: str = ""
    exceptions: tuple[str, ...] = ()
    pages: dict[str, Published] = field(default_factory=dict)
    suspect: tuple[str, ...] = ()


class SiteFolder:
    """A site's folder; it remembers what it wrote."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._manifest, self._unfinished = root.parent / MANIFEST, root.parent / UNFINISHED
        self.written: list[str] = []
        self._made: set[Path] = set()

    def write(self, path: str, data: bytes) -> str:
        """Write a file if it is not there with these bytes already; give its digest."""
        target = self.root / path
        if not _holds(target, data):
            if target.parent not in self._made:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._made.add(target.parent)
            beside = target.with_name(f".{target.name}{BESIDE}")
            beside.write_bytes(data)
            beside.replace(target)
            self.written.append(path)
        return digest(data)

    def remove(self, path: str) -> None:
        """Take a file away, and the folders that it leaves empty."""
        target = self.root / path
        with suppress(FileNotFoundError):
            target.unlink()
        for folder in target.relative_to(self.root).parents:
            if folder == Path():
                return
            try:
                (self.root / folder).rmdir()
            except OSError:
                return

    def left_over(self) -> list[str]:
        """List what is shaped like ours, and halves of files, for after a run that was killed."""
        found = []
        for folder, _, names in os.walk(self.root):
            below = Path(folder).relative_to(self.root).as_posix()
            for name in names:
                path = name if below == "." else f"{below}/{name}"
                if OURS.fullmatch(path) or (name.startswith(".") and name.endswith(BESIDE)):
                    found.append(path)
        return sorted(found)

    # the manifest

    @property
    def unfinished(self) -> bool:
        """Say whether the last run was killed."""
        return self._unfinished.exists()

    def begin(self) -> None:
        """Mark the folder as being worked at."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._unfinished.write_bytes(b"")

    def finish(self, manifest: Manifest) -> None:
        """Say what was published; from here on the run has happened."""
        data = json.dumps(_written(manifest), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        beside = self._manifest.with_name(f".{MANIFEST}{BESIDE}")
        beside.write_text(data, "utf-8")
        beside.replace(self._manifest)
        self._unfinished.unlink(missing_ok=True)

    def manifest(self) -> Manifest:
        """Read what was published last; nothing, and then all is made anew, if it is damaged or the site is gone."""
        if not (self.root / HOME).exists():
            return Manifest()
        try:
            data = json.loads(self._manifest.read_text("utf-8"))
            pages = {
                path: Published(p["made_from"], p["digest"], dict(p["files"])) for path, p in data["pages"].items()
            }
            return Manifest(data["state"], data["settings"], tuple(data["exceptions"]), pages, tuple(data["suspect"]))
        except FileNotFoundError:
            return Manifest()
        except (ValueError, KeyError, TypeError, AttributeError):
            return Manifest()
        except OSError as error:
            raise ArchiveTrouble(
                f"{self._manifest} cannot be read: {error.strerror}.", hint="Mend its permissions."
            ) from error


def _written(manifest: Manifest) -> dict[str, object]:
    """Give a manifest as it is written; `asdict` takes longer to copy ten thousand pages than all else of it."""
    pages = {
        path: {"made_from": p.made_from, "digest": p.digest, "files": p.files} for path, p in manifest.pages.items()
    }
    return {name: getattr(manifest, name) for name in Manifest.__slots__} | {"pages": pages}


def digest(data: bytes) -> str:
    """Give the digest of a file's bytes."""
    return hashlib.blake2b(data, digest_size=DIGEST).hexdigest()


def digest_of(*values: object) -> str:
    """Give a digest of plain values and records, the same in every run."""
    return digest(repr(values).encode("utf-8", "surrogatepass"))


def stale(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """List what was published and is no longer, so that links go before what they lead to: pages by depth."""
    return sorted(set(old) - set(new), key=lambda path: (path.count("/"), path))


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except OSError:
        return False
