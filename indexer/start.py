"""Where `hamelin` starts. A plain search goes a short way of its own; all else goes through `indexer.cli`.

To import the command line's library takes as long as a whole search, and so do the settings, the database and whatever
else other verbs need. So the few options that a search has are read here, where they are written in the usual
way; whatever else there is, and everything that goes wrong, is the command line's business.
"""

from __future__ import annotations

import codecs
import gc
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from crawler.variables import ARCHIVE_VARIABLE, CLOCK_VARIABLE

FLAGS: Final = {"--threads": "threads", "--explain": "explain"}
VALUES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "--sort": ("sort", ("relevance", "date")),
    "--format": ("form", ("text", "json", "jsonl")),
}
MOST_DIGITS: Final = 9
NOTHING_FOUND: Final = 1


def main() -> None:
    """Run the command line of this process, and exit with its code."""
    settle_streams()
    asked = plain_search(sys.argv[1:])
    if asked is None:
        from indexer import cli

        cli.main()
        return
    gc.disable()  # a search is over before there is anything to collect
    try:
        code = _search(*asked)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        from indexer import cli

        code = cli.code_of(error)
    sys.stderr.flush()
    os._exit(code)  # nothing is left to be closed or written, and taking all apart takes milliseconds


def settle_streams() -> None:
    """Let nothing that is written fail for its letters, nor because whoever started us closed a stream."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - it stays as long as we do
        else:
            known = codecs.lookup(stream.encoding).name != "ascii"  # as systems say that know of no terminal
            stream.reconfigure(encoding=None if known else "utf-8", errors="replace")


def plain_search(arguments: list[str]) -> tuple[str | None, list[str], dict[str, Any]] | None:
    """Read a search in its usual spelling: archive, words of the query, options; None for anything else.

    >>> plain_search(["--archive", "kitchen", "search", "--limit", "5", "salt", "--", "-pepper"])
    ('kitchen', ['salt', '-pepper'], {'limit': 5})
    >>> plain_search(["search", "--help"]), plain_search(["search", "-pepper"]), plain_search(["index"])
    (None, None, None)
    """
    rest = list(reversed(arguments))
    archive = None
    while rest and rest[-1] in ("--archive", "-q", "--quiet"):
        if rest.pop() == "--archive":
            archive = rest.pop() if rest else None
    if not rest or rest.pop() != "search":
        return None
    words: list[str] = []
    options: dict[str, Any] = {}
    while rest:
        word = rest.pop()
        if word == "--":
            words += reversed(rest)
            break
        if word in FLAGS:
            options[FLAGS[word]] = True
        elif word in VALUES and rest and rest[-1] in VALUES[word][1]:
            options[VALUES[word][0]] = rest.pop()
        elif word == "--limit" and rest and rest[-1].isascii() and rest[-1].isdigit() and len(rest[-1]) <= MOST_DIGITS:
            options["limit"] = int(rest.pop())
        elif word.startswith("-"):
            return None
        else:
            words.append(word)
    return (archive, words, options) if words else None


def clock() -> int:
    """Give the time in seconds since 1970 UTC, or what SOURCE_DATE_EPOCH says instead."""
    said = os.environ.get(CLOCK_VARIABLE, "")
    return int(said) if said.isdecimal() else int(time.time())


def columns() -> int:
    """Give how wide the terminal is: as COLUMNS says, else as it says itself, else 80."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def is_colourful() -> bool:
    """Say whether results are looked at by a person who wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _search(archive: str | None, words: list[str], options: dict[str, Any]) -> int:
    from indexer.answers import Asked, answer

    folder = Path(archive or os.environ.get(ARCHIVE_VARIABLE) or ".")
    person = sys.stdout.isatty()
    found = answer(folder, " ".join(words), Asked(clock(), **options), width=columns(), colour=is_colourful())
    if person and options.get("form", "text") == "text":
        from indexer.cli import show

        show(found.text)
    elif options.get("form", "text") == "text":
        sys.stdout.write(found.text)
    else:
        sys.stdout.buffer.write(found.text.encode())
    return 0 if found.total else NOTHING_FOUND
