from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from calendars.errors import AmbiguousTime, CalendarError, NoSuchTime, UnknownZone
from calendars.zones import instant_of, is_ambiguous, local, vtimezone

ZONES = ["Europe/Copenhagen", "Europe/Oslo"]


@pytest.mark.parametrize("zone", ZONES)
def test_vtimezone_agrees_with_the_tz_database_in_every_hour_from_2026_to_2030(zone: str) -> None:
    calendar = b"BEGIN:VCALENDAR\r\n" + vtimezone(zone) + b"END:VCALENDAR\r\n"
    read_back = tzical(StringIO(calendar.decode())).get(zone)
    truth = ZoneInfo(zone)
    hour, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    hours = 0
    while hour < end:
        wall = hour.astimezone(truth)
        # dateutil rests its reading of a wall time on the VTIMEZONE alone, fold included.
        assert wall.replace(tzinfo=read_back).utcoffset() == wall.utcoffset(), wall
        hour += timedelta(hours=1)
        hours += 1
    assert hours == 43_824


@pytest.mark.parametrize("zone", ZONES)
def test_vtimezone_has_one_rule_a_season_and_no_list_of_dates(zone: str) -> None:
    lines = vtimezone(zone).decode().split("\r\n")
    assert f"TZID:{zone}" in lines
    assert [line for line in lines if line.startswith(("BEGIN", "DTSTART", "RRULE", "RDATE"))] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    ]


@pytest.mark.parametrize(
    "zone", ["Europe/London", "Europe/copenhagen", "GMT+01:00", "Romance Standard Time", ""]
)
def test_a_zone_without_rules_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone):
        vtimezone(zone)


@pytest.mark.parametrize("zone", ["Foo/Bar", "../etc/passwd", "", "Europe", "UTC+1"])
def test_a_name_that_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone):
        local(datetime(2026, 12, 3, 12, tzinfo=UTC), zone)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        (datetime(2026, 12, 3, 13), datetime(2026, 12, 3, 12, tzinfo=UTC)),
        (datetime(2026, 7, 1, 13), datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (datetime(2026, 3, 29, 3), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (datetime(2026, 10, 25, 3), datetime(2026, 10, 25, 2, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_wall_time_and_instant_lead_to_each_other(wall: datetime, instant: datetime, zone: str) -> None:
    assert instant_of(wall, zone) == instant
    assert local(instant, zone).replace(tzinfo=None) == wall
    assert not is_ambiguous(instant, zone)


@pytest.mark.parametrize(
    "wall", [datetime(2026, 3, 29, 2), datetime(2027, 3, 28, 2, 30), datetime(2026, 3, 29, 2, 59)]
)
@pytest.mark.parametrize("fold", [None, 0, 1])
def test_a_time_that_the_clocks_skip_is_refused(wall: datetime, fold: int | None) -> None:
    with pytest.raises(NoSuchTime):
        instant_of(wall, "Europe/Copenhagen", fold=fold)


def test_a_time_that_comes_twice_is_told_with_both_instants() -> None:
    wall = datetime(2026, 10, 25, 2, 30)
    with pytest.raises(AmbiguousTime) as twice:
        instant_of(wall, "Europe/Oslo")
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert (twice.value.first, twice.value.second) == (first, second)
    assert instant_of(wall, "Europe/Oslo", fold=0) == first
    assert instant_of(wall, "Europe/Oslo", fold=1) == second
    assert is_ambiguous(first, "Europe/Oslo")
    assert is_ambiguous(second, "Europe/Oslo")


def test_a_wall_time_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(CalendarError) as refusal:
        instant_of(datetime(2026, 12, 3, 13, tzinfo=UTC), "Europe/Oslo")
    assert refusal.value.code == "not-a-wall-time"
