"""Which senders redaction has to be told of, remembered: to try all spellings of thousands takes seconds each time.

    index/senders.json   a digest of the rules, and by each address's digest whether some spelling of it would stay

What the rules of another day said is forgotten, and so is all that a damaged file says.
Digests, since a sender can have been taken out of the archive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from crawler.parse.wordings import WORDINGS
from indexer import host_endings, redaction, spellings
from indexer.redaction import Privacy, privacy_for
from indexer.seal import is_whole, sealed

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
    if now != before or are_damaged(folder):
        folder.mkdir(exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(sealed(json.dumps({"rules": rules, "stays": now})), "utf-8")
        beside.replace(path)
    return privacy


def are_damaged(folder: Path) -> bool:
    """Say whether what is remembered of senders is not as it was written; nothing remembered is no damage."""
    try:
        return not is_whole((folder / REMEMBERED).read_text("utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True


def _read(path: Path, rules: str) -> dict[str, bool]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        text = path.read_text("utf-8")
        held = json.loads(text)
        if held["rules"] == rules and is_whole(text):
            return dict(held["stays"])
    return {}


def _rules() -> str:
    """Give a digest of all that decides: the rules' own text, and the words that they know."""
    rules = b"".join(Path(str(module.__file__)).read_bytes() for module in (redaction, spellings, host_endings))
    return hashlib.sha256(rules + json.dumps(WORDINGS, sort_keys=True, default=list).encode()).hexdigest()
