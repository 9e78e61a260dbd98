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
from indexer.snippets import TEXT_FIELDS, Snippet, Wanted, marks, snippet, wanted
from indexer.value import Value

FILE_FIELDS = (None, "text-in-file")  # fields whose words stand in files
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
        counted = {"in_thread": self.hit.in_thread} if self.hit.in_thread else {}
        return {
            "url": self.address,
            "id": self.hit.id,
            "list": self.hit.list,
            "subject": self.hit.subject,
            "from_name": self.hit.from_name,
            "date": self.date,
            "snippet": self.snippet.text,
            "score": self.hit.score,
            **counted,
        }


def tell(hits: tuple[Hit, ...], tree: Node, index: SearchIndex) -> Iterator[Found]:
    """Tell what is to be shown of each message that was found."""
    asked: dict[str, tuple[Wanted, Wanted, Wanted]] = {}  # by language, of subjects, of texts and of files
    for hit in hits:
        language = index.state.languages[hit.list]
        if language not in asked:
            of_each = [wanted(tree, language, fields) for fields in (SUBJECT_FIELDS, TEXT_FIELDS, FILE_FIELDS)]
            asked[language] = of_each[0], of_each[1], of_each[2]
        of_subject, of_text, of_files = asked[language]
        subject = Snippet(hit.subject, marks(hit.subject, of_subject))
        address = message_address(hit.list, hit.thread, hit.id)
        yield Found(hit, address, _date(hit.date), subject, _snippet(index.text(hit.number), of_text, of_files))


def _snippet(texts: tuple[str, str, str], of_text: Wanted, of_files: Wanted) -> Snippet:
    """Show where the words stand in what was written, else quoted, else in a file; else how the message begins."""
    first = None
    for text, asked in zip(texts, (of_text, of_text, of_files), strict=True):
        if not text:
            continue
        shown = snippet(text, asked)
        if shown.marks:
            return shown
        first = first or shown
    return first or Snippet("", ())


def _date(seconds: int) -> str | None:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds)) if seconds else None
