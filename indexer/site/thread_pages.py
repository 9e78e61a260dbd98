"""The page of a thread: all of its messages in reading order, with an outline of who answered whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from crawler.message import Attachment, Message
from crawler.parse.file_names import shown_name
from crawler.parse.media import told
from indexer.body.endings import Ending
from indexer.files.reading import Reading
from indexer.site import urls
from indexer.site.inner import NOTHING, Inner
from indexer.site.outline import NOBODY, Row, ThreadOutline, bare_subject
from indexer.site.pages import DEEPEST, Link, Page, Steps
from indexer.site.stamps import Stamp, stamp, volume_title
from indexer.site.text import body_parts

KIND_WORDS: Final = {"html": "HTML version", "message": "forwarded message", "text": "text", "other": "attachment"}
FATES: Final = {
    "missing": "the old archive names it and does not have it",
    "skipped": "the old archive did not keep it",
    "stored": "kept back: an e-mail address can be read in it",
    "inline": "shown above",
}


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment as a page shows it: where its file is, or what became of it, and what of it is shown.

    `title` is what stands above the latter where it is not the mail's own text.
    """

    name: str
    path: str | None
    type: str
    size: str
    description: str
    fate: str
    inner: Inner = NOTHING
    title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message: its text as markup, or the files that stood at one place."""

    markup: str
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message on its thread's page; `subject` only where it differs from the thread's."""

    id: str
    number: int
    name: str
    address: str
    date: Stamp | None
    subject: str
    answers: Row | None
    volume: Link | None
    parts: tuple[Part, ...]
    message_id: str
    date_raw: str
    originals: tuple[str, ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A line of a thread's outline; `subject` only where it changes."""

    id: str
    name: str
    date: Stamp | None
    depth: int
    subject: str


@dataclass(frozen=True, slots=True)
class ThreadView:
    """All that the page of a thread shows."""

    subject: str
    ghost: bool
    language: str | None
    people: int
    first: Stamp | None
    last: Stamp | None
    outline: tuple[OutlineRow, ...]
    messages: tuple[MessageView, ...]
    steps: Steps


@dataclass(frozen=True, slots=True)
class ThreadTask:
    """What is known of a thread before its messages are read: small, so that it travels to other processes."""

    list: str
    title: str
    language: str | None
    outline: ThreadOutline
    steps: Steps

    @property
    def path(self) -> str:
        """Give the address of the page."""
        return urls.thread_page(self.list, self.outline.key)

    @property
    def told(self) -> tuple[object, ...]:
        """Give all that decides what the page shows, as plain values."""
        rows = [row.told for row in self.outline.rows]
        return self.list, self.title, self.language, self.outline.key, self.outline.ghost, self.steps, rows


Filer = Callable[[Message], list[FileView]]
"""Publishes the files of a message, and says where each is, in their order."""


Endings = Mapping[str, Sequence[Ending]]
"""What is known of the endings of messages, by their id, as published."""


def thread_page(task: ThreadTask, messages: Mapping[str, Message], file: Filer, endings: Endings) -> Page:
    """Build the page of a thread from its messages, which are redacted already."""

    def shown(message: Message) -> tuple[Part, ...]:
        return tuple(parts(message, file, endings.get(message.id, ())))

    outline = task.outline
    rows = {row.id: row for row in outline.rows}
    view = ThreadView(
        outline.subject,
        outline.ghost,
        task.language,
        len({row.name for row in outline.rows}),
        stamp(min((row.date for row in outline.rows if row.date is not None), default=None)),
        stamp(outline.last),
        tuple(outline_rows(outline.rows)) if len(outline.rows) > 1 else (),
        tuple(
            _message(messages[row.id], row, number, rows, outline, shown(messages[row.id]))
            for number, row in enumerate(outline.rows, 1)
            if row.id in messages
        ),
        task.steps,
    )
    return Page(task.path, "thread", outline.subject, view, (Link(task.title, urls.list_page(task.list)),))


def outline_rows(rows: tuple[Row, ...]) -> list[OutlineRow]:
    """Make the lines of an outline; a subject is said once, until another comes."""
    lines = []
    first = bare_subject(rows[0].subject)
    subjects: dict[str | None, str] = {}
    for row in rows:
        subjects[row.id] = bare_subject(row.subject)
        changed = subjects[row.id] != subjects.get(row.parent, first)
        depth = min(row.depth, DEEPEST)
        lines.append(OutlineRow(row.id, row.name, stamp(row.date), depth, row.subject if changed else ""))
    return lines


def _message(
    message: Message,
    row: Row,
    number: int,
    rows: Mapping[str, Row],
    outline: ThreadOutline,
    shown: tuple[Part, ...],
) -> MessageView:
    volume = message.volume
    return MessageView(
        message.id,
        number,
        message.from_name or message.from_address or NOBODY,
        (message.from_address or "") if message.from_name else "",
        stamp(row.date),
        row.subject if bare_subject(row.subject) != bare_subject(outline.subject) else "",
        rows.get(row.parent) if row.parent else None,
        Link(volume_title(volume), urls.volume_page(message.list, volume)) if volume else None,
        shown,
        message.message_id or "",
        message.date_raw or "",
        tuple(message.list_url + page for page in message.pages),
        message.defects,
    )


def parts(message: Message, file: Filer, endings: Sequence[Ending] = ()) -> list[Part]:
    """Cut a message where its notices stood: text, and the files at that place."""
    files = sorted(zip(message.attachments, file(message), strict=True), key=_place)
    places = [(at, [view for _, view in there]) for at, there in groupby(files, _place)]
    texts = body_parts(message.body, [at for at, _ in places], endings)
    found: list[Part] = []
    for (_, there), text in zip(places, texts, strict=False):
        found.append(Part(text, ()))
        found.append(Part("", tuple(there)))
    found.append(Part(texts[-1], ()))
    return [part for part in found if part.markup or part.files]


def _place(placed: tuple[Attachment, FileView]) -> int:
    return placed[0].at


def file_view(part: Attachment, path: str | None, reading: Reading | None = None, inner: Inner = NOTHING) -> FileView:
    """Say of an attachment what is known of it; `path` is where its file stands, None for nowhere."""
    name = shown_name(part.name) or KIND_WORDS[part.kind]
    return FileView(
        name,
        path,
        told(part.type) or (reading.type if reading else None) or part.type or "",
        _size(part.size),
        part.description or "",
        "" if path else FATES[part.status],
        inner,
        name if inner.folded or inner.headers else "",
    )


def _size(size: int | None) -> str:
    """Write a size for people.

    >>> _size(512), _size(20480), _size(None)
    ('512 bytes', '20 kB', '')
    """
    if size is None:
        return ""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
