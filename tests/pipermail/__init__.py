"""A writer of pipermail trees for tests: mails given as plain data, out comes what a list server would hold.

    write(tmp_path, ListForm("keepers"), [Mail("<1@example.org>", date, "ann@example.org", body="Hello")])

`Mail` and `Part` say what was sent, `ListForm` how the list is set up (language, volumes, zone) and which
`Generation` of Mailman wrote it; `write` gives back an `Article` for each mail: where it lies and what is in it.
It is made from the facts of the format, for tests and for the demo; it sends nothing and reads no mailbox.
"""

from __future__ import annotations

from tests.pipermail.article import Article
from tests.pipermail.forms import V1, V2_0, V2_1_5, V2_1_9, V2_1_10, V2_1_13, V2_1_39, Generation, ListForm
from tests.pipermail.mail import Mail, Part
from tests.pipermail.writer import write

__all__ = [
    "V1",
    "V2_0",
    "V2_1_5",
    "V2_1_9",
    "V2_1_10",
    "V2_1_13",
    "V2_1_39",
    "Article",
    "Generation",
    "ListForm",
    "Mail",
    "Part",
    "write",
]
