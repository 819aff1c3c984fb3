"""Meetings and dated entries as iCalendar bytes; the same value always gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache

from icalendar import Alarm, Calendar, Event, vCalAddress, vUri
from icalendar.enums import STATUS, TRANSP

from calendars.errors import CalendarError
from calendars.events import Attendee, Entry, Meeting, Person
from calendars.text import mailto
from calendars.zones import is_ambiguous, local, vtimezone

PRODID = "-//handover//calendars//EN"
_END = b"END:VCALENDAR\r\n"


def request(meeting: Meeting) -> bytes:
    """An invitation, or with a higher sequence its update (RFC 5546, 3.2.2).

    The link stands in LOCATION and DESCRIPTION too: Outlook, Thunderbird and macOS do not show CONFERENCE.
    """
    event = Event()
    zones = _add_meeting(event, meeting)
    event.add("STATUS", STATUS.CONFIRMED)
    event.add("TRANSP", TRANSP.OPAQUE)
    event.add("ATTENDEE", _attendee(meeting.attendee, rsvp="TRUE"))
    _add_description(event, _with_link(meeting.description, "\n\n", meeting.url), meeting.language)
    _add_text(event, "LOCATION", _with_link(meeting.location, " ", meeting.url))
    _add_text(event, "URL", meeting.url)
    if meeting.url:
        event.add("CONFERENCE", _conference(meeting))
    if meeting.alarm_minutes is not None:
        event.add_component(_alarm(meeting.summary, meeting.alarm_minutes))
    return _calendar("REQUEST", zones, event.to_ical())


def cancel(meeting: Meeting) -> bytes:
    """Takes the meeting out of the attendee's calendar (RFC 5546, 3.2.5); carries no link and rings no alarm.

    Both METHOD and STATUS say so: with STATUS alone clients keep the entry and its reminders.
    """
    event = Event()
    zones = _add_meeting(event, meeting)
    event.add("STATUS", STATUS.CANCELLED)
    event.add("TRANSP", TRANSP.TRANSPARENT)
    event.add("ATTENDEE", _attendee(meeting.attendee, rsvp="FALSE"))
    _add_description(event, meeting.description, meeting.language)
    _add_text(event, "LOCATION", meeting.location)
    return _calendar("CANCEL", zones, event.to_ical())


def entries(dated: Iterable[Entry]) -> bytes:
    """A file of dates for downloading. Without METHOD: PUBLISH would demand an ORGANIZER (RFC 5546, 3.2.1)."""
    zones: set[str] = set()
    events: list[bytes] = []
    for entry in dated:
        event = Event()
        event.add("UID", entry.uid)
        event.add("DTSTAMP", entry.stamp)
        zones |= _add_times(event, entry.start, entry.end, entry.zone)
        event.add("SUMMARY", entry.summary)
        _add_description(event, _with_link(entry.description, "\n\n", entry.url), "")
        _add_text(event, "LOCATION", entry.location)
        _add_text(event, "URL", entry.url)
        events.append(event.to_ical())
    if not events:
        raise CalendarError("no-entries", "A calendar file holds at least one entry.")
    return _calendar(None, zones, *events)


def _add_meeting(event: Event, meeting: Meeting) -> set[str]:
    event.add("UID", meeting.uid)
    event.add("SEQUENCE", meeting.sequence)
    event.add("DTSTAMP", meeting.stamp)
    event.add("SUMMARY", meeting.summary)
    event.add("ORGANIZER", _cal_address(meeting.organizer))
    return _add_times(event, meeting.start, meeting.end, meeting.zone)


def _add_times(event: Event, start: datetime | date, end: datetime | None, zone: str) -> set[str]:
    """Adds DTSTART and DTEND; returns the zones they refer to.

    A time in the repeated hour of October is written in UTC, as a TZID could not say which pass is meant.
    """
    times = {"DTSTART": start, "DTEND": end}
    instants = [time for time in times.values() if isinstance(time, datetime)]
    in_zone = bool(instants) and not any(is_ambiguous(instant, zone) for instant in instants)
    for name, time in times.items():
        if time is not None:
            event.add(name, local(time, zone) if in_zone and isinstance(time, datetime) else time)
    return {zone} if in_zone else set()


def _add_text(event: Event, name: str, text: str) -> None:
    if text:
        event.add(name, text)


def _add_description(event: Event, text: str, language: str) -> None:
    if text:
        event.add("DESCRIPTION", text, parameters={"LANGUAGE": language} if language else {})


def _with_link(text: str, gap: str, url: str) -> str:
    return text if url in text else gap.join(part for part in (text, url) if part)


def _cal_address(person: Person, **parameters: str) -> vCalAddress:
    if person.name:
        parameters["CN"] = person.name
    return vCalAddress(mailto(person.address), params=parameters)


def _attendee(attendee: Attendee, rsvp: str) -> vCalAddress:
    return _cal_address(
        attendee, CUTYPE=attendee.cutype, ROLE=attendee.role, PARTSTAT=attendee.partstat, RSVP=rsvp
    )


def _conference(meeting: Meeting) -> vUri:
    """RFC 7986, 5.11. As vUri, since icalendar's Conference joins its features into one quoted value."""
    parameters: dict[str, str | list[str]] = {"VALUE": "URI", "FEATURE": ["VIDEO", "AUDIO"]}
    if meeting.conference_label:
        parameters["LABEL"] = meeting.conference_label
    if meeting.language:
        parameters["LANGUAGE"] = meeting.language
    return vUri(meeting.url, params=parameters)


def _alarm(text: str, minutes: int) -> Alarm:
    """DESCRIPTION is not optional here: Exchange refuses a DISPLAY alarm without it."""
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", text)
    alarm.add("TRIGGER", timedelta(minutes=-minutes))
    return alarm


def _calendar(method: str | None, zones: set[str], *events: bytes) -> bytes:
    return b"".join([_opening(method), *map(vtimezone, sorted(zones)), *events, _END])


@cache
def _opening(method: str | None) -> bytes:
    """Everything before the first component. No UID: icalendar would make a new one each time."""
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    if method:
        calendar.add("METHOD", method)
    whole: bytes = calendar.to_ical()
    return whole.removesuffix(_END)
