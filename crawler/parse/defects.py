"""The closed lists of names for what was wrong: `defects` of a mail's record, `notes` of a volume's ledger.

docs/formats.md shows both tables; a test holds that it does.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Defect = Literal[
    "body_empty",
    "body_transfer_encoded",
    "body_undecodable",
    "date_missing",
    "date_outside_volume",
    "date_unknown",
    "date_unreadable",
    "date_without_zone",
    "edited_upstream",
    "from_address_missing",
    "in_reply_to_odd",
    "message_id_generated",
    "message_id_missing",
    "message_id_odd",
    "message_id_taken",
    "no_archive",
    "notice_forged",
    "removed_upstream",
    "subject_undecodable",
]
# Why a message's page was worth a request, strongest reason first: bench/page_curve.py measures them in this order.
Reason = Literal[
    "text_missing",
    "text_cut",
    "sender_missing",
    "addresses_hidden",
    "undecoded",
    "learnt",
    "mark_in_word",
    "mark_in_name",
    "mark_before_word",
    "mark_in_indent",
    "mark_by_mark",
    "mark_alone",
    "mark_goes_on",
    "mark_at_end",
    "word_unknown",
    "asked",
]
Note = Literal[
    "edited_upstream",
    "index_missing",
    "moved_upstream",
    "no_archive",
    "only_in_index",
    "only_in_mbox",
    "page_number_unknown",
    "purged",
    "removed",
    "removed_upstream",
    "text_cut",
    "text_missing",
    "text_unreadable",
    "volume_removed_upstream",
]

DEFECTS: Final[dict[Defect, str]] = {
    "body_empty": "Nothing is left of the body, and no notice stands for a part.",
    "body_transfer_encoded": "The body is still quoted-printable: Mailman 2.1.5 to 2.1.14 left some undecoded.",
    "body_undecodable": "Bytes of the body fit no charset; U+FFFD stands for them.",
    "date_missing": "The mail has no Date header; the time is that of its arrival, or near it.",
    "date_outside_volume": "The Date header names a time that the volume cannot hold; the time is that of the arrival.",
    "date_unknown": "Nothing tells the time; it is a second after that of the message before, or the volume's first.",
    "date_unreadable": "The Date header is no date; the time is that of the arrival.",
    "date_without_zone": "The Date header names no zone and the index does not tell: the time may be hours off.",
    "edited_upstream": "The archive had another text of this mail before; that is kept beside this one.",
    "from_address_missing": "The archive has no address of the sender.",
    "in_reply_to_odd": "In-Reply-To is something else than one id in brackets; the first id in it counts.",
    "message_id_generated": "The mail had no Message-ID: Mailman made this one up, another one at each rebuild.",
    "message_id_missing": "The archive has no Message-ID of this mail.",
    "message_id_odd": "The Message-ID is not of the form <a@b>.",
    "message_id_taken": "Another message of the list has the same Message-ID and another text.",
    "no_archive": "Its page, its server or the mail itself asks not to be archived: kept in warc/, published nowhere.",
    "notice_forged": "The body holds what looks like a scrubber's notice and is none; it stays in the body.",
    "removed_upstream": "The archive had this mail once and has it no more.",
    "subject_undecodable": "Bytes of the subject fit no charset; U+FFFD stands for them.",
}
NOTES: Final[dict[Note, str]] = {
    "edited_upstream": "Messages of which the archive had another text before; that is kept beside the new one.",
    "index_missing": "The volume's thread.html is not held, so nothing tells its page numbers.",
    "moved_upstream": "Messages that stood under other numbers before, or had characters that the archive lost since.",
    "no_archive": "Messages that ask not to be archived; they are in warc/ alone.",
    "only_in_index": "Messages that the index names and of which neither text nor page is held; they count as lost.",
    "only_in_mbox": "Mails of the list's raw mbox that neither text nor page of the volume has.",
    "page_number_unknown": "Messages of the text of which no page's number is known.",
    "purged": "Messages that the archive's owner took out of warc/, too: nothing of them is held.",
    "removed": "Messages that the archive's owner took out.",
    "removed_upstream": "Messages that the archive had once and has no more; they are kept.",
    "text_cut": "The text's compression has no good end, so its last message may be cut.",
    "text_missing": "No text is held that can be read; the messages come from their pages.",
    "text_unreadable": "Something else than a text came under a text's address: an error page, or nothing of its form.",
    "volume_removed_upstream": "The archive has nothing of this volume any more; all that it had is kept.",
}
REASONS: Final[dict[Reason, str]] = {
    "text_missing": "No text tells of the message, so its page is all there is.",
    "text_cut": "The text ends before its end, in this message.",
    "sender_missing": "The text names no sender.",
    "addresses_hidden": "The body holds addresses in a spelling that only the page's links tell from words.",
    "undecoded": "The text holds U+FFFD for what could not be decoded.",
    "learnt": "Another page showed that these words lost a character.",
    "mark_in_word": "A `?` stands inside a word.",
    "mark_in_name": "A `?` stands for a letter of a sender's name.",
    "mark_before_word": "A `?` stands right before a word.",
    "mark_in_indent": "A line begins with `?`, as indents of non-breaking blanks do.",
    "mark_by_mark": "A `?` stands next to a mark that no question has beside it.",
    "mark_alone": "A `?` stands alone between blanks, as dashes do, or alone in its line.",
    "mark_goes_on": "The sentence goes on behind a `?`.",
    "mark_at_end": "A `?` stands alone at the end of a line.",
    "word_unknown": "A `?` follows a word that nothing near knows without it.",
    "asked": "The text shows nothing that its page would mend: all pages were asked for, or a doubt was settled.",
}
assert set(DEFECTS) == set(get_args(Defect))
assert list(REASONS) == list(get_args(Reason))
assert set(NOTES) == set(get_args(Note))
