"""A notice known by its shape alone: a first line, labelled values, and on a line of its own a scrubbed file's address.

This reads notices in wordings that nobody wrote down: a language that came later, a site's own templates. What proves
them is not their words but the directory of their file, which Mailman names after the Message-ID.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.parse.notice_forms import ONE_LINE_VALUES, Case, Filled

URL_LINE = re.compile(rf"(?:[^:<>/\n]{{1,40}}[:：])?[ \t\u00a0]*{ONE_LINE_VALUES['url']}[ \t]*\Z")
LABELLED = re.compile(r"[^:：\n]{1,60}[:：](?:[ \t\u00a0]+(?P<value>.*)|)\Z")
MEDIA_TYPE = re.compile(r"[a-z]+/[\w.+-]+\Z", re.IGNORECASE)
SIZE = re.compile(r"(\d{1,15})(?!\S)")
MOST_VALUES = 5  # of an embedded message or of a file: From, Subject, Date, Size; Name, Type, Size, Desc
LONGEST_LINE = 1000
# What separates the parts in any language: words between dashes. It counts where a notice stands behind it.
SEPARATOR = re.compile(r"---------(?<!----------)-{0,6} [^-\n]{1,60} -{9,15}[ \t]*$", re.MULTILINE)


def find_shape(text: str) -> Filled | None:
    """Find a notice's shape at the start of a text; blank lines before it have to be gone.

    >>> find_shape("Ein Anhang\\nURL: <http://x/l/attachments/20100301/50f524a0/a.htm>\\n").values["url"]
    'http://x/l/attachments/20100301/50f524a0/a.htm'
    """
    if "attachments/" not in text:
        return None
    lines = text.split("\n", MOST_VALUES + 2)[: MOST_VALUES + 2]
    if any(len(line) > LONGEST_LINE for line in lines):
        return None
    for place, line in enumerate(lines[1:], 1):
        match = URL_LINE.match(line)
        if match:
            return Filled(*_values(lines[1:place], match["url"]), place + 1)
        if not LABELLED.match(line):
            return None
    return None


def _values(lines: Sequence[str], url: str) -> tuple[Case, dict[str, str]]:
    """Tell the values by what they look like and where they stand; those that are not stated are left out."""
    values = [(match["value"] or "").strip() if (match := LABELLED.match(line)) else "" for line in lines]
    if not values:
        return "html", {"url": url}
    if len(values) == 1:
        return "text", {"filename": values[0], "url": url}
    types = [place for place, value in enumerate(values) if MEDIA_TYPE.match(value)]
    sizes = [match[1] for value in values if (match := SIZE.match(value))]
    size = {"size": sizes[-1]} if sizes else {}
    if types:
        described = values[-1] if len(values) > types[0] + 2 else ""
        name = values[0] if types[0] else ""
        return "other", {"filename": name, "ctype": values[types[0]], "desc": described, "url": url} | size
    return "message", {"subject": values[1] if len(values) > 1 else "", "url": url} | size
