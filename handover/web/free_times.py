"""Free times as a picker shows them: the working days of one week, and the way to the weeks before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handover.domain.access import Scope
from handover.domain.days import local_date
from handover.domain.talks import Talk
from handover.domain.timetable import Slot, Team
from handover.entering import team_for
from handover.picking import free_slots_of
from handover.store import accounts
from handover.store.engine import Row, Tx
from handover.words import Speaker

AHEAD = 28  # days looked through for the first week that has a free time
FRIDAY = 4


@dataclass(frozen=True)
class Week:
    """A week of free times, by its Monday. `earlier` and `later` are Mondays, or None where the calendar ends."""

    monday: date
    slots: tuple[Slot, ...]
    today: date
    earlier: date | None
    later: date | None


@dataclass(frozen=True)
class Times:
    """A team, its nurses, and a week of its free times."""

    team: Team
    nurses: tuple[Row, ...]
    week: Week

    @property
    def nurse_options(self) -> list[tuple[str, str]]:
        """Id and name of each nurse of the team."""
        return [(row["id"], row["name"]) for row in self.nurses]


def times_of(
    tx: Tx,
    municipality: str,
    minutes: int,
    *,
    by: Scope,
    now: int,
    team: str | None = None,
    nurse: str | None = None,
    monday: date | None = None,
    moving: Talk | None = None,
) -> Times:
    """The free times of a municipality's team in the week of `monday`, or in the first week that has any."""
    booked = team_for(tx, municipality, team, by=by, now=now)
    today = local_date(now, booked.zone)
    last = today + timedelta(days=booked.horizon_days)
    first = min(max(monday_of(monday), monday_of(today)), monday_of(last)) if monday else today
    days = 7 if monday else AHEAD
    as_it_is = moving and (moving.starts_at, moving.minutes, moving.nurse)
    slots = [
        slot
        for slot in free_slots_of(tx, booked, max(first, today), days, minutes, now=now, moving=moving)
        if (nurse is None or any(one.id == nurse for one in slot.nurses))
        and (slot.start, minutes, nurse) != as_it_is
    ]
    if monday is None and slots:
        first = local_date(slots[0].start, booked.zone)
    first = monday_of(first)
    inside = tuple(slot for slot in slots if monday_of(local_date(slot.start, booked.zone)) == first)
    later = first + timedelta(days=7)
    week = Week(
        monday=first,
        slots=inside,
        today=today,
        earlier=first - timedelta(days=7) if first > today else None,
        later=later if later <= last else None,
    )
    return Times(booked, tuple(accounts.nurses_of(tx, booked.id)), week)


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def days_of(week: Week, zone: str, speaker: Speaker) -> list[dict[str, Any]]:
    """The week as `forms.slot_picker` wants it: Monday to Friday from today on, and other days that have times."""
    by_day: dict[date, list[Slot]] = {}
    for slot in week.slots:
        by_day.setdefault(local_date(slot.start, zone), []).append(slot)
    for number in range(FRIDAY + 1):
        day = week.monday + timedelta(days=number)
        if day >= week.today:
            by_day.setdefault(day, [])
    return [_day(day, [slot.start for slot in by_day[day]], speaker) for day in sorted(by_day)]


def days_with(starts: Sequence[int], zone: str, speaker: Speaker) -> list[dict[str, Any]]:
    """Only these times, by day: what is free instead of a time that was taken."""
    by_day: dict[date, list[int]] = {}
    for start in starts:
        by_day.setdefault(local_date(start, zone), []).append(start)
    return [_day(day, by_day[day], speaker) for day in sorted(by_day)]


def alternatives_in(details: Mapping[str, Any]) -> list[int]:
    """The starts of the free times that came with a conflict."""
    return [int(one["start"]) for one in details.get("alternatives", ())]


def _day(day: date, starts: Sequence[int], speaker: Speaker) -> dict[str, Any]:
    slots = [{"value": str(start), "label": speaker.time(start)} for start in starts]
    label = speaker.date(day)
    return {"label": label[:1].upper() + label[1:], "slots": slots}
