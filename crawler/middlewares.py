"""Between the spider and the servers: robots.txt, validators, redirects, repetitions, keeping, pauses.

In the order in which a request meets them (settings.py has the numbers):

    RobotsMiddleware     what robots.txt forbids is not asked; its Crawl-delay is obeyed
    ValidatorMiddleware  what we hold is asked for with If-None-Match and If-Modified-Since
    RepeatMiddleware     passing trouble is asked again, after the pause that the host's Pace says
    SiteMiddleware       redirects are followed within a site; elsewhere only from an address that a person
                         gave, or to a host that hamelin.toml names
    KeepMiddleware       every answer is kept, then judged, before anybody else sees it
    LoginMiddleware      where a login is asked for and one is known, it is given, and the request made again
    PatientClient        the request itself, when the host's Pace allows it (client.py)

What is kept and how is the keeper's business, what an answer is worth verdict.py's, how long to
wait pace.py's. Nothing is parsed here but robots.txt, by protego.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, Spider
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
)
from scrapy.http import Response

from crawler.client import Refused, run_of
from crawler.encodings import PackingTrouble, unpack
from crawler.keeper import ALL_THERE_IS, Ask, Exchange, good_payload
from crawler.links import same_site
from crawler.logins import Form, asks_for_password, filled, folder_of
from crawler.store import Capture
from crawler.verdict import PASSING, TORN, WALL, is_login, judge
from crawler.warc_records import Answer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.run import Run

ROBOT_NAME = "Hamelin"  # as robots.txt names us
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# mod_deflate adds this to an ETag when it packs, and then does not know its own ETag again (Apache bug 45023).
DEFLATED_ETAG = '-gzip"'
UNPACKED_KINDS = frozenset({"text", "attachment", "robots", "mbox"})  # asked for as they are: texts come packed already

# Exceptions of a host that there is not, that does not listen, or says nothing.
SILENCE = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError)
# Seconds: who gave an address waits for the first answer; large files take their time.
FIRST_TIMEOUT, LARGE_TIMES = 60.0, 5
FIRST_KINDS, LARGE_KINDS = frozenset({"entry", "robots"}), frozenset({"text", "attachment", "mbox"})


def request_for(ask: Ask, held: Capture | None, timeout: float) -> Request:
    """Make the request for what is asked; `trail` in its meta notes where redirects lead."""
    meta: dict[str, Any] = {"ask": ask, "held": held, "trail": [ask.url], "download_timeout": timeout}
    if ask.kind in FIRST_KINDS:
        meta |= {"download_timeout": min(timeout, FIRST_TIMEOUT), "max_retry_times": 1}
    if ask.kind in LARGE_KINDS:
        meta["download_timeout"] = timeout * LARGE_TIMES
    return Request(ask.url.partition("#")[0], meta=meta, dont_filter=True)


class RobotsMiddleware:
    """Ask nothing that a host's robots.txt forbids; where that cannot be had for a server's trouble, nothing at all."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.run = crawler, run_of(crawler)
        self._rules: dict[str, Protego] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it as Scrapy does."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass, or raise Refused."""
        ask: Ask = request.meta["ask"]
        if ask.kind == "robots":
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            if origin not in self._rules:
                request.meta["dont_retry"] = True  # the request for robots.txt was repeated itself
                self._rules[origin] = await self._fetch(f"{origin}/robots.txt", parts.hostname or "")
                request.meta.pop("dont_retry")
        if not self._rules[origin].can_fetch(request.url, ROBOT_NAME):
            raise Refused("is not for programs: robots.txt does not allow it", forbidden=True)

    async def _fetch(self, url: str, host: str) -> Protego:
        """Read a robots.txt (RFC 9309, 2.3.1): none there allows all, a server's trouble forbids all."""
        ask, held = Ask(url, "robots", ""), self.run.keeper.held(url)
        request = request_for(ask, held, self.run.config.timeout)
        response = await self.crawler.engine.download_async(request)
        body, status = response.body, response.status
        if status == HTTPStatus.NOT_MODIFIED:
            body, status = good_payload(self.run.keeper, held) or b"", 200
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            self.run.pace.close(host, f"cannot be asked what it allows: {url} answers {status}")
            raise Refused(self.run.pace.closed(host) or "")
        rules = Protego.parse(body.decode("utf-8", "replace") if 200 <= status < 300 else "")
        self.run.pace.at_most_every(host, rules.crawl_delay(ROBOT_NAME) or 0.0)
        return rules


class ValidatorMiddleware:
    """Ask with the validators of what we hold, so that what has not changed is not sent again."""

    def process_request(self, request: Request) -> None:
        """Add the fields."""
        ask: Ask = request.meta["ask"]
        held: Capture | None = request.meta.get("held")
        request.headers["Accept-Encoding"] = "identity" if ask.kind in UNPACKED_KINDS else "gzip"
        if ask.span:
            request.headers["Range"] = "bytes={}-{}".format(*ask.span)
        if held and held.etag and not held.etag.endswith(DEFLATED_ETAG):
            request.headers["If-None-Match"] = held.etag.encode("latin-1")
        if held and held.last_modified:
            request.headers["If-Modified-Since"] = held.last_modified.encode("latin-1")


class RepeatMiddleware(RetryMiddleware):
    """Ask again after trouble that may pass, as often as settings say; and once, where something else came."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Repeat what was answered with trouble, or with something else than what was asked for."""
        if response.status in PASSING:
            request.meta["max_retry_times"] = 1
        return super().process_response(request, response)

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        """Repeat what was not answered, unless nothing was ever heard from the host."""
        if isinstance(exception, SILENCE) and not run_of(self.crawler).pace.answers(
            urlsplit(request.url).hostname or ""
        ):
            return None
        return super().process_exception(request, exception)


class SiteMiddleware(RedirectMiddleware):
    """Follow redirects within a site; away from it those of an address that a person gave, or to a host vouched for."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it as Scrapy does, but for what Scrapy would do about the Referer."""
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Give the answer, or the request that a redirect asks for."""
        result = super().process_response(request, response)
        if isinstance(result, Request):
            ask: Ask = request.meta["ask"]
            self._check(request.url, result.url, ask)
            result.meta.pop("download_slot", None)
            result.meta["trail"].append(result.url)
        return result

    def _check(self, url: str, target: str, ask: Ask) -> None:
        """Raise Refused when a redirect leads where we do not go."""
        guard = run_of(self.crawler).guard
        if not same_site(url, target):
            if ask.kind != "entry" and not guard.vouches(target):
                raise Refused(f"leads to another site, {target}", moved=target)
            if ask.kind == "entry":
                guard.follow(urlsplit(url).hostname or "", urlsplit(target).hostname or "")

    def handle_referer(self, request: Request, response: Response) -> None:
        """Say no Referer: it is nobody's business which redirect we followed."""


class KeepMiddleware:
    """Keep each answer before anything else happens to it, and go on with what it is worth.

    A redirect is kept with the answer that it leads to, so that asking again for what has not changed
    writes nothing. What stands at an address that a person gave is for the spider to keep, if it is a list.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it as Scrapy does."""
        return cls(run_of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep and judge an answer; its status becomes the verdict, its body the unpacked payload."""
        ask: Ask = request.meta["ask"]
        answer = _answer(request, response)
        if response.status == HTTPStatus.NOT_MODIFIED:
            return response
        if response.status in REDIRECTS:
            request.meta["hops"] = (*request.meta.get("hops", ()), answer)
            return response
        held = self.run.keeper.held(ask.url)
        known = lambda: good_payload(self.run.keeper, held) or b""  # noqa: E731
        document = partial(self.run.habits.judge, ask, answer)
        verdict, payload = judge(ask.kind, answer, known, size=ask.size, text=ask.text, document=document)
        if ask.kind == "entry" and verdict == TORN:
            verdict = ALL_THERE_IS if request.meta.get("torn") == payload else TORN
            request.meta["torn"] = payload
        exchange = Exchange(ask, answer, verdict, payload, request.meta.get("hops", ()))
        if ask.kind == "entry":
            request.meta["exchange"] = exchange
        else:
            kept = self.run.keep(exchange)
            verdict = kept.verdict
            self.run.habits.note(ask, answer, verdict, payload)
            request.meta["changed"] = kept.changed or request.meta.get("changed", False)
            request.meta["rewritten"] = kept.rewritten
        if verdict == WALL and ask.kind != "attachment":
            self.run.pace.close(urlsplit(request.url).hostname or "", "puts a bot wall before its archive")
        return response.replace(status=verdict, body=payload)


class LoginMiddleware:
    """Log in where a private archive asks for it, once for each list; the form and its answer are not kept."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.sessions = crawler, run_of(crawler).sessions

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it as Scrapy does."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Add what tells who we are, for hosts that know us."""
        for name, value in self.sessions.fields(request.url).items():
            request.headers[name] = value

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Give the answer, or the request once more when a login was given."""
        challenge = (response.headers.get("WWW-Authenticate") or b"").decode("latin-1")
        basic, page = asks_for_password(response.status, challenge), b""
        if response.status in (401, 403) or (response.status == 200 and PRIVATE in request.url):
            page = _unpacked(response)  # with these Mailman sends its login form, by its age
        if not basic and not is_login(page):
            return response
        login = self.sessions.login(request.url, folder_of(request.url))
        if login and basic:
            self.sessions.use_basic(request.url, login)
        elif not (login and (form := filled(page, request.url, login)) and await self._sent(request, form)):
            return response
        return request.replace(dont_filter=True)

    async def _sent(self, request: Request, form: Form) -> bool:
        """Send a form, and say whether a cookie came of it."""
        fields = {"User-Agent": request.headers["User-Agent"], "Content-Type": "application/x-www-form-urlencoded"}
        meta = {"ask": request.meta["ask"], "download_timeout": request.meta["download_timeout"]}
        engine = self.crawler.engine
        assert engine, "there is one while requests are made"
        sent = Request(form.url, method="POST", headers=fields, body=form.body, meta=meta)
        answer = await engine.downloader.handlers.download_request_async(sent)
        cookies = [value.decode("latin-1") for value in answer.headers.getlist("Set-Cookie")]
        return self.sessions.take(form.url, cookies) and not is_login(_unpacked(answer))


PRIVATE = "/private/"  # in the address of each private archive (Mailman's Cgi/private.py)


def _unpacked(response: Response) -> bytes:
    with suppress(PackingTrouble):
        return unpack(response.body, (response.headers.get("Content-Encoding") or b"").decode("latin-1"))
    return b""


def _answer(request: Request, response: Response) -> Answer:
    """Put together what went over the wire; heads not overheard (a proxy's) are made from what Scrapy knows."""
    asked, head = request.meta.get("heads") or (_head(request), _head(response))
    return Answer(
        response.url, response.status, head, response.body, asked, request.meta["asked_at"],
        str(response.ip_address) if response.ip_address else None,
    )  # fmt: skip


def _head(message: Request | Response) -> bytes:
    if isinstance(message, Request):
        parts = urlsplit(message.url)
        start = (
            f"GET {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        )
    else:
        start = f"{message.protocol or 'HTTP/1.1'} {message.status} {responses.get(message.status, '')}\r\n"
    fields = [b"%s: %s\r\n" % (name, value) for name, values in message.headers.items() for value in values]
    return start.encode("latin-1", "replace") + b"".join(fields) + b"\r\n"
