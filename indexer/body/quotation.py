"""Marks of quotation, and how deep they say that a line is quoted.

    > Salt?        1        > > Salt?    2       >>> Salt?   3, unless it is Python's prompt
    |> Salt?       1        JD> Salt?    1       > JD> Salt? 2
    | Salt?        1, of two lines together; : Salt? likewise

What else begins with such a sign stays new text: Python's prompt, the prompts of other programs, tables, pictures
of letters, `>From ` of mailboxes. A line that lost its mark when a mailer wrapped the one before it is quoted too.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Final

from indexer.body.attribution import first_line, first_of_cut, is_cut, opens_supercited
from indexer.body.draft import Draft

# Marks at the start of a line: any number of `>`, blanks between; a bar where mailers of both habits took turns.
# `>From ` at the very start is none: mailboxes write it so that the word begins no message (mboxrd, Mailman's mbox).
MARKS: Final = re.compile(r"(?!>From )[ \t]{0,3}\|?>(?:[ \t]{0,3}\|?>)*")
# Initials or a short name before the mark: Supercite, and mailers after it. Behind other marks too.
INITIALS: Final = re.compile(r"((?:[ \t]{0,3}>)*[ \t]{0,3})([A-Za-z]{1,6})(>(?:[ \t]?>)*)(?=[ \t]|$)")
# Rarer marks (Mailman's HyperArch.py knows them too), believed only of two lines together; tables and code use them.
BARS: Final = re.compile(r"(?:[|>] ?)+")
BAR: Final = re.compile(r"\|(?: |$|[>|])")
COLON: Final = re.compile(r": (?=\S)(?!.*[|:]\s*$)")
TABLE: Final = re.compile(r"[| ]*[^\s|>].*\|\s*$|\|[ |>]*[^\s|>].*? \| |[ |>]*[+`\\/_-]{2}|\|[ |]*\(")
# What programs print before what is typed; all but Python's looks like initials.
PROMPT: Final = re.compile(r">>>(?: |$)")
PROMPTS: Final = frozenset({
    "a", "b", "c", "d", "e", "f", "sql", "mysql", "psql", "db", "gdb", "pdb", "ipdb", "ftp", "sftp", "lftp", "irb",
    "ghci", "idl", "telnet", "node", "js", "php", "py", "perl", "in", "out", "dos", "gpg", "br", "hr", "p", "div",
    "span", "pre", "ul", "ol", "li", "td", "tr", "th", "html", "body", "head", "i", "em", "tt", "code",
})  # fmt: skip
# Text behind a prompt is a program's: it has a sign that prose hardly has.
LIKE_CODE: Final = re.compile(
    r"[=(){}\[\]_@\\]|\w\.\w|^(?:import|from|print|def|class|for|if|while|return|del|help)\b|:$"
)
LONG_LINE: Final = 66  # characters: a mailer may have wrapped such a line once it had its marks
WORDS_LEFT: Final = 24  # characters that can be left of it, on the next line without a mark
FARTHEST: Final = 5  # lines above a quotation where its attribution can begin
SENTENCE_END: Final = (".", "?", "!", ":", ";", ",", ")", '"', ">")


def level(line: str) -> int:
    """Count the levels that the marks at the start of a line say.

    >>> level("> > Salt?"), level(">>> Salt?"), level("Salt > pepper"), level(">From here on")
    (2, 3, 0, 0)
    """
    found = MARKS.match(line)
    return found[0].count(">") if found else 0


def unmarked(line: str, levels: int) -> str:
    """Take so many levels of marks off a line, and the blank behind the last; initials and bars alone stay.

    >>> unmarked("> >> Salt?", 2), unmarked("> Salt?", 3), unmarked("JD> Salt?", 1)
    ('> Salt?', 'Salt?', 'JD> Salt?')
    """
    found = MARKS.match(line)
    if not found or levels < 1:
        return line
    end, there = found.end(), found[0].count(">")
    if levels < there:
        end = 0
        for _ in range(levels):
            end = line.find(">", end) + 1
    return line[end + 1 :] if line[end : end + 1] == " " else line[end:]


def mark_quotations(draft: Draft) -> None:
    """Mark quoted lines with their levels, and the attributions that belong to them."""
    if ">" in draft.body:
        _mark_by_signs(draft)
    _mark_rare(draft, "|", BAR)
    _mark_rare(draft, ":", COLON)


def _mark_rare(draft: Draft, sign: str, pattern: re.Pattern[str]) -> None:
    """Mark lines behind a rarer mark, where two or more stand together and make no table, tree or picture."""
    lines = draft.lines
    rare = [n for n in draft.signs if lines[n][0] == sign and draft.kinds[n] == "said" and pattern.match(lines[n])]
    for start, end in _neighbours(rare):
        tabular = sum(bool(TABLE.match(line)) for line in lines[start:end])
        if end - start > 1 and tabular * 3 <= end - start and not _in_a_picture(lines, start, end):
            for number in range(start, end):
                found = BARS.match(lines[number])
                depth = found[0].count("|") + found[0].count(">") if found else 1
                draft.mark("quoted", number, number + 1, depth)
            _mark_attribution(draft, start, 0)


def _neighbours(numbers: list[int]) -> list[tuple[int, int]]:
    """Give first and end of each run of numbers that follow each other, from an ascending list.

    >>> _neighbours([1, 2, 5])
    [(1, 3), (5, 6)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found


def _mark_by_signs(draft: Draft) -> None:
    lines, kinds, levels = draft.lines, draft.kinds, draft.levels
    marked = _marked_levels(draft)
    quoted = sorted(marked)
    if ">>>" in draft.body:
        for start, end in _neighbours(quoted):
            _settle_prompts(lines, marked, start, end)
        quoted = [number for number in quoted if marked[number]]
    for number in quoted:
        kinds[number], levels[number] = "quoted", marked[number]
    _fill_gaps(draft, quoted)
    for number in quoted:
        if levels[number] == 1 and number and is_cut(lines[number - 1], lines[number]):
            draft.mark("attribution", first_of_cut(lines, number - 1), number + 1, 1)
            continue
        above = levels[number - 1] if number else 0
        if levels[number] > above or (kinds[number - 1] == "said" and number):
            _mark_attribution(draft, number, above if kinds[number - 1] == "quoted" else 0)


def _marked_levels(draft: Draft) -> dict[int, int]:
    """Give the level of each line that has marks; initials count where several lines have the same."""
    lines, kinds, marked = draft.lines, draft.kinds, {}
    named: dict[int, tuple[str, int]] = {}
    for number in draft.signs:
        if kinds[number] != "said":
            continue
        line = lines[number]
        if line.startswith("> ") and ">" not in line[2:14] and line[2:3] != "|":
            marked[number] = 1  # as nearly all are
        elif found := MARKS.match(line):
            marked[number] = found[0].count(">")
            if ">" in line[found.end() : found.end() + 10]:
                _note_initials(line, number, named)
        elif ">" in line[:10]:
            _note_initials(line, number, named)
    if named:
        times = Counter(name for name, _ in named.values())
        for number, (name, depth) in named.items():
            if times[name] > 1 and name.lower() not in PROMPTS and _has_company(named, number, lines):
                marked[number] = depth
    return marked


def _note_initials(line: str, number: int, named: dict[int, tuple[str, int]]) -> None:
    if found := INITIALS.match(line):
        named[number] = (found[2], found[1].count(">") + found[3].count(">"))


def _has_company(named: dict[int, tuple[str, int]], number: int, lines: list[str]) -> bool:
    """Say whether the line above or below has the same initials, or the one above says whose text it is."""
    name = named[number][0]
    if any(named.get(other, ("", 0))[0] == name for other in (number - 1, number + 1)):
        return True
    return first_line(lines, number) < number


def _settle_prompts(lines: list[str], marked: dict[int, int], start: int, end: int) -> None:
    """Find Python's prompts among the marked lines of a run: three signs together that lead down from no second.

    Their level is then that of what stands before the prompt: 0 in the sender's own session.
    """
    candidates = [n for n in range(start, end) if marked[n] >= 3 and _prompt_at(lines[n]) is not None]
    if not candidates:
        return
    there = {marked[n] for n in range(start, end)}
    for depth in {marked[n] for n in candidates}:
        if depth - 1 in there or depth - 2 in there or opens_supercited(lines[start]):
            continue
        mine = [n for n in candidates if marked[n] == depth]
        if depth == 3 and first_line(lines, start) < start:
            continue
        texts = [lines[n][_prompt_at(lines[n]) or 0 :].strip() for n in mine]
        if sum(not text or bool(LIKE_CODE.search(text)) or len(text.split()) < 4 for text in texts) * 2 > len(texts):
            for number in mine:
                marked[number] = depth - 3


def _prompt_at(line: str) -> int | None:
    """Give the place behind `>>>` at the end of a line's marks, None where they do not end so."""
    found = MARKS.match(line)
    if found and found[0].endswith(">>>") and line[found.end() : found.end() + 1] in ("", " "):
        return found.end()
    return None


def _fill_gaps(draft: Draft, quoted: list[int]) -> None:
    """Count a blank line between quoted ones to them, and the few words that a mailer wrapped out of one."""
    lines, levels = draft.lines, draft.levels
    for above, below in pairwise(quoted):
        if below - above != 2 or draft.kinds[above + 1] != "said":
            continue
        line = lines[above + 1].strip()
        if not line or (_goes_on(draft, above, below) and _is_wrapped(lines[above], line)):
            draft.mark("quoted", above + 1, below, min(levels[above], levels[below]))


def _goes_on(draft: Draft, above: int, below: int) -> bool:
    """Say whether the quotation is as deep below a line as above it, or ends below with an empty line."""
    return draft.levels[above] == draft.levels[below] or not unmarked(draft.lines[below], draft.levels[below]).strip()


def _is_wrapped(above: str, line: str) -> bool:
    """Say whether a line can be the end of the long one above it, wrapped off by a mailer."""
    if len(above) + len(line) < LONG_LINE + 4 or len(above) < LONG_LINE or len(line) > WORDS_LEFT:
        return False
    return line[0].islower() and not above.rstrip().endswith(SENTENCE_END)


def _mark_attribution(draft: Draft, start: int, above: int) -> None:
    """Mark the lines that say whose text begins at `start`; they are quoted `above` deep themselves."""
    lines, top = draft.lines, start
    while (
        top and start - top < FARTHEST and draft.levels[top - 1] == above and draft.kinds[top - 1] in ("said", "quoted")
    ):
        top -= 1
    within = [unmarked(line, above) for line in lines[top:start]]
    found = top + first_line([*within, ""], len(within))
    if found < start:
        draft.mark("attribution", found, start, above + 1)
    elif opens_supercited(lines[start]):
        draft.mark("attribution", start, start + 1, 1)


def _in_a_picture(lines: list[str], start: int, end: int) -> bool:
    """Say whether bars belong to a table, a tree or a picture: such lines stand above or below them."""
    around = [lines[number].lstrip() for number in (start - 1, end) if 0 <= number < len(lines)]
    return any(line[:1] in ("+", "`", "/", "\\") or line.startswith(("|_", "|-", "__", "---")) for line in around)
