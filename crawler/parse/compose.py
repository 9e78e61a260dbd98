"""One message out of what is held of it: text entry, index line, page; the best reading of each field.

The text is better for headers, the page for characters that the text lost; the index has the true time.
What is wrong with a mail is named in `defects`, a closed list that docs/formats.md explains.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from crawler.parse.addresses import NO_ADDRESS, PLAIN_AT, read_sender, read_shown
from crawler.parse.dates import DAY, read_date, read_envelope, read_local_date, within
from crawler.parse.defects import Defect
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.loss import REPLACEMENT, fuller
from crawler.parse.message_page import ENTITY
from crawler.parse.notices import Notice, directory_hash, scrub, tail
from crawler.parse.repair import join_addresses
from crawler.parse.sent import as_text, with_parts
from crawler.parse.slot import Slot

ID = re.compile(r"<([^<>]+)>")
BARE_ID = re.compile(r"[^\s<>@]+@[^\s<>@]+\Z")
USUAL_ID = re.compile(r"<[^<>\s@]+@[^<>\s]+>")
# An id that Mailman made up because the mail had none; it changes with each rebuild (HyperArch, 2.1.6+).
GENERATED_ID = re.compile(r"<?mailman\.\d+\.\d+\.\d+\.")
# Where a line of a text can differ from its page's: an entity that was typed, a lost character, an obfuscated `@`.
LOST_OR_TYPED = re.compile(rf"({ENTITY.pattern}|[?\ufffd]| at )")
LONGEST_TYPED = 4000  # letters of a line
LIST_OF_URL = re.compile(r"/([^/]+)/attachments/")


@dataclass(frozen=True, slots=True)
class Clock:
    """What a volume says of time: the days it can hold, and its server's zone in seconds east of UTC."""

    span: tuple[int, int] | None
    zone: int | None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """A message as one volume tells it: the fields of the record that need no other volume."""

    number: int | None
    page: str | None
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    from_name: str | None
    from_address: str | None
    epoch: int | None
    date_raw: str | None
    subject: str
    body: str
    notices: tuple[Notice, ...]
    defects: tuple[Defect, ...]


def compose(
    slot: Slot,
    list_url: str,
    volume: str,
    clock: Clock,
    previous: int | None,
    answered: Callable[[str], bool | None] = lambda _: None,
) -> ParsedEntry:
    """Compose the best reading of one message; `previous` is the time of the message before it."""
    defects: set[Defect] = set()
    archived, slot = slot, as_text(slot)
    headers = slot.text.headers if slot.text else {}
    message_id = _message_id(slot, headers, defects)
    in_reply_to, references = _parents(slot, headers, defects)
    name, address = _sender(slot, headers, defects)
    epoch = _moment(slot, headers, clock, previous, defects)
    body, notices = _body(archived, message_id, list_url, answered, defects)
    return ParsedEntry(
        slot.number,
        None if slot.number is None else f"{volume}/{slot.number:06}.html",
        message_id,
        in_reply_to,
        references,
        name,
        address,
        epoch,
        unfold(headers["date"]) if "date" in headers else (slot.page.date if slot.page else None),
        _subject(slot, headers, defects),
        body,
        notices,
        tuple(sorted(defects)),
    )


def _message_id(slot: Slot, headers: dict[str, str], defects: set[Defect]) -> str | None:
    value = headers.get("message-id", "").strip()  # as archived: a fold in it is part of it
    if not value and slot.page and slot.page.message_id:
        value = slot.page.message_id
    if not value and slot.index and slot.index.message_id:
        value = f"<{slot.index.message_id}>"
    if not value:
        defects.add("message_id_missing")
    elif GENERATED_ID.match(value):
        defects.add("message_id_generated")
    elif not USUAL_ID.fullmatch(value):
        defects.add("message_id_odd")
    return value or None


def _parents(slot: Slot, headers: dict[str, str], defects: set[Defect]) -> tuple[str | None, tuple[str, ...]]:
    """Read (In-Reply-To, References); without a text, what the page's link or the index's key tells."""
    if slot.text is None:
        ancestors = tuple(f"<{i}>" for i in slot.index.parents) if slot.index else ()
        parent = slot.page.in_reply_to if slot.page else None
        return parent or (ancestors[-1] if ancestors else None), ancestors
    reply = unfold(headers.get("in-reply-to", ""))
    ids = [f"<{i.strip()}>" for i in ID.findall(reply)]
    if not ids and BARE_ID.match(reply):
        ids = [f"<{reply}>"]
    if reply and (not ids or len(ids) > 1 or reply != ids[0]):
        defects.add("in_reply_to_odd")
    return ids[0] if ids else None, tuple(f"<{i.strip()}>" for i in ID.findall(headers.get("references", "")))


def _sender(slot: Slot, headers: dict[str, str], defects: set[Defect]) -> tuple[str | None, str | None]:
    shown = slot.index.author if slot.index else None
    shown = (slot.page.author if slot.page else None) or shown
    if "from" in headers:
        name, address = read_sender(headers["from"])
        name = fuller(name, shown) if name else name
    else:
        name, address = read_shown(decode_words(shown or ""), (slot.page.address if slot.page else None) or "")
        name = " ".join(name.split()) if name else None
    if address is None:
        defects.add("from_address_missing")
        name = None if name and name.lower() == NO_ADDRESS else name
    return name, address


def _subject(slot: Slot, headers: dict[str, str], defects: set[Defect]) -> str:
    shown = (slot.page.subject if slot.page else None) or (slot.index.subject if slot.index else None)
    if "subject" not in headers:
        return decode_words(shown or "")
    subject = unfold(decode_words(unfold(headers["subject"])))
    if REPLACEMENT in subject:
        defects.add("subject_undecodable")
    return fuller(subject, shown)


def _moment(
    slot: Slot, headers: dict[str, str], clock: Clock, previous: int | None, defects: set[Defect]
) -> int | None:
    """Choose the best time that the volume can hold: the index's, the header's, the envelope's, the last message's."""
    raw = unfold(headers["date"]) if "date" in headers else (slot.page.date or "" if slot.page else "")
    dated = read_date(raw)
    if slot.index and slot.index.exact and slot.index.epoch is not None:
        if slot.text and not raw:
            defects.add("date_missing")
        elif dated is not None and not within(dated, clock.span):
            defects.add("date_outside_volume")
        return slot.index.epoch
    if dated is not None and within(dated, clock.span):
        return dated
    local = read_local_date(raw) if dated is None else None
    defects.add(_date_defect(raw, dated, local))
    envelope = read_envelope(slot.text.envelope) if slot.text else None
    bare = slot.index.epoch if slot.index else None  # the moment of arrival, where there is no Date header
    by_server = envelope - clock.zone if envelope is not None and clock.zone is not None else None
    for epoch in (None if raw else bare, by_server, local, envelope, bare):
        if epoch is not None and within(epoch, clock.span):
            return epoch
    defects.add("date_unknown")
    return previous + 1 if previous is not None else clock.span[0] * DAY if clock.span else dated


def _date_defect(raw: str, dated: int | None, local: int | None) -> Defect:
    if not raw:
        return "date_missing"
    if dated is not None:
        return "date_outside_volume"
    return "date_without_zone" if local is not None else "date_unreadable"


def _body(
    slot: Slot,
    message_id: str | None,
    list_url: str,
    answered: Callable[[str], bool | None],
    defects: set[Defect],
) -> tuple[str, tuple[Notice, ...]]:
    text = _fuller_body(slot.text.body if slot.text else None, slot.page.body if slot.page else None)
    repaired = join_addresses(text)
    scrubbed = scrub(
        repaired,
        lambda notice: is_genuine(notice, message_id, list_url, answered),
        lambda notice: (
            is_proven(notice, message_id) or (not message_id and is_genuine(notice, None, list_url, answered))
        ),
    )
    body, notices = scrubbed.body, scrubbed.notices
    if slot.mail:  # which was neither flattened nor scrubbed
        body = slot.mail.entry.body
        notices = with_parts(notices, slot.mail.parts, len(body))
    elif repaired != text:
        defects.add("body_transfer_encoded")
    if REPLACEMENT in body:
        defects.add("body_undecodable")
    if scrubbed.forged and not slot.mail:
        defects.add("notice_forged")
    if not body and not notices:
        defects.add("body_empty")
    return body, notices


def _fuller_body(text: str | None, page: str | None) -> str:
    """Choose the page's body where it holds any; its entities that the author typed come from the text."""
    if not page or not page.strip() or text is None:
        return text or page or ""
    if not ENTITY.search(text):
        return page
    page_lines, text_lines = page.rstrip("\n").split("\n"), text.rstrip("\n").split("\n")
    if len(page_lines) != len(text_lines):
        return page
    lines = [typed_entities(t, p) if ENTITY.search(t) else p for p, t in zip(page_lines, text_lines, strict=True)]
    return "\n".join(lines) + "\n"


def typed_entities(text: str, page: str) -> str:
    """Give a line of a page with the entities that its author typed, which the text still has and the page decoded.

    The page's characters stay where the text has `?`, and so do addresses whose `@` the page gave back. A line that
    differs in more than that is the text's where nothing in it was lost, else the page's.

    >>> typed_entities("use &amp; at caf? ann at x.org", "use & at café ann@x.org")
    'use &amp; at café ann@x.org'
    """
    if len(text) > LONGEST_TYPED:
        return page
    pieces = LOST_OR_TYPED.split(text)
    pattern = "".join(re.escape(p) if n % 2 == 0 else _read_as(p) for n, p in enumerate(pieces))
    match = re.fullmatch(pattern, page)
    if match is None:
        return page if "?" in text or REPLACEMENT in text else text
    shown = (p if ENTITY.fullmatch(p) else m for p, m in zip(pieces[1::2], match.groups(), strict=True))
    return "".join(p for pair in zip(pieces[::2], [*shown, ""], strict=True) for p in pair)


def _read_as(piece: str) -> str:
    """Make the pattern of what a page can have for an entity, a lost character or the word that stands for `@`."""
    if ENTITY.fullmatch(piece):
        return f"({re.escape(html.unescape(piece))}|{re.escape(piece)})"
    return "( at |@)" if piece == PLAIN_AT else "(.)"


def is_genuine(notice: Notice, message_id: str | None, list_url: str, answered: Callable[[str], bool | None]) -> bool:
    """Say whether Mailman wrote a notice, as far as its file tells; one without a file is believed.

    The hash of the directory proves it; a wrong hash with a file that is not there, or with another
    list's address, refutes it.
    """
    path = tail(notice.url)
    if path is None or is_proven(notice, message_id):
        return True
    named = LIST_OF_URL.search(notice.url or "")
    own = list_url.rstrip("/").rpartition("/")[2]
    if named and named[1].lower() != own.lower():
        return False
    return answered(path) is not False


def is_proven(notice: Notice, message_id: str | None) -> bool:
    """Say whether the directory of a notice's file is this message's own."""
    path = tail(notice.url)
    return path is not None and message_id is not None and path.split("/")[2] == directory_hash(message_id)
