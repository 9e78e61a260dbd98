"""The text of PDF and RTF files, by the libraries of the extra `hamelin-archive[files]`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from indexer.files.damage import Damaged, Locked

MOST_PAGES: Final = 2000


def pdf_text(data: bytes) -> Iterator[str]:
    """Give the text of a PDF page by page, as far as it has any; Damaged or Locked when it cannot be read."""
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity of a stranger's file
    try:
        reader = pypdf.PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Locked
        for page in reader.pages[:MOST_PAGES]:
            yield f"{page.extract_text()}\n"
    except (PyPdfError, *_BROKEN) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error


def rtf_text(data: bytes) -> Iterator[str]:
    """Give the text of an RTF file."""
    from striprtf.striprtf import rtf_to_text

    try:
        yield rtf_to_text(data.decode("latin-1"), errors="ignore")  # type: ignore[no-untyped-call]  # it has no types
    except _BROKEN as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error


# What libraries raise, beside their own errors, for files that lie about themselves.
_BROKEN: Final = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, AssertionError, LookupError, OSError,
    NotImplementedError, RecursionError, StopIteration, EOFError,
)  # fmt: skip
