"""The browser's word rule and query language: Python's vectors, every letter, and thousands of random texts.

Chromium runs the very scripts that the site ships, under the site's kind of policy; each test asks it
once for all of its answers.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from crawler.errors import QueryError
from indexer import letters
from indexer.analysis import (
    beginning_of,
    begins,
    ends_in_word,
    is_run,
    phrase_of,
    places,
    terms_of,
    units,
    words,
)
from indexer.fields import FIELDS
from indexer.letters import fold
from indexer.query.parse import parse
from indexer.query.patterns import holds
from indexer.query.refusal import distance
from indexer.query.tree import as_json, leaves
from indexer.query.words import read_as
from indexer.stemming import stem

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "site_templates" / "static"
SCRIPTS = ("search-words.js", "search-values.js", "search-core.js")
DATA = ROOT / "tests" / "data"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
POLICY = "default-src 'none'; script-src file:"
NOW = 1_700_000_000
SEED = 20041005
MANY = 4000

ANSWER = """([texts, now]) => texts.map((text) => {
    try {
        const query = Hamelin.parse(text, now);
        return {tree: query.tree, read_as: Hamelin.readAs(query), leaves: Hamelin.leaves(query.tree).length};
    } catch (error) {
        if (!(error instanceof Hamelin.QueryError)) throw error;
        return {refused: error.message, hint: error.hint, position: error.position};
    }
})"""
WRITTEN = """([texts, language]) => texts.map((text) =>
    Hamelin.words(text, language).map((word) => [word.term, word.position, word.start, word.end]))"""


@pytest.fixture(scope="module")
def page(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Open a page from a file that loads the scripts under a strict policy; no error may show in it."""
    tags = "".join(f'<script src="{(STATIC / name).as_uri()}"></script>' for name in SCRIPTS)
    path = tmp_path_factory.mktemp("core") / "page.html"
    path.write_text(f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">{tags}')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        opened = browser.new_page()
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("console", lambda message: errors.append(message.text))
        opened.goto(path.as_uri())
        yield opened
        browser.close()
    assert errors == []


def vectors(name: str) -> Any:
    """Read a file of vectors."""
    return json.loads((DATA / name).read_text("utf-8"))


def answer(text: str) -> dict[str, Any]:
    """Read a query as the page's answer has it."""
    try:
        query = parse(text, now=NOW)
    except QueryError as error:
        return {"refused": error.message, "hint": error.hint, "position": error.position}
    return {"tree": as_json(query.tree), "read_as": read_as(query), "leaves": len(leaves(query.tree))}


def differences(inputs: list[str], ours: list[Any], theirs: list[Any]) -> list[tuple[str, Any, Any]]:
    """List the first inputs that the two languages answer differently."""
    assert len(inputs) == len(ours) == len(theirs)
    return [row for row in zip(inputs, ours, theirs, strict=True) if row[1] != row[2]][:5]


def as_javascript_counts(text: str) -> list[int]:
    """Give the UTF-16 offset of each character, and of the end."""
    return list(accumulate((1 + (char > "\uffff") for char in text), initial=0))


def written(text: str, language: str) -> list[list[Any]]:
    """List the words of a text with offsets as JavaScript counts them."""
    offset = as_javascript_counts(text)
    return [[w.term, w.position, offset[w.start], offset[w.end]] for w in words(text, language=language)]


class Chance:
    """Random texts and queries, the same in every run."""

    alphabets = (
        "abcdefghijklmnopqrstuvwxyz", "ABCXYZ", "0123456789", "._@-", "'’+#", " \n\t", "東京都ガｶ々〇", "한국어",
        "ภาษา", "ßæœøđıİłς", "ДйЁё", "\u0301\u0308\u200c\u00ad\ufe0f\u0640", "ﬁ½①Ⅷªº𝐁𐐀", "שָׁלוֹםمُحَمَّد٢۲", "हिन्दी",
    )  # fmt: skip
    pieces = (
        "leak", "memory", "reactor.run", "twisted.web.http", "user@host.org", "日本語", "京", "C++", "é", "don't",
        "x", " OR ", " AND ", " NOT ", "NOT", "OR", "-", "--", "(", ")", " (", ") ", '"', "“", "”", " ", " ",
        "\u3000", "*", "**", "~", "~1", "~3", "?", ":", "::", "//", "..", ",", "&", "subject:", "from:", "FROM:",
        "said:", "author:", "file:", "file:*.pdf", "type:pdf", "type:", "has:attachment", "has:", "list:", "list:a-b",
        "id:<a@b>", "thread:", "date:2004", "date:2004-02-30", "date:", "2004-10..2005", "after:2004-1", "before:",
        "newer:30d", "older:2y", "newer:", "form:", "subjet:x", "colour:red", "text-in-file:x", "http://a.b/c",
        "10:30", "C:\\", "Re: ", "\u0301", "😀", "𐐀", "\u0085",
    )  # fmt: skip

    def __init__(self) -> None:
        self._random = random.Random(SEED)

    def char(self) -> str:
        """Pick a character: usual ones mostly, any that Unicode has or may have sometimes."""
        if self._random.random() < 0.9:
            return self._random.choice(self._random.choice(self.alphabets))
        number = self._random.choice((self._random.randrange(0x3000), self._random.randrange(sys.maxunicode + 1)))
        return "?" if 0xD800 <= number <= 0xDFFF else chr(number)

    def text(self, longest: int = 40) -> str:
        """Make a text that looks like mail from all over the world."""
        return "".join(self.char() for _ in range(self._random.randrange(longest)))

    def query(self) -> str:
        """Make a query out of pieces that mean something, and of some that do not."""
        parts = [
            self._random.choice(self.pieces) if self._random.random() < 0.85 else self.text(4)
            for _ in range(self._random.randrange(1, 10))
        ]
        return self._random.choice(("", " ")).join(parts)


def test_token_vectors(page: Page) -> None:
    """The page finds the terms and places of every vector."""
    cases = vectors("tokens.json")
    for language in {case["language"] for case in cases}:
        texts = [case["text"] for case in cases if case["language"] == language]
        assert (
            differences(texts, [written(t, language) for t in texts], page.evaluate(WRITTEN, [texts, language])) == []
        )


def test_stem_vectors(page: Page) -> None:
    """The page's stems are Snowball's, and Python's for any letters."""
    chance = Chance()
    made = sorted({"".join(c for c in chance.text(14) if "a" <= c <= "z") for _ in range(MANY)})
    known = vectors("stems.json")["stems"]
    stems = page.evaluate("(words) => words.map(Hamelin.stem)", [*known, *made])

    assert differences([*known, *made], [*known.values(), *map(stem, made)], stems) == []


def test_every_letter(page: Page) -> None:
    """All characters that Unicode has begun to use are the same letters and fold alike, those to come included."""
    script = """(chars) => Array.from(chars).map((char) => [char, Hamelin.fold(char), Hamelin.units(char)[0] ?? ""])
        .filter(([char, folded, unit]) => folded !== char || unit !== "").map((row) => row.join(" ")).join("\\n")"""
    chars = [chr(n) for n in (*range(0x21, 0xD800), *range(0xE000, 0x40000), *range(0xE0000, 0xE1000), sys.maxunicode)]
    ours = [(char, fold(char), (units(char) or [""])[0]) for char in chars]
    theirs = page.evaluate(script, "".join(chars)).split("\n")

    assert [" ".join(row) for row in ours if row[1:] != (row[0], "")] == theirs
    tables = page.evaluate("() => [Hamelin.LETTERS.word, Hamelin.LETTERS.run, Hamelin.LETTERS.dropped]")
    assert [table.split() for table in tables] == [t.split() for t in (letters.WORD, letters.RUN, letters.DROPPED)]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_random_texts(page: Page, language: str) -> None:
    """Thousands of texts have the same words at the same places in both languages."""
    chance = Chance()
    texts = [chance.text() for _ in range(MANY)]

    assert differences(texts, [written(t, language) for t in texts], page.evaluate(WRITTEN, [texts, language])) == []


def test_random_units(page: Page) -> None:
    """What an index is asked for is the same: terms, phrases, beginnings."""
    script = """(texts) => texts.map((text) => {
        const found = Hamelin.units(text);
        const ask = (unit) => [Hamelin.termsOf(unit, "en"), Hamelin.termsOf(unit, "de"), Hamelin.isRun(unit),
            Hamelin.beginningOf(unit).terms, Hamelin.beginningOf(unit).beginning, Hamelin.begins(unit, "a")];
        return [found, found.map(ask), Hamelin.phraseOf(found, "en"), Hamelin.endsInWord(text), Hamelin.fold(text)];
    })"""

    def ask(unit: str) -> list[Any]:
        terms, beginning = beginning_of(unit)
        kinds = [list(terms_of(unit, language=language)) for language in ("en", "de")]
        return [*kinds, is_run(unit), list(terms), beginning, begins(unit, "a")]

    chance = Chance()
    texts = [chance.text() for _ in range(MANY // 2)]
    ours = [
        [found, [ask(u) for u in found], list(phrase_of(tuple(found), language="en")), ends_in_word(text), fold(text)]
        for text in texts
        for found in [units(text)]
    ]

    assert differences(texts, ours, page.evaluate(script, texts)) == []


def test_query_vectors(page: Page) -> None:
    """The page reads, says and refuses every golden query as Python does."""
    queries = [c.get("query") or "".join(p * n for p, n in c.get("parts", [])) for c in vectors("queries.json")]

    assert differences(queries, [answer(query) for query in queries], page.evaluate(ANSWER, [queries, NOW])) == []


def test_random_queries(page: Page) -> None:
    """Thousands of queries have the same tree and sentence, or the same refusal at the same place."""
    chance = Chance()
    queries = [chance.query() for _ in range(2 * MANY)]
    ours = [answer(query) for query in queries]

    assert differences(queries, ours, page.evaluate(ANSWER, [queries, NOW])) == []
    assert sum("tree" in found for found in ours) > MANY / 4
    assert sum("refused" in found for found in ours) > MANY / 4


def test_patterns_and_distances(page: Page) -> None:
    """Patterns hold for the same names, and words are as far from each other."""
    chance = random.Random(SEED)
    pairs = [
        [
            "".join(chance.choices("ab*?é𐐀", k=chance.randrange(7))),
            "".join(chance.choices("abé𐐀", k=chance.randrange(9))),
        ]
        for _ in range(MANY)
    ]
    theirs = page.evaluate(
        "(pairs) => pairs.map(([a, b]) => [Hamelin.patternHolds(a, b), Hamelin.distance(a, b)])", pairs
    )

    assert differences(list(map(str, pairs)), [[holds(a, b), distance(a, b)] for a, b in pairs], theirs) == []


def test_the_tables_of_fields_are_one(page: Page) -> None:
    """The page knows the fields, aliases, kinds and parts of indexer/fields.py."""
    expected = [{"name": f.name, "aliases": list(f.aliases), "kind": f.kind, "parts": list(f.parts)} for f in FIELDS]

    assert page.evaluate("() => Hamelin.FIELDS") == expected


def test_the_scripts_add_one_name(page: Page) -> None:
    """Nothing but Hamelin is left in the page's global scope."""
    script = """() => { const frame = document.body.appendChild(document.createElement("iframe"));
        const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow)); frame.remove();
        return Object.getOwnPropertyNames(window).filter((name) => !usual.has(name)); }"""

    assert [name for name in page.evaluate(script) if not name.startswith("__p")] == ["Hamelin"]


def test_the_page_reads_what_the_index_reads(page: Page) -> None:
    """The places of an analyzer are the terms that the page marks in a snippet."""
    text = "Don't leak: reactor.run() and 東京都 in C++, Straße."
    read: list[list[str]] = []
    for term, position, _, _ in page.evaluate(WRITTEN, [[text], "en"])[0]:
        read += [[]] * (position >= len(read))
        read[position] = [*read[position], term]

    assert read == [list(place) for place in places(text, language="en")]
