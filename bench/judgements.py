"""Questions with known answers, made from an archive itself: what its members said of its messages, and wrote.

    python -m bench.judgements ARCHIVE > judgements.jsonl

Each is one object a line: `kind`, `query`, `half`, and `relevant`, ids of messages with a grade: 2 is what was looked
for, 1 what helps. Words are plain ones, in any order, all of which the answer holds, so that any engine can be asked.

- `cited`: a message names another one by its address or Message-ID; asked is with words of that sentence or paragraph
  that the other holds. Its thread helps.
- `answered`: the same of a reply, which names in its headers what it answers.
- `subject`: words of a message's subject. Messages of that subject in its thread are looked for, the rest of it helps.
- `sentence`: words of one sentence that somebody wrote, as remembered. Its message is looked for, its thread helps.

A half is chosen by a digest of the question: by `tune` weights may be chosen, `held` is never looked at for that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from crawler.config import load
from crawler.message import Message
from crawler.store import Store
from indexer.analysis import units
from indexer.body.stretches import read_body
from indexer.readable import as_read
from indexer.redaction import privacy_for, published

SEED = 20041005
EACH = 400  # questions of a kind
ADDRESS = re.compile(r"([\w.-]+/\d{6,}\.html)\b")
MESSAGE_ID = re.compile(r"<[^<>\s@]+@[^<>\s]+>")
SENTENCE = re.compile(r"[^.!?]+[.!?]")
PLAIN = re.compile(r"[a-z]{3,15}\Z")
FREQUENT = 0.1  # of the messages: words that more of them hold are not remembered
NEAR = 400  # characters around a citation that speak of it
SUBJECT_WORDS, SENTENCE_WORDS, CITED_WORDS = 3, 4, 3  # in a question
SHORTEST = 6  # words of a sentence worth remembering


@dataclass(frozen=True)
class Judgement:
    """A question, and what answers it."""

    kind: str
    query: str
    half: str
    relevant: dict[str, int]


@dataclass(frozen=True)
class Held:
    """What is known of a message: what it is called, what its sender wrote, and all its plain words."""

    message: Message
    said: str
    words: frozenset[str]


def read(archive: Path) -> list[Held]:
    """Read all messages of an archive as they are published."""
    config = load(archive)
    with closing(Store.open(archive)) as store:
        privacy = privacy_for(store.senders(), publish_addresses=config.publish_addresses)
        return [_held(published(as_read(message), privacy)) for message in store.messages()]


def _held(message: Message) -> Held:
    words = plain(f"{message.subject} {message.body}")
    return Held(message, read_body(message.body).said, frozenset(words))


def plain(text: str) -> list[str]:
    """Give the words of a text that every engine reads alike.

    >>> plain("The reactor.run of Bob's Web site")
    ['the', 'bob', 'web', 'site']
    """
    return [unit for unit in units(text) if PLAIN.match(unit)]


def judgements(held: list[Held], each: int = EACH) -> Iterator[Judgement]:
    """Make the questions of an archive: the same archive, the same questions."""
    luck = random.Random(SEED)
    counts = Counter(word for one in held for word in one.words)
    frequent = {word for word, count in counts.items() if count > FREQUENT * len(held)}
    threads: dict[str, list[Held]] = defaultdict(list)
    for one in held:
        threads[one.message.thread or one.message.id].append(one)
    for candidates in (_cited(held, luck), _answered(held, luck), _subjects(held, luck), _sentences(held, luck)):
        yield from _asked(candidates, threads, frequent, luck, each)


Candidate = tuple[str, list[str], Held, int]  # kind, words to choose from, what is looked for, how many words to ask


def _asked(
    candidates: Iterable[Candidate],
    threads: dict[str, list[Held]],
    frequent: set[str],
    luck: random.Random,
    each: int,
) -> Iterator[Judgement]:
    made = 0
    for kind, words, wanted, count in candidates:
        telling = sorted({word for word in words if word not in frequent and word in wanted.words})
        if len(telling) < count:
            continue
        query = " ".join(luck.sample(telling, count))
        half = "tune" if hashlib.sha256(query.encode()).digest()[0] % 2 else "held"
        thread = threads[wanted.message.thread or wanted.message.id]
        yield Judgement(kind, query, half, _grades(kind, wanted, thread))
        made += 1
        if made == each:
            return


def _grades(kind: str, wanted: Held, thread: list[Held]) -> dict[str, int]:
    subject = wanted.message.subject
    alike = [one for one in thread if kind == "subject" and one.message.subject == subject]
    return {one.message.id: 1 for one in thread} | {one.message.id: 2 for one in (wanted, *alike)}


def _cited(held: list[Held], luck: random.Random) -> Iterator[Candidate]:
    """Find what messages say of others that they name."""
    by_page = {f"{page}": one for one in held for page in one.message.pages}
    by_id = {one.message.message_id: one for one in held if one.message.message_id}
    for one in luck.sample(held, len(held)):
        for pattern, known in ((ADDRESS, by_page), (MESSAGE_ID, by_id)):
            for match in pattern.finditer(one.said):
                cited = known.get(match[match.lastindex or 0])
                if cited and cited is not one:
                    around = one.said[max(0, match.start() - NEAR) : match.start()], one.said[match.end() :][:NEAR]
                    yield "cited", plain(" ".join(around)), cited, CITED_WORDS


def _answered(held: list[Held], luck: random.Random) -> Iterator[Candidate]:
    by_id = {one.message.message_id: one for one in held if one.message.message_id}
    for one in luck.sample(held, len(held)):
        answered = by_id.get(one.message.in_reply_to)
        if answered and answered is not one:
            yield "answered", plain(one.said), answered, CITED_WORDS


def _subjects(held: list[Held], luck: random.Random) -> Iterator[Candidate]:
    for one in luck.sample(held, len(held)):
        yield "subject", plain(one.message.subject), one, SUBJECT_WORDS


def _sentences(held: list[Held], luck: random.Random) -> Iterator[Candidate]:
    for one in luck.sample(held, len(held)):
        sentences = [plain(sentence) for sentence in SENTENCE.findall(one.said)]
        long = [words for words in sentences if len(words) >= SHORTEST]
        if long:
            yield "sentence", luck.choice(long), one, SENTENCE_WORDS


def main() -> None:
    """Write an archive's questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--each", type=int, default=EACH, help="questions of a kind")
    options = parser.parse_args()
    for judgement in judgements(read(options.archive), options.each):
        sys.stdout.write(json.dumps(asdict(judgement), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
