"""One invitation, from values to bytes, beside the same content built with icalendar's own constructors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time
from zoneinfo import ZoneInfo

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vUri,
)
from icalendar.enums import STATUS, TRANSP

from calendars.events import Attendee, Meeting, Person
from calendars.invites import PRODID, request

ROUNDS = 300
ZONE = "Europe/Copenhagen"
STAMP = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
START, END = datetime(2026, 12, 3, 12, tzinfo=UTC), datetime(2026, 12, 3, 12, 45, tzinfo=UTC)
UID = "5f2a9c@sygehus.example"
URL = "https://sygehus.example/j/ci2gk5dfobzwkzdtnfzxi33onfqxe2lom5sgs3q"
TEXT = "Samtale på video. Tag gerne en pårørende med.\nRing til 74 11 22 33, hvis linket driller."
ORGANIZER, ATTENDEE = "samtale+k7n2w4xq@sygehus.example", "bo@kommune.example"


def ours() -> bytes:
    return request(
        Meeting(
            uid=UID,
            sequence=1,
            stamp=STAMP,
            start=START,
            end=END,
            zone=ZONE,
            summary="Samtale",
            organizer=Person("Sygehus Sønderjylland", ORGANIZER),
            attendee=Attendee("Bo Madsen", ATTENDEE),
            description=TEXT,
            url=URL,
            conference_label="Video",
            language="da",
            alarm_minutes=15,
        )
    )


def icalendars_own(timezone: Timezone) -> bytes:
    zone = ZoneInfo(ZONE)
    event = Event.new(
        uid=UID,
        sequence=1,
        stamp=STAMP,
        start=START.astimezone(zone),
        end=END.astimezone(zone),
        summary="Samtale",
        location=URL,
        url=URL,
        status=STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE,
        organizer=vCalAddress.new(ORGANIZER, cn="Sygehus Sønderjylland"),
        attendees=[
            vCalAddress.new(
                ATTENDEE,
                cn="Bo Madsen",
                cutype="INDIVIDUAL",
                role="REQ-PARTICIPANT",
                partstat="NEEDS-ACTION",
                rsvp=True,
            )
        ],
    )
    event.add("DESCRIPTION", f"{TEXT}\n\n{URL}", parameters={"LANGUAGE": "da"})
    conference = {"VALUE": "URI", "FEATURE": ["VIDEO", "AUDIO"], "LABEL": "Video", "LANGUAGE": "da"}
    event.add("CONFERENCE", vUri(URL, params=conference))
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", "Samtale")
    alarm.add("TRIGGER", timedelta(minutes=-15))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "REQUEST")
    calendar.add_component(timezone)
    calendar.add_component(event)
    serialised: bytes = calendar.to_ical()
    return serialised


def european_timezone() -> Timezone:
    timezone = Timezone()
    timezone.add("TZID", ZONE)
    for part, name, begins, month, before, after in (
        (TimezoneDaylight(), "CEST", datetime(1970, 3, 29, 2), 3, 1, 2),
        (TimezoneStandard(), "CET", datetime(1970, 10, 25, 3), 10, 2, 1),
    ):
        part.add("TZNAME", name)
        part.add("DTSTART", begins)
        part.add("TZOFFSETFROM", timedelta(hours=before))
        part.add("TZOFFSETTO", timedelta(hours=after))
        part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"})
        timezone.add_component(part)
    return timezone


def run() -> list[tuple[str, float, str]]:
    """CPU of ours over icalendar's, median of interleaved rounds. Both must say the same."""
    timezone = european_timezone()
    if ours() != icalendars_own(timezone):
        raise ValueError("the two invitations differ, so their costs cannot be compared")
    our_times, their_times = [], []
    for _ in range(ROUNDS):
        begun = process_time()
        ours()
        between = process_time()
        icalendars_own(timezone)
        our_times.append(between - begun)
        their_times.append(process_time() - between)
    return [("One invitation / icalendar's own build", median(our_times) / median(their_times), "<= 1.5")]
