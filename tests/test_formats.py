"""docs/formats.md says what the code gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.message import Attachment, Message
from crawler.parse.defects import DEFECTS, NOTES, REASONS

DOCUMENT = Path(__file__).parent.parent.joinpath("docs", "formats.md").read_text("utf-8")


@pytest.mark.parametrize("name", [*DEFECTS, *NOTES])
def test_a_defect_or_note_has_its_row(name: str) -> None:
    """Each name stands in a table with the sentence that the code has for it."""
    sentence = DEFECTS[name] if name in DEFECTS else NOTES[name]  # type: ignore[index]

    assert f"| `{name}` | {sentence} |" in DOCUMENT


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_for_a_page_has_its_row(reason: str) -> None:
    """In the order of their strength."""
    rows = DOCUMENT.partition("## Why a page is fetched")[2]

    assert f"| `{reason}` | {REASONS[reason]} |" in rows  # type: ignore[index]  # a name of the closed list


def test_the_document_names_no_other_defect() -> None:
    """A row of a defect that there is no more would mislead."""
    rows = DOCUMENT.partition("## Defects")[2].partition("## The ledger")[0].splitlines()

    assert {row.split("`")[1] for row in rows if row.startswith("| `")} == set(DEFECTS)


@pytest.mark.parametrize("field", [*Message.__dataclass_fields__, *Attachment.__dataclass_fields__])
def test_a_field_of_the_record_is_explained(field: str) -> None:
    """Each field of a message and of an attachment is named."""
    assert f"`{field}`" in DOCUMENT
