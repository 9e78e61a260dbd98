"""The page of one message, `NNNNNN.html`, in the form of its generation. Pure: text out, no bytes yet."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from tests.pipermail.article import Article
from tests.pipermail.forms import ListForm
from tests.pipermail.letters import escaped as escape

QUOTED = re.compile(r"[>|:]+")  # what begins a quoted line; its letters stay, the rest is italic
LINK = re.compile(  # an address of the web, or a mail address
    r"(?P<url>\b\w+://[^\s\]})>'\"]*[^\s\]})>'\"_])|(?P<address>[-+,.\w]+@[-+.\w]+)", re.ASCII
)
DATED_RAW = {"1.1", "2.0"}  # generations whose pages show the Date header itself

STYLE = '<style type="text/css">pre { white-space: pre-wrap; }</style>'


def page(article: Article, before: Article | None, after: Article | None) -> str:
    """Write a message's page; `before` and `after` are its neighbours in the order of threads."""
    return "".join([_head(article, before, after), _heading(article), _around(article, before, after, top=True),
        "<!--beginarticle-->\n", _body(article), "<!--endarticle-->\n",
        _around(article, before, after, top=False), _foot(article.form)])  # fmt: skip


def _head(article: Article, before: Article | None, after: Article | None) -> str:
    generation, form = article.generation, article.form
    links = [("Previous", before), ("Next", after)]
    pre_wrap = generation.key == "number"
    meta = f'   <META http-equiv="Content-Type" content="text/html; charset={form.charset}">\n'
    return "".join([
        f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD {generation.doctype}//EN">\n<HTML>\n <HEAD>\n',
        f"   <TITLE> {escape(article.title, article.generation)}\n   </TITLE>\n",
        f'   <LINK REL="Index" HREF="index.html" >\n   <LINK REL="made" HREF="{_mailto(article)}">\n',
        f"   {STYLE}\n" if pre_wrap else "",
        meta if generation.reads_mime else "",
        *(f'   <LINK REL="{name}"  HREF="{other.file_name}">\n' for name, other in links if other),
        " </HEAD>\n",
    ])  # fmt: skip


def _heading(article: Article) -> str:
    generation, form = article.generation, article.form
    title, breaks = escape(article.title, article.generation), form.language == "fr" or generation.name == "2.0"
    end = "\n   " if breaks else ""
    when = (article.mail.sent or "") if generation.name in DATED_RAW else form.words.time(article.local)
    anchor = "<A\n    HREF" if form.language == "de" else "<A HREF"
    closing = "" if generation.name == "1.1" else "\n       "
    sender, address = escape(article.author, article.generation), escape(article.address, article.generation)
    return (
        f' <BODY BGCOLOR="#ffffff">\n   <H1>{title}{end}</H1>\n    <B>{sender}{end}</B> \n'
        f'    {anchor}="{_mailto(article)}"\n       TITLE="{title}">{address}{closing}</A><BR>\n'
        f"    <I>{escape(when, article.generation)}</I>\n"
    )


def _mailto(article: Article) -> str:
    """Make the link that answers the mail: whom to, what about, and an id whose meaning changed in 2.1.10."""
    generation, mail = article.generation, article.mail
    to = article.form.posting if article.is_obscured or generation.name == "2.0" else mail.from_address or ""
    if generation.reply == "none":
        return f"mailto:{quote(to)}"
    if generation.reply == "own":
        return f"mailto:{quote(to)}?Subject={quote('Re: ' + article.subject)}&In-Reply-To={quote(article.message_id)}"
    parent = quote((mail.in_reply_to or "").strip("<>"))
    return f"mailto:{quote(to)}?Subject={quote(article.subject)}&In-Reply-To={parent}"


def _around(article: Article, before: Article | None, after: Article | None, *, top: bool) -> str:
    """Write the links to the neighbours and to the four orders, above or below the text."""
    words, number = article.form.words, article.number
    sorts = "".join(
        f'              <a href="{order}.html#{number}">[ {words[order]} ]</a>\n'
        for order in ("date", "thread", "subject", "author")
    )
    return "".join([
        "" if top else "    <HR>\n",
        "    <P><UL>\n",
        "" if top else "        <!--threads-->\n",
        _neighbour(article, "previous", before), _neighbour(article, "next", after),
        f"         <LI> <B>{words['sorted_by']}</B> \n{sorts}         </LI>\n       </UL>\n",
        "    <HR>  \n" if top else "",
    ])  # fmt: skip


def _neighbour(article: Article, side: str, other: Article | None) -> str:
    if other is None:
        return ""
    label = article.form.words[f"{side}_message"] if article.generation.by_thread else f"{side.title()} message:"
    return f'        <LI>{label} <A HREF="{other.file_name}">{escape(other.title, article.generation)}\n</A></li>\n'


def _foot(form: ListForm) -> str:
    more = form.words["more"] % {"title": form.title}
    return f'\n<hr>\n<a href="{form.about}">{more}</a><br>\n</body></html>\n'


def _body(article: Article) -> str:
    """Write the text within its PRE; an empty one has none at all."""
    if not article.text:
        return "\n"
    lines = article.text.removesuffix("\n").split("\n")
    return f"<PRE>{''.join(_line(line, article) for line in lines)}</PRE>\n\n"


def _line(line: str, article: Article) -> str:
    """Write a line; a quoted one is italic, with its line end inside."""
    quoting = QUOTED.match(line)
    if not quoting:
        return _linked(line, article) + "\n"
    return f"{html.escape(quoting[0])}<i>{_linked(line[quoting.end() :], article)}\n</I>"


def _linked(text: str, article: Article) -> str:
    pieces, done = [], 0
    for match in LINK.finditer(text):
        pieces += [escape(text[done : match.start()], article.generation), _link(match, article)]
        done = match.end()
    return "".join(pieces) + escape(text[done:], article.generation)


def _link(match: re.Match[str], article: Article) -> str:
    shown = escape(match[0], article.generation)
    if match["url"]:
        return f'<A HREF="{match[0]}">{shown}</A>'
    if article.is_obscured:
        return f'<A HREF="{article.form.about}">{escape(article.obscure(match[0]), article.generation)}</A>'
    return f'<A HREF="mailto:{match[0]}">{shown}</A>'
