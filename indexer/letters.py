"""Which characters words are made of, and how they are folded: the same in every Python and browser.

The tables are pinned to Unicode 14, because an index outlives the Python that made it and a
browser has other Unicode data: a letter that a later Unicode adds is no letter here until the
tables are made anew (tests/letters_table.py), which asks for a new index. Folding may use the
running Unicode data, which Unicode promises never to change for a character that it has.
site_templates/static/search-core.js holds the same tables and rule; tests compare every character.

Nothing here knows of words; that is `indexer.analysis`.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from typing import Final

# Each table is a list of ranges in base 36, `GAP.LENGTH`: first minus the last character of the range
# before, then last minus first (nothing for 0).

# Letters, digits and vowel signs of scripts that put spaces between words.
WORD: Final = """
1c.9 8.p 7.p 1c 8.1 2 4.1 6.m 2.u 2.1y 3.ao 5.b f.4 8 2 3m.4 2.1 4.2 2 7 2.2 2 2.j 2.2a 2.3u 9.4l 2.11 3 7.14 20.q
5.3 1a.v 2.9 m.9 5.1 2.2q 2 g.1 8.e 3 h 2.t u.2s f.16 a.1 5 6.l 5 a 4 o.o 8.a 6.n 2.5 i.15 1j.1n 2.j 5.e 3.9 2.i 2.7
3.1 3.l 2.6 2 4.3 4.7 3.1 3.3 9 5.1 2.4 3.b 3.5 3 5.2 2.5 5.1 3.l 2.6 2.1 2.1 2.1 5.4 5.1 3.2 4 8.3 2 8.f c.2 2.8
2.2 2.l 2.6 2.1 2.4 4.8 2.2 2.2 3 g.3 3.9 a.6 2.2 2.7 3.1 3.l 2.6 2.1 2.4 4.7 3.1 3.2 8.2 5.1 2.4 3.9 2.6 b.1 2.5
4.2 2.3 4.1 2 2.1 4.1 4.2 4.b 5.4 4.2 2.3 3 7 f.c e.c 2.2 2.m 2.f 4.7 2.2 2.3 8.1 2.2 3 3.3 3.9 9.6 2.3 2.7 2.2 2.m
2.9 2.4 4.7 2.2 2.3 8.1 7.1 2.3 3.9 2.1 e.c 2.2 2.1e 2.2 2.4 6.f 3.i 2.5 2.2 2.h 4.n 2.8 2 3.6 4 5.5 2 2.7 7.9 3.1
2l.9 3b.9 13 w.j b.9 2.z 5.g 3 4.f 2.z 3o.9 1z.9 7.11 2 6 3.16 2.98 2.3 3.6 2 2.3 3.14 2.3 3.w 2.3 3.6 2 2.3 3.e
2.1k 2.3 3.1u f.j 4.f h.2d 3.5 4.h7 3.g 2.p 6.22 4.a 8.l a.l c.j d.c 2.2 2.1 2s 9.9 7.9 i.2 2.a 7.2g 8.14 2 6.1x b.u
2.b 5.8 e.13 3.4 c.17 5.p 7.a 12.m 3.2 5.1q 2.k c.9 7.9 e 2h.1f 2.n 4.9 13.2t 2.c d.1i a.9 4.1c 3.8 8.16 3.2 y 8.3
2.5 2.2 3 6.5b 1t.7p 3.5 3.11 3.5 3.7 2 2 2 2.u 3.1g 2.6 2 4.2 2.6 4.3 3.5 5.c 6.2 2.6 38.1 3.5 6.a 7.c 2u 5 3.9 2
4.4 7 2 2 2.3 2.a 3.3 6.4 5 i.14 k8.j 3b.l hj.t vh.6c 7.3 4.1 a 3.11 2 6 3.1j 8 g.n a.6 2.6 2.6 2.6 2.6 2.6 2.6 2.6
29 le.2l 56.7 2.e 2a.e lkx.wc 1w.19 3.7g 4.r l.1a h.u 3.27 14.8 3.2u 3.1r 6.1 2 2.4 p.1h 5 4.5 b.1f d.1x b.9 p.5 4
2.19 6.z d.s 4.1e 2.c f.a 7.u 2.1i a.d 3.9 7.m 4.1h 2 4.1 3.4 3 2 p.2 3.f 3.4 b.5 3.5 3.5 a.6 2.6 2.16 2.d 7.3e 2.1
3.9 8mv.m 5.1c 6x1.6 d.4 6 2.9 2.c 2.4 2 2.1 2.1 2.2z y.3u 7.3x 4.20 j.1r 3.1h 15.9 3e d.3g k.9 8.p 7.p 1y.u 4.5 3.5
3.5 3.2 10.b 2.p 2.i 2.1 2.e 3.d z.3e d.18 d.1k i.1 6t.s 4.1c h.q 5.z a.t 6.11 b.t 3.z 5.7 2.4 17.4d 3.9 7.z 5.z
5.13 9.1f d.a 2.e 2.6 2.1 2.a 2.e 2.6 2.1 1w.8m a.l b.7 p.5 2.15 2.8 1y.5 3 2.17 2.1 4 3.m 3.u 3.11 9.8 1d.i 2.1 6.w
5.p 1z.1j 5.j 3.1d 2.1 6 2 2.3 2.2 2.s a.9 o.u 2.v x.7 2.r 7.4 h.1h b.l 3.q 6.p o.6 29.20 1k.1e e.1e 8.15 d.9 87.u
2.15 7.1 27.13 9.l c.3 s.h 1b.r l.m a.1y c.z a.1m 9 e.o 8.9 a.1d 2.9 5.3 9.y 4 a.1w 5 2.1 2.c 2 5.j c.h 2.y 2 7 1u.6
2 2.3 2.e 2.9 8.1k 2 6.9 7.3 2.7 3.1 3.l 2.6 2.1 2.4 4.7 3.1 3.2 3 7 6.6 4d.1x 2.3 6.9 6.2 v.1u 2.1 2 9.9 4n.1h 3.7
p.5 z.1s 4 c.9 13.1i 2 8.9 1j.q 3.e 5.b 5.6 56.1l 2v.2a d.7 3 3.7 2.1 2.t 2.1 3.7 e.9 1z.7 3.19 3.7 2.1 s.1q 9 9.21
4 j.20 7c.8 2.18 2.8 g.s 6.t 3.l 2.d 22.6 2.1 2.17 4 2.1 2.2 2.4 9.9 7.5 2.1 2.10 2.1 2.5 8.9 8n.m 56 g.k 18.pl
2v.32 i.5f 219.2o g.tq 34i.g6 6nu.fs 8.u 2.9 7.26 2.9 7.t j.1b h.3 d.9 2.6 2.k 6.i j5.2e 2y.22 5.1k 8.g 1t.1 2.1 c.1
f.4qf 9.yd 17.8 76w.az 1s5.2y 6.c 4.8 8.9 4 3mr.19 3.m pm.j 31.o 3s.2c 2.1y 2.1 3 3.1 3.3 2.b 2 2.6 2.1s 2.3 3.7 2.6
2.r 2.3 2.4 2 4.6 2.9f 3.o 2.o 2.u 2.o 2.u 2.o 2.u 2.o 2.u 2.o 2.7 3.1d e9.1i 5.1d 9 f n.4 2.e up.u de.18 b.6 3.9 5
8y.t j.17 5.9 yv.6 2.3 2.1 2.e 2.5g 3.8 1d.1v 8 5.9 m0.1m 2.2 2.3 25.18 2.e 5f.3 2.q 2.1 2 3 2.9 2.3 2 2 7 5 2 2 2.2
2.1 2 3 2 2 2 2 2.1 2 3.3 2.6 2.3 2.3 2 2.9 2.g 6.2 2.4 2.g gg.1 25g.9
"""

# Those of Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese: read by overlapping pairs.
RUN: Final = """
2rl.1l 6.e 1f.1 2 2.4 2.n 2 2.m 3.4 2 2.5 f.3 81.1r h.1r b.3 1cz.2b 9.1 4rs.2 q.8 8.4 3.4 5.2d 7.2 2.2h 2.3 6.16
2r.3 b.v 1d.f 3l.9 af.533 1t.g73 2dd.8mb 6l9.a5 3.2x wd.1j ytv.3 2.6 2.1 2.82 1a.2 i.3 fix.wyn x.37c 8.65 3.4g1
f.5rk 2e8.f1 15v.3t6
"""

# Accents, points and invisible signs: part of a word, and no part of what is compared.
DROPPED: Final = """
4t gj.33 7o.6 7c.18 2 2.1 2.1 2 21.a 12 b.k h 2u.6 3.5 3.1 2.3 10 v.q 4h.8 a p.3 2.8 2.2 2.4 18.2 1p.7 17.n 2.s 1p
l.3 2w 1u 1q 3k 3k 74 3k gs.1 s 2 2 21.1 3.1 1r pj.2 11m 40.2 64.1 2l.7 3 1d.u 2u 1j.8 37 29 49.2 2.c 2.6 5 7 4.1
5j.1r ek.2 2b 34.w 2db.2 6n.v ff.5 2y.1 n9x.3 2.9 x.1 29.1 dr.h 1m.2 3q 71 2.2 3.1 6.1 2 fvh ki.f h.f r2 6b 46.4 1ar
2 15.2 4r.1 fy.3 as.1 4a.a 1e.3 8l 1y.2 35 2f 30 4z 2a.1 16.6 4.4 5u o 2t 71 6v ar 7d sf fce.4 1o.6 g2w 43r.4 4.5
9.7 3.6 v.3 45.2 2po.6 2.g 3.6 2.1 2.4 7a.6 ag 1q.3 15t.6 32.6 gzhy.6n
"""

# What neither decomposition nor lower case folds, though its readers write it so on other keyboards.
SPECIAL: Final = {
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l",
    "ŋ": "n", "ŧ": "t", "ς": "σ", "٠": "0", "١": "1", "٢": "2", "٣": "3", "٤": "4", "٥": "5", "٦": "6", "٧": "7",
    "٨": "8", "٩": "9", "۰": "0", "۱": "1", "۲": "2", "۳": "3", "۴": "4", "۵": "5", "۶": "6", "۷": "7", "۸": "8",
    "۹": "9",
}  # fmt: skip

HANGUL: Final = ("\uac00", "\ud7a3")  # syllables: kept whole, where decomposition would take them apart


SKELETON_LETTER, SKELETON_RUN, SKELETON_DROPPED = "0", "\x01", "\x02"


def fold(text: str) -> str:
    """Fold case, accents and compatibility forms of the letters in a text; the rest stays.

    >>> fold("Straße, CAFÉ & ﬁn")
    'strasse, cafe & fin'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def fold_letter(char: str) -> str:
    """Fold one letter by the rule, whether the tables hold it or not."""
    if HANGUL[0] <= char <= HANGUL[1]:
        return char
    lowered = "".join(map(str.lower, _without_marks(char)))
    return "".join(SPECIAL.get(c, c) for c in _without_marks(lowered))


def ranges(table: str) -> list[tuple[int, int]]:
    """Read a table: first and last number of each range, ascending.

    >>> ranges("1t.9 8.p")
    [(65, 74), (82, 107)]
    """
    found, last = [], 0
    for item in table.split():
        gap, _, length = item.partition(".")
        first = last + int(gap, 36)
        last = first + int(length or "0", 36)
        found.append((first, last))
    return found


def encode(chars: Iterable[str]) -> str:
    """Write ascending characters as a table, the reverse of `ranges`.

    >>> encode("7AB")
    '1j a.1'
    """
    found: list[list[int]] = []
    for number in map(ord, chars):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    before = [0, *(last for _, last in found)]
    return " ".join(_item(first - gap, last - first) for (first, last), gap in zip(found, before, strict=False))


def skeleton(text: str) -> str:
    """Write a text so that ASCII tells what its characters are: patterns of units then need no tables of letters.

    Each letter beyond ASCII becomes a digit, one of a run `SKELETON_RUN`, what is dropped `SKELETON_DROPPED`; all
    else stays, and so does every character's place.

    >>> skeleton("naïve 東京") == "na0ve " + 2 * SKELETON_RUN
    True
    """
    return text.translate(_SKELETON)


class _Skeleton(dict[int, str]):
    """What characters beyond ASCII become, made when first met: a memory of a pure function."""

    def __missing__(self, number: int) -> str:
        kind = chr(number)
        if number < 128:
            kind = " " if kind in (SKELETON_RUN, SKELETON_DROPPED) else kind
        elif _holds(WORD, number):
            kind = SKELETON_LETTER
        elif _holds(RUN, number):
            kind = SKELETON_RUN
        elif _holds(DROPPED, number):
            kind = SKELETON_DROPPED
        self[number] = kind
        return kind


_SKELETON: Final = _Skeleton()


class _Folds(dict[int, str]):
    """Foldings by character number, made when first met: a memory of a pure function."""

    def __missing__(self, number: int) -> str:
        char = chr(number)
        folded = "" if _holds(DROPPED, number) else char
        if _holds(WORD, number) or _holds(RUN, number):
            folded = fold_letter(char)
        self[number] = folded
        return folded


_FOLDS: Final = _Folds()


@cache
def _edges(table: str) -> list[int]:
    return [edge for first, last in ranges(table) for edge in (first, last + 1)]


def _holds(table: str, number: int) -> bool:
    return bisect_right(_edges(table), number) % 2 == 1


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not _holds(DROPPED, ord(c)))


def _item(gap: int, length: int) -> str:
    return f"{_base36(gap)}.{_base36(length)}" if length else _base36(gap)


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
