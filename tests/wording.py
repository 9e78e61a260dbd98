"""Made-up mail in many scripts, the same every time: for comparing two readings of one archive.

Words come from short lists, some often and some seldom, so that queries made of them find something.
"""

from __future__ import annotations

import random

from crawler.message import Attachment
from tests.stored import DAY, START, Letter, attachment, file_with_text, letter

ENGLISH = """
the reactor leaks memory when clients connect and disconnecting connections close late but nobody noticed twisted.web
serves pages over http://example.org/docs/index.html while reactor.run blocks until stop protocol factories deferred
callbacks errbacks chaining results don't forget it's fine C++ and C# bindings café naïve résumé straße foo_bar
some_long_name e-mail user-agent patch applied cleanly running tests failed start menu little further before wrote only
work directory additional test happen for every import static
"""
FRENCH = "le conseil a décidé que les pages sont rangées d'après leurs dates et l'été prochain reactor leaks"
RIGHT_TO_LEFT = "שלום עולם חיפוש בדואר العربية البحث في البريد مرحبا"
JAPANESE = ("東京都の会議", "日本語の検索", "京都", "メール", "サーバーが止まる", "会議の資料", "検索")
NAMES = ("Ada Porter", "Jonas Lindqvist", "Renée Bäcker", "山田太郎", "نور الهدى", None)
FILES = ("notes.txt", "leak.patch", "Étude finale.pdf", "screen shot.png")
TYPES = ("text/plain", "text/x-diff", "application/pdf", "image/png")
LISTS = {"kitchen": "en", "conseil": "fr", "kaigi": "ja", "levant": "he"}
VOCABULARY = {
    "kitchen": tuple(ENGLISH.split()),
    "conseil": tuple(FRENCH.split()),
    "kaigi": JAPANESE,
    "levant": tuple(RIGHT_TO_LEFT.split()),
}


def letters(count: int, seed: int = 7) -> list[Letter]:
    """Write so many letters to four lists, two or three a week."""
    luck = random.Random(seed)
    return [_letter(number, luck) for number in range(count)]


def queries(count: int, seed: int = 11) -> list[str]:
    """Make so many queries of every kind about such letters."""
    luck = random.Random(seed)
    return [_query(luck) for _ in range(count)]


def _letter(number: int, luck: random.Random) -> Letter:
    name = luck.choices(tuple(LISTS), (6, 2, 1, 1))[0]
    subject = f"{'Re: ' * luck.randrange(2)}{_text(name, luck, 3)}"
    quoted = "".join(f"> {_text(name, luck, 8)}\n" for _ in range(luck.randrange(4)))
    signature = "\n-- \nsent from the kitchen\n" * (luck.random() < 0.2)
    which = luck.randrange(len(FILES))
    text = _text(name, luck, luck.randrange(3, 400)) if luck.random() < 0.3 else ""
    return letter(
        subject,
        f"{quoted}{_text(name, luck, luck.randrange(5, 60))}\n{signature}",
        name=luck.choice(NAMES),
        address=f"writer{luck.randrange(9)}@example.org",
        list=name,
        number=number,
        date=None if luck.random() < 0.01 else START + number * 3 * DAY + luck.randrange(DAY),
        thread=f"<{luck.randrange(number + 1)}@example.org>" if luck.random() < 0.6 else None,
        attachments=_files(which, text, luck),
        file_texts=(text,),
    )


def _files(which: int, text: str, luck: random.Random) -> tuple[Attachment, ...]:
    """Attach a file to some letters; one with a text to those that have it."""
    if text:
        return (file_with_text(FILES[which], text, type=TYPES[which]),)
    return (attachment(FILES[which], TYPES[which]),) * (luck.random() < 0.1)


def _text(name: str, luck: random.Random, length: int) -> str:
    known = VOCABULARY[name]
    found = [known[min(int(luck.expovariate(4 / len(known))), len(known) - 1)] for _ in range(length)]
    return ("" if name == "kaigi" and luck.random() < 0.5 else " ").join(found)


def _query(luck: random.Random) -> str:
    name = luck.choices(tuple(LISTS), (6, 2, 2, 2))[0]
    known = VOCABULARY[name]
    one, other, third = (luck.choice(known).strip("():'\"-").replace(":", " ") for _ in range(3))
    year = luck.randrange(2004, 2010)
    forms = (
        one, f"{one} {other}", f"{one} OR {other}", f"{one} -{other}", f"({one} OR {other}) {third}",
        f'"{one} {other}"', f'"{_run(known, luck)}"', f"{_beginning(one)}*", f"from:{_word(luck)}",
        f"subject:{one}", f"said:{one} {other}", f"quoted:{one}", f"{one} date:{year}",
        f"date:{year}-02..{year + 1}-07-15 {one}", f"after:{year} before:{year + 2} {one}", f"list:{name} {one}",
        f"has:attachment {one}", "file:*.pdf", f"file:notes {one}", f"type:pdf OR type:image {one}",
        f"text-in-file:{one} {other}", f'text-in-file:"{_run(known, luck)}"', f"{one} -text-in-file:{other}",
        f"newer:{luck.randrange(4000, 8000)}d {one}", f"{one} older:{luck.randrange(10, 22)}y", f"NOT {one} {other}",
    )  # fmt: skip
    return luck.choice(forms)


def _beginning(word: str) -> str:
    first = word.replace("/", " ").replace("'", " ").replace("+", " ").replace("#", " ").split()[0]
    beginning = first[: max(2, len(first) - 2)].rstrip("._-")
    return beginning if len(beginning) > 1 else "re"


def _run(known: tuple[str, ...], luck: random.Random) -> str:
    start = luck.randrange(len(known) - 1)
    return " ".join(known[start : start + luck.randrange(2, 4)]).replace('"', "")


def _word(luck: random.Random) -> str:
    return luck.choice([word for name in NAMES if name for word in name.split()])
