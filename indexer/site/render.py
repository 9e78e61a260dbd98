"""Pages made to bytes by the templates in site_templates/. The only place that knows Jinja2."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from indexer.amounts import count
from indexer.site.pages import Page, SiteFacts
from indexer.site.stamps import MONTHS, Stamp

TEMPLATES: Final = Path(__file__).resolve().parents[2] / "site_templates"
STATIC: Final = TEMPLATES / "static"
# The template of each kind of page, where it is not KIND.html.
NAMES: Final = {"feed": "feed.xml"}

# Content-Security-Policy: nothing but what stands on the site itself; script only where searching needs it.
POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
WITH_SCRIPT: Final = f"{POLICY}; script-src 'self'; connect-src 'self'"


class Renderer:
    """Makes pages of one site."""

    def __init__(self, site: SiteFacts) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.filters.update(count=count, time=time_element)
        self.environment.globals.update(
            site=site,
            csp=POLICY,
            csp_with_script=WITH_SCRIPT,
            csp_for=csp_for,
            months=tuple(month[:3] for month in MONTHS),
        )

    def render(self, page: Page) -> bytes:
        """Make a page's bytes: UTF-8, what cannot be encoded replaced."""
        template = self.environment.get_template(NAMES.get(page.kind, f"{page.kind}.html"))
        return template.render(page=page, root=page.root).encode("utf-8", "replace")


def time_element(stamp: Stamp, form: str) -> Markup:
    """Write a date for machines and people: its day, its time, both, or the whole of it.

    >>> str(time_element(Stamp("2004-10-05T11:47:03Z", "Tue 2004-10-05", "11:47"), "both"))
    '<time datetime="2004-10-05T11:47:03Z">2004-10-05 11:47</time>'
    """
    shown = {
        "day": stamp.day,
        "time": stamp.time,
        "both": f"{stamp.day[4:]} {stamp.time}",
        "short": f"{stamp.day[9:]} {stamp.time}",
        "full": stamp.text,
    }[form]
    return Markup(f'<time datetime="{stamp.iso}">{escape(shown)}</time>')  # noqa: S704 -- both are ours


def csp_for(script: str) -> str:
    """Give the policy of a page that may run this one script, which stands in it."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"{POLICY}; script-src 'self' 'sha256-{digest}'"


@lru_cache(maxsize=1)
def static_files() -> dict[str, bytes]:
    """Read the files that every site has, by name."""
    return {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.is_file()}
