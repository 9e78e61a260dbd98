"""What a search does besides finding: other spellings, saved searches, news, and what a shell completes."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.lock import locked
from crawler.store import Store
from indexer.fields import FIELDS
from tests.command import Done, hamelin, start
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


def _completed(folder: Path, words: str, own: str) -> list[str]:
    """Give what bash would be offered behind these words, `own` being its own word at the cursor."""
    environment = {
        "_HAMELIN_COMPLETE": "bash_complete",
        "COMP_WORDS": f"hamelin --archive {folder} {words}",
        "COMP_CWORD": own,
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
    (folder / "hamelin.toml").write_text(SETTINGS.replace("salt OR", "(salt OR"))
    assert "under 'salty' is no query. The parenthesis is never closed" in _search(folder, "--saved", "salty", "b)").err
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
    assert (again.code, again.out) == (1, "No new message found.\n")
    assert (third.code, _ids(third)) == (0, [other.id])
    assert len(_ids(_search(folder, "--format", "json", "peppers"))) == 3


@pytest.mark.parametrize("damage", ["{", "[]", '{"salt": 5}', "\xff"])
def test_damaged_memory_of_searches_is_a_sentence(folder: Path, damage: str) -> None:
    """Without --new nobody needs it."""
    (folder / "searches.json").write_text(damage, "latin-1")

    assert "searches.json cannot be read" in _search(folder, "--new", "salt").err
    assert _search(folder, "salt").code == 0


def test_searches_that_are_asked_at_once_are_all_remembered(folder: Path) -> None:
    """A schedule may ask all of them in the same minute, also while another command has the archive's lock."""
    with locked(folder):
        running = [start("--archive", str(folder), "search", "--new", f"salt OR x{n}") for n in range(8)]
        assert [one.done().code for one in running] == [0] * 8

    assert len(json.loads((folder / "searches.json").read_text())) == 8


def test_news_that_cannot_be_remembered_are_shown_and_told(folder: Path) -> None:
    """On a disk that cannot be written what was found is shown, and a sentence says that it will come again."""
    (folder / "searches.json").write_text("{}")
    (folder / "searches.json").chmod(0o444)
    folder.chmod(0o555)
    done = hamelin("--archive", str(folder), "search", "--new", "salt", unprivileged=True)
    folder.chmod(0o755)

    assert (done.code, done.out.splitlines()[0]) == (2, "Salt")
    assert "searches.json cannot be written: Permission denied. What was shown counts as new once more." in done.err


def test_a_list_that_there_is_not_is_told(folder: Path) -> None:
    """With the names of those that there are; other lists of the query are none of it."""
    done = _search(folder, "salt (list:kitchen OR list:Kithcen) xyzzyx")

    assert (done.code, done.out) == (1, "No message found.\nThere is no list “kithcen”; there are: kitchen.\n")
    assert _search(folder, "list:kitchen xyzzyx").out == "No message found.\n"


@pytest.mark.parametrize(
    ("words", "own", "offered"),
    [
        ("sea", "sea", ["search"]),
        ("search fr", "fr", ["from:"]),
        ("search from:a", "a", ["ada", "ana"]),
        ("search list:", ":", ["kitchen"]),
        ("search has:", "", ["attachment"]),
        ("search colour:", ":", []),
        ("search --saved s", "s", ["salty"]),
        ("export --list k", "k", ["kitchen"]),
        ("search 'salt -(from:b", "'salt -(from:b", ["salt -(from:bo"]),
        ("search 'salt ", "'salt ", [f"salt {field.name}:" for field in FIELDS]),
    ],
)
def test_a_shell_completes(folder: Path, words: str, own: str, offered: list[str]) -> None:
    """Verbs, fields, lists, senders' names and saved searches; bash takes a colon for the end of a word."""
    assert _completed(folder, words, own) == offered


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_itself_completes(folder: Path) -> None:
    """At the Tab key the value of a field is completed where it stands, and nothing is put behind a field's colon."""
    typed = [("hamelin search fr\t", "search from:"), ("ana\t", "from:ana "), ("list:\t", "from:ana list:kitchen ")]

    assert _type_into_bash(folder, typed).endswith("hamelin search from:ana list:kitchen ")


def _type_into_bash(folder: Path, typed: list[tuple[str, str]]) -> str:
    """Type into a shell of its own, each time until something is on its screen; give what is there in the end."""
    environment = {
        **os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HAMELIN_ARCHIVE": str(folder),
        "PS1": "$ ", "TERM": "dumb", "INPUTRC": os.devnull,
    }  # fmt: skip
    ours, its = pty.openpty()
    command = ["bash", "--norc", "--noprofile", "-i"]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True) as shell:
        os.close(its)
        os.write(ours, b'eval "$(_HAMELIN_COMPLETE=bash_source hamelin)"; echo re"ady"\n')
        seen = _read_until(ours, "", "ready")
        for keys, sign in typed:
            os.write(ours, keys.encode())
            seen = _read_until(ours, seen, sign)
        shell.kill()
    os.close(ours)
    return seen


def _read_until(terminal: int, seen: str, sign: str, patience: float = 20.0) -> str:
    """Read what is written until a sign is there, or nothing comes any more; give all that was seen."""
    while sign not in seen and select.select([terminal], [], [], patience)[0]:
        seen += os.read(terminal, 4096).decode("utf-8", "replace")
    return seen


def test_completion_without_an_archive_offers_nothing(tmp_path: Path) -> None:
    """And says nothing either."""
    assert _completed(tmp_path / "none", "search from:a", "a") == []
    assert _completed(tmp_path / "none", "search list:", ":") == []
