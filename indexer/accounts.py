"""Whether a list is whole here: the ledger of its volumes in a sentence; nothing is read or written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.store import Ledger
from indexer.amounts import count


@dataclass(frozen=True, slots=True)
class Account:
    """Whether all that the old archive claims is here, in a sentence."""

    whole: bool
    sentence: str


def account(ledger: Sequence[Ledger]) -> Account:
    """Say in one sentence whether everything is here that the old archive claims."""
    lost = sum(volume.lost for volume in ledger)
    parsed = sum(volume.parsed for volume in ledger)
    merged = sum(volume.merged for volume in ledger)
    if not ledger:
        return Account(whole=False, sentence="No volume of this list has been read yet.")
    copies = f"; {count(merged, 'of them is a copy', 'of them are copies')} of another" if merged else ""
    held = f"{count(parsed, 'message')} in {count(len(ledger), 'volume')} were read{copies}"
    if lost:
        behind = f"The text of {count(lost, 'message')} that the old archive names could not be had"
        return Account(whole=False, sentence=f"{held}. {behind}.")
    unclaimed = [volume for volume in ledger if volume.indexed is None and volume.entries is None]
    if unclaimed:
        unknown = f"for {count(len(unclaimed), 'volume')} it does not say how many there were"
        return Account(whole=False, sentence=f"{held}: all that the old archive names, but {unknown}.")
    return Account(whole=True, sentence=f"{held}: every message that the old archive names.")
