"""tantivy and Xapian, as they come: subject, sender and body as fields, English stemming, words joined by AND.

    python text_engines.py build tantivy LINES FOLDER      # LINES: an object a line (`bench.maildir`)
    python text_engines.py search xapian FOLDER QUERY

Run in an environment of their own (`bench.environments`). Imports nothing of Hamelin.
"""

from __future__ import annotations

import json
import os
import sys

FIELDS = ("subject", "sender", "body")
PREFIXES = {"subject": "S", "sender": "A", "body": "XB"}  # Xapian's own, and one for users
HEAP = 200_000_000  # bytes of tantivy's writer
SHOWN = 20


def rows_of(lines):
    """Give id and fields of each line."""
    with open(lines, encoding="utf-8") as file:
        for one in map(json.loads, file):
            body = one["said"] + "\n" + one["quoted"]
            yield {"id": one["id"], "subject": one["subject"], "sender": one["from"], "body": body}


def build_tantivy(rows, folder=None, threads=1):
    """Index rows; without a folder in memory."""
    import tantivy  # in the peers' environment alone

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name="en_stem")
    index = tantivy.Index(builder.build(), folder)
    writer = index.writer(HEAP, threads)
    for row in rows:
        writer.add_document(tantivy.Document(**row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def open_tantivy(folder):
    """Open an index."""
    import tantivy

    return tantivy.Index.open(folder)


def ask_tantivy(index, query, depth, conjunction=True):
    """Give how many are found, and the ids of the best."""
    read, searcher = index.parse_query(query, list(FIELDS), conjunction_by_default=conjunction), index.searcher()
    found = searcher.search(read, depth)
    return found.count, [searcher.doc(place)["id"][0] for _, place in found.hits]


def build_xapian(rows, folder):
    """Index rows, the text of all fields without prefix, too, as Xapian's own guide has it."""
    import xapian  # in the peers' environment alone

    database = xapian.WritableDatabase(folder, xapian.DB_CREATE_OR_OVERWRITE)
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
    return database


def open_xapian(folder):
    """Open a database."""
    import xapian

    return xapian.Database(folder)


def ask_xapian(database, query, depth, conjunction=True):
    """Give how many are found, as it estimates, and the ids of the best."""
    import xapian

    parser, enquire = xapian.QueryParser(), xapian.Enquire(database)
    parser.set_stemmer(xapian.Stem("en"))
    parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
    parser.set_default_op(xapian.Query.OP_AND if conjunction else xapian.Query.OP_OR)
    enquire.set_query(parser.parse_query(query))
    found = enquire.get_mset(0, depth)
    return found.get_matches_estimated(), [match.document.get_data().decode() for match in found]


def main():
    """Build, or find and name twenty."""
    what, engine, place, last = sys.argv[1:]
    if what == "build":
        os.makedirs(last, exist_ok=True)
        if engine == "tantivy":
            build_tantivy(rows_of(place), last, os.cpu_count())
        else:
            build_xapian(rows_of(place), last)
    elif engine == "tantivy":
        print(*ask_tantivy(open_tantivy(place), last, SHOWN))
    else:
        print(*ask_xapian(open_xapian(place), last, SHOWN))


if __name__ == "__main__":
    main()
