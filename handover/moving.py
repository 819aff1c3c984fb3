"""Move a talk, or change who comes and what stands on it; only people whose invitation changes are written to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handover.domain.access import Scope
from handover.domain.bookings import KEEP, Changes, length_faults, value_faults
from handover.domain.talks import INTERPRETER_STATES, LIVE_STATES, Talk
from handover.domain.timetable import Nurse, Team
from handover.entering import consent_missing, nurse_participant, word_faults
from handover.errors import N_, Conflict, FieldError, NotAllowed, refuse
from handover.guest_list import GuestList, matched
from handover.inviting import cut_links, give_links, invite, next_stamp, shut_out
from handover.picking import Picked, Place, member, pick, room_taken, stand_in, taken_conflict
from handover.store import audit, consents, links, outbox, participants, sites, talk_changes, talks
from handover.store.engine import OverlapError, Tx


def move(
    tx: Tx,
    talk_id: str,
    start: int,
    *,
    version: int,
    by: Scope,
    now: int,
    minutes: int | None = None,
    nurse: str | None = None,
    override: str | None = None,
) -> Talk:
    """Give a talk another time, with the same nurse unless one is named; everybody is asked anew."""
    changes = Changes(start=start, minutes=minutes or KEEP, nurse=nurse or KEEP, override=override)
    return change(tx, talk_id, changes, version=version, by=by, now=now)


def change(tx: Tx, talk_id: str, changes: Changes, *, version: int, by: Scope, now: int) -> Talk:
    """Change what `changes` names. Raises `Conflict`: `stale-version` when somebody else has edited the talk since
    `version`, `slot-taken` with `alternatives`, `talk-over` when there is nothing left to change."""
    by.require("talks:write")
    talk = talks.get(tx, by, talk_id, "talks:write")
    if talk.version != version:
        raise stale(talk)
    still_to_come(talk)
    given = changes.given()
    _check(tx, talk, changes)
    people = matched(tx, talk, changes.participants)
    _keep_to_their_own(talk, people, by)
    place = given.get("place", talk.place)
    start = given.get("start", talk.starts_at)
    end = start + given.get("minutes", talk.minutes) * 60
    moved = (start, end) != (talk.starts_at, talk.ends_at)
    team = sites.team(tx, talk.team)
    picked = _nurse(tx, talk, team, changes, Place(talk.ward, place), start, end, now=now)
    handed = picked is not None and picked.nurse.id != talk.nurse
    matters = moved or handed or people.matter
    new = replace(
        talk,
        **_plain(talk, given, moved),
        starts_at=start,
        ends_at=end,
        sequence=talk.sequence + matters,
        stamp=next_stamp(talk, now) if matters else talk.stamp,
    )
    if picked is not None:
        new = replace(
            new,
            nurse=picked.nurse.id,
            nurse_name=picked.nurse.name,
            override_reason=picked.overridden or None,
        )
    if moved or handed:
        new = replace(new, state="booked")
    try:
        written = talk_changes.update(tx, new, version=version, now=now)
    except OverlapError:
        where = Place(talk.ward, place)
        raise taken_conflict(tx, team, where, start, new.minutes, now=now, leave_out=talk.id) from None
    if written is None:
        raise stale(talk)
    if changes.themes is not KEEP:
        talk_changes.replace_themes(tx, talk.id, changes.themes)
    _tell(tx, talk, new, people, picked.nurse if picked and handed else None, moved, by=by, now=now)
    audit.note(
        tx,
        by,
        "talk:move" if moved else "talk:change",
        "talk",
        talk.id,
        at=now,
        talk=talk.id,
        fields=sorted(given),
        override=bool(picked and picked.overridden),
    )
    return talks.get(tx, by, talk.id, "talks:write")


def stale(talk: Talk) -> Conflict:
    """Somebody else edited the talk meanwhile; `current` is the version there is now."""
    return Conflict(
        "stale-version",
        N_("Somebody else changed this conversation a moment ago. Look at it again before you change it."),
        {"current": talk.version},
    )


def _keep_to_their_own(talk: Talk, people: GuestList, by: Scope) -> None:
    """Who did not book may not have the patient's link sent elsewhere: it would let them in as the patient."""
    if by.organisation == talk.hospital:
        return
    if any(person.role == "patient" for person in people.readdressed):
        message = N_("Only those who booked can change the patient's mail address. Ring the ward.")
        raise NotAllowed("not-allowed", message)


def still_to_come(talk: Talk) -> None:
    """Raise `Conflict` (`talk-over`) for a talk that is held, did not happen, or is cancelled."""
    if talk.state not in LIVE_STATES:
        raise Conflict(
            "talk-over", N_("This conversation is over or cancelled. Book a new one if it is needed.")
        )


def _check(tx: Tx, talk: Talk, changes: Changes) -> None:
    faults: list[FieldError] = []
    if changes.minutes is not KEEP:
        faults += length_faults(changes.minutes)
    minor_children = talk.minor_children if changes.minor_children is KEEP else changes.minor_children
    faults += value_faults(minor_children, None if changes.discharge_on is KEEP else changes.discharge_on)
    if changes.themes is not KEEP:
        faults += word_faults(tx, None, changes.themes)
    if changes.interpreter_state not in (KEEP, *INTERPRETER_STATES):
        faults.append(FieldError("interpreter_state", "unknown", N_("Choose needed, ordered or confirmed.")))
    refuse(faults)


def _nurse(
    tx: Tx, talk: Talk, team: Team, changes: Changes, place: Place, start: int, end: int, *, now: int
) -> Picked | None:
    """Who comes, when the change leaves that open: at another time or place, or because a nurse was named."""
    wanted = talk.nurse if changes.nurse is KEEP else changes.nurse
    override = (changes.override or "").strip() or None
    moved = (start, end) != (talk.starts_at, talk.ends_at)
    if moved and wanted is None and talk.municipality_left_at is not None:
        _alone(tx, team, place, start, end, override, now=now, leave_out=talk.id)
        return None
    if (moved or wanted != talk.nurse) and not consents.municipality_may_know(tx, talk.id):
        raise consent_missing()
    if moved:
        return pick(tx, team, place, start, end, now=now, nurse=wanted, override=override, leave_out=talk.id)
    if place.name != talk.place and room_taken(tx, place, start, end, leave_out=talk.id) and not override:
        raise taken_conflict(
            tx, team, place, start, talk.minutes, now=now, nurse=talk.nurse, leave_out=talk.id
        )
    if wanted is None or wanted == talk.nurse:
        return None
    free = stand_in(tx, team, start, end, nurse=wanted, leave_out=talk.id)
    if free is not None:
        return Picked(free)
    if override is None:
        raise taken_conflict(tx, team, place, start, talk.minutes, now=now, nurse=wanted, leave_out=talk.id)
    return Picked(member(tx, team, wanted, start, end), override)


def _alone(
    tx: Tx, team: Team, place: Place, start: int, end: int, override: str | None, *, now: int, leave_out: str
) -> None:
    """The municipality has left: only the clock and the room can be in the way of another time."""
    if start <= now:
        refuse([FieldError("start", "past", N_("This time has passed. Choose a later one."))])
    if room_taken(tx, place, start, end, leave_out=leave_out) and not override:
        minutes = (end - start) // 60
        raise taken_conflict(tx, team, place, start, minutes, now=now, leave_out=leave_out)


def _plain(talk: Talk, given: dict[str, Any], moved: bool) -> dict[str, Any]:
    """The fields that mail nobody. An interpreter is ordered for a time and a language, so either orders again."""
    plain: dict[str, Any] = {
        name: given[name]
        for name in ("language", "place", "themes", "discharge_on", "minor_children", "intended_form")
        if name in given
    }
    interpreter = given.get("interpreter", talk.interpreter) or None
    again = moved or interpreter != talk.interpreter
    plain["interpreter"] = interpreter
    if interpreter is None:
        return {**plain, "interpreter_state": None, "interpreter_reference": None}
    plain["interpreter_state"] = given.get("interpreter_state", "needed" if again else talk.interpreter_state)
    plain["interpreter_reference"] = given.get(
        "interpreter_reference", None if again else talk.interpreter_reference
    )
    return plain


def _tell(
    tx: Tx, talk: Talk, new: Talk, people: GuestList, nurse: Nurse | None, moved: bool, *, by: Scope, now: int
) -> None:
    """Write the people down, and to those whose invitation is another now."""
    gone, stay, fresh = people.gone, people.stay, people.new
    if nurse is not None:
        old = tuple(person for person in stay if person.role == "nurse")
        gone, stay = (*gone, *old), tuple(person for person in stay if person.role != "nurse")
        fresh = (nurse_participant(tx, nurse), *fresh)
    everybody = talk.state == "asked" and new.state != "asked"  # until now only the team was asked
    if everybody:
        outbox.drop_of_talk(tx, talk.id)
    participants.edit(tx, people.edited)
    links.renew_of_participants(tx, [person.id for person in people.readdressed])
    if new.state == "asked":
        fresh = tuple(replace(person, delivery="none") for person in fresh)
    participants.remove(tx, gone, now=now)
    if fresh:
        participants.add(tx, talk.id, fresh, now=now, position=participants.next_position(tx, talk.id))
    if new.state == "asked":
        give_links(tx, new, fresh, now=now)
        cut_links(tx, gone, now=now)
        return
    shut_out(tx, new, gone, now=now)
    invite(tx, new, fresh, "new", now=now)
    if moved:
        participants.forget_responses(tx, talk.id)
    if moved or everybody:
        invite(tx, new, stay, "new" if everybody else "moved", now=now)
        return
    told = [person for person in stay if person in people.written_to]
    if nurse is not None:  # the ward sees another face; whoever did this knows
        told += [person for person in stay if person.role == "ward" and person.account != by.actor]
    invite(tx, new, told, "changed", now=now)
