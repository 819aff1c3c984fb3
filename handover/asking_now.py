"""Talk right now: the ward asks the team who can join, past notice and working hours; the first who says yes comes."""

from __future__ import annotations

from dataclasses import replace

from handover.domain.access import Scope
from handover.domain.bookings import Wanted
from handover.domain.talks import Talk
from handover.domain.timetable import Nurse
from handover.entering import check, consent_missing, draft, nurse_participant, site_for, write
from handover.errors import N_, Conflict, NotAllowed
from handover.inviting import give_links, invite, next_stamp
from handover.moving import still_to_come
from handover.picking import Place, taken_conflict
from handover.store import audit, consents, outbox, participants, talk_changes, talks, timetable
from handover.store.engine import OverlapError, Tx

ROUND_UP = 5 * 60  # "now" is when everybody has found the page


def ask_now(tx: Tx, wanted: Wanted, *, by: Scope, now: int) -> Talk:
    """Ask every nurse of the team who is not in a talk or away; `wanted.start` is not looked at.

    Raises `Conflict` (`nobody-free`, with `alternatives` and the team's `phone`) when there is nobody to ask.
    """
    by.require("talks:write")
    start = (now // ROUND_UP + 1) * ROUND_UP
    wanted = replace(wanted, start=start)
    check(tx, wanted)
    site = site_for(tx, wanted, by=by, now=now)
    end = start + wanted.length * 60
    asked = [one for one in timetable.nurses(tx, site.team.id, start, end) if not one.busy]
    if not asked:
        taken = taken_conflict(tx, site.team, Place(site.ward, wanted.place), start, wanted.length, now=now)
        raise Conflict(
            "nobody-free",
            N_("Everybody in the team is in a conversation or away. Ring {phone}, or choose a free time."),
            {**taken.details, "phone": site.team_phone},
            phone=site.team_phone,
        )
    talk = draft(tx, wanted, site, None, end, "asked", now=now)
    talk = replace(talk, participants=tuple(replace(one, delivery="none") for one in talk.participants))
    write(tx, talk, wanted, by=by, now=now)
    give_links(tx, talk, talk.participants, now=now)
    outbox.write_letters(
        tx,
        "right-now",
        talk=talk.id,
        accounts=[one.id for one in asked],
        facts={"starts_at": start, "ends_at": end},
        now=now,
    )
    audit.note(tx, by, "talk:ask-now", "talk", talk.id, at=now, talk=talk.id, asked=[one.id for one in asked])
    return talk


def join_now(tx: Tx, talk_id: str, *, by: Scope, now: int) -> Talk:
    """The nurse says yes to a talk right now, and everybody is invited. Saying it twice changes nothing; who comes
    second gets `Conflict` (`already-taken`)."""
    by.require("talks:write")
    if by.role != "nurse":
        raise _only_nurses()
    talk = talks.get(tx, by, talk_id, "talks:write")
    if talk.nurse == by.actor:
        return talk
    if talk.nurse is not None:
        raise _already_taken(talk.nurse_name)
    still_to_come(talk)
    if talk.state != "asked" or not consents.municipality_may_know(tx, talk.id):
        raise consent_missing()
    # An answer that took its time moves the start and leaves the length.
    start = max(talk.starts_at, now // ROUND_UP * ROUND_UP)
    nurse = _free_nurse(tx, talk, by, start)
    joined = replace(
        talk,
        nurse=nurse.id,
        nurse_name=nurse.name,
        state="confirmed",
        starts_at=start,
        ends_at=start + talk.ends_at - talk.starts_at,
        stamp=next_stamp(talk, now),
    )
    try:
        if not talk_changes.hand_to(tx, joined, before=None, now=now):
            raise _already_taken("")
    except OverlapError:
        raise _busy() from None
    outbox.drop_of_talk(tx, talk.id)
    person = nurse_participant(tx, nurse)
    participants.add(tx, talk.id, [person], now=now, position=participants.next_position(tx, talk.id))
    participants.respond(tx, person.id, "accepted", at=now)
    invite(tx, joined, [*talk.participants, person], "new", now=now)
    audit.note(tx, by, "talk:join-now", "talk", talk.id, at=now, talk=talk.id)
    return talks.get(tx, by, talk.id, "talks:write")


def _free_nurse(tx: Tx, talk: Talk, by: Scope, start: int) -> Nurse:
    end = start + talk.ends_at - talk.starts_at
    found = next((one for one in timetable.nurses(tx, talk.team, start, end) if one.id == by.actor), None)
    if found is None:
        raise _only_nurses()
    if found.busy:
        raise _busy()
    return found


def _only_nurses() -> NotAllowed:
    return NotAllowed("not-allowed", N_("Only the municipality's nurses can join a conversation this way."))


def _busy() -> Conflict:
    message = N_("You have another conversation at that time. Let a colleague take this one.")
    return Conflict("slot-taken", message, {"alternatives": []})


def _already_taken(name: str) -> Conflict:
    if not name:
        return Conflict("already-taken", N_("A colleague has taken it. Thank you all the same."))
    return Conflict("already-taken", N_("{name} has taken it. Thank you all the same."), name=name)
