"""What the mails of a list end with again and again, learned from all of them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.store import Store
from indexer.body.endings import Ending
from indexer.body.learning import (
    SHORTEST_LIST,
    Mail,
    above_footer,
    ending_base,
    footer_base,
    footers,
    often_in_a_row,
    signatures,
    tail_of,
)
from indexer.body.stretches import stretches
from indexer.learned import endings_of, learn_endings, published_endings
from indexer.query.parse import parse
from indexer.redaction import Privacy
from indexer.refresh import refresh
from indexer.search import open_index, search
from indexer.site.build import build_site
from tests import naive_learning
from tests.stored import Letter, archive, hold, letter, numbered

FOOTER = ("Kochen und Backen, die Liste", "Austragen: mail an kueche-weg")
ADVERTISEMENT = ("Find a spoon near you, free of charge", "at the spoon finder of your provider")
SENDERS = ("ann", "bob", "cy", "dot", "eve", "fay")


def learn(mails: Sequence[Mail]) -> list[list[Ending]]:
    """Learn from mails that end alike, together, as the archive does it; a second way comes to the same."""
    bases = [hash(base) if (base := footer_base(mail.tail)) else None for mail in mails]
    often = often_in_a_row(bases) if len(mails) >= SHORTEST_LIST else set()
    below = footers({n: mail for n, mail in enumerate(mails) if bases[n] in often})
    left = [mail._replace(tail=above_footer(mail.tail, below)) for mail in mails]
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, mail in enumerate(left):
        alike[ending_base(mail.tail)].append(number)
    signed: dict[int, Ending | None] = {}
    for group in alike.values():
        signed.update(zip(group, signatures([left[n] for n in group]), strict=True))
    told = [[one for one in (footer_of(mail, below), signed[n]) if one] for n, mail in enumerate(mails)]
    assert told == naive_learning.learn(mails)
    return told


def footer_of(mail: Mail, below: Sequence[Ending]) -> Ending | None:
    """Give the longest footer that a mail ends with."""
    having = (footer for footer in below if mail.tail[: len(footer.lines)] == footer.lines[::-1])
    return max(having, key=lambda footer: len(footer.lines), default=None)


def mails(count: int, *ending: str, sender: str = "", year: int = 2004) -> list[Mail]:
    """Make mails that end alike below text of their own, by several senders if none is named."""
    return [
        Mail(sender or SENDERS[n % len(SENDERS)], year, (*reversed(ending), f"text {year} {n}", "more"))
        for n in range(count)
    ]


def test_a_footer_is_what_most_mails_end_with() -> None:
    """It is learned without a word of it being known, and told of the mails that have it."""
    told = learn([*mails(30, *FOOTER), *mails(5)])

    assert told == [[Ending("footer", FOOTER)]] * 30 + [[]] * 5


@pytest.mark.parametrize(
    "list_of_mails",
    [
        mails(15, *FOOTER),
        mails(30, *FOOTER, sender="ann"),
        [mail for n in range(30) for mail in (*mails(1, *FOOTER), *mails(2))],
        mails(30, "Bye!"),
    ],
    ids=["a short list", "one sender", "a third of the mails", "too short to tell"],
)
def test_what_is_no_footer(list_of_mails: list[Mail]) -> None:
    """Neither few mails nor one sender nor a habit of some make a footer."""
    assert not any(ending.kind == "footer" for endings in learn(list_of_mails) for ending in endings)


def test_a_footer_that_changed_is_two() -> None:
    """Each was below most mails while it was in use."""
    other = ("The kitchen", "Leave by kitchen-off")
    told = learn([*mails(20, *FOOTER), *mails(20, *other)])

    assert Counter(ending for endings in told for ending in endings) == {
        Ending("footer", FOOTER): 20,
        Ending("footer", other): 20,
    }


def test_an_ending_of_one_sender_is_a_signature() -> None:
    """What a provider appends to several mails of a sender is told of these, above a footer too."""
    told = learn([*mails(4, *ADVERTISEMENT, sender="ann"), *mails(4, sender="bob")])

    assert told == [[Ending("signature", ADVERTISEMENT)]] * 4 + [[]] * 4


def test_an_ending_of_several_senders_is_a_signature() -> None:
    """A provider's lines are told by the number of senders, once for each."""
    told = learn([Mail(f"sender {n}", 2004, (*reversed(ADVERTISEMENT), f"text {n}")) for n in range(5)])

    assert told == [[Ending("signature", ADVERTISEMENT)]] * 5


def test_an_ending_counts_from_the_year_on_in_which_it_was_seen_often_enough() -> None:
    """So new mail changes nothing for the mails of earlier years."""
    earlier = mails(2, *ADVERTISEMENT, sender="ann", year=2003)
    told = learn([*earlier, *mails(2, *ADVERTISEMENT, sender="ann", year=2004)])

    assert told == [[], [], [Ending("signature", ADVERTISEMENT)], [Ending("signature", ADVERTISEMENT)]]


def test_the_same_mail_again_teaches_nothing() -> None:
    """A text that was sent three times is no ending."""
    assert learn([Mail("ann", 2004, (*ADVERTISEMENT, "Salt!"))] * 5) == [[]] * 5


def test_words_of_farewell_stay_what_was_said() -> None:
    """Two short lines are what people say."""
    assert learn(mails(9, "Cheers,", "Ann", sender="ann")) == [[]] * 9


def test_what_is_signed_needs_no_learning() -> None:
    """Below dashes a signature is told already."""
    assert learn(mails(9, "-- ", *ADVERTISEMENT, sender="ann")) == [[]] * 9


def test_a_tail_ends_at_a_quotation() -> None:
    """What was quoted teaches nothing of the sender, and a footer of known form is told already."""
    rule = "_" * 47
    body = f"> Salt?\n\nYes. \n{rule}\nKitchen mailing list\nhttp://example.org/mailman/listinfo/kitchen\n\n"

    assert tail_of(body) == ("Yes.",)


BODY = """Yes.
> Salt?
>
> Kochen und  Backen, die Liste
> Austragen: mail an kueche-weg

Go.

Find

spoons

Kochen und Backen, die Liste
Austragen: mail an kueche-weg
"""


def test_learned_endings_are_marked() -> None:
    """A footer is marked at the end and where it was quoted, an ending at the end alone; blank lines do not matter."""
    found = stretches(BODY, [Ending("footer", FOOTER), Ending("signature", ("Find", "spoons"))])

    assert [(kind, level, BODY[start:end].count("\n")) for kind, level, start, end in found] == [
        ("said", 0, 1),
        ("quoted", 1, 2),
        ("footer", 1, 2),
        ("said", 0, 3),
        ("signature", 0, 3),
        ("said", 0, 1),
        ("footer", 0, 2),
    ]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.sampled_from(("x" * 20, "y" * 20, "--")), max_size=5))))
def test_what_is_told_stands_there(drawn: list[tuple[str, list[str]]]) -> None:
    """Every ending that is told of a mail is what it ends with, and the same mails teach the same."""
    read = [Mail(sender, 2004, tuple(tail)) for sender, tail in drawn]
    told = learn(read)

    for mail, endings in zip(read, told, strict=True):
        for ending in endings:
            assert mail.tail[: len(ending.lines)] == ending.lines[::-1]


@pytest.mark.parametrize("seed", range(40))
def test_mails_that_end_alike_teach_what_all_teach(seed: int) -> None:
    """Footers and endings of any depth, above each other and apart, are those that the second way finds."""
    chance = random.Random(seed)
    below = (
        ("Leave by mail", "Kitchen list"),
        ("Leave by mail", "The kitchen, a list of cooks"),
        ("Leave by mail",),
        (),
    )
    signed = (
        tuple(reversed(ADVERTISEMENT)),
        (ADVERTISEMENT[1], "Or not"),
        ("Bye.", ADVERTISEMENT[0]),
        ("--", "Ann"),
        (),
    )
    footers_in_use, in_use = [[chance.random() ** 2 for _ in some] for some in (below, signed)]
    read = [
        Mail(
            chance.choice(SENDERS),
            2004 + number // 40,
            (
                *chance.choices(below, footers_in_use)[0],
                *chance.choices(signed, in_use)[0],
                *chance.choices("abcdefgh", k=chance.randrange(3)),
            ),
        )
        for number in range(chance.choice((12, 60, 90)))
    ]

    assert learn(read)


def _letters(count: int, footer: tuple[str, ...]) -> list[Letter]:
    return [
        letter(f"Soup {n}", f"Text {n}.\n" + "\n".join(footer) + "\n", address=f"{SENDERS[n % 6]}@example.org")
        for n in range(count)
    ]


def test_what_was_learned_is_kept_until_the_list_changes(tmp_path: Path) -> None:
    """Learning again costs nothing, and new mail changes what is known of itself alone."""
    config = archive(tmp_path, _letters(30, FOOTER))
    with Store.open(config.folder) as store:
        first = learn_endings(store)
        known, revision = endings_of(store, numbered(_letters(30, FOOTER))[7].id), store.revision()
        again = learn_endings(store)

        assert (first, again, revision) == (30, 0, store.revision())
        assert known == (Ending("footer", FOOTER),)
        hold(store, numbered(_letters(33, FOOTER))[30:])
        assert learn_endings(store) == 3


def test_a_learned_footer_changes_the_state_of_messages(tmp_path: Path) -> None:
    """So index and site make anew what holds them, quoted ones too."""
    quoting = letter("Re: Soup", f"Yes.\n> {FOOTER[0]}\n> {FOOTER[1]}\n")
    config = archive(tmp_path, [*_letters(30, FOOTER), quoting, letter("Salt", "None.")])
    with Store.open(config.folder) as store:
        before = store.states("kitchen")
        learn_endings(store)
        after = store.states("kitchen")

    assert sum(before[id] != after[id] for id in before) == 31


def test_a_learned_footer_is_not_indexed(tmp_path: Path) -> None:
    """A word of the footer finds nothing, though no pattern knows it; the page shows it as a footer."""
    config = archive(tmp_path, _letters(30, ("Kochen und Backen, die Liste von kitchen@example.org", "Austragen")))
    with Store.open(config.folder) as store:
        learn_endings(store)
        refresh(config, store, processes=1)
        build_site(config, store, processes=1)

    index = open_index(config.folder)
    assert [search(parse(word, now=0).tree, index, limit=1).total for word in ("Austragen", "Text")] == [0, 30]
    page = next((config.folder / "site" / "kitchen" / "threads").glob("*.html")).read_text("utf-8")
    assert '<p class="footer">Kochen und Backen, die Liste von k…@example.org\nAustragen</p>' in page


def test_endings_are_redacted_as_bodies_are() -> None:
    """An ending that holds an address is found in what is published."""
    ending = Ending("footer", ("Mail to kitchen@example.org",))

    assert published_endings([ending], Privacy())[0].lines == ("Mail to k…@example.org",)
    assert published_endings([ending], Privacy(addresses=True)) == (ending,)
