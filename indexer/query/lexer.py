"""A query cut into its signs: parentheses, quotations, minus signs, and pieces between blanks.

Knows no field and no operator; that is `indexer.query.parse`.
"""

from __future__ import annotations

from typing import Final, Literal

from indexer.pattern import pattern
from indexer.query.refusal import SHOWN, refusal
from indexer.value import Value

# Named one by one, because Python and JavaScript do not agree on what a blank is.
BLANK: Final = "\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
QUOTE: Final = '"“”„‟«»＂'  # keyboards and mail programs put other marks for the plain one
OPEN, CLOSE = "(（", ")）"
SIGN: Final = pattern(
    f"(?P<blank>[{BLANK}]+)|(?P<open>[{OPEN}])|(?P<close>[{CLOSE}])|(?P<quote>[{QUOTE}])"
    f"|(?P<minus>-(?=[^-{BLANK}{CLOSE}]))|(?P<piece>[^{BLANK}{OPEN}{CLOSE}{QUOTE}]+)"
)
AROUND: Final = pattern(f"\\A[{BLANK}]+|[{BLANK}]+\\Z")
CLOSING_QUOTE: Final = pattern(f"[{QUOTE}]")

Kind = Literal["open", "close", "quote", "minus", "piece"]
KINDS: Final[dict[str, Kind | None]] = {
    "open": "open", "close": "close", "quote": "quote", "minus": "minus", "piece": "piece", "blank": None
}  # fmt: skip


class Token(Value):
    """A sign: its text (of a quotation, what is between the marks), its place, and what stood right before it."""

    kind: Kind
    text: str
    position: int
    after: Kind | None


def lex(text: str, most: int) -> list[Token]:
    """Cut a query into signs, the first so many at most; refuse a quotation among them that never ends.

    >>> [(token.kind, token.text) for token in lex('-from:"A B" (c)', most=99)]
    [('minus', '-'), ('piece', 'from:'), ('quote', 'A B'), ('open', '('), ('piece', 'c'), ('close', ')')]
    """
    tokens: list[Token] = []
    position = 0
    after: Kind | None = None
    while position < len(text) and len(tokens) < most:
        found = SIGN.match(text, position)
        assert found, "each character is in one of the classes"
        kind, inside, end = KINDS[found.lastgroup or ""], found.group(), found.end()
        if kind == "quote":
            inside, end = _quotation(text, position)
        if kind:
            tokens.append(Token(kind, inside, position, after))
        position, after = end, kind
    return tokens


def bare(text: str) -> str:
    """Take the blanks off both ends."""
    return AROUND.sub("", text)


def _quotation(text: str, position: int) -> tuple[str, int]:
    """Give what a quotation that opens here holds, and where it is over."""
    closing = CLOSING_QUOTE.search(text, position + 1)
    if not closing:
        rest = bare(text[position + 1 :])
        hint = f'Write "{rest}".' if 0 < len(rest) <= SHOWN else 'Write a phrase as "memory leak".'
        raise refusal("The quotation mark is never closed", position, hint)
    return text[position + 1 : closing.start()], closing.end()
