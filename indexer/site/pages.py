"""What all pages share: a page's address, its template and the values for it.

The builders of pages (thread_pages.py, volume_pages.py, overviews.py) take values and give a
`Page`; render.py makes bytes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from indexer.site import urls
from indexer.site.outline import ListOutline

DEEPEST: Final = 12  # steps that an outline indents; answers below stand at that depth


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What every page says of the archive: its title, the language of the site's own words."""

    title: str
    language: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered; `kind` names its template, `view` holds the values that it shows."""

    path: str
    kind: str
    title: str
    view: Any
    crumbs: tuple[Link, ...] = ()

    @property
    def root(self) -> str:
        """Give what leads from the page to the site's root."""
        return urls.root(self.path)


@dataclass(frozen=True, slots=True)
class Link:
    """A place on the site, by its title."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Steps:
    """The neighbours of a page in an order, None at its ends."""

    previous: Link | None
    next: Link | None


def list_crumb(outline: ListOutline) -> Link:
    """Give the link to a list's page."""
    return Link(outline.title, urls.list_page(outline.name))
