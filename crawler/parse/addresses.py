"""Senders as pipermail writes them, and the archive's own obfuscation undone.

Mailman 2.1 writes `user at host` with its list language's word for "at" (ARCHIVER_OBSCURES_EMAILADDRS);
1.x and 2.0 wrote `user@host`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import islice

from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.wordings import WORDINGS

# What Mailman writes where a mail has no From address at all (HyperArch as_text).
NO_ADDRESS = "bogus@does.not.exist.com"
# A host as it stands in addresses; one label will do (root@localhost), one of marks alone will not.
HOST = re.compile(r"(?:[^\s@<>()\[\],;:\"']+|\[[\w.:]+\])\Z")
HOST_LETTER = re.compile(r"\w")
PLAIN_AT = " at "  # the English word, left as it stands in bodies: every reader knows it
# Words with blanks on both sides are tried first: ` at` alone (Estonian) stands inside `ada at atlas.org` too.
# A bare letter would match anywhere.
AT_WORDS = sorted(
    {word for word in WORDINGS["at"] if len(word) > 1 or not word.isascii()},
    key=lambda word: (-(word[0] == " ") - (word[-1] == " "), -len(word), word),
)
# Inside a longer text only the plain word with blanks counts, before something that has a dot as hosts have.
OBFUSCATED_INSIDE = re.compile(r"(?<![-+.\w])([-+.\w]+) at ([-\w]+(?:\.[-\w]+)+)")
# The address behind a name, as 1.x wrote senders: `From: NAME ADDRESS` or `From: NAME <ADDRESS>`.
OLD_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
LONGEST_LABEL = 63  # letters of a host's part between two dots (RFC 1035 section 2.3.4)


def clear_address(shown: str) -> str | None:
    """Give the address behind what an archive shows; None for none or for Mailman's stand-in.

    >>> clear_address("ada at example.org"), clear_address("bogus at does.not.exist.com")
    ('ada@example.org', None)
    """
    address = undo(shown.strip())
    return None if not address or address.lower() == NO_ADDRESS else address


def undo(shown: str) -> str:
    """Undo the obfuscation of a text that is an address and nothing else; another text stays as it is.

    >>> undo("ada w example.org"), undo("ada at ...")
    ('ada@example.org', 'ada at ...')
    """
    if "@" in shown:
        return shown
    parted = (shown.rpartition(word) for word in AT_WORDS)
    return next((f"{a}@{host}" for a, word, host in parted if word and a and _is_host(host)), shown)


def _is_host(text: str) -> bool:
    return bool(HOST.match(text) and HOST_LETTER.search(text))


def clear_name(name: str | None) -> str | None:
    """Undo the obfuscation in a sender's name, which often is an address.

    >>> clear_name("ada at example.org"), clear_name("Look at me")
    ('ada@example.org', 'Look at me')
    """
    if not name:
        return None
    return OBFUSCATED_INSIDE.sub(r"\1@\2", name)


@lru_cache(maxsize=8192)
def read_sender(value: str) -> tuple[str | None, str | None]:
    """Read a volume text's From header as (name, address), both decoded and clear.

    >>> read_sender("ada at example.org (=?utf-8?q?Ad=C3=A1?=)")
    ('Adá', 'ada@example.org')
    """
    name, address = _parted(value.strip())
    named = unfold(decode_words(unfold(name))) if name is not None else None
    return clear_name(named), clear_address(unfold(address))


def _parted(value: str) -> tuple[str | None, str]:
    """Part a sender into (name, address): `ADDRESS (NAME)` as 2.x writes it, never quoted; else as 1.x did."""
    if value.endswith(")") and "(" in value:
        address, _, name = value[:-1].partition("(")
        return name, address
    bare = value.removesuffix(">")
    last = "".join(bare.replace("<", " ").split()[-1:])
    if OLD_ADDRESS.fullmatch(last):
        return bare.removesuffix(last).rstrip("< \t\n"), last
    address, bracket, name = value.partition("(")  # a name that was cut
    return name if bracket else None, address


def word_for_at(senders: Iterable[str]) -> str | None:
    """Learn from a volume's From headers which word its list writes for `@`; None where it writes none.

    >>> word_for_at(["ada w example.org (Ada)", "eve w example.net (Eve)"])
    ' w '
    """
    votes: Counter[str] = Counter()
    for sender in senders:
        address = sender.partition(" (")[0]
        if "@" not in address:
            words = (w for w in AT_WORDS if w in address and _is_host(address.rpartition(w)[2]))
            votes.update(islice(words, 1))
    return votes.most_common(1)[0][0] if votes else None


@cache
def shown_addresses(word: str) -> re.Pattern[str]:
    """Give the pattern of what Mailman's obfuscation leaves of a body's addresses (its own pattern, 2.1.6+)."""
    return re.compile(rf"(?<=[-+,.\w]){re.escape(word)}[-+\w]{{1,{LONGEST_LABEL}}}\.[-+.\w]")


def hides_addresses(body: str, word: str | None) -> bool:
    """Say whether a body holds addresses in a spelling that only its page tells from words; ` at ` every reader knows.

    >>> hides_addresses("Ask ada na example.org", " na "), hides_addresses("Ask ada at example.org", " at ")
    (True, False)
    """
    return word not in (None, PLAIN_AT) and bool(shown_addresses(word or "").search(body))
