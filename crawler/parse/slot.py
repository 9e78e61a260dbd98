"""What is held of one message of a volume, from every source that tells of it. Only the shape; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.pages import IndexEntry
from crawler.parse.mail import Mail
from crawler.parse.message_page import MessagePage
from crawler.parse.volume_text import TextEntry


@dataclass(frozen=True, slots=True)
class Slot:
    """What is held of one message of a volume; `number` is its page's, `mail` the message as it was sent."""

    number: int | None
    text: TextEntry | None
    index: IndexEntry | None
    page: MessagePage | None
    mail: Mail | None = None
