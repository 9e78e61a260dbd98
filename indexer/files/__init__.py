"""The text of files that came with mail, read for search.

`gather` reads what was not read yet; `process` does it in processes that may die; `reading` says what a file is and
what came of it; `readers` are what such a process does with it, `office`, `pdf` and `html_text` for some formats;
`texts` keeps what was read, `account` sums it up.
"""
