"""Documents for tests, written here: the smallest files of each format that programs of that format open.

pdf("A sentence."), docx("A sentence."), xlsx(…), pptx(…), odt(…)
"""

from __future__ import annotations

from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

OFFICE = "http://schemas.openxmlformats.org"
WORD = f'xmlns:w="{OFFICE}/wordprocessingml/2006/main"'
SHEET = f'xmlns="{OFFICE}/spreadsheetml/2006/main"'
SLIDE = f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:p="{OFFICE}/presentationml/2006/main"'
OPEN = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def pdf(text: str) -> bytes:
    """Write a PDF of one page with one line of text."""
    drawn = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    content = f"BT /F1 12 Tf 72 720 Td ({drawn}) Tj ET".encode("latin-1")
    return pdf_of(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )


def pdf_of(*objects: bytes) -> bytes:
    """Write a PDF of these objects, the catalogue first."""
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + tail


def docx(text: str, *, footnote: str = "") -> bytes:
    """Write a Word document of one paragraph, and a footnote."""
    body = f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
    parts = {"word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>"}
    if footnote:
        note = f"<w:footnote><w:p><w:r><w:t>{escape(footnote)}</w:t></w:r></w:p></w:footnote>"
        parts["word/footnotes.xml"] = f"<w:footnotes {WORD}>{note}</w:footnotes>"
    return zipped({"[Content_Types].xml": "<Types/>", **parts})


def xlsx(text: str, number: float) -> bytes:
    """Write a workbook of one sheet: a text and a number."""
    return zipped({
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {SHEET}><sheets><sheet name="Accounts" sheetId="1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"<sst {SHEET}><si><t>{escape(text)}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f'<worksheet {SHEET}><sheetData><row><c t="s"><v>0</v></c>'
        f"<c><v>{number}</v></c></row></sheetData></worksheet>",
    })  # fmt: skip


def pptx(*slides: str) -> bytes:
    """Write a presentation of slides with a line each."""
    parts = {
        f"ppt/slides/slide{n}.xml": f"<p:sld {SLIDE}><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:sld>"
        for n, text in enumerate(slides, 1)
    }
    return zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": f"<p:presentation {SLIDE}/>", **parts})


def odt(text: str, kind: str = "text", *, locked: bool = False) -> bytes:
    """Write an OpenDocument file of one paragraph; a `locked` one tells that it wants a password."""
    paragraph = f"<text:p>{escape(text)}</text:p>"
    content = f"<office:document-content {OPEN}><office:body>{paragraph}</office:body></office:document-content>"
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo("mimetype"), f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "junk" if locked else content)
        if locked:
            archive.writestr(
                "META-INF/manifest.xml", "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
            )
    return file.getvalue()


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Write a zip of these members."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def bomb(megabytes: int) -> bytes:
    """Write a Word document of a few kilobytes that unpacks to so many megabytes of nothing."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            part.write(f"<w:document {WORD}>".encode())
            for _ in range(megabytes):
                part.write(b"<!--%s-->" % (b" " * 1_000_000))
            part.write(b"</w:document>")
    return file.getvalue()
