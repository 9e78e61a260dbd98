"""Who wrote what in a body: new text, quotation, signature, and the footer that the list put on.

Lines are read, nothing else: a body has no markup that would say it. In doubt a line is new text, because a
word that is found too high is better than one that is found too low. Lines stay whole and in order, so
that offsets hold for snippets. Python's prompt (`>>> `) alone is no quotation.

Nothing is changed and nothing left out here; the index leaves the footers out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal, NamedTuple

Kind = Literal["said", "quoted", "signature", "footer"]

# A line that was quoted: by the usual mark, after initials (Supercite's `JD> `). `>From ` at the very start is no
# quotation: mailboxes write the word so that it begins no message (mboxrd, and Mailman's own mbox).
QUOTED: Final = re.compile(r"(?!>From )[ \t]{0,3}(?:>|[A-Z][A-Za-z]{0,3}>(?:[> \t]|$))")
# Rarer marks (Mailman's HyperArch.py knows them too), believed only of two lines together: tables and code use them.
RARELY_QUOTED: Final = re.compile(r"[|:] (?!.*[|:]\s*$)\S")
PROMPT: Final = re.compile(r">>> |>>>$|\.\.\. ")

# Verbs of the line above a quotation, in the languages of Mailman.
WROTE: Final = (
    "wrote|writes|said|says|typed|schrieb|geschrieben|a écrit|écrit|écrivait|escribió|escribio|ha escrito|ha scritto|"
    "scrisse|escreveu|schreef|skrev|skrifaði|kirjoitti|napisał|napisała|napisal|napsal|napísal|написал|написала|"
    "пишет|писал|írta|ezt írta|yazdı|va escriure|idatzi zuen|kirjutas|rašė|a scris|je napisal|је написао|"
    "έγραψε|viết|a .?crit|escribi.|写道|寫道|さんは書きました|wrote on|님이 작성"
)
OPENING: Final = (
    r"(?:On|At|In|Am|Le|El|Il|Em|Op|Den|På|W dniu|Dnia|Dne|Dana|El dia|Pe|Στις|Vào|Quoting|Citando|Zitat von|Citát|"
    r"[\"“']?\w[^.!?]{0,60}[<(@]|\d)"
)
# "On Monday NAME wrote:", on one line or up to three.
OPENED: Final = re.compile(
    rf"\s*(?:{OPENING}.{{0,200}}?(?:{WROTE}).{{0,80}}[:：]|(?:Quoting|Citando|Zitat von) .{{1,100}}:)\s*",
    re.IGNORECASE | re.DOTALL,
)
# "NAME wrote:", "2011/1/10 NAME <ADDRESS>:", on one line.
CLOSED: Final = re.compile(
    rf"[^\n]{{0,160}}(?:\b(?:{WROTE})|[<\[(][^\n]{{0,80}}(?:@| at )[^\n]{{0,80}}[>\])]) ?(?:\(a\))?[:：]\s*",
    re.IGNORECASE,
)
LONGEST_ATTRIBUTION: Final = 3  # lines

# Outlook's and others' lines above a whole mail: what follows is not the sender's, to the end.
ORIGINAL: Final = re.compile(
    r"\s*-{2,} ?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Mensaje original|"
    r"Messaggio originale|Oorspronkelijk bericht|Mensagem original|Ursprungligt meddelande|Opprinnelig melding|"
    r"Oprindelig meddelelse|Alkuperäinen viesti|Oryginalna wiadomość|Původní zpráva|Исходное сообщение|原始邮件|"
    r"Forwarded Message|Weitergeleitete Nachricht|Message transféré|Mensaje reenviado|Messaggio inoltrato|"
    r"Doorgestuurd bericht|Mensagem encaminhada|Forwarded by .*) ?-{2,}\s*$",
    re.IGNORECASE,
)
BEGIN_FORWARDED: Final = re.compile(
    r"\s*(?:Begin forwarded message|Anfang der weitergeleiteten E-Mail) ?:\s*$", re.IGNORECASE
)
# The same without a line above: a block of header lines, From first.
HEADER_FROM: Final = re.compile(r"\*?(?:From|Von|De|Da|Van|Från|Fra|Od|От) ?:\*? \S")
HEADER: Final = re.compile(
    r"\*?(?:Sent|Date|To|Cc|Subject|Reply-To|Gesendet|Datum|An|Betreff|Envoyé|Date|À|Objet|Enviado|Fecha|Para|Asunto|"
    r"Inviato|Data|A|Oggetto|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|Sendt|Til|Emne|Wysłano|Do|Temat|Дата|Кому|Тема)"
    r" ?:\*?(?: |$)"
)
FEWEST_HEADERS: Final = 3  # lines, From among them

SIGNATURE: Final = re.compile(r"--\s?$")  # RFC 3676, 4.3; the blank behind the dashes often gets lost
LONGEST_SIGNATURE: Final = 25  # lines; more is text below a line of dashes

# Mailman's msg_footer (Defaults.py): 47 underscores, the list's name and address, its listinfo page.
RULE: Final = "_" * 30
FOOTER_RULE: Final = re.compile(rf"[>| \t]*{RULE}_*\s*$")
FOOTER_PAGE: Final = re.compile(r"/(?:mailman|cgi-bin|listinfo)/|/listinfo")
LONGEST_FOOTER: Final = 6  # lines below the rule


class Stretch(NamedTuple):
    """Lines of one kind in a row: offsets in the body, in characters."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A body taken apart; each text has the lines of its kind, in order."""

    said: str
    quoted: str
    signature: str


def read_body(body: str) -> Reading:
    """Take a body apart; the list's footer is left out.

    >>> read_body("Bob wrote:\\n> Salt?\\nNo.\\n-- \\nAnn\\n")
    Reading(said='No.\\n', quoted='Bob wrote:\\n> Salt?\\n', signature='-- \\nAnn\\n')
    """
    texts: dict[Kind, list[str]] = {"said": [], "quoted": [], "signature": [], "footer": []}
    for kind, start, end in stretches(body):
        texts[kind].append(body[start:end])
    return Reading("".join(texts["said"]), "".join(texts["quoted"]), "".join(texts["signature"]))


def split_said_quoted(body: str) -> tuple[str, str]:
    """Give what an index takes in: what the sender wrote; and what was quoted, with the signature behind it."""
    reading = read_body(body)
    return reading.said, reading.quoted + reading.signature


def stretches(body: str) -> list[Stretch]:
    """Tell the kind of every line of a body; neighbours of one kind are one stretch.

    >>> stretches("Yes.\\n> Salt?\\n> Pepper?\\n")
    [Stretch(kind='said', start=0, end=5), Stretch(kind='quoted', start=5, end=23)]
    """
    lines = body.split("\n")
    kinds = _kinds(lines)
    found, position = [], 0
    for kind, run in groupby(zip(kinds, lines, strict=True), lambda pair: pair[0]):
        end = position + sum(len(line) + 1 for _, line in run)
        found.append(Stretch(kind, position, min(end, len(body))))
        position = end
    return [stretch for stretch in found if stretch.start < stretch.end]


def _kinds(lines: list[str]) -> list[Kind]:
    kinds: list[Kind] = ["said"] * len(lines)
    _mark_quotations(lines, kinds)
    _mark_the_rest_of_a_mail(lines, kinds)
    if any(line.startswith("--") for line in lines):
        _mark_signature(lines, kinds)
    if any(RULE in line for line in lines):
        _mark_footers(lines, kinds)
    return kinds


def _mark(kinds: list[Kind], kind: Kind, start: int, end: int) -> None:
    kinds[start:end] = [kind] * (end - start)


def _mark_quotations(lines: list[str], kinds: list[Kind]) -> None:
    """Mark quoted lines, and the attribution above them."""
    for start, end in _runs([bool(QUOTED.match(line)) for line in lines]):
        if not all(PROMPT.match(line) for line in lines[start:end]):
            _mark(kinds, "quoted", _attribution(lines, start), end)
    for start, end in _runs([bool(RARELY_QUOTED.match(line)) for line in lines]):
        if end - start > 1:
            _mark(kinds, "quoted", _attribution(lines, start), end)


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """Give first and end of each run of true flags."""
    position = 0
    for flag, run in groupby(flags):
        end = position + len(list(run))
        if flag:
            yield position, end
        position = end


def _attribution(lines: list[str], start: int) -> int:
    """Find the first line of the attribution above a quotation, a blank line between them allowed."""
    last = start - 1
    if last > 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not lines[last].rstrip().endswith((":", "：")):
        return start
    for first in range(last, max(-1, last - LONGEST_ATTRIBUTION), -1):
        if not lines[first].strip():
            break
        if OPENED.fullmatch("\n".join(lines[first : last + 1])):
            return first
    return last if CLOSED.fullmatch(lines[last]) else start


def _mark_the_rest_of_a_mail(lines: list[str], kinds: list[Kind]) -> None:
    """Mark a whole mail that stands below a line or a block of headers, to the end of the body."""
    for number, line in enumerate(lines):
        if kinds[number] == "said" and _begins_a_mail(lines, number, line):
            _mark(kinds, "quoted", number, len(lines))
            return


def _begins_a_mail(lines: list[str], number: int, line: str) -> bool:
    if ORIGINAL.match(line) or BEGIN_FORWARDED.match(line):
        return True
    if not HEADER_FROM.match(line):
        return False
    below = lines[number + 1 : number + FEWEST_HEADERS]
    return len(below) == FEWEST_HEADERS - 1 and all(HEADER.match(other) for other in below)


def _mark_signature(lines: list[str], kinds: list[Kind]) -> None:
    """Mark from a line of two dashes to the next quotation, footer or end, the last such line first."""
    end = len(lines)
    for number in range(len(lines) - 1, -1, -1):
        if kinds[number] != "said" or FOOTER_RULE.match(lines[number]):
            end = number
        elif SIGNATURE.match(lines[number]):
            if sum(bool(line.strip()) for line in lines[number:end]) <= LONGEST_SIGNATURE:
                _mark(kinds, "signature", number, end)
            end = number


def _mark_footers(lines: list[str], kinds: list[Kind]) -> None:
    """Mark the list's footer wherever it stands, quoted ones too: in an index it would be noise."""
    for number, line in enumerate(lines):
        if FOOTER_RULE.match(line):
            below = lines[number + 1 : number + 1 + LONGEST_FOOTER]
            pages = [place for place, other in enumerate(below, number + 1) if FOOTER_PAGE.search(other)]
            if pages:
                _mark(kinds, "footer", number, pages[0] + 1)
