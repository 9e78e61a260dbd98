"""Every address of the site: where each page and file stands, and each anchor. docs/addresses.md lists them.

An address is a path below the site's root, of letters that need no escaping in a URL, with an
anchor behind it where there is one. Nothing is made or opened here.
"""

from __future__ import annotations

from posixpath import relpath
from typing import Final, Literal

from indexer.pattern import pattern

View = Literal["thread", "date", "author", "subject"]

HOME: Final = "index.html"
SEARCH: Final = "search.html"
HEALTH: Final = "health.html"
NOT_FOUND: Final = "404.html"
REMOVED: Final = "removed.html"
REDIRECTS: Final = "redirects.map"
STATIC: Final = "static"
FILES: Final = "files"
PACK: Final = "search"
VIEWS: Final[tuple[View, ...]] = ("thread", "date", "author", "subject")

# Folders of the site's own; a list of that name gets a stroke before it.
RESERVED: Final = frozenset({STATIC, FILES, PACK})
# A folder's or file's name that every system and server takes as it is.
UNSAFE: Final = pattern(r"[^A-Za-z0-9._-]+")

# What only we write below the site, by shape: after a run that was killed these can be taken away.
OURS: Final = pattern(
    r"files/[0-9a-f]{64}/[^/]+"
    r"|[^/]+/threads/[a-z2-7]{26}\.html"
    r"|[^/]+/[^/]+/(?:thread|date|author|subject|index|\d{6,})\.html"
    r"|[^/]+/[^/]+/old\.js|[^/]+/attachments/old-\d{4}\.js"
)


def list_folder(name: str) -> str:
    """Give the folder of a list.

    >>> list_folder("kitchen"), list_folder("files"), list_folder("..")
    ('kitchen', '_files', '_..')
    """
    folder = UNSAFE.sub("_", name)
    return f"_{folder}" if folder in RESERVED or not folder.strip("._") else folder


def list_page(name: str) -> str:
    """Give the page of a list."""
    return f"{list_folder(name)}/index.html"


def feed(name: str) -> str:
    """Give the Atom feed of a list."""
    return f"{list_folder(name)}/feed.xml"


def volume_page(name: str, volume: str, view: View = "thread") -> str:
    """Give a page of a volume; it stands where the old archive had it.

    >>> volume_page("kitchen", "2004-October", "date")
    'kitchen/2004-October/date.html'
    """
    return f"{list_folder(name)}/{UNSAFE.sub('_', volume)}/{view}.html"


def thread_page(name: str, key: str) -> str:
    """Give the page of a thread."""
    return f"{list_folder(name)}/threads/{key}.html"


def message(name: str, key: str, id: str) -> str:
    """Give the address of a message: its place on its thread's page.

    >>> message("kitchen", "dz7c", "mzxw")
    'kitchen/threads/dz7c.html#mzxw'
    """
    return f"{thread_page(name, key)}#{id}"


def file(sha256: str, name: str) -> str:
    """Give the address of an attachment's file, whose name is a safe one already."""
    return f"{FILES}/{sha256}/{name}"


def old_messages(name: str, volume: str) -> str:
    """Give the file that tells where the numbered pages of a volume lead."""
    return f"{list_folder(name)}/{UNSAFE.sub('_', volume)}/old.js"


def old_attachments(name: str, year: str) -> str:
    """Give the file that tells where the old attachments of a year lead."""
    return f"{list_folder(name)}/attachments/old-{year}.js"


def moved_page(name: str, volume: str, page: str) -> str:
    """Give the address of a numbered page of the old archive: the one that it had."""
    return f"{list_folder(name)}/{UNSAFE.sub('_', volume)}/{UNSAFE.sub('_', page)}"


def relative(page: str, target: str) -> str:
    """Write an address as a page links to it.

    >>> relative("kitchen/threads/dz7c.html", "kitchen/2004-October/thread.html")
    '../2004-October/thread.html'
    >>> relative("kitchen/threads/dz7c.html", "kitchen/threads/dz7c.html#mzxw")
    '#mzxw'
    """
    path, hash, anchor = target.partition("#")
    if path == page and hash:
        return f"#{anchor}"
    return relpath(path, page.rpartition("/")[0] or ".") + hash + anchor


def root(page: str) -> str:
    """Give what leads from a page to the site's root.

    >>> root("index.html"), root("kitchen/threads/dz7c.html")
    ('', '../../')
    """
    return "../" * page.count("/")
