"""Stock Whoosh, any version, with its own field types, analyzers and writer.

    python plain_whoosh.py build LINES FOLDER      # subject, sender and body, as its documentation has it
    python plain_whoosh.py fields LINES FOLDER     # a field for all that our language asks for
    python plain_whoosh.py search FOLDER QUERY     # in the first of them

LINES: an object a line (`bench.maildir`). Imports nothing of Hamelin, so that it runs beside an old Whoosh.
"""

import json
import sys

from whoosh import fields, index
from whoosh.analysis import StemmingAnalyzer
from whoosh.qparser import MultifieldParser


def build(lines: str, folder: str) -> None:
    """Index subject, sender and body."""
    text = fields.TEXT(analyzer=StemmingAnalyzer())
    schema = fields.Schema(id=fields.ID(stored=True), subject=text, sender=text, body=text, date=fields.STORED)
    writer = index.create_in(folder, schema).writer(limitmb=256)
    for one in _read(lines):
        body = one["said"] + "\n" + one["quoted"]
        writer.add_document(id=one["id"], subject=one["subject"], sender=one["from"], body=body, date=one["date"])
    writer.commit()


def build_fields(lines: str, folder: str) -> None:
    """Index everything that can be asked for, and keep what a list of results shows."""
    text, name = fields.TEXT(analyzer=StemmingAnalyzer()), fields.KEYWORD()
    schema = fields.Schema(
        id=fields.ID(stored=True), list=fields.ID(stored=True), thread=fields.ID(stored=True, sortable=True),
        date=fields.NUMERIC(int, 64, stored=True, sortable=True), subject=text, sender=text, said=text, quoted=text,
        file=text, has=name, type=name, address=name, shown=fields.STORED, text=fields.STORED,
    )  # fmt: skip
    writer = index.create_in(folder, schema).writer(limitmb=256)
    for one in _read(lines):
        writer.add_document(
            id=one["id"], list=one["list"], thread=one["thread"], date=one["date"], subject=one["subject"],
            sender=one["from"], said=one["said"], quoted=one["quoted"], file=one["file"], has=one["has"],
            type=one["type"], address=one["address"], shown=(one["subject"], one["from"]), text=one["text"],
        )  # fmt: skip
    writer.commit()


def _read(lines: str):  # type: ignore[no-untyped-def]  # any Python that an old Whoosh wants
    with open(lines, encoding="utf-8") as file:
        yield from map(json.loads, file)


def search(folder: str, text: str) -> None:
    """Find, count and name twenty."""
    with index.open_dir(folder).searcher() as searcher:
        query = MultifieldParser(["subject", "sender", "body"], searcher.schema).parse(text)
        results = searcher.search(query, limit=20)
        print(len(results), [hit["id"] for hit in results])


if __name__ == "__main__":
    {"build": build, "fields": build_fields, "search": search}[sys.argv[1]](*sys.argv[2:])
