"""From an address that a person gave to the archives that it means: one list's, or all that a page leads to."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.errors import HamelinError, HostTrouble, NotAnArchive
from crawler.keeper import Ask, Exchange
from crawler.links import is_listinfo, list_url, onward
from crawler.pages import ListIndex, read_list_index
from crawler.reply import Reply, no_archive, private, refusal

MOST_PAGES = 1000  # that are looked at for the lists of one address
# Pages that list archives: a web server's own list of a folder, or a folder that is named as Mailman does.
FOLDER_TITLE = re.compile(rb"<title>\s*(?:index of|directory listing)", re.IGNORECASE)
FOLDER_NAME = re.compile(r"/(?:pipermail|archives?)/\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A list's archive that was found: its address, its index page read, and the answer that brought it."""

    url: str
    index: ListIndex
    exchange: Exchange


async def discover(address: str, ask: Callable[[Ask], Awaitable[Reply]]) -> tuple[list[Found], list[HamelinError]]:
    """Find the archives that an address means, and say which of those that a page led to cannot be had.

    NotAnArchive or HostTrouble tells why there is none at all.
    """
    first = address if is_listinfo(address) else list_url(address)
    waiting, seen, found = [first], {first}, dict[str, Found]()
    troubles: list[HamelinError] = []
    while waiting and len(seen) <= MOST_PAGES:
        reply = await ask(Ask(waiting.pop(0), "entry", ""))
        try:
            look = _look(reply)
        except (NotAnArchive, HostTrouble) as trouble:
            troubles.append(trouble)
            waiting = [] if reply.closed else waiting
            continue
        if isinstance(look, Found):
            found.setdefault(look.url, look)
            continue
        waiting += [link for link in look if link not in seen]
        seen.update(look)
    if not found:
        raise troubles[0]
    return list(found.values()), troubles


def _look(reply: Reply) -> Found | list[str]:
    """Look at an answer: give the archive that it is, or the links that lead on."""
    if not reply.good or reply.exchange is None:
        raise refusal(reply.url, reply)
    if is_listinfo(reply.url) and (links := onward(reply.payload, reply.url)):
        return links
    base = list_url(reply.url)
    index = read_list_index(reply.payload, base)
    if index.volumes:
        return Found(base, index, reply.exchange)
    if index.login:
        raise private(reply.url, reply.hint)
    lists_folders = FOLDER_TITLE.search(reply.payload) or FOLDER_NAME.search(urlsplit(base).path)
    if lists_folders and (links := onward(reply.payload, base)):
        return links
    raise no_archive(reply.url, index)
