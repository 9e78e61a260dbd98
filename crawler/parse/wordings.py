"""Every wording that Mailman's scrubber ever shipped, in 40 languages: facts of the format, from wordings.json.

The templates are those of Mailman's own catalogues, 2.1.5 to 2.1.39, as they reach an archive.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Final


def _load() -> dict[str, tuple[str, ...]]:
    data = json.loads(files("crawler.parse").joinpath("wordings.json").read_text(encoding="utf-8"))
    return {case: tuple(texts) for case, texts in data.items()}


# case to templates: html, other, message, text, removed, skipped (notices); separator; at;
# nothing, no_subject, no_date, unknown_sender (what stands for what a part does not have)
WORDINGS: Final = _load()
