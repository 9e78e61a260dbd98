"""The parts of a mail that Python's `email` has taken apart, walked in their order, however odd their nesting. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message


def leaves(mail: Message, most: int) -> Iterator[Message]:
    """Give the parts that hold something, in order, a mail inside as one; of so many parts, what comes behind is left.

    >>> from email import message_from_string
    >>> head = "Content-Type: multipart/mixed; boundary=b\\n\\n"
    >>> mail = message_from_string(head + "--b\\n\\none\\n--b\\n\\ntwo\\n--b--\\n")
    >>> [part.get_payload() for part in leaves(mail, 9)], [part.get_payload() for part in leaves(mail, 2)]
    (['one', 'two'], ['one'])
    """
    waiting = [mail]
    for _ in range(most):
        if not waiting:
            return
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting += reversed(inner(part))
        else:
            yield part


def inner(part: Message) -> list[Message]:
    """Give the parts within a part. To ask others for a text can raise: email decodes it by a charset of any bytes."""
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
