"""Single values: senders, dates, charsets, encoded words, signs of loss, repairs."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.addresses import AT_WORDS, clear_name, read_sender, shown_addresses, undo, word_for_at
from crawler.parse.charsets import codec_name, decode, guess, page_charset
from crawler.parse.dates import read_date, read_envelope, read_local_date, rfc3339, volume_span, within
from crawler.parse.encoded_words import decode_words, unfold
from crawler.parse.loss import fuller, lossy_spellings
from crawler.parse.repair import decode_transfer_encoding, join_addresses
from crawler.parse.volume_text import is_text, read_entries, split, unpack

NOON = 1267444800  # of the first of March 2010, UTC


class TestDates:
    """Date headers, first lines of entries, names of volumes."""

    @pytest.mark.parametrize(
        ("value", "moment"),
        [
            ("Mon, 01 Mar 2010 12:00:00 +0000", NOON),
            ("Mon, 1 Mar 2010 07:00:00 -0500 (EST)", NOON),
            ("1 Mar 2010 12:00:00 GMT", NOON),
            ("Mon, 01 Mar 10 12:00:00 UT", NOON),
            ("Mon, 01 Mar 2010 12:00 +0000", NOON),
            ("Mon Mar  1 07:00:00 EST 2010", NOON),
            ("Mon, 1 Mar 2010 12:00:00 -0000", NOON),
            ("Mon, 1 March 2010 12:00:00 +0000", NOON),
            ("2010-03-01T13:00:00+01:00", NOON),
            ("2010-03-01 12:00:00Z", NOON),
            ("Mon, 29 Feb 2010 12:00:00 +0000", NOON),
            ("Mon, 01 Mar 2010 12:00:00", None),
            ("Mon, 01 Mar 2010 12:00:00 XYZ", None),
            ("12:00:00 +0000", None),
            ("Mon +0000", None),
            ("March 2010 +0000", None),
            ("Mon, 01 Foo 2010 12:00:00 +0000", None),
            ("", None),
            ("Mon, 01 Mar 2010 12:00:00 +0000" + " " * 300, None),
            ("Fri, 31 Dec 9999 23:59:59 -2359", None),
            ("Sat, 01 Jan 0001 00:00:00 +2359", None),
        ],
    )
    def test_date_headers(self, value: str, moment: int | None) -> None:
        """A header with a zone is a moment; one without, or without day, month or year, is none."""
        assert read_date(value) == moment

    @given(moment=st.integers(-2_000_000_000, 7_000_000_000), minutes=st.integers(-14 * 60, 14 * 60))
    def test_what_email_writes(self, moment: int, minutes: int) -> None:
        """Whatever date the standard library writes, in any zone of whole minutes, is the moment that it was."""
        zoned = datetime(1970, 1, 1, tzinfo=timezone(timedelta(minutes=minutes))) + timedelta(seconds=moment)

        assert read_date(format_datetime(zoned)) == moment - minutes * 60

    @pytest.mark.parametrize(
        ("name", "days"),
        [
            ("2010", (14610, 14975)),
            ("2010q1", (14610, 14700)),
            ("2010q4", (14883, 14975)),
            ("2010-December", (14944, 14975)),
            ("Week-of-Mon-20100301", (14669, 14676)),
            ("20100228", (14668, 14669)),
            ("1945-February", (-9100, -9072)),
            ("2010q5", None),
            ("2010-december", None),
            ("2010-Dezember", None),
            ("20101301", None),
            ("0000", None),
            ("9999-December", None),
            ("２０１０", None),
            ("attachments", None),
            ("2010-March\n", None),
        ],
    )
    def test_volumes(self, name: str, days: tuple[int, int] | None) -> None:
        """The name of a volume of any frequency tells the days that it holds; another name none."""
        assert volume_span(name) == days

    def test_a_volume_holds_its_days_in_any_zone(self) -> None:
        """A volume is cut at midnight of its server, half a day away from UTC at most."""
        span = volume_span("2010-March")

        assert within(NOON - 12 * 3600 - 13 * 3600, span)
        assert not within(NOON - 2 * 86400, span)
        assert within(0, None)

    @pytest.mark.parametrize(
        ("line", "moment"),
        [
            ("From ann at clock.example.org  Mon Mar  1 12:00:00 2010", NOON),
            ("From   Mon Mar  1 12:00:00 2010\r", NOON),
            ("From ann Mon Foo  1 12:00:00 2010", None),
            ("From ann@clock.example.org Mon, 1 Mar 2010 12:00:00 +0000", None),
        ],
    )
    def test_first_lines(self, line: str, moment: int | None) -> None:
        """The time at the end of an entry's first line is read as if the server stood in Greenwich."""
        assert read_envelope(line) == moment

    def test_a_date_without_a_zone_is_read_on_demand(self) -> None:
        """The last resort takes the clock as it stands."""
        assert read_local_date("Mon Mar  1 12:00:00 2010") == NOON
        assert read_local_date("noon") is None

    @pytest.mark.parametrize(
        ("moment", "written"),
        [
            (NOON, "2010-03-01T12:00:00Z"),
            (-62135596800, "0001-01-01T00:00:00Z"),
            (253402300799, "9999-12-31T23:59:59Z"),
        ],
    )
    def test_moments_are_written_as_the_record_has_them(self, moment: int, written: str) -> None:
        """Years have four digits, always."""
        assert rfc3339(moment) == written


class TestSenders:
    """Names and addresses of From headers."""

    @pytest.mark.parametrize("word", [w for w in AT_WORDS if w.strip()])
    def test_the_word_of_every_language(self, word: str) -> None:
        """An address in the spelling of any language is undone, and the word is learnt."""
        assert undo(f"ann{word}clock.example.org") == "ann@clock.example.org"
        assert word_for_at([f"ann{word}clock.example.org (Ann)"] * 2) == word
        assert shown_addresses(word).search(f"Ask ann{word}clock.example.org.")
        assert read_sender(f"ann{word}localhost (ann{word}localhost)") == ("ann@localhost", "ann@localhost")
        assert read_sender(f"ann{word}clock.example.org (Ann, bob{word}clock.example.org)") == (
            "Ann, bob@clock.example.org", "ann@clock.example.org",
        )  # fmt: skip

    @pytest.mark.parametrize(
        "text", ["Look at me", "ann at", " at clock.example.org", "ann@clock.example.org", "at at at", ""]
    )
    def test_what_is_no_obfuscated_name(self, text: str) -> None:
        """Words that hold `at` stay as they are."""
        assert clear_name(text) == (text or None)

    @pytest.mark.parametrize(
        ("value", "read"),
        [
            ("Ann Keeper ann@clock.example.org", ("Ann Keeper", "ann@clock.example.org")),
            ('"Keeper, Ann" <ann@clock.example.org>', ("Keeper, Ann", "ann@clock.example.org")),
            ("ann (at) clock.example.org (Ann)", ("Ann", "ann@clock.example.org")),
            ("ann [at] clock [dot] example [dot] org (Ann)", ("Ann", "ann@clock.example.org")),
            ("ann AT clock dot example dot org (Ann)", ("Ann", "ann@clock.example.org")),
            ("ann_at_clock.example.org (Ann)", ("Ann", "ann@clock.example.org")),
            ("<ann at clock.example.org> (Ann)", ("Ann", "ann@clock.example.org")),
            ("Ann <ann@clock.example.org>", ("Ann", "ann@clock.example.org")),
            ("ann@clock.example.org", (None, "ann@clock.example.org")),
            ("ann at clock.example.org (A (B) C)", ("A (B) C", "ann@clock.example.org")),
            ("ann at clock.example.org (=?utf-8?q?=C3=84nn?=\n =?utf-8?q?_K?=)", ("Änn K", "ann@clock.example.org")),
            ("Ann (at home) Keeper ann@clock.example.org", ("Ann (at home) Keeper", "ann@clock.example.org")),
            ("", (None, None)),
        ],
    )
    def test_forms(self, value: str, read: tuple[str | None, str | None]) -> None:
        """2.x writes the name behind the address, 1.x before it."""
        assert read_sender(value) == read

    def test_no_word_where_addresses_are_clear(self) -> None:
        """A list that does not obfuscate has no word for it."""
        assert word_for_at(["ann@clock.example.org (Ann at home)"]) is None


class TestCharsets:
    """Bytes to text."""

    @pytest.mark.parametrize(
        ("data", "charset", "text"),
        [
            (b"caf\xe9", "iso-8859-1", "café"),
            (b"\x93caf\xe9\x94 \x81", "iso-8859-1", "“café” \x81"),
            ("café".encode(), "us-ascii", "café"),
            ("café".encode(), "iso-8859-2", "café"),
            ("café ".encode() + b"\xe9", "utf-8", "café é"),
            ("時計".encode("euc-jp"), "euc-jp", "時計"),
            ("時計: ".encode("euc-jp") + "遅れ".encode("iso2022_jp") + b" ok", "euc-jp", "時計: 遅れ ok"),
            (b"\x1b$B;~\n\xa4\xa2", "euc-jp", "時\nあ"),
            ("часы".encode("koi8-r"), "koi8-r", "часы"),
            (b"\xff", "iso-8859-7", "\ufffd"),
            (b"caf\xe9", "x-nonsense", "café"),
            (b"caf\xe9", None, "café"),
            (b"", None, ""),
            (b"\x1b[1mbold\x1b[0m", "us-ascii", "\x1b[1mbold\x1b[0m"),
        ],
    )
    def test_decoding(self, data: bytes, charset: str | None, text: str) -> None:
        """The declared charset first, UTF-8 where it is, else the best reading."""
        assert decode(data, charset) == text

    @pytest.mark.parametrize(
        ("sentence", "charset"),
        [
            ("Grüße aus München, die Straße ist für alle Gäste übermäßig schön. ", "cp1252"),
            ("Où est le garçon? Voilà l'été, la forêt est à côté du château. ", "cp1252"),
            ("Часы на башне отстают на час, и никто не знает почему. ", "koi8-r"),
            ("Часы на башне отстают на час, и никто не знает почему. ", "cp1251"),
        ],
    )
    def test_guessing(self, sentence: str, charset: str) -> None:
        """Enough text that nothing declares is read by its letters; western Europe's before its neighbours'."""
        assert guess((sentence * 3).encode(charset)) == sentence * 3

    @pytest.mark.parametrize(
        "name", ["base64", "rot13", "zlib", "punycode", "idna", "unicode-escape", "undefined", "x" * 99, "", None]
    )
    def test_what_is_no_charset(self, name: str | None) -> None:
        """Codecs of Python's that no mail is written in are no charsets."""
        assert codec_name(name) is None

    @pytest.mark.parametrize(
        ("html", "charset"),
        [
            (b'<meta charset="UTF-8">', "utf-8"),
            (b"<META content='text/html; charset=EUC-KR' http-equiv=x>", "euc-kr"),
            (b'<meta charset="utf-16">', None),
            (b"<p>charset=utf-8", None),
            (b" " * 5000 + b'<meta charset="utf-8">', None),
        ],
    )
    def test_the_charset_of_a_page(self, html: bytes, charset: str | None) -> None:
        """A page's META line counts, unless nobody could have read it."""
        assert page_charset(html) == charset


class TestEncodedWords:
    """RFC 2047."""

    @given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=80))
    def test_what_email_writes(self, text: str) -> None:
        """Whatever the standard library encodes comes back."""
        encoded = Header(text, "utf-8").encode()

        assert decode_words(unfold(encoded)).split() == text.split()

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("a =?utf-8?q?b?= c", "a b c"),
            ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
            ("=?utf-8?q?a?=\n =?iso-8859-1?q?=E9?=", "aé"),
            ("=?utf-8?q?a_=?utf-8?q?b?=", "a b"),
            ("=?utf-8?q?cut_of", "cut of"),
            ("=?utf-8?b?Y2Fmw6k?", "café"),
            ("=? utf-8 ?q? caf=c3=a9 ?=", "café"),
            ("=?utf-8?b?w6k=w6k=?=", "éé"),
            ("=?win-1251?q?=CF?= =?x-cp1251?q?=F0?=", "Пр"),
            ("=?utf-8?b?w?= =?utf-8?b?!!!?=", ""),
            ("=?utf-8?q??=", ""),
            ("=?gb2312?b?1tM=?=", "钟"),
            ("=?=?=?=", "=?=?=?="),
        ],
    )
    def test_forms(self, value: str, text: str) -> None:
        """Blanks between two words vanish, words without an end go on to it, and none raises."""
        assert decode_words(value) == text

    @pytest.mark.parametrize(
        ("value", "line"), [("a\n\tb", "a b"), ("a \r\n   b\n c", "a b c"), (" a ", "a"), ("a\nb", "a b")]
    )
    def test_folds(self, value: str, line: str) -> None:
        """A fold is one blank."""
        assert unfold(value) == line


class TestLoss:
    """What a loss leaves of names, and which of two readings is whole."""

    def test_spellings_of_names(self) -> None:
        """Names are kept in the spelling that they have after a loss, unless nothing is left of them."""
        names = lossy_spellings(["Thomas Hervé", "Ann", None, "Ярослав"])

        assert names == {"Thomas Herv?"}

    @pytest.mark.parametrize(
        ("text", "page", "best"),
        [
            ("Herv?", "Hervé", "Hervé"),
            ("Herv\ufffd", "Hervé", "Hervé"),
            ("Why?", "Whyx", "Why?"),
            ("a?", "aéé", "a?"),
            ("a?", None, "a?"),
        ],
    )
    def test_the_fuller_of_two(self, text: str, page: str | None, best: str) -> None:
        """A page's spelling counts where it differs in nothing but what was lost."""
        assert fuller(text, page) == best


class TestRepairs:
    """Bodies that stayed quoted-printable."""

    FILE = "http://lists.example.org/pipermail/clockwork/attachments/20100301/0123abcd/attachment.htm"

    @given(places=st.sets(st.integers(1, len(FILE) - 1), max_size=6))
    def test_addresses_broken_anywhere(self, places: set[int]) -> None:
        """A file's address that was broken in any places is joined."""
        cuts = [0, *sorted(places), len(self.FILE)]
        broken = "=\n".join(self.FILE[a:b] for a, b in pairwise(cuts))

        assert join_addresses(f"URL: {broken}\nrest=\n") == (
            f"URL: {self.FILE}\nrest=\n" if min(places, default=9) > 7 else f"URL: {broken}\nrest=\n"
        )

    @pytest.mark.parametrize("text", ["a =\nb", "http://x.example/?q=\nattachments", "", "attachments/=\n"])
    def test_other_line_ends_stay(self, text: str) -> None:
        """Nothing else is touched: the body stays as it is archived."""
        assert join_addresses(text) == text

    def test_decoding_for_readers(self) -> None:
        """For reading and searching such a body is decoded, whatever its charset was."""
        assert decode_transfer_encoding("1 =3D 1, caf=C3=A9, gr=FC=DF=\ne") == "1 = 1, café, grüße"


# What begins like a gzip would be unpacked once more; hypothesis finds that beginning in the code and tries it.
NO_GZIP = st.binary(max_size=3000).filter(lambda data: not data.startswith(b"\x1f\x8b"))


class TestTexts:
    """Volume texts: unpacked and cut."""

    @pytest.mark.parametrize("data", [b"", b"From ann", b"\x1f", b"<html>", bytes(range(256))])
    @pytest.mark.parametrize("times", [0, 1, 2, 3])
    def test_unpacked_as_often_as_packed(self, data: bytes, times: int) -> None:
        """What was packed, and how often, makes no difference."""
        packed = data
        for _ in range(times):
            packed = gzip.compress(packed, mtime=0)

        assert unpack(packed).data == data
        assert unpack(packed).whole

    @given(data=NO_GZIP, cut=st.integers(0, 3000))
    def test_a_torn_gzip_gives_what_is_there(self, data: bytes, cut: int) -> None:
        """A gzip that ends too early gives a beginning of what it held, and says so."""
        packed = gzip.compress(data, mtime=0)
        torn = unpack(packed[:cut])

        assert cut < 2 or data.startswith(torn.data)
        assert torn.whole == (cut < 2 or cut >= len(packed))

    @pytest.mark.parametrize("data", [b"<!DOCTYPE html>", b"\n <HTML>", b"<?xml version", b"<head>"])
    def test_a_page_is_no_text(self, data: bytes) -> None:
        """An error page is told from a text."""
        assert not is_text(data)

    def test_first_lines_of_every_generation(self) -> None:
        """Entries begin where a first line of 2.x or 1.x has its header behind it, and nowhere else."""
        text = (
            b"From ann at clock.example.org  Mon Mar  1 12:00:00 2010\nFrom: a\n\nx\n"
            b"From   Mon Mar  1 12:00:00 2010\nFrom: b\n\nFrom me  Mon Mar  1 12:00:00 2010\nno header\n"
            b"From ann@clock.example.org Mon, 1 Mar 1999 12:00:00 -0500 (EST)\nDate: x\nFrom: c\n\n"
            b"From bob@repair.example.net 2 Mar 1999 12:00:00 GMT\nDate: 2 Mar 1999 12:00:00 GMT\nFrom: d\n\n"
            b"From here on\nFrom: e\n\n>From ann  Mon Mar  1 12:00:00 2010\nFrom: f\n"
        )

        assert [e.headers["from"] for e in read_entries(text, None)] == ["a", "b", "c", "d"]
        assert b"".join(split(text)) == text
