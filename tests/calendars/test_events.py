from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.errors import CalendarError, UnknownZone
from calendars.events import Attendee, Entry, Person
from tests.calendars.invited import BOOKED_AT, STARTS_AT, meeting


def refusal_of(**changes: object) -> str:
    with pytest.raises(CalendarError) as refusal:
        meeting(**changes)
    return refusal.value.code


def test_a_meeting_is_kept_in_utc_whatever_zone_it_is_given_in() -> None:
    start = datetime(2026, 12, 3, 13, tzinfo=ZoneInfo("Europe/Copenhagen"))
    assert meeting(start=start) == meeting(start=STARTS_AT)
    assert meeting(start=start).start.tzinfo is UTC


def test_a_meeting_that_cannot_be_is_refused() -> None:
    assert refusal_of(start=STARTS_AT.replace(tzinfo=None)) == "time-without-zone"
    assert refusal_of(stamp=BOOKED_AT.replace(tzinfo=None)) == "time-without-zone"
    assert refusal_of(end=STARTS_AT) == "ends-before-start"
    assert refusal_of(sequence=-1) == "sequence-negative"
    assert refusal_of(uid="") == "uid-invalid"
    assert refusal_of(uid="a\r\nATTENDEE:mailto:evil@example.net") == "uid-invalid"
    assert refusal_of(url="https://sygehus.example/j/a;b") == "url-unsafe"
    with pytest.raises(UnknownZone):
        meeting(zone="Europe/London")


def test_the_services_own_mailbox_cannot_be_invited() -> None:
    for address in ("samtale@sygehus.example", "Samtale+tokenofdag@Sygehus.example"):
        assert refusal_of(attendee=Attendee("Samtale", address)) == "attendee-is-organizer"


def test_values_are_clean_from_the_moment_they_are_made() -> None:
    made = meeting(
        summary="Samtale\r\nX:1",
        location="Sal\u202e 2\x00",
        description="a\r\nb\x07",
        conference_label='"V"\x0b',
    )
    assert (made.summary, made.location, made.description, made.conference_label) == (
        "Samtale X:1",
        "Sal 2",
        "a\nb",
        "V",
    )
    assert Person('Eve "x"\n', " eve@example.org ") == Person("Eve x", "eve@example.org")
    with pytest.raises(CalendarError):
        Attendee("Bo", "bo@kommune.example, eve@example.net")


def test_values_do_not_change_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        meeting().sequence = 3  # type: ignore[misc]


def test_an_entry_for_a_whole_day_has_no_end() -> None:
    whole_day = Entry("a", BOOKED_AT, date(2026, 12, 4), "Europe/Oslo", "Gruppe")
    assert whole_day.start == date(2026, 12, 4)
    for start, end in ((date(2026, 12, 4), STARTS_AT), (STARTS_AT, STARTS_AT - timedelta(hours=1))):
        with pytest.raises(CalendarError) as refusal:
            Entry("a", BOOKED_AT, start, "Europe/Oslo", "Gruppe", end=end)
        assert refusal.value.code == "ends-before-start"
