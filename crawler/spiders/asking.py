"""One address asked for, and the answer or the reason why there is none.

Everything that Scrapy or the network raises ends here as a sentence; what is raised beyond that is a
bug of ours, or trouble of the archive itself.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.client import Refused
from crawler.keeper import Ask
from crawler.middlewares import request_for
from crawler.reply import WRONG, Reply
from crawler.store import Capture
from crawler.verdict import LOGIN, REASONS, is_login

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.run import Run

# What the network can do to us ▶ what to say of it.
TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (CannotResolveHostError, "has a host name that nobody knows"),
    (DownloadConnectionRefusedError, "is on a host that refuses connections"),
    (DownloadTimeoutError, "was not answered in time"),
    (ResponseDataLossError, "broke off in the middle"),
    (DownloadCancelledError, "is larger than anything in a mail archive"),
    (DownloadFailedError, "was not answered: the connection broke"),
    (UnsupportedURLSchemeError, "is no address on the web"),
    (ConnectError, "is on a host that cannot be reached"),
    (ConnectionClosed, "was not answered: the connection broke"),
    (IgnoreRequest, "is redirected without end"),
)
NETWORK = tuple(kind for kind, _ in TROUBLES)


async def ask_for(crawler: Crawler, run: Run, ask: Ask, held: Capture | None = None) -> Reply:
    """Ask for an address, with the validators of what is held if that is given."""
    request = request_for(ask, held, run.config.timeout)
    trail: list[str] = request.meta["trail"]
    try:
        response = await crawler.engine.download_async(request)
    except Refused as refused:
        return Reply(
            trail[-1], None, reason=refused.reason, closed=_closed(run, trail[-1]),
            forbidden=refused.forbidden, moved=refused.moved, hint=refused.hint,
        )  # fmt: skip
    except NETWORK as error:
        reason = next(words for kind, words in TROUBLES if isinstance(error, kind))
        return Reply(trail[-1], None, reason=reason, closed=_closed(run, trail[-1]))
    meta = response.request.meta if response.request else request.meta
    return Reply(
        response.url, response.status, response.body, meta.get("changed", False), meta.get("rewritten", False),
        meta.get("exchange"), _reason(response.status), _closed(run, response.url), hint=_hint(run, response),
    )  # fmt: skip


def _reason(status: int) -> str:
    if status in REASONS:
        return REASONS[status]
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    return f"was answered with {status} {phrase}".rstrip()


def _hint(run: Run, response: Response) -> str:
    denied = response.status in (LOGIN, HTTPStatus.UNAUTHORIZED)
    return WRONG if run.sessions.given(response.url) and (denied or is_login(response.body)) else ""


def _closed(run: Run, url: str) -> bool:
    return run.pace.closed(urlsplit(url).hostname or "") is not None
