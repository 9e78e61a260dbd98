"""Scrapy's settings, each politeness value with its reason; used by `hamelin crawl` and by `scrapy crawl` alike.

What an archive's hamelin.toml says comes on top (`for_config`).
"""

from __future__ import annotations

from typing import Any

from crawler.config import Config

BOT_NAME = "hamelin"
SPIDER_MODULES = ["crawler.spiders"]

# Politeness: a list server sees one client that asks one thing at a time.
ROBOTSTXT_OBEY = True  # by our own middleware: Scrapy's takes a server's error for permission
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # old list servers are small machines that also have mail to deliver
DOWNLOAD_DELAY = 1.0  # seconds; a whole list in a night, and no load that anybody would notice
DOWNLOAD_DELAY_JITTER = 0.0  # "a second between two requests" is at least one; there is nobody to deceive
RETRY_TIMES = 3  # with growing pauses (pace.py), so that a restart of the server is lived through
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 522, 524, 600, 601, 604, 605]  # from 600 on: verdict.py
REDIRECT_MAX_TIMES = 5  # slash, https and www. are three
DOWNLOAD_TIMEOUT = 180.0  # seconds for one answer; hamelin.toml can say otherwise
DOWNLOAD_MAXSIZE = 256 << 20  # bytes; the largest volume texts seen have 30 MB
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True  # half an answer is no answer
DOWNLOAD_VERIFY_CERTIFICATES = False  # old hosts let theirs run out, and what is public needs no secrecy

DOWNLOAD_HANDLERS = {
    "http": "crawler.client.PatientClient",
    "https": "crawler.client.PatientClient",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# All there is, in the order in which a request meets them; Scrapy's own lists of components are left out,
# as it imports (and some of them start) what is only switched off.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "crawler.middlewares.ValidatorMiddleware": 390,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "crawler.middlewares.RepeatMiddleware": 550,
    "crawler.middlewares.SiteMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "crawler.middlewares.KeepMiddleware": 950,
    "crawler.middlewares.LoginMiddleware": 960,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
DEFAULT_REQUEST_HEADERS = {"Accept": "*/*"}

CONFIGURED = "HAMELIN_CONFIGURED"  # the setting that tells that for_config was applied

# Nothing listens, counts or speaks but we.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
LOG_VERSIONS: list[str] = []
STATS_DUMP = False


def for_config(config: Config, version: str, hosts: int = 1) -> dict[str, Any]:
    """Give the settings that follow from an archive's hamelin.toml; `hosts` are asked side by side."""
    return {
        CONFIGURED: True,
        "USER_AGENT": user_agent(config.contact, version),
        "DOWNLOAD_DELAY": config.delay,
        "DOWNLOAD_TIMEOUT": config.timeout,
        "CONCURRENT_REQUESTS": max(2, 2 * hosts),
    }


def user_agent(contact: str | None, version: str) -> str:
    """Say who asks, and how its owner can be reached.

    >>> user_agent("mailto:me@example.org", "1.0")
    'Hamelin/1.0 (+mailto:me@example.org)'
    """
    plain = "".join(c if c.isascii() and c.isprintable() and c not in "()" else "?" for c in contact or "").strip()
    return f"Hamelin/{version} (+{plain})" if plain else f"Hamelin/{version} (mailing list archive; no contact given)"
