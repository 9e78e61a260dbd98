"""The query language: text to tree (`parse`), tree to a sentence (`words`), tree to Whoosh (`to_whoosh`).

The language is described in docs/query-language.md and is the same in site_templates/static/search-core.js;
tests/data/queries.json binds both.
"""
