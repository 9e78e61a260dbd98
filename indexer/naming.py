"""Which message is meant: by its id or the beginning of it, its Message-ID, or an address it has or had.

Nothing is shown here.
"""

from __future__ import annotations

import re
from typing import Final

from crawler.message import key
from crawler.store import Store

ID: Final = re.compile(r"[a-z2-7]{0,26}\Z")  # crawler.message.key, or its beginning
# The page of a message in the old archive, below its list's address: indexer.site.urls has the site's.
PAGE: Final = re.compile(r"(?:.*/)?([^/]+/\d+\.html)\Z")
THREAD_PAGE: Final = re.compile(r".*\bthreads/([a-z2-7]{26})\.html\Z")


def messages_named(store: Store, name: str) -> list[str]:
    """Give the ids of all messages that a name can mean; none, or one, or those that begin so.

    `name` is an id or its beginning, a Message-ID with or without <>, the address of a message on the
    site, or that of its page in the old archive, whole or from the volume on.
    """
    address, _, anchor = name.strip().partition("#")
    if anchor and ID.match(anchor):
        return messages_named(store, anchor)
    if thread := THREAD_PAGE.match(address):
        return messages_named(store, thread[1])
    if page := PAGE.match(address):
        return _on_page(store, page[1], address)
    if ID.match(address):
        return _beginning(store, address)
    return _with_message_id(store, f"<{address.strip('<>')}>")


def _beginning(store: Store, beginning: str) -> list[str]:
    sql = "SELECT id FROM messages WHERE id >= ? AND id < ? ORDER BY id"
    return [id for (id,) in store.db.execute(sql, (beginning, beginning + "~"))]


def _with_message_id(store: Store, message_id: str) -> list[str]:
    keys = [key(known.name, message_id) for known in store.lists()]
    return [id for id in keys if store.message(id)]


def _on_page(store: Store, page: str, address: str) -> list[str]:
    """Find what stands on a page; of several lists those whose name or address the longer address has."""
    urls = {known.name: known.url.rstrip("/") for known in store.lists()}
    sql = "SELECT id, list FROM messages WHERE instr(pages, ?) ORDER BY id"
    found = store.db.execute(sql, (f'"{page}"',)).fetchall()
    before = address[: -len(page)].rstrip("/")
    if before:
        found = [(id, name) for id, name in found if before in (name, urls[name]) or before.endswith(f"/{name}")]
    return [id for id, _ in found]
