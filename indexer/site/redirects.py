"""Addresses of the old archive, and where each leads now.

    LIST/VOLUME/old.js             numbered pages of a volume, for 404.html
    LIST/attachments/old-YEAR.js   scrubbed files, by their folder, for 404.html
    redirects.map                  all of them, for a web server (docs/addresses.md says how)
    LIST/VOLUME/NNNNNN.html        a page each, with `old_links = "pages"`

Values in, bytes out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from crawler.pages import PAGE_NAME
from crawler.parse.notice_forms import TAIL
from crawler.removals import Removal
from indexer.site import urls
from indexer.site.pages import Page

# What removals.jsonl says of a removed message's attachments: their folder, not their names.
REMOVED_FOLDER: Final = re.compile(r"attachments/(?P<day>\d{8})/(?P<hash>[^/]+)")
CALLBACK: Final = "hamelinOld"  # static/old-links.js defines it


@dataclass(frozen=True, slots=True)
class OldAddress:
    """What the old archive had below a list's address, and the message that it leads to; `id` is "" if that is out."""

    path: str
    thread: str
    id: str

    def leads_to(self, name: str) -> str:
        """Give where it leads on the site of a list of this name."""
        return urls.message(name, self.thread, self.id) if self.id else urls.REMOVED


def old_addresses(
    rows: Iterable[tuple[str, tuple[str, ...], tuple[str, ...]]],
    threads: dict[str, str],
    removals: Iterable[Removal] = (),
) -> list[OldAddress]:
    """Gather a list's old addresses from (id, pages, URLs of attachments), sorted; `threads` gives an id's thread.

    Where an archive was rebuilt an address can be that of two messages: the first one that has it as its own
    page counts, then the first one that had it once.
    """
    rows = list(rows)
    found = {pages[0]: OldAddress(pages[0], threads[id], id) for id, pages, _ in reversed(rows) if pages}
    for id, pages, attachments in rows:
        tails = (TAIL.search(url) for url in attachments)
        for path in (*pages, *(match[0] for match in tails if match)):
            found.setdefault(path, OldAddress(path, threads[id], id))
    for removal in removals:
        for path in removal.old:
            found.setdefault(path, OldAddress(path, "", ""))
    return [found[path] for path in sorted(found)]


def maps(name: str, addresses: Iterable[OldAddress]) -> dict[str, bytes]:
    """Make the files by which 404.html finds its way, by their path."""
    shards: dict[str, dict[str, str]] = {}
    for address in addresses:
        place = _place(name, address.path)
        if place:
            shards.setdefault(place[0], {})[place[1]] = f"{address.thread} {address.id}".strip()
    return {path: _script(shard) for path, shard in shards.items()}


def server_map(name: str, addresses: Iterable[OldAddress]) -> Iterator[str]:
    """Write the lines of redirects.map for a list: old, new, and the semicolon that nginx wants."""
    folder = urls.list_folder(name)
    for address in addresses:
        yield f"/{folder}/{quote(address.path)} /{address.leads_to(name)} ;\n"


def moved_pages(name: str, addresses: Iterable[OldAddress]) -> Iterator[Page]:
    """Build a page for each numbered page of the old archive."""
    for address in addresses:
        if PAGE_NAME.search(address.path):
            volume, _, page = address.path.rpartition("/")
            path = urls.moved_page(name, volume, page)
            yield (
                Page(path, "moved", "This message has moved", address.leads_to(name))
                if address.id
                else removed_page(path)
            )


def removed_page(path: str) -> Page:
    """Build the page that stands where a message was before its archive's owner took it out."""
    return Page(path, "removed", "Removed", None)


def _place(name: str, path: str) -> tuple[str, str] | None:
    """Say in which file an old address is found, and under which key."""
    if folder := REMOVED_FOLDER.fullmatch(path):
        return urls.old_attachments(name, folder["day"][:4]), f"{folder['day']}/{folder['hash']}"
    if tail := TAIL.fullmatch(path):
        return urls.old_attachments(name, tail["day"][:4]), f"{tail['day']}/{tail['hash']}"
    volume, _, page = path.rpartition("/")
    number = page.partition(".")[0]
    return (urls.old_messages(name, volume), str(int(number))) if volume and number.isdecimal() else None


def _script(shard: dict[str, str]) -> bytes:
    return f"{CALLBACK}({json.dumps(shard, sort_keys=True, separators=(',', ':'))});\n".encode()
