"""Programs and what they printed, where that is certain: fences, sessions at Python's prompt, tracebacks."""

from __future__ import annotations

import re
from typing import Final

from indexer.body.draft import Draft

FENCE: Final = re.compile(r"[ \t]{0,3}(?:```+|~~~+)[ \t]*[\w+-]{0,20}[ \t]*$")
PROMPT: Final = re.compile(r"[ \t]*>>> \S")
GOES_ON: Final = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
TRACEBACK: Final = re.compile(r"[ \t]*Traceback \(most recent call last\):\s*$")
FRAME: Final = re.compile(r"\s*File \".*\", line \d+|\s+\S|--- <exception caught here> ---|\s*$")
RAISED: Final = re.compile(r"[ \t]*[\w.]+(?:Error|Exception|Failure|Interrupt|Exit|Warning|Iteration)?(?::|\s*$)")
LONGEST_FENCED: Final = 2000  # lines


def mark_code(draft: Draft) -> None:
    """Mark lines of code that nobody marked yet, by its plainest signs alone."""
    if "```" in draft.body or "~~~" in draft.body:
        _mark_fenced(draft)
    if "Traceback (most" in draft.body:
        _mark_tracebacks(draft)


def mark_sessions(draft: Draft) -> None:
    """Mark sessions at Python's prompt, once quotations are known: each prompt with what was printed below it."""
    if ">>> " not in draft.body:
        return
    lines, behind = draft.lines, 0
    for number in draft.signs:
        if number >= behind and draft.kinds[number] == "said" and PROMPT.match(lines[number]):
            behind = number + 1
            while behind < len(lines) and draft.kinds[behind] == "said" and _is_printed(lines, behind):
                behind += 1
            draft.mark("code", number, behind)


def _is_printed(lines: list[str], number: int) -> bool:
    """Say whether a line goes on with a session: a prompt, or output with another prompt right below."""
    if GOES_ON.match(lines[number]):
        return True
    return bool(lines[number].strip()) and any(
        PROMPT.match(line) and all(other.strip() for other in lines[number : number + n])
        for n, line in enumerate(lines[number + 1 : number + 6], 1)
    )


def _mark_fenced(draft: Draft) -> None:
    opened: int | None = None
    for number in draft.signs:
        line = draft.lines[number]
        if draft.kinds[number] != "said" or not FENCE.match(line):
            continue
        if opened is None:
            opened = number
        elif line.strip().strip("`~") == "":
            if number - opened <= LONGEST_FENCED:
                draft.mark("code", opened, number + 1)
            opened = None
        else:
            opened = number


def _mark_tracebacks(draft: Draft) -> None:
    lines = draft.lines
    for number in draft.signs:
        if draft.kinds[number] == "said" and TRACEBACK.match(lines[number]):
            end = number + 1
            while end < len(lines) and lines[end].strip() and FRAME.match(lines[end]):
                end += 1
            if end < len(lines) and RAISED.match(lines[end]):
                end += 1
            draft.mark("code", number, end)
