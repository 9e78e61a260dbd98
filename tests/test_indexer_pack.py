"""The search pack as files: the same bytes for the same mail, few files for new mail, and nothing private in it."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import Config
from crawler.store import Store
from indexer.fields import PARTS
from indexer.generations import INDEX_FOLDER
from indexer.pack import coding, read
from indexer.pack.documents import key_shard, keys_in, lead
from indexer.pack.terms import Entry, TermFiles
from indexer.pack.write import MADE, NEW, write
from indexer.refresh import refresh
from indexer.site.leaks import Known, leaks_in
from tests.stored import DAY, START, Letter, archive, attachment, hold, letter, numbered, remove
from tests.wording import LISTS, letters

GOLDEN = "d6fb25dd3189a63c"  # of `test_the_format_stays`; a new one asks for a new FORMAT in indexer/pack/write.py

Files = dict[str, tuple[bytes, int]]


def _write(config: Config) -> list[str]:
    with Store.open(config.folder) as store:
        refresh(config, store, processes=1)
    return write(config.folder, config.folder / "site")


def _files(config: Config) -> Files:
    site = config.folder / "site"
    paths = [path for path in sorted(site.rglob("*")) if path.is_file()]
    return {path.relative_to(site).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def _add(config: Config, *added: Letter) -> None:
    with Store.open(config.folder) as store:
        hold(store, added, LISTS)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Make an archive of three hundred letters with index and pack."""
    made = archive(tmp_path / "archive", letters(300), LISTS)
    _write(made)
    return made


def test_the_same_mail_makes_the_same_bytes(config: Config, tmp_path: Path) -> None:
    """Two archives of the same mail have the same pack, file by file, though one grew step by step."""
    other = archive(tmp_path / "other", letters(299), LISTS)
    _write(other)
    _add(other, numbered(letters(300))[299])
    _write(other)

    assert {path: data for path, (data, _) in _files(config).items()} == {p: d for p, (d, _) in _files(other).items()}


def test_nothing_changed_writes_nothing(config: Config) -> None:
    """A second run leaves every file as it is, to the byte and the time."""
    before = _files(config)

    assert _write(config) == []
    assert before == _files(config)


def test_a_forgotten_past_writes_nothing(config: Config) -> None:
    """Without what was remembered, all is made again, found to be there, and left as it is."""
    before = _files(config)
    (config.folder / INDEX_FOLDER / MADE).unlink()

    assert _write(config) == []
    assert before == _files(config)


def test_new_mail_touches_the_newest_stretch_only(config: Config) -> None:
    """Ten messages more change the files of the newest mail; those of the older stay as they are."""
    before = _files(config)
    _add(config, *(letter("New", "salt", number=900 + n, date=START + (950 + n) * DAY) for n in range(10)))
    written = _write(config)
    after = _files(config)
    first, second = (known["folder"] for known in read.top(config.folder / "site")["stretches"])

    assert set(written) == {path for path in after if after[path] != before.get(path)}
    assert {path.split("/")[1] for path in written} == {second, "top.js"}
    assert {path for path in before if before[path] == after.get(path)} == {p for p in before if f"/{first}/" in p}


def test_few_postings_stand_in_their_shard() -> None:
    """A term of few messages is one entry of a shard, its places in the file beside it."""
    entries = [Entry("salt", ([0, 7], [5, 6], [b"\4\2\0"] * 2), None, form=False)]
    files = dict(TermFiles().files(entries))

    assert {"t0", "p0"} == set(files)
    assert read.terms(files["t0"]) == ["salt"]


def test_long_lists_have_files_of_their_own() -> None:
    """A term that very many messages hold is told outside its shard, its places in several files."""
    count = 9000
    postings = (list(range(count)), [9] * count, [b"\4\2\0"] * count)
    files = dict(TermFiles().files([Entry("salt", postings, None, form=False), Entry("salts", None, None, form=True)]))

    assert {"t0", "p0", "l0", "q0.0", "q0.1", "q0.2"} == set(files)
    assert bytes([9]) * count + bytes([4]) * count + bytes([1]) * count == files["l0"]
    assert (read.terms(files["t0"]), files["p0"]) == (["salt", "salts"], b"")


def test_shards_begin_between_terms() -> None:
    """Each shard begins with a text that is greater than all terms before it and no greater than its own."""
    terms = sorted({f"{word}{n}" for n in range(400) for word in ("salt", "sältzer", "東京", "𠮷")}, key=str.encode)
    made = TermFiles()
    files = dict(made.files(Entry(t, ([3], [9], [b"\4\2\0"]), None, form=False) for t in terms))
    shards = [read.terms(files[f"t{number}"]) for number in range(len(made.starts))]

    assert terms == [term for shard in shards for term in shard]
    assert len(shards) > 2
    for start, shard, before in zip(made.starts[1:], shards[1:], shards, strict=False):
        assert before[-1].encode() < start.encode() <= shard[0].encode()


def test_only_published_text_is_in_the_pack(config: Config) -> None:
    """No sender's address, and none that a text mentions, stands in any text of the pack."""
    _add(config, letter("Ask indigo@example.net", "Or ask violet at example dot net.\n", number=970))
    _write(config)
    held = "\n".join(text for _, text in read.texts(config.folder / "site"))

    assert "indigo" not in held
    assert "violet" not in held
    assert "writer" not in held
    assert "i…@example.net" in held
    assert "disconnect" in held


def test_what_was_removed_is_not_in_the_pack(config: Config) -> None:
    """A message that was taken out leaves neither words nor records."""
    _add(config, letter("Secret", "The xylophones are under the stairs.", number=980, date=START + DAY))
    _write(config)
    assert any("xylophones" in text for _, text in read.texts(config.folder / "site"))

    with Store.open(config.folder) as store:
        remove(store, letter("", "", number=980).id)
    _write(config)

    assert not any("xylophone" in text for _, text in read.texts(config.folder / "site"))


@pytest.mark.parametrize("damage", ["a file", "a folder", "the top"])
def test_what_was_lost_is_made_again(config: Config, damage: str) -> None:
    """Files that somebody took away are there again after the next run."""
    before = {path: data for path, (data, _) in _files(config).items()}
    pack = config.folder / "site" / "search"
    folder = pack / read.top(config.folder / "site")["stretches"][0]["folder"]
    if damage == "a file":
        (folder / "t0.js").unlink()
    elif damage == "a folder":
        shutil.rmtree(folder)
    else:
        (pack / "top.js").unlink()
    (pack / NEW).mkdir()
    (pack / NEW / "half.js").write_text("left by a kill")

    assert _write(config)
    assert before == {path: data for path, (data, _) in _files(config).items()}


def test_the_format_stays(tmp_path: Path) -> None:
    """A small archive gives the bytes that packs of this format have always had."""
    salt = letter("Salt", "A pinch of salt.\n", attachments=(attachment("salt.pdf", "application/pdf"),))
    made = archive(tmp_path, [salt, letter("Re: Salt", "> A pinch\nMore salt in 東京!\n", thread="<0@example.org>")])
    _write(made)
    digest = hashlib.sha256()
    for path, (content, _) in _files(made).items():
        if not path.endswith("top.js"):  # which names a folder by its bytes, and those depend on the zlib
            digest.update(f"{path.rpartition('/')[2]}\n".encode() + coding.read_script(content))

    assert digest.hexdigest()[:16] == GOLDEN


@given(st.binary(max_size=200))
def test_bytes_come_back_from_text(data: bytes) -> None:
    """Any bytes survive being written as letters, and no letter needs escaping in a script."""
    text = coding.as_text(data)

    assert data == coding.as_bytes(text)
    assert all("\u3000" <= character <= "\uafff" for character in text)
    assert data == coding.read_script(coding.script(data))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60, unique=True))
def test_numbers_come_back(numbers: list[int]) -> None:
    """Ascending numbers are read as they were written."""
    data = coding.gaps(sorted(numbers))
    position, found = 0, [-1]
    while position < len(data):
        gap, position = read._number(data, position)
        found.append(found[-1] + gap)

    assert sorted(numbers) == found[1:]


def test_leads_end_with_a_word() -> None:
    """A beginning is cut between words where it can be, and what was quoted stands in for what was not said."""
    assert lead("word " * 99, "other") == "word " * 31 + "word"
    assert lead("x" * 500, "") == "x" * 160
    assert (lead("said", "quoted"), lead("", "quoted")) == ("said", "quoted")


@pytest.mark.parametrize(("messages", "files"), [(0, 1), (1023, 1), (1024, 2), (5000, 8), (10**6, 256), (10**7, 256)])
def test_keys_are_spread(messages: int, files: int) -> None:
    """There are so many files of keys that each holds about a thousand, and every key is in one of them."""
    assert files == keys_in(messages)
    assert [0, files - 1] == [key_shard(bytes([first]), files) for first in (0, 255)]


def test_parts_fit_their_byte() -> None:
    """The parts of a message leave the high bit of a byte free."""
    assert len(PARTS) <= 7
    assert coding.parts([bytes([4 | 128, 0, 0, 0, 0])]) == b"\x04"


def test_pieces_of_a_pack_are_not_read_as_one_text(tmp_path: Path) -> None:
    """A sender's name and a text that begins with `At` make no address for the scan of a finished site."""
    made = archive(tmp_path, [letter("Host", "At example.org we have salt.\n", name="Ada", address="ada@example.org")])
    _write(made)

    assert list(leaks_in(read.texts(made.folder / "site"), Known.of(["ada@example.org"]))) == []


@pytest.mark.parametrize("length", [0, 1, 2, 14, 15, 16, coding.CHUNK - 1, coding.CHUNK, coding.CHUNK + 1, 9999])
def test_bytes_become_characters_bit_by_bit(length: int) -> None:
    """Fifteen bits each, high ones first, whatever the length; and back again."""
    data = random.Random(length).randbytes(length)
    bits = "".join(f"{byte:08b}" for byte in data)
    spare = -len(bits) % coding.BITS
    bits += "0" * spare
    codes = [spare, *(int(bits[start : start + coding.BITS], 2) for start in range(0, len(bits), coding.BITS))]

    assert coding.as_text(data) == "".join(chr(coding.FIRST_CHARACTER + code) for code in codes)
    assert coding.as_bytes(coding.as_text(data)) == data
