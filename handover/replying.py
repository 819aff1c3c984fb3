"""Apply an answer to an invitation; a nurse who declines is replaced by a free colleague, or the ward is told."""

from __future__ import annotations

from dataclasses import replace

from handover.domain.access import Scope
from handover.domain.talks import LIVE_STATES, Participant, Response, State, Talk
from handover.entering import nurse_participant
from handover.errors import N_, NotAllowed
from handover.inviting import invite, next_stamp, shut_out
from handover.picking import stand_in
from handover.store import audit, consents, outbox, participants, sites, talk_changes, talks
from handover.store.engine import Tx


def answer(tx: Tx, talk_id: str, response: Response, *, by: Scope, now: int) -> Talk:
    """Apply the answer of somebody signed in; an older answer, or the same again, changes nothing."""
    talk = talks.get(tx, by, talk_id)
    person = next((one for one in talk.participants if one.account == by.actor), None)
    if person is None:
        raise NotAllowed(
            "not-invited", N_("Only who is invited can answer. Ask to be put on the list first.")
        )
    if talk.state not in LIVE_STATES or not participants.respond(tx, person.id, response, at=now):
        return talk
    audit.note(tx, by, "talk:answer", "talk", talk.id, at=now, talk=talk.id, response=response)
    if person.role == "nurse" and person.account == talk.nurse:
        _nurse_answered(tx, talk, person, response, now=now)
    return talks.get(tx, by, talk.id)


def _nurse_answered(tx: Tx, talk: Talk, person: Participant, response: Response, *, now: int) -> None:
    if response == "declined":
        hand_over(tx, talk, person, now=now)
        return
    state: State = "confirmed" if response == "accepted" else "booked"
    if state != talk.state:
        talk_changes.hand_to(tx, replace(talk, state=state), before=talk.nurse, now=now)


def hand_over(tx: Tx, talk: Talk, nurse: Participant, *, first: str | None = None, now: int) -> bool:
    """Give the talk to `first` when free, else to the next free colleague, never to one who has said no to it.

    False when nobody is free; the ward is told then.
    """
    but_not = participants.declined_nurses(tx, talk.id)
    team = sites.team(tx, talk.team)
    colleague = None
    if talk.ends_at > now and consents.municipality_may_know(tx, talk.id):
        when = (talk.starts_at, talk.ends_at)
        if first is not None:
            colleague = stand_in(tx, team, *when, nurse=first, but_not=but_not, leave_out=talk.id)
        if colleague is None:
            colleague = stand_in(tx, team, *when, but_not=but_not, leave_out=talk.id)
    after = replace(
        talk,
        nurse=colleague.id if colleague else None,
        nurse_name=colleague.name if colleague else "",
        state="booked",
        override_reason=None,
        sequence=talk.sequence + 1,
        stamp=next_stamp(talk, now),
    )
    talk_changes.hand_to(tx, after, before=talk.nurse, now=now)
    participants.remove(tx, [nurse], now=now)
    shut_out(tx, after, [nurse], now=now)
    ward = [person for person in talk.participants if person.role == "ward"]
    if colleague is None:
        outbox.write_letters(
            tx,
            "no-nurse",
            talk=talk.id,
            participants=[person.id for person in ward if person.email],
            facts={"starts_at": talk.starts_at, "ends_at": talk.ends_at},
            now=now,
        )
        return False
    person = nurse_participant(tx, colleague)
    participants.add(tx, talk.id, [person], now=now, position=participants.next_position(tx, talk.id))
    invite(tx, after, [person], "new", now=now)
    invite(tx, after, ward, "changed", now=now)
    return True
