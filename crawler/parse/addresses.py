"""Senders as pipermail writes them, and the archive's own obfuscation undone.

Mailman 2.1 writes `user at host` with its list language's word for "at" (ARCHIVER_OBSCURES_EMAILADDRS);
1.x and 2.0 wrote `user@host`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

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
# Spellings that sites and senders of their own gave to `@` and `.`, read where an address has to stand:
# ann [at] example [dot] org, ann AT example DOT org, ann_at_example.org.
OWN_AT = re.compile(r"\s*[\[({]\s*at\s*[\])}]\s*|\s+at\s+|(?<=\w)_at_(?=\w)", re.IGNORECASE)
OWN_DOT = re.compile(r"\s*[\[({]\s*dot\s*[\])}]\s*|\s+dot\s+", re.IGNORECASE)
BRACKETED_AT = re.compile(r"\A([^\s()<>@\[\]{}]+)\s*[\[({]\s*at\s*[\])}]\s*(?=[^\s()]+)", re.IGNORECASE)
# The address behind a name, as 1.x wrote senders: `From: NAME ADDRESS` or `From: NAME <ADDRESS>`.
OLD_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
LONGEST_LABEL = 63  # letters of a host's part between two dots (RFC 1035 section 2.3.4)


def clear_address(shown: str) -> str | None:
    """Give the address behind what an archive shows; None for none or for Mailman's stand-in.

    >>> clear_address("ada at example.org"), clear_address("bogus at does.not.exist.com")
    ('ada@example.org', None)
    """
    address = undo(shown.strip().removeprefix("<").removesuffix(">"))
    return None if not address or address.lower() == NO_ADDRESS else address


def undo(shown: str) -> str:
    """Undo the obfuscation of a text that is an address and nothing else; another text stays as it is.

    >>> undo("ada w example.org"), undo("ada at ..."), undo("ada [at] example dot org")
    ('ada@example.org', 'ada at ...', 'ada@example.org')
    """
    if "@" in shown:
        plain = OWN_DOT.sub(".", shown) if " " in shown else shown
        return shown if " " in plain else plain
    word = at_word(shown)
    if word:
        user, _, host = shown.rpartition(word)
        return f"{user}@{host}"
    user, mark, host = _parted_by(OWN_AT, OWN_DOT.sub(".", shown))
    return f"{user}@{host}" if mark and user and " " not in user and "." in host and _is_host(host) else shown


def at_word(shown: str) -> str | None:
    """Give the language's word that stands for the `@` of an address."""
    parted = ((word, *shown.rpartition(word)) for word in AT_WORDS if word in shown)
    return next((word for word, user, _, host in parted if user and _is_host(host)), None)


def _parted_by(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    match = pattern.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _is_host(text: str) -> bool:
    return bool(HOST.match(text) and HOST_LETTER.search(text))


def clear_name(name: str | None, word: str = PLAIN_AT) -> str | None:
    """Undo the obfuscation in a sender's name, which often is an address; `word` or the English one stands for `@`.

    >>> clear_name("ada at example.org"), clear_name("Look at me"), clear_name("ada na example.org", " na ")
    ('ada@example.org', 'Look at me', 'ada@example.org')
    """
    if not name:
        return None
    for known in dict.fromkeys((word, PLAIN_AT)):
        name = _obfuscated_inside(known).sub(r"\1@\2", name) if known in name else name
    return name


@cache
def _obfuscated_inside(word: str) -> re.Pattern[str]:
    """Inside a longer text the word counts before something that has a dot as hosts have."""
    return re.compile(rf"(?<![-+.\w])([-+.\w]+){re.escape(word)}([-\w]+(?:\.[-\w]+)+)")


def read_shown(name: str | None, address: str) -> tuple[str | None, str | None]:
    """Read a sender as an archive shows name and address: both clear. A name can be the address, in any spelling.

    >>> read_shown("root na localhost", "root na localhost")
    ('root@localhost', 'root@localhost')
    """
    clear = clear_address(address)
    if name and name == address and clear:
        return clear, clear
    return clear_name(name, ("@" not in address and at_word(address)) or PLAIN_AT), clear


@lru_cache(maxsize=8192)
def read_sender(value: str) -> tuple[str | None, str | None]:
    """Read a volume text's From header as (name, address), both decoded and clear.

    >>> read_sender("ada at example.org (=?utf-8?q?Ad=C3=A1?=)")
    ('Adá', 'ada@example.org')
    """
    name, address = _parted(BRACKETED_AT.sub(r"\1@", value.strip()))
    named = unfold(decode_words(unfold(name))) if name is not None else None
    return read_shown(named, unfold(address))


def _parted(value: str) -> tuple[str | None, str]:
    """Part a sender into (name, address): `ADDRESS (NAME)` as 2.x writes it, never quoted; else as 1.x did."""
    if value.endswith(")") and "(" in value:
        address, _, name = value[:-1].partition("(")
        return name, address
    bare = value.removesuffix(">")
    last = "".join(bare.replace("<", " ").split()[-1:])
    if OLD_ADDRESS.fullmatch(last):
        return unquoted(bare.removesuffix(last).rstrip("< \t\n")), last
    address, bracket, name = value.partition("(")  # a name that was cut
    return name if bracket else None, address


def unquoted(name: str) -> str:
    """Take a name out of its quotation marks (RFC 5322 section 3.2.4), as 1.x left it in them.

    >>> unquoted('"Byron, Ada"'), unquoted('Ada "Countess" Byron')
    ('Byron, Ada', 'Ada "Countess" Byron')
    """
    match = QUOTED.fullmatch(name)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else name


def word_for_at(senders: Iterable[str]) -> str | None:
    """Learn from a volume's From headers which word its list writes for `@`; None where it writes none.

    >>> word_for_at(["ada w example.org (Ada)", "eve w example.net (Eve)"])
    ' w '
    """
    votes: Counter[str] = Counter()
    for sender in senders:
        address = sender.partition(" (")[0]
        if "@" not in address:
            word = at_word(address)
            votes.update([word] if word else [])
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
