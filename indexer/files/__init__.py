"""The text of files that came with mail, read for search.

`gather` reads what was not read yet; `process` does it in processes that may die; `readers` are what such a
process does with one file, `office`, `pdf` and `html_text` with some formats; `texts` keeps what was read.
"""
