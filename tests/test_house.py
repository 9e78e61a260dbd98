"""The house rules that no tool holds: sizes, a sentence for every test, documents that name what there is."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from indexer.cli import cli

ROOT = Path(__file__).parent.parent
OURS = ("crawler", "indexer", "site_templates", "tests", "bench", "docs", ".ci")
PACKAGES = ("crawler", "indexer")
CODE = sorted(path for name in (*PACKAGES, "tests", "bench") for path in ROOT.glob(f"{name}/**/*.py"))
TESTS = [path for path in CODE if path.name.startswith("test_")]
SCRIPTS = sorted(ROOT.glob("site_templates/**/*.js"))
TEXTS = sorted(
    path
    for path in [
        *(path for path in ROOT.glob("*") if path.name != ".git"),
        *(path for name in OURS for path in ROOT.glob(f"{name}/**/*")),
    ]
    if path.suffix in {".py", ".md", ".toml", ".js", ".css", ".html", ".json", ".lock", ""} and path.is_file()
)

DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
CONTEXT = click.Context(cli)
VERBS = cli.list_commands(CONTEXT)

LONGEST_FUNCTION = 60  # lines without the docstring
LONGEST_FILE = 400  # lines; a longer one holds two things
HIGHEST_MEDIAN = 12  # lines of a package's functions; ten is the aim

# What only one machine has: folders for work and for passing things, and where this very copy lies.
MACHINE_PATH = re.compile(r"(?<![\w.:/<$*}-])/(?:work|root|tmp)/[\w.-]+")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]+`")
SENTENCE = re.compile(r"\S.*[.!?]\Z", re.DOTALL)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(paths: list[Path]) -> list[object]:
    """Give each path as a parameter that is named for it."""
    return [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in paths]


def functions(source: str) -> Iterator[Function]:
    """Give the functions and methods of a source, those within others included."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))


def length(function: Function) -> int:
    """Count a function's lines from `def` to its end, without its docstring.

    >>> length(next(functions("def f():\\n    '''Say\\n    it.'''\\n    return 1\\n")))
    2
    """
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None or first.end_lineno is None:
        return lines
    return lines - (first.end_lineno - first.lineno + 1)


def unsaid(source: str) -> list[str]:
    """Name the tests of a source whose docstring is no sentence.

    >>> unsaid("def test_a(): pass\\ndef test_b():\\n    '''it works'''\\ndef test_c():\\n    '''It works.'''")
    ['test_a', 'test_b']
    """
    tests = [function for function in functions(source) if function.name.startswith("test_")]
    return [test.name for test in tests if not SENTENCE.match((ast.get_docstring(test) or "").split("\n\n")[0])]


def shown_commands(text: str) -> set[str]:
    """Find the commands that a document shows: what stands after `hamelin` and its options, in code.

    >>> sorted(shown_commands("`hamelin status`, hamelin is\\n```\\nhamelin --archive x update --delay 0 URL\\n```\\n"))
    ['status', 'update']
    """
    code = "\n".join(FENCE.findall(text) + INLINE.findall(FENCE.sub("", text)))
    return set(re.findall(r"\bhamelin (?:-\S+ (?:\S+ )?)*?([a-z]+)\b", code))


def shadows(source: str) -> list[str]:
    """Name what a module defines and a comprehension in one of its functions takes for its variable.

    >>> shadows("row = 1\\ndef f(rows):\\n    return [row for row in rows]\\ndef g():\\n    return [x for x in row]")
    ['row']
    """
    tree = ast.parse(source)
    defined = {name for node in tree.body for name in _defined(node)}
    loops = (
        node for function in functions(source) for node in ast.walk(function) if isinstance(node, ast.comprehension)
    )
    taken = {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
    return sorted(taken & defined)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def machine_paths(text: str) -> list[str]:
    """Find the paths in a text that only one machine has."""
    return [*MACHINE_PATH.findall(text), *([str(ROOT)] if f"{ROOT}/" in text else [])]


@pytest.mark.parametrize("path", named(CODE))
def test_a_function_fits_a_screen(path: Path) -> None:
    """No function is longer than sixty lines without its docstring."""
    lengths = {
        f"{function.name}:{function.lineno}": length(function) for function in functions(path.read_text("utf-8"))
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", named([*CODE, *SCRIPTS]))
def test_a_file_holds_one_thing(path: Path) -> None:
    """No file of code is longer than four hundred lines."""
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short(package: str, record_property: Callable[[str, object], None]) -> None:
    """Half of a package's functions have a dozen lines or fewer."""
    sources = [path.read_text("utf-8") for path in CODE if path.is_relative_to(ROOT / package)]
    median = statistics.median(length(function) for source in sources for function in functions(source))
    record_property("median", median)

    assert median <= HIGHEST_MEDIAN


@pytest.mark.parametrize("path", named(CODE))
def test_a_module_says_what_it_is(path: Path) -> None:
    """Every module begins with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", named(CODE))
def test_a_loop_takes_no_name_of_its_module(path: Path) -> None:
    """No comprehension's variable is named as something of its module: Python 3.12.1 then loses the latter."""
    assert shadows(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", named(TESTS))
def test_a_test_says_its_behaviour(path: Path) -> None:
    """Every test function has a docstring that is a sentence."""
    assert unsaid(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", named(TEXTS))
def test_no_text_names_a_folder_of_one_machine(path: Path) -> None:
    """Nothing that we ship speaks of a path that only one machine has."""
    assert machine_paths(path.read_text("utf-8", "replace")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see '/{}/ann'", True),
        ("cd /{}/x && make", True),
        ("https://example.org/{}/ann", False),
        ("pages/{}/x", False),
        ("/{}", False),
    ],
)
@pytest.mark.parametrize("folder", ["tmp", "work", "root"])
def test_a_machines_path_is_recognised(text: str, found: bool, folder: str) -> None:
    """Paths of a machine are told from parts of URLs and of other paths."""
    assert bool(machine_paths(text.format(folder))) == found


def test_the_path_of_this_copy_is_recognised() -> None:
    """Where this very copy lies is no place to speak of."""
    assert machine_paths(f"see {ROOT}/README.md") != []


def test_there_is_something_to_hold() -> None:
    """Empty lists would pass every rule."""
    assert len(CODE) > 20
    assert len(TESTS) > 5
    assert ROOT / "README.md" in TEXTS
    assert ROOT / ".ci" / "run" in TEXTS


class TestDocuments:
    """README and the docs name what there is."""

    def test_every_make_target_in_a_document_exists(self) -> None:
        """A target that a document names is one of the Makefile's."""
        targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
        texts = [path.read_text("utf-8") for path in DOCUMENTS]
        asked = {name for text in texts for name in re.findall(r"(?:`|^)make ([\w-]+)", text, re.MULTILINE)}

        assert {"demo", "test"} <= asked
        assert asked <= targets

    def test_every_link_in_a_document_leads_somewhere(self) -> None:
        """A relative link in README or docs leads to a file of this repository."""
        dead = [
            f"{path.name}: {link}"
            for path in [*DOCUMENTS, ROOT / "CHANGELOG.md"]
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
            if not (path.parent / link).exists()
        ]

        assert dead == []

    def test_every_command_in_a_document_exists(self) -> None:
        """A command that a document shows is one that hamelin has."""
        asked = {verb for path in DOCUMENTS for verb in shown_commands(path.read_text("utf-8"))}

        assert "update" in asked
        assert asked - set(VERBS) == set()

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_command_is_explained(self, verb: str) -> None:
        """Each command has a help text that ends with an example of itself, and README names it."""
        command = cli.get_command(CONTEXT, verb)

        assert command
        assert re.search(rf"Examples?:\n(.*\n)*? +(\S+=\S+ )*hamelin .*\b{verb}\b", (command.help or "") + "\n")
        assert verb in shown_commands((ROOT / "README.md").read_text("utf-8"))
