"""Keeping an index up to its store: what changes, what stays, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.config import Config
from crawler.store import Store
from indexer import generations, redaction, senders, tasks
from indexer import refresh as refreshing
from indexer.generations import INDEX_FOLDER
from indexer.query.parse import parse
from indexer.refresh import Report, refresh
from indexer.search import SearchIndex, open_index, search
from indexer.senders import remembered_privacy
from tests.stored import DAY, START, Letter, archive, hold, letter, numbered, remove
from tests.wording import LISTS, letters, queries

Answers = dict[str, list[tuple[str, int]]]
NOW = START + 4000 * DAY


def _refresh(config: Config, **how: object) -> Report:
    with Store.open(config.folder) as store:
        return refresh(config, store, processes=1, **how)  # type: ignore[arg-type]  # full alone


def _change(config: Config, changed: list[Letter], removed: tuple[str, ...] = ()) -> None:
    with Store.open(config.folder) as store:
        hold(store, changed, LISTS)
        for id in removed:
            remove(store, id)


def _answers(folder: Path) -> Answers:
    index = open_index(folder)
    return {query: _ask(query, index) for query in queries(120)}


def _ask(query: str, index: SearchIndex) -> list[tuple[str, int]]:
    return [(hit.id, hit.score) for hit in search(parse(query, now=NOW).tree, index, limit=1000).hits]


def _stamps(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in sorted((folder / INDEX_FOLDER).iterdir()) if path.is_file()]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Make an archive of three hundred letters with its index."""
    made = archive(tmp_path / "archive", letters(300), LISTS)
    _refresh(made)
    return made


def test_nothing_changed_writes_nothing(config: Config) -> None:
    """A second run leaves every file as it is, to the byte and the time."""
    before = _stamps(config.folder)

    assert Report(messages=300, indexed=0, segments=3, written=0) == _refresh(config)
    assert before == _stamps(config.folder)


def test_new_mail_changes_the_newest_segment_only(config: Config) -> None:
    """Ten messages more are indexed with the few of the newest segment; the others stay as they are."""
    before = set(_stamps(config.folder))
    _change(config, [replace(one, date=START + 950 * DAY) for one in numbered(letters(310))[300:]])
    report = _refresh(config)
    stayed = before & set(_stamps(config.folder))

    assert Report(messages=310, indexed=54, segments=3, written=1) == report
    older = {segment.stem for segment in open_index(config.folder).state.segments[:-1]}
    assert {name.partition(".")[0] for name in stayed} == {*older, "senders"}


@pytest.mark.parametrize("step", ["changed", "removed", "older", "thread"])
def test_step_by_step_is_as_from_nothing(config: Config, step: str, tmp_path: Path) -> None:
    """After any change the answers are those of an index made anew."""
    held = numbered(letters(300))
    if step == "changed":
        _change(config, [replace(held[20], body="Quite another text about reactors.")])
    elif step == "removed":
        _change(config, [], (held[20].id, held[299].id))
    elif step == "older":
        _change(config, [letter("found late", "reactor", number=900, date=START + 7 * DAY)])
    else:
        _change(config, [replace(held[30], thread="<1@example.org>")])
    _refresh(config)
    step_by_step = _answers(config.folder)
    _refresh(config, full=True)

    assert _answers(config.folder) == step_by_step


def test_what_was_removed_is_in_no_file(config: Config) -> None:
    """The words of a message that was taken out are not left in the index's files."""
    _change(config, [letter("Secret", "The xylophone is under the stairs.", number=950, date=START + DAY)])
    _refresh(config)
    assert _ask("xylophone", open_index(config.folder))

    _change(config, [], (letter("", "", number=950).id,))
    _refresh(config)

    assert not any(b"xylophon" in content for content, _ in _stamps(config.folder).values())


def test_a_new_sender_redacts_older_mail(config: Config) -> None:
    """An address that only its sender's arrival makes known is redacted in the mail that mentioned it before."""
    _change(config, [letter("Ask", "Ask look at example.org about salt.", number=960, date=START + 2 * DAY)])
    _refresh(config)
    before = _ask('"ask look"', open_index(config.folder))
    _change(config, [letter("Hello", "I am here.", number=961, address="look@example.org", date=START + 3000 * DAY)])
    _refresh(config)
    after = _ask('"ask look"', open_index(config.folder))
    _refresh(config, full=True)

    assert (len(before), len(after), len(_ask('"ask look"', open_index(config.folder)))) == (1, 0, 0)


def test_another_language_makes_the_index_anew(config: Config) -> None:
    """When a list's language becomes known, its words are read by it."""
    assert _ask("connections", open_index(config.folder))
    with Store.open(config.folder) as store, store.transaction():
        store.db.execute("UPDATE lists SET language = 'fr'")
        store.next_revision()
    report = _refresh(config)

    assert report.indexed == report.messages == 300
    assert len(_ask("connection", open_index(config.folder))) == 0 < len(_ask("connections", open_index(config.folder)))


def test_an_empty_archive_has_an_index(tmp_path: Path) -> None:
    """Without any message there is an index that finds nothing."""
    config = archive(tmp_path, [])
    _refresh(config)

    assert _ask("salt", open_index(tmp_path)) == []


def test_other_processes_build_the_same(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments built side by side in other processes answer as those built one by one."""
    before = _answers(config.folder)
    monkeypatch.setattr(tasks, "WORTH_A_PROCESS", 1)
    with Store.open(config.folder) as store:
        refresh(config, store, full=True, processes=2)

    assert before == _answers(config.folder)


@pytest.mark.parametrize("damage", ["state", "segment", "toc"])
def test_a_damaged_generation_is_made_anew(config: Config, damage: str) -> None:
    """What a disk or a person broke counts as not there, and the next run mends it."""
    before = _answers(config.folder)
    pattern = {"state": "state_*.json", "segment": "*.pst", "toc": "*.toc"}[damage]
    for path in (config.folder / INDEX_FOLDER).glob(pattern):
        path.unlink()

    assert generations.newest(config.folder / INDEX_FOLDER) is None
    _refresh(config)
    assert before == _answers(config.folder)


def test_the_last_generation_counts_until_the_next_is_whole(config: Config) -> None:
    """A generation whose table of contents is there but whose files are not does not hide the one before."""
    folder = config.folder / INDEX_FOLDER
    held = generations.newest(folder)
    assert held
    gone = (held.segments[0].changed(name="gone"),)
    generations.write(folder, held.changed(generation=held.generation + 1, segments=gone))
    (folder / f"_MAIN_{held.generation + 1}.toc").write_bytes(b"")

    assert held == generations.newest(folder)
    assert open_index(config.folder).messages == 300


KILLED = """
import sys, time
from pathlib import Path
from crawler.config import load
from crawler.store import Store
from indexer.refresh import refresh
config = load(Path(sys.argv[1]))
print("ready", flush=True)
with Store.open(config.folder) as store:
    for _ in range(99):
        refresh(config, store, full=True, processes=1)
"""


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.5, 0.75, 1.0, 1.35])
def test_a_kill_leaves_an_index_that_answers(config: Config, seconds: float) -> None:
    """Killed at any moment, the old index or the new one is in service, and the next run clears up."""
    before = _answers(config.folder)
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(config.folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    assert before == _answers(config.folder)
    _refresh(config)
    assert before == _answers(config.folder)
    assert not (config.folder / INDEX_FOLDER / refreshing.BUILDING).exists()
    kept = generations.newest(config.folder / INDEX_FOLDER)
    assert generations.leftovers(config.folder / INDEX_FOLDER, kept) == []


WORKING = """
import sys, time
from indexer.workers import pool_of
if __name__ == "__main__":
    with pool_of(2) as pool:
        list(pool.map(abs, [1, 2]))
        print(*pool._processes, flush=True)
        time.sleep(60)
"""


def test_helpers_end_with_a_command_that_is_killed(tmp_path: Path) -> None:
    """No process is left waiting when the one that started it is gone."""
    script = tmp_path / "working.py"
    script.write_text(WORKING)
    command = [sys.executable, str(script)]
    root = str(Path(__file__).parent.parent)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root})
    assert process.stdout is not None
    helpers = process.stdout.readline().split()
    process.kill()
    written, _ = process.communicate(timeout=30)  # ends only when nobody can write there any more

    assert len(helpers) == 2
    assert written == ""


def test_senders_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What redaction has to be told of is remembered by sender, and forgotten with the rules that said so."""
    asked: list[str] = []
    monkeypatch.setattr(
        redaction, "some_spelling_stays", lambda address: bool(asked.append(address)) or "look" in address
    )

    first = remembered_privacy(tmp_path, ["ada@example.org", "look@example.org"])
    again = remembered_privacy(tmp_path, ["Look@example.org", "new@example.org"])

    assert (sorted(first.exceptions), sorted(again.exceptions)) == (["look@example.org"], ["look@example.org"])
    assert asked == ["ada@example.org", "look@example.org", "new@example.org"]
    monkeypatch.setattr(senders, "_rules", lambda: "others")
    remembered_privacy(tmp_path, ["look@example.org"])
    assert asked[3:] == ["look@example.org"]
    (tmp_path / "senders.json").write_text("damaged")
    assert remembered_privacy(tmp_path, ["look@example.org"]).exceptions == {"look@example.org"}
