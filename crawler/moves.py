"""Lists whose archive has a new address: what was fetched under an old one counts as held under that of today.

warc/ keeps the addresses that were asked; hamelin.toml names a list's former ones (`former`), and where a capture
is made of a record, its address becomes today's. What an old host did not have is asked for again: the new one may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from crawler.config import SETTINGS_FILE, KnownList, folder_url, load, quoted, write_whole
from crawler.errors import UsageError
from crawler.store import Capture, MailingList, Store

# A list's table in hamelin.toml, up to the next table; and a key's line in it.
TABLE = re.compile(r"^[ \t]*\[\[[ \t]*lists[ \t]*\]\][^\n]*\n(?:(?![ \t]*\[)[^\n]*\n?)*", re.MULTILINE)
URL_LINE = re.compile(r"^[ \t]*url[ \t]*=[^\n]*\n?", re.MULTILINE)
FORMER_LINE = re.compile(r"^[ \t]*former[ \t]*=[ \t]*\[[^\]]*\][^\n]*\n?", re.MULTILINE)
STATES = ("captures", "former")  # tables of answers


class Homes:
    """Finds the address of today for one of yesterday."""

    def __init__(self, lists: Iterable[KnownList]) -> None:
        self._bases = {old: known.url for known in lists for old in known.former}

    def home(self, url: str) -> str:
        """Give an address below a list's former one as it would be below today's; any other as it is."""
        old = next((old for old in self._bases if url.startswith(old)), None) if self._bases else None
        return self._bases[old] + url[len(old) :] if old else url

    def at_home(self, capture: Capture) -> Capture:
        """Give a capture under today's address, if it holds what was asked for."""
        return replace(capture, url=self.home(capture.url)) if self._bases and capture.good else capture


def move(folder: Path, store: Store, name: str, new: str) -> KnownList:
    """Give a list of an archive a new address, in hamelin.toml and in the database; the old one becomes a former one.

    To be called under the archive's lock. UsageError where there is no such list, or the file cannot be changed.
    """
    lists, url = load(folder).lists, folder_url(new)
    known = next((known for known in lists if known.name == name), None)
    if known is None:
        hint = f"There are: {', '.join(other.name for other in lists) or 'none yet'}."
        raise UsageError(f"There is no list {name!r}.", hint=hint)
    taken = next((other for other in lists if other is not known and url in other.urls), None)
    if url == known.url and behind(store, known):  # a run that was cut short, or a person, changed the file alone
        bring_home(store, known)
        return known
    if taken or url == known.url:
        raise UsageError(f"{url} is the address of {(taken or known).name} already.", hint="Say where the list went.")
    former = tuple(dict.fromkeys(old for old in (known.url, *known.former) if old != url))
    moved = replace(known, url=url, former=former)
    _rewrite(folder, known, moved)
    bring_home(store, moved)
    return moved


def behind(store: Store, known: KnownList) -> bool:
    """Say whether the database has a list, or anything of it, under a former address, or has to read it anew."""
    if not known.former:
        return False
    held = {one.name: one.url for one in store.lists()}.get(known.name, known.url)
    astray = any(store.db.execute(ASTRAY, (known.name, len(old), old)).fetchone() for old in known.former)
    return held != known.url or astray or any(volume.dirty for volume in store.volumes(known.name))


def bring_home(store: Store, moved: KnownList) -> None:
    """Put what the database holds of a list's former addresses under that of today."""
    held = next((one for one in store.lists() if one.name == moved.name), None)
    with store.transaction():
        if held and held.url != moved.url:
            store.save_list(MailingList(held.name, moved.url, held.title, held.charset, held.language, held.listinfo))
        for old in moved.former:
            for table in STATES:
                values = {"new": moved.url, "old": old, "length": len(old), "list": moved.name}
                store.db.execute(HOMEWARDS.format(table=table), values)
        store.db.execute("UPDATE volumes SET dirty = 1 WHERE list = ?", (moved.name,))
        store.next_revision()


ASTRAY = "SELECT 1 FROM captures WHERE list = ? AND substr(url, 1, ?) = ? AND status BETWEEN 200 AND 299"
HOMEWARDS = (
    "UPDATE OR IGNORE {table} SET url = :new || substr(url, :length + 1)"
    " WHERE list = :list AND substr(url, 1, :length) = :old AND status BETWEEN 200 AND 299"
)


def _rewrite(folder: Path, known: KnownList, moved: KnownList) -> None:
    """Change a list's table in hamelin.toml; everything else in the file stays as it was written."""
    path = folder / SETTINGS_FILE
    text = path.read_text("utf-8")
    for match in TABLE.finditer(text):
        if quoted(known.url) in match[0] or quoted(known.url.rstrip("/")) in match[0]:
            write_whole(path, text[: match.start()] + _table(match[0], moved) + text[match.end() :])
            if moved in load(folder).lists:
                return
            write_whole(path, text)
    hint = f"Write it yourself: url = {quoted(moved.url)}, former = [{', '.join(map(quoted, moved.former))}]."
    raise UsageError(f"The table of {known.name} in {path} is not as Hamelin writes it.", hint=hint)


def _table(before: str, moved: KnownList) -> str:
    lines = f"url = {quoted(moved.url)}\nformer = [{', '.join(map(quoted, moved.former))}]\n"
    return URL_LINE.sub(lambda _: lines, FORMER_LINE.sub("", before), count=1)
