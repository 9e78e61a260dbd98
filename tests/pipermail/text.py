"""The text of a volume: every mail with the seven headers that pipermail keeps, in the order of arrival. Pure."""

from __future__ import annotations

import re
from datetime import UTC

from tests.pipermail.article import NOBODY, Article

ADDRESS = re.compile(r"([-+,.\w]+)@([-+.\w]+)")  # obscured in bodies since 2.1.6, within URLs too


def text(articles: list[Article]) -> bytes:
    """Write a volume's text in the list's charset; what does not fit is `?`."""
    return b"".join(entry(article).encode(article.form.charset, "replace") for article in articles)


def entry(article: Article) -> str:
    """Write one mail."""
    if article.generation.name == "1.1":
        return _ancient(article)
    address = article.address or NOBODY
    headers = {
        "From": f"{address} ({article.mail.named})",
        "Date": article.sent,
        "Subject": article.subject,
        "In-Reply-To": article.mail.in_reply_to,
        "References": "\n\t".join(article.mail.references),
        "Message-ID": article.message_id,
    }
    lines = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
    return f"From {address}  {_stamp(article)}\n{lines}\n{_body(article)}\n"


def _stamp(article: Article) -> str:
    """Say the time as C does: in the server's zone, in UTC before 2.1."""
    when = article.local if article.generation.reads_mime else article.local.astimezone(UTC)
    return f"{when:%a %b} {when.day:2d} {when:%H:%M:%S %Y}"


def _body(article: Article) -> str:
    if not (article.is_obscured and article.generation.obscures_text):
        return article.text
    return ADDRESS.sub(lambda match: article.obscure(match[0]), article.text)


def _ancient(article: Article) -> str:
    """Write a mail as Mailman 1 did: no Message-ID, no brackets, the Date header in the From line."""
    mail = article.mail
    headers = f"Date: {article.sent}\nFrom: {mail.named} {mail.from_address}\nSubject: {article.subject}\n"
    return f"From {mail.from_address} {article.sent}\n{headers}\n{article.text}\n"
