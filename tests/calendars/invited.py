"""One meeting that Astrid's ward invites to, in the copies of Bo, who is a nurse, and Dag, who is abroad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from calendars.events import Attendee, Meeting, Person
from calendars.imip import Letter, message, organizer_address
from calendars.invites import request

MAILBOX = "samtale@sygehus.example"
BOOKED_AT = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
STARTS_AT = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)

# What people, programs and mischief put into names and texts.
NASTY = [
    'Eve"\r\nATTENDEE:mailto:evil@example.net',
    "Eve\r\nBcc: evil@example.net",
    "Eve\nX-INJECTED:1",
    "Eve\rEND:VEVENT",
    "Eve\x00\x07\x0b\x0c\x1b\x7f",
    "Eve\x85X-INJECTED:1",
    "Eve\u2028X-INJECTED:1\u2029",
    "Eve\u202egro.elpmaxe@live\u2066",
    "\ud800Eve",
    "=?utf-8?q?Eve=0D=0ABcc:_evil=40example.net?=",
    "Hansen, Eve; (a\\b) <evil@example.net>, other@example.net:;",
    "Per ^'Pelle^' ^n Åse",
    "Åse 😀 æøå " * 20,
    "Hansen, Eve " * 30,
]


def meeting(**changes: Any) -> Meeting:
    """Bo's copy, changed where asked."""
    fields: dict[str, Any] = {
        "uid": "5f2a9c@sygehus.example",
        "sequence": 0,
        "stamp": BOOKED_AT,
        "start": STARTS_AT,
        "end": STARTS_AT + timedelta(minutes=45),
        "zone": "Europe/Copenhagen",
        "summary": "Samtale",
        "organizer": Person("Sygehus Sønderjylland", organizer_address(MAILBOX, "tokenofbo")),
        "attendee": Attendee("Madsen, Bo", "bo@kommune.example"),
        "description": "Samtale på video.\nRing til 74 11 22 33, hvis linket driller.",
        "url": "https://sygehus.example/j/linkofbo",
        "conference_label": "Video",
        "language": "da",
        "alarm_minutes": 15,
    }
    return Meeting(**(fields | changes))


def meeting_of_dag(**changes: Any) -> Meeting:
    """Dag's copy of the same meeting."""
    own = {
        "organizer": Person("Sygehus Sønderjylland", organizer_address(MAILBOX, "tokenofdag")),
        "attendee": Attendee("Dag Sørensen", "dag@example.org"),
        "url": "https://sygehus.example/j/linkofdag",
        "language": "nb",
    }
    return meeting(**(own | changes))


def letter(of: Meeting, **changes: Any) -> Letter:
    """The mail that carries a copy."""
    fields: dict[str, Any] = {
        "sender": of.organizer,
        "recipient": of.attendee,
        "subject": "Samtale torsdag den 3. december kl. 13.00",
        "text": f"Du er inviteret til en samtale på video.\n\n{of.url}\n",
        "html": f'<p>Du er inviteret til en samtale på video.</p><p><a href="{of.url}">Deltag</a></p>',
        "message_id": f"<{of.sequence}.{of.uid}>",
        "date": of.stamp,
        "language": of.language,
    }
    return Letter(**(fields | changes))


def invitation(of: Meeting | None = None) -> EmailMessage:
    """The whole mail that invites Bo, or whom the copy is for."""
    of = of or meeting()
    return message(letter(of), request(of))
