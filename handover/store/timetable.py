"""What free time is computed from: a team's nurses, their weeks, and everything that keeps them from a talk."""

from __future__ import annotations

from handover.domain.timetable import Nurse, Period, WorkingHours
from handover.store.engine import Tx
from handover.store.scoping import in_list

DAY = 24 * 60 * 60
LONGEST_TALK = 4 * 60 * 60  # bounds the look back from a moment to the talks that still run


def nurses(
    tx: Tx, team: str, start: int, end: int, *, leave_out: str | None = None, taken: tuple[Period, ...] = ()
) -> list[Nurse]:
    """The bookable nurses of a team with what is taken in [start, end): absences, and the talks of all their teams.

    `leave_out` is a talk that is being moved; `taken` is taken for everybody, as a room is.
    """
    busy: dict[str, list[Period]] = {}
    for nurse, starts_at, ends_at in tx.tuples(
        """
        select m.account, t.starts_at, t.ends_at
        from memberships m join talks t on t.nurse = m.account
        where m.unit = :team and t.starts_at > :lookback and t.starts_at < :end and t.ends_at > :start
            and t.state not in ('cancelled', 'not-held') and t.id <> :leave_out
        union all
        select m.account, b.starts_at, b.ends_at
        from memberships m join absences b on b.account = m.account
        where m.unit = :team and b.ends_at > :start and b.starts_at < :end
        """,
        team=team,
        start=start,
        end=end,
        lookback=start - LONGEST_TALK,
        leave_out=leave_out or "",
    ):
        busy.setdefault(nurse, []).append((starts_at, ends_at))
    weekdays, days = in_list("day", _weekdays(start, end))
    people: dict[str, tuple[str, str, str, str]] = {}
    weeks: dict[str, list[WorkingHours]] = {}
    for nurse, name, email, phone, language, weekday, from_minute, to_minute, zone in tx.tuples(
        f"""
        select a.id, a.name, a.email, a.phone, a.language, h.weekday, h.from_minute, h.to_minute, h.zone
        from memberships m
        join accounts a on a.id = m.account
        left join working_hours h on h.account = a.id and h.weekday in {weekdays}
        where m.unit = :team and a.role = 'nurse' and a.disabled_at is null
        """,
        team=team,
        **days,
    ):
        people.setdefault(nurse, (name, email, phone, language))
        week = weeks.setdefault(nurse, [])
        if weekday is not None:
            week.append(WorkingHours(weekday, from_minute, to_minute, zone))
    return [
        Nurse(nurse, *facts, tuple(weeks[nurse]), (*busy.get(nurse, ()), *taken))
        for nurse, facts in sorted(people.items(), key=lambda item: (item[1][0], item[0]))
    ]


def room_taken(
    tx: Tx, ward: str, place: str, start: int, end: int, *, leave_out: str | None = None
) -> tuple[Period, ...]:
    """When in [start, end) the ward has another talk in the same place."""
    return tuple(
        (starts_at, ends_at)
        for starts_at, ends_at in tx.tuples(
            """
            select starts_at, ends_at from talks
            where ward = :ward and starts_at > :lookback and starts_at < :end and ends_at > :start
                and lower(place) = lower(cast(:place as text)) and state not in ('cancelled', 'not-held')
                and id <> :leave_out
            """,
            ward=ward,
            place=place,
            start=start,
            end=end,
            lookback=start - LONGEST_TALK,
            leave_out=leave_out or "",
        )
    )


def loads(tx: Tx, accounts: list[str], start: int, at: int, end: int) -> dict[str, tuple[int, int | None]]:
    """For each nurse with talks that start in [start, end): how many, and when the last one before `at` starts."""
    names, params = in_list("nurse", accounts)
    rows = tx.tuples(
        f"""
        select nurse, count(*), max(case when starts_at < :at then starts_at end) from talks
        where nurse in {names} and starts_at >= :start and starts_at < :end
            and state not in ('cancelled', 'not-held') group by nurse
        """,
        start=start,
        at=at,
        end=end,
        **params,
    )
    return {nurse: (count, last) for nurse, count, last in rows}


def last_talks(tx: Tx, accounts: list[str], before: int) -> dict[str, int]:
    """When each nurse's last talk before an instant started; who never had one is left out."""
    names, params = in_list("nurse", accounts)
    rows = tx.tuples(
        f"""
        select nurse, max(starts_at) from talks
        where nurse in {names} and starts_at < :before and state not in ('cancelled', 'not-held') group by nurse
        """,
        before=before,
        **params,
    )
    return {row[0]: row[1] for row in rows}


def _weekdays(start: int, end: int) -> list[int]:
    """The weekdays that [start, end) touches on any clock of the world; 1 January 1970 was a Thursday."""
    first, last = start // DAY - 1, (end - 1) // DAY + 1
    return sorted({(day + 3) % 7 for day in range(first, min(last, first + 6) + 1)})
