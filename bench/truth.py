"""What a record ought to be, from a file of truth: one object a line, read into questions of which each has one answer.

Two kinds of truth are known. Of a *generated* list (`tags` in the object) it is known what was sent and what Mailman
stored: `message_id`, `from_name`, `from_address`, `subject`, `date_utc`, `archive_epoch`, `in_reply_to`, `references`,
`body_text`, `saved`. Of a *real* list it is known what a careful reader found on page and text: `txt_…`,
`…_from_mailto`, `…_from_thread`, `body_loose_sha256`, `parts`. What no reader of an archive could know is not asked:
lone surrogates stand for bytes that no charset explains.

A generated body is right when its words and its runs of three words are nearly all there and nearly no others; a real
one when all letters are the same. White space and the spelling of addresses (`user at host`) never count.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import lzma
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Place = tuple[str, str]  # list and page

ADDRESS = re.compile(r"([-+,.\w]+)(?:@| at )(?=[-+.\w])")
WITH_SIGN = re.compile(r"\S+@\S+")
EASTERN = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"  # scripts whose words have no blanks between: a letter is a word
WORD = re.compile(rf"[{EASTERN}]|[^\W{EASTERN}]+")
ID = re.compile(r"<([^<>]+)>")
STRICT_ID = re.compile(r"<([^<>\s]+)>")
ANSWER = re.compile(r"(?:(?:re|aw|antw|sv|vs)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
PREFIX = re.compile(r"\[[^\]]*\]")
TAIL = re.compile(r"attachments/.*")
WORDS_RIGHT, ORDER_RIGHT = 0.98, 0.95  # the least harmonic mean of share found and share right, of words and of runs
UNSAID = (None, "", "not available")  # what a notice of Mailman's says where it says nothing


@dataclass(frozen=True)
class Answer:
    """An answer to one question of a message: right or not; `wanted` and `read` as far as a line can show them."""

    field: str
    right: bool
    wanted: str = ""
    read: str = ""


def load(paths: Iterable[Path]) -> dict[Place, Record]:
    """Read files of truth, packed or not, by place; what has no page in the archive is left out."""
    rows = (row for path in paths for row in read_lines(path))
    return {(row["list"], row["page"]): row for row in rows if row.get("page")}


def read_lines(path: Path) -> Iterator[Record]:
    """Read a file of an object a line, `.xz` or plain."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", errors="surrogatepass") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def answers(truth: Record, record: Record, tree: Path | None = None) -> Iterator[Answer]:
    """Give the answers of a record to all that the truth knows; `tree` holds a real list's files as archived."""
    if "tags" not in truth:
        yield from _real(truth, record, tree)
    elif truth.get("gen") is not None:
        yield from _generated(truth, record)


def _generated(truth: Record, record: Record) -> Iterator[Answer]:
    if _known(truth.get("message_id")) and "noid" not in truth["tags"]:
        yield _id(truth["message_id"], record)
    yield from _sender(truth, record)
    if _known(truth.get("subject")):
        yield _subject(truth["subject"], record)
    moments = {_epoch(truth.get("date_utc")), truth.get("archive_epoch")} - {None}
    if moments:
        yield _answer("date", _epoch(record.get("date")) in moments, sorted(moments, key=str), record.get("date"))
    reply = truth.get("in_reply_to")
    if not reply or (_known(reply) and ID.search(reply)):
        yield from _parents(
            (ID.findall(reply or "") or [""])[0].strip(), list(map(_bare, truth.get("references") or [])), record
        )
    if _known(truth.get("body_text")):
        yield from _words(truth, record)
    yield from _files(
        truth["saved"], record, ("type",), {s["path"]: s["sha256"] for s in truth["saved"] if s["exists"]}
    )


def _real(truth: Record, record: Record, tree: Path | None) -> Iterator[Answer]:
    known = ("txt_message_id", "message_id_from_mailto", "message_id_from_thread")
    own = next((truth[name] for name in known if truth.get(name)), None)
    if own:
        yield _id(own, record)
    yield from _sender(truth, record)
    yield _subject(truth["subject"], record)
    if truth.get("epoch_from_thread"):
        wanted = truth["epoch_from_thread"]
        yield _answer("date", _epoch(record.get("date")) == wanted, wanted, record.get("date"))
    reply = STRICT_ID.findall(truth.get("txt_in_reply_to") or "")
    if truth.get("txt_index") is not None and (reply or not truth.get("txt_in_reply_to")):
        yield from _parents((reply or [""])[0], STRICT_ID.findall(truth.get("txt_references") or ""), record)
    if not truth.get("undecodable"):
        digest = hashlib.sha256(_loose(record.get("body")).encode("utf-8", "surrogatepass")).hexdigest()
        yield _answer("body", digest == truth["body_loose_sha256"], truth["body_loose_sha256"], digest)
    if not truth.get("parts_doubtful"):
        parts = [part for part in truth["parts"] if part.get("genuine") and part.get("url")]
        yield from _files(parts, record, ("name", "type", "size"), _digests(tree, parts) if tree else {})


def _answer(field: str, right: bool, wanted: object, read: object) -> Answer:
    return Answer(field, right, str(wanted), str(read))


def _id(wanted: str, record: Record) -> Answer:
    return _answer("message_id", _bare(record.get("message_id")) == _bare(wanted), wanted, record.get("message_id"))


def _sender(truth: Record, record: Record) -> Iterator[Answer]:
    address, name = truth.get("from_address"), truth.get("from_name")
    if _known(address):
        read = record.get("from_address") or ""
        yield _answer("from_address", read.lower() == str(address).lower(), address, read)
    if _known(name):
        read = record.get("from_name")
        yield _answer("from_name", _flat(_loose(read)) == _flat(_loose(name)), name, read)


def _subject(wanted: str, record: Record) -> Answer:
    """Compare subjects but for `Re:`, which pipermail takes off, and a list's prefix that the sender did not write."""
    read = _without_answer(record.get("subject"))
    right = _without_answer(wanted) in (
        read,
        _without_answer(PREFIX.sub("", read, count=1) if read[:1] == "[" else read),
    )
    return _answer("subject", right, wanted, record.get("subject"))


def _parents(reply: str, references: list[str], record: Record) -> Iterator[Answer]:
    yield _answer("in_reply_to", _bare(record.get("in_reply_to")) == reply, reply, record.get("in_reply_to"))
    read = [_bare(one) for one in record.get("references") or []]
    yield _answer("references", read == references, references, read)


def _words(truth: Record, record: Record) -> Iterator[Answer]:
    wanted, read = _wordlist(truth["body_text"]), _wordlist(record.get("body"))
    right = _likeness(wanted, read) >= WORDS_RIGHT and _likeness(_runs(wanted), _runs(read)) >= ORDER_RIGHT
    told = (f"{len(wanted)} words", f"{len(read)} words")
    yield Answer("body", right, *told)
    if "ordinary" in truth["tags"]:
        yield Answer("body of ordinary mail", right, *told)


def _files(wanted: list[Record], record: Record, fields: tuple[str, ...], bytes_: dict[str, str]) -> Iterator[Answer]:
    """Compare the attachments that name a file, found by the part of their address that never changes."""
    read = [part for part in record.get("attachments") or [] if part.get("url")]
    by_tail = {_tail(part["url"]): part for part in read}
    yield _answer("number of attachments", len(read) == len(wanted), len(wanted), len(read))
    for part in wanted:
        found = by_tail.get(_tail(part["path"]))
        yield _answer("attachment found", found is not None, part["path"], sorted(by_tail))
        if found is None:
            continue
        for field in fields:
            if part.get(field) not in UNSAID:
                yield _answer(
                    f"attachment {field}", _same_value(found.get(field), part[field]), part[field], found.get(field)
                )
        if part["path"] in bytes_:
            yield _answer("attachment bytes", found.get("sha256") == bytes_[part["path"]], "", found.get("status"))


def _digests(tree: Path, parts: list[Record]) -> dict[str, str]:
    paths = [part["path"] for part in parts if part.get("path") and (tree / part["path"]).is_file()]
    return {path: hashlib.sha256((tree / path).read_bytes()).hexdigest() for path in paths}


def _same_value(read: object, wanted: object) -> bool:
    if isinstance(wanted, int):
        return read == wanted
    return _flat(str(read or "")).lower() == _flat(str(wanted)).lower()


def _known(value: object) -> bool:
    return isinstance(value, str) and value != "" and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _bare(value: str | None) -> str:
    return (value or "").strip().strip("<>").strip()


def _tail(address: str) -> str:
    found = TAIL.search(address)
    return found[0] if found else address


def _flat(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _loose(text: str | None) -> str:
    return ADDRESS.sub(r"\1@", " ".join((text or "").split()))


def _without_answer(subject: str | None) -> str:
    flat = _flat(_loose(subject))
    start = ANSWER.match(flat)
    return _flat(_loose(flat[start.end() :] if start else flat))


def _epoch(date: str | None) -> int | None:
    try:
        return round(dt.datetime.fromisoformat(date).timestamp()) if date else None
    except ValueError:  # a year that no calendar has
        return None


def _wordlist(text: str | None) -> list[str]:
    return WORD.findall(WITH_SIGN.sub(" ", _loose(_flat(text))).lower())


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(words, words[1:], words[2:], strict=False)) if len(words) > 3 else [tuple(words)]


def _likeness(wanted: list[Any], read: list[Any]) -> float:
    """Give the harmonic mean of the share of what was wanted that was read, and of what was read that was wanted."""
    if not wanted and not read:
        return 1.0
    return 2 * (Counter(wanted) & Counter(read)).total() / (len(wanted) + len(read))
