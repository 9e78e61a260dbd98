"""Articles: what the archiver makes of mails, before it writes any page.

`Article` is a mail with its number, volume, time and text; `archived` makes those of a whole list,
in the order of arrival. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import format_datetime

from tests.pipermail.forms import Generation, ListForm
from tests.pipermail.mail import Mail
from tests.pipermail.scrub import File, scrub

REPLY = re.compile(r"\s*re\s*(?:\[\d+\])?\s*:\s*", re.IGNORECASE)  # Re: and Re[2]:, which pages and texts never show
NOBODY = "bogus@does.not.exist.com"  # who a text says has sent a mail without a sender


@dataclass(frozen=True)
class Article:
    """An archived mail; `local` is its time in the server's zone, `epoch` the same in seconds of UTC.

    `subject` and `title` are the header as it stands and as it reads, both without Re:; `parent` is the
    number of the article that it answers, in the same volume; `key` its thread comment.
    """

    mail: Mail
    form: ListForm
    number: int
    volume: str
    local: datetime
    message_id: str
    subject: str
    title: str
    text: str
    files: tuple[File, ...]
    parent: int | None = None
    key: str = ""

    @property
    def generation(self) -> Generation:
        """The generation that archived it."""
        return self.form.generation

    @property
    def epoch(self) -> int:
        """Its time in seconds since 1970, UTC."""
        return int(self.local.timestamp())

    @property
    def page(self) -> str:
        """The path of its page below the list's folder."""
        return f"{self.volume}/{self.file_name}"

    @property
    def file_name(self) -> str:
        """Its page's name within the volume."""
        return f"{self.number:06d}.html"

    @property
    def author(self) -> str:
        """Its sender as index pages have it: the name, or else the address."""
        name = self.mail.from_name if self.generation.reads_mime else self.mail.named
        return name or self.address

    @property
    def address(self) -> str:
        """Its sender's address as the archive shows it; old Mailman knew only the list's."""
        if self.generation.name == "2.0":
            return self.form.posting
        return self.obscure(self.mail.from_address or "")

    @property
    def is_obscured(self) -> bool:
        """Whether addresses are shown with the language's `at`."""
        return self.form.obscured and self.generation.reads_mime

    @property
    def sent(self) -> str:
        """Its Date header as the text has it; a mail without one gets the time of arrival."""
        if not self.generation.dates_with_zone:
            return f"{self.local:%a %b} {self.local.day:2d} {self.local:%H:%M:%S %Y}"
        return format_datetime(self.local.astimezone(UTC)) if self.mail.sent is None else self.mail.sent

    def obscure(self, address: str) -> str:
        """Write an address as the archive shows it."""
        return address.replace("@", self.form.words["at"]) if self.is_obscured else address


def archived(form: ListForm, mails: Iterable[Mail], generations: dict[str, Generation] | None = None) -> list[Article]:
    """Archive mails in the order given; `generations` says for a volume that another release wrote it."""
    articles: list[Article] = []
    before = datetime(2000, 1, 1, tzinfo=UTC)
    for number, mail in enumerate(mails, form.since):
        before = mail.date or before + timedelta(seconds=1)
        articles.append(_article(form, generations or {}, number, mail, before.astimezone(form.zone)))
    return _threaded(articles)


def _article(form: ListForm, generations: dict[str, Generation], number: int, mail: Mail, local: datetime) -> Article:
    volume = form.volume(local)
    form = replace(form, generation=generations.get(volume, form.generation))
    message_id = mail.message_id or f"<mailman.{number}.{int(local.timestamp())}.4711.{form.posting}>"
    subject = _without_reply(mail.titled) or form.words["subject_missing"]
    scrubbed = scrub(mail, form, message_id, local)
    title = _decoded(subject) if form.generation.reads_mime else subject
    return Article(mail, form, number, volume, local, message_id, subject, title, scrubbed.text, scrubbed.files)


def _without_reply(subject: str) -> str:
    while match := REPLY.match(subject):
        subject = subject[match.end() :]
    return subject


def _decoded(header: str) -> str:
    try:
        return str(make_header(decode_header(header.replace("\n", ""))))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return header


def _threaded(articles: list[Article]) -> list[Article]:
    """Find each article's parent among the earlier ones of its volume, and make its thread comment's key."""
    done: list[Article] = []
    volumes: dict[str, _Volume] = {}
    for article in articles:
        volume = volumes.setdefault(article.volume, _Volume())
        parent = volume.parent(article)
        key = (parent.key if parent else "") + _element(article)
        done.append(replace(article, parent=parent.number if parent else None, key=key))
        volume.add(done[-1])
    return done


class _Volume:
    """The articles of a volume so far, by id and by subject."""

    def __init__(self) -> None:
        self.by_id: dict[str, Article] = {}
        self.by_subject: dict[str, Article] = {}

    def add(self, article: Article) -> None:
        self.by_id.setdefault(article.message_id, article)
        self.by_subject.setdefault(article.title.lower(), article)

    def parent(self, article: Article) -> Article | None:
        """Find it by In-Reply-To, else by the newest reference, else by the oldest of the same subject."""
        ids = [article.mail.in_reply_to, *reversed(article.mail.references)]
        known = [self.by_id[name] for name in ids if name in self.by_id]
        return known[0] if known else self.by_subject.get(article.title.lower())


def _element(article: Article) -> str:
    """Make an article's own part of a thread key; the old clock is off by the server's zone."""
    if article.generation.key == "number":
        return f"{article.epoch:011d}.{article.number}-"
    if article.generation.key == "message-id":
        return f"{article.epoch:011d}/{article.message_id.strip('<>')}-"
    offset = article.local.utcoffset() or timedelta(0)
    return f"{article.epoch - int(offset.total_seconds()):011d}-"
