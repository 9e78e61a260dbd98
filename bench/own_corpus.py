"""The corpus that comes with the project: the demo's mails as each generation of Mailman and other languages kept them.

Trees are written by tests/pipermail, imported and exported by `hamelin` itself, so everything from page to record is
part of it. What Mailman before 2.1 lost is not asked; what the writer of trees knows of its mails is the truth.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from pathlib import Path

from bench.truth import Place, Record
from tests.demo.archive import FOOTER, HERE, KEEPERS, LETTERS, TRADUCTION
from tests.demo.letters import post
from tests.pipermail import V1, V2_0, V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39, Article, write

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-c", "from indexer.cli import main; main()"]
GENERATIONS = (V1, V2_0, V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39)
ELSEWHERE = [(generation, language) for generation in (V2_1_9, V2_1_39) for language in ("fr", "de", "ja")]
FORMS = [*((generation, "en") for generation in GENERATIONS), *ELSEWHERE]
FOLLOWS = {"charset": "", "posting": "", "base": "", "title": ""}  # from a list's language and name


def own_corpus() -> tuple[dict[Place, Record], list[Record]]:
    """Write, import and export the corpus; give its truth and its records."""
    with tempfile.TemporaryDirectory() as scratch:
        tree, archive = Path(scratch) / "tree", Path(scratch) / "archive"
        truth = {(a.form.name, a.page): known(a) for a in articles(tree)}
        run("import", str(tree), archive=archive)
        exported = run("export", "--format", "jsonl", archive=archive)
        return truth, [json.loads(line) for line in exported.splitlines()]


def articles(tree: Path) -> Iterator[Article]:
    """Write the lists: each as every generation, two of these in other languages too."""
    for base in (KEEPERS, TRADUCTION):
        prefix, names = LETTERS[base]
        for generation, language in FORMS:
            name = f"{base.name}-{generation.name.replace('.', '')}-{language}"
            form = replace(base, name=name, generation=generation, language=language, **FOLLOWS)
            yield from write(tree, form, post([HERE / letter for letter in names], prefix, FOOTER))


def known(article: Article) -> Record:
    """Say what is known of a mail, as a truth of a generated list has it."""
    mail, has_ids = article.mail, article.generation is not V1
    whole = not mail.parts  # of a mail of several parts, the text is what the list's charset made of it
    return {
        "list": article.form.name,
        "page": article.page,
        "gen": 0,
        "tags": [],
        "message_id": article.message_id if has_ids else None,
        "from_name": mail.from_name or None,
        "from_address": mail.from_address if article.generation is not V2_0 else None,
        "subject": str(make_header(decode_header(article.title))),  # before 2.1 titles stayed encoded
        "date_utc": datetime.fromtimestamp(article.epoch, UTC).isoformat(),
        "in_reply_to": mail.in_reply_to if has_ids else None,
        "references": list(mail.references) if has_ids else [],
        "body_text": mail.body if whole else None,
        "saved": [
            {"path": file.path, "type": None, "exists": True, "sha256": hashlib.sha256(file.data).hexdigest()}
            for file in article.files
        ],
    }


def run(*arguments: str, archive: Path) -> str:
    """Run a command of ours, and give what it says."""
    command = [*COMMAND, "--archive", str(archive), "--quiet", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout
