"""The browser's answers from a pack against the shell's from the index: same totals, same order, same scores.

Chromium runs the scripts that the site ships, from a file, and loads the pack by script elements as the search
page does; it is asked once for all queries.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from crawler.store import Store
from indexer.impact import weight
from indexer.pack.documents import lead
from indexer.pack.write import write
from indexer.query.parse import parse
from indexer.refresh import refresh
from indexer.results import tell
from indexer.search import SearchIndex, open_index, search
from indexer.snippets import snippet, wanted
from indexer.suggest import suggestion
from tests.browser.test_search_core import FLAGS, STATIC
from tests.stored import DAY, START, Letter, archive, letter
from tests.wording import LISTS, VOCABULARY, letters, queries

pytestmark = pytest.mark.browser

SCRIPTS = (
    "search-words.js",
    "search-values.js",
    "search-core.js",
    "search-pack.js",
    "search-find.js",
    "search-suggest.js",
)
POLICY = "default-src 'none'; script-src file: 'unsafe-inline'"
NOW = START + 4000 * DAY
MANY = 400
SHOWN = 12
COMPARED = ("url", "list", "subject", "from_name", "score")

LOAD = """
const loaded = new Map();
globalThis.H = (text) => loaded.set(document.currentScript, text);
globalThis.asked = [];
globalThis.load = (name) => new Promise((resolve, reject) => {
    asked.push(name);
    const script = document.createElement("script");
    script.onload = () => resolve(loaded.get(script));
    script.onerror = () => reject(new Error(name));
    script.src = `search/${name}.js`;
    document.head.append(script);
});
"""
ANSWER = """async ([texts, now, limit]) => {
    const pack = await Hamelin.openPack(load);
    const answers = [];
    for (const text of texts) {
        const { tree } = Hamelin.parse(text, now);
        const { total, hits } = await Hamelin.search(tree, pack, { limit });
        const told = await Hamelin.tell(hits, tree, pack);
        answers.push([total, hits.map((hit) => hit.score), told]);
    }
    return answers;
}"""
SUGGEST = """async ([texts, now]) => {
    const pack = await Hamelin.openPack(load);
    return Promise.all(texts.map((text) => Hamelin.suggestion(text, pack, now)));
}"""
SORTED = """async ([text, now]) => {
    const pack = await Hamelin.openPack(load);
    const { hits } = await Hamelin.search(Hamelin.parse(text, now).tree, pack, { sort: "date", limit: 9 });
    return hits.map((hit) => hit.number);
}"""
TWICE = """async ([text, now]) => {
    const pack = await Hamelin.openPack((name) => name === "top" ? load(name) : Promise.reject(new Error("gone")));
    const failed = await Hamelin.search(Hamelin.parse(text, now).tree, pack).catch((error) => error.message);
    pack.stretches.forEach((stretch) => { stretch.files.load = load; });
    return [failed, (await Hamelin.search(Hamelin.parse(text, now).tree, pack)).total];
}"""

OTHERS = (
    "leek~", "reactr~", "conections~2", "京*", "re*", "twisted.we*", "C++ OR C#", "id:<7@example.org>",
    "id:<800@example.org>", f"id:{Letter('', '', number=7).id}", f"thread:{Letter('', '', number=7).id}",
    "thread:aaaaaaaaaaaaaaaaaaaaaaaaaa", "id:aaaaaaaaaaaaaaaaaaaaaaaaaa", "has:attachment", "file:étude*",
    "date:2004-03-05", "after:2005-06-01 before:2005-07", "older:1y newer:3000d", "newer:93000h", "date:1970",
    '"reactor the memory"', '"the the"', "said:the -quoted:the", "list:kaigi 会議", "subject:reactor OR from:ada",
    "𠮷野家",
)  # fmt: skip

# What made-up letters are not: second of a Message-ID, beyond 16 bits, very long, very old, empty.
ODD = (
    letter("twin", "the twin", number=800, message_id="<800@example.org>"),
    letter("twin", "another twin", number=801, list="conseil", message_id="<800@example.org>"),
    letter("𠮷野家", "𠮷野家 𝒜 reactor\0 here", number=802, list="kaigi"),
    letter("long", "the reactor " * 9000, number=803),
    letter("first", "reactor", number=804, date=-DAY * 9000),
    letter("", "", name=None, address=None, number=805, date=START + 3999 * DAY),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive of made-up letters with its index, and a site that has a pack and a bare page."""
    config = archive(tmp_path_factory.mktemp("pack"), [*letters(700), *ODD], LISTS)
    with Store.open(config.folder) as store:
        refresh(config, store, processes=1)
    made = config.folder / "site"
    write(config.folder, made)
    tags = "".join(f'<script src="{(STATIC / name).as_uri()}"></script>' for name in SCRIPTS)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    (made / "page.html").write_text(f'<meta charset="utf-8">{policy}{tags}<script>{LOAD}</script>')
    return made


@pytest.fixture(scope="module")
def index(site: Path) -> SearchIndex:
    """Open the index that the pack was made of."""
    return open_index(site.parent)


@pytest.fixture(scope="module")
def page(chromium: str, site: Path) -> Iterator[Page]:
    """Open the page from its file; no error may show in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        opened = browser.new_page()
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        opened.goto((site / "page.html").as_uri())
        yield opened
        assert errors == []
        browser.close()


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """Give the queries that are compared: of every kind, and the odd ones."""
    return sorted({*queries(MANY), *OTHERS})


@pytest.fixture(scope="module")
def answers(page: Page, asked: list[str]) -> dict[str, Any]:
    """Ask the browser all queries at once."""
    return dict(zip(asked, page.evaluate(ANSWER, [asked, NOW, SHOWN]), strict=True))


def test_answers_are_the_shells(answers: dict[str, Any], index: SearchIndex) -> None:
    """Every query finds as many messages, and the same ones first, in the same order, with the same scores."""
    expected, found = {}, {}
    for query, (total, scores, told) in answers.items():
        tree = parse(query, now=NOW).tree
        results = search(tree, index, limit=SHOWN)
        records = [one.as_record() for one in tell(results.hits, tree, index)]
        expected[query] = (
            results.total,
            [(r["url"], r["list"], r["subject"], r["from_name"], r["score"]) for r in records],
        )
        shown = [
            (t["url"], t["list"], t["subject"]["text"], t["from"], score) for t, score in zip(told, scores, strict=True)
        ]
        found[query] = total, shown

    assert expected == found
    assert sum(total > 0 for total, _ in found.values()) > MANY // 2


def test_snippets_are_by_the_same_rule(answers: dict[str, Any], index: SearchIndex) -> None:
    """Snippets and marks are what the shell's rule makes of the beginnings that a pack holds."""
    expected, found = [], []
    for query, (_, _, told) in answers.items():
        tree = parse(query, now=NOW).tree
        for hit, record in zip(search(tree, index, limit=SHOWN).hits, told, strict=True):
            shown = snippet(lead(*index.text(hit.number)[:2]), wanted(tree, LISTS[hit.list]))
            if max(shown.text, default="") < "\U00010000":  # places are counted in other units beyond
                expected.append((query, shown.text, [list(mark) for mark in shown.marks]))
                found.append((query, record["snippet"]["text"], record["snippet"]["marks"]))

    assert expected == found
    assert sum(bool(marks) for _, _, marks in found) > MANY


def test_weights_are_the_same(page: Page) -> None:
    """The weight of a word is the same whole number for every count."""
    cases = [(found, messages) for messages in (1, 9, 700, 65_652, 10**7) for found in {0, 1, messages // 3, messages}]

    assert [weight(*case) for case in cases] == page.evaluate(
        "(cases) => cases.map((c) => Hamelin.weight(...c))", cases
    )


def test_newest_first_is_the_same(page: Page, index: SearchIndex) -> None:
    """Sorted by date, the newest messages come first whatever their score."""
    expected = [hit.number for hit in search(parse("the", now=NOW).tree, index, limit=9, sort="date").hits]

    assert expected == page.evaluate(SORTED, ["the", NOW])


def test_ids_of_message_ids_are_made_alike(page: Page) -> None:
    """SHA-256 is right at the lengths where padding changes."""
    import hashlib

    texts = ["", "abc", *("é" * n for n in (27, 28, 31, 32, 64, 300))]
    expected = [list(hashlib.sha256(text.encode()).digest()) for text in texts]

    assert expected == page.evaluate("(texts) => texts.map((text) => Hamelin.sha256(text))", texts)


def test_what_is_not_published_is_said(page: Page) -> None:
    """A query for a whole address is told that a pack has none; the same by other fields is not."""
    asked = ["from:ada@example.org", '-from:"x y@z.org" a', "from:ada", "ada@example.org"]
    told = page.evaluate("(texts) => texts.map((text) => Hamelin.unpublished(Hamelin.parse(text, 0).tree))", asked)

    assert [bool(text) for text in told] == [True, True, False, False]


def test_near_spellings_are_offered_alike(page: Page, index: SearchIndex) -> None:
    """Where nothing is found, the browser offers what the shell does, or as little; also in groups and fields."""
    slips = list(_slips(60))
    asked = [
        *slips,
        *(f"subject:{slip} reactor" for slip in slips[:20]),
        *(f"({slip} OR xyzzyx) -the" for slip in slips[:20]),
        *(f"{one} {other}" for one, other in pairwise(slips[:20])),
        *('"reactr leaks"', "reactor", "reactr.run", "𠮷野屋家", "REACTR!", "xyzzyx", "ab", "résummé", "reactr~ lekas"),
    ]
    expected = [suggestion(parse(text, now=NOW), index, now=NOW) for text in asked]

    assert expected == page.evaluate(SUGGEST, [asked, NOW])
    assert sum(text is not None for text in expected) > len(slips) // 2


def _slips(count: int) -> Iterator[str]:
    """Write words of the letters with a letter changed, left out, put in or swapped."""
    luck = random.Random(3)
    words = [word for word in VOCABULARY["kitchen"] if word.isalpha() and len(word) > 3]
    for _ in range(count):
        word = luck.choice(words)
        at = luck.randrange(1, len(word) - 1)
        yield luck.choice(
            (
                f"{word[:at]}q{word[at + 1 :]}",
                word[:at] + word[at + 1 :],
                f"{word[:at]}q{word[at:]}",
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )


def test_what_did_not_load_is_asked_for_again(page: Page, index: SearchIndex) -> None:
    """A file that did not come fails its search, not the next one."""
    total = search(parse("reactor", now=NOW).tree, index, limit=1).total

    assert ["gone", total] == page.evaluate(TWICE, ["reactor", NOW])


def test_a_search_asks_for_few_files(page: Page) -> None:
    """One word costs the top, a shard or list in each stretch, and the records that are shown."""
    page.evaluate("() => { asked.length = 0 }")
    page.evaluate(ANSWER, [["xylophone OR memory"], NOW, 3])
    kinds = [name.rpartition("/")[2].rstrip("0123456789") for name in page.evaluate("() => asked")]

    assert kinds.count("top") == 1
    assert set(kinds) <= {"top", "t", "l", "d"}
    assert len(kinds) < 12
