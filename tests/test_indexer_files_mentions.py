"""Which messages a new exception of redaction concerns."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from crawler.store import Store
from indexer.files.mentions import mentioning
from tests.stored import archive, letter


def test_messages_that_name_an_address_are_found(tmp_path: Path) -> None:
    """The left side of an address is looked for in sender, subject, ids and body, in any case."""
    named = [
        letter("The tock9 clock", "Tick.", message_id="<1@example.org>"),
        letter("Clock", "Ask Tock9 at example.org.", message_id="<2@example.org>"),
        letter("Clock", "Tick.", message_id="<20041005.114703.tock9@example.org>"),
        letter("Clock", "Tick.", message_id="<4@example.org>"),
    ]
    made = archive(tmp_path, named)

    with closing(Store.open(made.folder)) as store:
        assert mentioning(made.folder, store, {"tock9@example.org"}) == {one.id for one in named[:3]}
        assert mentioning(made.folder, store, {"nobody@example.org"}) == set()
