"""The scrubber's notices, in every wording that it ever had, and what is told from them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.notices import KINDS, Notice, directory_hash, read_notice, scrub, tail
from crawler.parse.wordings import WORDINGS

FIRST = "A non-text attachment was scrubbed...\n"
MESSAGE_ID = "<tick@clock.example.org>"
FOLDER = f"attachments/20100301/{directory_hash(MESSAGE_ID)}"
URL = f"http://lists.example.org/pipermail/clockwork/{FOLDER}/plan.pdf"
VALUES = {
    "filename": "plan.pdf", "ctype": "application/pdf", "partctype": "multipart/mixed", "size": "700",
    "desc": "the plan", "who": "Ann <ann at clock.example.org>", "subject": "Old letters",
    "date": "Mon, 01 Mar 2010 12:00:00 +0000",
}  # fmt: skip
TEMPLATES = [
    pytest.param(case, template, id=f"{case}-{place}")
    for case in ("html", "other", "message", "text", "removed", "skipped")
    for place, template in enumerate(WORDINGS[case])
]
ADDRESS_FORMS = {"in angles": f"<{URL}>", "bare": URL, "bare with a blank": f"{URL} ", "quoted-printable": f"{URL}=20"}


def filled(template: str, url: str = f"<{URL}>") -> str:
    """Fill a template as Mailman does."""
    return re.sub(r"%\((\w+)\)[sd]", lambda m: (VALUES | {"url": url})[m[1]], template)


@pytest.mark.parametrize(("case", "template"), TEMPLATES)
class TestEveryWording:
    """Each template that Mailman shipped, in each language."""

    def test_is_known(self, case: str, template: str) -> None:
        """It is found with its kind, and all that it states is read."""
        notice, rest = read_notice(filled(template) + "\n")
        kind, implied = KINDS[case]  # type: ignore[index]  # the cases of the table above
        names = set(re.findall(r"%\((\w+)\)", template))
        stated = {name: VALUES[name] for name in names & set(VALUES)}

        assert rest == ""
        assert notice == Notice(
            kind, stated.get("filename"), stated.get("ctype") or stated.get("partctype") or implied,
            700 if "size" in names else None, stated.get("desc") or stated.get("subject"),
            URL if "url" in names else None,
        )  # fmt: skip

    def test_stands_between_two_texts(self, case: str, template: str) -> None:
        """Between two separators of any language it is taken out of the body, and its place is kept."""
        for separator in WORDINGS["separator"]:
            scrubbed = scrub(f"Before.\n{separator}\n{filled(template)}\n{separator}\nBehind.\n")

            assert (scrubbed.body, [notice.at for notice in scrubbed.notices]) == ("Before.\nBehind.", [8])

    def test_a_page_shows_it_with_entities_decoded(self, case: str, template: str) -> None:
        """Templates with an entity of HTML in them read the same when a page's reader has decoded it."""
        decoded = filled(template).replace("&hellip;", "…").replace("&oslash;", "ø")

        assert read_notice(decoded)[0] == read_notice(filled(template))[0]


@pytest.mark.parametrize("address", ADDRESS_FORMS.values(), ids=ADDRESS_FORMS)
@pytest.mark.parametrize("label", ["URL:", "Url:", "Url :", "URL :"])
def test_addresses_stand_in_every_form(address: str, label: str) -> None:
    """Between 2.1.5 and 2.1.39 the label of the address and its brackets changed."""
    notice, _ = read_notice(f"An HTML attachment was scrubbed...\n{label} {address}\n")

    assert notice == Notice("html", None, "text/html", None, None, URL)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (URL, f"{FOLDER}/plan.pdf"),
        (URL + "?download=1#top", f"{FOLDER}/plan.pdf"),
        (f"https://lists.example.org/mailman/private/clockwork/{FOLDER}/plan.pdf", f"{FOLDER}/plan.pdf"),
        (f"{FOLDER}/plan.pdf", f"{FOLDER}/plan.pdf"),
        (f"http://lists.example.org/{FOLDER}/", None),
        ("http://lists.example.org/attachments/2010/plan.pdf", None),
        (None, None),
    ],
)
def test_the_tail_of_an_address(url: str | None, found: str | None) -> None:
    """What does not depend on the host of that day is the folder's date and hash, and the file."""
    assert tail(url) == found


class TestStated:
    """What a notice states, and what it does not."""

    @pytest.mark.parametrize("nothing", WORDINGS["nothing"])
    def test_not_available_is_nothing(self, nothing: str) -> None:
        """The word for "not available" in any language states nothing."""
        text = FIRST + f"Name: {nothing}\nType: a/b\nSize: 1 bytes\nDesc: {nothing}\nURL: <{URL}>\n"

        assert read_notice(text)[0] == Notice("other", None, "a/b", 1, None, URL)

    def test_values_may_run_over_lines(self) -> None:
        """A folded name or description is read whole."""
        text = FIRST + f"Name: a\n b\nType: a/b\nSize: 1 bytes\nDesc: c\n\td\nURL: <{URL}>\nrest"

        assert read_notice(text) == (Notice("other", "a\n b", "a/b", 1, "c\n\td", URL), "rest")

    def test_the_last_labels_count(self) -> None:
        """Labels that a name forges stay a part of the name."""
        forged = (
            "x\nType: text/html\nSize: 9 bytes\nDesc: fine\nURL: <http://e.example/attachments/20100301/00000000/e>"
        )
        text = (
            f"A non-text attachment was scrubbed...\nName: {forged}\nType: a/b\nSize: 1 bytes\nDesc: d\nURL: <{URL}>\n"
        )

        assert read_notice(text)[0] == Notice("other", forged, "a/b", 1, "d", URL)

    @pytest.mark.parametrize(
        "text",
        [
            "An HTML attachment was scrubbed...\n",
            "An HTML attachment was scrubbed...\nURL: <http://lists.example.org/plan.pdf>\n",
            f"An HTML attachment was scrubbed...\nand then\nURL: <{URL}>\n",
            f"URL: <{URL}>\n",
            "A non-text attachment was scrubbed...\nName: a\nType: b/c\n",
            "Skipped content of type a/b and more\n",
            "> HTML attachment scrubbed and removed\n",
            " \n",
        ],
    )
    def test_what_is_no_notice(self, text: str) -> None:
        """A notice has all of its lines, and a file's notice has a file's address."""
        assert read_notice(text) == (None, text)


class TestBelief:
    """Which notices are believed."""

    def test_a_refused_notice_stays(self) -> None:
        """A notice that is not genuine stays in the body with its separator, and that is told."""
        text = f"Before.\n-------------- next part --------------\nAn HTML attachment was scrubbed...\nURL: <{URL}>\n"
        scrubbed = scrub(text, lambda _: False)

        assert (scrubbed.body, scrubbed.notices, scrubbed.forged) == (text.rstrip(), (), True)

    def test_a_glued_separator_stays_glued_when_refused(self) -> None:
        """The text before a refused notice is not changed either."""
        text = f"tick()-------------- next part --------------\nAn HTML attachment was scrubbed...\nURL: <{URL}>"

        assert scrub(text, lambda _: False).body == text
        assert scrub(text).body == "tick()"

    @pytest.mark.parametrize("text", ["Skipped content of type a/b\n", "HTML attachment scrubbed and removed\n"])
    def test_nothing_follows_a_notice_without_a_file(self, text: str) -> None:
        """Between two parts there is a separator: what is followed by text is somebody's own words."""
        assert len(scrub(text).notices) == 1
        assert len(scrub(text + "\n\n").notices) == 1
        assert scrub(text + "\nIndeed.\n").notices == ()


class TestHtmlSource:
    """HTML that Mailman left in the text (sanitizer 2)."""

    @pytest.mark.parametrize(
        "source",
        [
            "<html><body>Tick</body></html>",
            "<!DOCTYPE html>\n<html>\n<p>Tick</html>",
            "<HEAD></HEAD><BODY>Tick</BODY>",
            "<p>Tick</p>",
            '<div class="x">\nTick\n</div>',
        ],
    )
    def test_a_whole_mail(self, source: str) -> None:
        """A body that is HTML from its first tag to its last is an attachment with its source."""
        scrubbed = scrub(f"\n{source}\n\n")

        assert scrubbed.body == ""
        assert scrubbed.notices == (Notice("html", None, "text/html", None, None, None, 0, source),)

    @pytest.mark.parametrize("source", ["<p>Tick<br>", '<p>Tick</p><img src="x.gif">', "<b>Tick</b> <i>tock</i>"])
    def test_half_of_a_mail(self, source: str) -> None:
        """Behind a separator a piece of HTML may end with any tag; alone it may not."""
        parted = scrub(f"Tick\n-------------- next part --------------\n{source}\n")

        assert (parted.body, [notice.source for notice in parted.notices]) == ("Tick", [source])
        assert scrub(source).body == source

    @pytest.mark.parametrize(
        "text",
        [
            "<html> is a tag",
            "<html>\n<body>\nand so on",
            "<b>Note:</b> tick",
            "<ann> tick </ann>",
            "<p> opens and </p> closes, says <b>",
            "Tick <html></html>",
            "<%= tick %>",
        ],
    )
    def test_what_is_no_html(self, text: str) -> None:
        """Words about tags, and tags of other languages, stay words."""
        assert scrub(text).body == text


LINES = st.lists(
    st.sampled_from(
        ["Tick.", "", "> quoted", *WORDINGS["separator"][:3], *filled(WORDINGS["other"][0]).split("\n"), "<p>x</p>"]
    ),
    max_size=25,
)


@given(lines=LINES)
def test_nothing_is_made_up(lines: list[str]) -> None:
    """Whatever stands in a body comes from the text, in its order; places lie within the body, in order too."""
    text = "\n".join(lines)
    scrubbed = scrub(text)
    rest = iter(text.split())

    assert all(word in rest for word in scrubbed.body.split())
    assert [n.at for n in scrubbed.notices] == sorted(min(n.at, len(scrubbed.body)) for n in scrubbed.notices)
