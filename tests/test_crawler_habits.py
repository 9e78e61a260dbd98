"""An error page in place of a mail's HTML is told from it by what the list's HTML is usually like."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from crawler.habits import Habit, gist
from crawler.verdict import GARBAGE, HTML
from tests.command import hamelin
from tests.list_server import Fault
from tests.pipermail import ListForm, Part, write
from tests.pipermail.cases import mail
from tests.test_runs import SETTINGS, Serve

URL = "http://lists.example.org/pipermail/keepers/attachments/20100301/0123abcd/attachment.html"
SORRY = b"<html><head><title>Moved</title></head><body>%s is not here, said at 12:%02d.</body></html>"
PAGE = SORRY % (b"/pipermail/keepers/attachments/20100301/0123abcd/attachment.html", 5)
OTHER = b"<html><body>The lamp is lit.</body></html>"


@pytest.mark.parametrize(
    ("habit", "validated", "html", "verdict"),
    [
        (Habit(), True, True, None),
        (Habit(framed=3), True, True, GARBAGE),
        (Habit(framed=3), True, False, None),
        (Habit(framed=3, bare={gist(URL, OTHER)}), True, True, None),
        (Habit(framed=3, bare={gist(URL, PAGE)}), True, True, GARBAGE),
        (Habit(pages=9, validated=9), False, True, GARBAGE),
        (Habit(pages=9, validated=9), False, False, GARBAGE),
        (Habit(pages=9, validated=8), False, True, None),
        (Habit(pages=9, validated=0), False, True, None),
        (Habit(failed={sha256(PAGE).hexdigest()}), True, True, HTML),
    ],
)
def test_what_speaks_against_a_page(habit: Habit, validated: bool, html: bool, verdict: int | None) -> None:
    """No frame where files have one, no validators where pages have them, or an answer that others got in vain."""
    assert habit.verdict(URL, PAGE, validated=validated, html=html) == verdict


def test_a_server_that_sends_no_file_with_validators_is_believed_soon() -> None:
    """Documents that differ are no error page; one that comes again and again is."""
    habit = Habit(pages=9, validated=9)
    pages = [OTHER, PAGE, OTHER, b"<html>Oil</html>", b"<html>Wick</html>", PAGE]
    found = [habit.verdict(URL, page, validated=False, html=True) for page in pages]

    assert found == [GARBAGE, GARBAGE, GARBAGE, None, None, None]
    assert all(Habit(pages=9, validated=9).verdict(URL, PAGE, validated=False, html=True) for _ in range(5))


def test_an_error_page_is_known_again_under_another_address() -> None:
    """Which address it names and what time it is makes no difference; what it says does."""
    elsewhere = URL.replace("0123abcd", "ffff0000")
    again = SORRY % (b"/pipermail/keepers/attachments/20100301/ffff0000/attachment.html", 48)

    assert gist(elsewhere, again) == gist(URL, PAGE)
    assert gist(elsewhere, OTHER) != gist(URL, PAGE)


def tree(tmp_path: Path, **form: object) -> Path:
    """Write a list of four mails with HTML of their own, each a whole document."""
    mails = [
        mail(n, datetime(2010, n, 1, 12, tzinfo=UTC), parts=(Part("text/html", f"<html><p>{'lamp ' * n}</p></html>"),))
        for n in range(1, 5)
    ]
    write(tmp_path / "www" / "pipermail", ListForm("keepers", **form), mails)  # type: ignore[arg-type]
    return tmp_path / "www"


def crawled(tmp_path: Path, serve: Serve, root: Path, *faults: Fault) -> tuple[int, str, list[int]]:
    """Crawl; give the exit code, what was said, and the status of each HTML file."""
    (archive := tmp_path / "archive").mkdir()
    (archive / "hamelin.toml").write_text(SETTINGS)
    done = hamelin("--archive", str(archive), "crawl", f"{serve(root, faults=faults).url}pipermail/keepers/")
    with closing(sqlite3.connect(archive / "archive.sqlite")) as db:
        sql = "SELECT status FROM captures WHERE instr(url, '/attachments/') ORDER BY status"
        return done.code, done.err, [status for (status,) in db.execute(sql)]


@pytest.mark.parametrize("sanitizer", [1, 3])
def test_files_of_any_sanitizer_are_believed(sanitizer: int, tmp_path: Path, list_server: Serve) -> None:
    """Escaped in a frame or raw: nothing is asked for twice, nothing is named."""
    code, _, statuses = crawled(tmp_path, list_server, tree(tmp_path, sanitizer=sanitizer))

    assert (code, statuses) == (0, [200] * 4)


@pytest.mark.parametrize("sanitizer", [1, 3])
def test_an_error_page_without_validators_is_named(sanitizer: int, tmp_path: Path, list_server: Serve) -> None:
    """As programs send it; asked for once more, then kept as all that the server has, to be asked for again."""
    code, said, statuses = crawled(
        tmp_path, list_server, tree(tmp_path, sanitizer=sanitizer), Fault("attachments/201003", "html")
    )

    assert (code, statuses, said.count("not fetched: ")) == (1, [200, 200, 200, 206], 1)


def test_an_error_page_that_is_a_file_of_the_server_is_named(tmp_path: Path, list_server: Serve) -> None:
    """It has validators like any file, but not the frame; all addresses that it stands for are named."""
    root = tree(tmp_path)
    for path in sorted(root.rglob("attachments/*/*/*"))[:2]:
        path.write_bytes(SORRY % (f"/{path.relative_to(root)}".encode(), len(path.name)))
    code, said, statuses = crawled(tmp_path, list_server, root)

    assert (code, statuses, said.count("not fetched: ")) == (1, [200, 200, 206, 206], 2)
