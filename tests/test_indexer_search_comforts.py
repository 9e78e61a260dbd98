"""What a search does besides finding: other spellings, saved searches, news, and what a shell completes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.store import Store
from tests.command import Done, hamelin
from tests.stored import START, archive, hold, letter, numbered

SETTINGS = '[searches]\nsalty = "salt OR brine"\n[[lists]]\nname = "kitchen"\nurl = "https://example.org/kitchen/"\n'
LETTERS = numbered(
    (
        letter("Peppers", "Chopped peppers, three of them.\n", name="Ada Porter"),
        letter("Salt", "A pinch of salt. Peppers too.\n", name="Bo Singer"),
        letter("Pappers", "A slip of the pen.\n", name="Ana Sol"),
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make an archive of three letters with an index and a saved search."""
    archive(tmp_path, LETTERS)
    (tmp_path / "hamelin.toml").write_text(SETTINGS)
    assert hamelin("--archive", str(tmp_path), "index").code == 0
    return tmp_path


def _search(folder: Path, *arguments: str) -> Done:
    return hamelin("--archive", str(folder), "search", *arguments)


def _ids(done: Done) -> list[str]:
    return [hit["id"] for hit in json.loads(done.out)["hits"]]


def _completed(folder: Path, words: str) -> list[str]:
    """Give what bash would be offered behind these words."""
    environment = {
        "_HAMELIN_COMPLETE": "bash_complete",
        "COMP_WORDS": f"hamelin --archive {folder} {words}",
        "COMP_CWORD": str(len(words.split()) + 2),
    }
    return [line.partition(",")[2] for line in hamelin(environment=environment).out.splitlines() if line]


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("peppars", "peppers"),
        ("subject:peppars chopepd", "subject:peppers chopped"),
        ("(sallt OR xyzzyx)", None),
        ('"peppars chopped"', None),
        ("salt chopped", None),
        ("xyzzy", None),
        ("peppr", "pepper"),
    ],
)
def test_a_near_spelling_is_offered_when_nothing_is_found(folder: Path, query: str, offered: str | None) -> None:
    """It is one that finds something, and rather a frequent word than the nearest."""
    done = _search(folder, query)
    whole = json.loads(_search(folder, "--format", "json", query).out)

    assert done.code == 1
    assert done.out == "No message found.\n" + (f"Did you mean: {offered}\n" if offered else "")
    assert whole.get("suggestion") == offered


def test_a_saved_search_is_asked_by_its_name(folder: Path) -> None:
    """Further words are joined to it by AND; a name that there is not names those that there are."""
    assert _ids(_search(folder, "--format", "json", "--saved", "salty")) == [LETTERS[1].id]
    assert _search(folder, "--saved", "salty", "chopped").code == 1
    assert "There are: salty." in _search(folder, "--saved", "sour").err
    assert "There is no query." in _search(folder).err


def test_only_news_are_shown_when_they_are_asked_for(folder: Path) -> None:
    """What was found the last time is left out, also after the index was made anew."""
    first = _search(folder, "--format", "json", "--new", "peppers")
    again = _search(folder, "--new", "peppers")
    other = letter("More", "Peppers again.\n", number=7, date=START + 86400)
    with Store.open(folder) as store:
        hold(store, [other])
    hamelin("--archive", str(folder), "index", "--full")
    third = _search(folder, "--format", "json", "--new", "peppers")

    assert sorted(_ids(first)) == sorted(one.id for one in LETTERS[:2])
    assert (again.code, again.out) == (1, "No message found.\n")
    assert (third.code, _ids(third)) == (0, [other.id])
    assert len(_ids(_search(folder, "--format", "json", "peppers"))) == 3


def test_damaged_memory_of_searches_is_a_sentence(folder: Path) -> None:
    """Without --new nobody needs it."""
    (folder / "searches.json").write_text("{")

    assert "searches.json cannot be read" in _search(folder, "--new", "salt").err
    assert _search(folder, "salt").code == 0


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sea", ["search"]),
        ("search fr", ["from:"]),
        ("search from:a", ["from:ada", "from:ana"]),
        ("search list:", ["list:kitchen"]),
        ("search has:", ["has:attachment"]),
        ("search colour:", []),
        ("search --saved s", ["salty"]),
        ("export --list k", ["kitchen"]),
    ],
)
def test_a_shell_completes(folder: Path, words: str, offered: list[str]) -> None:
    """Verbs, fields, lists, senders' names and saved searches."""
    assert _completed(folder, words) == offered


def test_completion_without_an_archive_offers_nothing(tmp_path: Path) -> None:
    """And says nothing either."""
    assert _completed(tmp_path / "none", "search from:a") == []
    assert _completed(tmp_path / "none", "search list:") == []
