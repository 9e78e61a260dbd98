"""`hamelin schedule`: a systemd timer, or a cron line where there is no systemd, that keeps an archive up to date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import UsageError
from crawler.schedule import LEAST, Schedule, cron_seconds, seconds_of, timer_seconds, without

if TYPE_CHECKING:
    from indexer.cli import Session

NOTHING = 1
SYSTEMD_FOLDER = "/run/systemd/system"  # there where systemd runs (sd_booted(3))


@click.command("schedule")
@click.argument("what", type=click.Choice(["install", "show", "remove"]))
@click.option("--every", default="6h", show_default=True, metavar="TIME", help="6h, 30m, 1d; at least 10m.")
@click.option("--cron", "cron", is_flag=True, help="A cron line, also where systemd is.")
@click.option("--dry-run", "dry", is_flag=True, help="Show what would be written, and write nothing.")
@click.pass_obj
def command(session: Session, what: str, every: str, cron: bool, dry: bool) -> int:
    """Install, show or remove what runs `hamelin update` for this archive again and again.

    That is a timer of your systemd, or a line of your crontab where there is no systemd. Two runs never
    meet: a second one waits. `hamelin status` says when the next is due. `show` exits with 1 when nothing
    is installed.

    \b
    Example:
      hamelin --archive kitchen schedule install --every 6h
    """
    schedule = Schedule(str(session.archive.resolve()), seconds_of(every, LEAST), _program())
    if what == "show":
        return _show(session, schedule)
    if what == "remove":
        return _remove(session, schedule, dry=dry)
    if not (session.archive / "hamelin.toml").exists():
        raise UsageError(f"{session.archive} is no archive yet.", hint="Begin one with `hamelin update URL`.")
    if cron or not _has_systemd():
        _install_cron(session, schedule, dry=dry)
    else:
        _install_timer(session, schedule, dry=dry)
    return 0


def installed(folder: Path) -> int | None:
    """Give the seconds between the scheduled runs of an archive; None when none is scheduled."""
    name = Schedule(str(folder.resolve()), LEAST).name
    timer = _units() / f"{name}.timer"
    if timer.exists():
        return timer_seconds(timer.read_text("utf-8"))
    return cron_seconds(_crontab(), name)


def _install_timer(session: Session, schedule: Schedule, *, dry: bool) -> None:
    files = {f"{schedule.name}.service": schedule.service(), f"{schedule.name}.timer": schedule.timer()}
    if dry:
        for name, text in files.items():
            click.echo(f"# {_units() / name}\n{text}")
        return
    _units().mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (_units() / name).write_text(text, "utf-8")
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", f"{schedule.name}.timer")
    session.say(f"{_units() / schedule.name}.timer starts a run each {schedule.every:,} seconds.")
    session.say("It runs while you are logged in; `loginctl enable-linger` lets it run without that.")


def _install_cron(session: Session, schedule: Schedule, *, dry: bool) -> None:
    line = schedule.cron()
    if dry:
        click.echo(line)
        return
    if shutil.which("crontab") is None:
        raise UsageError("There is no systemd and no crontab here.", hint=f"Have this run by what there is: {line}")
    before = _crontab()
    text = without(before, schedule.name)
    _write_crontab(text + ("\n" if text and not text.endswith("\n") else "") + line + "\n")
    session.say(f"Your crontab has a line for it now: {line}")


def _show(session: Session, schedule: Schedule) -> int:
    timer = _units() / f"{schedule.name}.timer"
    found = [line for line in _crontab().splitlines() if f" {schedule.name} " in line]
    if timer.exists():
        found += [f"# {timer}", timer.read_text("utf-8").rstrip()]
    for line in found:
        click.echo(line)
    if not found:
        session.say("No run is scheduled. `hamelin schedule install` does that.")
    return 0 if found else NOTHING


def _remove(session: Session, schedule: Schedule, *, dry: bool) -> int:
    units = [path for end in ("timer", "service") if (path := _units() / f"{schedule.name}.{end}").exists()]
    before = _crontab()
    has_line = cron_seconds(before, schedule.name) is not None
    if dry or not (units or has_line):
        for path in units:
            click.echo(f"would remove {path}")
        click.echo("would remove a line of your crontab" if has_line else "", nl=has_line)
        return 0 if units or has_line else NOTHING
    if units:
        _systemctl("disable", "--now", f"{schedule.name}.timer")
        for path in units:
            path.unlink()
        _systemctl("daemon-reload")
    if has_line:
        _write_crontab(without(before, schedule.name))
    session.say("Nothing is scheduled any more.")
    return 0


def _program() -> str:
    """Give how hamelin was started, as what a timer can start."""
    started = Path(sys.argv[0])
    return (
        str(started.resolve())
        if started.name == "hamelin" and started.exists()
        else shutil.which("hamelin") or "hamelin"
    )


def _has_systemd() -> bool:
    return Path(SYSTEMD_FOLDER).exists() and shutil.which("systemctl") is not None and _systemctl("show", asks=True)


def _units() -> Path:
    """Give the folder of a person's own units (systemd.unit(5))."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _systemctl(*words: str, asks: bool = False) -> bool:
    """Tell the person's systemd something; say whether it did as told. UsageError otherwise, unless that was asked."""
    if shutil.which("systemctl") is None:
        return False
    done = subprocess.run(["systemctl", "--user", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607 - no word is a stranger's
    if done.returncode and not asks:
        hint = "`hamelin schedule install --cron` uses your crontab."
        raise UsageError(f"systemctl --user {' '.join(words)}: {done.stderr.strip() or done.returncode}.", hint=hint)
    return done.returncode == 0


def _crontab() -> str:
    """Read the person's crontab; nothing where there is none."""
    if shutil.which("crontab") is None:
        return ""
    done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)  # noqa: S607 - as the person's PATH has it
    return done.stdout if done.returncode == 0 else ""


def _write_crontab(text: str) -> None:
    done = subprocess.run(["crontab", "-"], input=text, capture_output=True, text=True, check=False)  # noqa: S607 - as above
    if done.returncode:
        raise UsageError(f"crontab took no new line: {done.stderr.strip()}.", hint="Add it with `crontab -e`.")
