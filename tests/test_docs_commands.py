"""What README, docs and help say of commands: every option is told of, and every example can be read by its command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from indexer.cli import cli

ROOT = Path(__file__).parent.parent
PROSE = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERYWHERE = {"--help", "--version"}  # told once, by `hamelin --help`
CODE = re.compile(r"`(hamelin [^`]+)`")
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
BESIDE = re.compile(r"\s{3,}\S.*|\s+#\s.*|…|\s(?:&&|[|>])\s.*")  # what stands beside a command, and what it leaves out


def _commands() -> dict[str, click.Command]:
    context = click.Context(cli)
    return {name: command for name in cli.list_commands(context) if (command := cli.get_command(context, name))}


def _examples() -> Iterator[tuple[str, str]]:
    """Give (where, line) of each command that is written anywhere."""
    for path in PROSE:
        text = path.read_text()
        lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
        lines += CODE.findall(FENCE.sub("", text))
        yield from ((path.name, line) for line in lines if line.startswith("hamelin "))
    for name, command in {"hamelin": cli, **_commands()}.items():
        for line in (command.help or "").splitlines():
            if line.strip().startswith("hamelin "):
                yield f"{name} --help", line.strip()


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_option_is_told_of(name: str) -> None:
    """README or docs name each long option in a text that names its command, too."""
    told = "\n".join(text for path in PROSE if f"hamelin {name}" in (text := path.read_text()) or f" {name} " in text)
    parameters = [parameter for parameter in _commands()[name].params if isinstance(parameter, click.Option)]
    options = {option for parameter in parameters if not parameter.hidden for option in parameter.opts}

    assert {
        option
        for option in options - EVERYWHERE
        if option.startswith("--") and not re.search(rf"{option}(?![\w-])", told)
    } == set()


def test_readme_names_every_command() -> None:
    """The table of README is whole, but for what it says elsewhere."""
    readme = (ROOT / "README.md").read_text()

    assert [name for name in _commands() if not re.search(rf"`?hamelin (?:--archive \w+ )?{name}\b", readme)] == []


@pytest.mark.parametrize(("where", "line"), sorted(set(_examples())))
def test_every_example_can_be_read(where: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No option is there that is not, no argument lacks: the command line is parsed, and nothing run."""
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, _parameter, _context: value)  # files need not be
    words = shlex.split(BESIDE.sub("", line))[1:]
    if not set(words) & {"--help", "--version"}:
        place = next((place for place, word in enumerate(words) if word in _commands()), len(words))
        context = cli.make_context("hamelin", words[: place + 1])
        rest = words[place + 1 :]
        if place < len(words) and (rest or where.endswith("help")):  # else the command is spoken of
            _commands()[words[place]].make_context(words[place], rest, parent=context)
