"""Two mails that most tests of the writer start from, and ways to write and read a list of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from tests.pipermail import ListForm, Mail, write

EASTERN = timezone(timedelta(hours=-5), "EST")
PNG = b"\x89PNG\r\n\x1a\n and a little more"


def mail(number: int, day: datetime, **fields: object) -> Mail:
    """Make a mail with what every mail has."""
    defaults: dict[str, object] = {
        "message_id": f"<{number}@mail.example.org>", "date": day, "from_address": "ann@example.org",
        "from_name": "Ann Keeper", "subject": "[Keepers] The lamp", "body": "Good evening.\n",
    }  # fmt: skip
    return Mail(**(defaults | fields))  # type: ignore[arg-type]


def on(day: int, hour: int = 12, month: int = 3, year: int = 2010) -> datetime:
    """Give a time of UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


QUESTION = mail(1, on(1))
ANSWER = mail(
    2, on(2), from_address="bob@example.net", from_name="Bob", subject="Re: [Keepers] The lamp",
    body="> Good evening.\n\nIt is lit.", in_reply_to="<1@mail.example.org>",
)  # fmt: skip


def written(tmp_path: Path, *mails: Mail, **form: object) -> Path:
    """Write a list named keepers and give its folder."""
    write(tmp_path, ListForm("keepers", **form), mails)  # type: ignore[arg-type]
    return tmp_path / "keepers"


def read(path: Path, charset: str = "us-ascii") -> str:
    """Read a page or a text."""
    return path.read_bytes().decode(charset)
