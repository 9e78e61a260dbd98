"""Differences between files: unified, context and normal ones (POSIX diff), with the headers that tools put above.

A hunk says how many lines it has, so its own lines are told from what follows; a line that a mailer wrapped, or whose
blank got lost, does not end it. `-- ` and a version behind a hunk is Git's, no signature.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.body.draft import Draft

HUNK: Final = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
CONTEXT_HUNK: Final = re.compile(r"\*{3} \d+(?:,\d+)? \*{4}\s*$|\*{15}\s*$")
CONTEXT_LINE: Final = re.compile(r"[ !+-](?: |$)|--- \d+(?:,\d+)? ----\s*$|\*{3} \d+(?:,\d+)? \*{4}\s*$|\*{15}\s*$")
NORMAL_HUNK: Final = re.compile(r"\d+(?:,\d+)?[acd]\d+(?:,\d+)?\s*$")
NORMAL_LINE: Final = re.compile(r"[<>] |[<>]$|---\s*$|\\ No newline")
# Lines that tools put above the hunks of a file (GNU diff, CVS, Subversion, Darcs, Mercurial, Bazaar, Git).
HEADER: Final = re.compile(
    r"(?:--- |\+\+\+ |\*\*\* |diff |Index: |={20,}|_{20,}$|RCS file: |retrieving revision |index [0-9a-f]+\.\.|"
    r"(?:new|deleted) file mode |(?:old|new) mode |similarity index |(?:rename|copy) (?:from|to) |Only in |"
    r"Binary files |Property changes on: |(?:Added|Modified|Deleted): |=== (?:modified|added|removed) |\\ No newline|"
    r"GIT binary patch)"
)
PAIR: Final = (re.compile(r"--- \S"), re.compile(r"\+\+\+ \S"))
STAT: Final = re.compile(r" \S.{0,200} \| +(?:\d+ ?[+-]*|Bin .*)$| \d+ files? changed")  # git diff --stat
GIT_VERSION: Final = re.compile(r"\d+\.\d[\w.() -]{0,40}$")  # git format-patch: below `-- `
FIRST: Final = frozenset("@*-0123456789")  # characters that a hunk begins with
SIGN: Final = re.compile(r"[ +-]\s*\S")  # of a line within a hunk
WRAPPED_BEHIND: Final = 60  # characters of a line that a mailer may have wrapped


def mark_patches(draft: Draft) -> None:
    """Mark the lines of differences between files, each with the headers above its hunks."""
    lines, behind = draft.lines, 0
    for number in draft.signs:
        if number >= behind and lines[number][0] in FIRST:
            end = _end_of_hunk(lines, number)
            if end > number:
                draft.mark("patch", _first_header(lines, number, behind), end)
                behind = end
    if behind:
        _close(draft, behind)


def _end_of_hunk(lines: list[str], start: int) -> int:
    """Give the line behind the hunk that begins at `start`; `start` where none does."""
    line = lines[start]
    match line[:1]:
        case "@":
            found = HUNK.match(line)
            return _end_of_unified(lines, start + 1, found) if found else start
        case "*":
            return _end_of_context(lines, start) if CONTEXT_HUNK.match(line) else start
        case "-":
            below = lines[start + 1 : start + 3]
            is_pair = PAIR[0].match(line) and below and PAIR[1].match(below[0])
            return start + 2 if is_pair and len(below) > 1 and (below[1].startswith("@@") or not below[1]) else start
        case sign if sign.isdigit() and NORMAL_HUNK.match(line):
            return _end_of_normal(lines, start + 1)
    return start


def _end_of_unified(lines: list[str], start: int, found: re.Match[str]) -> int:
    """Follow a hunk by its two counts, of old and of new lines."""
    old, new = int(found[1] or 1), int(found[2] or 1)
    number = start
    while number < len(lines) and (old > 0 or new > 0):
        line = lines[number]
        sign = line[:1]
        if sign == "-":
            old -= 1
        elif sign == "+":
            new -= 1
        elif sign in (" ", "\t") or not line:  # a context line without its blank
            if not line and _ends_here(lines, number):
                break
            old, new = old - 1, new - 1
        elif sign != "\\" and not _is_wrapped(lines, number):
            break
        number += 1
    if number < len(lines) and lines[number].startswith("\\ No newline"):
        number += 1
    return _without_blanks(lines, start, number)


def _is_wrapped(lines: list[str], number: int) -> bool:
    """Say whether a mailer wrapped a line off the one above it: that one is long, or the hunk goes on right below."""
    above, below = lines[number - 1], lines[number + 1] if number + 1 < len(lines) else ""
    return bool(SIGN.match(above)) and (len(above) > WRAPPED_BEHIND or bool(SIGN.match(below)))


def _ends_here(lines: list[str], number: int) -> bool:
    """Say whether a hunk that was cut short ends at an empty line: what follows is nothing, or no hunk's."""
    below = next((line for line in lines[number + 1 : number + 4] if line), "")
    return not below or below[0] not in " +-\t@\\"


def _end_of_context(lines: list[str], start: int) -> int:
    number = start
    while number < len(lines) and (CONTEXT_LINE.match(lines[number]) or (number > start and not lines[number])):
        number += 1
    return _without_blanks(lines, start, number)


def _end_of_normal(lines: list[str], start: int) -> int:
    number = start
    while number < len(lines) and NORMAL_LINE.match(lines[number]):
        number += 1
    return number if number > start else start - 1


def _without_blanks(lines: list[str], start: int, end: int) -> int:
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _first_header(lines: list[str], start: int, behind: int) -> int:
    """Give the first line of the headers above a hunk, none of which lies before `behind`."""
    first = start
    while first > behind:
        above = lines[first - 1]
        if HEADER.match(above) or STAT.match(above):
            first -= 1
        elif (
            not above.strip()
            and first - 1 > behind
            and (HEADER.match(lines[first - 2]) or STAT.match(lines[first - 2]))
        ):
            first -= 2
        else:
            break
    return first


def _close(draft: Draft, behind: int) -> None:
    """Take Git's `-- ` and version behind the last hunk in."""
    below = [n for n in range(behind, min(len(draft.lines), behind + 4)) if draft.lines[n].strip()][:2]
    if len(below) == 2 and draft.lines[below[0]].rstrip() == "--" and GIT_VERSION.match(draft.lines[below[1]]):
        draft.mark("patch", behind, below[1] + 1)
