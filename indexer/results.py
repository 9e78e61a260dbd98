"""What a search tells of each message it found: address, names, date, and a snippet with the words asked for.

All of it is kept in the index, as it is published. Nothing is printed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import gmtime, strftime
from typing import Any

from indexer.query.tree import Node
from indexer.search import Hit, SearchIndex
from indexer.site.urls import message as message_address
from indexer.snippets import Snippet, Wanted, marks, snippet, wanted
from indexer.value import Value

SUBJECT_FIELDS = (None, "said", "subject")  # fields whose words stand in the subject


class Found(Value):
    """A message of a list of results: `address` is below the site's root, `date` UTC, RFC 3339, None for none."""

    hit: Hit
    address: str
    date: str | None
    subject: Snippet
    snippet: Snippet

    def as_record(self) -> dict[str, Any]:
        """Give what `hamelin search --format json` tells of it."""
        return {
            "url": self.address,
            "id": self.hit.id,
            "list": self.hit.list,
            "subject": self.hit.subject,
            "from_name": self.hit.from_name,
            "date": self.date,
            "snippet": self.snippet.text,
            "score": self.hit.score,
        }


def tell(hits: tuple[Hit, ...], tree: Node, index: SearchIndex) -> Iterator[Found]:
    """Tell what is to be shown of each message that was found."""
    asked: dict[str, tuple[Wanted, Wanted]] = {}  # by language, of subjects and of texts
    for hit in hits:
        language = index.state.languages[hit.list]
        if language not in asked:
            asked[language] = wanted(tree, language, SUBJECT_FIELDS), wanted(tree, language)
        of_subject, of_text = asked[language]
        subject = Snippet(hit.subject, marks(hit.subject, of_subject))
        address = message_address(hit.list, hit.thread, hit.id)
        yield Found(hit, address, _date(hit.date), subject, _snippet(index.text(hit.number), of_text))


def _snippet(texts: tuple[str, str], asked: Wanted) -> Snippet:
    """Show where the words stand in what was written, else in what was quoted, else how the message begins."""
    first = None
    for text in filter(None, texts):
        shown = snippet(text, asked)
        if shown.marks:
            return shown
        first = first or shown
    return first or Snippet("", ())


def _date(seconds: int) -> str | None:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds)) if seconds else None
