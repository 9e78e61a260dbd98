"""`hamelin schedule`: a timer where systemd is, a cron line where it is not; shown, removed, and others' left alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from crawler.errors import UsageError
from crawler.schedule import Schedule, cron_seconds, seconds_of, timer_seconds, without
from indexer import cli
from indexer.commands import schedule

SCRIPT = """#!/bin/sh
echo "$@" >> "{log}"
case "$1 $2" in
  "-l ") cat "{folder}/crontab-of-mine" 2>/dev/null || exit 1 ;;
  "- ") cat > "{folder}/crontab-of-mine" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a machine with some of crontab and systemctl, which note how they are called; give its home."""

    def make(*programs: str, systemd: bool = False) -> Path:
        home, programs_folder = tmp_path / "home", tmp_path / "bin"
        for folder in (home, programs_folder):
            folder.mkdir()
        for name in programs:
            (programs_folder / name).write_text(SCRIPT.format(log=home / f"{name}.log", folder=home))
            (programs_folder / name).chmod(0o755)
        for name in ("sh", "cat"):
            (programs_folder / name).symlink_to(f"/bin/{name}")
        (home / "booted").mkdir() if systemd else None
        monkeypatch.setattr(schedule, "SYSTEMD_FOLDER", str(home / "booted"))
        monkeypatch.setenv("PATH", str(programs_folder))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        return home

    return make


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive's folder with a name that has to be quoted."""
    folder = tmp_path / "mail of 100% cooks"
    folder.mkdir()
    (folder / "hamelin.toml").write_text("")
    return folder


def run(archive: Path, *words: str) -> int:
    return cli.run(["--archive", str(archive), "schedule", *words])


class TestCron:
    """Where there is no systemd."""

    def test_a_line_is_added_and_taken_away_and_others_stay(
        self, machine: Callable[..., Path], archive: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Installed twice there is one line, with the second one's time; after remove all is as it was."""
        home = machine("crontab")
        crontab = home / "crontab-of-mine"
        crontab.write_text("5 4 * * * backup")
        assert run(archive, "install", "--every", "1d") == 0
        assert run(archive, "install", "--every", "6h") == 0

        before, line = crontab.read_text().splitlines()
        assert before == "5 4 * * * backup"
        assert f"'{archive}'".replace("%", "\\%") in line
        assert schedule.installed(archive) == 21600
        assert run(archive, "show") == 0
        assert line in capsys.readouterr().out
        assert run(archive, "remove") == 0
        assert crontab.read_text() == "5 4 * * * backup\n"
        assert (run(archive, "show"), run(archive, "remove"), schedule.installed(archive)) == (1, 1, None)

    def test_without_any_the_line_is_said(
        self, machine: Callable[..., Path], archive: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Where nothing can be installed, what should run is named."""
        machine()

        assert run(archive, "install") == 2
        assert " update # hamelin schedule " in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("every", "times"),
        [
            ("10m", "m-59/10 * * * *"),
            ("1h", "m * * * *"),
            ("6h", "m h-23/6 * * *"),
            ("1d", "m h * * *"),
            ("7d", "m h * * d"),
        ],
    )
    def test_each_time_has_its_form(self, every: str, times: str) -> None:
        """The place in the hour is the archive's own, the same each time."""
        line = Schedule("/home/me/mail", seconds_of(every)).cron()
        found = " ".join(line.split()[:5])

        assert [part.lstrip("0123456789") for part in found.split()] == [part.lstrip("mhd") for part in times.split()]
        assert line == Schedule("/home/me/mail", seconds_of(every)).cron()

    def test_a_time_that_cron_cannot_say_is_refused(self) -> None:
        """With those that it can."""
        with pytest.raises(UsageError, match="cron knows no time"):
            Schedule("/home/me/mail", 5 * 3600).cron()

    def test_a_line_is_known_by_its_name(self) -> None:
        """Another archive's line is not ours."""
        one, other = Schedule("/a", 3600), Schedule("/b", 7200)
        crontab = f"{one.cron()}\n{other.cron()}\n"

        assert (cron_seconds(crontab, one.name), cron_seconds(crontab, other.name)) == (3600, 7200)
        assert without(crontab, one.name) == f"{other.cron()}\n"


class TestTimer:
    """Where systemd runs."""

    def test_units_are_written_enabled_and_removed(
        self, machine: Callable[..., Path], archive: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """For this person's systemd, with the archive's folder quoted as systemd reads it."""
        home = machine("systemctl", systemd=True)
        assert run(archive, "install", "--every", "6h") == 0

        units = home / "config" / "systemd" / "user"
        name = Schedule(str(archive), 600).name
        service = (units / f"{name}.service").read_text()
        assert f'--archive "{archive}"'.replace("%", "%%") in service
        assert timer_seconds((units / f"{name}.timer").read_text()) == schedule.installed(archive) == 21600
        assert "--user daemon-reload\n--user enable --now " in (home / "systemctl.log").read_text()
        assert run(archive, "remove") == 0
        assert list(units.iterdir()) == []
        assert f"disable --now {name}.timer" in (home / "systemctl.log").read_text()

    def test_dry_run_writes_nothing(
        self, machine: Callable[..., Path], archive: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It shows both units; with --cron the line."""
        home = machine("systemctl", "crontab", systemd=True)
        assert run(archive, "install", "--dry-run") == 0
        assert "OnUnitActiveSec=21600" in capsys.readouterr().out
        assert run(archive, "install", "--dry-run", "--cron") == 0

        assert "# hamelin schedule " in capsys.readouterr().out
        assert not (home / "config").exists()
        assert not (home / "crontab-of-mine").exists()

    def test_a_systemd_that_answers_nobody_is_none(self, machine: Callable[..., Path], archive: Path) -> None:
        """As in a container, or without a session: cron then."""
        home = machine("crontab", "systemctl", systemd=True)
        (Path(os.environ["PATH"]) / "systemctl").write_text("#!/bin/sh\nexit 1\n")

        assert run(archive, "install") == 0
        assert (home / "crontab-of-mine").exists()


@pytest.mark.parametrize("text", ["", "6", "h", "0h", "-1h", "6 weeks", "5m", "1.5h"])
def test_what_is_no_time_is_said(machine: Callable[..., Path], archive: Path, text: str) -> None:
    """Nor one that is too short for a guest."""
    machine("crontab")

    assert run(archive, "install", "--every", text) == 2


def test_a_folder_that_is_no_archive_is_not_scheduled(machine: Callable[..., Path], tmp_path: Path) -> None:
    """A run there would fail for ever."""
    machine("crontab")

    assert run(tmp_path / "nothing", "install") == 2


class TestDocument:
    """docs/schedules.md: what stands there to be copied."""

    TEXT = Path(__file__).parent.parent.joinpath("docs", "schedules.md").read_text("utf-8")

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"^```{language}\n(.*?)^```", self.TEXT, re.MULTILINE | re.DOTALL)

    def test_every_yaml_is_yaml(self) -> None:
        """The container's and the workflow's."""
        compose, workflow = [yaml.safe_load(block) for block in self.blocks("yaml")]

        assert set(compose["services"]) == {"hamelin", "web"}
        assert set(compose["volumes"]) == {"archive"}
        assert [set(step) & {"uses", "run"} for step in workflow["jobs"]["update"]["steps"]]
        assert workflow[True]["schedule"]  # YAML 1.1 reads `on` as a truth value; GitHub does not mind

    def test_a_workflow_has_what_its_steps_refer_to(self) -> None:
        """Each id is one of a step, each step does one thing, and the archive is kept before it is shown."""
        [workflow] = [yaml.safe_load(block) for block in self.blocks("yaml") if "jobs:" in block]
        steps = workflow["jobs"]["update"]["steps"]
        text = json.dumps(workflow)

        assert set(re.findall(r"steps\.(\w+)\.", text)) <= {step.get("id") for step in steps}
        assert all(len({"uses", "run"} & set(step)) == 1 for step in steps)
        assert workflow["concurrency"]["cancel-in-progress"] is False
        names = [step.get("name") or step.get("uses", "") for step in steps]
        assert names.index("Keep it") < next(
            n for n, name in enumerate(names) if name.startswith("actions/deploy-pages")
        )

    def test_scripts_of_the_workflow_are_shell(self) -> None:
        """Each can be read by a shell."""
        [workflow] = [yaml.safe_load(block) for block in self.blocks("yaml") if "jobs:" in block]
        for step in workflow["jobs"]["update"]["steps"]:
            script = re.sub(r"\$\{\{.*?\}\}", "x", step.get("run", ""))
            assert subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=False).returncode == 0

    def test_the_cron_line_is_one(self) -> None:
        """Five times and a command that there is."""
        [line] = self.blocks("cron")

        assert re.fullmatch(r"(\S+ ){5}/\S+/hamelin --archive \S+ --quiet --wait \d+ update\n", line)
