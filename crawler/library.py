"""A volume's captures put together for the parser, and what is still wanted of it.

Reads captures and their payloads; asks nothing of any server and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Literal
from urllib.parse import urljoin

from crawler.config import KnownList
from crawler.former import current, states
from crawler.links import kind_of
from crawler.mails import Shelf
from crawler.pages import PAGE_NAME, ListIndex, VolumeRow, read_list_index, read_volume_index
from crawler.parse.charsets import decode
from crawler.parse.dates import DAY
from crawler.parse.doubts import whole_words
from crawler.parse.mail import read_mail
from crawler.parse.notices import Notice, tail
from crawler.parse.volume import VolumeReading, VolumeSource, read_volume
from crawler.parse.volume_text import unpack
from crawler.parse.wishes import Wishes
from crawler.store import Capture, MailingList, Store, Volume
from crawler.visits import settles

Payload = Callable[[Capture], bytes]
Pages = Literal["needed", "all", "none"]
WantedKind = Literal["index", "text", "page", "attachment"]

INDEX_PAGE = "thread.html"
NEIGHBOURS = 12  # volumes whose words are known, besides those of the volume itself
# How many numbers between a volume's own are tried for messages that no index names, for each such message.
GAPS_FOR_EACH, GAPS_AT_LEAST, GAPS_AT_MOST = 3, 20, 3000


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address that has to be asked for, and what it should hold; `guess`: no page of the archive names it.

    `instead_of` is the address of today, for one below a list's former address: it is asked for when that has nothing.
    `size` is an attachment's, as its notice states it; `text`: it states HTML or a mail.
    """

    url: str
    kind: WantedKind
    guess: bool = False
    instead_of: str | None = None
    size: int | None = None
    text: bool = False


class Library:
    """What is held of lists, read through a store and a way to a capture's payload."""

    def __init__(self, store: Store, payload: Payload, lists: Iterable[KnownList] = ()) -> None:
        self.store, self.payload = store, payload
        self.shelf = Shelf(store, payload)
        self.former = {known.name: known.former for known in lists}
        self._numbers = lru_cache(maxsize=4096)(self._read_numbers)
        self._words = lru_cache(maxsize=4 * NEIGHBOURS)(self._read_words)
        self._rows = lru_cache(maxsize=64)(self._read_rows)
        self._short: dict[tuple[str, str], bool] = {}
        self._last: dict[tuple[str, str], tuple[object, list[Wanted]]] = {}

    def source(self, list_name: str, volume: str) -> VolumeSource:
        """Put together what a volume says today; a list that is unknown raises KeyError."""
        captures, named = self.store.captures(list_name, volume), self._row(list_name, volume) is not None
        return self._source(list_name, volume, current(captures, self._numbers, named=named), captures)

    def asking_not_to(self, list_name: str, volume: str) -> tuple[bool, frozenset[str]]:
        """Say whether a whole volume asks not to be archived, and which of its pages (paths below the list's) do."""
        captures = self.store.captures(list_name, volume).values()
        asking = [capture for capture in captures if capture.good and capture.noarchive]
        base, own = self._list(list_name).url, self.store.capture(self._list(list_name).url)
        whole = bool(own and own.noarchive) or any(kind_of(capture.url) in ("text", "index") for capture in asking)
        return whole, frozenset(capture.url.removeprefix(base) for capture in asking)

    def former_sources(self, list_name: str, volume: str) -> list[VolumeSource]:
        """Put together what a volume said before its server took something of it away or changed it, oldest first."""
        captures = self.store.captures(list_name, volume)
        former = self.store.former(list_name, volume)
        return [self._source(list_name, volume, state, captures) for state in states(captures.values(), former)]

    def _source(
        self, list_name: str, volume: str, chosen: dict[str, Capture], captures: dict[str, Capture]
    ) -> VolumeSource:
        mailing_list = self._list(list_name)
        good = {url: c for url, c in chosen.items() if not tail(url)}
        return VolumeSource(
            list_name,
            mailing_list.url,
            volume,
            mailing_list.charset,
            next((self.payload(c) for url, c in good.items() if url.endswith(f"/{volume}/{INDEX_PAGE}")), None),
            tuple(self.payload(c) for url, c in good.items() if _is_text(url)),
            {int(m[1]): self.payload(c) for url, c in good.items() if (m := PAGE_NAME.search(url))},
            lambda path: _answer(captures.get(urljoin(mailing_list.url, path))),
            lambda: map(read_mail, self.shelf.of_volume(list_name, volume)),
        )

    def list_index(self, list_name: str) -> ListIndex | None:
        """Read the list's index page as it is held."""
        mailing_list = self._list(list_name)
        capture = self.store.capture(mailing_list.url)
        return read_list_index(self.payload(capture), mailing_list.url) if capture and capture.good else None

    def settled(self, volume: Volume, newest_name: str | None) -> bool:
        """Say whether a volume could not grow any more when it was last fetched."""
        captures = self.store.captures(volume.list, volume.name).values()
        fetched = min((capture.fetched_at for capture in captures if capture.good), default=0)
        return settles(volume.name, newest_name, fetched // DAY)

    def wanted(self, list_name: str, volume: str, pages: Pages = "needed") -> list[Wanted]:
        """Say what is still to be asked for; nothing that was answered, whatever the answer was.

        Call it again when that was answered, until it gives nothing: pages can name more attachments.
        """
        captures = self.store.captures(list_name, volume)
        ground = tuple((url, c.sha256) for url, c in captures.items() if not tail(url))
        last, before = self._last.get((list_name, volume), (None, []))
        found = before if last == (ground, pages) else list(self._wanted(list_name, volume, pages, captures))
        first = {want.url: want for want in reversed(found)}
        found = [first[url] for url in dict.fromkeys(want.url for want in found) if url not in captures]
        self._last[list_name, volume] = ((ground, pages), found)
        return [want for want in found if want.instead_of is None or _lacks(captures, want.instead_of)]

    def stated(self, list_name: str, volume: str) -> dict[str, Wanted]:
        """Give what a volume's notices state of its attachments, asked for or not, by their addresses."""
        wanted = self._wanted(list_name, volume, "none", self.store.captures(list_name, volume))
        return {want.url: want for want in wanted if want.kind == "attachment"}

    def is_short(self, list_name: str, volume: str) -> bool:
        """Say whether a volume's text, when last looked at, held fewer messages than its index names."""
        return self._short.get((list_name, volume), False)

    def _wanted(self, list_name: str, volume: str, pages: Pages, captures: dict[str, Capture]) -> Iterator[Wanted]:
        base = self._list(list_name).url
        index_url = urljoin(base, f"{volume}/{INDEX_PAGE}")
        texts = self._text_candidates(list_name, volume)
        if index_url not in captures:
            yield Wanted(index_url, "index")
        held = [url for url in texts if (c := captures.get(url)) and c.good]
        if not held:
            yield from (Wanted(url, "text") for url in texts if url not in captures)
        if index_url not in captures or (not held and any(url not in captures for url in texts)):
            return
        source = self.source(list_name, volume)
        entries, reading = read_volume(source)
        self._short[list_name, volume] = (reading.entries or 0) < len(reading.index.entries)
        if _falls_short(reading):
            yield from (Wanted(url, "text") for url in texts if url not in captures)
        listed = {entry.number for entry in reading.index.entries}
        for number in self._wanted_pages(reading, pages):
            guess = number not in listed
            yield Wanted(urljoin(base, f"{volume}/{number:06}.html"), "page", guess)
        for entry in entries:
            for notice in entry.notices:
                if (path := tail(notice.url)) and not _is_in_mail(notice):
                    want = Wanted(
                        urljoin(base, path), "attachment", size=_size(notice), text=notice.kind in ("html", "message")
                    )
                    yield want
                    for old in self.former.get(list_name, ()):
                        yield replace(want, url=urljoin(old, path), instead_of=want.url)

    def _text_candidates(self, list_name: str, volume: str) -> list[str]:
        """Give the addresses that a volume's text can have: what the list index says, then its other form.

        Only one is asked for at a time: the next when the last was no text or falls short.
        """
        base = self._list(list_name).url
        row = self._row(list_name, volume)
        named = list(row.text_urls) if row else []
        guesses = [urljoin(base, f"{volume}.txt.gz"), urljoin(base, f"{volume}.txt")]
        candidates = list(dict.fromkeys([*named, *guesses]))
        captures = self.store.captures(list_name, volume)
        answered = [url for url in candidates if url in captures]
        return [*answered, *[url for url in candidates if url not in captures][:1]]

    def _wanted_pages(self, reading: VolumeReading, pages: Pages) -> Iterable[int]:
        if pages == "none":
            return []
        known = [slot.number for slot in reading.slots if slot.number is not None]
        chosen = known if pages == "all" else self.wishes(reading).wanted()
        return sorted({*chosen, *self._gaps(reading, known)})

    def wishes(self, reading: VolumeReading) -> Wishes:
        """Say what is to be wished of a volume's pages, by what the list's other volumes teach."""
        return Wishes(reading, lambda: self._words_near(reading.source.list_name, reading.source.name))

    def _words_near(self, list_name: str, volume: str) -> frozenset[str]:
        """Give the words of the volumes nearest in time whose texts are held."""
        own = next((v.starts for v in self.store.volumes(list_name) if v.name == volume), 0)
        others = sorted(self.store.volumes(list_name), key=lambda v: (abs(v.starts - own), v.name))
        texts = (self._text_capture(list_name, other.name) for other in others if other.name != volume)
        held = islice((capture for capture in texts if capture), NEIGHBOURS)
        return frozenset[str]().union(*map(self._words, held))

    def _text_capture(self, list_name: str, volume: str) -> Capture | None:
        captures = self.store.captures(list_name, volume)
        return next((c for url, c in captures.items() if c.good and _is_text(url)), None)

    def _read_words(self, capture: Capture) -> frozenset[str]:
        text = unpack(self.payload(capture)).data
        return whole_words([decode(bytes(text), self._list(capture.list).charset)])

    def _gaps(self, reading: VolumeReading, known: list[int]) -> list[int]:
        """Give the numbers at which messages may stand that the volume's text or index counts and no index names."""
        missing = max(reading.unplaced, (reading.index.claimed or 0) - len(known))
        if missing <= 0 or not known:
            return []
        listed, low, high = set(known), min(known), max(known)
        elsewhere = self._elsewhere(reading.source.list_name, reading.source.name)
        free = (n for n in range(low, high + missing + 1) if n not in listed and n not in elsewhere)
        return list(islice(free, min(missing * GAPS_FOR_EACH + GAPS_AT_LEAST, GAPS_AT_MOST)))

    def _elsewhere(self, list_name: str, volume: str) -> set[int]:
        """Give the numbers that the other volumes' indexes name."""
        numbers: set[int] = set()
        for other in self.store.volumes(list_name):
            if other.name != volume:
                url = urljoin(self._list(list_name).url, f"{other.name}/{INDEX_PAGE}")
                capture = self.store.capture(url)
                if capture and capture.good:
                    numbers |= self._numbers(capture)
        return numbers

    def _read_numbers(self, capture: Capture) -> frozenset[int]:
        return frozenset(entry.number for entry in read_volume_index(self.payload(capture)).entries)

    def _row(self, list_name: str, volume: str) -> VolumeRow | None:
        capture = self.store.capture(self._list(list_name).url)
        return self._rows(capture).get(volume) if capture and capture.good else None

    def _read_rows(self, capture: Capture) -> dict[str, VolumeRow]:
        return {row.name: row for row in read_list_index(self.payload(capture), capture.url).volumes}

    def _list(self, name: str) -> MailingList:
        found = next((known for known in self.store.lists() if known.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


def _lacks(captures: dict[str, Capture], url: str) -> bool:
    return url in captures and not captures[url].good


def _is_text(url: str) -> bool:
    return url.endswith((".txt", ".txt.gz"))


def _answer(capture: Capture | None) -> bool | None:
    return None if capture is None else capture.good


def _is_in_mail(notice: Notice) -> bool:
    """Say whether the mail itself holds the bytes of a notice's file: text, HTML and mails are not filed as sent."""
    text = (notice.type or "text/").startswith("text/")
    return notice.sha256 is not None and notice.kind == "other" and notice.size is not None and not text


def _size(notice: Notice) -> int | None:
    """Give the size of a file as its notice states it: the very one, of a mail the least, of HTML none."""
    known = notice.kind in ("other", "message") and notice.type != "text/html" and notice.sha256 is None
    return notice.size if known else None


def _falls_short(reading: VolumeReading) -> bool:
    """Say whether a volume's text is cut or holds fewer messages than its index names: the other form may hold more."""
    return reading.cut or reading.entries is None or reading.entries < len(reading.index.entries)
