"""Find a time and a nurse: the free times of a team, and who takes a talk. Picker and writer ask the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handover import public_holidays
from handover.domain.days import local_date, midnight
from handover.domain.talks import Talk
from handover.domain.timetable import (
    Nurse,
    Period,
    Slot,
    Team,
    earliest,
    free_nurses_at,
    latest,
    slots,
    working_at,
)
from handover.errors import N_, Conflict, FieldError, Invalid, look_again
from handover.store import timetable
from handover.store.engine import Tx

FAIR_DAYS = 7  # before and after: the two weeks in which the nurses' talks are counted against each other
ALTERNATIVES = 6  # times shown to who came second
ALTERNATIVE_DAYS = 14


@dataclass(frozen=True)
class Place:
    """Where on the ward; two talks at once do not fit there. An empty `name` is no place in particular."""

    ward: str | None
    name: str


@dataclass(frozen=True)
class Picked:
    """The nurse for a time, and what had to be overridden for it ("" when nothing was)."""

    nurse: Nurse
    overridden: str = ""


def free_slots_of(
    tx: Tx, team: Team, first: date, days: int, minutes: int, *, now: int, moving: Talk | None = None
) -> list[Slot]:
    """The team's free times that start on `days` local days from `first` on, within its notice and horizon.

    A talk that is `moving` is not in its own way, and wants its place to be free too.
    """
    start = max(midnight(first, team.zone), earliest(team, now))
    end = min(midnight(first + timedelta(days=days), team.zone), latest(team, now))
    if moving is None:
        return _slots(tx, team, start, end, minutes)
    place = Place(moving.ward, moving.place)
    taken = room_taken(tx, place, start, end + minutes * 60, leave_out=moving.id)
    return _slots(tx, team, start, end, minutes, leave_out=moving.id, taken=taken)


def pick(
    tx: Tx,
    team: Team,
    place: Place,
    start: int,
    end: int,
    *,
    now: int,
    nurse: str | None = None,
    override: str | None = None,
    leave_out: str | None = None,
) -> Picked:
    """The nurse for [start, end): `nurse` when given, else fairly among those free. `leave_out` is the talk that moves.

    Raises `Invalid` for a time nobody could have, `Conflict` with the next free times when it is taken. With `override`
    every conflict is let through except that the time is over.
    """
    holidays = public_holidays.between(team.country, *_days(start, end, team.zone))
    taken = room_taken(tx, place, start, end, leave_out=leave_out)
    nurses = timetable.nurses(tx, team.id, start, end, leave_out=leave_out, taken=taken)
    if nurse is not None:
        nurses = [one for one in nurses if one.id == nurse]
        if not nurses:
            raise unknown_nurse()
    free = free_nurses_at(nurses, start, end, holidays)
    working = free or working_at(nurses, start, end, holidays)
    fault = time_fault(team, start, end, now=now, anybody_works=bool(working), override=override is not None)
    if fault is not None and (override is None or fault.code == "past"):
        raise look_again(fault)
    if free:
        return Picked(fairest(tx, free, start), override or "" if fault else "")
    if override is None or not nurses:
        raise taken_conflict(
            tx, team, place, start, (end - start) // 60, now=now, nurse=nurse, leave_out=leave_out
        )
    return Picked(fairest(tx, working or nurses, start), override)


def stand_in(
    tx: Tx,
    team: Team,
    start: int,
    end: int,
    *,
    nurse: str | None = None,
    but_not: frozenset[str] = frozenset(),
    leave_out: str,
) -> Nurse | None:
    """A nurse of the team who is free in [start, end) for a talk that is booked already: notice is not asked again."""
    holidays = public_holidays.between(team.country, *_days(start, end, team.zone))
    nurses = timetable.nurses(tx, team.id, start, end, leave_out=leave_out)
    wanted = [one for one in nurses if one.id not in but_not and nurse in (None, one.id)]
    if nurse is not None and not wanted:
        raise unknown_nurse()
    free = free_nurses_at(wanted, start, end, holidays)
    return fairest(tx, free, start) if free else None


def member(tx: Tx, team: Team, nurse: str, start: int, end: int) -> Nurse:
    """A nurse of the team, busy or not."""
    found = next((one for one in timetable.nurses(tx, team.id, start, end) if one.id == nurse), None)
    if found is None:
        raise unknown_nurse()
    return found


def unknown_nurse() -> Invalid:
    """Somebody who is not, or no longer, a nurse of the team."""
    message = N_("This nurse does not belong to the team. Choose another.")
    return look_again(FieldError("nurse", "unknown", message))


def fairest(tx: Tx, nurses: Sequence[Nurse], start: int) -> Nurse:
    """The one with fewest talks in the two weeks around, then the one whose last is longest ago, then by id."""
    if len(nurses) == 1:
        return nurses[0]
    around = FAIR_DAYS * 24 * 3600
    loads = timetable.loads(tx, [one.id for one in nurses], start - around, start, start + around)
    none = (0, None)
    least = min(loads.get(one.id, none)[0] for one in nurses)
    tied = [one for one in nurses if loads.get(one.id, none)[0] == least]
    rested = [one for one in tied if loads.get(one.id, none)[1] is None] or tied
    if len(rested) == 1:
        return rested[0]
    last = {one.id: loads.get(one.id, none)[1] for one in rested}
    if None in last.values():  # nobody had one in the week before: look further back
        last |= timetable.last_talks(tx, list(last), start - around)
    return min(rested, key=lambda one: (last[one.id] or 0, one.id))


def time_fault(
    team: Team, start: int, end: int, *, now: int, anybody_works: bool, override: bool = False
) -> FieldError | None:
    """Why a time cannot be booked whoever is free. A time that has begun can be booked on purpose until it is over."""
    if start <= now and not (override and end > now):
        return FieldError("start", "past", N_("This time has passed. Choose a later one."))
    if start < earliest(team, now):
        hours = str(-(-team.notice_minutes // 60))
        message = N_(
            "The team needs to know {hours} hours ahead. Choose a later time, or ask who can join now."
        )
        return FieldError("start", "too-soon", message, (("hours", hours),))
    if start >= latest(team, now):
        message = N_("The team's calendar is open for {days} days. Choose an earlier time.")
        return FieldError("start", "too-far", message, (("days", str(team.horizon_days)),))
    if not anybody_works:
        message = N_("Nobody in the team works then. Choose one of the free times.")
        return FieldError("start", "out-of-hours", message)
    return None


def room_taken(
    tx: Tx, place: Place, start: int, end: int, *, leave_out: str | None = None
) -> tuple[Period, ...]:
    """When in [start, end) another talk of the ward is in the same place."""
    if place.ward is None or not place.name:
        return ()
    return timetable.room_taken(tx, place.ward, place.name, start, end, leave_out=leave_out)


def taken_conflict(
    tx: Tx,
    team: Team,
    place: Place,
    start: int,
    minutes: int,
    *,
    now: int,
    nurse: str | None = None,
    leave_out: str | None = None,
) -> Conflict:
    """`slot-taken`, with the next times that are free: the asked-for nurse's, when one was asked for."""
    begin = max(min(start, latest(team, now)), earliest(team, now))
    end = min(begin + ALTERNATIVE_DAYS * 24 * 3600, latest(team, now))
    taken = room_taken(tx, place, begin, end + minutes * 60, leave_out=leave_out)
    found = _slots(tx, team, begin, end, minutes, leave_out=leave_out, taken=taken, nurse=nurse)
    return Conflict(
        "slot-taken",
        N_("Somebody booked this time a moment ago. Choose one of the free times."),
        {"alternatives": [alternative(slot) for slot in found[:ALTERNATIVES]]},
    )


def alternative(slot: Slot) -> dict[str, Any]:
    """A free time as pages and programs are told of it; instants are epoch seconds."""
    nurses = [{"id": nurse.id, "name": nurse.name} for nurse in slot.nurses]
    return {"start": slot.start, "end": slot.end, "nurses": nurses}


def _slots(
    tx: Tx,
    team: Team,
    start: int,
    end: int,
    minutes: int,
    *,
    leave_out: str | None = None,
    taken: tuple[Period, ...] = (),
    nurse: str | None = None,
) -> list[Slot]:
    if start >= end:
        return []
    last = end + minutes * 60
    nurses = timetable.nurses(tx, team.id, start, last, leave_out=leave_out, taken=taken)
    if nurse is not None:
        nurses = [one for one in nurses if one.id == nurse]
    holidays = public_holidays.between(team.country, *_days(start, last, team.zone))
    return slots(nurses, start, end, minutes, holidays)


def _days(start: int, end: int, zone: str) -> tuple[date, date]:
    return local_date(start, zone), local_date(end, zone)
