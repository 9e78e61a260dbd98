"""Fixtures that more than one test file needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.list_server import ListServer


@pytest.fixture
def list_server() -> Iterator[Callable[..., ListServer]]:
    """Give a maker of list servers, `list_server(tree, faults=[...])`; each is closed when the test ends."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(ListServer(*args, **kwargs))
