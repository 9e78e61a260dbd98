"""The parts of a soak run: each a name, its share of the time, and the command that takes it.

A new part is a line here: any command that takes seconds, writes what it found below a folder, and ends with 0 when
that is nothing. `{seconds}` and `{folder}` in its arguments are filled in; `python` is the one that runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.fuzz.chain import TARGETS

SHARES = {"volume": 3, "held": 4, "page": 2}  # what most of an archive goes through; every other target has one


@dataclass(frozen=True)
class Part:
    """A part: what it is called, how much of the time is its, what is run."""

    name: str
    share: int
    command: tuple[str, ...]

    def filled(self, seconds: float, folder: str) -> list[str]:
        """Give the command with its time and place."""
        return [word.format(seconds=round(seconds), folder=folder) for word in self.command]


FUZZ = ("python", "-m", "tests.soak.fuzz", "{name}", "--seconds", "{seconds}", "--folder", "{folder}")
PARTS = {
    part.name: part
    for part in (
        Part("worst", 3, ("python", "-m", "tests.soak.worst", "--seconds", "{seconds}")),
        *(
            Part(f"fuzz-{name}", SHARES.get(name, 1), tuple(w.replace("{name}", name) for w in FUZZ))
            for name in TARGETS
        ),
    )
}
