"""Which entry of a volume's text is which numbered page, where their counts differ.

Message-IDs say it for certain where pages tell them (thread keys up to 2.1.12, mailto links since 2.1.10);
else the moment with the subject does, then author and subject. What is left between two sure pairs is paired
in order when as many are left on both sides. An archive that was built more than once has copies in its text
of which an index names one: the first where there are ids, the last in 1.x.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Literal

from crawler.pages import IndexEntry
from crawler.parse.dates import read_date
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.message_page import MessagePage
from crawler.parse.volume_text import TextEntry

Pair = tuple[int | None, int | None]
Numbered = tuple[IndexEntry | None, MessagePage | None]
Keys = tuple[Hashable | None, ...]
# What the keys of a level say: may one side have more copies of a message than the other, and which are then the same?
LEVELS: tuple[Literal["first", "last", "as many"], ...] = ("first", "last", "last", "last", "as many")
ZONE_STEP = 900  # seconds; a clock that does not know its zone is off by a multiple of it


def align(entries: Sequence[TextEntry], numbered: Sequence[Numbered]) -> list[Pair]:
    """Pair entries (by position) with numbered pages (by position); None where one has no counterpart.

    Every entry and every page occurs once; pairs stand in the order of the entries, pages without
    an entry after the page before them.
    """
    return pair([entry_keys(entry) for entry in entries], [page_keys(index, page) for index, page in numbered])


def pair(keys_a: Sequence[Keys], keys_b: Sequence[Keys]) -> list[Pair]:
    """Pair two sides by their keys (by position), as `align` does."""
    sure: dict[int, int] = {}
    for level, copies in enumerate(LEVELS):
        _match(sure, [k[level] for k in keys_a], [k[level] for k in keys_b], copies)
    chain = _increasing(sorted(sure.items()))
    chain += _between(chain, len(keys_a), len(keys_b))
    return _all_pairs(dict(chain), len(keys_a), len(keys_b))


def contradicts(entry: TextEntry, numbered: Numbered) -> bool:
    """Say whether an entry and a page surely are two messages: both have an id, and not the same."""
    own, shown = _entry_id(entry), _page_id(*numbered)
    return own is not None and shown is not None and own != shown


def _entry_id(entry: TextEntry) -> str | None:
    return unfold(entry.headers.get("message-id", "")).strip("<>") or None


def _page_id(index: IndexEntry | None, page: MessagePage | None) -> str | None:
    return ((page and page.message_id) or "").strip("<>") or (index and index.message_id) or None


def entry_keys(entry: TextEntry) -> Keys:
    """Give the keys of an entry: its id; moment and subject; the same within its zone; moment and author; both names.

    A subject alone is not enough: an index obfuscates addresses in it, a text does not.
    """
    subject = _bare(unfold(decode_words(unfold(entry.headers.get("subject", "")))))
    sender = _bare(unfold(decode_words(unfold(entry.headers.get("from", "")))).partition("(")[2].rstrip(")"))
    moment = read_date(unfold(entry.headers.get("date", "")))
    return _entry_id(entry), *_moment_keys(moment, subject), _sent_by(moment, sender), (sender, subject)


def _moment_keys(moment: int | None, subject: str, *, exact: bool = True) -> Keys:
    if moment is None:
        return None, None
    return (moment, subject) if exact else None, (moment % ZONE_STEP, subject)


def page_keys(index: IndexEntry | None, page: MessagePage | None) -> Keys:
    """Give the keys of a numbered page, as far as index and page tell them."""
    subject = _bare((index.subject if index else page.subject if page else "") or "")
    author = _bare((index.author if index else page.author if page else "") or "")
    moment = index.epoch if index else None
    exact = bool(index and index.exact)
    sent = _sent_by(moment if exact else None, author)
    return _page_id(index, page), *_moment_keys(moment, subject, exact=exact), sent, (author, subject)


def _sent_by(moment: int | None, author: str) -> Hashable | None:
    return None if moment is None or not author else (moment, author)


def _bare(text: str) -> str:
    """Keep of a text what survives the ways in which a page and a text may spell it."""
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def _match(
    sure: dict[int, int], left: Sequence[Hashable | None], right: Sequence[Hashable | None], copies: str
) -> None:
    """Pair equal keys that are still free, in order; where one side has more, its first or last, or none."""
    taken = set(sure.values())
    a, b = _places(left, sure), _places(right, taken)
    for key, places in a.items():
        others = b.get(key, [])
        count = min(len(places), len(others))
        if len(places) == len(others) or copies == "first":
            sure.update(zip(places[:count], others[:count], strict=True))
        elif copies == "last" and count:
            sure.update(zip(places[-count:], others[-count:], strict=True))


def _places(keys: Sequence[Hashable | None], taken: Iterable[int]) -> dict[Hashable, list[int]]:
    skip, places = set(taken), defaultdict(list)
    for position, key in enumerate(keys):
        if key is not None and position not in skip:
            places[key].append(position)
    return places


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep the longest chain of pairs that rises on both sides: order is the one thing both share."""
    tails: list[int] = []
    back: list[int] = [-1] * len(pairs)
    for i, (_, b) in enumerate(pairs):
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if pairs[tails[middle]][1] < b else (low, middle)
        back[i] = tails[low - 1] if low else -1
        tails[low : low + 1] = [i]
    chain, at = [], tails[-1] if tails else -1
    while at >= 0:
        chain.append(pairs[at])
        at = back[at]
    return chain[::-1]


def _between(chain: list[tuple[int, int]], count_a: int, count_b: int) -> list[tuple[int, int]]:
    """Pair what is left between two sure pairs, where as many are left on both sides."""
    found = []
    for (a0, b0), (a1, b1) in zip([(-1, -1), *chain], [*chain, (count_a, count_b)], strict=True):
        if a1 - a0 == b1 - b0:
            found += list(zip(range(a0 + 1, a1), range(b0 + 1, b1), strict=True))
    return found


def _all_pairs(sure: dict[int, int], count_a: int, count_b: int) -> list[Pair]:
    pairs: list[Pair] = [(a, sure.get(a)) for a in range(count_a)]
    places = {b: i for i, (_, b) in enumerate(pairs) if b is not None}
    extra: dict[int, list[Pair]] = defaultdict(list)
    last = -1
    for b in range(count_b):
        if b in places:
            last = places[b]
        else:
            extra[last].append((None, b))
    out = list(extra[-1])
    for i, pair in enumerate(pairs):
        out += [pair, *extra[i]]
    return out
