"""Where a text may have lost characters, and how it looks there: what tells whether a page is worth its request.

Mailman writes a volume's text in the list's charset and `?` for what does not fit; the page keeps such characters
as entities. A `?` of an author ends a question; one of Mailman's stands where no question mark belongs. Only marks
that no code, address or encoded word explains are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from crawler.parse.defects import Reason
from crawler.parse.loss import REPLACEMENT

# What holds `?` without any loss: addresses of pages and their queries, ids or addresses in angle brackets, processing
# instructions of XML and PHP, encoded words, a mark between quotation marks.
EXEMPT = re.compile(
    r"https?://\S+|<[^<>\s]+>|<\?[^<>]*\?>|<\?\w+|=\?[-\w*]{1,60}\?[bBqQ]\?[^?\s]*\?="
    r"|(?<![^\W\d_])\?[\w.%-]{1,40}=|\?[\w.%-]{1,40}=(?=[\w%\"'])|(['\"])\?+\1"
)
FILLER = "\x01"  # stands for what is exempt: no letter, no blank, no mark
MARKS = re.compile(r"\?+|\ufffd+")
LEAD = re.compile(r"[ \t>|:]*")  # of a line: blanks and quotation marks
WORD = re.compile(r"\w{1,40}\Z")
GOES_ON = re.compile(r" {1,2}[a-z]")
# Scripts without blanks between words: a mark between two letters is no sign there.
DENSE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
WHOLE_WORD = re.compile(r"[^\W_]+(?!\?|\w)")
BEHIND = 80  # letters before a mark within which its backquote stands
# Of a context: how many letters are looked at on both sides, and how many of them are kept.
LOOK_BACK, LOOK_ON, KEEP_BACK, KEEP_ON = 40, 30, 12, 8
NO_LETTERS = re.compile(r"[\W_]+")
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Author:
    """What tells a lost letter in a name from a question: senders' names after a loss, words of its own sender's."""

    spellings: Collection[str] = ()
    own: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A mark that may stand for a lost character: why it looks so, and where."""

    reason: Reason
    place: int


def doubts(text: str, author: Author, known: Callable[[], Collection[str]]) -> Iterator[Doubt]:
    """Give the marks of a text that may stand for lost characters; `known` gives whole words, in lower case.

    >>> [doubt.reason for doubt in doubts("Un caf? noir?", Author(), lambda: {"noir"})]
    ['mark_goes_on']
    """
    if "?" not in text and REPLACEMENT not in text:
        return
    place = 0
    for line in EXEMPT.sub(lambda m: FILLER * len(m[0]), text).split("\n"):
        if "?" in line or REPLACEMENT in line:
            yield from (Doubt(reason, place + at) for at, reason in _in_line(line, author, known))
        place += len(line) + 1
    for spelling in author.spellings:
        if spelling in text:
            yield Doubt("mark_in_name", text.index(spelling))


def whole_words(texts: Iterable[str]) -> frozenset[str]:
    """Give the words of texts, in lower case; without those that a mark follows, since they may lack a letter.

    >>> sorted(whole_words(["Un caf? noir"]))
    ['noir', 'un']
    """
    return frozenset(word.lower() for text in texts for word in WHOLE_WORD.findall(text))


def context(text: str, place: int) -> str:
    """Give what stands around a mark, in a form that survives quoting, wrapping and counting.

    >>> context("> so my caf? is closed", 11) == context("so my caf?  is closed", 9)
    True
    """
    before = NO_LETTERS.sub("", text[max(0, place - LOOK_BACK) : place])[-KEEP_BACK:]
    behind = NO_LETTERS.sub("", text[place : place + LOOK_ON].partition("\n")[0])[:KEEP_ON]
    return DIGIT.sub("0", f"{before}?{behind}")


def _in_line(line: str, author: Author, known: Callable[[], Collection[str]]) -> Iterator[tuple[int, Reason]]:
    begin, end = LEAD.match(line), len(line.rstrip(" \t\r?"))
    lead = begin.end() if begin else 0
    for mark in MARKS.finditer(line):
        reason = _reason(line, mark, author, known, bare=mark.start() <= lead, last=end <= mark.start())
        if reason:
            yield mark.start(), reason


def _reason(
    line: str, mark: re.Match[str], author: Author, known: Callable[[], Collection[str]], *, bare: bool, last: bool
) -> Reason | None:
    """Say how a mark looks; `bare`: only quotation marks stand before it in its line, `last`: nothing behind it."""
    if mark[0][0] == REPLACEMENT:
        return "undecoded"
    before = line[mark.start() - 1] if mark.start() else "\n"
    behind = line[mark.end()] if mark.end() < len(line) else "\n"
    if not before.isspace() and not _is_letter(behind) and _is_backquoted(line, mark, behind):
        return "mark_by_mark"
    if _is_letter(before):
        return _behind_word(line, mark, behind, author, known)
    if _is_letter(behind):
        return "mark_before_word" if bare or before.isspace() or before in "(\"'[" else "mark_by_mark"
    return _between_marks(line, mark, before, bare=bare, last=last)


def _between_marks(line: str, mark: re.Match[str], before: str, *, bare: bool, last: bool) -> Reason | None:
    if before in ".,;:":
        return None if line.endswith("..", 0, mark.start() - 1) else "mark_by_mark"
    if bare:
        return "mark_alone" if last else "mark_in_indent"
    if before.isspace():
        return "mark_at_end" if last else "mark_alone"
    return "mark_by_mark" if len(mark[0]) > 1 and before != FILLER else None


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _behind_word(
    line: str, mark: re.Match[str], behind: str, author: Author, known: Callable[[], Collection[str]]
) -> Reason | None:
    """Say how a mark behind a letter looks: inside a word, or where a word may lack its last letter."""
    found = WORD.search(line, max(0, mark.start() - BEHIND), mark.start())
    word = found[0].lower() if found else ""
    if _is_letter(behind):
        return "mark_goes_on" if DENSE.match(behind) or DENSE.search(word, len(word) - 1) else "mark_in_word"
    if len(mark[0]) == 1 and any(name.lower().startswith(word) and len(name) == len(word) + 1 for name in author.own):
        return "mark_in_name"
    if behind in ":,;(":
        return "mark_by_mark"
    if GOES_ON.match(line, mark.end()):
        return "mark_goes_on"
    strange = len(mark[0]) == 1 and not DENSE.search(word) and word not in known()
    return "word_unknown" if strange else None


def _is_backquoted(line: str, mark: re.Match[str], behind: str) -> bool:
    """Say whether a backquote before the mark misses the accent that closes it, as in "`word? is"."""
    opened = line.rfind("`", max(0, mark.start() - BEHIND), mark.start())
    return opened >= 0 and behind not in "'`\"" and not any(q in "'\"" for q in line[opened + 1 : mark.start()])
