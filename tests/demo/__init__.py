"""The demo: two mailing lists of invented people, written as letters, archived by our own writer of pipermail trees.

`letters` reads the letters, `archive` makes the two lists' tree of them, and `python -m tests.demo` serves it
and runs hamelin on it.
"""
