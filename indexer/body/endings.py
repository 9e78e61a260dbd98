"""What stands below a mail: the sender's signature, what a provider appended, the list's footer.

A list's footer and a sender's ending are known best from the list's other mails (`indexer.body.learning`); what
is looked for here without that are signatures behind `-- ` and footers of the form that list managers give them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

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
MOST_BLANK: Final = 3  # blank lines for each of an ending's


class Ending(NamedTuple):
    """Lines that stand below a mail, and not below this one alone: as `plain_line` gives them, blank ones left out."""

    kind: Literal["footer", "signature"]
    lines: tuple[str, ...]


OWN: Final[frozenset[Kind]] = frozenset({"said", "code", "signature"})
"""Kinds of lines that a signature can be made of, before it is marked."""


def plain_line(line: str) -> str:
    """Give a line as endings are compared: without marks of quotation, white space folded.

    >>> plain_line("> > Kitchen  mailing list ")
    'Kitchen mailing list'
    """
    return " ".join(unmarked(line, len(line)).split()) if ">" in line[:8] else " ".join(line.split())


def mark_endings(draft: Draft, endings: Sequence[Ending] = ()) -> None:
    """Mark footers wherever they stand, quoted ones too; then the sender's ending, then the signature.

    `endings` are what the list's other mails taught of this one.
    """
    if RULE in draft.body:
        _mark_footers_below_rules(draft)
    for ending in endings:
        if ending.kind == "footer":
            _mark_learned_footer(draft, ending.lines)
    if draft.signs:
        _mark_footer_at_the_end(draft)
    for ending in endings:
        if ending.kind == "signature":
            _mark_learned_signature(draft, ending.lines)
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


def _mark_learned_footer(draft: Draft, footer: tuple[str, ...]) -> None:
    """Mark a footer that the list's mails taught: at the end, and in quotations."""
    lines, first = draft.lines, footer[0].split(" ", 1)[0]
    for number, line in enumerate(lines):
        if first in line and plain_line(line) == footer[0]:
            end = _end_of_ending(lines, number, footer)
            if end and (draft.levels[number] or _is_last(draft, end)):
                draft.mark("footer", number, end)


def _mark_learned_signature(draft: Draft, ending: tuple[str, ...]) -> None:
    """Mark what this sender's other mails end with too."""
    lines, first = draft.lines, ending[0].split(" ", 1)[0]
    for number in range(len(lines) - 1, -1, -1):
        if draft.kinds[number] not in OWN and draft.kinds[number] != "footer":
            return
        if first in lines[number] and plain_line(lines[number]) == ending[0]:
            end = _end_of_ending(lines, number, ending)
            if end and _is_last(draft, end) and draft.kinds[number] in OWN:
                draft.mark("signature", number, end, 0)
                return


def _is_last(draft: Draft, end: int) -> bool:
    """Say whether nothing but blank lines and footers stands from a line on."""
    return all(draft.kinds[number] == "footer" or draft.is_blank(number) for number in range(end, len(draft.lines)))


def _end_of_ending(lines: list[str], start: int, ending: tuple[str, ...]) -> int:
    """Give the line behind an ending that begins at `start`; 0 where it does not stand there."""
    number = start
    for wanted in ending:
        while number < len(lines) and number - start < MOST_BLANK * len(ending) and not plain_line(lines[number]):
            number += 1
        if number == len(lines) or plain_line(lines[number]) != wanted:
            return 0
        number += 1
    return number
