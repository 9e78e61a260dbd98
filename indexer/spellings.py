"""How an e-mail address is spelled in mail: signs and words for "at", dots, hosts, local parts.

Where such a spelling stands in a text, `indexer.redaction` asks; whether it is an address, it decides.
docs/addresses.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from crawler.parse.wordings import WORDINGS
from indexer.pattern import pattern

# Signs that stand for @: full-width and small forms, HTML's references, percent-encoded once or more,
# quoted-printable as Mailman 2.1.5-2.1.14 left it.
# In the source of HTML tags can stand around it: `indigo@<wbr>example.org`.
_TAGS_BEHIND: Final = r"(?=(?:<[^<>\n]{1,80}>){0,3}[\w\[])"
# One pattern each, begun with what is rare in text: a search is as fast as its first letters. The first member is what
# a text must hold to be searched.
SIGNS: Final = tuple(
    (needle, pattern(sign + _TAGS_BEHIND))
    for needle, sign in (
        *((sign, sign) for sign in "@＠﹫"),
        ("&", r"&(?:\#0*64|\#[xX]0*40|commat);"),
        ("%", r"%(?:25)*40"),
        ("=40", r"=40(?=[\w-]+\.[a-zA-Z])"),
    )
)
TAGS_BEFORE: Final = pattern(r"(?:>[^<>\n]{1,80}<){1,3}")  # backwards
# A gap between words: blanks, or a line's end with the marks of a quotation on the next line.
GAP: Final = r"(?:[ \t\xa0]+|[ \t]*\r?\n[>|: \t]*)"
GAP_BEFORE: Final = pattern(rf"(?:{GAP})\Z")
DOT: Final = rf"(?:\.|{GAP}?[\[({{<][ \t]*(?i:dot|\.)[ \t]*[\])}}>]{GAP}?|{GAP}(?i:dot){GAP}|_(?i:dot)_)"
# Behind a lost line end a URL can be glued to a host: `example.orghttp://example.org/`.
_GLUED: Final = r"https?://"
LABEL: Final = rf"[A-Za-z0-9](?:(?:(?!{_GLUED})[A-Za-z0-9-])*(?!{_GLUED})[A-Za-z0-9])?"
# What follows a word for "at"; neither the local part of another address, nor a call (`at task.run()`),
# nor Perl's `died at lib.pl line 3`; mailers do write `indigo at example.org(mailto:indigo@example.org)`.
_NO_MORE: Final = rf"(?!(?!{_GLUED})[\w@＠﹫%…-]|\((?!mailto:)|=40|\.\w|&[#c]|[ \t]*[@＠])"
HOST: Final = rf"(?P<host>{LABEL}(?=[.\s\[({{<_])(?:{DOT}{LABEL})+){_NO_MORE}(?! line \d)"
# For the exceptions any host will do, of one label too.
ANY_HOST: Final = rf"(?P<host>\w(?:[\w-]*\w)?(?:{DOT}\w(?:[\w-]*\w)?)*){_NO_MORE}"
ANY_DOT: Final = pattern(DOT)

# Mailman's ARCHIVER_OBSCURES_EMAILADDRS writes its language's word for "at": with blanks around, without, and the
# Estonian one before the host alone. The bare `a` of one old catalogue joins two words to one: nobody can tell.
_JOINING: Final = sorted({w for w in WORDINGS["at"] if w.strip() == w and not w.isascii()})
_APART: Final = sorted({w.strip() for w in WORDINGS["at"] if w.strip()} - set(_JOINING) - {"at", "a", "＠"})


class AtWord(NamedTuple):
    """A word for "at", or what else stands for one: what a text must hold to be searched, and what is searched.

    `before` characters in front of a match belong to it; other blanks there are looked at afterwards.
    """

    needle: str
    before: int
    strict: re.Pattern[str]
    loose: re.Pattern[str]

    @classmethod
    def made(cls, needle: str, written: str, *, behind_blank: bool = False) -> AtWord:
        """Make the patterns, with hosts that read like one and with any."""
        if behind_blank:  # looked for behind the word: then a search goes by the word's first letters
            word = re.escape(needle)
            written = f"{word}(?<=[ \n\xa0]{word}){written}"
        return cls(needle, int(behind_blank), pattern(written + HOST), pattern(written + ANY_HOST))


AT: Final = tuple(AtWord.made(word, f"{GAP}?", behind_blank=True) for word in ("at", "At", "aT", "AT"))
APART: Final = {word: AtWord.made(word, GAP, behind_blank=True) for word in ("a", *_APART)}
BRACKETED: Final = AtWord.made("", rf"[\[({{<][ \t]*(?:[Aa][Tt]?|[@＠ä])[ \t]*[\])}}>]{GAP}?")
OTHERS: Final = (
    AtWord.made("", "_[Aa][Tt]_"),
    AtWord.made("@ ", r"@[ \t]+"),
    AtWord.made(" @", r"@(?<= @)"),
    AtWord.made("  ", r"  (?<=\w  )(?=\w)"),  # Portuguese: two blanks
    AtWord.made("＠", r"＠[ \t]+"),
    *(AtWord.made(word, rf"{word}{GAP}?") for word in _JOINING),
)
WORDS: Final = (*AT, *APART.values(), BRACKETED, *OTHERS)

# What stands before the first dot of a host, in a text that is read backwards: `gro.elpmaxe ta `, `gro.elpmaxe )ta(`.
_GAP_OR_MARKS: Final = r"[ \t\xa0\r\n>|:]*"
_NAMES_BACKWARDS: Final = "|".join(re.escape(word[::-1]) for word in APART)
BEFORE_A_DOT: Final = pattern(
    r"\.(?<=[A-Za-z0-9]\.)"
    r"(?=(?:[A-Za-z0-9-]*[Tt][Aa](?P<glued>[ \n\xa0]))?)"  # without a gap: `at` begins what looks like the host's label
    rf"[A-Za-z0-9-]+(?:{_GAP_OR_MARKS}(?:(?P<word>[Tt][Aa]|{_NAMES_BACKWARDS})[ \n\xa0]"
    r"|(?P<bracket>[\])}>][ \t]*(?:[Tt]?[Aa]|[@＠ä])[ \t]*[\[({<])))?"
)
BRACKETED_DOT: Final = pattern(r"\.(?<=[\[({< \t]\.)(?=[ \t]*[\])}>])")


def words_there(text: str) -> Iterable[AtWord]:
    """Give the words for "at" that can stand before a host in a text; to look for each of all would take long.

    >>> [word.needle for word in words_there("see indigo at example.org")] == [word.needle for word in (*AT, *OTHERS)]
    True
    """
    if "dot" in text.lower() or BRACKETED_DOT.search(text):  # a host may have no dot
        return WORDS
    there: list[AtWord] = []
    for glued, word, bracket in {found.groups() for found in BEFORE_A_DOT.finditer(text[::-1])}:
        if glued or (word and word.lower() == "ta"):
            there += AT
        if word and word in _BACKWARDS:
            there.append(_BACKWARDS[word])
        if bracket:
            there.append(BRACKETED)
    return (*dict.fromkeys(there), *OTHERS)


_BACKWARDS: Final = {word[::-1]: made for word, made in APART.items()}

# Local parts, written backwards: the letters of one script, signs that mailers use (a slash or colon is a URL's),
# or anything in quotation marks.
LOCAL_SIGNS: Final = r".+&'=~$#!*%{}^-"
_EASTERN: Final = r"\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\uffef"  # scripts that put no blank before a word
WESTERN_LOCAL: Final = pattern(rf"(?:[^\W{_EASTERN}]|[{LOCAL_SIGNS}])+")
ANY_LOCAL: Final = pattern(rf"[\w{LOCAL_SIGNS}]+")
QUOTED_LOCAL: Final = pattern(r'"[^"\n]{1,64}"')
PLAIN_LOCAL: Final = pattern(r"[A-Za-z0-9_+-](?:[A-Za-z0-9_.+&'=~-]*[A-Za-z0-9_+])?")

# Every spelling that `published` must not leave of a known sender; docs/addresses.md lists them.
SPELLINGS: Final = (
    *("{local}" + sign + "{host}" for sign in ("@", "＠", "&#64;", "&#x40;", "&commat;", "%40", "%2540", " @ ")),
    *("{local}" + word + "{host}" for word in WORDINGS["at"] if word != "a"),
    *("{local}" + word + "{host}" for word in (" AT ", " (at) ", "(at)", " [at] ", "[at]", "_at_")),
    *("{local}" + word + "{dotted}" for word in ("@", " at ", " AT ", " (at) ", " [at] ")),
)
