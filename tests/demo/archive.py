"""The two lists of the demo, as their server would hold them: written below a folder, the same each time."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

from tests.demo.letters import post
from tests.pipermail import Article, ListForm, write

HERE = Path(__file__).parent
HOST = "lists.aldermoor.example.org"
FOOTER = "_______________________________________________\n{title} mailing list\n{title}@{host}\n{about}\n"

KEEPERS = ListForm("keepers", host=HOST)
TRADUCTION = ListForm(
    "traduction", host=HOST, language="fr", frequency="quarterly", zone=timezone(timedelta(hours=1), "CET")
)
LETTERS = {
    KEEPERS: ("[Keepers]", ["keepers-2023.letters", "keepers-2024.letters"]),
    TRADUCTION: ("[Traduction]", ["traduction.letters"]),
}


def build(tree: Path) -> dict[str, list[Article]]:
    """Write both lists below `tree` and tell, by list, what each mail became."""
    return {form.name: _build(tree, form) for form in LETTERS}


def _build(tree: Path, form: ListForm) -> list[Article]:
    prefix, names = LETTERS[form]
    footer = FOOTER.format(title=form.title, host=form.host, about=form.about)
    return write(tree, form, post([HERE / name for name in names], prefix, footer))
