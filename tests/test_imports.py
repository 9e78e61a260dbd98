"""Who may import whom, what does no I/O, and who may speak: the rules of docs/architecture.md, read from the code.

The rules are data; `breaches` finds what breaks them in one file's source, and is itself tested.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path.relative_to(ROOT).as_posix() for name in ("crawler", "indexer") for path in ROOT.glob(f"{name}/**/*.py")
)

# A library and the only files that may import it.
HOMES = {
    "scrapy": [
        "crawler/spiders/*",
        "crawler/middlewares.py",
        "crawler/client.py",
        "crawler/settings.py",
        "crawler/crawl.py",
    ],
    "whoosh": [
        "indexer/schema.py",
        "indexer/build.py",
        "indexer/search.py",
        "indexer/query/*whoosh*",
        "indexer/pack/read*",
    ],
    "pypdf": ["indexer/files/pdf.py"],
    "striprtf": ["indexer/files/pdf.py"],
    "jinja2": ["indexer/site/render.py"],
    # 100 ms and 15 MB, of use where an index is built only
    "numpy": ["indexer/inversion.py", "indexer/whoosh_files.py", "indexer/lookup_writer.py"],
    "click": ["indexer/cli.py", "indexer/bash_completion.py", "indexer/commands/*"],
    "rich": ["indexer/cli.py", "indexer/commands/*"],
    "indexer": ["indexer/*"],
    "tests": [],
    "bench": [],
}

# Text or bytes in, values out: no files, network, clock, processes or logging.
PURE = [
    "crawler/message.py", "crawler/errors.py", "crawler/pages.py", "crawler/plan.py", "crawler/parse/*",
    "indexer/threads.py", "indexer/thread_tree.py", "indexer/columns.py", "indexer/fields.py", "indexer/analysis.py",
    "indexer/accounts.py", "indexer/amounts.py", "indexer/letters.py", "indexer/stemming.py", "indexer/redaction.py",
    "indexer/spellings.py", "indexer/readable.py",
    "indexer/files/html_text.py", "indexer/body/*", "indexer/host_endings.py", "indexer/impact.py", "indexer/query/*",
    "indexer/site/urls.py", "indexer/site/pages.py", "indexer/site/text.py",
]  # fmt: skip
IMPURE_MODULES = {
    "asyncio", "fcntl", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "requests",
    "select", "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "warcio",
}  # fmt: skip
IMPURE_PATHS = {"urllib.request", "importlib.resources"}
IMPURE_CALLS = {"open", "input", "print"}
IMPURE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "now", "utcnow", "today"}
# wordings.json is a table of the format's facts, part of the code, read once; that it is JSON is all.
READS_ITS_OWN_TABLE = {"crawler/parse/wordings.py"}

SPEAKERS = ["indexer/start.py", "indexer/cli.py", "indexer/commands/*"]  # print, read argv, exit
SPEECH = {"print", "input", "exit", "quit", "breakpoint"}
SPEECH_OF_SYS = {"argv", "exit", "stdout", "stderr", "stdin"}
READERS_OF_THE_ENVIRONMENT = ["crawler/config.py", "indexer/bash_completion.py", *SPEAKERS]

NAMELESS = {"util", "utils", "helper", "helpers", "misc", "common", "tools", "stuff", "base"}


@dataclass(frozen=True)
class Use:
    """Something that a file uses: its dotted name and the line."""

    name: str
    line: int

    def within(self, names: set[str]) -> bool:
        """Whether it is one of the names or lies in one."""
        return any(self.name == name or self.name.startswith(name + ".") for name in names)


def breaches(path: str, source: str) -> list[str]:
    """Find what breaks the rules in a file, each as a sentence with its line."""
    tree = ast.parse(source)
    imports, calls, attributes = list(imported(tree, path)), list(called(tree)), list(attributed(tree))
    found = [*_strangers(path, imports), *_noise(path, calls, attributes), *_nameless(path)]
    if _matches(path, PURE):
        found += _impurities(path, imports, calls)
    return found


def imported(tree: ast.AST, path: str) -> Iterator[Use]:
    """Give what is imported: statements, relative ones resolved, and import_module with a plain name."""
    package = path.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Use(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Use(f"{module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and dotted(node.func).endswith(("import_module", "__import__")):
            yield from (Use(str(a.value), node.lineno) for a in node.args[:1] if isinstance(a, ast.Constant))


def called(tree: ast.AST) -> Iterator[Use]:
    """Give the dotted names of what is called."""
    return (Use(dotted(node.func), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call))


def attributed(tree: ast.AST) -> Iterator[Use]:
    """Give every attribute as a dotted name."""
    return (Use(dotted(node), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def dotted(node: ast.AST) -> str:
    """Say an expression as a dotted name, as far as it is one; what it hangs on is `?` when it is none."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(names))


def _matches(path: str, patterns: list[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def _strangers(path: str, imports: list[Use]) -> Iterator[str]:
    for use in imports:
        for library, homes in HOMES.items():
            if use.within({library}) and not _matches(path, homes):
                yield f"{path}:{use.line} imports {library}, which belongs to {', '.join(homes) or 'no package'}"


def _noise(path: str, calls: list[Use], attributes: list[Use]) -> Iterator[str]:
    if not _matches(path, SPEAKERS):
        speech = {f"sys.{name}" for name in SPEECH_OF_SYS}
        for use in [*(call for call in calls if call.name in SPEECH), *(a for a in attributes if a.name in speech)]:
            yield f"{path}:{use.line} uses {use.name}; only commands speak, read argv and exit"
    if not _matches(path, READERS_OF_THE_ENVIRONMENT):
        for use in attributes:
            if use.name in {"os.environ", "os.getenv"}:
                yield f"{path}:{use.line} reads the environment; that is for crawler/config.py"


def _nameless(path: str) -> Iterator[str]:
    for name in path.removesuffix(".py").split("/"):
        if name in NAMELESS:
            yield f"{path} is named {name}: name the thing that is in it"


def _impurities(path: str, imports: list[Use], calls: list[Use]) -> Iterator[str]:
    if path in READS_ITS_OWN_TABLE:
        return
    for use in imports:
        if use.within(IMPURE_MODULES) or use.within(IMPURE_PATHS):
            yield f"{path}:{use.line} is pure and imports {use.name}"
    for use in calls:
        if use.name in IMPURE_CALLS or use.name.rpartition(".")[2] in IMPURE_METHODS:
            yield f"{path}:{use.line} is pure and calls {use.name}"


def test_there_are_sources_to_check() -> None:
    """An empty list of files would pass every rule."""
    assert {"crawler/message.py", "crawler/errors.py"} <= set(SOURCES)


@pytest.mark.parametrize("path", SOURCES)
def test_a_file_keeps_the_rules(path: str) -> None:
    """No file imports, speaks or reaches out where it may not."""
    assert breaches(path, (ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize("path", SOURCES)
def test_a_file_lies_where_packages_find_it(path: str) -> None:
    """Every folder with code has an __init__.py, so that wheel, mypy and pytest see the same."""
    assert (ROOT / path).with_name("__init__.py").exists()


@pytest.mark.parametrize(
    ("path", "source", "breach"),
    [
        ("crawler/warc.py", "import indexer.fields", "imports indexer"),
        ("crawler/warc.py", "from indexer import fields", "imports indexer"),
        ("crawler/store.py", "def f():\n    from scrapy import Spider", "crawler/store.py:2 imports scrapy"),
        ("indexer/fields.py", "import whoosh.fields as w", "imports whoosh"),
        ("indexer/query/grammar.py", "from whoosh.query import Term", "imports whoosh"),
        ("indexer/site/pages.py", "import jinja2", "imports jinja2"),
        ("crawler/ingest.py", "importlib.import_module('whoosh.index')", "imports whoosh"),
        ("indexer/site/render.py", "from tests.list_server import Fault", "imports tests"),
        ("crawler/crawl.py", "import click", "imports click"),
        ("crawler/parse/dates.py", "import time", "is pure and imports time"),
        ("crawler/parse/dates.py", "from datetime import datetime\ndatetime.now()", "is pure and calls datetime.now"),
        ("crawler/parse/notices.py", "open('x')", "is pure and calls open"),
        ("crawler/pages.py", "from pathlib import Path", "is pure and imports pathlib.Path"),
        ("crawler/pages.py", "import os.path", "is pure and imports os.path"),
        ("crawler/plan.py", "from logging import getLogger", "is pure and imports logging.getLogger"),
        ("indexer/threads.py", "p.read_text()", "is pure and calls p.read_text"),
        ("indexer/query/grammar.py", "import urllib.request", "is pure and imports urllib.request"),
        ("crawler/crawl.py", "print('so far')", "uses print"),
        ("crawler/ingest.py", "import sys\nsys.exit(1)", "uses sys.exit"),
        ("indexer/build.py", "import sys\nx = sys.argv[1]", "uses sys.argv"),
        ("indexer/build.py", "import sys\nsys.stderr.write('so far')", "uses sys.stderr"),
        ("indexer/site/feeds.py", "import os\nos.environ['HOME']", "reads the environment"),
        ("indexer/utils.py", "", "is named utils"),
        ("crawler/helpers/text.py", "", "is named helpers"),
    ],
)
def test_a_breach_is_found(path: str, source: str, breach: str) -> None:
    """Each rule catches what breaks it, and says where."""
    found = breaches(path, source)

    assert found
    assert any(breach in sentence for sentence in found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("crawler/spiders/pipermail.py", "import scrapy\nfrom scrapy.http import Response"),
        ("indexer/query/to_whoosh.py", "from whoosh.query import Term"),
        ("indexer/pack/reader.py", "from whoosh.reading import IndexReader"),
        ("indexer/commands/search.py", "import sys, click, rich\nprint(sys.argv)\nsys.exit(1)"),
        ("indexer/build.py", "import crawler.store\nfrom pathlib import Path\nopen('x')"),
        ("crawler/config.py", "import os\nos.environ.get('HAMELIN_ARCHIVE')"),
        ("crawler/parse/dates.py", "import datetime as dt\nimport urllib.parse\nx = dt.datetime(2024, 1, 1)"),
        ("indexer/search.py", "from indexer.query import read\nimport indexerlike"),
    ],
)
def test_what_is_allowed_is_no_breach(path: str, source: str) -> None:
    """The rules let pass what the architecture allows."""
    assert breaches(path, source) == []


def test_relative_imports_are_resolved() -> None:
    """A relative import is seen as the module that it means."""
    source = "from . import stemming\nfrom ..crawler import store\nfrom .grammar import read"
    names = [use.name for use in imported(ast.parse(source), "indexer/query/words.py")]

    assert names == ["indexer.query.stemming", "indexer.crawler.store", "indexer.query.grammar.read"]
