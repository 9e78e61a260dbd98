"""Which senders redaction has to be told of, remembered: to try all spellings of thousands takes seconds each time.

    index/senders.json   a digest of the rules, and by each address's digest whether some spelling of it would stay

What the rules of another day said is forgotten. Digests, since a sender can have been taken out of the archive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from crawler.parse.wordings import WORDINGS
from indexer import redaction
from indexer.redaction import Privacy, privacy_for

REMEMBERED: Final = "senders.json"
DIGITS: Final = 32  # hexadecimal, of a digest


def remembered_privacy(folder: Path, senders: Iterable[str], *, publish_addresses: bool = False) -> Privacy:
    """Make the privacy as `privacy_for` does, looking at those senders only that are new."""
    path, rules = folder / REMEMBERED, _rules()
    before = _read(path, rules)
    now: dict[str, bool] = {}

    def stays(address: str) -> bool:
        digest = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:DIGITS]
        known = before.get(digest)
        now[digest] = redaction.some_spelling_stays(address) if known is None else known
        return now[digest]

    privacy = privacy_for(senders, publish_addresses=publish_addresses, stays=stays)
    if now != before:
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"rules": rules, "stays": now}), "utf-8")
        beside.replace(path)
    return privacy


def _read(path: Path, rules: str) -> dict[str, bool]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        held = json.loads(path.read_text("utf-8"))
        if held["rules"] == rules:
            return dict(held["stays"])
    return {}


def _rules() -> str:
    """Give a digest of all that decides: the rules' own text, and the words that they know."""
    text = Path(redaction.__file__).read_bytes() + json.dumps(WORDINGS, sort_keys=True, default=list).encode()
    return hashlib.sha256(text).hexdigest()
