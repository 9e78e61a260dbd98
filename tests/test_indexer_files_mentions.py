"""Of which messages something else is published once redaction is told of another address."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from crawler.store import Store
from indexer.files.mentions import may_name, published_otherwise
from indexer.redaction import SPELLINGS, privacy_for
from tests.stored import archive, file_with_text, letter, numbered

NUMBERED = "tock9@example.org"  # its name ends like what a machine makes
STAYING = "look@example.org"  # "look at example.org" is prose for the rules


def test_messages_that_are_published_otherwise_are_found(tmp_path: Path) -> None:
    """By a Message-ID that ends with an address, a spelling that the rules leave, a file; not by a mention alone."""
    file = file_with_text("soup.txt", "Look at example.org.")
    other = numbered(
        [
            letter("Clock", "Tick.", message_id=f"<20041005.114703.{NUMBERED}>"),
            letter("Clock", "Tick.", message_id="<1@example.org>", thread=f"<20041005.114703.{NUMBERED.upper()}>"),
            letter("Clock", "Write: Look at example dot org.", message_id="<2@example.org>"),
            letter("Look at example.org!", "", message_id="<3@example.org>"),
            letter(
                "Clock", "Look =\nat example.org.", message_id="<4@example.org>", defects=("body_transfer_encoded",)
            ),
            letter(
                "Clock", "", message_id="<5@example.org>", attachments=(file,), file_texts=("Look at example.org.",)
            ),
        ]
    )
    same = numbered(
        [
            letter("Clock", "Look, the tock9. At example.org or look@example.org.", message_id="<7@example.org>"),
            letter("Clock", f"Mail to {NUMBERED}.", message_id="<8@example.org>"),
            letter("Clock", "Overlook at example.org.", message_id="<9@example.org>"),
        ]
    )
    config = archive(tmp_path, [*other, *same])
    privacy = privacy_for([NUMBERED, STAYING])
    with closing(Store.open(config.folder)) as store:
        assert privacy.told == {NUMBERED, STAYING}
        assert published_otherwise(config.folder, store, privacy, ()) == {one.id for one in other}
        assert published_otherwise(config.folder, store, privacy_for([]), privacy.told) == {one.id for one in other}
        assert published_otherwise(config.folder, store, privacy, privacy.told) == set()


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("host", ["example.org", "mail.example.org", "localhost"])
def test_every_spelling_may_name_an_address(spelling: str, host: str) -> None:
    """What redaction tries of an address is never passed over."""
    text = spelling.format(local="ann", host=host, dotted=host.replace(".", " dot "))

    assert may_name(f"ann@{host}", text.lower())


def test_words_that_stand_apart_name_nobody() -> None:
    """A name and a host with a sentence between are no address, and the end of a longer word is no name."""
    assert not may_name("ann@example.org", "ann showed all of us an example")
    assert not may_name("ann@example.org", "joann at example.org")
