"""The whole chain over one input: parse, read, redact, index, thread, show; each target takes any bytes.

Nothing is written and nothing asked for. What a target raises is a bug, and so is a promise that does not hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from crawler.message import Attachment, Heading, Message, key
from crawler.pages import read_key, read_list_index, read_volume_index
from crawler.parse.addresses import clear_address, clear_name, read_sender, word_for_at
from crawler.parse.charsets import decode, page_charset
from crawler.parse.compose import ParsedEntry
from crawler.parse.dates import read_date, read_envelope, read_local_date, rfc3339, volume_span
from crawler.parse.embedded import read_embedded
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.mail import Mail, read_mail
from crawler.parse.mbox import mails
from crawler.parse.media import media_type
from crawler.parse.notices import Notice, scrub, tail
from crawler.parse.restored import as_sent
from crawler.parse.volume import VolumeSource, read_volume
from crawler.parse.wishes import Wishes
from indexer.analysis import places
from indexer.body.stretches import stretches
from indexer.contents import contents
from indexer.files.readers import File, read_file, reader_for
from indexer.query.tree import Word
from indexer.readable import readable as read_message
from indexer.redaction import Privacy, privacy_for, redact, redact_message_id
from indexer.site.attachments import publish_file
from indexer.site.html_part import readable
from indexer.site.leaks import Known
from indexer.site.outline import bare_subject
from indexer.site.thread_pages import FileView, file_view, parts
from indexer.snippets import snippet, wanted
from indexer.threads import threads

LIST, URL, VOLUME = "clockwork", "http://lists.example.org/pipermail/clockwork/", "2010-March"
CUT = b"\n\0\n"  # what parts an input into the pieces of a volume
HEADERS = ("From", "Date", "Subject", "In-Reply-To", "References", "Message-ID")
ENVELOPE = b"From ann at clock.example.org  Mon Mar  1 12:00:00 2010\n"
HEAD = ENVELOPE + b"From: ann at clock.example.org (Ann)\n"
PAGE = b'<h1>%s</h1><b>%s</b><a href="mailto:%s">%s</a><i>%s</i><!--beginarticle-->\n<PRE>%s</PRE>\n<!--endarticle-->'

ASKED = wanted(Word("tock"), "en")

OWN_READERS = ("html", "message", "plain")  # others are libraries', for which a process has to die now and then

Target = Callable[[bytes], object]


def volume(text: bytes) -> None:
    """Read bytes as a volume's text, and take its messages down the whole chain."""
    follow(_volume(text))


def held(data: bytes) -> None:
    """Read bytes as all that is held of a volume: index, text, a page, another page, cut at `\\n\\0\\n`."""
    index, text, *pages = [*data.split(CUT), b"", b""]
    follow(_volume(text, index=index, pages=dict(enumerate(pages, 1))))


def page(data: bytes) -> None:
    """Read bytes as a message's page, whole, and as each part of a page that is sound."""
    follow(_volume(b"", pages={1: data, 2: PAGE % ((data,) * 6), 3: PAGE % (b"Tick", b"Ann", b"", b"", b"", data)}))


def indexes(data: bytes) -> None:
    """Read bytes as the index of a volume and of a list, and as a key of a thread."""
    read_volume_index(data)
    read_list_index(data, URL)
    read_key(data.decode("utf-8", "replace"))
    follow(_volume(HEAD + b"Message-ID: <1@clock.example.org>\n\nTock.\n", index=data))


def notice(data: bytes) -> None:
    """Read bytes as a body that begins with notices, on a page and in a text."""
    text = data.decode("utf-8", "surrogateescape")
    for genuine in (True, False):
        found = scrub(text, lambda _, said=genuine: said)
        assert all(0 <= one.at <= len(found.body) for one in found.notices)
    begun = b"-------------- next part --------------\nA non-text attachment was scrubbed...\nName: " + data
    follow(_volume(HEAD + b"\n" + data + b"\n\n" + HEAD + b"\n" + begun))


def headers(data: bytes) -> None:
    """Read bytes as the value of each header, folded as they are."""
    value = data.decode("utf-8", "surrogateescape")
    plain = unfold(decode_words(unfold(value)))
    for moment in (read_date(value), read_local_date(value), read_envelope(value)):
        assert moment is None or rfc3339(moment)
    read_sender(value), clear_name(value), clear_address(value), word_for_at([value]), volume_span(value)
    redact_message_id(value), bare_subject(plain), page_charset(data)
    lines = b"".join(b"%s: %s\n" % (name.encode(), data) for name in HEADERS)
    each = [ENVELOPE + b"%s: %s\n\nTock.\n\n" % (name.encode(), data) for name in HEADERS]
    follow(_volume(HEAD + lines + b"\nTock.\n\n" + b"".join(each)))


def gzipped(data: bytes) -> None:
    """Read bytes as a gzip, as one whose head is sound, and as one that lost its end."""
    follow(_volume(data))
    follow(_volume(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + data))


def mbox(data: bytes) -> None:
    """Read bytes as a raw mbox that comes in two blocks, and as one mail of it; alone, and beside a text."""
    half = len(data) // 2
    found = [read_mail(raw) for raw in mails([data[:half], data[half:]])] + [read_mail(ENVELOPE + data)]
    follow(_volume(b"", sent=found))
    follow(_volume(HEAD + b"Message-ID: <1@clock.example.org>\n\nTock.\n", sent=found))


def attachment(data: bytes) -> None:
    """Read bytes as the file of every kind of notice, and make it fit to publish."""
    for charset in (None, "us-ascii", "euc-jp"):
        decode(data, charset)
    name = data[:200].decode("utf-8", "replace")
    for kind in ("html", "text", "message", "other"):
        part = Attachment(kind, name, name, len(data), name, URL + name, None, "stored", 0)  # type: ignore[arg-type]
        publish_file(part, data, "us-ascii", Privacy(), nobody())
        sent = as_sent(part.kind, data)
        if reader_for(part.kind, media_type(None, sent), sent) in OWN_READERS:
            read_file(File(part.kind, None, "us-ascii", data))
    read_embedded(data, "us-ascii")
    assert "<script" not in readable(data.decode("utf-8", "replace"), Privacy()).lower()


TARGETS: dict[str, Target] = {
    "volume": volume,
    "held": held,
    "page": page,
    "indexes": indexes,
    "notice": notice,
    "headers": headers,
    "gzipped": gzipped,
    "mbox": mbox,
    "attachment": attachment,
}


@cache
def nobody() -> Known:
    """Give a list that nobody has written to."""
    return Known.of(["ann@clock.example.org"])


def follow(messages: Iterable[Message]) -> None:
    """Take messages from their record to what index and site show of them; hold what is promised on the way."""
    held = list(messages)
    privacy = privacy_for(dict.fromkeys(m.from_address for m in held if m.from_address))
    for message in held:
        json.dumps(message.as_record())
        assert all(0 <= part.at <= len(message.body) for part in message.attachments)
        read_as = read_message(message, [None] * len(message.attachments), privacy)
        shown = read_as.message
        assert redact(shown.subject, privacy.exceptions) == shown.subject
        runs = stretches(shown.body)
        assert "".join(shown.body[run.start : run.end] for run in runs) == shown.body
        for _, text in contents(read_as, message).texts:
            places(text, language="en")
        snippet(shown.body, ASKED)
        parts(shown, _views)
    list(threads([_heading(message, number) for number, message in enumerate(held)]))


def _volume(
    text: bytes, *, index: bytes = b"", pages: dict[int, bytes] | None = None, sent: Sequence[Mail] = ()
) -> Iterator[Message]:
    texts = (text,) if text else ()
    source = VolumeSource(LIST, URL, VOLUME, "us-ascii", index or None, texts, pages or {}, mails=lambda: sent)
    entries, reading = read_volume(source)
    assert len(entries) == len(reading.slots)
    wishes = Wishes(reading)
    wishes.wanted(), wishes.held()
    return (_message(entry, number) for number, entry in enumerate(entries))


def _message(entry: ParsedEntry, number: int) -> Message:
    date = None if entry.epoch is None else rfc3339(entry.epoch)
    own = key(LIST, entry.message_id or f"<{number}@none>")
    return Message(
        LIST, URL, own, VOLUME, entry.number, entry.page, (entry.page,) if entry.page else (), entry.message_id,
        entry.in_reply_to, entry.references, entry.from_name, entry.from_address, date, entry.date_raw, entry.subject,
        entry.body, tuple(map(_attachment, entry.notices)), own, entry.defects,
    )  # fmt: skip


def _attachment(told: Notice) -> Attachment:
    status = "inline" if told.source is not None else "missing" if tail(told.url) else "skipped"
    return Attachment(
        told.kind, told.name, told.type, told.size, told.description, told.url, None, status, told.at, told.source
    )  # fmt: skip


def _heading(message: Message, number: int) -> Heading:
    return Heading(
        f"{message.id}{number}", LIST, VOLUME, message.number, message.message_id, message.in_reply_to,
        message.references, message.subject, message.from_name, None,
    )  # fmt: skip


def _views(message: Message) -> list[FileView]:
    assert all("<script" not in readable(part.source or "", Privacy()).lower() for part in message.attachments)
    return [file_view(part, None) for part in message.attachments]
