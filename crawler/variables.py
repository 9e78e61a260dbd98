"""Names of the environment's variables that Hamelin heeds. `crawler.config` and the command line read them."""

from __future__ import annotations

from typing import Final

ARCHIVE_VARIABLE: Final = "HAMELIN_ARCHIVE"
CLOCK_VARIABLE: Final = "SOURCE_DATE_EPOCH"  # https://reproducible-builds.org/specs/source-date-epoch/
