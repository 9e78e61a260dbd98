"""A volume read whole: its text's entries joined with its numbered pages, and the account of both.

Entries stand in the text in the order of their arrival, which is that of their page numbers: where the
counts agree the i-th entry is the i-th number. Where they do not, both are aligned by what they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from crawler.pages import IndexEntry, VolumeIndex, read_volume_index
from crawler.parse.addresses import word_for_at
from crawler.parse.align import align, contradicts
from crawler.parse.charsets import fallback
from crawler.parse.compose import Clock, ParsedEntry, compose
from crawler.parse.dates import read_date, read_envelope, volume_span
from crawler.parse.defects import Note
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.loss import lossy_spellings
from crawler.parse.mail import Mail
from crawler.parse.message_page import MessagePage, read_page
from crawler.parse.sent import with_mails
from crawler.parse.slot import Slot
from crawler.parse.volume_text import TextEntry, Unpacked, chunks, is_text, read_entries, starts, unpack

ZONE_STEP = 900  # seconds; zones are whole quarters of an hour


@dataclass(frozen=True, slots=True)
class VolumeSource:
    """All that is held of a volume: payloads as sent, pages by number.

    `charset` is the list's, for a volume whose index is not held. `answered` tells for a scrubbed file's
    tail whether the server had it (None: not asked), `mails` gives those of a raw mbox that are the volume's.
    """

    list_name: str
    list_url: str
    name: str
    charset: str | None
    index: bytes | None
    texts: tuple[bytes, ...]
    pages: Mapping[int, bytes]
    answered: Callable[[str], bool | None] = lambda _: None
    mails: Callable[[], Iterable[Mail]] = tuple


@dataclass(slots=True)
class VolumeReading:
    """A volume's slots before they are composed: which entry, index line and page tell of the same message.

    `cut` says that the text ended before its end: its last entry has to be doubted.
    """

    source: VolumeSource
    index: VolumeIndex
    slots: list[Slot]
    entries: int | None
    charset: str | None
    names: frozenset[str]
    at_word: str | None
    cut: bool = False
    notes: Counter[Note] = field(default_factory=Counter)

    @property
    def unplaced(self) -> int:
        """Count entries of the text whose page number is not known."""
        return sum(slot.number is None and slot.text is not None for slot in self.slots)

    def is_cut(self, slot: Slot) -> bool:
        """Say whether a slot's text is the last one of a text that ended before its end."""
        last = next((s for s in reversed(self.slots) if s.text), None) if self.cut else None
        return slot is last


def read_slots(source: VolumeSource) -> VolumeReading:
    """Join what is held of a volume, message by message, without composing any."""
    index = read_volume_index(source.index) if source.index else VolumeIndex(None, (), None, None)
    charset = index.charset or source.charset
    text, unreadable = best_text(source.texts)
    pieces = chunks(text.data) if text is not None else source.pages.values()
    guessed = fallback(pieces, charset)
    entries = read_entries(text.data, charset, guessed or source.charset) if text is not None else None
    pages = {number: read_page(data, guessed or charset) for number, data in source.pages.items()}
    pages = {number: page for number, page in pages.items() if page.body is not None}
    slots = _join(entries, {e.number: e for e in index.entries}, pages)
    slots = with_mails(slots, list(source.mails()))
    senders = [unfold(decode_words(s.text.headers.get("from", ""))) for s in slots if s.text]
    names = lossy_spellings(name.partition("(")[2].rstrip(")") or None for name in senders)
    count = None if entries is None else len(entries)
    cut = text is not None and not text.whole
    reading = VolumeReading(source, index, slots, count, charset, names, word_for_at(senders), cut)
    alone = sum(slot.mail is not None and slot.number is None and slot.text is None for slot in slots)
    reading.notes.update({"text_unreadable": unreadable, "text_cut": int(cut), "only_in_mbox": alone})
    return reading


def best_text(texts: tuple[bytes, ...]) -> tuple[Unpacked | None, int]:
    """Choose among a volume's texts (.txt and .txt.gz) the one with most entries; count what was no text."""
    counted = [(len(starts(text.data)), text) for text in map(unpack, texts) if is_text(text.data)]
    usable = [(count, text) for count, text in counted if count or not text.data or text.data.isspace()]
    best = max(usable, key=lambda found: (found[0], found[1].whole, len(found[1].data), found[1].data), default=None)
    return best[1] if best else None, len(texts) - len(usable)


def read_volume(source: VolumeSource) -> tuple[list[ParsedEntry], VolumeReading]:
    """Read a volume into parsed entries, in the order of their arrival, with the account of the reading."""
    reading = read_slots(source)
    zone = _server_zone(reading.slots)
    clock = Clock(volume_span(source.name), reading.index.zone if zone is None else zone)
    parsed: list[ParsedEntry] = []
    for slot in reading.slots:
        previous = parsed[-1].epoch if parsed else None
        parsed.append(compose(slot, source.list_url, source.name, clock, previous, source.answered))
    return parsed, reading


def _join(
    entries: list[TextEntry] | None, index: Mapping[int, IndexEntry], pages: Mapping[int, MessagePage]
) -> list[Slot]:
    numbers = sorted({*index, *pages})
    if entries is None:
        return [Slot(n, None, index.get(n), pages.get(n)) for n in numbers]
    if not numbers:
        return [Slot(None, entry, None, None) for entry in entries]
    numbered = [(index.get(n), pages.get(n)) for n in numbers]
    if len(entries) == len(numbers) and not any(map(contradicts, entries, numbered)):
        pairs: list[tuple[int | None, int | None]] = [(i, i) for i in range(len(entries))]
    else:
        pairs = align(entries, numbered)
    return [
        Slot(
            n := None if j is None else numbers[j],
            None if i is None else entries[i],
            None if n is None else index.get(n),
            None if n is None else pages.get(n),
        )
        for i, j in pairs
    ]


def _server_zone(slots: list[Slot]) -> int | None:
    """Learn the server's zone, in seconds east of UTC, from entries whose Date header knows its own.

    The envelope line has the same moment in the server's clock (HyperArch as_text).
    """
    votes: Counter[int] = Counter()
    for slot in slots:
        if slot.text:
            local, utc = read_envelope(slot.text.envelope), read_date(unfold(slot.text.headers.get("date", "")))
            if local is not None and utc is not None:
                votes[round((local - utc) / ZONE_STEP) * ZONE_STEP] += 1
    best = votes.most_common(1)
    return best[0][0] if best and best[0][1] * 2 > sum(votes.values()) else None
