"""Searching an index: the answers of a slow second search, ranking, order, and what is told of hits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.config import Config
from crawler.errors import ArchiveTrouble
from crawler.store import Store
from indexer.query.parse import parse
from indexer.refresh import refresh
from indexer.results import tell
from indexer.search import Results, SearchIndex, open_index, search
from tests.naive_search import Read, naive_search
from tests.stored import DAY, START, Letter, archive, attachment, letter
from tests.wording import LISTS, letters, queries

NOW = START + 4000 * DAY
OTHERS = ("leek~", "reactr~", "conections~2", "京*", "id:<7@example.org>", "twisted.we*", "from:porter -leaks")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """Give the index of six hundred made-up letters in four lists and scripts."""
    return _index(archive(tmp_path_factory.mktemp("mixed"), letters(600), LISTS))


@pytest.fixture(scope="module")
def read() -> list[Read]:
    """Give the same letters as the slow search reads them."""
    return [Read(one, LISTS[one.list]) for one in letters(600)]


@pytest.fixture
def find(tmp_path: Path) -> Callable[..., list[str]]:
    """Give a function that indexes letters, asks a query and gives the subjects that were found, best first."""

    def finder(query: str, *held: Letter, **how: object) -> list[str]:
        index = _index(archive(tmp_path, held))
        return [hit.subject for hit in _ask(query, index, **how).hits]

    return finder


def _index(config: Config) -> SearchIndex:
    with Store.open(config.folder) as store:
        refresh(config, store, processes=1)
    return open_index(config.folder)


def _ask(query: str, index: SearchIndex, **how: object) -> Results:
    return search(parse(query, now=NOW).tree, index, **{"limit": 1000, **how})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query", sorted({*queries(300), "leek~", "reactr~", "conections~2", "京*", "id:<7@example.org>"})
)
def test_answers_are_those_of_a_slow_search(query: str, mixed: SearchIndex, read: list[Read]) -> None:
    """Queries of every kind find the same messages with the same scores as reading all mail for each."""
    expected = naive_search(parse(query, now=NOW).tree, read)

    assert expected == {hit.id: hit.score for hit in _ask(query, mixed).hits}


def test_queries_find_something(mixed: SearchIndex) -> None:
    """The queries that are compared are not idle: most of them find mail."""
    found = [_ask(query, mixed).total > 0 for query in queries(300)]

    assert sum(found) > 200


def test_parts_rank_by_what_they_are(find: Callable[..., list[str]]) -> None:
    """A subject is worth more than new text, new text more than a quotation, of texts of one length."""
    found = find(
        "onions",
        letter("quoted", "> onions here\nwhat do you mean by that"),
        letter("onions", "> nothing here\nwhat do you mean by that"),
        letter("said", "> nothing here\nwhat do you mean by onions"),
    )

    assert found == ["onions", "said", "quoted"]


def test_short_texts_rank_above_long_ones(find: Callable[..., list[str]]) -> None:
    """A word counts for more where little else is said."""
    assert find("onions", letter("short", "Onions."), letter("long", "Onions. " + "More. " * 500)) == ["short", "long"]


def test_rare_words_weigh_more(find: Callable[..., list[str]]) -> None:
    """Of two words asked for by OR, the one that fewer messages hold decides."""
    common = [letter(f"common {n}", "salt") for n in range(9)]

    assert find("salt OR saffron", *common, letter("rare", "saffron"))[0] == "rare"


def test_equals_come_newest_first(find: Callable[..., list[str]]) -> None:
    """Of one score the newest comes first; of one second, the lists and numbers in order."""
    found = find(
        "salt",
        letter("old", "salt", date=START - DAY),
        letter("b1", "salt", list="b", date=START + 99 * DAY),
        letter("a2", "salt", list="a", date=START + 99 * DAY),
        letter("a3", "salt", list="a", date=START + 99 * DAY),
        letter("undated", "salt", date=None),
    )

    assert found == ["a2", "a3", "b1", "old", "undated"]


def test_sorting_by_date_ignores_scores(find: Callable[..., list[str]]) -> None:
    """With sort=date the newest comes first, however good the others are."""
    assert find("salt", letter("salt", "salt"), letter("late", "> salt\nno"), sort="date") == ["late", "salt"]


def test_one_of_each_thread(tmp_path: Path) -> None:
    """With threads, the best message of each stands for it with how many were found; threads are counted."""
    held = [
        letter("salt", "salt", message_id="<a@x>"),
        letter("Re: sugar", "> salt", thread="<a@x>"),
        letter("other", "salt"),
    ]
    found = _ask("salt", _index(archive(tmp_path, held)), threads=True)

    assert (found.total, [(hit.subject, hit.in_thread) for hit in found.hits]) == (2, [("salt", 2), ("other", 1)])


def test_a_phrase_stays_in_its_part(find: Callable[..., list[str]]) -> None:
    """A phrase does not run from the subject into the text, nor across a quotation."""
    held = (letter("hot", "onion soup"), letter("x", "hot\n> onion soup\nonion"), letter("y", "hot onion"))

    assert find('"hot onion"', *held) == ["y"]


def test_a_phrase_can_hold_a_word_again(find: Callable[..., list[str]]) -> None:
    """Each time it stands there it has to be at its place."""
    held = (letter("row", "row row row your boat"), letter("x", "row your boat row"), letter("y", "your row row boat"))

    often = (letter("z", "row boat " * 12), letter("rows", "row " * 12), letter("row row", "row boat " * 12))

    assert sorted(find('"row row"', *often)) == ["row row", "rows"]
    assert find('said:"row row" subject:"row row"', *often) == find('subject:"row row"', *often) == ["row row"]
    assert find('"row row row your"', *held) == ["row"]
    assert find('"row row"', *held) == ["row", "y"]
    assert find('"row your boat row"', *held) == ["x"]


@pytest.mark.parametrize("one", ["leek~", "salt*", '"the salt"', "from:ann@example.org", "file:*a*b*"])
def test_what_is_asked_again_is_looked_up_once(tmp_path: Path, one: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a query repeats it, and what it finds is what it found once."""
    index = _index(archive(tmp_path, [letter("salt", "the salt and leaks", address="ann@example.org")]))
    once = _ask(one, index)
    asked: list[object] = []
    for name in ("held", "begun", "texts"):
        do = getattr(index, name)
        monkeypatch.setattr(index, name, lambda *words, do=do: [asked.append(words), do(*words)][1])
    _ask(one, index)
    count = len(asked)
    again = _ask(" OR ".join([one] * 20), index)

    assert len(asked) == 2 * count
    assert [hit.id for hit in again.hits] == [hit.id for hit in once.hits]


def test_footers_are_not_found(find: Callable[..., list[str]]) -> None:
    """What the list puts below each mail is not indexed."""
    rule = "_" * 47
    footer = f"{rule}\nkitchen mailing list\nkitchen at example.org\nhttps://example.org/mailman/listinfo/kitchen\n"

    assert find("mailman", letter("soup", f"Onions.\n{footer}")) == []


def test_whole_addresses_are_found_by_the_shell_only_as_senders(find: Callable[..., list[str]]) -> None:
    """`from:` finds a whole address, a word does not, and nobody's local part is a word of the index."""
    held = letter("soup", "Onions.", address="indigo@example.org")

    assert find("from:indigo@example.org", held) == ["soup"]
    assert find("indigo@example.org", held) == []
    assert find("from:indigo", held) == []
    assert find("from:indigo@example.com", held) == []


def test_addresses_in_texts_are_found_as_they_are_published(find: Callable[..., list[str]]) -> None:
    """A text that mentions an address is found by its host, not by its local part."""
    held = letter("soup", "Write to indigo@kitchen.example.net today.")

    assert find("kitchen.example.net", held) == ["soup"]
    assert find("indigo", held) == []


def test_bodies_that_stayed_encoded_are_read(find: Callable[..., list[str]]) -> None:
    """What Mailman left quoted-printable is found by its words, its addresses redacted."""
    body = "The caf=C3=A9 is clo=\nsed; ask indigo=40example.org about it.\n"
    held = letter("soup", body, defects=("body_transfer_encoded",), attachments=(attachment("a.txt"),))

    assert find('"the café is closed"', held) == ["soup"]
    assert find("indigo", held) == []


def test_attachments_are_found(find: Callable[..., list[str]]) -> None:
    """By presence, words of the name, the whole name, type and half of a type."""
    held = (letter("bare", "x"), letter("diff", "x", attachments=(attachment("Big Leak.PATCH", "text/x-diff"),)))

    for query in ("has:attachment", "file:leak", "leak", "file:*.patch", "file:big?leak.*", "type:text", "type:x-diff"):
        assert find(query, *held) == ["diff"], query


def test_a_missing_index_is_said(tmp_path: Path) -> None:
    """A search without an index tells which command makes one."""
    with pytest.raises(ArchiveTrouble, match="hamelin index"):
        open_index(tmp_path)


def test_hits_are_told(tmp_path: Path) -> None:
    """A record of results has the fields that are promised, the address on the site, and a snippet of what was said."""
    index = _index(archive(tmp_path, [letter("Salt", "> Sugar?\nNo: a pinch of salt.\n", name=None)]))
    tree = parse("pinch", now=NOW).tree
    (found,) = tell(search(tree, index, limit=1).hits, tree, index)
    held = found.as_record()

    assert list(held) == ["url", "id", "list", "subject", "from_name", "date", "snippet", "score"]
    assert f"kitchen/threads/{held['id']}.html#{held['id']}" == held["url"]
    assert (held["date"], held["from_name"]) == ("2004-03-01T09:00:00Z", "a…@example.org")
    assert (found.snippet.text, found.snippet.marks) == ("No: a pinch of salt.", ((6, 11),))
