"""A damaged index: whatever file is hurt in whatever way, searches say so, `check` finds it and its advice mends it."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.errors import ArchiveTrouble
from crawler.store import Store
from indexer import answers as answering
from indexer import generations
from indexer.files.texts import DATABASE, Texts
from indexer.generations import INDEX_FOLDER
from tests.pipermail import ListForm, Part, write
from tests.pipermail.cases import mail
from tests.stored import remove
from tests.test_check import check, mend, run

QUESTIONS = ("lamp", "li*", '"good evening"', "date:2010-03 -wick", "from:ann", "has:attachment", "text-in-file:oil~1")
WORDS = "the lamp is lit and oil burns in a wick good evening keepers of light keep it trimmed café"
KINDS = (
    "lookup", "trm", "pst", "_stored.col", "date.col", "thread.col", "text.col", ".toc", "state", "senders", DATABASE,
)  # fmt: skip


def flipped(path: Path) -> None:
    """Flip a bit in the middle, where something is kept."""
    data = bytearray(path.read_bytes())
    data[_place(path, bytes(data))] ^= 0x10
    path.write_bytes(data)


def _place(path: Path, data: bytes) -> int:
    """Give where something is kept: of a database, in the middle of a text, since pages have room to spare."""
    if path.name != DATABASE:
        return len(data) // 2
    with closing(sqlite3.connect(path)) as db:
        (text,) = db.execute("SELECT text FROM files").fetchone()
    return data.index(text) + len(text) // 2


def flipped_by_the_disk(path: Path) -> None:
    """Flip a bit as a disk does: nobody wrote."""
    found = path.stat()
    flipped(path)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def cut_short(path: Path) -> None:
    """Take the last third away."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def emptied(path: Path) -> None:
    """Leave no byte."""
    path.write_bytes(b"")


def deleted(path: Path) -> None:
    """Take the file away."""
    path.unlink()


def exchanged(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()
    (path / "x").write_text("x")


SEGMENTS = KINDS[: KINDS.index(".toc")]
HARMS: tuple[Callable[[Path], None], ...] = (flipped, flipped_by_the_disk, cut_short, emptied, deleted)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three hundred mails, some with files, and its index of two segments."""
    base = tmp_path_factory.mktemp("whole")
    luck = random.Random(7)
    began = datetime(2010, 1, 1, 12, tzinfo=UTC)
    mails = [
        mail(
            number, began + timedelta(hours=6 * number), body=" ".join(luck.choices(WORDS.split(), k=30)) + "\n",
            parts=(Part("text/x-diff", f"oil for lamp {number}\n", f"{number}.diff"),) if number % 9 == 0 else (),
        )
        for number in range(300)
    ]  # fmt: skip
    write(base / "tree", ListForm("keepers"), mails)
    assert run(base / "archive", "import", str(base / "tree" / "keepers"))[0] == 0
    assert run(base / "archive", "index")[0] == 0
    return base / "archive"


@pytest.fixture
def held(whole: Path, tmp_path: Path) -> Path:
    """A copy of that archive, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "archive"))


def answers(archive: Path) -> list[tuple[int, str]]:
    """Ask all questions: exit codes and answers; that nothing is raised is part of each test."""
    return [run(archive, "search", "--format", "json", question) for question in QUESTIONS]


def of_kind(archive: Path, kind: str) -> Path:
    """Give a file of a kind: of segments, that of the larger."""
    files = (archive / DATABASE, *(archive / INDEX_FOLDER).iterdir())
    return max((path for path in files if kind in path.name), key=lambda path: path.stat().st_size)


def of_index(archive: Path) -> list[dict[str, str]]:
    """Give the faults that a check finds in the index."""
    return [fault for fault in check(archive)[1] if fault["area"] == "index"]


def texts(archive: Path) -> list[tuple[object, ...]]:
    """Give all that is kept of files."""
    with closing(sqlite3.connect(archive / DATABASE)) as db:
        return db.execute("SELECT * FROM files").fetchall()


def files(archive: Path) -> set[tuple[str, int]]:
    """Give the files of segments, with their times."""
    return {(path.name, path.stat().st_mtime_ns) for path in (archive / INDEX_FOLDER).glob("MAIN_*")}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_damage_is_found_and_mended(held: Path, kind: str, harm: Callable[[Path], None]) -> None:
    """Searches answer as before or say what is wrong; what `check` advises leaves answers, texts and all as before."""
    before, read, segments = answers(held), texts(held), files(held)
    assert [0] * len(QUESTIONS) == [code for code, _ in before]
    harm(of_kind(held, kind))
    for known, (code, out) in zip(before, answers(held), strict=True):
        assert code in (0, 1, 2)
        assert (code == 2) == (out == "")
        assert harm is not deleted or code == 2 or (code, out) == known
    found = of_index(held)
    assert found or (kind == "senders" and harm is deleted)
    mend(held, found)

    assert (before, read, []) == (answers(held), texts(held), of_index(held))
    if kind != "state":  # which knows which segments there are
        assert len(segments - files(held)) == (len(SEGMENTS) if kind in SEGMENTS else 0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("senders", DATABASE)])
@pytest.mark.parametrize("harm", [flipped, cut_short, emptied, deleted, exchanged], ids=lambda harm: harm.__name__)
def test_what_was_written_to_is_noticed_by_every_run(held: Path, kind: str, harm: Callable[[Path], None]) -> None:
    """`hamelin index` mends what is missing, has another size or was changed since, without having to read the rest."""
    before = answers(held)
    harm(of_kind(held, kind))
    assert run(held, "index")[0] == 0

    assert (before, []) == (answers(held), of_index(held))


@pytest.mark.parametrize(
    "harm", [emptied, exchanged, lambda path: path.symlink_to("nowhere")], ids=("file", "folder", "link")
)
def test_an_index_that_is_no_folder_is_made_anew(held: Path, harm: Callable[[Path], None]) -> None:
    """Whatever stands in its place."""
    before = answers(held)
    shutil.rmtree(held / INDEX_FOLDER)
    if harm is exchanged:
        (held / INDEX_FOLDER).touch()
    harm(held / INDEX_FOLDER)

    assert {code for code, _ in answers(held)} == {2}
    assert of_index(held)
    assert run(held, "index")[0] == 0
    assert (before, []) == (answers(held), of_index(held))


def test_an_index_of_a_newer_hamelin_is_told_and_made_anew(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever its state looks like; its files stay until ours is whole."""
    before = answers(held)
    of_kind(held, "state").write_text('{"format": 99, "shape": "quite another"}')

    assert run(held, "search", "lamp", "--limit", "300") == (2, "")
    assert "is of another version" in capsys.readouterr().err
    mend(held, of_index(held))
    assert (before, []) == (answers(held), of_index(held))


def test_a_disk_that_forgets_is_noticed_in_turn(held: Path) -> None:
    """Of the segments that stay each change reads one, so that after as many changes as segments all were read."""
    flipped_by_the_disk(of_kind(held, "pst"))
    state = generations.newest(held / INDEX_FOLDER)
    assert state
    for _ in state.segments:
        with Store.open(held) as store:
            (id,) = store.db.execute(
                "SELECT m.id FROM messages m JOIN entries e USING (entry) ORDER BY e.date DESC"
            ).fetchone()
            remove(store, id)
        assert run(held, "index")[0] == 0

    assert of_index(held) == []


def test_any_bit_can_flip(held: Path) -> None:
    """Wherever a file that searches read is damaged, they answer or say so, and never raise."""
    luck = random.Random(11)
    for kind in ("lookup", "text.col", "state") * 12:
        path = of_kind(held, kind)
        data = path.read_bytes()
        harmed = bytearray(data)
        harmed[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
        path.write_bytes(harmed)
        assert {code for code, _ in answers(held)} <= {0, 1, 2}
        path.write_bytes(data)


def test_no_flip_changes_what_is_kept_of_files(held: Path) -> None:
    """Wherever files.sqlite is damaged, that is seen, or its texts are still what they were."""
    luck, path, kept = random.Random(13), held / DATABASE, texts(held)
    data = path.read_bytes()
    seen = 0
    for _ in range(200):
        harmed = bytearray(data)
        harmed[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
        path.write_bytes(harmed)
        try:
            with Texts.open(held) as opened:
                found = opened.is_damaged()
        except ArchiveTrouble:
            found = True
        assert found or texts(held) == kept
        seen += found
    assert seen > 20


def test_a_search_says_what_is_damaged(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence names a file, and the command that mends it."""
    path = of_kind(held, "text.col")
    emptied(path)

    assert run(held, "search", "lamp", "--limit", "300") == (2, "")
    assert f"is damaged ({path.name}). `hamelin index --verify` makes anew what is damaged." in capsys.readouterr().err


def test_the_last_good_index_answers(held: Path) -> None:
    """When the files of the newest generation are damaged and those of the one before are still there, that counts."""
    before = answers(held)
    folder = held / INDEX_FOLDER
    state = generations.newest(folder)
    assert state
    generations.write(folder, state.changed(generation=state.generation + 1, files={}, segments=state.segments[:1]))
    shutil.copy(of_kind(held, ".toc"), folder / f"_MAIN_{state.generation + 1}.toc")
    assert before != answers(held)
    cut_short(folder / f"state_{state.generation + 1}.json")

    assert before == answers(held)


def test_a_search_outlives_a_swap(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its files are taken away while it reads, because a new index is there, a search asks that one."""
    before = answers(held)
    tell = answering.tell

    def swapped(*arguments: object) -> object:
        monkeypatch.setattr(answering, "tell", tell)
        assert run(held, "index", "--full")[0] == 0
        return tell(*arguments)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(answering, "tell", swapped)

    assert before[0] == run(held, "search", "--format", "json", QUESTIONS[0])
    assert answering.tell is tell
