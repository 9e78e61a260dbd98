"""Asks an index by Whoosh alone, in a Python that has nothing else: no Hamelin, no environment.

    python -I -S -W ignore stock_whoosh.py WHOOSH INDEX < QUERIES

WHOOSH is a folder that holds Whoosh 2.7.4, QUERIES a JSON list. Prints, as JSON, Whoosh's version, how many terms the
index holds, what is stored of the last message, and for each query the numbers of messages with sums of impacts.
"""

from __future__ import annotations

import json
import sys


def main(whoosh: str, folder: str) -> None:
    """Ask, and print."""
    sys.path.insert(0, whoosh)
    from whoosh import index, versionstring
    from whoosh.qparser import QueryParser
    from whoosh.scoring import Frequency

    opened = index.open_dir(folder)
    parser = QueryParser("stems", opened.schema)
    with opened.searcher(weighting=Frequency()) as searcher:
        found = {}
        for query in json.load(sys.stdin):
            hits = searcher.search(parser.parse(query), limit=None)
            found[query] = {hit.docnum: hit.score for hit in hits}
        reader = searcher.reader()
        told = {
            "version": versionstring(),
            "terms": sum(1 for _ in reader.all_terms()),
            "last": reader.stored_fields(reader.doc_count_all() - 1),
            "found": found,
        }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
