"""What `hamelin search` answers, as text: lists of results for people, and JSON for programs.

Nothing is printed here, and nothing imported that a plain search can do without (`indexer.start`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from indexer.columns import cut, fitting
from indexer.harmless import harmless
from indexer.query.parse import parse
from indexer.query.refusal import refusal, shown
from indexer.query.tree import Query, as_json
from indexer.results import Found, tell
from indexer.search import Results, SearchIndex, Sort, search, searched
from indexer.snippets import Mark, Snippet
from indexer.value import Value

INDENT: Final = "    "
SITE: Final = "site"  # the folder of the published site
WIDEST, NARROWEST = 110, 20  # columns of a snippet
MOST_LINES: Final = 3  # of a subject; subjects of thousands of letters are in archives
# Select Graphic Rendition, ECMA-48 8.3.117
BOLD, DIM, ITALIC, GREEN, YELLOW, BLUE = "1", "2", "3", "32", "33", "34"

# A hyperlink begins with one of these and its address, and ends with an empty one (OSC 8, of VTE and iTerm2).
LINK, END = "\x1b]8;;", "\x1b\\"


class Asked(Value):
    """What a search was asked for, besides its query: the order, the form of the answer, how many are shown.

    `threads` shows of each thread its best message; `now` is the clock in seconds since 1970 UTC;
    `known` are ids of messages that are left out.
    """

    now: int
    sort: Sort = "relevance"
    form: str = "text"
    limit: int = 20
    threads: bool = False
    explain: bool = False
    known: frozenset[str] = frozenset()


class Answer(Value):
    """The text of an answer, and how many messages or threads were found."""

    text: str
    total: int


def answer(archive: Path, text: str, asked: Asked, *, width: int, colour: bool) -> Answer:
    """Search an archive, and write what was found; `width` is the terminal's, in columns."""
    query = _read(text, asked.now)
    site = archive.resolve() / SITE if colour else None

    def written(index: SearchIndex) -> Answer:
        results = _results(query, index, asked)
        found = list(tell(results.hits, query.tree, index))
        instead = None if results.total or asked.known else _suggestion(query, index, asked.now)
        if asked.form == "text":
            besides = () if results.total else _strange_lists(query, index)
            lines = _Lines(min(width, WIDEST), colour, site).of(query, results, found, asked, instead, besides)
            return Answer("\n".join(lines) + "\n", results.total)
        return Answer(_json(query, results, found, asked, instead), results.total)

    return searched(archive, written)


def found_by(archive: Path, text: str, now: int) -> frozenset[str]:
    """Give the ids of all messages that a query finds."""
    tree = _read(text, now).tree
    return searched(archive, lambda index: frozenset(hit.id for hit in search(tree, index, limit=index.messages).hits))


def best(archive: Path, text: str, asked: Asked) -> list[str]:
    """Give the ids of the messages that an answer shows, in its order."""
    query = _read(text, asked.now)
    return searched(archive, lambda index: [hit.id for hit in _results(query, index, asked).hits])


def _read(text: str, now: int) -> Query:
    """Read a query, which a shell hands on as whatever bytes it was given; QueryError where they are no text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        hint = "Have the terminal send UTF-8, or leave that letter out."
        raise refusal("The query is not written in UTF-8", error.start, hint) from None
    return parse(text, now=now)


def _results(query: Query, index: SearchIndex, asked: Asked) -> Results:
    limit, sort, threads, known = asked.limit, asked.sort, asked.threads, asked.known
    return search(query.tree, index, limit=limit, sort=sort, threads=threads, known=known)


def _suggestion(query: Query, index: SearchIndex, now: int) -> str | None:
    from indexer.suggest import suggestion  # only where nothing was found

    return suggestion(query, index, now=now)


def _json(query: Query, results: Results, found: list[Found], asked: Asked, instead: str | None) -> str:
    import json

    from indexer.query.words import read_as

    hits = [one.as_record() for one in found]
    whole: dict[str, Any] = {"query": query.text, "read_as": read_as(query), "total": results.total, "hits": hits}
    if instead:
        whole["suggestion"] = instead
    if asked.explain:
        whole["tree"] = as_json(query.tree)
    lines = hits if asked.form == "jsonl" else [whole]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


class _Lines:
    """Lays results out for people."""

    def __init__(self, width: int, colour: bool, site: Path | None = None) -> None:
        self._width = width
        self._colour = colour
        self._site = site

    def of(
        self,
        query: Query,
        results: Results,
        found: list[Found],
        asked: Asked,
        instead: str | None = None,
        besides: Iterable[str] = (),
    ) -> Iterator[str]:
        """Give all lines of an answer; `instead` is a query that would find something, `besides` are sentences."""
        if asked.explain:
            from indexer.query.words import read_as

            yield self._styled(read_as(query), ITALIC)
            yield ""
        for one in found:
            yield from self._message(one)
            yield ""
        thing = f"{'new ' if asked.known else ''}{'thread' if asked.threads else 'message'}"
        yield self._styled(_count(results, len(found), thing), DIM)
        yield from map(harmless, besides)
        if instead:
            yield f"Did you mean: {harmless(instead)}"

    def _message(self, one: Found) -> Iterator[str]:
        """Lay one message out: subject, who and when, snippet, address."""
        subject = _beginning(one.subject, MOST_LINES * self._width)
        yield self._marked(subject, BOLD) if subject.text else self._styled("(no subject)", BOLD)
        when = (one.date or "no date")[:10]
        who = self._styled(cut(harmless(one.hit.from_name), self._width) or "nobody", GREEN)
        others = (
            f"  {self._styled(f'{one.hit.in_thread:,} found in this thread', DIM)}" if one.hit.in_thread > 1 else ""
        )
        yield f"{INDENT}{who}  {when}  {self._styled(one.hit.list, DIM)}{others}"
        for line in wrapped(one.snippet, max(NARROWEST, self._width - len(INDENT))):
            yield INDENT + self._marked(line)
        yield INDENT + self._linked(one.address)

    def _linked(self, address: str) -> str:
        """Show an address on the site, as a link to its file where there is one."""
        shown = self._styled(address, BLUE, DIM)
        path, _, place = address.partition("#")
        if self._site is None or not (page := self._site / path).is_file():
            return shown
        return f"{LINK}{page.as_uri()}#{place}{END}{shown}{LINK}{END}"

    def _marked(self, shown: Snippet, *styles: str) -> str:
        pieces, position, text = [], 0, harmless(shown.text)
        for start, end in shown.marks:
            pieces.append(self._styled(text[position:start], *styles))
            pieces.append(self._styled(text[start:end], YELLOW, BOLD))
            position = end
        return "".join((*pieces, self._styled(text[position:], *styles)))

    def _styled(self, text: str, *styles: str) -> str:
        if not (self._colour and styles and text):
            return text
        return "".join((*(f"\x1b[{style}m" for style in styles), text, "\x1b[0m"))


def _strange_lists(query: Query, index: SearchIndex) -> Iterator[str]:
    """Say of lists that are asked for which there are, where there is none of that name."""
    from indexer.suggest import unknown_lists  # only where nothing was found

    known = ", ".join(sorted(index.state.languages))
    return (f"There is no list {shown(name)}; there are: {known}." for name in unknown_lists(query, index))


def _beginning(text: Snippet, width: int) -> Snippet:
    """Cut a text to so many columns, and its marks with it.

    >>> _beginning(Snippet("soup and bread", ((0, 4), (9, 14))), 8)
    Snippet(text='soup an…', marks=((0, 4),))
    """
    short = cut(text.text, width)
    if short == text.text:
        return text
    return Snippet(short, tuple(mark for mark in text.marks if mark[1] < len(short)))


def _count(results: Results, shown: int, thing: str) -> str:
    things = f"{results.total:,} {thing}{'s' * (results.total != 1)}"
    if not results.total:
        return f"No {thing} found."
    return f"{things} found." if shown == results.total else f"{things} found, {shown:,} shown; --limit shows more."


def wrapped(shown: Snippet, width: int) -> Iterator[Snippet]:
    """Break a snippet, whose words have one blank between them, into lines, each with its marks.

    >>> [line.text for line in wrapped(Snippet("salt and pepper", ((9, 15),)), 8)]
    ['salt and', 'pepper']
    """
    start = 0
    while start < len(shown.text):
        end = _line_end(shown.text, start, width)
        marks: tuple[Mark, ...] = tuple(
            (max(a, start) - start, min(b, end) - start) for a, b in shown.marks if a < end and b > start
        )
        yield Snippet(shown.text[start:end], marks)
        start = end + (shown.text[end : end + 1] == " ")


def _line_end(text: str, start: int, width: int) -> int:
    """Give where a line ends: before the last blank that leaves it short enough, or within a word that is too long."""
    fit = fitting(text[start:], width)
    if start + fit == len(text):
        return len(text)
    blank = text.rfind(" ", start, start + fit + 1)
    return blank if blank > start else start + max(fit, 1)
