"""From captures to messages: volumes parsed, merged, accounted for; again and again with the same end."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from crawler.ingest import _marks_of, ingest
from crawler.message import key
from crawler.parse.notices import directory_hash
from crawler.store import Ledger
from tests.kept import Kept, entry, index, page

FOLDER = f"attachments/20100301/{directory_hash('<1@clock.example.org>')}"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A list that nothing is held of."""
    return Kept(tmp_path)


def ledger(kept: Kept, volume: str = "2010-March") -> Ledger:
    """Give a volume's account."""
    return next(account for account in kept.store.ledger("clockwork") if account.volume == volume)


class TestRecords:
    """What becomes of an entry."""

    def test_a_message_is_told_whole(self, kept: Kept) -> None:
        """Text, index and page of a message make one record."""
        kept.hold("2010-March/thread.html", index(1))
        kept.hold("2010-March.txt", entry(1, "Un caf? noir."))
        kept.hold("2010-March/000001.html", page(1, "Un caf&#233; noir."))
        kept.ingest()
        [message] = kept.messages()

        assert (message.id, message.number, message.pages) == (
            key("clockwork", "<1@clock.example.org>"), 1, ("2010-March/000001.html",),
        )  # fmt: skip
        assert (message.body, message.date, message.defects) == ("Un café noir.", "2010-03-01T12:00:01Z", ())

    @pytest.mark.parametrize(("payload", "status"), [(b"\x00PDF", "stored"), (None, "missing")])
    def test_an_attachment_is_held_or_missing(self, kept: Kept, payload: bytes | None, status: str) -> None:
        """The bytes of an attachment are known by their SHA-256, or it is told that there are none."""
        url = f"http://old.example.net/pipermail/clockwork/{FOLDER}/plan.pdf"
        kept.hold("2010-March.txt", entry(1, f"An HTML attachment was scrubbed...\nURL: <{url}>"))
        kept.hold(f"{FOLDER}/plan.pdf", payload if payload is None else payload.decode())
        kept.ingest()
        [attachment] = kept.messages()[0].attachments

        assert (attachment.url, attachment.status) == (url, status)
        assert attachment.sha256 == (None if payload is None else hashlib.sha256(payload).hexdigest())

    def test_html_in_the_text_is_kept_with_its_source(self, kept: Kept) -> None:
        """What the list left in its texts is an attachment whose hash is that of its source."""
        kept.hold("2010-March.txt", entry(1, "<html><body>Tick</body></html>"))
        kept.ingest()
        [attachment] = kept.messages()[0].attachments

        assert (attachment.status, attachment.source) == ("inline", "<html><body>Tick</body></html>")
        assert attachment.sha256 == hashlib.sha256(b"<html><body>Tick</body></html>").hexdigest()
        assert kept.messages()[0].body == ""

    def test_two_html_mails_of_a_moment_are_two(self, kept: Kept) -> None:
        """Mails without an id and without words are told apart by their source."""
        for_ids = {"message_id": None, "subject": "Tick"}
        texts = [entry(1, f"<html><body>{word}</body></html>", **for_ids) for word in ("Tick", "Tock")]  # type: ignore[arg-type]
        kept.hold("2010-March.txt", "".join(texts))
        kept.ingest()

        assert len(kept.messages()) == 2

    def test_letters_that_no_database_holds(self, kept: Kept) -> None:
        """Lone surrogates, which some odd charsets give, are replaced."""
        kept.hold("2010-March.txt", entry(1, subject="=?utf-7?q?+2AA-?= =?utf-16?b?2AA=?="))
        kept.ingest()

        assert kept.messages()[0].subject.encode("utf-8")


class TestAgain:
    """Ingesting more than once."""

    def test_nothing_dirty_nothing_done(self, kept: Kept) -> None:
        """A volume is parsed once."""
        kept.hold("2010-March.txt", entry(1))

        assert (kept.ingest().volumes, kept.ingest().volumes) == (1, 0)

    def test_what_stays_keeps_its_revision(self, kept: Kept) -> None:
        """Parsed anew with the same end, no message is a changed one."""
        kept.hold("2010-March.txt", entry(1) + entry(2))
        kept.ingest()
        before = kept.store.revision()
        kept.again()

        assert (kept.ingest().changed, kept.store.revision()) == (0, before)

    def test_only_what_is_new_is_changed(self, kept: Kept) -> None:
        """A text that grew changes nothing of what it had."""
        kept.hold("2010-March.txt", entry(1))
        kept.ingest()
        before = kept.store.revision()
        kept.hold("2010-March.txt", entry(1) + entry(2))
        kept.ingest()

        assert [m.message_id for m in kept.store.changed(before)] == ["<2@clock.example.org>"]

    def test_what_changes_twice_before_it_is_indexed(self, kept: Kept) -> None:
        """Several crawls may come before an index is made: each changes the message once more."""
        for word in ("Lit", "Dim", "Out"):
            kept.hold("2010-March.txt", entry(1, f"{word}."))
            assert kept.ingest().changed == 1

    def test_what_went_away_is_gone(self, kept: Kept) -> None:
        """A message that its volume does not hold any more is told as deleted, until it comes back."""
        kept.hold("2010-March.txt", entry(1) + entry(2))
        kept.ingest()
        before = kept.store.revision()
        kept.hold("2010-March.txt", entry(1))
        kept.ingest()
        gone = [("clockwork", key("clockwork", "<2@clock.example.org>"))]

        assert (kept.store.deleted(before), kept.store.count()) == (gone, 1)
        kept.hold("2010-March.txt", entry(1) + entry(2))
        kept.ingest()
        assert (kept.store.deleted(before), kept.store.count()) == ([], 2)

    def test_a_list_that_was_not_chosen_waits(self, kept: Kept) -> None:
        """Only the chosen lists are parsed."""
        kept.hold("2010-March.txt", entry(1))

        assert ingest(kept.store, lambda c: kept.payloads[c.url], lists=["bells"]).volumes == 0

    def test_progress_hears_of_each_volume(self, kept: Kept) -> None:
        """List, volume and how many messages."""
        kept.hold("2010-March.txt", entry(1) + entry(2))
        heard: list[tuple[str, str, int]] = []
        ingest(kept.store, lambda c: kept.payloads[c.url], progress=lambda *told: heard.append(told))

        assert heard == [("clockwork", "2010-March", 2)]


class TestLists:
    """More than one list."""

    def test_the_same_id_in_two_lists_is_two_messages(self, kept: Kept) -> None:
        """A mail that went to two lists is a message of each, under another id."""
        kept.add("bells")
        for name in ("clockwork", "bells"):
            kept.hold("2010-March.txt", entry(1), name=name)
        kept.ingest()

        assert [(m.list, m.id) for m in kept.messages()] == [
            (name, key(name, "<1@clock.example.org>")) for name in ("bells", "clockwork")
        ]


class TestLedger:
    """The account of a volume."""

    def test_pages_are_counted_by_why_they_were_wanted(self, kept: Kept) -> None:
        """A page that nothing speaks for was asked for as all were."""
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt", entry(1, "na?ve") + entry(2))
        for number in (1, 2):
            kept.hold(f"2010-March/{number:06}.html", page(number, "na?ve" if number == 1 else "Tock."))
        kept.ingest()

        assert ledger(kept).pages == {"asked": 1, "mark_in_word": 1}

    def test_all_sources_agree(self, kept: Kept) -> None:
        """A good volume has nothing to note."""
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt", entry(1) + entry(2))
        kept.ingest()

        assert ledger(kept) == Ledger("clockwork", "2010-March", 2, 2, 2, 2, 0, 0, {})

    @pytest.mark.parametrize(
        ("held", "account"),
        [
            ({"2010-March.txt": entry(1)}, (None, None, 1, 1, 0, 0, {"index_missing": 1, "page_number_unknown": 1})),
            ({"2010-March/thread.html": index(1)}, (1, 1, None, 1, 0, 1, {"only_in_index": 1, "text_missing": 1})),
            (
                {"2010-March/thread.html": index(1), "2010-March/000001.html": page(1), "2010-March.txt": "<html>"},
                (1, 1, None, 1, 0, 0, {"text_missing": 1, "text_unreadable": 1}),
            ),
            (
                {"2010-March/thread.html": index(1, 2, claimed=3), "2010-March.txt": entry(1)},
                (3, 2, 1, 2, 0, 2, {"only_in_index": 1}),
            ),
            (
                {"2010-March/thread.html": index(1), "2010-March.txt": entry(1) + entry(1)},
                (1, 1, 2, 2, 1, 0, {"page_number_unknown": 1}),
            ),
        ],
    )
    def test_what_is_missing_is_noted(self, kept: Kept, held: dict[str, str], account: tuple[object, ...]) -> None:
        """Claims that are not held, what became of them, and why."""
        for path, payload in held.items():
            kept.hold(path, payload)
        kept.ingest()
        drawn = ledger(kept)

        assert (
            drawn.indexed, drawn.numbered, drawn.entries, drawn.parsed, drawn.merged, drawn.lost, drawn.notes,
        ) == account  # fmt: skip

    def test_an_archive_that_was_built_twice(self, kept: Kept) -> None:
        """Copies in the text are merged; one of each has the page that the index names."""
        twice = entry(1) + entry(2) + entry(1) + entry(2)
        kept.hold("2010-March/thread.html", index(1, 2))
        kept.hold("2010-March.txt", twice)
        kept.ingest()
        drawn = ledger(kept)

        assert (drawn.parsed, drawn.merged, drawn.lost, drawn.notes) == (4, 2, 0, {"page_number_unknown": 2})
        assert [m.pages for m in kept.messages()] == [(f"2010-March/{n:06}.html",) for n in (1, 2)]

    @pytest.mark.parametrize("order", [("2010-February", "2010-March"), ("2010-March", "2010-February")])
    def test_accounts_add_up_in_any_order(self, kept: Kept, order: tuple[str, str]) -> None:
        """A volume that takes another one's messages over has that one's account counted anew."""
        for volume in order:
            kept.hold(f"{volume}.txt", entry(1) + entry(2), volume=volume)
            kept.ingest()
        accounts = kept.store.ledger("clockwork")

        assert sum(a.parsed - a.merged for a in accounts) == kept.store.count() == 2
        assert [(a.volume, a.merged) for a in accounts] == [("2010-February", 0), ("2010-March", 2)]


def test_an_address_makes_no_other_text_when_it_is_obscured() -> None:
    """A text has `bob at example.org` where its page has the address itself: the same mail, seen twice."""
    seen, told = (
        "On Monday bob.x at example.org wrote:\nann@lamp:~$ trunk at\nHEAD",
        "On Monday bob.x@example.org wrote:\nann at lamp:~$ trunk@HEAD",
    )

    assert _marks_of(seen) == _marks_of(told)
    assert _marks_of("look at this.") != _marks_of("look atthis.")
