"""The query language: golden cases that the browser reads too, and what holds for any text."""

from __future__ import annotations

import fnmatch
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import QueryError
from indexer.analysis import is_run, units
from indexer.fields import BY_NAME, FIELDS, Field
from indexer.query.building import DEEPEST
from indexer.query.dates import days_since_1970, read_age, read_dates, stretch_in_words
from indexer.query.names import NAMED
from indexer.query.parse import MOST, parse
from indexer.query.patterns import holds
from indexer.query.refusal import distance, nearest
from indexer.query.tree import And, Dates, Exact, Node, Not, Or, Pattern, Phrase, Word, as_json, leaves
from indexer.query.words import read_as

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "queries.json").read_text("utf-8"))
NOW = 1_700_000_000  # the clock of the golden cases
PIECES = (
    "leak", "memory ", " OR ", " AND ", " NOT ", "-", " -", "(", ")", " (", ") ", '"', " ", "*", "~", "~2", ":", "//",
    "..", "subject:", "from:", "date:2004", "date:", "file:", "list:x", "has:attachment", "newer:3d",
    "form:", "日本", "京", "C++", "é", "&", "’s", "2004-10", "\\", "“", "”", "\u3000", "𝐁",
)  # fmt: skip
QUERIES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join)


def text_of(case: dict[str, Any]) -> str:
    """Give the query of a case; long ones are written as parts and how often they come."""
    return case["query"] if "query" in case else "".join(part * times for part, times in case["parts"])


def answer(text: str) -> dict[str, Any]:
    """Read a query as the golden cases have it: its tree and sentence, or why it was refused."""
    try:
        query = parse(text, now=NOW)
    except QueryError as error:
        return {"refused": error.message, "hint": error.hint, "position": error.position}
    return {"tree": as_json(query.tree), "read_as": read_as(query)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['family']}: {text_of(case)[:40]}")
def test_queries(case: dict[str, Any]) -> None:
    """The golden cases that bind Python and the browser hold."""
    found = answer(text_of(case))
    expected = {name: value for name, value in case.items() if name not in ("family", "query", "parts", "fine")}

    assert "refused" not in found if case.get("fine") else found == expected


def test_there_are_queries_of_every_family() -> None:
    """An empty file cannot pass; no query comes twice."""
    families = [case["family"] for case in CASES]

    assert min(families.count(family) for family in ("basic", "recover", "refused", "pathological")) > 40
    assert len({text_of(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_example_of_every_field_is_read(field: Field) -> None:
    """The help shows nothing that is refused."""
    assert "refused" not in answer(field.example)


@given(QUERIES)
def test_a_query_is_read_or_refused(text: str) -> None:
    """Whatever is typed gives a tree that keeps its promises, or one error with a place, a sentence and a hint."""
    found = answer(text)
    if "refused" in found:
        assert 0 <= found["position"] <= len(text)
        assert found["refused"].endswith(f"(character {found['position'] + 1}).")
        assert found["hint"].endswith((".", "?", ":"))
        return
    query = parse(text, now=NOW)
    assert not isinstance(query.tree, Not)
    assert _depth(query.tree) <= DEEPEST
    _check(query.tree)
    assert read_as(query).startswith("Messages ")
    assert json.loads(json.dumps(as_json(query.tree)))


def _depth(node: Node) -> int:
    match node:
        case And(children) | Or(children):
            return 1 + max(map(_depth, children))
        case Not(child):
            return 1 + _depth(child)
    return 1


def _check(node: Node) -> None:
    """Hold what `indexer.query.tree` promises of each kind."""
    match node:
        case And(children):
            assert len(children) > 1
            assert not all(isinstance(child, Not) for child in children)
            assert not any(isinstance(child, And) for child in children)
        case Or(children):
            assert len(children) > 1
            assert not any(isinstance(child, Not | Or) for child in children)
        case Not(child):
            assert not isinstance(child, Not)
            children = (child,)
        case _:
            children = ()
            _check_units(node)
    for child in children:
        _check(child)


def _check_units(leaf: Node) -> None:
    match leaf:
        case Phrase(found):
            assert len(found) > 1
        case Word(unit):
            found = (unit,)
            assert not (is_run(unit) and len(unit) == 1)
        case _:
            found = ()
    assert [units(unit) for unit in found] == [[unit] for unit in found]


@given(
    st.lists(
        st.sampled_from(["leak", "memory", "reactor.run", "日本", '"core dump"', "from:bob"]), min_size=1, max_size=8
    )
)
def test_words_are_all_asked_for(words: list[str]) -> None:
    """Words without operators are one AND, in their order, and spaces do not matter."""
    found = parse("  ".join(words), now=NOW).tree
    alone = [parse(word, now=NOW).tree for word in words]

    assert list(leaves(found)) == alone
    assert isinstance(found, And) or len(words) == 1


@given(QUERIES)
def test_parentheses_around_a_query_change_nothing(text: str) -> None:
    """What can be read can be read in parentheses, to the same tree."""
    plain, enclosed = answer(text), answer(f"({text})")

    if "tree" in plain:
        assert enclosed.get("tree") == plain["tree"]


def test_queries_pathological() -> None:
    """The longest and deepest queries are read or refused in a moment."""
    start = time.process_time()
    for case in CASES:
        if case["family"] == "pathological":
            answer(text_of(case))

    assert time.process_time() - start < 20
    assert len(leaves(parse("a " * MOST, now=0).tree)) == MOST


def test_names_before_a_colon_are_those_of_fields() -> None:
    """Every name and alias has the form that the grammar looks for."""
    assert all(NAMED.match(f"{name}:x") for name in BY_NAME)


@pytest.mark.parametrize(
    ("name", "near"),
    [("form", "from"), ("subjects", "subject"), ("sbject", "subject"), ("lists", "list"), ("xyzzy", None), ("", None)],
)
def test_a_slip_is_forgiven(name: str, near: str | None) -> None:
    """The nearest name is suggested, if it is near."""
    assert nearest(name, BY_NAME) == near


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_a_distance(one: str, other: str) -> None:
    """Zero for equals only, the same both ways, no more than the longer word, swaps count one."""
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) == distance(other, one)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))
    assert distance("ab" + one, "ba" + one) == 1


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_patterns_hold_as_shells_have_them(pattern: str, name: str) -> None:
    """`*` and `?` mean what they mean in a shell."""
    assert holds(pattern, name) == fnmatch.fnmatchcase(name, pattern)


def test_patterns_know_no_other_signs() -> None:
    """Brackets and backslashes are themselves."""
    assert holds("[a].txt", "[a].txt")
    assert not holds("[a].txt", "a.txt")
    assert holds("a\\b", "a\\b")


def test_patterns_pathological() -> None:
    """Thousands of stars against thousands of letters take no exponential time."""
    assert not holds("*a" * 2000 + "b", "a" * 4000)


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001  # naive dates, counted as days
def test_days_are_those_of_the_calendar(moment: datetime) -> None:
    """Our whole-number calendar is Python's."""
    days = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)

    assert days_since_1970(moment.year, moment.month, moment.day) == days
    assert stretch_in_words(Dates(days * 86400, days * 86400 + 86400)) == f"dated {moment.date().isoformat()}"


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_ends_where_the_next_begins(year: int, month: int) -> None:
    """Stretches leave no second out and none double."""
    this = read_dates("date", f"{year:04}-{month}", 0)
    if (year, month) < (9999, 12):
        following = read_dates("after", f"{year + month // 12:04}-{month % 12 + 1}", 0)
        assert this.before == following.first
    assert read_dates("before", f"{year:04}-{month}", 0).before == this.first


def test_an_age_is_counted_from_the_clock() -> None:
    """Months are 30 days and years 365; what is older begins where what is newer ends."""
    assert read_age("newer", "2m", 0, now=NOW) == Dates(NOW - 60 * 86400, None)
    assert read_age("older", "1y", 0, now=NOW) == Dates(None, NOW - 365 * 86400)


def test_values_are_looked_up_folded() -> None:
    """Lists, keys, types and file names are found in any case; Message-IDs as they are."""
    found = [parse(text, now=0).tree for text in ("list:A", "type:PDF", "file:*.PDF", "id:<A@B>")]

    assert found == [Exact("a", "list"), Exact("pdf", "type"), Pattern("*.pdf", "file"), Exact("<A@B>", "id")]


DOCUMENT = (Path(__file__).parent.parent / "docs" / "query-language.md").read_text("utf-8")


def table_of(heading: str) -> list[list[str]]:
    """Give the rows of the table below a heading of the document, without its head."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def code_of(cell: str) -> list[str]:
    """Give what a cell shows as code."""
    return re.findall(r"`([^`]+)`", cell)


def test_the_document_shows_what_can_be_read_and_what_is_refused() -> None:
    """Every example of the tables is read, or refused, as the document says."""
    written = [code for row in table_of("What to write") for code in code_of(row[0])]
    refused = [code_of(row[0])[0] for row in table_of("What is refused")]

    assert len(written) > 8
    assert [text for text in written if "refused" in answer(text)] == []
    assert [text for text in refused if "refused" not in answer(text)] == []


def test_the_document_lists_the_fields() -> None:
    """The table of fields is the one of indexer/fields.py, in its order."""
    expected = [
        [
            f"`{field.name}:`",
            " ".join(f"`{alias}:`" for alias in field.aliases),
            field.help,
            f"`{field.example}`",
        ]
        for field in FIELDS
    ]

    assert table_of("Fields") == expected


def test_what_the_document_says_is_pasted_is_words() -> None:
    """What is clearly no field is read as words."""
    section = DOCUMENT.split("\n## What was pasted\n")[1].split("A name before")[0]
    pasted = code_of(section.replace("\n", " "))

    assert len(pasted) > 5
    assert [text for text in pasted if "refused" in answer(text) or "field" in json.dumps(answer(text)["tree"])] == []
