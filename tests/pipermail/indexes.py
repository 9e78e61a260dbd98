"""The index pages: of a list (its volumes), and of a volume by thread, subject, author and date. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.pipermail.article import Article
from tests.pipermail.forms import ListForm
from tests.pipermail.letters import escaped

DEEPEST = 3  # deeper answers are shown at this depth; the comments tell their true place
ORDERS = ("thread", "subject", "author", "date")


@dataclass(frozen=True)
class Volume:
    """A volume as the index pages need it; `text` is its download's name and size in bytes, if there is one."""

    name: str
    label: str
    articles: list[Article]
    text: tuple[str, int] | None = None

    @property
    def listed(self) -> list[Article]:
        """Its articles as indexes link them: each copy of a Message-ID as the first of them."""
        first: dict[str, Article] = {}
        return [first.setdefault(article.message_id, article) for article in self.articles]

    @property
    def threaded(self) -> list[Article]:
        """Its articles in the order of their thread keys, each Message-ID once."""
        return sorted({article.number: article for article in self.listed}.values(), key=lambda article: article.key)


def list_index(form: ListForm, volumes: list[Volume]) -> str:
    """Write the list's index, the newest volume first."""
    words = form.words
    title = words["archives"] % {"title": form.title}
    columns = "".join(f"<td>{name}</td>\n          " for name in words["columns"])
    rows = "".join(_row(form, volume) for volume in reversed(volumes))
    table = f"<table border=3>\n          <tr>{columns}</tr>\n{rows}    </table>\n" if rows else words["no_archives"]
    about = words["about"] % {"url": form.about}
    return (
        f"{_top(form, title)}     <h1>{title} </h1>\n     <p>\n      {about}\n     </p>\n"
        f"    {table}\n     </BODY>\n     </HTML>\n"
    )


def _top(form: ListForm, title: str) -> str:
    meta = f'     <META http-equiv="Content-Type" content="text/html; charset={form.charset}">\n'
    return (
        f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD {form.generation.doctype}//EN">\n<HTML>\n  <HEAD>\n'
        f'     <title>{title}</title>\n     <META NAME="robots" CONTENT="noindex,follow">\n'
        f'{meta if form.generation.reads_mime else ""}  </HEAD>\n  <BODY BGCOLOR="#ffffff">\n'
    )


def _row(form: ListForm, volume: Volume) -> str:
    words = form.words
    links = "".join(
        f'              <A href="{volume.name}/{order}.html">[ {label} ]</a>\n'
        for order, label in zip(ORDERS, words["orders"], strict=True)
    )
    download = ""
    if volume.text:
        name, size = volume.text
        label = words["gzipd_text" if name.endswith(".gz") else "text"] % {"sz": _size(form, size)}
        download = f'            <td><A href="{name}">[ {label}]</a></td>\n'
    return (
        f"\n    <tr>\n            <td>{volume.label}{words['colon']}</td>\n            <td>\n{links}            </td>\n"
        f"{download}            </tr>\n"
    )


def _size(form: ListForm, size: int) -> str:
    return str(form.words["size_bytes"] % {"size": size}) if size < 1000 else f" {size // 1000} KB "


def volume_index(form: ListForm, volume: Volume, order: str, archived: datetime) -> str:
    """Write a volume's index in one of the four orders."""
    words = form.words
    names = {"volume": volume.label, "order": words[order], "title": form.title}
    sorts = f"<li> <b>{words['sorted_by']}</b>\n{_sorts(form, order)}"
    times = sorted(article.local for article in volume.articles)
    first, last = words.time(times[0]), words.time(times[-1])
    title = words["volume_title"] % names
    return "".join([
        _top(form, title), f'      <a name="start"></A>\n      <h1>{words["volume_head"] % names}</h1>\n',
        f"      <ul>\n         {sorts}      </ul>\n",
        f"      <p><b>{words['starting']}</b> <i>{first}</i><br>\n",
        f"         <b>{words['ending']}</b> <i>{last}</i><br>\n",
        f"         <b>{words['messages']}</b> {len(volume.articles)}<p>\n     <ul>\n\n", _entries(volume, order),
        f'    </ul>\n    <p>\n      <a name="end"><b>{words["last"]}</b></a> \n       <i>{last}</i><br>\n',
        f"    <b>{words['archived']}</b> <i>{words.time(archived)}</i>\n    <p>\n   <ul>\n         {sorts}     </ul>\n",
        f"     <p>\n     <hr>\n     <i>{words['generated'] % {'version': form.generation.version}}</i>\n",
        "  </BODY>\n</HTML>\n",
    ])  # fmt: skip


def _sorts(form: ListForm, order: str) -> str:
    others = [name for name in ORDERS if name != order]
    links = [f'\t\t<a href="{name}.html#start">[ {form.words[name]} ]</a>\n' for name in others]
    return "".join(links) + f'\t     <li><b><a href="{form.about}">{form.title}</a></b></li>\n'


def _entries(volume: Volume, order: str) -> str:
    if order == "thread":
        return _threads(volume.threaded)
    keys: dict[str, Callable[[Article], tuple[str, int]]] = {
        "subject": lambda article: (article.title.lower(), article.number),
        "author": lambda article: (article.author.lower(), article.number),
        "date": lambda article: (f"{article.epoch:011d}", article.number),
    }
    return "".join(_entry(article) for article in sorted(volume.listed, key=keys[order]))


def _threads(articles: list[Article]) -> str:
    """Write the entries nested by depth; hyphens in ids count as depth too, as they do in the wild."""
    lines, depth = [], 0
    for article in articles:
        wanted = min(DEEPEST, article.key.count("-") - 1)
        lines += ["<UL>\n"] * (wanted - depth) + ["</UL>\n"] * (depth - wanted)
        lines += [f"<!--{wanted} {article.key} -->\n", _entry(article)]
        depth = wanted
    return "".join(lines + ["</UL>\n"] * depth)


def _entry(article: Article) -> str:
    title, author = escaped(article.title, article.generation), escaped(article.author, article.generation)
    if article.generation.name == "1.1":
        return f'<LI> <A HREF="{article.file_name}">{title}</A> <A NAME="{article.number}"></A><I>{author}</I>\n'
    link = f'<A HREF="{article.file_name}">{title}\n</A><A NAME="{article.number}">&nbsp;</A>'
    return f"<LI>{link}\n<I>{author}\n</I>\n\n"
