"""What an archive holds of its lists, its last run, and whether index and site have kept up: gathered, not shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from crawler.config import Config
from crawler.ingest import PARSER
from crawler.runs import last_of, reports, spoken
from crawler.store import Ledger, MailingList, Store
from indexer import generations
from indexer.accounts import account
from indexer.files.account import files_account
from indexer.generations import FORMAT_VERSION, INDEX_FOLDER

COUNTS: Final = ("indexed", "numbered", "entries", "parsed", "merged", "lost")

Keeping = Literal["none", "behind", "current"]


def last_run(archive: Path, scheduled: int | None) -> dict[str, Any] | None:
    """Gather what is known of an archive's last run, and when the next is due (UTC, RFC 3339; None: not scheduled).

    `scheduled` is the number of seconds between the runs of a timer, where there is one.
    """
    known = reports(archive)
    report = last_of(known)
    if report is None:
        return None
    every = report.every or scheduled
    begun = datetime.fromisoformat(report.started)
    due = f"{begun + timedelta(seconds=every):%Y-%m-%dT%H:%M:%SZ}" if every else None
    quiet = {name: days for name, days in report.silent.items() if name in spoken(known)}
    return asdict(report) | {"summary": report.summary(), "next_due": due, "silent": quiet}


def list_facts(archive: Path, store: Store, mailing_list: MailingList) -> dict[str, Any]:
    """Gather what is known of a list: counts, the time it spans, attachments and their texts, volumes, ledger."""
    files = files_account(archive, store, mailing_list)
    ledger = store.ledger(mailing_list.name)
    volumes = store.volumes(mailing_list.name)
    whole = account(ledger)
    first, last = store.db.execute(
        "SELECT min(date), max(date) FROM messages m JOIN entries e USING (entry) WHERE m.list = ?",
        (mailing_list.name,),
    ).fetchone()
    return {
        "list": mailing_list.name,
        "url": mailing_list.url,
        "messages": store.count(mailing_list.name),
        "first": first,
        "last": last,
        "volumes": len(volumes),
        "whole": whole.whole,
        "account": whole.sentence,
        "incomplete": [v.name for v in volumes if not v.complete],
        "attachments": _attachments(store, mailing_list.name),
        "texts": files.statuses,
        "without_text": [asdict(trouble) for trouble in files.troubles],
        "totals": _totals(ledger),
        "ledger": [asdict(volume) for volume in ledger],
    }


def index_keeps_up(config: Config, store: Store) -> Keeping:
    """Say whether the index was made of what the store has now, in the form that searches read."""
    held = generations.newest(config.folder / INDEX_FOLDER)
    if held is None:
        return "none"
    return "current" if (held.revision, held.format) == (store.revision(), FORMAT_VERSION) else "behind"


def site_keeps_up(config: Config, store: Store) -> Keeping:
    """Say whether the site was made of what the store and the settings have now."""
    from indexer.site.build import SITE, state_of  # templates are nothing that counting needs
    from indexer.site.publish import SiteFolder

    held = SiteFolder(config.folder / SITE).manifest().state
    return "none" if not held else "current" if held == state_of(config, store) else "behind"


def read_by_older(store: Store) -> int:
    """Count the volumes that an older parser read."""
    sql = "SELECT count(*) FROM volumes WHERE parser < ? AND NOT dirty"
    return int(store.db.execute(sql, (PARSER,)).fetchone()[0])


def _attachments(store: Store, list_name: str) -> dict[str, int]:
    sql = (
        "SELECT json_extract(part.value, '$.status'), count(*) FROM attached, json_each(attached.attachments) part"
        " WHERE list = ? GROUP BY 1 ORDER BY 1"
    )
    return dict(store.db.execute(sql, (list_name,)).fetchall())


def _totals(ledger: list[Ledger]) -> dict[str, Any]:
    totals: dict[str, Any] = dict.fromkeys(COUNTS)
    notes: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for volume in ledger:
        for name in COUNTS:
            value = getattr(volume, name)
            totals[name] = value if totals[name] is None else totals[name] + (value or 0)
        notes.update(volume.notes)
        pages.update(volume.pages)
    return {**totals, "notes": dict(sorted(notes.items())), "pages": dict(pages.most_common())}
