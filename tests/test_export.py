"""`hamelin export`: mails that any program reads, from which the same records come back; and a table."""

from __future__ import annotations

import email
import email.policy
import json
import mailbox
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from crawler.message import Attachment, Message
from crawler.parse.mail import part_data, read_mail
from crawler.parse.mbox import mails
from indexer.mbox import mail as written
from indexer.parquet import write_parquet
from tests.command import hamelin
from tests.pipermail import ListForm, Mail, Part, write
from tests.pipermail.cases import mail
from tests.pipermail.mbox import mbox

PNG = b"\x89PNG\r\n\x1a\n\x00 of the lamp"
URL = "https://lists.example.org/pipermail/keepers/"


def letters() -> list[Mail]:
    """Write mails that are hard to write: names, folds, `From ` lines, long lines, files of all kinds."""
    day = datetime(2010, 3, 1, 12, tzinfo=UTC)
    inner = mail(77, day, subject="Grüße", body="Inner.\n")
    parts = (
        Part("image/png", PNG, name="Lämpchen, rot.png", disposition="attachment", description="die Lampe"),
        Part("text/html", "<p>Dobrý <b>večer</b></p>\n"),
        Part("message/rfc822", inner, charset=None),
        Part("application/octet-stream", bytes(range(256)), name='od"d;name.bin', disposition="attachment"),
    )
    return [
        mail(1, day, from_name='Jiří "Jirka" Věžník', subject="Lampička " * 12, body="Dobrý večer.\n\n-- \nJiří\n"),
        mail(2, day, body="From here on.\n>From there.\nFrom ann@example.org Mon Mar  1 12:00:00 2010\nTo: x\n"),
        mail(3, day, body="x" * 5000 + "\nTrailing blank \nequals = sign =3D\n", in_reply_to="<1@mail.example.org>"),
        mail(4, day, references=tuple(f"<{n}@long.example.org>" for n in range(20)), body="Dots\n.\n..\n"),
        mail(5, day, parts=parts),
        mail(6, day, body="", parts=(Part("text/html", "<p>Only HTML.</p>\n"),)),
        mail(7, day, from_name="", subject="", body="--=_1\nContent-Type: text/html\n\n--=_1--\n"),
    ]


def run(folder: Path, *arguments: str | Path) -> str:
    """Run a command that ends well."""
    done = hamelin("--archive", str(folder), *map(str, arguments))
    assert (done.code, done.err) == (0, "")
    return done.out


def records(folder: Path) -> list[dict[str, object]]:
    """Give an archive's records."""
    return [json.loads(line) for line in run(folder, "export").splitlines()]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of the letters."""
    (tmp_path / "keepers.mbox").write_bytes(mbox(letters()))
    run(tmp_path / "a", "import", tmp_path / "keepers.mbox", "--url", URL)
    return tmp_path / "a"


class TestMbox:
    """Messages as mails."""

    def test_the_same_records_come_back(self, tmp_path: Path, archive: Path) -> None:
        """What is exported and imported again is the same archive, field by field."""
        (tmp_path / "again").mkdir()
        box = tmp_path / "again" / "keepers.mbox"
        run(archive, "export", "--format", "mbox", "--output", box)
        run(tmp_path / "b", "import", box)

        assert len(records(archive)) == 7
        assert records(tmp_path / "b") == records(archive)

    def test_other_programs_read_it(self, tmp_path: Path, archive: Path) -> None:
        """Python's own mailbox and email find the mails, their text and their files."""
        box = tmp_path / "out.mbox"
        run(archive, "export", "--format", "mbox", "-o", box)

        with closing(mailbox.mbox(box)) as found:
            read = [email.message_from_bytes(one.as_bytes(), policy=email.policy.default) for one in found]

        assert [one["Message-ID"] for one in read] == [one.message_id for one in letters()]
        assert read[1].get_content() == letters()[1].body
        assert read[0]["From"].addresses[0].display_name == 'Jiří "Jirka" Věžník'
        parts = [(part.get_content_type(), part.get_filename()) for part in read[4].iter_parts()]
        assert parts == [
            ("text/plain", None), ("image/png", "Lämpchen, rot.png"), ("text/html", None),
            ("message/rfc822", None), ("application/octet-stream", 'od"d;name.bin'),
        ]  # fmt: skip
        assert list(read[4].iter_parts())[1].get_content() == PNG

    def test_scrubbed_files_are_put_back_as_they_were_sent(self, tmp_path: Path) -> None:
        """HTML and embedded mails come out of the dress in which Mailman kept them."""
        write(tmp_path / "www", ListForm("keepers"), letters())
        run_quietly = hamelin("--archive", str(tmp_path / "a"), "-q", "import", str(tmp_path / "www"))
        assert run_quietly.code == 0
        box = tmp_path / "out.mbox"
        run(tmp_path / "a", "export", "--format", "mbox", "-o", box)

        raws = {
            one.entry.headers["message-id"]: (raw, one) for raw in mails([box.read_bytes()]) if (one := read_mail(raw))
        }
        raw, found = raws["<6@mail.example.org>"]
        files = [part.type for part in raws["<5@mail.example.org>"][1].parts]

        assert files == ["image/png", "text/html", "message/rfc822", "application/octet-stream"]
        assert part_data(raw, found.parts[0].place) == b"<p>Only HTML.</p>\n"

    def test_files_that_are_not_held_are_told(self) -> None:
        """A file that is elsewhere is named with its address; one that was never kept by its type."""
        gone = Attachment("other", "lamp.png", "image/png", 9, None, URL + "attachments/x/lamp.png", None, "missing", 2)
        skipped = Attachment("other", None, "text/calendar", None, None, None, None, "skipped", 2)
        (whole,) = [written(message(body="Hi.", attachments=(gone, skipped)), [None, None])]

        found = email.message_from_bytes(whole.partition(b"\n")[2])
        outer = [(part.get_content_type(), part.get_param("url")) for part in found.walk()][2:]

        assert ("message/external-body", gone.url) in outer
        assert b'filename="lamp.png"' in whole

    @pytest.mark.parametrize("value", ["a\nBcc: all@example.org", "a\r\n\r\nbody", "a\x00b"])
    def test_no_field_makes_a_header(self, value: str) -> None:
        """What stands in a name or a subject begins no header and no body."""
        whole = written(message(subject=value, from_name=value, message_id=f"<{value}>"), [])
        found = email.message_from_bytes(whole.partition(b"\n")[2])

        assert "Bcc" not in found
        assert found.get_payload() == "Hi.\n\n"


def message(**fields: object) -> Message:
    """Make a message."""
    defaults: dict[str, object] = {
        "list": "keepers", "list_url": URL, "id": "a" * 26, "volume": "2010-March", "number": 1,
        "page": "2010-March/000001.html", "pages": (), "message_id": "<1@x.org>", "in_reply_to": None, "references": (),
        "from_name": "Ann", "from_address": "ann@example.org", "date": "2010-03-01T12:00:00Z", "date_raw": None,
        "subject": "Tea", "body": "Hi.", "attachments": (), "thread": "b" * 26, "defects": (),
    }  # fmt: skip
    return Message(**(defaults | fields))  # type: ignore[arg-type]


class TestParquet:
    """Messages as a table."""

    def test_without_pyarrow_a_sentence_says_what_to_install(self, archive: Path, tmp_path: Path) -> None:
        """The extra is named, nothing is written, and the code is 2."""
        file = tmp_path / "out.parquet"
        done = hamelin("--archive", str(archive), "export", "--format", "parquet", "-o", str(file))

        assert done.code == 2
        assert "pip install 'hamelin-archive[parquet]'" in done.err
        assert not file.exists()

    def test_rows_are_handed_over_in_groups(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Every message is a row with all fields; no more than a group of them is held at once."""
        groups: list[int] = []
        columns: list[str] = []

        class Writer:
            def __init__(self, file: object, schema: object, **how: object) -> None:
                columns.extend(name for name, _ in schema)  # type: ignore[attr-defined]

            def __enter__(self) -> Writer:
                return self

            def __exit__(self, *_: object) -> None:
                pass

            def write_table(self, rows: list[dict[str, object]]) -> None:
                assert all(set(row) == set(Message.__dataclass_fields__) for row in rows)
                groups.append(len(rows))

        fake, parquet = ModuleType("pyarrow"), ModuleType("pyarrow.parquet")
        table = type("Table", (), {"from_pylist": staticmethod(lambda rows, schema: rows)})
        made = {
            "schema": list, "string": str, "int64": int, "list_": lambda of: [of], "struct": tuple, "Table": table,
            "timestamp": lambda unit, tz: unit, "PythonFile": lambda file, mode: file, "parquet": parquet,
        }  # fmt: skip
        vars(fake).update(made)
        vars(parquet)["ParquetWriter"] = Writer
        monkeypatch.setitem(sys.modules, "pyarrow", fake)
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)

        with (tmp_path / "out").open("wb") as file:
            write_parquet((message(number=n) for n in range(5001)), file)

        assert (groups, columns) == ([5000, 1], list(Message.__dataclass_fields__))
