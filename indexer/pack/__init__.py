"""The search pack: what an index holds, as many small static files of which a browser reads a few.

    coding      numbers, lists and files as bytes and as text; pure
    terms       the terms of an index in shards, with postings and places; pure
    documents   what is shown of messages, in blocks; names, dates and keys; pure
    source      reading an index, segment of the pack by segment
    write       the files, of which only those that changed are written
    read        a pack read back, for tests and for the scan for addresses

docs/pack.md writes the format down; site_templates/static/search-pack.js reads it.
"""
