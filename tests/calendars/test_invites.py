from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from calendars.errors import CalendarError
from calendars.events import PARTSTAT, Attendee, Entry, Person
from calendars.invites import cancel, entries, request
from tests.calendars.invited import BOOKED_AT, NASTY, STARTS_AT, meeting, meeting_of_dag

EVENT_PROPERTIES = [
    "ATTENDEE",
    "CONFERENCE",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "LOCATION",
    "ORGANIZER",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "UID",
    "URL",
]


def lines_of(serialised: bytes) -> list[str]:
    """Content lines, unfolded by hand."""
    assert serialised.endswith(b"\r\n")
    return serialised.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def vevent(serialised: bytes) -> Any:
    """The one event, as vobject reads it."""
    calendar = vobject.readOne(serialised.decode())
    assert len(calendar.vevent_list) == 1
    return calendar.vevent


def test_an_invitation_is_these_bytes() -> None:
    lines = lines_of(request(meeting()))
    assert lines[:5] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//handover//calendars//EN",
        "METHOD:REQUEST",
        "BEGIN:VTIMEZONE",
    ]
    assert lines[lines.index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "SUMMARY:Samtale",
        "DTSTART;TZID=Europe/Copenhagen:20261203T130000",
        "DTEND;TZID=Europe/Copenhagen:20261203T134500",
        "DTSTAMP:20261130T073000Z",
        "UID:5f2a9c@sygehus.example",
        "SEQUENCE:0",
        'ATTENDEE;CN="Madsen, Bo";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;'
        "RSVP=TRUE:mailto:bo@kommune.example",
        "CONFERENCE;FEATURE=VIDEO,AUDIO;LABEL=Video;LANGUAGE=da;VALUE=URI:https://sygehus.example/j/linkofbo",
        "DESCRIPTION;LANGUAGE=da:Samtale på video.\\nRing til 74 11 22 33\\, hvis linket driller."
        "\\n\\nhttps://sygehus.example/j/linkofbo",
        "LOCATION:https://sygehus.example/j/linkofbo",
        'ORGANIZER;CN="Sygehus Sønderjylland":mailto:samtale+tokenofbo@sygehus.example',
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://sygehus.example/j/linkofbo",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Samtale",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_second_library_reads_the_invitation_as_it_was_meant() -> None:
    event = vevent(request(meeting()))
    assert event.dtstart.value.astimezone(UTC) == STARTS_AT
    assert event.dtend.value.astimezone(UTC) == STARTS_AT + timedelta(minutes=45)
    assert event.dtstamp.value == BOOKED_AT
    assert event.summary.value == "Samtale"
    assert event.description.value == (
        "Samtale på video.\nRing til 74 11 22 33, hvis linket driller.\n\nhttps://sygehus.example/j/linkofbo"
    )
    assert (
        event.location.value
        == event.url.value
        == event.conference.value
        == "https://sygehus.example/j/linkofbo"
    )
    assert event.conference.params["FEATURE"] == ["VIDEO", "AUDIO"]
    assert event.sequence.value == "0"
    assert event.organizer.value == "mailto:samtale+tokenofbo@sygehus.example"
    assert event.organizer.params["CN"] == ["Sygehus Sønderjylland"]
    (attendee,) = event.attendee_list
    assert attendee.value == "mailto:bo@kommune.example"
    assert attendee.params == {
        "CN": ["Madsen, Bo"],
        "CUTYPE": ["INDIVIDUAL"],
        "PARTSTAT": ["NEEDS-ACTION"],
        "ROLE": ["REQ-PARTICIPANT"],
        "RSVP": ["TRUE"],
    }
    assert event.valarm.trigger.value == timedelta(minutes=-15)


def test_a_summer_talk_keeps_its_instant_in_the_second_library_too() -> None:
    start = datetime(2027, 7, 1, 11, tzinfo=UTC)
    for zone in ("Europe/Copenhagen", "Europe/Oslo"):
        serialised = request(meeting(start=start, end=start + timedelta(hours=1), zone=zone))
        assert f"DTSTART;TZID={zone}:20270701T130000" in lines_of(serialised)
        assert vevent(serialised).dtstart.value.astimezone(UTC) == start


def test_the_same_meeting_gives_the_same_bytes_and_survives_reading() -> None:
    for serialise in (request, cancel):
        first = serialise(meeting())
        assert serialise(meeting()) == first
        assert Calendar.from_ical(first).to_ical() == first


def test_cancelling_is_said_by_method_and_status_and_takes_link_and_alarm_away() -> None:
    lines = lines_of(cancel(meeting(sequence=4)))
    assert lines.count("METHOD:CANCEL") == lines.count("STATUS:CANCELLED") == lines.count("SEQUENCE:4") == 1
    assert "UID:5f2a9c@sygehus.example" in lines
    assert 'ORGANIZER;CN="Sygehus Sønderjylland":mailto:samtale+tokenofbo@sygehus.example' in lines
    assert "BEGIN:VTIMEZONE" in lines
    assert "TRANSP:TRANSPARENT" in lines
    assert [line for line in lines if line.startswith("ATTENDEE")] == [
        'ATTENDEE;CN="Madsen, Bo";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;'
        "RSVP=FALSE:mailto:bo@kommune.example"
    ]
    assert "linkofbo" in request(meeting(sequence=4)).decode()
    assert "linkofbo" not in cancel(meeting(sequence=4)).decode()
    assert "VALARM" not in cancel(meeting(sequence=4)).decode()


def test_sequence_and_stamp_rise_and_uid_and_organizer_stay_from_booking_to_cancelling() -> None:
    later = [BOOKED_AT + timedelta(minutes=number) for number in range(5)]
    mails = [
        request(meeting(sequence=number, stamp=later[number], start=STARTS_AT + timedelta(minutes=number)))
        for number in range(4)
    ]
    mails.append(cancel(meeting(sequence=4, stamp=later[4])))
    read = [Calendar.from_ical(mail).events[0] for mail in mails]
    assert [event.sequence for event in read] == [0, 1, 2, 3, 4]
    assert [event.stamp for event in read] == later
    assert {str(event.uid) for event in read} == {"5f2a9c@sygehus.example"}
    assert {str(event.organizer) for event in read} == {"mailto:samtale+tokenofbo@sygehus.example"}


def test_nobody_finds_anothers_address_link_or_token_in_the_own_copy() -> None:
    bo, dag = request(meeting()), request(meeting_of_dag())
    assert vevent(bo).uid.value == vevent(dag).uid.value
    for own, others in ((bo, ("dag@example.org", "ofdag")), (dag, ("bo@kommune.example", "ofbo"))):
        assert not [word for word in others if word in "".join(lines_of(own))]
    assert "tokenofdag" in "".join(lines_of(dag))
    assert "linkofdag" in "".join(lines_of(dag))


@pytest.mark.parametrize(
    ("start", "first_line"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "DTSTART:20261025T003000Z"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "DTSTART:20261025T013000Z"),
        # It ends in the repeated hour.
        (datetime(2026, 10, 24, 23, 45, tzinfo=UTC), "DTSTART:20261024T234500Z"),
    ],
)
def test_a_talk_in_the_repeated_hour_is_written_in_utc(start: datetime, first_line: str) -> None:
    serialised = request(meeting(start=start, end=start + timedelta(minutes=30)))
    assert first_line in lines_of(serialised)
    assert "TZID" not in serialised.decode()
    assert vevent(serialised).dtstart.value == start


def test_a_talk_just_after_the_skipped_hour_has_its_local_time() -> None:
    start = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    lines = lines_of(request(meeting(start=start, end=start + timedelta(minutes=30))))
    assert "DTSTART;TZID=Europe/Copenhagen:20260329T033000" in lines
    assert "DTEND;TZID=Europe/Copenhagen:20260329T040000" in lines


@pytest.mark.parametrize("padding", range(80))
def test_no_line_is_longer_than_75_octets_and_no_character_is_torn(padding: int) -> None:
    text = "x" * padding + "æøå😀" * 40
    serialised = request(
        meeting(summary=text, description=text, location=text, attendee=Attendee(text, "bo@k.example"))
    )
    for line in serialised.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    event = vevent(serialised)
    assert event.summary.value == text
    assert event.description.value.startswith(text + "\n\n")
    assert event.attendee.params["CN"] == [text]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("serialise", [request, cancel])
def test_no_text_becomes_a_property_of_its_own(nasty: str, serialise: Any) -> None:
    serialised = serialise(
        meeting(
            summary=nasty,
            description=nasty,
            location=nasty,
            conference_label=nasty,
            attendee=Attendee(nasty, "bo@kommune.example"),
            organizer=Person(nasty, "samtale+tokenofbo@sygehus.example"),
        )
    )
    event = Calendar.from_ical(serialised).events[0]
    expected = [
        name for name in EVENT_PROPERTIES if serialise is request or name not in ("CONFERENCE", "URL")
    ]
    assert sorted(event) == expected
    assert str(event["ATTENDEE"]) == "mailto:bo@kommune.example"
    assert str(event["ORGANIZER"]) == "mailto:samtale+tokenofbo@sygehus.example"
    assert sorted({child.name.upper() for child in vevent(serialised).getChildren()} - {"VALARM"}) == expected
    text = serialised.decode()
    assert not [
        character
        for character in text.replace("\r\n", "")
        if ord(character) < 32 or 127 <= ord(character) < 160
    ]
    assert not set("\u2028\u2029\u202e\u2066") & set(text)
    assert text.count("\nBEGIN:VEVENT\r\n") == text.count("\nEND:VEVENT\r\n") == 1
    assert "^" not in "".join(line for line in lines_of(serialised) if ";CN=" in line)


def test_an_invitation_without_link_or_alarm_says_nothing_of_them() -> None:
    event = vevent(
        request(meeting(url="", alarm_minutes=None, description="", language="", location="Sal 2"))
    )
    assert event.location.value == "Sal 2"
    assert {"url", "conference", "description", "valarm"} & set(event.contents) == set()


def test_a_link_that_the_text_already_names_is_not_repeated() -> None:
    url = meeting().url
    event = vevent(request(meeting(description=f"Deltag: {url}", location="Sal 2")))
    assert event.description.value == f"Deltag: {url}"
    assert event.location.value == f"Sal 2 {url}"


def test_an_answer_already_given_is_kept_in_a_later_copy() -> None:
    accepted = Attendee("Bo", "bo@kommune.example", partstat=PARTSTAT.ACCEPTED)
    assert vevent(request(meeting(attendee=accepted))).attendee.params["PARTSTAT"] == ["ACCEPTED"]


def test_dated_offers_make_a_file_without_method_organizer_or_attendee() -> None:
    group = Entry(
        "offer-1@sygehus.example",
        BOOKED_AT,
        datetime(2027, 1, 12, 9, tzinfo=UTC),
        "Europe/Copenhagen",
        "Netværksgruppe",
        end=datetime(2027, 1, 12, 11, tzinfo=UTC),
        description="Medbring kaffe.",
        location="Sundhedscenteret, Sønderborg",
        url="https://kommune.example/gruppe",
    )
    whole_day = Entry("offer-2@sygehus.example", BOOKED_AT, date(2027, 2, 1), "Europe/Oslo", "Kurs")
    serialised = entries([group, whole_day])
    assert entries([group, whole_day]) == serialised
    assert not [name for name in ("METHOD", "ORGANIZER", "ATTENDEE", "VALARM") if name in serialised.decode()]
    # Only the zone that a time refers to.
    assert "TZID:Europe/Copenhagen" in lines_of(serialised)
    assert "TZID:Europe/Oslo" not in lines_of(serialised)
    first, second = vobject.readOne(serialised.decode()).vevent_list
    assert first.dtstart.value.astimezone(UTC) == group.start
    assert first.dtend.value.astimezone(UTC) == group.end
    assert first.description.value == "Medbring kaffe.\n\nhttps://kommune.example/gruppe"
    assert first.location.value == "Sundhedscenteret, Sønderborg"
    assert (second.dtstart.value, second.summary.value) == (date(2027, 2, 1), "Kurs")


def test_a_file_without_dates_is_refused() -> None:
    with pytest.raises(CalendarError) as refusal:
        entries([])
    assert refusal.value.code == "no-entries"
