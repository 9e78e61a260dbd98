"""Entries as files of a maildir, for engines that index mail, and as JSON lines, for engines that index anything."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from pathlib import Path

from bench.entries import Entries
from crawler.message import Message
from indexer.contents import Contents, contents, seconds
from indexer.fields import PARTS
from indexer.readable import readable
from indexer.redaction import privacy_for


def write_maildir(entries: Entries, folder: Path, most: int | None = None) -> None:
    """Write a mail a file."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, (message, *_) in enumerate(entries.read(range(len(entries))[:most])):
        (folder / "cur" / f"{number:06}.bench:2,S").write_bytes(_mail(message, number))


def write_lines(entries: Entries, path: Path, most: int | None = None) -> None:
    """Write an object a line: by field what our index takes in of an entry."""
    privacy = privacy_for(entries.senders())
    with path.open("w", encoding="utf-8") as file:
        for message, readings, endings in entries.read(range(len(entries))[:most]):
            file.write(json.dumps(_line(contents(readable(message, readings, privacy, endings), message))) + "\n")


def _line(held: Contents) -> dict[str, object]:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for part, text in held.texts:
        texts[PARTS[part]].append(text)
    names = {name: " ".join(held.names.get(name, ())) for name in ("list", "thread", "has", "type", "address")}
    return {
        "id": held.shown["id"],
        "date": held.date,
        "text": held.said + held.quoted,
        **names,
        **{part: "\n".join(texts[part]) for part in ("subject", "from", "said", "quoted", "file")},
    }


def _mail(message: Message, number: int) -> bytes:
    """Write a mail; each has a Message-ID of its own, so that no engine takes two entries for one."""
    name = Header(message.from_name or "", "utf-8").encode() if message.from_name else ""
    head = [
        f"From: {formataddr((name, message.from_address or 'nobody@example.org'))}",
        f"Date: {format_datetime(datetime.fromtimestamp(seconds(message.date), UTC))}",
        f"Subject: {Header(message.subject, 'utf-8', header_name='Subject').encode()}",
        f"Message-ID: <{number}.{message.id}@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    if message.in_reply_to:
        head.append(f"In-Reply-To: {' '.join(message.in_reply_to.split())}")
    return ("\n".join(head) + "\n\n" + message.body).encode("utf-8", "replace")
