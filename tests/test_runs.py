"""Runs and what is told of them: reports, the owner's commands, status, and `update --every`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import hooks, runs
from crawler.rhythm import DAY, silence
from crawler.runs import RUNS, RunReport, append, last_of, reports
from indexer.site.health import lines_of
from tests.command import SETTINGS, hamelin, start
from tests.list_server import Fault, ListServer
from tests.pipermail import ListForm, write
from tests.pipermail.cases import mail, on

Serve = Callable[..., ListServer]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A list server's files: a list of two messages."""
    write(tmp_path / "www" / "pipermail", ListForm("keepers"), [mail(1, on(1)), mail(2, on(2))])
    return tmp_path / "www"


def settings(archive: Path, text: str) -> None:
    (archive / "hamelin.toml").write_text(SETTINGS + text)


def noted(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


class TestReport:
    """runs.jsonl."""

    def test_a_run_is_reported(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """What it was asked, what it did, how it ended; a second run is a second line."""
        server = list_server(tree)
        hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")
        hamelin("--archive", str(archive), "crawl")

        first, second = reports(archive)
        assert (first.command, first.exit, first.messages, first.changed, first.failures) == ("update", 0, 2, 2, [])
        assert [(x["name"], x["visited"], x["volumes"]) for x in first.lists] == [("keepers", 1, 1)]
        assert first.requests == len(server.paths) - second.requests
        assert first.started <= first.ended
        assert first.bytes
        assert (second.command, second.changed, second.news) == ("crawl", 0, False)

    def test_what_failed_is_named(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """Each address with its reason, and the exit code."""
        server = list_server(tree, faults=[Fault("March.txt", "500")])
        hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")

        [report] = reports(archive)
        assert report.exit == 1
        assert [f["url"].rpartition("/")[2] for f in report.failures] == ["2010-March.txt"]
        assert "500" in report.summary()

    def test_a_run_that_an_error_ended_is_reported(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """With its sentence, once there is an archive to report in."""
        server = list_server(tree)
        hamelin("--archive", str(archive), "crawl", f"{server.url}pipermail/keepers/")
        server.close()
        assert hamelin("--archive", str(archive), "update").code == 2

        report = reports(archive)[-1]
        assert (report.exit, report.command) == (2, "update")
        assert "refuses connections" in (report.error or "")

    def test_the_newest_are_kept_and_half_lines_passed_over(self, tmp_path: Path) -> None:
        """The file does not grow for ever, and a kill costs a report at most."""
        lines = "".join(json.dumps({"command": f"c{n}", "mood": 1}) + "\n" for n in range(RUNS + 5))
        (tmp_path / "runs.jsonl").write_text(lines + '{"command": "hal')
        append(tmp_path, RunReport("last"))

        found = reports(tmp_path)
        assert (len(found), found[-1].command, found[-2].command) == (RUNS, "last", f"c{RUNS + 4}")

    def test_status_tells_the_last_run_and_the_next(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """What was not fetched, too; in JSON with each list."""
        server = list_server(tree, faults=[Fault("March.txt", "500")])
        hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")
        text = hamelin("--archive", str(archive), "status").out
        facts = json.loads(hamelin("--archive", str(archive), "status", "--json").out)

        assert "last run: 20" in text
        assert "not fetched: http" in text
        assert "next run: not scheduled" in text
        assert (facts["last_run"]["exit"], facts["last_run"]["next_due"]) == (1, None)


class TestHooks:
    """[notify]."""

    def test_a_failure_is_told(self, tree: Path, archive: Path, tmp_path: Path, list_server: Serve) -> None:
        """By the shell, with the report on stdin and variables; a run that went well tells nothing."""
        server = list_server(tree, faults=[Fault("March.txt", "500", times=40)])
        note = tmp_path / "note"
        settings(
            archive, f"[notify]\non_failure = 'cat > {note}; echo \"$HAMELIN_EVENT $HAMELIN_EXIT\" >> {note}.vars'\n"
        )
        done = hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")
        told = json.loads(note.read_text())
        note.unlink()
        server.misbehave()
        hamelin("--archive", str(archive), "update")

        assert (done.code, told["exit"], told["event"], len(told["failures"])) == (1, 1, "failure", 1)
        assert noted(Path(f"{note}.vars")) == ["failure 1"]
        assert not note.exists()

    @pytest.mark.parametrize(
        ("command", "words"), [("exit 7", "ended with 7"), ("echo no lamp >&2; false", "no lamp"), ("nosuch", "127")]
    )
    def test_a_command_that_fails_spoils_nothing(
        self, tree: Path, archive: Path, list_server: Serve, command: str, words: str
    ) -> None:
        """It is said, and the run's exit code stays its own."""
        server = list_server(tree, faults=[Fault("March.txt", "500")])
        settings(archive, f"[notify]\non_failure = '{command}'\n")
        done = hamelin("--archive", str(archive), "crawl", f"{server.url}pipermail/keepers/")

        assert (done.code, words in done.err) == (1, True)
        assert len(reports(archive)) == 1

    def test_a_command_that_hangs_is_killed_with_all_it_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody waits for ever."""
        monkeypatch.setattr(hooks, "PATIENCE", 0.5)
        started = time.monotonic()
        trouble = hooks.call("sleep 60 & sleep 61", tmp_path, {}, {})

        assert trouble
        assert "killed" in trouble
        assert time.monotonic() - started < 20

    def test_a_command_that_reads_nothing_is_none_the_worse(self, tmp_path: Path) -> None:
        """A large report that nobody reads breaks no pipe of ours."""
        assert hooks.call("true", tmp_path, {"failures": ["x" * 100] * 10_000}, {"A": "b c"}) is None

    def test_a_list_that_was_quiet_when_it_came_is_no_news(
        self, tmp_path: Path, archive: Path, list_server: Serve
    ) -> None:
        """Neither at the first run nor when it joins an archive that has others; status calls none of them unusual."""
        now = datetime.now(UTC)
        tree, note = tmp_path / "www", tmp_path / "note"
        for name in ("keepers", "founders"):
            letters = [mail(n, now - timedelta(days=70 - n)) for n in range(60)]
            write(tree / "pipermail", ListForm(name), letters)
        server = list_server(tree)
        settings(archive, f"[notify]\non_silence = 'echo \"$HAMELIN_SUMMARY\" >> {note}'\n")
        for name in ("keepers", "founders"):
            hamelin("--archive", str(archive), "crawl", f"{server.url}pipermail/{name}/")

        assert reports(archive)[-1].silent == {"keepers": 11, "founders": 11}
        assert noted(note) == []
        assert "unusual" not in hamelin("--archive", str(archive), "status").out

    def test_silence_is_told_once(self, tmp_path: Path, archive: Path, list_server: Serve) -> None:
        """When a list that had mail daily has had none for long; not at the first run, and not each time."""
        now = datetime.now(UTC)
        tree, note = tmp_path / "www", tmp_path / "note"
        letters = [mail(n, now - timedelta(days=70 - n)) for n in range(60)]
        write(tree / "pipermail", ListForm("keepers"), letters)
        server = list_server(tree)
        settings(archive, f"[notify]\non_silence = 'echo \"$HAMELIN_SUMMARY\" >> {note}'\n")
        hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")
        assert (noted(note), reports(archive)[-1].silent) == ([], {"keepers": 11})
        spoken = [asdict(report) | {"silent": {}} for report in reports(archive)]
        (archive / "runs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in spoken))
        for _ in range(2):
            hamelin("--archive", str(archive), "crawl")

        assert noted(note) == ["keepers: usually daily, nothing for 11 days"]
        assert "keepers: nothing for 11 days, which is unusual" in hamelin("--archive", str(archive), "status").out


class TestRhythm:
    """When quiet is unusual."""

    @pytest.mark.parametrize(
        ("every", "quiet", "told"),
        [
            (1, 9, "usually daily, nothing for 9 days"),
            (1, 6, None),
            (7, 27, None),
            (7, 40, "usually weekly, nothing for 40 days"),
            (30, 100, None),
            (30, 130, "usually monthly, nothing for 130 days"),
        ],
    )
    def test_it_depends_on_the_list(self, every: int, quiet: int, told: str | None) -> None:
        """Four times as long as its usual gaps, and a week at least."""
        dates = [n * every * DAY for n in range(50)]
        found = silence(dates, dates[-1] + quiet * DAY)

        assert (str(found) if found else None) == told

    def test_a_list_with_little_mail_has_no_rhythm(self) -> None:
        """Nor one whose mail comes from the future, or a clock that was set back."""
        assert silence([n * DAY for n in range(10)], 400 * DAY) is None
        assert silence([n * DAY for n in range(500, 600)], 400 * DAY) is None


class TestEvery:
    """`update --every`."""

    def test_servers_of_others_are_left_in_peace_between(self, archive: Path) -> None:
        """Less than ten minutes is for a server that needs no pauses either."""
        url = "http://127.0.0.1:9/pipermail/keepers/"
        done = hamelin("--archive", str(archive), "update", "--delay", "1", "--every", "5m", url)

        assert (done.code, done.out) == (2, "")
        assert "at least 10m" in done.err

    def test_runs_follow_each_other_until_a_signal(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """SIGTERM ends it well: exit code 0, the lock free, the reports whole."""
        server = list_server(tree)
        running = start("--archive", str(archive), "update", "--every", "1s", f"{server.url}pipermail/keepers/")
        deadline = time.monotonic() + 50
        while len(reports(archive)) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        running.signal(15)
        done = running.done()

        assert (done.code, "Stopped." in done.err) == (0, True)
        assert len(reports(archive)) >= 2
        assert {report.every for report in reports(archive)} == {1}
        assert hamelin("--archive", str(archive), "index").code == 0

    def test_a_signal_reaches_the_run_in_progress(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """A run that waits for its server ends at once, and what it fetched is kept."""
        server = list_server(tree, faults=[Fault("2010-March.txt", "hang")])
        (archive / "hamelin.toml").write_text("[politeness]\ndelay = 0\n")
        running = start("--archive", str(archive), "update", "--every", "1h", f"{server.url}pipermail/keepers/")
        deadline = time.monotonic() + 30
        while not server.asked("thread.html") and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        running.signal(15)
        done = running.done()

        assert (done.code, done.seconds < 50) == (0, True)
        assert reports(archive)[-1].exit == 130


def test_a_report_without_news_is_passed_over() -> None:
    """What the site shows of the last run does not change with each that brought nothing."""
    found = [RunReport("update", changed=3), RunReport("update"), RunReport("crawl", exit=130)]

    assert last_of(found, news=True) == found[0]
    assert last_of(found) == found[2]
    assert last_of([]) is None
    assert runs.RUNS_FILE == "runs.jsonl"


class TestOnTheSite:
    """health.html tells of runs."""

    def test_the_run_that_brought_mail_is_told(self, tree: Path, archive: Path, list_server: Serve) -> None:
        """That of an update while it goes on, and the same afterwards: runs without news change nothing."""
        server = list_server(tree)
        hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")
        page = (archive / "site" / "health.html").read_bytes()
        again = [hamelin("--archive", str(archive), verb).err for verb in ("update", "site")]

        assert f"UTC</time>: 2 messages new or changed, {reports(archive)[0].requests} requests, ".encode() in page
        assert all("nothing changed" in said for said in again)
        assert (archive / "site" / "health.html").read_bytes() == page

    def test_what_failed_is_named_until_a_later_run_fetched_it(
        self, tree: Path, archive: Path, list_server: Serve
    ) -> None:
        """Beside the run that brought mail; no other file is written for it, and `check` finds no fault in it."""
        server = list_server(tree)
        hamelin("--archive", str(archive), "update", f"{server.url}pipermail/keepers/")
        before = {path: path.read_bytes() for path in (archive / "site").rglob("*") if path.is_file()}
        server.misbehave(Fault("March.txt", "500"))
        hamelin("--archive", str(archive), "update", "--recheck")
        changed = [path.name for path, data in before.items() if path.read_bytes() != data]
        told = (archive / "site" / "health.html").read_text()
        checked = hamelin("--archive", str(archive), "check")
        server.misbehave()
        hamelin("--archive", str(archive), "update", "--recheck")

        assert changed == ["health.html"]
        assert (told.count("UTC</time>: "), "March.txt" in told, "1 failure: the next run asks again" in told) == (
            2,
            True,
            True,
        )
        assert checked.code == 0, checked.out
        assert {path: path.read_bytes() for path in before} == before

    def test_nothing_of_this_machine_is_told(self) -> None:
        """An error that ended a run may name a folder; no line of it is published, nor a time that is none."""
        ended = RunReport("update", started="2026-01-02T03:04:05Z", exit=2, error="/home/ann/kitchen is full.")
        odd = RunReport("update", started="yesterday", changed=1)

        assert lines_of([ended]) == ()
        assert [line.when for line in lines_of([odd, ended])] == [None]
