"""Free time: working weeks on local clocks, minus what is taken, cut into slots. All instants are epoch seconds UTC."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from handover.domain.days import local_date
from handover.domain.talks import STEP_MINUTES

Period = tuple[int, int]  # [start, end)

# Slots start on the hour and the half hour. Danish and Norwegian clocks differ from UTC by whole hours, so that a
# step of the epoch is a step of both clocks.
STEP = STEP_MINUTES * 60


class WorkingHours(NamedTuple):
    """One weekday's period in minutes from local midnight; Monday is 0."""

    weekday: int
    from_minute: int
    to_minute: int
    zone: str


@dataclass(frozen=True)
class Nurse:
    """Somebody who can be booked, with everything that keeps them from it: talks of all their teams, and absences."""

    id: str
    name: str
    email: str
    phone: str
    language: str
    hours: tuple[WorkingHours, ...]
    busy: tuple[Period, ...] = ()


@dataclass(frozen=True)
class Team:
    """How a municipality's team can be booked. `notice_minutes` is elapsed time, `horizon_days` are local days."""

    id: str
    zone: str
    country: str
    notice_minutes: int
    horizon_days: int


@dataclass(frozen=True)
class Slot:
    """A time that can be booked, and who is free in all of it."""

    start: int
    end: int
    nurses: tuple[Nurse, ...]


def instants(day: date, minute: int, zone: str) -> tuple[int, ...]:
    """When the local clock shows this: once, never (the hour skipped in March) or twice (repeated in October)."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    found = {int(wall.replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) for fold in (0, 1)}
    return tuple(sorted(at for at in found if _wall(at, zone) == wall))


def earliest(team: Team, now: int) -> int:
    """From when on the team can be booked."""
    return now + max(1, team.notice_minutes * 60)


def latest(team: Team, now: int) -> int:
    """Before when a talk has to start: the end of the last local day that is open."""
    return _boundary(local_date(now, team.zone) + timedelta(days=team.horizon_days), 24 * 60, team.zone, 1)


@lru_cache(1024)
def periods(
    hours: tuple[WorkingHours, ...], start: int, end: int, holidays: frozenset[date] = frozenset()
) -> tuple[Period, ...]:
    """The working time in [start, end): sorted, disjoint, whole over midnight, none on public holidays.

    Kept, since a team's nurses mostly work the same hours.
    """
    found = []
    for part in hours:
        day, last = local_date(start, part.zone), local_date(end - 1, part.zone)
        day += timedelta(days=(part.weekday - day.weekday()) % 7)
        while day <= last:
            if day not in holidays:
                begin = _boundary(day, part.from_minute, part.zone, 0)
                finish = _boundary(day, part.to_minute, part.zone, 1)
                found.append((max(begin, start), min(finish, end)))
            day += timedelta(days=7)
    return tuple(merged(found))


def merged(some: Iterable[Period]) -> list[Period]:
    """Sorted and disjoint; periods that touch become one, empty ones vanish."""
    whole: list[Period] = []
    for start, end in sorted(some):
        if start >= end:
            continue
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def without(some: Sequence[Period], taken: Sequence[Period]) -> list[Period]:
    """What is left of `some` when `taken` is cut out; both sorted and disjoint."""
    left = []
    ends = [end for _, end in taken]
    for start, end in some:
        at = bisect_right(ends, start)
        while at < len(taken) and taken[at][0] < end:
            if taken[at][0] > start:
                left.append((start, taken[at][0]))
            start = taken[at][1]
            at += 1
        if start < end:
            left.append((start, end))
    return left


def free_periods(nurse: Nurse, start: int, end: int, holidays: frozenset[date]) -> Sequence[Period]:
    """When in [start, end) a nurse works and nothing is taken."""
    working = periods(nurse.hours, start, end, holidays)
    return without(working, merged(nurse.busy)) if nurse.busy else working


def slots(
    nurses: Iterable[Nurse], start: int, end: int, minutes: int, holidays: frozenset[date] = frozenset()
) -> list[Slot]:
    """Every slot that starts in [start, end), in steps from the hour, with the nurses free in all of it."""
    length = minutes * 60
    if start >= end:
        return []
    free: dict[int, list[Nurse]] = {}
    for nurse in nurses:
        for begin, finish in free_periods(nurse, start, end + length, holidays):
            first = -(-begin // STEP) * STEP
            for at in range(first, min(finish - length + 1, end), STEP):
                free.setdefault(at, []).append(nurse)
    return [Slot(at, at + length, tuple(free[at])) for at in sorted(free)]


def free_nurses_at(
    nurses: Iterable[Nurse], start: int, end: int, holidays: frozenset[date] = frozenset()
) -> list[Nurse]:
    """Who is free in all of [start, end): what the picker showed, asked again by the writer."""
    return [nurse for nurse in nurses if tuple(free_periods(nurse, start, end, holidays)) == ((start, end),)]


def working_at(
    nurses: Iterable[Nurse], start: int, end: int, holidays: frozenset[date] = frozenset()
) -> list[Nurse]:
    """Who works in all of [start, end), taken or not."""
    return [nurse for nurse in nurses if periods(nurse.hours, start, end, holidays) == ((start, end),)]


@lru_cache(4096)
def _boundary(day: date, minute: int, zone: str, fold: int) -> int:
    """A working period's edge: an end in the repeated hour is its second pass, and one in the skipped hour the jump."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    at = int(wall.replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())
    if _wall(at, zone) == wall:
        return at
    before, after = sorted(int(wall.replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) for fold in (0, 1))
    offset = _offset(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if _offset(middle, zone) == offset else (middle, after)
    return after


def _wall(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).replace(tzinfo=None)


def _offset(instant: int, zone: str) -> timedelta | None:
    return datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone)).utcoffset()
