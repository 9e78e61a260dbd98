"""Files that Mailman's scrubber kept in its own dress, made again what was sent: bytes in, bytes or text out.

    HTML, sanitizer 1 (the default)   a page that shows the source: in `<tt>`, blanks as `&nbsp;`, `<br>` at line ends
    HTML, sanitizer 3                 as sent
    an embedded message               `[From nobody DATE`, the message, escaped, `]`: how Python writes a list of one
    all else                          as sent

Scrubber.py and Utils.websafe did this; FORMAT is told in docs/formats.md. Up to 2.1.12 every `&` was escaped, so
that undoing it is exact. From 2.1.13 on an entity that stood in the source stayed as it was: `&lt;` in the file can be
a tag's sign or a letter that the author wrote so. There it is a tag's only before what begins one.
"""

from __future__ import annotations

import re
from typing import Final

from crawler.message import Kind
from crawler.parse.charsets import codec_name, decode, likely_charset, page_charset

FRAME: Final = re.compile(rb"\s*<tt>\r?\n?(.*?)\r?\n?</tt>\s*\Z", re.DOTALL | re.IGNORECASE)
LINE_END: Final = re.compile(rb"<br\s*/?>\r?\n?", re.IGNORECASE)
EMBEDDED: Final = re.compile(rb"\s*\[From nobody [^\n]*\n(.*?)\]?\s*\Z", re.DOTALL)

SIGNS: Final = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&amp;", b"&"))
# An entity of the source, escaped: the mark of a Mailman that escaped every `&`.
ESCAPED_ENTITY: Final = re.compile(rb"&amp;(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
# `&lt;` before what is no tag (HTML's names, those of old and of Word's): likely stood so in the source.
DOUBTFUL: Final = re.compile(
    rb"&lt;(?!/?(?:a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|bgsound|big|blink|"
    rb"blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|data|dd|del|details|dfn|dir|div|dl|dt|em|"
    rb"embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|ilayer|img|"
    rb"input|ins|isindex|kbd|label|layer|legend|li|link|listing|main|map|mark|marquee|menu|meta|nav|nobr|noframes|"
    rb"noscript|object|ol|optgroup|option|p|param|picture|plaintext|pre|q|rt|ruby|s|samp|script|section|select|small|"
    rb"source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|"
    rb"tr|track|tt|u|ul|var|video|wbr|xml|xmp|\w{1,10}:\w{1,30})(?:&nbsp;|&gt;|[\s/>]|<br)|!--|!\[|!doctype|/?[ovwxm]:|\?|!)",
    re.IGNORECASE,
)
KEPT: Final = b"\x00lt;"  # stands for a `&lt;` that stays while the others are undone
SAY_NOTHING: Final = (None, "utf-8", "utf8", "ascii")  # charsets of lists that tell nothing of bytes that are no UTF-8
MARKUP: Final = re.compile(rb"<[^<>]*>|&[#\w]{1,10};")
HIGH: Final = re.compile(rb"[\x80-\x9f\xa1-\xff]")  # all but ASCII and the blank that does not break
ENOUGH: Final = 16  # such bytes; with fewer, statistics say nothing
PLAUSIBLE: Final = frozenset({
    "gb18030", "gb2312", "gbk", "big5", "cp950", "big5hkscs", "euc_jp", "shift_jis", "cp932", "euc_kr", "cp949",
    "koi8_r", "koi8_u", "cp1251", "iso8859_5", "iso8859_2", "cp1250", "cp1253", "iso8859_7", "cp1254", "iso8859_9",
    "cp1255", "iso8859_8", "cp1256", "iso8859_6", "cp1257", "iso8859_13", "tis_620", "cp874", "cp1258",
})  # fmt: skip
JIS: Final = b"\x1b$"  # letters of ISO-2022-JP (RFC 1468) are ASCII's bytes, signs among them: all were escaped


def html_as_sent(data: bytes) -> bytes:
    """Give the HTML that a scrubbed file holds, in the bytes of its own charset.

    >>> html_as_sent(b"<tt>\\n&lt;p&gt;1&nbsp;&amp;lt;<br>\\n&nbsp;2&lt;/p&gt;<br>\\n</tt>\\n")
    b'<p>1 &lt;\\n 2</p>\\n'
    """
    framed = FRAME.match(data)
    if framed is None:
        return data
    source = LINE_END.sub(b"\n", framed[1])
    if not ESCAPED_ENTITY.search(source) and JIS not in source:
        source = DOUBTFUL.sub(KEPT, source)
    return _unescaped(source).replace(KEPT, b"&lt;")


def message_as_sent(data: bytes) -> bytes:
    """Give the message that a scrubbed file holds, headers first.

    >>> message_as_sent(b"[From nobody Sat Jun 27 12:00:02 2009\\nFrom: &lt;a@b.org&gt;\\n\\nHello\\n]\\n")
    b'From: <a@b.org>\\n\\nHello\\n'
    """
    embedded = EMBEDDED.match(data)
    return _unescaped(embedded[1], blanks=b"&nbsp;") if embedded else data


def as_sent(kind: Kind, data: bytes) -> bytes:
    """Give the bytes that were sent, as far as a scrubbed file of this kind tells."""
    if kind == "html":
        return html_as_sent(data)
    return message_as_sent(data) if kind == "message" else data


def html_source(data: bytes, charset: str | None) -> str:
    """Give the HTML source that a scrubbed file holds; `charset` is the list's, for where nothing else tells.

    >>> html_source(b"<tt>\\n&lt;p&gt;Hello,<br>\\n&nbsp;world&lt;/p&gt;<br>\\n</tt>\\n", None)
    '<p>Hello,\\n world</p>\\n'
    """
    return decoded(html_as_sent(data), charset)


def decoded(data: bytes, charset: str | None) -> str:
    """Decode a part whose own charset is not recorded: UTF-8 if it is that, what it declares, the list's."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        if JIS not in data:
            return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = page_charset(data)
    if codec_name(declared):
        return decode(data, declared)
    if codec_name(charset) in SAY_NOTHING and JIS not in data:
        return decode(data, _likely(data) or "windows-1252")
    return decode(data, charset)


def _likely(data: bytes) -> str | None:
    """Guess the charset of undeclared text, from what is neither tag nor entity, among those of mail."""
    if len(HIGH.findall(data)) < ENOUGH:
        return None
    text = b" ".join(MARKUP.sub(b" ", data).split())
    found = likely_charset(text)
    return found if found in PLAUSIBLE else None


def _unescaped(data: bytes, blanks: bytes = b" ") -> bytes:
    """Undo one escaping; `blanks` is what `&nbsp;` stands for. `&amp;` comes last, so that nothing is undone twice."""
    for entity, sign in ((b"&nbsp;", blanks), *SIGNS):
        data = data.replace(entity, sign)
    return data
