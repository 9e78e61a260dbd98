"""A list's captures put straight into a store, and their payloads into a table: what a crawl would have left.

kept = Kept(folder)
kept.hold("2010-March.txt", text)
kept.ingest()
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from crawler.ingest import IngestReport, ingest
from crawler.library import Library
from crawler.message import Message
from crawler.parse.dates import volume_span
from crawler.store import Capture, MailingList, Store, Volume

BASE = "http://lists.example.org/pipermail/"
STAMP = "Mon Mar  1 12:00:00 2010"


class Kept:
    """A store whose payloads lie in memory, with one list unless others are added."""

    def __init__(self, folder: Path, name: str = "clockwork") -> None:
        self.store = Store.open(folder)
        self.payloads: dict[str, bytes] = {}
        self.name = name
        self.add(name)

    @property
    def library(self) -> Library:
        """A library that has seen nothing yet."""
        return Library(self.store, lambda capture: self.payloads[capture.url])

    def add(self, name: str) -> None:
        """Add a list."""
        self.store.save_list(MailingList(name, f"{BASE}{name}/", charset="us-ascii"))

    def volume(self, volume: str, name: str = "") -> None:
        """Add a volume that nothing is held of."""
        span = volume_span(volume)
        assert span
        if self.store.volume(name or self.name, volume) is None:
            self.store.save_volume(Volume(name or self.name, volume, span[0], volume))

    def hold(self, path: str, payload: str | bytes | None, *, volume: str | None = "2010-March", name: str = "") -> str:
        """Hold what a server answered for a path below the list's; None for 404. Gives its address."""
        name = name or self.name
        if volume:
            self.volume(volume, name)
        url, data = f"{BASE}{name}/{path}", payload.encode() if isinstance(payload, str) else payload or b""
        sha256, status = hashlib.sha256(data).hexdigest(), 404 if payload is None else 200
        self.payloads[url] = data
        self.store.save_capture(
            Capture(url, name, volume, status, 1267444800, None, None, sha256, len(data), "a.warc.gz", 0)
        )
        return url

    def ingest(self) -> IngestReport:
        """Parse what is dirty."""
        return ingest(self.store, lambda capture: self.payloads[capture.url])

    def again(self, volume: str = "2010-March") -> None:
        """Have a volume parsed once more."""
        held = self.store.volume(self.name, volume)
        assert held
        self.store.save_volume(replace(held, dirty=True))

    def messages(self) -> list[Message]:
        """Give all messages."""
        return list(self.store.messages())


def entry(number: int, body: str = "Tock.", *, message_id: str | None = "", subject: str = "") -> str:
    """Write an entry of a text; its Message-ID follows from its number unless it is given."""
    found = f"<{number}@clock.example.org>" if message_id == "" else message_id
    last = f"Message-ID: {found}\n" if found else ""
    return (
        f"From ann at clock.example.org  {STAMP}\nFrom: ann at clock.example.org (Ann)\n"
        f"Date: Mon, 01 Mar 2010 12:00:{number % 60:02} +0000\nSubject: {subject or f'Tick {number}'}\n"
        f"{last}\n{body}\n\n"
    )


def index(*numbers: int, claimed: int | None = None) -> str:
    """Write a thread.html that names pages."""
    lines = "".join(
        f'<!--0 {1267444800 + n % 60:011}.{n}- -->\n<LI><A HREF="{n:06}.html">Tick {n}\n</A><I>Ann\n</I>\n'
        for n in numbers
    )
    count = len(numbers) if claimed is None else claimed
    return f"<p><b>Starting:</b> x<b>Ending:</b> y<b>Messages:</b> {count}<p><ul>{lines}</ul>"


def page(number: int, body: str = "Tock.", message_id: str = "") -> str:
    """Write a message's page."""
    own = (message_id or f"<{number}@clock.example.org>").replace("<", "%3C").replace(">", "%3E")
    return (
        f'<H1>Tick {number}</H1><B>Ann</B> <A HREF="mailto:x?Subject=Re%3A&In-Reply-To={own}">'
        "ann at clock.example.org</A>"
        f"<I>Mon Mar  1 12:00:{number % 60:02} UTC 2010</I><!--beginarticle-->\n<PRE>{body}\n</PRE>\n<!--endarticle-->"
    )
