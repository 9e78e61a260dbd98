"""`hamelin check`: what an archive holds, verified against everything else, and how to mend what is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from crawler.check_store import check_reading, check_store, damaged
from crawler.check_warc import Seen, check_captures, check_warc
from crawler.errors import ArchiveTrouble
from crawler.findings import REPARSE, Finding
from crawler.store import DATABASE, Store
from crawler.warc import WarcReader, files
from indexer.amounts import count, size_of
from indexer.check_index import check_index, check_pack, check_texts
from indexer.check_site import Looked, check_addresses, check_site
from indexer.site.build import SITE

if TYPE_CHECKING:
    from indexer.cli import Session

FAULTY = 1


@click.command("check")
@click.option("--deep", is_flag=True, help="Read every message again, too, and look for addresses in the whole site.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(session: Session, deep: bool, as_json: bool) -> int:
    """Verify warc/, database, ledger, index, search pack and site against each other; write nothing.

    Every byte of warc/ and of what is published is read and compared with its digest, every row of the
    database with its source. --deep reads all messages anew and compares them with what is stored, too.
    What is not as it should be comes with the command that mends it, and the exit code is 1.

    \b
    Example:
      hamelin check && echo all is well
    """
    started = time.monotonic()
    seen, looked = Seen(), Looked()
    findings = list(_findings(session, seen, looked, deep=deep))
    faults = [finding for finding in findings if finding.fault]
    covered: dict[str, Any] = {
        "warc_files": seen.files, "records": seen.records, "warc_bytes": seen.bytes,
        "site_files": looked.files, "site_bytes": looked.bytes, "deep": deep,
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps({"ok": not faults, "findings": [asdict(f) for f in findings], "covered": covered}))
    else:
        for finding in findings:
            click.echo(_line(finding))
        session.say(_account(covered, len(faults)))
    return FAULTY if faults else 0


def _findings(session: Session, seen: Seen, looked: Looked, *, deep: bool) -> Iterator[Finding]:
    folder = session.archive
    if not (folder / DATABASE).exists() and not files(folder):
        raise ArchiveTrouble(f"{folder} is no archive yet.", hint="Begin one with `hamelin update URL`.")
    yield from check_warc(folder, seen)
    if not (folder / DATABASE).exists():
        yield Finding("database", f"{DATABASE} is missing.", REPARSE)
        yield from check_site(session.config, None, looked)
        return
    try:
        store = Store.open(folder)
    except ArchiveTrouble as trouble:
        yield damaged(trouble.message.rstrip("."))
        yield from check_site(session.config, None, looked)
        return
    with closing(store):
        found = list(check_store(store))
        yield from found
        if any(finding.fault and finding.what.startswith("archive.sqlite is damaged") for finding in found):
            yield from check_site(session.config, None, looked)
            return
        yield from check_captures(folder, store, seen.held or {})
        yield from check_index(session.config, store)
        yield from check_texts(folder, store)
        yield from check_pack(folder, folder / SITE)
        yield from check_site(session.config, store, looked)
        if deep:
            with WarcReader(folder) as reader:
                yield from check_reading(store, reader.payload)
            yield from check_addresses(session.config, store)


def _line(finding: Finding) -> str:
    if not finding.fault:
        return click.style(f"{finding.area}: {finding.what}", dim=True)
    return f"{click.style(finding.area, fg='red')}: {finding.what} Mend: {finding.mend}"


def _account(covered: dict[str, Any], faults: int) -> str:
    """Say what was looked at, and what came of it."""
    looked = (
        f"{count(covered['records'], 'record')} in {count(covered['warc_files'], 'WARC file')}"
        f" ({size_of(covered['warc_bytes'])}), {count(covered['site_files'], 'file')} of the site;"
        f" {covered['seconds']:.1f} s."
    )
    return f"{'All is well' if not faults else count(faults, 'fault')}: {looked}"
