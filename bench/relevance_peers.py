"""tantivy and Xapian, as they come, over the same texts: run by `bench.relevance` in an environment of its own.

    python relevance_peers.py TEXTS.jsonl QUERIES.json DEPTH

Each has subject, sender and body as fields that words are looked for in, English stemming and its own BM25 with the
constants that it comes with; once with words joined by AND, once as it joins them by itself. Writes ids as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import tantivy  # type: ignore[import-not-found]  # in the peers' environment alone
import xapian  # type: ignore[import-not-found]  # the same

FIELDS = ("subject", "sender", "body")
PREFIXES = {"subject": "S", "sender": "A", "body": "XB"}  # Xapian's own, and one for users


def main():
    """Ask both."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    queries, depth = json.loads(Path(sys.argv[2]).read_text("utf-8")), int(sys.argv[3])
    json.dump({**ask_tantivy(rows, queries, depth), **ask_xapian(rows, queries, depth)}, sys.stdout)


def ask_tantivy(rows, queries, depth):
    """Index and ask with tantivy."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name="en_stem")
    index = tantivy.Index(builder.build())
    writer = index.writer(200_000_000, 1)
    for row in rows:
        writer.add_document(tantivy.Document(**row))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    found = {}
    for name, conjunction in (("tantivy", True), ("tantivy, or", False)):
        read = [index.parse_query(query, list(FIELDS), conjunction_by_default=conjunction) for query in queries]
        hits = [[searcher.doc(place)["id"][0] for _, place in searcher.search(one, depth).hits] for one in read]
        found[name] = dict(zip(queries, hits, strict=True))
    return found


def ask_xapian(rows, queries, depth):
    """Index and ask with Xapian, the text of all fields without prefix as its own guide has it."""
    scratch = tempfile.TemporaryDirectory()
    database = xapian.WritableDatabase(scratch.name, xapian.DB_CREATE_OR_OVERWRITE)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("en"))
    for row in rows:
        document = xapian.Document()
        document.set_data(row["id"])
        generator.set_document(document)
        for field in FIELDS:
            generator.index_text(row[field], 1, PREFIXES[field])
            generator.index_text(row[field])
            generator.increase_termpos()
        database.add_document(document)
    database.commit()
    parser = xapian.QueryParser()
    parser.set_stemmer(xapian.Stem("en"))
    parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
    found = {}
    for name, operator in (("Xapian", xapian.Query.OP_AND), ("Xapian, or", xapian.Query.OP_OR)):
        parser.set_default_op(operator)
        enquire = xapian.Enquire(database)
        ranks = {}
        for query in queries:
            enquire.set_query(parser.parse_query(query))
            ranks[query] = [match.document.get_data().decode() for match in enquire.get_mset(0, depth)]
        found[name] = ranks
    return found


if __name__ == "__main__":
    main()
