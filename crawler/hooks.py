"""Commands of the archive's owner, run when something happened: they get the report, and can spoil nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds after which a command that has not ended is killed, with all that it started


def call(command: str, folder: Path, report: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
    """Run a command by the shell, in the archive's folder, with a report as JSON on its stdin.

    Gives a sentence when it could not be run, ended badly or in no time; None when all was well. Its output is
    left out: stdout has results, and nobody would know whose it is.
    """
    given = [f"{name}={value}" for name, value in variables.items()]
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is the owner's own, from hamelin.toml
            ["env", *given, "sh", "-c", command], cwd=folder, start_new_session=True,  # noqa: S607
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        return f"`{command}` could not be run: {error.strerror}"
    with process:
        try:
            _, said = process.communicate(json.dumps(report).encode(), timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"`{command}` was killed, as it did not end within {PATIENCE:.0f} s"
        finally:
            _end(process)
    if process.returncode == 0:
        return None
    words = said.decode("utf-8", "replace").strip().splitlines()
    return f"`{command}` ended with {process.returncode}{f': {words[-1]}' if words else ''}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that goes on, and what it left behind in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
