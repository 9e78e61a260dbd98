"""`hamelin index`, `search` and `show`: what they write, where, and how they exit."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Done, hamelin
from tests.stored import archive, attachment, letter, numbered

LETTERS = numbered(
    (
        letter("Salt", "A pinch of salt.\n", message_id="<salt@example.org>"),
        letter("Re: Salt", "> A pinch\nMore salt!\n-- \nBo\n", name="Bo", thread="<salt@example.org>"),
        letter(
            "Odd \x1b[31mred",
            "\x1b]0;title\x07 pepper \u202eexe.txt\n",
            name="\x9bEve",
            attachments=(attachment("a.pdf"),),
        ),
    )
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make an archive of three letters and index it by the command."""
    path = tmp_path_factory.mktemp("commands") / "archive"
    archive(path, LETTERS)
    done = hamelin("--archive", str(path), "index")
    assert (done.code, done.out, done.err) == (0, "", "Index: 3 messages; 3 indexed anew, in 1 of 1 segment.\n")
    return str(path)


def _run(folder: str, *arguments: str, **environment: str) -> Done:
    return hamelin("--archive", folder, *arguments, environment=environment)


def test_an_index_of_another_version_is_refused_and_made_anew(tmp_path: Path) -> None:
    """A search says what to do; `hamelin index` does it, and reads nothing again that is as it would be made today."""
    archive(tmp_path, LETTERS)
    _run(str(tmp_path), "index")
    (state,) = (tmp_path / "index").glob("state_*.json")
    state.write_text(re.sub(r'"format": \d+', '"format": 3', state.read_text()))
    done = _run(str(tmp_path), "search", "salt")

    assert (done.code, done.out) == (2, "")
    assert "is of another version. Make it anew with `hamelin index`." in done.err
    assert _run(str(tmp_path), "index").code == 0
    assert _run(str(tmp_path), "search", "salt").code == 0


def test_an_export_that_cannot_be_written_is_a_sentence(folder: str) -> None:
    """A folder that is not there, or into which nobody may write."""
    for path in ("/nonexistent/x.mbox", "/proc/x.mbox"):
        done = _run(folder, "export", "-o", path)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"hamelin: {path} cannot be written: ")


def test_a_second_index_has_nothing_to_do(folder: str) -> None:
    """Nothing is read when nothing changed; --full reads all; --quiet says nothing."""
    assert _run(folder, "index").err == "Index: 3 messages, nothing changed.\n"
    assert _run(folder, "index", "--full").err == "Index: 3 messages; 3 indexed anew, in 1 of 1 segment.\n"
    assert ((done := _run(folder, "--quiet", "index")).out, done.err) == ("", "")


def test_results_are_text(folder: str) -> None:
    """Subject, sender, day, list, snippet and address of each; then how many; no colours in a pipe."""
    first, second = LETTERS[1].id, LETTERS[0].id
    expected = f"""\
Re: Salt
    Bo  2004-03-02  kitchen
    More salt!
    kitchen/threads/{second}.html#{first}

Salt
    Ada Porter  2004-03-01  kitchen
    A pinch of salt.
    kitchen/threads/{second}.html#{second}

2 messages found.
"""
    done = _run(folder, "search", "--sort", "date", "salt")

    assert (0, expected, "") == (done.code, done.out, done.err)


def test_results_are_json(folder: str) -> None:
    """One object with the query, how it was read, the total and the hits; --explain adds the tree."""
    done = _run(folder, "search", "--format", "json", "--limit", "1", "--explain", "pinch", "-from:bo")
    answer = json.loads(done.out)

    assert list(answer) == ["query", "read_as", "total", "hits", "tree"]
    assert (answer["query"], answer["total"]) == ("pinch -from:bo", 1)
    assert [hit["subject"] for hit in answer["hits"]] == ["Salt"]
    assert answer["read_as"] == "Messages with “pinch” but not with “bo” in the sender."


def test_results_are_json_lines(folder: str) -> None:
    """One hit a line; --threads gives one of a thread."""
    done = _run(folder, "search", "--format", "jsonl", "--threads", "salt")

    assert [LETTERS[0].list] == [json.loads(line)["list"] for line in done.out.splitlines()]


def test_help_is_help(folder: str) -> None:
    """Though words may begin with -, both ways to ask for help give it."""
    assert "Usage: hamelin search" in _run(folder, "search", "-h").out
    assert "Example:" in _run(folder, "search", "--help").out


def test_nothing_found_exits_with_1(folder: str) -> None:
    """It is said so, and a script can tell."""
    done = _run(folder, "search", "cinnamon")

    assert (done.code, done.out, done.err) == (1, "No message found.\n", "")


def test_a_query_that_cannot_be_read_exits_with_2(folder: str) -> None:
    """The place and what to do are told on stderr, in one line."""
    done = _run(folder, "search", "salt (pepper")

    assert (done.code, done.out) == (2, "")
    assert "character 6" in done.err
    assert "Traceback" not in done.err


def test_without_an_index_search_tells_what_to_do(tmp_path: Path) -> None:
    """An archive that was never indexed is an error with a hint."""
    archive(tmp_path, LETTERS)
    done = _run(str(tmp_path), "search", "salt")

    assert (done.code, done.out) == (2, "")
    assert "hamelin index" in done.err


def test_the_clock_can_be_set(folder: str) -> None:
    """`newer:` counts from SOURCE_DATE_EPOCH when that is set."""
    day = 86400
    now = str((LETTERS[0].date or 0) + day)

    assert _run(folder, "search", "salt newer:3d", SOURCE_DATE_EPOCH=now).code == 0
    assert _run(folder, "search", "salt newer:3d").code == 1


@pytest.mark.parametrize(
    "name",
    [
        LETTERS[0].id,
        LETTERS[0].id[:9],
        "<salt@example.org>",
        "salt@example.org",
        f"kitchen/threads/{LETTERS[0].id}.html#{LETTERS[0].id}",
        f"https://www.example.org/old/kitchen/threads/{LETTERS[0].id}.html",
    ],
)
def test_a_message_has_many_names(folder: str, name: str) -> None:
    """By its id, a beginning of it, its Message-ID, and its address on the site."""
    done = _run(folder, "show", name)

    assert done.code == 0
    assert done.out.startswith("Salt\nFrom: Ada Porter <ada@example.org>\nDate: 2004-03-01T09:00:00Z\n")
    assert "\n\nA pinch of salt.\n" in done.out


def test_a_thread_is_shown_whole(folder: str) -> None:
    """First as a tree in which the message asked for is marked, then every message of it, the oldest first."""
    done = _run(folder, "show", "--thread", LETTERS[1].id)

    assert done.out.splitlines()[:3] == [
        "  Ada Porter  2004-03-01  Salt",
        "▸ └─ Bo       2004-03-02",
        "",
    ]
    assert [line for line in done.out.splitlines()[3:] if line.endswith("Salt")] == ["Salt", "Re: Salt"]


def test_a_name_of_several_is_refused(folder: str) -> None:
    """The ids that begin so are named; a name of none exits with 1."""
    done = _run(folder, "show", "zzzz")
    several = _run(folder, "show", "")

    assert (done.code, done.out, done.err) == (1, "", "No message is called “zzzz”.\n")
    assert (several.code, several.out) == (2, "")
    assert all(one.id in several.err for one in LETTERS)


def test_strangers_do_not_write_to_the_terminal(folder: str) -> None:
    """Control characters of a mail, those of direction too, are shown as signs, in results and in the message."""
    for arguments in (("search", "pepper"), ("show", LETTERS[2].id)):
        done = _run(folder, *arguments)
        assert done.code == 0
        assert "Odd �[31mred" in done.out
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.out)


def test_nobody_writes_lines_of_ours(tmp_path: Path) -> None:
    """Line ends in a subject, a name or a file's name, which encoded words can hold, part no lines of `show`."""
    forged = "Ann\nDate: 1999-01-01\r\n\n"
    archive(tmp_path, [letter(forged, "Hello.\n", name=forged, attachments=(attachment(forged),))])
    done = _run(str(tmp_path), "show", letter("", "").id)

    assert [line.partition(":")[0] for line in done.out.splitlines()[:8]] == [
        "Ann Date", "From", "Date", "List", "Message-ID", "Address", "Attachment", "",
    ]  # fmt: skip


def test_subjects_and_senders_without_end_do_not_fill_the_screen(tmp_path: Path) -> None:
    """A subject of thousands of letters has three lines, a sender one; what is found in them is marked as ever."""
    archive(tmp_path, numbered([letter("salt " * 900, "A pinch.\n", name="n" * 3000)]))
    _run(str(tmp_path), "index")
    subject, sender, *_ = _run(str(tmp_path), "search", "salt", COLUMNS="40").out.splitlines()

    assert (len(subject), subject[-5:], len(sender)) == (120, "salt…", 4 + 40 + len("  2004-03-01  kitchen"))


def test_a_terminal_gets_colours_unless_they_are_not_wanted(folder: str) -> None:
    """What was asked for is marked; with NO_COLOR it is not, nor on a terminal that says that it can nothing."""
    assert b"\x1b[33m" in _on_a_terminal(folder, {})
    assert b"\x1b" not in _on_a_terminal(folder, {"NO_COLOR": "1"})
    assert b"\x1b" not in _on_a_terminal(folder, {"TERM": "dumb"})


def test_results_are_links_to_the_site_where_there_is_one(folder: str) -> None:
    """A terminal gets the file's address behind the one that is shown; a pipe does not."""
    assert b"\x1b]8;;" not in _on_a_terminal(folder, {})
    page = Path(folder) / "site" / "kitchen" / "threads" / f"{LETTERS[0].id}.html"
    page.parent.mkdir(parents=True)
    page.touch()

    assert f"\x1b]8;;{page.as_uri()}#{LETTERS[0].id}\x1b\\".encode() in _on_a_terminal(folder, {})
    for pager in ("cat", "less -S"):
        assert b"\x1b]8;;" not in _on_a_terminal(folder, {"LINES": "2", "PAGER": pager})
    assert b"\x1b]8;;" not in _on_a_terminal(folder, {"NO_COLOR": "1"})
    assert "\x1b" not in _run(folder, "search", "pinch").out


def test_results_are_mails(folder: str) -> None:
    """As an mbox, the best first, as many as the limit says; nothing found is an empty one."""
    done = _run(folder, "search", "salt", "--format", "mbox", "--sort", "date", "--limit", "2")
    none = _run(folder, "search", "xyzzy", "--format", "mbox")

    assert (done.code, none.code, none.out) == (0, 1, "")
    assert re.findall(r"^Subject: (.*)", done.out, re.MULTILINE) == ["Re: Salt", "Salt"]
    assert done.out.count("\nFrom ") == 1


def _on_a_terminal(folder: str, environment: dict[str, str]) -> bytes:
    """Run a search with a terminal for its output, and give what it wrote there."""
    ours, theirs = pty.openpty()
    start = "import sys; from indexer.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", start, "--archive", folder, "search", "pinch"]
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(command, stdout=theirs, env={**known, "LINES": "50", "TERM": "xterm", **environment})
    os.close(theirs)
    written = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            written += os.read(ours, 65536)
        except OSError:  # the other end was closed
            break
    process.wait(30)
    os.close(ours)
    return written
