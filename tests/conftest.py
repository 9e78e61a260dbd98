"""Fixtures that more than one test file needs."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.command import SETTINGS
from tests.list_server import ListServer

# A busy machine makes no test fail, and the same code is asked the same questions in every run.
settings.register_profile("hamelin", deadline=None, derandomize=True)
settings.load_profile("hamelin")

# A shell starts what runs in its background with Ctrl-C ignored, and children inherit that: tests send it to them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Give an archive's folder with settings fit for tests."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "hamelin.toml").write_text(SETTINGS)
    return folder


@pytest.fixture
def list_server() -> Iterator[Callable[..., ListServer]]:
    """Give a maker of list servers, `list_server(tree, faults=[...])`; each is closed when the test ends."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(ListServer(*args, **kwargs))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of the machine's Chromium, which browser tests drive through playwright."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    path = next(found, None)
    assert path, "The browser tests need Chromium: apt-get install chromium, or make test BROWSER=no"
    return path
