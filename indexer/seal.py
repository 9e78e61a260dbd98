"""JSON files that end with a checksum of themselves, so that one that was damaged is known. Text in, text out.

It finds what disks and cut copies do, and is no protection against anybody.
"""

from __future__ import annotations

import zlib
from typing import Final

SEAL: Final = ',\n "crc32": '  # of all that stands before it


def sealed(text: str) -> str:
    r"""Add its checksum to the text of a JSON object that is not empty.

    >>> sealed('{"leaks": 3}')
    '{"leaks": 3,\n "crc32": 660802377\n}\n'
    >>> is_whole(sealed('{"leaks": 3}')), is_whole(sealed('{"leaks": 3}').replace("3", "2", 1)), is_whole("{}")
    (True, False, False)
    """
    said = text.rstrip().removesuffix("}").rstrip()
    return f"{said}{SEAL}{_checksum(said)}\n}}\n"


def is_whole(text: str) -> bool:
    """Say whether a text is as it was sealed."""
    said, seal, checksum = text.rpartition(SEAL)
    return bool(seal) and checksum == f"{_checksum(said)}\n}}\n"


def _checksum(said: str) -> int:
    return zlib.crc32(said.encode("utf-8", "surrogatepass"))
