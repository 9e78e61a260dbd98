"""Bodies: what was said, what was quoted, signatures and the list's footer."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading import read_body, split_said_quoted, stretches

# Each line of a body behind its kind: s(aid), q(uoted), - signature, _ footer.
BODIES = {
    "an answer below its quotation": """
q|On Mon, Oct 4, 2004, Ann Indigo wrote:
q|> How much salt?
q|>
q|>> Some.
s|
s|A spoon.
""",
    "an answer above its quotation": """
s|A spoon.
s|
q|> How much salt?
""",
    "answers between quotations": """
q|> Salt?
s|Yes.
q|> Pepper?
s|No.
""",
    "a quotation behind blanks": """
q|  > Salt?
s|Yes.
""",
    "a quotation behind initials": """
q|AI> Salt?
q|AI>> Pepper?
s|Yes.
""",
    "a word that mailboxes mark begins no quotation": """
s|Hello.
s|
s|>From what I read, salt will do.
""",
    "bars of two lines are a quotation": """
q|| Salt?
q|| Pepper?
s|Yes.
""",
    "one bar is none": """
s|| Salt
s|Yes.
""",
    "a table is none": """
s|| salt | 1 |
s|| pepper | 2 |
""",
    "colons of two lines are a quotation": """
q|: Salt?
q|: Pepper?
s|Yes.
""",
    "a prompt of Python is what was said": """
s|Try this:
s|>>> salt = 1
s|>>> salt
s|1
""",
    "a prompt within a quotation was quoted": """
q|> Try this:
q|>>> salt = 1
s|It fails.
""",
    "an attribution over two lines": """
q|On Mon, Oct 4, 2004 at 11:47:03AM +0200, the well-known Ann Indigo
q|of the kitchen wrote:
q|> Salt?
s|Yes.
""",
    "an attribution, a blank line, a quotation": """
q|Ann Indigo wrote:
q|
q|> Salt?
s|Yes.
""",
    "an attribution of an address alone": """
q|2011/9/21 Ann Indigo <ann at example.org>:
q|> Salt?
s|Yes.
""",
    "a sentence with a colon is no attribution": """
s|The recipe says the following, more or less:
q|> Salt
s|Right?
""",
    "an attribution in German": """
q|Am 4. Oktober 2004 schrieb Ann Indigo:
q|> Salz?
s|Ja.
""",
    "an attribution in French": """
q|Le lundi 4 octobre 2004 à 11:47, Ann Indigo a écrit :
q|> Du sel ?
s|Oui.
""",
    "an attribution in Spanish whose accents were lost": """
q|El 4 de octubre de 2004, Ann Indigo escribi?:
q|> Sal?
s|Si.
""",
    "an attribution in Russian": """
q|4 октября 2004 г. Ann Indigo написал:
q|> Соль?
s|Да.
""",
    "an attribution in Japanese": """
q|Ann さんは書きました:
q|> 塩?
s|はい。
""",
    "an attribution in Chinese": """
q|在 2004-10-04 11:47:03，Ann 写道：
q|> 盐?
s|好。
""",
    "a mail below a line of Outlook's": """
s|A spoon.
s|
q|-----Original Message-----
q|From: Ann Indigo
q|Sent: Monday
q|
q|Salt?
""",
    "a forwarded mail": """
s|For all.
q|---------- Forwarded message ----------
q|From: Ann
q|Salt?
""",
    "a mail below a line in German": """
s|Ja.
q|-----Ursprüngliche Nachricht-----
q|Salz?
""",
    "a mail below its headers": """
s|A spoon.
s|
q|From: Ann Indigo
q|Sent: Monday
q|To: kitchen
q|
q|Salt?
""",
    "a word that looks like a header is none": """
s|From: here on it is easy.
s|To: nobody in particular.
s|It goes on.
""",
    "a signature": """
s|Yes.
s|
-|--\x20
-|Ann Indigo
-|The kitchen
""",
    "a signature that lost its blank": """
s|Yes.
-|--
-|Ann
""",
    "a signature above a quotation": """
s|Yes.
-|--\x20
-|Ann
-|
q|Bob wrote:
q|> Salt?
""",
    "a rule of three dashes is none": """
s|Yes.
s|---
s|No.
""",
    "the list's footer": """
s|Yes.
_|_______________________________________________
_|Kitchen mailing list
_|Kitchen at example.org
_|https://example.org/mailman/listinfo/kitchen
""",
    "the list's footer below a signature": """
s|Yes.
-|--\x20
-|Ann
_|_______________________________________________
_|Kitchen mailing list
_|Kitchen@example.org
_|http://example.org/cgi-bin/mailman/listinfo/kitchen
""",
    "the list's footer in a quotation": """
q|> Salt?
_|> _______________________________________________
_|> Kitchen mailing list
_|> Kitchen at example.org
_|> https://example.org/mailman/listinfo/kitchen
q|>
s|Yes.
""",
    "a line of underscores alone is no footer": """
s|Salt
s|_______________________________________________
s|Pepper
""",
    "nothing but a quotation": """
q|> Salt?
""",
    "a blank line": """
s|
""",
}  # fmt: skip
KINDS = {"s": "said", "q": "quoted", "-": "signature", "_": "footer"}


@pytest.mark.parametrize("drawing", BODIES.values(), ids=BODIES)
def test_bodies_basic(drawing: str) -> None:
    """Each line of a body is of the kind that its drawing says."""
    drawn = drawing.strip("\n").split("\n")
    body = "".join(line[2:] + "\n" for line in drawn)
    kinds = [kind for kind, start, end in stretches(body) for _ in body[start:end].splitlines()]

    assert kinds == [KINDS[line[0]] for line in drawn]


def test_a_body_is_taken_apart() -> None:
    """Texts hold the lines of their kind in order, and the footer is in none."""
    body = f"Hello.\n> Salt?\nYes.\n-- \nAnn\n{'_' * 47}\nKitchen mailing list\nhttp://x.org/mailman/listinfo/kitchen\n"

    assert read_body(body).said == "Hello.\nYes.\n"
    assert split_said_quoted(body) == ("Hello.\nYes.\n", "> Salt?\n-- \nAnn\n")


def test_a_long_text_below_dashes_is_no_signature() -> None:
    """Whoever rules off with two dashes has not signed."""
    body = "Yes.\n--\n" + "More.\n" * 40

    assert read_body(body).signature == ""


def test_no_body_has_no_stretches() -> None:
    """Nothing is nothing."""
    assert stretches("") == []
    assert split_said_quoted("") == ("", "")


LINES = st.sampled_from(
    (
        "> a", ">> b", ">>> c", "| d", ": e", "JD> f", "", "-- ", "--", "_" * 47, "x/mailman/listinfo/y", "Ann wrote:",
        "On Monday", "-----Original Message-----", "From: a", "Sent: b", "To: c", "text", "text:",
    )
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=10)))
def test_every_character_is_of_one_kind(lines: list[str]) -> None:
    """Stretches cover a body without gap or overlap, neighbours differ, and cuts fall between lines."""
    body = "\n".join(lines)
    found = stretches(body)

    assert "".join(body[start:end] for _, start, end in found) == body
    assert all(one.end == other.start and one.kind != other.kind for one, other in pairwise(found))
    assert all(body[start - 1] == "\n" for _, start, _ in found[1:])


def test_bodies_pathological() -> None:
    """Long lines and many lines of every kind are read in seconds."""
    start = time.process_time()
    for line in ("> " * 50_000, "_" * 100_000, ": " * 50_000, "On " + "x" * 100_000 + ":", "-- " * 30_000, "From: a"):
        stretches((line + "\n> a\n") * 3)
        stretches((line[:60] + "\n> a\n--\n") * 10_000)

    assert time.process_time() - start < 30
