"""What stands below a mail: the sender's signature, what a provider appended, the list's footer.

A list's footer and a sender's ending are known best from the list's other mails (`indexer.habits` learns them); what
is looked for here without that are signatures behind `-- ` and footers of the form that list managers give them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.body.draft import Draft, Kind
from indexer.body.quotation import unmarked

SIGNATURE: Final = re.compile(r"--\s?$")  # RFC 3676, 4.3; the blank behind the dashes often gets lost
LONGEST_SIGNATURE: Final = 25  # lines; more is text below a line of dashes
LONGEST_WITHOUT_BLANK: Final = 12  # lines below dashes that have no blank behind them

ARMOR: Final = "-----BEGIN PGP"  # RFC 4880, 6.2
LONGEST_ARMOR: Final = 60  # lines

# Mailman's msg_footer (Defaults.py): 47 underscores, the list's name and address, its listinfo page.
RULE: Final = "_" * 30
FOOTER_RULE: Final = re.compile(rf"[>| \t]*{RULE}_*\s*$")
# Rules of other list managers; footers below them are believed at the end alone.
OTHER_RULE: Final = re.compile(r"\s*(?:([_=*~#+-])\1{7,}|(?:[-=*_] ){8,}[-=*_]?|-- ?)\s*$")
FOOTER_PAGE: Final = re.compile(r"/(?:mailman|cgi-bin|listinfo)/|/listinfo")
# Where people leave a list: pages and addresses of Mailman, Majordomo, ezmlm, Sympa, Yahoo and LISTSERV.
LEAVING: Final = re.compile(
    r"/(?:listinfo|mailman/options|sympa|mailing-?lists?)\b|unsubscri|-(?:request|unsubscribe|help)\s?(?:@|＠|\bat\b|…)|"
    r"(?:majordomo|listserv|sympa|mailman)\s?(?:@|＠| at )",
    re.IGNORECASE,
)
LONGEST_FOOTER: Final = 6  # lines below the rule
LONGEST_ENDING: Final = 14  # lines, blank ones left out, of what is looked at for an ending that was learned

Ending = tuple[str, ...]
"""Lines below a mail, as `plain_line` gives them, blank ones left out."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of a list's mails from all of them: its footers, what senders put below, by sender."""

    footers: frozenset[Ending] = frozenset()
    endings: Mapping[str, frozenset[Ending]] = field(default_factory=dict)


NO_HABITS: Final = Habits()
OWN: Final[frozenset[Kind]] = frozenset({"said", "code", "signature"})
"""Kinds of lines that a signature can be made of, before it is marked."""


def plain_line(line: str) -> str:
    """Give a line as endings are compared: without marks of quotation, white space folded.

    >>> plain_line("> > Kitchen  mailing list ")
    'Kitchen mailing list'
    """
    return " ".join(unmarked(line, len(line)).split()) if ">" in line[:8] else " ".join(line.split())


def mark_endings(draft: Draft, habits: Habits, sender: str) -> None:
    """Mark footers wherever they stand, quoted ones too; then the sender's ending, then the signature."""
    if RULE in draft.body:
        _mark_footers_below_rules(draft)
    if habits.footers:
        _mark_learned_footers(draft, habits.footers)
    if draft.signs:
        _mark_footer_at_the_end(draft)
    if endings := habits.endings.get(sender):
        _mark_learned_ending(draft, endings)
    if "--" in draft.body:
        if ARMOR in draft.body:
            _mark_armor(draft)
        _mark_signatures(draft)


def _mark_armor(draft: Draft) -> None:
    """Mark what OpenPGP puts around a signed text."""
    lines, opened = draft.lines, 0
    for number in draft.signs:
        if draft.kinds[number] not in OWN or not lines[number].startswith("-----"):
            continue
        line = lines[number].rstrip()
        if line == f"{ARMOR} SIGNED MESSAGE-----":
            hash_below = number + 1 < len(lines) and lines[number + 1].startswith("Hash: ")
            draft.mark("signature", number, number + 1 + hash_below, 0)
        elif line == f"{ARMOR} SIGNATURE-----":
            opened = number
        elif line == "-----END PGP SIGNATURE-----" and opened and number - opened < LONGEST_ARMOR:
            draft.mark("signature", opened, number + 1, 0)


def _mark_signatures(draft: Draft) -> None:
    """Mark from a line of two dashes to the next quotation, footer or end, the last such line first."""
    lines = draft.lines
    most_end = len(lines)
    for number in reversed(draft.signs):
        line = lines[number]
        if draft.kinds[number] not in OWN or not line.startswith("--") or not SIGNATURE.match(line):
            continue
        end, most = number + 1, LONGEST_SIGNATURE if line == "-- " else LONGEST_WITHOUT_BLANK
        count = 0
        while end < most_end and count <= most and draft.kinds[end] in OWN and not FOOTER_RULE.match(lines[end]):
            count += bool(lines[end].strip())
            end += 1
        if count <= most and (count or line == "-- "):
            draft.mark("signature", number, end, 0)
        most_end = number


def _mark_footers_below_rules(draft: Draft) -> None:
    """Mark Mailman's footer wherever it stands: in an index it would be noise."""
    lines = draft.lines
    for number in draft.signs:
        if FOOTER_RULE.match(lines[number]):
            below = lines[number + 1 : number + 1 + LONGEST_FOOTER]
            pages = [place for place, other in enumerate(below, number + 1) if FOOTER_PAGE.search(other)]
            if pages:
                draft.mark("footer", number, pages[0] + 1)


def _mark_footer_at_the_end(draft: Draft) -> None:
    """Mark a rule and the lines below it at the end of a mail, where they say how to leave the list."""
    lines = draft.lines
    end = len(lines)
    while end and (draft.is_blank(end - 1) or draft.kinds[end - 1] == "footer"):
        end -= 1
    for number in range(end - 1, max(-1, end - LONGEST_FOOTER - 2), -1):
        if draft.kinds[number] != "said":
            return
        if OTHER_RULE.match(lines[number]):
            below = "\n".join(lines[number + 1 : end])
            if LEAVING.search(below) and len(below) < 600:
                draft.mark("footer", number, end)
            return


def _mark_learned_footers(draft: Draft, footers: frozenset[Ending]) -> None:
    """Mark footers that the list's mails taught: at the end, and in quotations."""
    by_first: dict[str, list[Ending]] = {}
    for footer in footers:
        if max(footer, key=len)[:20] in draft.body:
            by_first.setdefault(footer[0], []).append(footer)
    if not by_first:
        return
    lines = draft.lines
    for number, line in enumerate(lines):
        for footer in sorted(by_first.get(plain_line(line), ()), key=len, reverse=True):
            end = _end_of_ending(lines, number, footer)
            if end and (draft.levels[number] or all(not other.strip() for other in lines[end:])):
                draft.mark("footer", number, end)
                break


def _end_of_ending(lines: list[str], start: int, ending: Ending) -> int:
    """Give the line behind an ending that begins at `start`; 0 where it does not stand there."""
    number = start
    for wanted in ending:
        while number < len(lines) and not plain_line(lines[number]) and number - start < 3 * len(ending):
            number += 1
        if number == len(lines) or plain_line(lines[number]) != wanted:
            return 0
        number += 1
    return number


def _mark_learned_ending(draft: Draft, endings: frozenset[Ending]) -> None:
    """Mark the longest ending that this sender's other mails have too."""
    last = len(draft.lines)
    while last and (draft.is_blank(last - 1) or draft.kinds[last - 1] == "footer"):
        last -= 1
    numbers, texts = tail(draft.lines, last)
    for start in range(len(texts)):
        if tuple(texts[start:]) in endings:
            if draft.kinds[numbers[start]] in ("said", "code"):
                draft.mark("signature", numbers[start], last, 0)
            return


def tail(lines: Sequence[str], end: int) -> tuple[list[int], list[str]]:
    """Give numbers and plain texts of the last lines before `end` that are not blank, in order."""
    numbers: list[int] = []
    for number in range(end - 1, -1, -1):
        if lines[number].strip():
            numbers.append(number)
            if len(numbers) == LONGEST_ENDING:
                break
    numbers.reverse()
    return numbers, [plain_line(lines[number]) for number in numbers]
