"""What a shell offers when a search is half written: fields, names of lists, senders and types, saved searches.

The command line's library asks while somebody presses Tab, so that nothing here may raise or take long. What is
offered is one word of the shell: of a sender the single words of the name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from crawler.config import archive_folder, load
from crawler.errors import HamelinError
from crawler.store import DATABASE, Store
from indexer.fields import FIELDS, field_named
from indexer.pattern import pattern
from indexer.search import searched

MOST: Final = 30  # that are offered at once
LAST_WORD: Final = pattern(r"(?<![^\s(-])[^\s(-][^\s(]*\Z")  # behind a blank, a parenthesis or a minus

Offered = Callable[[Path, str], Iterable[str]]


def complete(ctx: Any, _parameter: object, incomplete: str) -> list[str]:
    """Offer fields, or the values of the one that is written; `ctx` is click's context."""
    before, last = _split(incomplete)
    name, colon, value = last.rpartition(":")
    if not colon:
        return [f"{before}{field.name}:" for field in FIELDS if field.name.startswith(last)]
    return [f"{before}{name}:{offered}" for offered in _values(_archive(ctx), name, value)]


def complete_saved(ctx: Any, _parameter: object, incomplete: str) -> list[str]:
    """Offer the names of saved searches."""
    return complete_from(lambda folder: [name for name, _ in load(folder).searches], ctx, incomplete)


def complete_list(ctx: Any, _parameter: object, incomplete: str) -> list[str]:
    """Offer the names of lists."""
    return complete_from(lambda folder: [known.name for known in load(folder).lists], ctx, incomplete)


def complete_from(offered: Callable[[Path], Iterable[str]], ctx: Any, incomplete: str) -> list[str]:
    """Offer of some names those that begin so."""
    with suppress(HamelinError, OSError):
        return [name for name in offered(_archive(ctx)) if name.startswith(incomplete)][:MOST]
    return []


def _split(incomplete: str) -> tuple[str, str]:
    """Part the word at the end from what stands before it in one argument of the shell.

    >>> _split("leak -(from:an"), _split("from:an")
    (('leak -(', 'from:an'), ('', 'from:an'))
    """
    last = LAST_WORD.search(incomplete)
    start = last.start() if last else len(incomplete)
    return incomplete[:start], incomplete[start:]


def _values(archive: Path, name: str, beginning: str) -> list[str]:
    field = field_named(name)
    if field is None or field.name not in VALUES:
        return []
    with suppress(HamelinError, OSError):
        return sorted(VALUES[field.name](archive, beginning))[:MOST]
    return []


def _archive(ctx: Any) -> Path:
    """Find the archive: what was said before the verb, else the environment's or the current folder."""
    said = ctx.parent.params.get("archive") if ctx.parent else None
    return archive_folder(said)


def _senders(archive: Path, beginning: str) -> Iterable[str]:
    """Give words of senders' names, the most frequent if they are many."""
    if not (archive / DATABASE).exists():
        return []
    with closing(Store.open(archive)) as store:
        sql = "SELECT from_name, count(*) FROM entries WHERE from_name LIKE '%' || ? || '%' GROUP BY from_name"
        counts: Counter[str] = Counter()
        for name, count in store.db.execute(sql, (beginning,)):
            words = (word for word in name.lower().split() if word.isalpha() and word.startswith(beginning.lower()))
            counts.update(dict.fromkeys(words, count))
    return [word for word, _ in counts.most_common(MOST)]


def _names(field: str) -> Offered:
    """Offer what the index holds of a field of names."""
    return lambda archive, beginning: searched(archive, lambda index: index.texts(field, beginning.lower()))


VALUES: Final[dict[str, Offered]] = {
    "from": _senders,
    "list": _names("list"),
    "type": _names("type"),
    "has": lambda _, beginning: [choice for choice in ("attachment",) if choice.startswith(beginning)],
}
