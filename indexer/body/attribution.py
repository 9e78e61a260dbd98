"""The lines above a quotation that say whose it is, in the languages of Mailman, on one line or wrapped.

Structure first: such a line ends with a colon and names an address or a day; else it ends with a verb of writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Verbs of writing, in the languages of Mailman and as their mailers use them; some with letters lost to `?`.
WROTE: Final = (
    r"wrote|writes|wrote on|said|says|typed|spake|scribbled|scrawled|schrieb|schreibt|geschrieben|a écrit|écrit|"
    r"écrivait|a .?crit|escribió|escribio|escribi.|escribe|ha escrito|va escriure|ha scritto|scrisse|scrive|escreveu|"
    r"escribiu|schreef|schrijft|skrev|skriver|skrifaði|kirjoitti|napisał|napisała|napisał\(a\)|napisal|napsal|"
    r"napsal\(a\)|napísal|napisao|napisala|je napisal|je napisao|је написао|написао|пише|написал|написала|"
    r"написал\(а\)|написав|пишет|писал|írta|ezt írta|yazdı|yazmış|idatzi zuen|kirjutas|rašė|a scris|skribis|"
    r"ha scribite|scribeva|έγραψε|đã viết|viết|写道|寫道|写到|提到|さんは書きました|のメッセージ|님이 작성|님이 씀|"
    r"님의 말|썼습니다|كتب|كتبت|כתב|כתבה|نوشت|نوشته است"
)
OPENING: Final = (
    r"(?:(?:On|At|In|Am|Le|El|Il|Em|Op|Den|Dne|På|W dniu|Dnia|Dana|El dia|Pe|Στις|Vào|Je|La|tis|Quoting|Citando|"
    r"Zitat von|Citát)\b|[\"“']?\w[^.!?]{0,60}[<(@]|\d|[*>#]+ |>?\")"
)
# "On Monday NAME wrote:", on one line or up to three.
OPENED: Final = re.compile(
    rf"\s*(?:{OPENING}.{{0,240}}?(?:{WROTE}).{{0,80}}[:：]|(?:Quoting|Citando|Zitat von) .{{1,100}}:)\s*",
    re.IGNORECASE | re.DOTALL,
)
# "NAME wrote:", "2011/1/10 NAME <ADDRESS>:", on one line.
CLOSED: Final = re.compile(
    rf"[^\n]{{0,160}}(?:\b(?:{WROTE})|[<\[(][^\n]{{0,80}}(?:@| at )[^\n]{{0,80}}[>\])]) ?(?:\(a\))?[:：]\s*",
    re.IGNORECASE,
)
# A day with its time and somebody's name or address, whatever the verb: "On Thu, Oct 10, 2002 at 11:58:27PM +0100, …:".
DATED: Final = re.compile(
    r"\s*\W{0,3}\w[^\n]{0,60}?(?:\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d\d\b)[^\n]{0,60}?\d{1,2}[:.]\d\d.{0,160}[:：]\s*",
    re.DOTALL,
)
# "[Ann Indigo]", "[Ann, on 4 October]": a short line in brackets with a name, as some write it by hand.
BRACKETED: Final = re.compile(r"\s*\[[A-Z][\w.'-]*(?: [A-Z(<][^\[\]\n]{0,60})?\]:?\s*")
# "2004/10/4 Ann Indigo <ADDRESS>": Gmail's, in languages without a verb in it, that lost its colon.
NUMBERED: Final = re.compile(r"\s*\d{4}[/-]\d{1,2}[/-]\d{1,2} [^\n]{1,80}<[^<>\n]{3,80}>\s*")
# Supercite's own: `>>>>> "AI" == Ann Indigo <ADDRESS> writes:`, `>>>>> On Monday, Ann said:`.
SUPERCITED: Final = re.compile(r"[>* ]{2,8}(?:\"[^\"\n]{1,30}\" == |On [^\n]{1,160}\b(?:said|writes|wrote):\s*$)")
# The same begun, for the many that end with an English verb: they are told without the patterns above.
BEGUN: Final = re.compile(rf"\s*{OPENING}", re.IGNORECASE)
ENGLISH: Final = (" wrote:", " writes:", " said:")
DAY: Final = re.compile(r"\s*(?:On|At|In|Le|Am|El|Il)\b[^\n]*?\d|\s*\d{1,4}[./-]\d{1,2}[./-]\d", re.IGNORECASE)
CUT: Final = re.compile(rf"> ?(?:{WROTE}) ?(?:\(a\))?[:：]?\s*$", re.IGNORECASE)  # Gmail wraps `<ADDRESS\n> wrote:`
CLOCK: Final = re.compile(r"\d[:.]\d\d")
ENDS: Final = (":", "：")
LONGEST: Final = 3  # lines
LONGEST_LINE: Final = 300  # characters


def first_line(lines: list[str], start: int) -> int:
    """Find the first line of the attribution above a quotation that begins at `start`; `start` where there is none.

    A blank line between them is allowed.

    >>> first_line(["Yes.", "On Monday, Ann Indigo", "wrote:", "> Salt?"], 3)
    1
    """
    last = start - 1
    if last > 0 and not lines[last].strip():
        last -= 1
    if last < 0 or len(lines[last]) > LONGEST_LINE:
        return start
    line = lines[last].rstrip()
    if not line.endswith(ENDS):
        return last if BRACKETED.fullmatch(line) or NUMBERED.fullmatch(line) else start
    if line.endswith(ENGLISH):
        return first_of_cut(lines, last)
    whole = ""
    for first in _lines_above(lines, last):
        whole = f"{lines[first]}\n{whole}" if whole else lines[first]
        if OPENED.fullmatch(whole) or (CLOCK.search(whole) and DATED.fullmatch(whole)):
            return first
    return last if CLOSED.fullmatch(lines[last]) else start


def first_of_cut(lines: list[str], last: int) -> int:
    """Give the line on which the attribution that goes on in `last` begins: it names a day, else somebody."""
    above = list(_lines_above(lines, last))
    for first in reversed(above):
        if DAY.match(lines[first]):
            return first
    return next((first for first in above if BEGUN.match(lines[first])), last)


def is_cut(above: str, line: str) -> bool:
    """Say whether a line that begins like a quotation is the end of an attribution, cut within its address.

    >>> is_cut("On Monday, Ann Indigo <ann at example.org", "> wrote:")
    True
    """
    return len(line) < 40 and "<" in above and CUT.match(line) is not None


def _lines_above(lines: list[str], last: int) -> Iterator[int]:
    """Give the numbers of the lines that an attribution ending on one can have, upwards."""
    for first in range(last, max(-1, last - LONGEST), -1):
        if not lines[first].strip() or len(lines[first]) > LONGEST_LINE:
            return
        yield first


def opens_supercited(line: str) -> bool:
    """Say whether a line that begins like a deep quotation is Supercite's attribution.

    >>> opens_supercited('>>>>> "AI" == Ann Indigo <ann at example.org> writes:')
    True
    """
    return line.startswith(">>") and SUPERCITED.match(line) is not None
