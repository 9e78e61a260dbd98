"""Messages as one table in a Parquet file. pyarrow, which writes it, is an extra and loaded only here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Any

from crawler.errors import UsageError
from crawler.message import Attachment, Message

ROWS = 5000  # of a group, which is what is held in memory
NUMBERS = {"number", "size", "at"}
LISTS = {"pages", "references", "defects"}


def write_parquet(messages: Iterable[Message], file: IO[bytes]) -> None:
    """Write messages as rows, in groups; UsageError where pyarrow is not installed.

    The columns are the fields of the record: lists nested, attachments as structs, `date` as a moment of UTC.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        hint = "Install it with: pip install 'hamelin-archive[parquet]'."
        raise UsageError("Tables are written by pyarrow, which is not installed.", hint=hint) from error
    schema = pyarrow.schema([(name, _type(pyarrow, name)) for name in Message.__dataclass_fields__])
    rows = map(_row, messages)
    with pyarrow.parquet.ParquetWriter(pyarrow.PythonFile(file, "w"), schema, compression="zstd") as writer:
        for group in _groups(rows):
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))


def _type(pyarrow: Any, name: str) -> Any:
    if name == "date":
        return pyarrow.timestamp("s", tz="UTC")
    if name in NUMBERS:
        return pyarrow.int64()
    if name in LISTS:
        return pyarrow.list_(pyarrow.string())
    if name == "attachments":
        fields = [(field, _type(pyarrow, field)) for field in Attachment.__dataclass_fields__]
        return pyarrow.list_(pyarrow.struct(fields))
    return pyarrow.string()


def _row(message: Message) -> dict[str, Any]:
    row = message.as_record()
    return {**row, "date": datetime.fromisoformat(row["date"]) if row["date"] else None}


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(rows, ROWS)):
        yield group
