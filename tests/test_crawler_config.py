"""hamelin.toml is read strictly, made with comments, and added to without a word of it being lost."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler.config import KEYS, Config, KnownList, add_list, create, load, name_for, read, template
from crawler.errors import ArchiveTrouble, UsageError
from crawler.keeper import ALL_THERE_IS
from crawler.verdict import REASONS

URL = "https://lists.example.org/pipermail/kitchen/"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """An archive without hamelin.toml is polite, publishes no address and takes the pages it needs."""
    config = load(tmp_path)

    assert config == Config(tmp_path)
    assert (config.delay, config.pages, config.publish_addresses) == (1.0, "needed", False)


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each key of the file reaches its place in the Config."""
    (tmp_path / "hamelin.toml").write_text(
        'title = "Cooks"\nlanguage = "de"\ncontact = "me@example.org"\n'
        "[privacy]\npublish_addresses = true\n"
        '[politeness]\ndelay = 2\ntimeout = 30.5\nbackoff = 0.5\npages = "all"\n'
        '[site]\nold_links = "pages"\n[safety]\nhosts = ["files.example.org"]\n'
        '[searches]\nleaks = "memory leak"\n'
        f'[[lists]]\nname = "kitchen"\nurl = "{URL}"\n'
    )

    assert load(tmp_path) == Config(
        tmp_path,
        (KnownList("kitchen", URL),),
        "Cooks",
        "de",
        "me@example.org",
        True,
        2,
        30.5,
        0.5,
        "all",
        "pages",
        hosts=("files.example.org",),
        searches=(("leaks", "memory leak"),),
    )


def test_a_new_file_holds_every_setting_as_a_comment_with_its_default(tmp_path: Path) -> None:
    """Taking the # away from a line of a new file changes nothing but what a person then edits."""
    lines = [line.removeprefix("# ") for line in template(title="T", contact="c").splitlines()]
    settings = tomllib.loads("\n".join(line for line in lines if " = " in line or line.startswith("[")))

    assert settings.pop("searches") == {"leaks": "memory leak"}  # an example: there is no default
    flat = {f"{t}.{k}": v for t, inner in settings.items() if isinstance(inner, dict) for k, v in inner.items()}
    assert set(KEYS) == {*flat, *(key for key, value in settings.items() if not isinstance(value, dict))}
    assert read(settings, tmp_path) == Config(tmp_path, title="T", contact="c")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('titel = "x"', "unknown key `titel`. Did you mean `title`?"),
        ("delay = 2", "unknown key `delay`. Did you mean `delay` in the table [politeness]?"),
        ("[politeness]\npace = 2", "unknown key `politeness.pace`. Did you mean"),
        ("[privacy]\npublish_adresses = true", "Did you mean `publish_addresses` in the table [privacy]?"),
        ("xyzzy = 1", "unknown key `xyzzy`. There are: title,"),
        ("title = 3", "`title` cannot be 3. It is a text."),
        ('[safety]\nhosts = ["http://x.org/"]', "It is a list of host names"),
        ("[politeness]\ndelay = -1", "`politeness.delay` cannot be -1. It is seconds, from 0"),
        ("[politeness]\ndelay = true", "`politeness.delay` cannot be True."),
        ("[politeness]\ntimeout = 0", "seconds, above 0"),
        ('[politeness]\npages = "some"', '"needed", "all" or "none"'),
        ('[privacy]\npublish_addresses = "no"', "true or false"),
        ('lists = ["https://x.org/"]', "`lists` in hamelin.toml cannot be read. A list is a table"),
        ('[[lists]]\nname = "x"', "has no url"),
        ("searches = 3", "`searches` in hamelin.toml cannot be read. Below [searches]"),
        ("[searches]\nleaks = 3", "`searches` in hamelin.toml cannot be read."),
        ('[[lists]]\nurl = "http://x.org/a"\nrul = 1', "unknown key `lists.rul`. Did you mean `url`?"),
        ('[[lists]]\nurl = "http://x.org/a"\n[[lists]]\nurl = "http://x.org/a/"', "has the list `x.org-a` twice"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_with_what_to_do(tmp_path: Path, line: str, words: str) -> None:
    """An unknown key names the nearest one; a wrong value says what it should be."""
    (tmp_path / "hamelin.toml").write_text(line)

    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert words in str(caught.value)


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_trouble_of_the_archive(tmp_path: Path, content: bytes) -> None:
    """The sentence names the file and the line."""
    (tmp_path / "hamelin.toml").write_bytes(content)

    with pytest.raises(ArchiveTrouble, match=r"hamelin\.toml"):
        load(tmp_path)


def test_flags_come_before_the_file_and_are_checked_too() -> None:
    """A flag that was not given changes nothing; one that cannot be is refused."""
    config = Config(Path("a"), delay=3.0)

    assert config.with_flags(delay=0.0, pages=None) == Config(Path("a"), delay=0.0)
    with pytest.raises(UsageError, match="`pages` cannot be 'some'"):
        config.with_flags(pages="some")


def test_a_list_is_added_below_what_a_person_wrote(tmp_path: Path) -> None:
    """Comments, order and blanks of the file stay byte for byte; so do its permissions."""
    path = tmp_path / "hamelin.toml"
    text = '# mine\ntitle  =  "Cooks"   # ours\n\n[politeness]\ndelay = 5'
    path.write_text(text)
    path.chmod(0o600)

    add_list(tmp_path, KnownList("kitchen", URL))
    add_list(tmp_path, KnownList('odd"name', "http://x.org/odd/"))

    assert path.read_text().startswith(text + "\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(tmp_path).lists == (KnownList("kitchen", URL), KnownList('odd"name', "http://x.org/odd/"))
    assert load(tmp_path).delay == 5


def test_adding_the_first_list_makes_the_file_that_init_makes(tmp_path: Path) -> None:
    """An archive that began with a URL has the same commented settings as one that began with init."""
    add_list(tmp_path, KnownList("kitchen", URL))

    assert (tmp_path / "hamelin.toml").read_text().startswith(template())


def test_create_refuses_to_write_over_a_file(tmp_path: Path) -> None:
    """A second init changes nothing and says so."""
    create(tmp_path / "a", title="Cooks", contact="me@example.org")
    with pytest.raises(ArchiveTrouble, match="is there already"):
        create(tmp_path / "a", title="Other")

    config = load(tmp_path / "a")
    assert (config.title, config.contact) == ("Cooks", "me@example.org")


@pytest.mark.parametrize(
    ("url", "taken", "name"),
    [
        (URL, [], "kitchen"),
        (URL.rstrip("/"), [], "kitchen"),
        (URL, ["kitchen"], "lists.example.org-kitchen"),
        (URL, ["kitchen", "lists.example.org-kitchen"], "lists.example.org-kitchen-2"),
        ("http://host.example:8900/news_freedom.org/", [], "news_freedom.org"),
        ("http://host.example:8900/a/", ["a"], "host.example-8900-a"),
        ("http://host.example/%C3%A9t%C3%A9/", [], "C3-A9t-C3-A9"),
        ("http://host.example/", [], "host.example"),
        ("http://host.example/..", [], "host.example"),
    ],
)
def test_a_list_is_named_by_the_end_of_its_url(url: str, taken: list[str], name: str) -> None:
    """The last part of the URL, with the host before it when that is taken; always fit for a folder."""
    assert name_for(url, tuple(KnownList(known, f"http://other/{known}/") for known in taken)) == name


def test_a_list_is_known_with_and_without_its_slash() -> None:
    """People write both."""
    config = Config(Path("a"), lists=(KnownList("kitchen", URL),))

    assert config.known(URL.rstrip("/")) == config.known(URL) == KnownList("kitchen", URL)
    assert config.known(URL + "x") is None


def test_every_setting_and_verdict_is_documented() -> None:
    """docs/operations.md has a row for each key of the file and for each status of our own."""
    text = (Path(__file__).parent.parent / "docs" / "operations.md").read_text("utf-8")

    for key in KEYS:
        table, _, last = key.rpartition(".")
        assert f"| `{f'[{table}] ' if table else ''}{last}` |" in text
    for status in (ALL_THERE_IS, *REASONS):
        assert f"| {status} |" in text
