"""Free time on local clocks: steps, merging, notice, and the two Sundays a year when clocks jump."""

from datetime import UTC, date, datetime

import pytest

from handover import public_holidays
from handover.domain.timetable import (
    Nurse,
    Team,
    WorkingHours,
    earliest,
    free_nurses_at,
    instants,
    latest,
    merged,
    periods,
    slots,
    without,
    working_at,
)
from tests.bookings import at

ZONES = ("Europe/Copenhagen", "Europe/Oslo")
ALL_WEEK = tuple(WorkingHours(day, 0, 1440, "Europe/Copenhagen") for day in range(7))


def nurse(*hours: WorkingHours, busy: tuple[tuple[int, int], ...] = (), name: str = "Bo") -> Nurse:
    return Nurse(name.lower(), name, "", "", "da", hours, busy)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def starts(*nurses: Nurse, start: str, end: str, minutes: int = 30) -> list[str]:
    found = slots(nurses, utc(start), utc(end), minutes)
    return [datetime.fromtimestamp(slot.start, UTC).strftime("%d %H:%M") for slot in found]


def test_slots_stand_on_the_half_hours_and_end_within_the_day() -> None:
    bo = nurse(WorkingHours(1, 9 * 60 + 10, 11 * 60, "Europe/Copenhagen"))
    assert starts(bo, start="2026-12-01", end="2026-12-02") == ["01 08:30", "01 09:00", "01 09:30"]
    assert starts(bo, start="2026-12-01", end="2026-12-02", minutes=60) == ["01 08:30", "01 09:00"]


def test_slots_avoid_what_is_taken_and_name_who_is_free() -> None:
    hours = WorkingHours(1, 9 * 60, 11 * 60, "Europe/Copenhagen")
    taken = (at("2026-12-01 09:30"), at("2026-12-01 10:15"))
    bo, birgit = nurse(hours, busy=(taken,)), nurse(hours, name="Birgit")
    found = slots([bo, birgit], at("2026-12-01 00:00"), at("2026-12-02 00:00"), 30)
    assert [[one.name for one in slot.nurses] for slot in found] == [
        ["Bo", "Birgit"],
        ["Birgit"],
        ["Birgit"],
        ["Bo", "Birgit"],
    ]


def test_the_writer_agrees_with_every_slot_the_picker_showed() -> None:
    taken = (
        (at("2026-12-01 09:30"), at("2026-12-01 10:15")),
        (at("2026-12-01 10:10"), at("2026-12-01 10:20")),
    )
    bo = nurse(WorkingHours(1, 9 * 60, 16 * 60, "Europe/Copenhagen"), busy=taken)
    shown = {slot.start for slot in slots([bo], at("2026-12-01 00:00"), at("2026-12-02 00:00"), 30)}
    day = range(at("2026-12-01 00:00"), at("2026-12-02 00:00"), 1800)
    assert {start for start in day if free_nurses_at([bo], start, start + 1800)} == shown


def test_periods_that_touch_are_one_and_what_is_taken_is_cut_out() -> None:
    assert merged([(5, 7), (1, 3), (3, 4), (9, 9), (6, 8)]) == [(1, 4), (5, 8)]
    assert without([(0, 10), (20, 30)], [(2, 3), (8, 22), (29, 40)]) == [(0, 2), (3, 8), (22, 29)]


@pytest.mark.parametrize("zone", ZONES)
def test_nine_o_clock_stays_nine_o_clock_over_both_changes(zone: str) -> None:
    bo = nurse(*(WorkingHours(day, 9 * 60, 9 * 60 + 30, zone) for day in range(7)))
    assert starts(bo, start="2026-10-24", end="2026-10-27") == ["24 07:00", "25 08:00", "26 08:00"]
    assert starts(bo, start="2027-03-27", end="2027-03-30") == ["27 08:00", "28 07:00", "29 07:00"]


@pytest.mark.parametrize("zone", ZONES)
def test_the_skipped_hour_is_never_offered(zone: str) -> None:
    night = nurse(WorkingHours(6, 60, 4 * 60, zone))
    assert starts(night, start="2026-03-29", end="2026-03-30") == [
        "29 00:00",
        "29 00:30",
        "29 01:00",
        "29 01:30",
    ]
    assert instants(date(2026, 3, 29), 150, zone) == ()
    assert instants(date(2026, 3, 29), 210, zone) == (utc("2026-03-29 01:30"),)


@pytest.mark.parametrize("zone", ZONES)
def test_hours_that_begin_or_end_in_the_skipped_hour_begin_or_end_at_the_jump(zone: str) -> None:
    jump = utc("2026-03-29 01:00")
    day = (utc("2026-03-28 22:00"), utc("2026-03-29 22:00"))
    assert periods((WorkingHours(6, 150, 240, zone),), *day) == ((jump, utc("2026-03-29 02:00")),)
    assert periods((WorkingHours(6, 60, 150, zone),), *day) == ((utc("2026-03-29 00:00"), jump),)
    assert periods((WorkingHours(6, 130, 170, zone),), *day) == ()


@pytest.mark.parametrize("zone", ZONES)
def test_the_repeated_hour_is_offered_twice_and_the_two_do_not_overlap(zone: str) -> None:
    night = nurse(WorkingHours(6, 120, 180, zone))
    assert starts(night, start="2026-10-25", end="2026-10-26") == [
        "25 00:00",
        "25 00:30",
        "25 01:00",
        "25 01:30",
    ]
    first, second = instants(date(2026, 10, 25), 150, zone)
    assert (first, second) == (utc("2026-10-25 00:30"), utc("2026-10-25 01:30"))
    busy = nurse(WorkingHours(6, 120, 180, zone), busy=((first, first + 1800),))
    assert free_nurses_at([busy], second, second + 1800) == [busy]
    assert free_nurses_at([busy], first, first + 1800) == []


def test_a_talk_can_span_midnight_when_the_nurse_works_both_days() -> None:
    assert free_nurses_at([nurse(*ALL_WEEK)], at("2026-12-01 23:30"), at("2026-12-02 00:30")) != []
    one_day = nurse(WorkingHours(1, 0, 1440, "Europe/Copenhagen"))
    assert free_nurses_at([one_day], at("2026-12-01 23:30"), at("2026-12-02 00:30")) == []
    assert working_at([one_day], at("2026-12-01 23:00"), at("2026-12-02 00:00")) == [one_day]


def test_notice_is_elapsed_time_and_the_horizon_is_local_days() -> None:
    team = Team("t", "Europe/Copenhagen", "DK", 24 * 60, 2)
    now = at("2026-10-24 15:00")
    assert earliest(team, now) == at("2026-10-25 14:00")  # 24 hours later the clock shows an hour less
    assert latest(team, now) == at("2026-10-27 00:00")


def test_a_norwegian_nurse_keeps_norwegian_hours_whoever_asks() -> None:
    kari = nurse(WorkingHours(1, 8 * 60, 9 * 60, "Europe/Oslo"))
    assert starts(kari, start="2026-12-01", end="2026-12-02") == ["01 07:00", "01 07:30"]


def test_nobody_is_offered_on_a_public_holiday() -> None:
    holidays = public_holidays.between("DK", date(2026, 12, 24), date(2026, 12, 31))
    bo = nurse(*ALL_WEEK)
    found = slots([bo], at("2026-12-25 00:00"), at("2026-12-28 00:00"), 240, holidays)
    assert {datetime.fromtimestamp(slot.start, UTC).day for slot in found} <= {26, 27}
    assert min(slot.start for slot in found) == at("2026-12-27 00:00")
