"""What may be published of an e-mail address: its first letter and its host. One module decides.

Addresses are found in every spelling of docs/addresses.md: with any kind of @ sign, with
Mailman's word for "at" in each of its languages, with a "dot" for the dot. A spelling with a
word is an address only if what follows reads like a host and what precedes can be somebody's
name: `look at example.com` stays. Where those rules would leave a spelling of somebody who
wrote to the list, `privacy_for` finds out beforehand and makes it an exception. Redacted text
comes back unchanged when it is redacted again. Nothing is looked up or read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from crawler.message import Attachment, Message
from indexer.host_endings import COUNTRIES, FILES, GENERIC, words_of
from indexer.spellings import (
    ANY_DOT,
    ANY_LOCAL,
    GAP_BEFORE,
    LOCAL_SIGNS,
    PLAIN_LOCAL,
    QUOTED_LOCAL,
    SIGNS,
    SPELLINGS,
    TAGS_BEFORE,
    WESTERN_LOCAL,
    WORDS,
    words_there,
)  # fmt: skip

HIDDEN: Final = "…"
LATELY: Final = 4096  # names, addresses and ids whose redaction is at hand: they come again and again
REACH: Final = 256  # characters looked back at; a local part has 64 by RFC 5321, bounce addresses have more

# In the left side of a Message-ID: an address with its sign written otherwise; what stands behind the last sign.
ENCODED: Final = re.compile(r"[=%]40|_at_|[＠﹫&\s]")
LAST_PART: Final = re.compile(r"[A-Za-z0-9]+\Z")
BOUNDARY: Final = re.compile(r"[^A-Za-z0-9]|\A")
DIGITS: Final = "0123456789"

# Words that stand before "at HOST" in prose and are hardly anybody's name, where "at" is a word too.
NOT_NAMES: Final = words_of(
    """
    a an the this that these those it its them him her and or but not only also just now here there out up down
    over on in to from of by as is are was were be been being am see sees seen look looks looked looking find
    finds found go goes going visit visits point points pointed pointing live lives living reside resides located
    hosted hosting hosts run runs ran running listen listens listening arrive arrives start starts started
    starting stop stops stopped work works working stay stays sit sits fail fails failed failing error crash
    crashes died begin begins available documented described archived posted published registered mirrored
    maintained online downloadable elsewhere with without for via about like using use used than my your our their
    other any every new each same ver verlo verla mira mirar esta estan disponible encontrar encuentra
    encuentras publicado alojado sitio vai vedi disponibile guarda andate veja site kijk zie staat vinden meer
    jest zobacz je najdete viz vezi mira veure que
    """
)


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the owner lets us publish: `addresses` as they are, or else none.

    `exceptions` are known addresses, lower-case, that the rules alone would leave in some spelling, `numbered` those
    whose names end like what a machine makes for a Message-ID.
    """

    addresses: bool = False
    exceptions: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()

    @property
    def told(self) -> frozenset[str]:
        """All addresses that redaction was told of: a new one changes what is published of mail that mentions it."""
        return self.exceptions | self.numbered


def privacy_for(
    senders: Iterable[str], *, publish_addresses: bool = False, stays: Callable[[str], bool] | None = None
) -> Privacy:
    """Make the privacy under which an archive with these senders is published.

    `stays` may answer for the function of that name, from memory.

    >>> sorted(privacy_for(["ada@example.org", "look@example.org", "root@localhost"]).exceptions)
    ['look@example.org', 'root@localhost']
    """
    if publish_addresses:
        return Privacy(addresses=True)
    known = [address.lower() for address in senders]
    return Privacy(
        exceptions=frozenset(filter(stays or some_spelling_stays, known)),
        numbered=frozenset(address for address in known if _ends_numbered(address.rpartition("@")[0])),
    )


def published(message: Message, privacy: Privacy) -> Message:
    """Give the message as it may be published; index, search pack and pages all hold this one.

    Sender, subject, body and the names and descriptions of attachments are redacted, and
    Message-IDs that may be an address; the places of notices in the body move along.
    """
    if privacy.addresses:
        return message
    known = privacy.exceptions
    body, attachments = _redact_body(message.body, message.attachments, known)
    return replace(
        message,
        message_id=message.message_id and redact_message_id(message.message_id, privacy.numbered),
        in_reply_to=message.in_reply_to and redact_message_id(message.in_reply_to, privacy.numbered),
        references=tuple(redact_message_id(reference, privacy.numbered) for reference in message.references),
        from_name=message.from_name and redact_name(message.from_name, known),
        from_address=message.from_address and redact_address(message.from_address),
        date_raw=message.date_raw and redact(message.date_raw, known),
        subject=redact(message.subject, known),
        body=body,
        attachments=attachments,
    )


def redact(text: str, known: frozenset[str] = frozenset()) -> str:
    """Show of each address in a text its first letter and its host.

    `known` are addresses, lower-case, that are one in every spelling, whatever they read like.

    >>> redact("Write to <indigo@example.org> or to indigo at example dot org; look at example.org.")
    'Write to <i…@example.org> or to i…@example.org; look at example.org.'
    """
    again = True
    if known and not _may_hold(text.lower(), known):
        known = frozenset()
    while again:
        text, again = _redact_once(text, known)
    return text


@lru_cache(maxsize=LATELY)
def redact_address(address: str) -> str:
    """Show the first letter and the host of an address; nothing but the letter of one without a host.

    >>> redact_address("indigo@example.org"), redact_address("root at localhost"), redact_address("indigo")
    ('i…@example.org', 'r…@localhost', 'i…')
    """
    local, sign, host = address.strip().rpartition("@")
    if not sign:
        local, *rest = address.split()
        host = rest[-1] if len(rest) > 1 else ""
    return f"{_shown(local)}@{host}" if host else _shown(local)


@lru_cache(maxsize=LATELY)
def redact_name(name: str, known: frozenset[str] = frozenset()) -> str:
    """Redact a person's name, which often is an address; more readily than text.

    >>> redact_name("Indigo Jones"), redact_name("look at example.org")
    ('Indigo Jones', 'l…@example.org')
    """
    words = name.strip(" <>\"'").split()
    if len(words) == 3 and words[1].lower() == "at" and "." in words[2] and "@" not in name:
        return f"{_shown(words[0])}@{words[2]}"
    return redact(name, known)


@lru_cache(maxsize=LATELY)
def redact_message_id(message_id: str, numbered: frozenset[str] = frozenset()) -> str:
    """Show a Message-ID whole where a machine made up its left side; like an address where it may be one.

    Made up is a left side of more than twelve characters with six digits or more whose last
    part, the one that could pass for a name, has a digit too; unless it ends with one of the
    `numbered` addresses, lower-case: mailers put their user's there, and such look like it.

    >>> redact_message_id("<20041005114703.GA1234@example.org>")
    '<20041005114703.GA1234@example.org>'
    >>> redact_message_id("<20041005114703.indigo@example.org>")
    '<2…@example.org>'
    """
    left, _, right = message_id.partition("@")
    if len(left) > 12 and "@" not in right and not ENCODED.search(left):
        made_up = sum(map(left.count, DIGITS)) >= 6 and _ends_numbered(left)
        if made_up and not any(f"{end}@{right.rstrip('>')}".lower() in numbered for end in _endings(left)):
            return message_id
    return redact(message_id)


def _ends_numbered(local: str) -> bool:
    last = LAST_PART.search(local)
    return last is not None and any(digit in last[0] for digit in DIGITS)


def _endings(left: str) -> Iterator[str]:
    """Give what follows each sign in the left side of a Message-ID."""
    return (left[sign.end() :] for sign in BOUNDARY.finditer(left))


# how addresses are found


def _redact_once(text: str, known: frozenset[str]) -> tuple[str, bool]:
    """Redact what does not overlap; say whether the result is to be looked at again.

    So it is where addresses overlapped, and where what was hidden can have ended the host of an exception.
    """
    pieces: list[str] = []
    end = 0
    overlapped = False
    for start, stop, shown in sorted(_addresses(text, known)):
        if start >= end:
            pieces += (text[end:start], shown)
            end = stop
        else:
            overlapped = True
    if not pieces:
        return text, False
    return "".join((*pieces, text[end:])), overlapped or bool(known)


def _addresses(text: str, known: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """Give (start, stop, what is shown) of each address; some may overlap."""
    for needle, pattern in SIGNS:
        if needle in text:
            for sign in pattern.finditer(text):
                end = _end_before_tags(text, sign.start())
                if local := _local_before(text, end):
                    yield end - len(local), sign.end(), f"{_shown(local)}@"
    for word in WORDS if known else words_there(text):
        if word.needle in text:
            for found in word.strict.finditer(text):
                yield from _at_word(text, found, found.start() - word.before, known)
            if known:
                for found in word.loose.finditer(text):
                    yield from _exception(text, found, found.start() - word.before, known)


def _may_hold(lower: str, known: frozenset[str]) -> bool:
    """Say whether a text may hold one of these addresses at all: the first label of its host stands in it."""
    return any(map(lower.__contains__, _first_labels(known)))


@lru_cache(maxsize=LATELY)
def _first_labels(known: frozenset[str]) -> frozenset[str]:
    return frozenset(address.rpartition("@")[2].partition(".")[0] for address in known)


def _at_word(text: str, word: re.Match[str], start: int, known: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    host = ANY_DOT.sub(".", word["host"])
    end = _end_of_local(text, start)
    match = PLAIN_LOCAL.match(_backwards(text, end)) if _is_host(host) else None
    if match and not _goes_on(text, end - len(match[0])):
        local = match[0][::-1]
        if _is_name(local) or f"{local}@{host}".lower() in known:
            yield end - len(local), word.end(), f"{_shown(local)}@{host}"


def _exception(text: str, word: re.Match[str], start: int, known: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    host = ANY_DOT.sub(".", word["host"])
    end = _end_of_local(text, start)
    match = ANY_LOCAL.match(_backwards(text, end))
    local = match[0][::-1].lstrip(LOCAL_SIGNS) if match else ""
    if f"{local}@{host}".lower() in known and not _goes_on(text, end - len(local)):
        yield end - len(local), word.end(), f"{_shown(local)}@{host}"


def _local_before(text: str, end: int) -> str:
    """Give the local part that ends at a sign, "" for none."""
    backwards = _backwards(text, end)
    match = QUOTED_LOCAL.match(backwards) or WESTERN_LOCAL.match(backwards) or ANY_LOCAL.match(backwards)
    local = match[0][::-1] if match else ""
    return local.lstrip(LOCAL_SIGNS) or local


def _end_before_tags(text: str, end: int) -> int:
    """Step back over tags that stand before a sign."""
    tags = TAGS_BEFORE.match(_backwards(text, end)) if text[end - 1 : end] == ">" else None
    return end - len(tags[0]) if tags else end


def _end_of_local(text: str, end: int) -> int:
    """Step back over the gap before a word for "at"."""
    gap = GAP_BEFORE.search(text, max(0, end - 40), end)
    return gap.start() if gap else end


def _backwards(text: str, end: int) -> str:
    return text[max(0, end - REACH) : end][::-1]


def _goes_on(text: str, start: int) -> bool:
    """Say whether what starts here is only the end of a longer word, or the host of another address."""
    before = text[start - 1 : start]
    return before == "@" or (before.isalnum() and before < "\u1100")


def _is_name(local: str) -> bool:
    """Say whether a word before "at" can be a local part: no word of prose, no line or port number."""
    return local.lower() not in NOT_NAMES and (len(local) > 4 or not local.replace(".", "").isdigit())


def _is_host(host: str) -> bool:
    labels = host.lower().split(".")
    last = labels[-1]
    if last in FILES and len(labels) == 2:
        return False
    return last in COUNTRIES or last in GENERIC or last.startswith("xn--")


def _shown(local: str) -> str:
    """Show the first letter of a local part; of one that is a single letter, none."""
    plain = local.strip('"')
    if plain.endswith(HIDDEN):
        return plain
    return plain[0] + HIDDEN if len(plain) > 1 else HIDDEN


def _redact_body(
    body: str, attachments: tuple[Attachment, ...], known: frozenset[str]
) -> tuple[str, tuple[Attachment, ...]]:
    """Redact a body piece by piece, so that each notice keeps its place in it."""
    pieces: list[str] = []
    moved: list[Attachment] = []
    start = length = 0
    for part in attachments:
        pieces.append(redact(body[start : part.at], known))
        length += len(pieces[-1])
        start = max(start, part.at)
        moved.append(
            replace(
                part,
                at=length,
                name=part.name and redact(part.name, known),
                description=part.description and redact(part.description, known),
                source=part.source and redact(part.source, known),
            )
        )
    return "".join((*pieces, redact(body[start:], known))), tuple(moved)


def some_spelling_stays(address: str) -> bool:
    """Say whether some spelling of a known address would be left by the rules."""
    local, _, host = address.rpartition("@")
    if not local or not host:
        return False
    spellings = [s.format(local=local, host=host, dotted=host.replace(".", " dot ")) for s in SPELLINGS]
    return redact(";\n".join(spellings)).count(HIDDEN) < len(spellings)
