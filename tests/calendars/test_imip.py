from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from calendars.errors import CalendarError
from calendars.events import Attendee, Person
from calendars.imip import message, organizer_address
from calendars.invites import cancel, request
from tests.calendars.invited import BOOKED_AT, NASTY, letter, meeting, meeting_of_dag

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


def received(sent: EmailMessage) -> EmailMessage:
    """The mail as its reader's program parses it."""
    read = email.message_from_bytes(sent.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def test_the_parts_stand_in_the_order_that_outlook_takes_for_an_invitation() -> None:
    mail = received(message(letter(meeting()), request(meeting())))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    attachment = next(iter(mail.iter_attachments()))
    assert attachment.get_filename() == "invite.ics"


@pytest.mark.parametrize(("serialise", "method"), [(request, "REQUEST"), (cancel, "CANCEL")])
def test_the_calendar_arrives_byte_for_byte_with_the_method_it_has_inside(serialise, method) -> None:
    invite = serialise(meeting())
    mail = received(message(letter(meeting()), invite))
    calendar, attachment = [part for part in mail.walk() if part.get_content_subtype() in ("calendar", "ics")]
    assert calendar.get_payload(decode=True) == attachment.get_payload(decode=True) == invite
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": method}
    assert str(Calendar.from_ical(invite)["METHOD"]) == method
    assert "attachment" not in str(calendar["Content-Disposition"])


def test_sender_recipient_and_texts_are_those_of_the_letter() -> None:
    mail = received(message(letter(meeting()), request(meeting())))
    assert mail.keys() == HEADERS
    (sender,), (recipient,) = mail["From"].addresses, mail["To"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "Sygehus Sønderjylland",
        "samtale+tokenofbo@sygehus.example",
    )
    assert (recipient.display_name, recipient.addr_spec) == ("Madsen Bo", "bo@kommune.example")
    assert mail["Subject"] == "Samtale torsdag den 3. december kl. 13.00"
    assert mail["Date"].datetime == BOOKED_AT
    assert mail["Message-ID"] == "<0.5f2a9c@sygehus.example>"
    assert mail["Content-Language"] == "da"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.get_body(["plain"]), mail.get_body(["html"])
    assert plain is not None and html is not None
    assert plain.get_content().splitlines() == [
        "Du er inviteret til en samtale på video.",
        "",
        "https://sygehus.example/j/linkofbo",
    ]
    assert '<a href="https://sygehus.example/j/linkofbo">Deltag</a>' in html.get_content()


def test_a_letter_without_invitation_has_plain_text_and_html_only() -> None:
    mail = received(message(letter(meeting(), subject="Samlet oversigt er klar")))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_mail_is_ascii_with_short_lines_and_crlf() -> None:
    long = letter(meeting(), text="æøå " * 2000, html="<p>" + "æøå " * 2000 + "</p>", subject="Samtale " * 60)
    raw = message(long, request(meeting())).as_bytes()
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_nobody_finds_anothers_address_link_or_token_in_the_own_mail() -> None:
    for of, others in (
        (meeting(), ("dag@example.org", "ofdag")),
        (meeting_of_dag(), ("bo@kommune.example", "ofbo")),
    ):
        mail = received(message(letter(of), request(of)))
        everything = str(mail.items()) + "".join(
            part.get_payload(decode=True).decode().replace("\r\n ", "")
            for part in mail.walk()
            if not part.is_multipart()
        )
        assert of.url in everything
        assert not [word for word in others if word in everything]


def test_an_invitation_is_not_mailed_to_somebody_else() -> None:
    for other in (meeting_of_dag().attendee, Person("Bo", "bo@kommune.example.net")):
        with pytest.raises(CalendarError) as refusal:
            message(letter(meeting(), recipient=other), request(meeting()))
        assert refusal.value.code == "invite-of-another"


def test_an_invitation_is_sent_from_the_domain_of_its_organizer() -> None:
    message(letter(meeting(), sender=Person("", "besked@sygehus.example")), request(meeting()))
    with pytest.raises(CalendarError) as refusal:
        message(letter(meeting(), sender=Person("", "samtale@other.example")), request(meeting()))
    assert refusal.value.code == "foreign-organizer"


def test_a_calendar_without_method_is_not_mailed() -> None:
    with pytest.raises(CalendarError) as refusal:
        message(letter(meeting()), request(meeting()).replace(b"METHOD:REQUEST\r\n", b""))
    assert refusal.value.code == "no-method"


@pytest.mark.parametrize("nasty", NASTY)
def test_no_name_or_subject_adds_a_header_or_a_recipient(nasty: str) -> None:
    of = meeting(
        attendee=Attendee(nasty, "bo@kommune.example"),
        organizer=Person(nasty, "samtale+tokenofbo@sygehus.example"),
    )
    mail = received(message(letter(of, subject=nasty, text=nasty, html=nasty), request(of)))
    assert mail.keys() == HEADERS
    assert [address.addr_spec for address in mail["To"].addresses] == ["bo@kommune.example"]
    assert [address.addr_spec for address in mail["From"].addresses] == ["samtale+tokenofbo@sygehus.example"]
    assert not [character for character in str(mail["Subject"]) if ord(character) < 32]
    assert str(Calendar.from_ical(request(of)).events[0]["ATTENDEE"]) == "mailto:bo@kommune.example"


@pytest.mark.parametrize("given", ["", "abc", "<abc>", "<a b@c>", "<a@b>\r\nBcc: evil@example.net", "a@b"])
def test_a_message_id_has_its_form(given: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        message(letter(meeting(), message_id=given))
    assert refusal.value.code == "message-id-invalid"


def test_the_token_stands_behind_a_plus_in_the_services_mailbox() -> None:
    assert organizer_address("samtale@sygehus.example", "abc123") == "samtale+abc123@sygehus.example"
    for mailbox, token in (
        ("samtale", "abc"),
        ("samtale@sygehus.example", "a b"),
        ("s@sygehus.example", "a" * 63),
    ):
        with pytest.raises(CalendarError) as refusal:
            organizer_address(mailbox, token)
        assert refusal.value.code == "address-invalid"
