"""The settings of an archive: hamelin.toml and the flags of a command, as one frozen Config.

Both packages read it, and so does `scrapy crawl`. A person edits the file; here it is read,
checked key by key, made once with comments, and added to by appending: nothing that a
person wrote is ever rewritten.
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from crawler.errors import ArchiveTrouble, UsageError
from crawler.variables import ARCHIVE_VARIABLE, PASSWORD_VARIABLE, USER_VARIABLE

SETTINGS_FILE = "hamelin.toml"

Pages = Literal["needed", "all", "none"]
OldLinks = Literal["routed", "pages"]

Source = Literal["pages", "mbox"]
# Where a list stood whose address nobody tells: a host that is none for ever (RFC 2606, section 2).
NOWHERE = "http://imported.invalid/"

MAX_DELAY = 86400.0  # seconds; more than a day between two requests is a slip of the pen


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list of the archive: its name here and the URL of its archive, ending in a slash; `former` are old ones.

    `source` says where mails are read from: "pages" (and texts), or the "mbox" that the list offers.
    """

    name: str
    url: str
    former: tuple[str, ...] = ()
    source: Source = "pages"

    @property
    def urls(self) -> tuple[str, ...]:
        """Give all its addresses, that of today first."""
        return self.url, *self.former

    @property
    def is_nowhere(self) -> bool:
        """Say whether nobody told where the list's archive is, so that there is nothing to crawl."""
        return self.url.startswith(NOWHERE)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of an archive, checked.

    `delay`, `timeout` and `backoff` are in seconds: between two requests to a host, for one answer,
    and before the first repetition after a server's trouble. `contact` is a mail address or URL of
    the archive's owner, said to every server. `pages` tells which message pages are fetched, `hosts` which
    hosts a person vouches for (guard.py). `on_failure` and `on_silence` are commands for the shell.
    `searches` are queries by the names they were saved under.
    """

    folder: Path
    lists: tuple[KnownList, ...] = ()
    title: str | None = None
    language: str = "en"
    contact: str | None = None
    publish_addresses: bool = False
    delay: float = 1.0
    timeout: float = 180.0
    backoff: float = 2.0
    pages: Pages = "needed"
    old_links: OldLinks = "routed"
    hosts: tuple[str, ...] = ()
    on_failure: str = ""
    on_silence: str = ""
    searches: tuple[tuple[str, str], ...] = ()

    def with_flags(self, **flags: Any) -> Config:
        """Give the same settings with those flags that were given (not None) in their place."""
        given = {name: value for name, value in flags.items() if value is not None}
        for name, value in given.items():
            _check(name, name, value)
        return replace(self, **given)

    def with_lists(self, lists: tuple[KnownList, ...]) -> Config:
        """Give the same settings with other lists."""
        return replace(self, lists=lists)

    def known(self, url: str) -> KnownList | None:
        """Find the list that has or had this URL, whatever its scheme, and whether or not it ends in a slash."""
        return next((known for known in self.lists if _bare(url) in map(_bare, known.urls)), None)


def archive_folder(said: str | None = None) -> Path:
    """Give the archive's folder: as said, else as HAMELIN_ARCHIVE says, else the current one."""
    return Path(said or os.environ.get(ARCHIVE_VARIABLE) or ".")


def password_for(host: str, *, alone: bool) -> tuple[str, str] | None:
    """Give (user, password) for a host's private archives, as the environment has them; None for none.

    HAMELIN_USER and HAMELIN_PASSWORD are for the one host of a run (`alone`): no other may learn them. Both with the
    host's name behind, in capitals and with `_` for all but letters and digits, are for that host.
    """
    own = "_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in host).upper()
    for ending in (own, *([""] if alone else [])):
        user, password = os.environ.get(USER_VARIABLE + ending), os.environ.get(PASSWORD_VARIABLE + ending)
        if user and password:
            return user, password
    return None


def load(folder: Path) -> Config:
    """Read an archive's hamelin.toml; without the file, the defaults.

    UsageError at a key that there is not, or a value that it cannot have: the nearest key is said.
    ArchiveTrouble at a file that cannot be read or is no TOML.
    """
    path = folder / SETTINGS_FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Config(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveTrouble(f"{path} cannot be read: {error}.", hint="Mend the file, or its permissions.") from error
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ArchiveTrouble(f"{path} is no TOML: {error}.", hint="Mend that line.") from error
    return read(settings, folder)


def read(settings: Mapping[str, Any], folder: Path) -> Config:
    """Turn the tables of a hamelin.toml into a Config; UsageError names what is wrong and the nearest key."""
    lists = tuple(_lists(settings.get("lists", [])))
    values: dict[str, Any] = {}
    for key, value in _flat(settings):
        name = KEYS.get(key)
        if name is None:
            raise UsageError(f"{SETTINGS_FILE} has an unknown key `{key}`.", hint=_nearest(key, KEYS))
        _check(key, name, value)
        values[name] = tuple(value) if isinstance(value, list) else value
    return Config(folder, lists=lists, searches=_searches(settings.get("searches", {})), **values)


def name_for(url: str, lists: tuple[KnownList, ...]) -> str:
    """Choose a new list's name: the last part of its URL, with the host before it when that is taken.

    >>> name_for("https://lists.example.org/pipermail/kitchen/", ())
    'kitchen'
    >>> name_for("https://lists.example.org/pipermail/kitchen/", (KnownList("kitchen", "http://other.org/kitchen/"),))
    'lists.example.org-kitchen'
    """
    host, _, path = url.partition("://")[2].rstrip("/").partition("/")
    last = _plain(path.rpartition("/")[2]) or _plain(host)
    taken = {known.name for known in lists}
    candidates = [last, f"{_plain(host)}-{last}", *(f"{_plain(host)}-{last}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in candidates if name not in taken)


def add_list(folder: Path, known: KnownList) -> None:
    """Write a list below all that hamelin.toml holds; the file is made when it is missing."""
    path = folder / SETTINGS_FILE
    text = path.read_text("utf-8") if path.exists() else template()
    entry = f"\n[[lists]]\nname = {quoted(known.name)}\nurl = {quoted(known.url)}\n"
    write_whole(path, text.rstrip("\n") + "\n" + entry)


def create(folder: Path, *, title: str | None = None, contact: str | None = None) -> Path:
    """Make a folder with a commented hamelin.toml; ArchiveTrouble when there is one already."""
    path = folder / SETTINGS_FILE
    if path.exists():
        raise ArchiveTrouble(f"{path} is there already.", hint="Edit it; `hamelin update URL` adds a list.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, template(title=title, contact=contact))
    except OSError as error:
        raise ArchiveTrouble(f"{path} cannot be written: {error.strerror}.", hint="Choose another folder.") from error
    return path


def template(*, title: str | None = None, contact: str | None = None) -> str:
    """Make the text of a new hamelin.toml, every setting in it with its default and what it is for."""
    return TEMPLATE.format(title=_setting("title", title), contact=_setting("contact", contact))


TEMPLATE = """\
# Hamelin's settings for this archive. A line that begins with # says nothing to Hamelin;
# take the # away to set what stands there. What is written are the defaults.

# The name of the whole archive, as its site shows it.
{title}

# Who keeps this copy: a mail address or a URL. Every server that is asked is told it,
# so that its owner can write to you before blocking you.
{contact}

# The language of the site's own words and of word endings in searches.
# language = "en"

[privacy]
# Show senders' mail addresses in full. Without it they are shortened everywhere.
# publish_addresses = false

[politeness]
# Seconds between two requests to the same host. A robots.txt can ask for more.
# delay = 1.0
# Seconds to wait for one answer, and before asking again after a server's trouble (doubled each time).
# timeout = 180.0
# backoff = 2.0
# Message pages to fetch: "needed" (where the texts do not suffice), "all" or "none".
# pages = "needed"

[safety]
# Hosts that you vouch for: redirects may lead there from a list's own host, and they may be inside your network.
# hosts = []

[searches]
# Queries that are asked again and again: hamelin search --saved leaks --new
# leaks = "memory leak"

[site]
# Addresses of the old archive: "routed" by one page, or a page for each ("pages").
# old_links = "routed"

[notify]
# Commands for the shell, run when a run could not do all it should, and when a list is quieter than it uses
# to be, such as: mail -s "$HAMELIN_SUMMARY" me@example.org
# They get the run's report as JSON on stdin, and HAMELIN_EVENT, HAMELIN_SUMMARY and more as variables.
# on_failure = ""
# on_silence = ""

# The lists; `hamelin update URL` adds one below. A name is a folder of the site and stays as it is.
# A list whose server offers a raw mbox can be read from that: its table's key `source` can be "mbox".
"""


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_DELAY


def _hosts(value: object) -> bool:
    return isinstance(value, list) and all(_text(host) and not set(host) & set("/: ") for host in value)


CHECKS: dict[str, tuple[Callable[[object], bool], str]] = {
    "title": (_text, "a text"),
    "language": (_text, 'a language code such as "en"'),
    "contact": (_text, "a mail address or a URL"),
    "publish_addresses": (lambda value: isinstance(value, bool), "true or false"),
    "delay": (_seconds, f"seconds, from 0 to {MAX_DELAY:.0f}"),
    "timeout": (lambda value: _seconds(value) and value != 0, f"seconds, above 0, up to {MAX_DELAY:.0f}"),
    "backoff": (_seconds, f"seconds, from 0 to {MAX_DELAY:.0f}"),
    "pages": (lambda value: value in get_args(Pages), '"needed", "all" or "none"'),
    "hosts": (_hosts, 'a list of host names such as ["files.example.org"]'),
    "on_failure": (lambda value: isinstance(value, str), "a command for the shell"),
    "on_silence": (lambda value: isinstance(value, str), "a command for the shell"),
    "old_links": (lambda value: value in get_args(OldLinks), '"routed" or "pages"'),
}

LIST_KEYS = ("name", "url", "former", "source")
# Where a setting stands in the file ▶ its name in Config.
KEYS = {
    "title": "title",
    "language": "language",
    "contact": "contact",
    "privacy.publish_addresses": "publish_addresses",
    "politeness.delay": "delay",
    "politeness.timeout": "timeout",
    "politeness.backoff": "backoff",
    "politeness.pages": "pages",
    "safety.hosts": "hosts",
    "site.old_links": "old_links",
    "notify.on_failure": "on_failure",
    "notify.on_silence": "on_silence",
}


def _check(key: str, name: str, value: object) -> None:
    fits, wanted = CHECKS[name]
    if not fits(value):
        raise UsageError(f"`{key}` cannot be {value!r}.", hint=f"It is {wanted}.")


def _flat(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the settings as (table.key, value), lists and searches apart."""
    for key, value in settings.items():
        if key in ("lists", "searches"):
            continue
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", deep) for inner, deep in value.items())
        else:
            yield key, value


def _lists(entries: object) -> Iterator[KnownList]:
    hint = 'A list is a table: [[lists]], and below it url = "https://…" and name = "…".'
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"`lists` in {SETTINGS_FILE} cannot be read.", hint=hint)
    seen: list[KnownList] = []
    for entry in entries:
        unknown = [key for key in entry if key not in LIST_KEYS]
        if unknown:
            raise UsageError(
                f"{SETTINGS_FILE} has an unknown key `lists.{unknown[0]}`.", hint=_nearest(unknown[0], LIST_KEYS)
            )
        if not _text(entry.get("url")) or not _text(entry.get("name", "x")):
            raise UsageError(f"A list in {SETTINGS_FILE} has no url.", hint=hint)
        url, former = folder_url(entry["url"]), entry.get("former", [])
        if not isinstance(former, list) or not all(map(_text, former)):
            raise UsageError("`lists.former` is no list of addresses.", hint='Such as former = ["https://old…/"].')
        source = entry.get("source", "pages")
        if source not in get_args(Source):
            raise UsageError(f"`lists.source` cannot be {source!r}.", hint='It is "pages" or "mbox".')
        name = entry.get("name") or name_for(url, tuple(seen))
        known = KnownList(name, url, tuple(dict.fromkeys(map(folder_url, former))), source)
        if any(known.name == other.name or known.url == other.url for other in seen):
            raise UsageError(f"{SETTINGS_FILE} has the list `{known.name}` twice.", hint="Give one another name.")
        seen.append(known)
        yield known


def folder_url(url: str) -> str:
    """Give the address of a list's archive as it is compared: with one slash at its end."""
    return url.strip().rstrip("/") + "/"


def _searches(saved: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(saved, dict) or not all(_text(query) for query in saved.values()):
        hint = 'Below [searches], each is a name and a query: leaks = "memory leak".'
        raise UsageError(f"`searches` in {SETTINGS_FILE} cannot be read.", hint=hint)
    return tuple((str(name), query) for name, query in saved.items())


def _nearest(key: str, keys: Mapping[str, str] | tuple[str, ...]) -> str:
    """Say which key was meant, by its whole name or by its last part."""
    by_last = {name.rpartition(".")[2]: name for name in keys}
    close = difflib.get_close_matches(key, keys, 1) or [
        by_last[last] for last in difflib.get_close_matches(key.rpartition(".")[2], by_last, 1)
    ]
    if not close:
        return f"There are: {', '.join(keys)}."
    table, _, last = close[0].rpartition(".")
    return f"Did you mean `{last}`{f' in the table [{table}]' if table else ''}?"


def _bare(url: str) -> str:
    return url.rpartition("://")[2].rstrip("/")


def _plain(text: str) -> str:
    """Keep what can name a folder and stand in a URL as it is."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-+@") else "-" for c in text).strip(".-")


def _setting(key: str, value: str | None) -> str:
    return f"{key} = {quoted(value)}" if value else f'# {key} = ""'


def quoted(text: str) -> str:
    """Write a TOML basic string: JSON's escapes are among its own, DEL apart."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_whole(path: Path, text: str) -> None:
    """Put a text in a file's place at once, so that there is always a whole one."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, "utf-8")
    if path.exists():
        beside.chmod(path.stat().st_mode)
    os.replace(beside, path)
