"""The command line: `hamelin`, its global options, its exit codes. Each verb is a file in commands/.

A verb's module is imported when the verb runs, and not before. Exit codes: 0 fine or found; 1 nothing
found, a check failed, or something could not be fetched; 2 an error; 130 stopped by a person.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import os
import pkgutil
import re
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.config import Config, archive_folder, load
from crawler.errors import ArchiveTrouble, HamelinError
from crawler.lock import locked
from crawler.variables import ARCHIVE_VARIABLE
from indexer import commands
from indexer.start import is_colourful, settle_streams

if TYPE_CHECKING:
    from crawler.runs import RunReport

ERROR, STOPPED = 2, 130
COMPLETION = "_HAMELIN_COMPLETE"  # with which shells ask
LINK = re.compile("\x1b]8;;[^\x1b]*\x1b\\\\")  # either end of a hyperlink (OSC 8)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# What SQLite says where a file may not grow: of a full disk it says that it is full.
UNWRITABLE = frozenset({"SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHMSIZE"})
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@dataclass
class Session:
    """What every command knows: the archive's folder, whether to be quiet, how long to wait for the lock.

    `report` is that of the run that goes on, if it is one of those that are reported.
    """

    archive: Path
    quiet: bool = False
    wait: float = 0.0
    report: RunReport | None = None

    @cached_property
    def config(self) -> Config:
        """The archive's settings, read when they are first asked for."""
        return load(self.archive)

    def reread(self) -> None:
        """Read the settings anew when they are next asked for: a crawl adds lists to them."""
        self.__dict__.pop("config", None)

    def lock(self) -> AbstractContextManager[None]:
        """Hold the archive for writing; a command takes this once."""
        return locked(self.archive, self.wait)

    def show(self, text: str) -> None:
        """Write results, through the pager when a person looks on and they are more than the screen holds."""
        show(text)

    def say(self, text: str) -> None:
        """Write a line about what goes on to stderr, unless it is to be quiet."""
        if not self.quiet:
            click.echo(text, err=True)


def show(text: str) -> None:
    """Write results, through the pager when a person looks on and they are more than the screen holds."""
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text if _pager_takes_links() else LINK.sub("", text))
    else:
        click.echo(text, nl=False)


def _pager_takes_links() -> bool:
    """Say whether the pager is less, and shows colours and links: click takes care of colours alone."""
    pager, flags = os.environ.get("PAGER", "").split() or ["less"], os.environ.get("LESS", "")
    return Path(pager[0]).name == "less" and (not (flags or pager[1:]) or "r" in f"{flags} {pager[1:]}".lower())


class _ReaderGone(Exception):
    """Nobody reads any more what we write: said so that click, which takes a broken pipe for an error, lets it pass."""


@contextmanager
def _noticing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderGone from error


class Verbs(click.Group):
    """The verbs are the modules of indexer.commands, each with a `command`; a trailing _ avoids Python's own words."""

    def make_context(self, *arguments: Any, **known: Any) -> click.Context:
        """Read the command line; --help writes here."""
        with _noticing():
            return super().make_context(*arguments, **known)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        with _noticing():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs."""
        return sorted(module.name.rstrip("_") for module in pkgutil.iter_modules(commands.__path__))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say of each verb what it does, in its whole first sentence."""
        verbs = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.get_short_help_str(limit=200)) for name, verb in verbs if verb])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        if cmd_name not in self.list_commands(ctx):
            return None
        name = next(name for name in (cmd_name, cmd_name + "_") if _exists(name))
        command: click.Command = importlib.import_module(f"indexer.commands.{name}").command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--archive", metavar="DIR", envvar=ARCHIVE_VARIABLE, help="The archive's folder (default: this one).")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but results and errors.")
@click.option("--wait", type=click.FloatRange(min=0), default=0, metavar="SECONDS", help="Wait for a busy archive.")
@click.version_option(package_name="hamelin-archive", prog_name="hamelin")
@click.pass_context
def cli(ctx: click.Context, archive: str | None, quiet: bool, wait: float) -> None:
    """Turn a pipermail archive on the web into a complete, searchable copy that lives anywhere.

    \b
    Example:
      hamelin --archive kitchen update https://lists.example.org/pipermail/kitchen/
    """
    ctx.obj = Session(archive_folder(archive), quiet, wait)
    if not is_colourful():
        ctx.color = False


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit with its code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who asks us to end gets the same as with Ctrl-C
    settle_streams()
    if COMPLETION in os.environ:
        from indexer import bash_completion  # noqa: F401 - it tells click of itself
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and give its exit code; every error that a user can meet is one sentence on stderr."""
    try:
        result = cli.main(arguments, prog_name="hamelin", standalone_mode=False)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return code_of(error)
    return result if isinstance(result, int) else 0


def code_of(error: BaseException) -> int:
    """Say what went wrong, and give the exit code for it; what no user should meet is raised again."""
    match error:
        case BrokenPipeError() | _ReaderGone():  # who reads us has seen enough
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        case click.ClickException():
            error.show()
            return ERROR
        case click.Abort() | KeyboardInterrupt():
            click.echo("Stopped. What was done is kept; the same command goes on with it.", err=True)
            return STOPPED
        case HamelinError():
            return _complain(error)
        case OSError() | sqlite3.Error() if trouble := _full(error) or _closed(error) or _damaged(error):
            return _complain(trouble)
    raise error


def _complain(error: HamelinError) -> int:
    try:
        click.echo(f"hamelin: {error}", err=True)
    except OSError:  # nobody can be told; Python shall not try again when it ends
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it stays as long as we do
    return ERROR


def _full(error: OSError | sqlite3.Error) -> ArchiveTrouble | None:
    """Recognise a disk that is full, or a file that may not grow."""
    if isinstance(error, OSError):
        full = error.errno in FULL
    else:
        full = "disk is full" in str(error) or getattr(error, "sqlite_errorname", "") in UNWRITABLE
    hint = "Make room and run the same command again: what was done is kept."
    return ArchiveTrouble(f"There is no room left to write in ({error}).", hint=hint) if full else None


def _closed(error: OSError | sqlite3.Error) -> ArchiveTrouble | None:
    """Recognise what may not be read or written."""
    if not (isinstance(error, OSError) and error.errno in CLOSED):
        return None
    what = f"{error.filename} cannot be opened: {error.strerror}."
    return ArchiveTrouble(what, hint="Mend its permissions, or run this as who it belongs to.")


def _damaged(error: OSError | sqlite3.Error) -> ArchiveTrouble | None:
    """Recognise a database that is damaged inside."""
    hint = "`hamelin check` tells which, and how it is mended."
    damaged = getattr(error, "sqlite_errorname", "").startswith(DAMAGED)
    return ArchiveTrouble(f"A database of this archive is damaged ({error}).", hint=hint) if damaged else None


def _exists(name: str) -> bool:
    return importlib.util.find_spec(f"indexer.commands.{name}") is not None
