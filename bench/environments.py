"""Environments of their own for engines that are compared, so that none is a dependency: made the first time."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

WHOOSH = "Whoosh==2.7.4"
TANTIVY, XAPIAN = "tantivy==0.27.0", "xapian-bindings-binary==1.4.26"


def python_with(folder: Path, *packages: str) -> Path:
    """Give the Python of an environment with these packages; subprocess.CalledProcessError when they cannot be had."""
    python, stamp = folder / "bin" / "python", folder / "installed"
    told = "\n".join(packages)
    if not (stamp.exists() and stamp.read_text("utf-8") == told):
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, stdout=sys.stderr)
        stamp.write_text(told, "utf-8")
    return python
