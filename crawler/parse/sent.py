"""Mails as they were sent, joined with what the archive shows of them: which slot, which notice for which part.

A mail of the list's raw mbox tells more of itself than text and page do; those know its number and address,
and the addresses of its files. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from crawler.parse.align import Keys, entry_keys, page_keys, pair
from crawler.parse.mail import Mail, MailPart
from crawler.parse.notices import Notice
from crawler.parse.slot import Slot
from crawler.parse.volume_text import TextEntry

REPLY = re.compile(r"(?:\s*re\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)  # what pipermail strips (HyperArch, REpat)
NEAR = 2  # bytes: a line end at a text's end
STEP = 10  # parts behind the last paired one in which a notice's part is looked for


def with_mails(slots: list[Slot], mails: Sequence[Mail]) -> list[Slot]:
    """Give each mail the slot of its message; one that has none gets a slot of its own behind the mail before it."""
    if not mails:
        return slots
    pairs = pair([_mail_keys(mail) for mail in mails], [_slot_keys(slot) for slot in slots])
    placed: dict[int, Mail] = {}
    behind: dict[int, list[Slot]] = defaultdict(list)
    last = -1
    for a, b in pairs:
        if a is not None and b is not None:
            placed[b], last = mails[a], b
        elif a is not None:
            behind[last].append(Slot(None, None, None, None, mails[a]))
    found = behind[-1]
    for b, slot in enumerate(slots):
        found += [replace(slot, mail=placed.get(b)), *behind[b]]
    return found


def as_text(slot: Slot) -> Slot:
    """Give a slot as if the archive's text told what its mail does: the mail's headers in place of the text's."""
    if slot.mail is None:
        return slot
    told, entry = slot.text, slot.mail.entry
    headers = {**(told.headers if told else {}), **entry.headers}
    return replace(slot, text=TextEntry(told.envelope if told else entry.envelope, headers, told.body if told else ""))


def with_parts(notices: Iterable[Notice], parts: Sequence[MailPart], length: int) -> tuple[Notice, ...]:
    """Join what the archive's notices say of a mail's files with the files themselves, in the order of the latter.

    A notice says it better where it says anything; `length` is the body's. A part without a notice is one without an
    address; a notice without a part stays, at the place of the part behind it.
    """
    waiting = list(parts)
    found: list[Notice] = []
    for notice in notices:
        at = next((n for n, part in enumerate(waiting[:STEP]) if _is_of(notice, part)), None)
        if at is not None:
            found += [_alone(part) for part in waiting[:at]]
            found.append(_joined(notice, waiting[at]))
            del waiting[: at + 1]
        elif notice.source is None:
            found.append(replace(notice, at=waiting[0].at if waiting else length))
    return tuple(found + [_alone(part) for part in waiting])


def _is_of(notice: Notice, part: MailPart) -> bool:
    """Say whether a notice can stand for a part: the same kind, and no type or size that says otherwise."""
    if notice.kind != part.kind:
        return False
    same = notice.type is None or notice.type.lower() == part.type
    sized = notice.kind != "other" or notice.size is None or abs(notice.size - part.size) <= NEAR
    return same and sized


def _joined(notice: Notice, part: MailPart) -> Notice:
    if notice.source is not None:
        return _alone(part)
    return Notice(
        notice.kind,
        notice.name or part.name,
        notice.type or part.type,
        part.size if notice.size is None else notice.size,
        notice.description or part.description,
        notice.url,
        part.at,
        sha256=part.sha256,
    )


def _alone(part: MailPart) -> Notice:
    return Notice(part.kind, part.name, part.type, part.size, part.description, None, part.at, sha256=part.sha256)


def _mail_keys(mail: Mail) -> Keys:
    headers = mail.entry.headers
    return entry_keys(replace(mail.entry, headers={**headers, "subject": _bare(headers.get("subject", ""))}))


def _slot_keys(slot: Slot) -> Keys:
    return entry_keys(slot.text) if slot.text else page_keys(slot.index, slot.page)


def _bare(subject: str) -> str:
    match = REPLY.match(subject)
    return subject[match.end() :] if match else subject
