"""What goes into a calendar: people, a meeting as one attendee sees it, and plain dated entries.

Every value cleans and checks itself when it is made, so that what is serialised cannot carry a second property.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from icalendar.enums import CUTYPE, PARTSTAT, ROLE

from calendars import text
from calendars.errors import CalendarError
from calendars.zones import vtimezone

__all__ = ["CUTYPE", "PARTSTAT", "ROLE", "Attendee", "Entry", "Meeting", "Person"]


@dataclass(frozen=True)
class Person:
    """A name, which may be empty, and a mail address."""

    name: str
    address: str

    def __post_init__(self) -> None:
        _set(self, name=text.display_name(self.name), address=text.address(self.address))


@dataclass(frozen=True)
class Attendee(Person):
    """The one person a copy of a meeting is for. RFC 5545, 3.8.4.1."""

    partstat: PARTSTAT = PARTSTAT.NEEDS_ACTION
    role: ROLE = ROLE.REQ_PARTICIPANT
    cutype: CUTYPE = CUTYPE.INDIVIDUAL


@dataclass(frozen=True)
class Meeting:
    """A meeting in the copy of one attendee: nobody else's address or link is in it.

    `start`, `end` and `stamp` are aware and kept in UTC; `zone` is the one they are written in. For each further
    message about the same `uid`, `sequence` and `stamp` rise. `url` is the attendee's own link.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    zone: str
    summary: str
    organizer: Person
    attendee: Attendee
    description: str = ""
    location: str = ""
    url: str = ""
    conference_label: str = ""
    language: str = ""
    alarm_minutes: int | None = None

    def __post_init__(self) -> None:
        vtimezone(self.zone)
        _set(
            self,
            uid=_uid(self.uid),
            stamp=_utc(self.stamp),
            start=_utc(self.start),
            end=_utc(self.end),
            summary=text.line(self.summary),
            description=text.paragraphs(self.description),
            location=text.line(self.location),
            url=self.url and text.web_address(self.url),
            conference_label=text.display_name(self.conference_label),
            language=self.language and text.language(self.language),
        )
        if self.sequence < 0:
            raise CalendarError("sequence-negative", "A sequence number starts at 0 and only rises.")
        if self.end <= self.start:
            raise CalendarError("ends-before-start", "A meeting ends after it starts.")
        if _mailbox(self.organizer) == _mailbox(self.attendee):
            # Outlook then says "as the organizer you do not need to respond", and a reply would come back to us.
            raise CalendarError("attendee-is-organizer", "The service's own mailbox cannot be invited.")


@dataclass(frozen=True)
class Entry:
    """A date to remember: `start` is an instant, or a `date` for the whole day."""

    uid: str
    stamp: datetime
    start: datetime | date
    zone: str
    summary: str
    end: datetime | None = None
    description: str = ""
    location: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        vtimezone(self.zone)
        timed = isinstance(self.start, datetime)
        _set(
            self,
            uid=_uid(self.uid),
            stamp=_utc(self.stamp),
            start=_utc(self.start) if isinstance(self.start, datetime) else self.start,
            end=self.end and _utc(self.end),
            summary=text.line(self.summary),
            description=text.paragraphs(self.description),
            location=text.line(self.location),
            url=self.url and text.web_address(self.url),
        )
        if self.end is not None and (not timed or self.end <= self.start):
            raise CalendarError(
                "ends-before-start", "An entry with an end is timed and ends after it starts."
            )


def _set(value: object, **fields: object) -> None:
    for name, cleaned in fields.items():
        object.__setattr__(value, name, cleaned)


def _uid(uid: str) -> str:
    if not uid or uid != text.line(uid):
        raise CalendarError("uid-invalid", "A UID is one word that never changes.")
    return uid


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise CalendarError("time-without-zone", "A meeting is planned at instants, not at wall times.")
    return instant.astimezone(UTC)


def _mailbox(person: Person) -> str:
    """The address without its +token, for comparing."""
    local, _, domain = person.address.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"
