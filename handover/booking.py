"""Book a talk: a time of the municipality's team, a nurse, everybody invited, all in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handover.domain.access import Scope
from handover.domain.bookings import Wanted, length_faults
from handover.domain.talks import Talk
from handover.domain.timetable import Slot
from handover.entering import check, draft, site_for, team_for, write
from handover.errors import N_, FieldError, refuse
from handover.inviting import invite
from handover.picking import Place, free_slots_of, pick, taken_conflict
from handover.store import audit
from handover.store.engine import OverlapError, Tx

MOST_DAYS = 60


def book(tx: Tx, wanted: Wanted, *, by: Scope, now: int) -> Talk:
    """Book a talk and write to everybody. Raises `Conflict` (`slot-taken`, with `alternatives`) when the time is gone.

    Doing it again books again: programs that may repeat themselves send an idempotency key.
    """
    by.require("talks:write")
    check(tx, wanted)
    site = site_for(tx, wanted, by=by, now=now)
    end = wanted.start + wanted.length * 60
    place = Place(site.ward, wanted.place)
    override = (wanted.override or "").strip() or None
    picked = pick(tx, site.team, place, wanted.start, end, now=now, nurse=wanted.nurse, override=override)
    talk = draft(tx, wanted, site, picked.nurse, end, "booked", now=now)
    if picked.overridden:
        talk = replace(talk, override_reason=picked.overridden)
    try:
        consents = write(tx, talk, wanted, by=by, now=now)
    except OverlapError:
        raise taken_conflict(tx, site.team, place, wanted.start, wanted.length, now=now) from None
    invite(tx, talk, talk.participants, "new", now=now)
    audit.note(
        tx,
        by,
        "talk:book",
        "talk",
        talk.id,
        at=now,
        talk=talk.id,
        nurse=talk.nurse,
        consents=consents,
        override=bool(picked.overridden),
    )
    return talk


def free_slots(
    tx: Tx,
    municipality: str,
    from_date: date,
    days: int,
    minutes: int,
    *,
    by: Scope,
    now: int,
    team: str | None = None,
) -> list[Slot]:
    """The free times of a municipality's team on `days` (1–60) of its local days from `from_date` on."""
    if not by.may("talks:write"):
        by.require("talks:read")
    faults = length_faults(minutes)
    if not 1 <= days <= MOST_DAYS:
        message = N_("Ask for 1 to {most} days.")
        faults.append(FieldError("days", "out-of-range", message, (("most", str(MOST_DAYS)),)))
    refuse(faults)
    booked = team_for(tx, municipality, team, by=by, now=now)
    return free_slots_of(tx, booked, from_date, days, minutes, now=now)
