"""The grammar of the query language: text to tree, or one sentence on what cannot be read and where.

    query   = branch { OR branch }
    branch  = item { [AND] item }
    item    = { NOT | - } ( [field:] word | [field:] "phrase" | [field:] ( query ) )

Operators are written in capitals; AND binds closer than OR. What holds no letter or digit is left
out, and a note says so. Open parentheses are kept on a stack of our own, so that no query overflows
Python's.

Nothing is looked up here. docs/query-language.md tells users the same.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crawler.errors import QueryError
from indexer.analysis import is_run, split
from indexer.fields import Field
from indexer.pattern import pattern
from indexer.query.building import Built, all_of, any_of, negated, nothing_to_subtract_from
from indexer.query.lexer import Token, lex
from indexer.query.names import named, unknown_field, unnamed
from indexer.query.refusal import refusal, shown
from indexer.query.tree import Beginning, Leaf, Near, Node, Not, Pattern, Phrase, Query, Word
from indexer.query.values import read_value

MOST: Final = 512  # words and values of a query
BEGINNING, NEAR = 8, 16  # for how many words these count: they look at many
PHRASE: Final = 16  # and for how many more than its own: it looks at places
MOST_SIGNS: Final = 50_000  # those, operators, parentheses and what is left out
MOST_NOTES: Final = 5  # what was left out; more of it says nothing more
OPERATORS: Final = ("AND", "OR", "NOT")
AFTER_QUOTE: Final = pattern(r"[~*^]")  # other languages let a distance, a star or a weight follow a phrase
MINUS_BEHIND: Final = pattern(r"-(?!-)")
WORD_HINT: Final = "To look for the word itself, write it in small letters or in quotation marks."


def parse(text: str, *, now: int) -> Query:
    """Read a query; `now` is the clock in seconds since 1970 UTC. Raise QueryError when it cannot be read.

    >>> parse("leak OR from:indigo", now=0).tree
    Or(children=(Word(unit='leak', field=None), Word(unit='indigo', field='from')))
    """
    reader = _Reader(now)
    for count, token in enumerate(lex(text, MOST_SIGNS + 1)):
        if count == MOST_SIGNS:
            raise refusal(f"The query has more than {MOST_SIGNS:,} signs", token.position, "Ask for less at once.")
        reader.take(token)
    return Query(text, reader.finish(), tuple(reader.notes))


class _Waiting(NamedTuple):
    """An operator or a field for which something must follow, and where it stands."""

    name: str
    position: int


class _Group:
    """The whole query, or an open parenthesis, with the field that was asked for it (`named`) or around it."""

    def __init__(self, position: int, asked: Field | None = None, *, named: bool = False) -> None:
        self.position, self.asked, self.named = position, asked, named
        self.branches: list[list[Built]] = [[]]
        self.operator: _Waiting | None = None  # AND or OR
        self.minuses: list[_Waiting] = []  # NOT and -, all before one item


class _Reader:
    """Takes signs one after the other, and gives the tree in the end."""

    def __init__(self, now: int) -> None:
        self.notes: list[str] = []
        self._now = now
        self._groups = [_Group(0)]
        self._field: tuple[Field, _Waiting] | None = None  # `from:` whose value comes next
        self._stranger: tuple[str, int] | None = None  # `colour:`, if a quotation or group is stuck to it
        self._count = 0

    def take(self, token: Token) -> None:
        """Take the next sign."""
        stranger, self._stranger = self._stranger, None
        if stranger and token.after == "piece" and token.kind in ("quote", "open"):
            raise unknown_field(stranger[0], "", stranger[1])
        operator = token.kind == "piece" and token.text in OPERATORS and token.after != "minus"
        if self._field and (operator or token.kind in ("close", "minus")):
            raise _nothing_after(self._field[1])
        match token.kind:
            case "open":
                self._open(token)
            case "close":
                self._close(token)
            case "minus":
                self._groups[-1].minuses.append(_Waiting("-", token.position))
            case "quote":
                self._value(token.text, token.position, token)
            case "piece" if operator:
                self._operator(_Waiting(token.text, token.position))
            case "piece":
                self._piece(token)

    def finish(self) -> Node:
        """Give the tree; refuse what is left open, and what asks for nothing."""
        if self._field:
            raise _nothing_after(self._field[1])
        if len(self._groups) > 1:
            position = self._groups[-1].position
            raise refusal("The parenthesis is never closed", position, "Add a ) where the group ends.")
        built = _built(self._groups[0])
        if built is None:
            raise refusal("The query has no word to look for", 0, "Write one or more words: memory leak.")
        if isinstance(built.node, Not):
            raise nothing_to_subtract_from(built.position)
        return built.node

    def _operator(self, operator: _Waiting) -> None:
        group = self._groups[-1]
        if operator.name == "NOT":
            group.minuses.append(operator)
            return
        _nothing_waits(group)
        if not group.branches[-1]:
            raise refusal(f"There is nothing before {operator.name}", operator.position, WORD_HINT)
        group.operator = operator
        if operator.name == "OR":
            group.branches.append([])

    def _piece(self, token: Token) -> None:
        """Take a piece: a field with its value, a field whose value comes next, or words."""
        if token.after == "quote" and AFTER_QUOTE.match(token.text):
            raise refusal(f"{shown(token.text)} cannot follow a phrase", token.position, "Leave it out.")
        found = named(token.text, token.position)
        if not found:
            name = unnamed(token.text)
            self._stranger = (name, token.position) if name else None
            self._value(token.text, token.position, token)
            return
        asked, name, value = found
        if self._field:
            raise _nothing_after(self._field[1])
        if self._groups[-1].asked:
            raise refusal(f"{name}: stands inside another field", token.position, "Close the parentheses before it.")
        self._field = asked, _Waiting(f"{name}:", token.position)
        if value:
            self._value(value, token.position + len(name) + 1, token)

    def _value(self, text: str, position: int, token: Token) -> None:
        """Take the value of a field, or words without one."""
        quoted = token.kind == "quote"
        if self._field and not quoted and MINUS_BEHIND.match(text):
            name = self._field[1].name
            raise refusal("The - stands behind the field", position, f"Write it before: -{name}")
        asked = self._field[0] if self._field else self._groups[-1].asked
        leaf = read_value(asked, text, position, quoted=quoted, now=self._now)
        if leaf is None and self._field:
            raise _nothing_after(self._field[1])
        self._field = None
        if leaf is None:
            self._leave_out(text, token)
            return
        if quoted and "*" in text and not isinstance(leaf, Pattern):
            self._note("In quotation marks a * is no beginning.")
        self._count += _looked_up(leaf)
        if self._count > MOST:
            raise refusal(f"The query has more than {MOST} words", position, "Leave out what matters least.")
        self._add(Built(leaf, 1, token.position))

    def _leave_out(self, text: str, token: Token) -> None:
        if token.after == "minus":
            self._groups[-1].minuses.pop()
        self._note(f"{shown(text)} holds no letter or digit and is left out.")

    def _open(self, token: Token) -> None:
        asked = self._field[0] if self._field else self._groups[-1].asked
        self._groups.append(_Group(token.position, asked, named=self._field is not None))
        self._field = None

    def _close(self, token: Token) -> None:
        if len(self._groups) == 1:
            raise refusal("No parenthesis is open here", token.position, "Leave out the ), or add a ( before it.")
        group = self._groups.pop()
        built = _built(group)
        if built:
            self._add(built._replace(position=group.position))
        elif group.named or self._groups[-1].minuses:
            raise refusal("There is nothing in the parentheses", group.position, "Put a word in, or leave them out.")
        else:
            self._note("Parentheses with nothing in them are left out.")

    def _note(self, note: str) -> None:
        if note not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(note)

    def _add(self, built: Built) -> None:
        """Put an item into the branch that is being read, negated as often as was asked."""
        group = self._groups[-1]
        if len(group.minuses) % 2:
            built = negated(built, group.minuses[0].position)
        group.minuses, group.operator = [], None
        group.branches[-1].append(built)


def _looked_up(leaf: Leaf) -> int:
    """Count what has to be looked up for a leaf: words, those of names of code too, and letters of a run."""
    match leaf:
        case Phrase(units):
            return PHRASE + sum(map(_words_in, units))
        case Word(unit):
            return _words_in(unit)
        case Beginning(unit):
            return _words_in(unit) - 1 + BEGINNING
        case Near():
            return NEAR
    return 1


def _words_in(unit: str) -> int:
    return len(unit) if is_run(unit) else len(split(unit))


def _built(group: _Group) -> Built | None:
    """Build what a group holds; None when it is empty."""
    _nothing_waits(group)
    if not group.branches[-1]:
        return None
    return any_of([all_of(branch) for branch in group.branches])


def _nothing_waits(group: _Group) -> None:
    """Refuse an operator that nothing follows."""
    waiting = group.minuses[-1] if group.minuses else group.operator
    if waiting:
        raise _nothing_after(waiting)


def _nothing_after(waiting: _Waiting) -> QueryError:
    hint = WORD_HINT if waiting.name in OPERATORS else "Put a word or a value there."
    return refusal(f"There is nothing after {waiting.name}", waiting.position, hint)
