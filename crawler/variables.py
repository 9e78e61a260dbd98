"""Names of the environment's variables that Hamelin heeds. `crawler.config` and the command line read them."""

from __future__ import annotations

from typing import Final

ARCHIVE_VARIABLE: Final = "HAMELIN_ARCHIVE"
# Of a private archive's member; with `_HOST` behind, as in HAMELIN_USER_LISTS_EXAMPLE_ORG, for one host alone.
USER_VARIABLE: Final = "HAMELIN_USER"
PASSWORD_VARIABLE: Final = "HAMELIN_PASSWORD"  # noqa: S105 - a name, no password
CLOCK_VARIABLE: Final = "SOURCE_DATE_EPOCH"  # https://reproducible-builds.org/specs/source-date-epoch/
