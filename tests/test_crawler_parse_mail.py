"""A mail as it was sent: headers, text and parts, as the record wants them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.addresses import read_sender
from crawler.parse.mail import list_archive, part_data, read_mail

HEAD = "From ann@example.org Mon Mar  1 12:00:00 2010\nFrom: Ann <ann@example.org>\nMessage-ID: <1@x.org>\n"
PNG = b"\x89PNG\r\n\x1a\n\x00 of the lamp"


def mail(body: str | bytes, content: str = "", head: str = HEAD) -> bytes:
    """Write a mail; `content` are its MIME headers."""
    data = body.encode() if isinstance(body, str) else body
    return f"{head}MIME-Version: 1.0\n{content}\n".encode() + data


def multipart(*parts: str, kind: str = "mixed") -> bytes:
    """Write a mail of several parts, each with its own headers."""
    whole = "".join(f"--=_b\n{part}\n" for part in parts) + "--=_b--\n"
    return mail(whole, f'Content-Type: multipart/{kind};\n boundary="=_b"\n')


def packed(data: bytes) -> str:
    """Write bytes in base64."""
    return base64.encodebytes(data).decode()


TEXT = "Content-Type: text/plain; charset=utf-8\n\nGood evening.\n"
PICTURE = f"Content-Type: image/png; name=lamp.png\nContent-Transfer-Encoding: base64\n\n{packed(PNG)}"


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("Ann Keeper <ann@example.org>", ("Ann Keeper", "ann@example.org")),
        ('"Keeper, Ann" <ann@example.org>', ("Keeper, Ann", "ann@example.org")),
        ('"Ann \\"Annie\\" K." <ann@example.org>', ('Ann "Annie" K.', "ann@example.org")),
        ("ann@example.org (Ann Keeper)", ("Ann Keeper", "ann@example.org")),
        ("=?utf-8?q?Ad=C3=A8le?= <a@example.org>", ("Adèle", "a@example.org")),
        ("=?iso-8859-2?q?Ji=F8=ED?=\n =?iso-8859-2?q?_N=2E?= <j@example.org>", ("Jiří N.", "j@example.org")),
        ("ann@example.org", (None, "ann@example.org")),
        ("<ann@example.org>", (None, "ann@example.org")),
        ("Ann (in the tower) <ann@example.org>", ("Ann (in the tower)", "ann@example.org")),
        ("Nobody", ("Nobody", None)),
        ("", (None, None)),
    ],
)
def test_senders_are_read_as_mail_has_them(value: str, sender: tuple[str | None, str | None]) -> None:
    """Names and addresses come out decoded, whatever form they have."""
    headers = read_mail(f"From: {value}\nSubject: x\n\nHi.\n".encode()).entry.headers

    assert read_sender(headers.get("from", "")) == sender


def test_headers_are_kept_as_sent() -> None:
    """Of what the record needs the first header of each name counts, folds and all; raw bytes are read too."""
    raw = "Subject: one\n two\nsubject: three\nTo: x\nDate: Mon, 1 Mar 2010 12:00:00 +0000\nIn-Reply-To: <a@b>\n\nHi.\n"
    bytes_beyond = "Subject: Grüße\n\nHi.\n".encode("latin-1")

    assert read_mail(raw.encode()).entry.headers == {
        "subject": "one\n two",
        "date": "Mon, 1 Mar 2010 12:00:00 +0000",
        "in-reply-to": "<a@b>",
    }
    assert read_mail(bytes_beyond).entry.headers == {"subject": "Grüße"}


@pytest.mark.parametrize(
    ("content", "body", "text"),
    [
        ("", "Good evening.\n", "Good evening."),
        ("Content-Type: text/plain; charset=iso-8859-2\n", "Jiří\n".encode("iso-8859-2"), "Jiří"),
        ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n", "caf=C3=A9=\n !\n",
         "café !"),
        ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n",
         packed("Grüße\r\nvom Turm\r\n".encode()), "Grüße\nvom Turm"),
        ("Content-Type: text/plain; charset=us-ascii\n", "Grüße\n", "Grüße"),
        ("Content-Type: text/plain; charset=nonsense\n", "Grüße\n", "Grüße"),
        ("Content-Type: text/plain; charset=iso-2022-jp\n", "灯台\n".encode("iso-2022-jp"), "灯台"),
        ("Content-Type: nothing at all\n", "Good evening.\n", "Good evening."),
        ("Content-Type: text/plain\n", ">From afar\n", ">From afar"),
        ("Content-Type: multipart/mixed\n", "No boundary.\n", "No boundary."),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_text_is_decoded(content: str, body: str | bytes, text: str) -> None:
    """Transfer encoding and charset are undone; a wrong label makes way for what the bytes are."""
    found = read_mail(mail(body, content))

    assert (found.entry.body, found.parts) == (text, ())


def test_other_parts_are_attachments_with_their_place() -> None:
    """What is no text of the body has kind, name, type, size, description, digest, and the offset where it stood."""
    described = PICTURE.replace("\n\n", "\nContent-Description: =?utf-8?q?L=C3=A4mpchen?=\n\n", 1)
    found = read_mail(multipart(TEXT, described, TEXT.replace("evening", "night")))

    assert found.entry.body == "Good evening.\nGood night."
    (part,) = found.parts
    assert (part.kind, part.name, part.type, part.size) == ("other", "lamp.png", "image/png", len(PNG))
    assert (part.description, part.sha256, part.at) == ("Lämpchen", hashlib.sha256(PNG).hexdigest(), 14)
    assert part_data(multipart(TEXT, described), part.place) == PNG


@pytest.mark.parametrize(
    ("header", "body", "kinds"),
    [
        ("Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=a.txt", "Hi.", []),
        ("Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment", "Hi.", []),
        ("Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt", "Hi.", []),
        ("Content-Type: text/plain\nContent-Disposition: attachment", "", ["text"]),
        ("Content-Type: text/html; charset=utf-8", "", ["html"]),
        ("Content-Type: text/x-patch; charset=utf-8", "", ["other"]),
        ("Content-Type: message/rfc822", "", ["message"]),
    ],
)
def test_the_body_is_what_a_lists_archive_shows(header: str, body: str, kinds: list[str]) -> None:
    """Plain text is shown but for attached text that names no charset; all else is an attachment."""
    content = "Subject: Inner\n\nHi.\n" if "rfc822" in header else "Hi.\n"
    found = read_mail(multipart(f"{header}\n\n{content}"))

    assert (found.entry.body, [part.kind for part in found.parts]) == (body, kinds)


def test_a_mail_of_html_alone_has_no_body() -> None:
    """HTML is an attachment, as in the list's own archive, also when nothing else is there."""
    found = read_mail(mail("<p>Hi.</p>\n", "Content-Type: text/html; charset=utf-8\n"))

    assert (found.entry.body, [(part.kind, part.type) for part in found.parts]) == ("", [("html", "text/html")])


def test_an_embedded_mail_is_described_by_its_subject() -> None:
    """A forwarded mail is one attachment; its own parts are inside it."""
    inner = "Content-Type: message/rfc822\n\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nContent-Type: image/png\n\nx\n"
    (part,) = read_mail(multipart(TEXT, inner)).parts

    assert (part.kind, part.description) == ("message", "Grüße")


def test_names_are_decoded_in_all_forms() -> None:
    """File names come as RFC 2231, as encoded words, or raw; all are read."""
    forms = [
        "filename*=utf-8''L%C3%A4mpchen.png",
        'filename="=?utf-8?q?L=C3=A4mpchen=2Epng?="',
        'filename="Lämpchen.png"',
    ]
    for form in forms:
        raw = multipart(f"Content-Type: image/png\nContent-Disposition: attachment; {form}\n\nx\n")
        assert [part.name for part in read_mail(raw).parts] == ["Lämpchen.png"]


def test_line_ends_of_an_mbox_from_elsewhere_are_undone() -> None:
    """A mail with CR LF reads like the one without."""
    raw = multipart(TEXT, PICTURE)

    assert read_mail(raw.replace(b"\n", b"\r\n")) == read_mail(raw)


def test_parts_without_end_are_no_trouble() -> None:
    """Ten thousand parts within each other, or one after the other, are read as far as that goes."""
    deep = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3000))
    wide = multipart(*["Content-Type: image/png\n\nx\n"] * 3000)

    assert read_mail(mail("Hi.\n", deep)).entry.headers["message-id"] == "<1@x.org>"
    assert len(read_mail(wide).parts) == 3000


def test_the_list_is_named_by_its_mails() -> None:
    """The archive's address stands in a header of mail that came through a list."""
    raw = b"List-Archive:\n <https://lists.example.org/pipermail/keepers/>\nSubject: x\n\nHi.\n"

    assert list_archive(raw) == "https://lists.example.org/pipermail/keepers/"
    assert list_archive(b"Subject: x\n\n") is None


def test_a_charset_of_any_bytes_raises_nothing() -> None:
    """A charset with bytes beyond ASCII is none; the text beside it is read by what its bytes are."""
    raw = b"Content-Type: text/plain; charset=\xe9\xff\xfe\nSubject: x\n\ncaf\xc3\xa9\n"

    assert read_mail(raw).entry.body.strip() == "café"


PIECES = [
    b"\n", b"\n\n", b"--=_b\n", b"--=_b--\n", b"Content-Type: ", b"multipart/mixed; boundary==_b\n",
    b"message/rfc822\n", b"text/plain; charset=", b"utf-7\n", b"Content-Transfer-Encoding: base64\n", b"x-uuencode\n",
    b"Content-Disposition: attachment; filename*=x''%\n", b"=?utf-8?b?", b"From: ", b"\xff\xfe", b"begin 644 a\n",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=60))
def test_no_mail_raises(pieces: list[bytes]) -> None:
    """Any bytes read as some mail, and each of its parts can be had by its place."""
    raw = b"".join(pieces)
    for part in read_mail(raw).parts:
        data = part_data(raw, part.place)
        assert data is not None
        assert hashlib.sha256(data).hexdigest() == part.sha256
