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
    "from_address_missing",
    "in_reply_to_odd",
    "message_id_generated",
    "message_id_missing",
    "message_id_odd",
    "message_id_taken",
    "notice_forged",
    "subject_undecodable",
]
Note = Literal["index_missing", "only_in_index", "page_number_unknown", "text_cut", "text_missing", "text_unreadable"]

DEFECTS: Final[dict[Defect, str]] = {
    "body_empty": "Nothing is left of the body, and no notice stands for a part.",
    "body_transfer_encoded": "The body is still quoted-printable: Mailman 2.1.5 to 2.1.14 left some undecoded.",
    "body_undecodable": "Bytes of the body fit no charset; U+FFFD stands for them.",
    "date_missing": "The mail has no Date header; the time is that of its arrival, or near it.",
    "date_outside_volume": "The Date header names a time that the volume cannot hold; the time is that of the arrival.",
    "date_unknown": "Nothing tells the time; it is a second after that of the message before, or the volume's first.",
    "date_unreadable": "The Date header is no date; the time is that of the arrival.",
    "date_without_zone": "The Date header names no zone and the index does not tell: the time may be hours off.",
    "from_address_missing": "The archive has no address of the sender.",
    "in_reply_to_odd": "In-Reply-To is something else than one id in brackets; the first id in it counts.",
    "message_id_generated": "The mail had no Message-ID: Mailman made this one up, another one at each rebuild.",
    "message_id_missing": "The archive has no Message-ID of this mail.",
    "message_id_odd": "The Message-ID is not of the form <a@b>.",
    "message_id_taken": "Another message of the list has the same Message-ID and another text.",
    "notice_forged": "The body holds what looks like a scrubber's notice and is none; it stays in the body.",
    "subject_undecodable": "Bytes of the subject fit no charset; U+FFFD stands for them.",
}
NOTES: Final[dict[Note, str]] = {
    "index_missing": "The volume's thread.html is not held, so nothing tells its page numbers.",
    "only_in_index": "Messages that the index names and of which neither text nor page is held; they count as lost.",
    "page_number_unknown": "Messages of the text of which no page's number is known.",
    "text_cut": "The text's compression has no good end, so its last message may be cut.",
    "text_missing": "No text is held that can be read; the messages come from their pages.",
    "text_unreadable": "Something else than a text came under a text's address: an error page, or nothing of its form.",
}
assert set(DEFECTS) == set(get_args(Defect))
assert set(NOTES) == set(get_args(Note))
