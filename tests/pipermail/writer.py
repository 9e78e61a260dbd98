"""Writing a list's archive below a folder, as a list server holds it. The only file here that writes."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from tests.pipermail.article import Article, archived
from tests.pipermail.forms import Generation, ListForm
from tests.pipermail.indexes import ORDERS, Volume, list_index, volume_index
from tests.pipermail.letters import in_charset
from tests.pipermail.mail import Mail
from tests.pipermail.page import page
from tests.pipermail.text import text


def write(
    root: Path, form: ListForm, mails: Iterable[Mail], *, generations: dict[str, Generation] | None = None
) -> list[Article]:
    """Write the archive of a list to `root/NAME` and tell what each mail became there.

    Called again with more mails it changes what Mailman would change: files whose bytes stay are not
    touched. Files carry the time at which their volume's last mail came, so the same mails make the
    same tree. `generations` names the volumes that another release of Mailman wrote.
    """
    articles = archived(form, mails, generations)
    for path, (data, when) in sorted(_files(form, articles).items()):
        _put(root / form.name / path, data, when.timestamp())
    return articles


Files = dict[str, tuple[bytes, datetime]]  # path below the list's folder, bytes and time


def _files(form: ListForm, articles: list[Article]) -> Files:
    """Make every file of the archive."""
    files: Files = {}
    volumes: list[Volume] = []
    arrivals = dict(zip((article.number for article in articles), _arrivals(articles), strict=True))
    newest = max(arrivals.values(), default=datetime.fromtimestamp(0, form.zone))
    for name, members in _by_volume(articles).items():
        texts = _texts(form, name, text(members), is_newest=name == form.volume(newest))
        volumes.append(Volume(name, _label(members[0]), members, _download(texts)))
        when = arrivals[members[-1].number]
        files |= {path: (data, when) for path, data in (texts | _volume(volumes[-1], when)).items()}
    for article in articles:
        files |= {file.path: (file.data, arrivals[article.number]) for file in article.files}
    return files | {"index.html": (in_charset(list_index(form, volumes), form.charset), newest)}


def _arrivals(articles: list[Article]) -> Iterable[datetime]:
    """Tell when each mail came: at its own time, but never before the one that came before it."""
    return accumulate((article.local for article in articles), max)


def _by_volume(articles: list[Article]) -> dict[str, list[Article]]:
    """Gather the articles of each volume in the order of arrival, the oldest volume first."""
    volumes: dict[str, list[Article]] = {}
    for article in articles:
        volumes.setdefault(article.volume, []).append(article)
    return dict(sorted(volumes.items(), key=lambda item: min(article.local for article in item[1])))


def _label(article: Article) -> str:
    return article.form.label(article.local) if article.generation.reads_mime else article.volume


def _texts(form: ListForm, name: str, data: bytes, *, is_newest: bool) -> dict[str, bytes]:
    """Make the downloads of a volume; the nightly gzip comes for each text but the newest."""
    plain, packed = {f"{name}.txt": data}, {f"{name}.txt.gz": gzip.compress(data, mtime=0)}
    return {
        "none": {},
        "plain": plain,
        "gzip": packed,
        "nightly": plain if is_newest else plain | packed,
    }[form.texts]


def _download(texts: dict[str, bytes]) -> tuple[str, int] | None:
    """Choose the download that the index names: the gzip when there is one."""
    return max(((name, len(data)) for name, data in texts.items()), default=None)


def _volume(volume: Volume, when: datetime) -> dict[str, bytes]:
    """Make a volume's pages and its four indexes, `index.html` being the threads."""
    form = volume.articles[-1].form
    files: dict[str, bytes] = {}
    order = volume.threaded
    place = {article.number: position for position, article in enumerate(order)}
    for article in volume.articles:
        at = place.get(article.number)  # a copy of a mail has no place and no neighbours
        before = order[at - 1] if at else None
        after = order[at + 1] if at is not None and at + 1 < len(order) else None
        files[article.page] = in_charset(page(article, before, after), article.form.charset)
    for name in ORDERS:
        files[f"{volume.name}/{name}.html"] = in_charset(volume_index(form, volume, name, when), form.charset)
    return files | {f"{volume.name}/index.html": files[f"{volume.name}/thread.html"]}


def _put(path: Path, data: bytes, when: float) -> None:
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (when, when))
