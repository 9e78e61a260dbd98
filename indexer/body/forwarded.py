"""A whole mail within a mail: what follows a line or a block of headers that says so is not the sender's."""

from __future__ import annotations

import re
from typing import Final

from indexer.body.draft import Draft

# Outlook's and others' lines above a whole mail: what follows is not the sender's, to the end.
ORIGINAL: Final = re.compile(
    r"\s*-{2,} ?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Mensaje original|"
    r"Messaggio originale|Oorspronkelijk bericht|Mensagem original|Ursprungligt meddelande|Opprinnelig melding|"
    r"Oprindelig meddelelse|Alkuperäinen viesti|Oryginalna wiadomość|Wiadomość oryginalna|Původní zpráva|"
    r"Eredeti üzenet|Исходное сообщение|原始邮件|邮件原件|元のメッセージ|원본 메시지|Orijinal Mesaj|Αρχικό μήνυμα|"
    r"Forwarded Message|Weitergeleitete Nachricht|Message transféré|Mensaje reenviado|Messaggio inoltrato|"
    r"Doorgestuurd bericht|Mensagem encaminhada|Vidarebefordrat meddelande|Пересылаемое сообщение|转发邮件|"
    r"Forwarded by .{0,120}|Forwarded message from .{0,120}) ?-{2,}\s*$",
    re.IGNORECASE,
)
BEGIN_FORWARDED: Final = re.compile(
    r"\s*(?:Begin forwarded message|Anfang der weitergeleiteten (?:E-Mail|Nachricht)|"
    r"Début du message (?:réexpédié|transféré)|Inizio messaggio inoltrato|Inicio del mensaje reenviado) ?:\s*$",
    re.IGNORECASE,
)
# The same without a line above: a block of header lines, From first.
HEADER_FROM: Final = re.compile(
    r"\*?(?:From|Von|De|Da|Van|Från|Fra|Od|От|Lähettäjä|Feladó|Kimden|发件人|寄件者|差出人) ?[:：]\*? ?\S"
)
HEADER: Final = re.compile(
    r"\*?(?:"
    r"Sent|Date|To|Cc|Bcc|Message-ID|Message|Content-Type|Subject|Reply-To|Organization|Importance|Gesendet|"
    r"Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Fecha|Para|Asunto|Inviato|Data|A|Oggetto|Verzonden|Aan|"
    r"Onderwerp|Skickat|Till|Ämne|Sendt|Dato|Til|Emne|Wysłano|Do|Temat|Odesláno|Komu|Předmět|Дата|"
    r"Кому|Тема|Отправлено|Lähetetty|Vastaanottaja|Aihe|Küldve|Címzett|Tárgy|Tarih|Kime|"
    r"Konu|发送时间|收件人|主题|抄送|日期|寄件日期|收件者|主旨|送信日時|宛先|"
    r"件名"
    r") ?[:：]\*?(?: |$|\S)"
)
# Headers that no mailer puts above an answer: then somebody shows a mail's source, and it goes on behind it.
RAW_HEADER: Final = re.compile(
    r"(?:Received|MIME-Version|X-[\w-]+|Return-Path|Delivered-To|DKIM-Signature|Host): ", re.IGNORECASE
)
FEWEST_HEADERS: Final = 3  # lines, From among them
MOST_HEADERS: Final = 12
LONGEST_OPENING: Final = 3  # lines: what says that a mail follows, and blank ones before its headers
LONGEST_LINE: Final = 200  # characters of a line that opens


def mark_forwarded(draft: Draft) -> None:
    """Mark a whole mail that stands below a line or a block of headers, to the end of the body.

    Its headers are its attribution; what it quotes itself is one level deeper. Headers right above
    marked lines say no more than whose these are: what follows them is the sender's again.
    """
    lines = draft.lines
    for number in draft.signs:
        if draft.kinds[number] == "said" and _begins_a_mail(lines, number, lines[number]):
            start, text = _headers(lines, number)
            below = next((n for n in range(text, len(lines)) if not draft.is_blank(n)), None)
            if below is None or draft.kinds[below] != "quoted" or not HEADER_FROM.match(lines[number]):
                _mark_to_the_end(draft, start, text)
                return
            draft.mark("attribution", start, below, 1)


def _begins_a_mail(lines: list[str], number: int, line: str) -> bool:
    if len(line) > LONGEST_LINE:
        return False
    if "--" in line:
        return ORIGINAL.match(line) is not None
    if not HEADER_FROM.match(line):
        return line.rstrip().endswith(":") and BEGIN_FORWARDED.match(line) is not None
    end = _end_of_headers(lines, number)
    block = lines[number:end]
    return len(block) >= FEWEST_HEADERS and not any(map(RAW_HEADER.match, block))


def _end_of_headers(lines: list[str], start: int) -> int:
    """Give the line behind a block of headers that begins at `start`; wrapped ones go on behind blanks."""
    end = start
    while end < min(len(lines), start + MOST_HEADERS):
        line = lines[end]
        header = HEADER_FROM.match(line) or HEADER.match(line) or RAW_HEADER.match(line)
        if not header and not (end > start and line[:1] in (" ", "\t") and line.strip()):
            break
        end += 1
    return end


def _headers(lines: list[str], number: int) -> tuple[int, int]:
    """Give first and end of what stands above a mail that begins at a line: what says so, then its headers."""
    start = text = number
    if HEADER_FROM.match(lines[number]):
        while start and HEADER.match(lines[start - 1]):
            start -= 1
    else:
        text += 1
        while text < len(lines) and text - number < LONGEST_OPENING and not lines[text].strip():
            text += 1
    return start, max(number + 1, _end_of_headers(lines, text))


def _mark_to_the_end(draft: Draft, start: int, text: int) -> None:
    draft.mark("attribution", start, text, 1)
    for number in range(text, len(draft.lines)):
        if draft.kinds[number] in ("quoted", "attribution"):
            draft.levels[number] += 1
        else:
            draft.kinds[number], draft.levels[number] = "forwarded", 1
