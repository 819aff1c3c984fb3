"""Mails that carry a meeting (iMIP, RFC 6047), and plain letters made the same way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from calendars import text
from calendars.errors import CalendarError
from calendars.events import Person

_METHOD = re.compile(rb"^METHOD:([A-Z]+)\r$", re.MULTILINE)
_ORGANIZER = re.compile(rb"^ORGANIZER(?:;.*)?:(mailto:.+)\r$", re.MULTILINE)
_ATTENDEE = re.compile(rb"^ATTENDEE(?:;.*)?:(mailto:.+)\r$", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
# The standard library loses the quotes around a name when it folds a long header, and a comma then makes two
# addresses of one; "=?" would be decoded by the reader.
_HEADER_SPECIALS = re.compile(r'[()<>@,;:.\\"\[\]?]')


@dataclass(frozen=True)
class Letter:
    """One mail to one person. `message_id` is the caller's, so that a repeated sending is recognised.

    `language` is a BCP 47 tag. The sender of an invitation writes from its ORGANIZER's domain, else DMARC fails.
    """

    sender: Person
    recipient: Person
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    language: str


def organizer_address(mailbox: str, token: str) -> str:
    """The service's mailbox with the recipient's token in it, by which an answer is known without an account."""
    local, _, domain = text.address(mailbox).partition("@")
    return text.address(f"{local}+{token}@{domain}")


def message(letter: Letter, invite: bytes | None = None) -> EmailMessage:
    """The letter as a mail; with an invite, in the order that Outlook and Gmail take for an invitation.

    mixed(alternative(plain, html, calendar), invite.ics). The method stated beside the calendar is read from it,
    as Exchange refuses a mail where the two differ; and an invite for somebody else is refused.
    """
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = _header_address(letter.sender)
    mail["To"] = _header_address(letter.recipient)
    mail["Subject"] = text.line(letter.subject).replace("=?", "")
    mail["Date"] = letter.date
    mail["Message-ID"] = _message_id(letter.message_id)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # bounces are wanted, holiday notes are not
    mail.set_content(text.paragraphs(letter.text) + "\n", cte="quoted-printable")
    mail.add_alternative(text.paragraphs(letter.html) + "\n", subtype="html", cte="quoted-printable")
    if invite is not None:
        mail.add_alternative(
            invite,
            maintype="text",
            subtype="calendar",
            cte="base64",
            params={"charset": "utf-8", "method": _method(letter, invite)},
        )
        mail.add_attachment(invite, maintype="application", subtype="ics", filename="invite.ics")
    # Last, because adding a part moves the Content- headers there are into the first one.
    mail["Content-Language"] = text.language(letter.language)
    return mail


def _header_address(person: Person) -> Address:
    return Address(text.line(_HEADER_SPECIALS.sub(" ", person.name)), addr_spec=person.address)


def _message_id(given: str) -> str:
    if not _MESSAGE_ID.fullmatch(given):
        raise CalendarError("message-id-invalid", "A Message-ID looks like <word@domain>.")
    return given


def _method(letter: Letter, invite: bytes) -> str:
    lines = invite.replace(b"\r\n ", b"")
    methods = _values(_METHOD, lines)
    if len(methods) != 1:
        raise CalendarError("no-method", "Only a calendar object with a METHOD can be mailed.")
    if _values(_ATTENDEE, lines) != [text.mailto(letter.recipient.address)]:
        raise CalendarError("invite-of-another", "This invitation is for somebody else than this mail.")
    if [_domain(organizer) for organizer in _values(_ORGANIZER, lines)] != [_domain(letter.sender.address)]:
        raise CalendarError("foreign-organizer", "An invitation is sent from the domain of its organizer.")
    return methods[0]


def _values(pattern: re.Pattern[bytes], lines: bytes) -> list[str]:
    return [value.decode() for value in pattern.findall(lines)]


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2].lower()
