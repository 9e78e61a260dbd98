"""What the writer of pipermail trees writes, the parser reads back: two independent readings of the same facts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.parse.compose import ParsedEntry
from crawler.parse.volume import VolumeSource, read_volume
from tests.demo.archive import FOOTER, HERE, KEEPERS, LETTERS, TRADUCTION
from tests.demo.letters import post
from tests.pipermail import V1, V2_0, V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39, Article, Generation, ListForm, write

MODERN = (V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39)
ELSEWHERE = [(generation, language) for language in ("fr", "de", "ja") for generation in (V2_1_9, V2_1_39)]


def archive(root: Path, base: ListForm, generation: Generation, language: str = "en") -> list[Article]:
    """Write one of the demo's lists as another generation, in another language, would have."""
    form = replace(base, generation=generation, language=language, charset="", posting="", base="", title="")
    prefix, names = LETTERS[base]
    return write(root, form, post([HERE / name for name in names], prefix, FOOTER))


def read_back(root: Path, articles: list[Article]) -> dict[int, ParsedEntry]:
    """Read every volume of a written list, by page number."""
    form = articles[0].form
    volumes = dict.fromkeys(article.volume for article in articles)
    entries = [entry for name in volumes for entry in read_volume(source(root / form.name, form, name))[0]]
    return {entry.number: entry for entry in entries if entry.number is not None}


def source(folder: Path, form: ListForm, name: str) -> VolumeSource:
    """Gather what a crawl would hold of a volume when it has taken everything."""
    texts = [path.read_bytes() for path in (folder / f"{name}.txt", folder / f"{name}.txt.gz") if path.exists()]
    pages = {int(path.stem): path.read_bytes() for path in (folder / name).glob("[0-9]*.html")}
    index = (folder / name / "thread.html").read_bytes()
    return VolumeSource(form.name, form.base + "/", name, form.charset, index, tuple(texts), pages)


def differences(articles: list[Article], entries: dict[int, ParsedEntry]) -> list[tuple[int, str, object, object]]:
    """Tell where a reading is not what was sent: number, field, read, sent."""
    found: list[tuple[int, str, object, object]] = []
    for article in articles:
        entry, mail = entries[article.number], article.mail
        pairs: dict[str, tuple[object, object]] = {
            "message_id": (entry.message_id, article.message_id),
            "in_reply_to": (entry.in_reply_to, mail.in_reply_to),
            "references": (entry.references, mail.references),
            "from_name": (entry.from_name, mail.from_name or None),
            "from_address": (entry.from_address, mail.from_address),
            "subject": (entry.subject, article.title),
            "epoch": (entry.epoch, article.epoch),
            "urls": ([notice.url for notice in entry.notices], [file.url for file in article.files]),
        }
        if not mail.parts:  # a multipart's text is what the list's charset made of it
            pairs["body"] = (entry.body.split(), mail.body.split())
        found += [(article.number, name, read, sent) for name, (read, sent) in pairs.items() if read != sent]
    return found


@pytest.mark.parametrize("base", [KEEPERS, TRADUCTION], ids=lambda form: form.name)
@pytest.mark.parametrize(
    ("generation", "language"),
    [*((generation, "en") for generation in MODERN), *ELSEWHERE],
    ids=lambda value: getattr(value, "name", value),
)
def test_everything_is_read_back(tmp_path: Path, base: ListForm, generation: Generation, language: str) -> None:
    """From 2.1 on, headers, times, texts and attachments come back as they were sent, in every language."""
    articles = archive(tmp_path, base, generation, language)

    assert differences(articles, read_back(tmp_path, articles)) == []


@pytest.mark.parametrize(
    ("generation", "lost"),
    [(V2_0, {"from_address"}), (V1, {"message_id", "in_reply_to", "references"})],
    ids=["2.0", "1.1"],
)
def test_what_old_mailman_lost_is_all_that_is_lost(tmp_path: Path, generation: Generation, lost: set[str]) -> None:
    """Before 2.1 the sender's address or the ids are gone from the archive; nothing else is."""
    articles = archive(tmp_path, KEEPERS, generation)
    plain = [article for article in articles if not article.mail.parts]

    assert {name for _, name, _, _ in differences(plain, read_back(tmp_path, articles))} == lost
