"""Write down what the patient agrees to, and take it back in one press: the nurse leaves, access and sending end."""

from __future__ import annotations

from dataclasses import replace

from handover.domain import presses
from handover.domain.access import Scope
from handover.domain.bookings import ConsentGiven, consent_faults
from handover.domain.talks import LIVE_STATES, Talk
from handover.errors import NotFound, refuse
from handover.inviting import call_off, next_stamp, shut_out
from handover.store import audit, consents, links, outbox, participants, summaries, talk_changes, talks
from handover.store.engine import Tx


def record_consent(tx: Tx, talk_id: str, consent: ConsentGiven, *, by: Scope, now: int) -> str:
    """Add what the patient said about one recipient; returns the consent's id. A no takes an earlier yes back.

    The same words again in a moment are one consent.
    """
    by.require("talks:write")
    talk = talks.get(tx, by, talk_id, "talks:write")
    refuse(consent_faults(consent))
    known = consents.same(tx, talk.id, consent, recorded_by=by.actor, since=presses.since(now))
    if known is not None:
        return known
    added = consents.add(tx, talk.id, talk.municipality, (consent,), recorded_by=by.actor, now=now)[0]
    audit.note(
        tx, by, "consent:record", "consent", added, at=now, talk=talk.id, to=consent.to, given=consent.given
    )
    if consent.to == "municipality" and consent.given and talk.municipality_left_at is not None:
        talk_changes.let_municipality_back(tx, talk.id, now=now)
    elif not consent.given:
        _take_back(tx, talk, consent.to, consent.recipient, by=by, now=now)
    return added


def withdraw_consent(tx: Tx, talk_id: str, consent_id: str, *, by: Scope, now: int) -> None:
    """Take a consent back; doing it again changes nothing. Nothing is returned: who pressed may see the talk no more.

    Without the municipality the talk stays in the ward's list, booked but with no nurse: patient and ward may still
    want to sit down, or ask again, and only they can say so. A talk that the municipality hosts itself, or that only
    asks its team who can come, has nobody left and is cancelled. What was held and recorded is kept, out of the
    team's sight.
    """
    by.require("talks:write")
    talk = talks.get(tx, by, talk_id, "talks:write")
    consent = consents.get(tx, talk.id, consent_id)
    if consent is None:
        raise NotFound()
    if consent.withdrawn_at is not None:
        return
    audit.note(tx, by, "consent:withdraw", "consent", consent.id, at=now, talk=talk.id, to=consent.to)
    _take_back(tx, talk, consent.to, consent.recipient, by=by, now=now)


def _take_back(tx: Tx, talk: Talk, to: str, recipient: str, *, by: Scope, now: int) -> None:
    """Withdraw every consent to this recipient that stands, and act on it."""
    standing = [
        consent
        for consent in consents.of_talk(tx, talk.id)
        if consent.stands and consent.to == to and (to == "municipality" or consent.recipient == recipient)
    ]
    consents.withdraw(tx, [consent.id for consent in standing], by=by.actor, now=now)
    if to == "municipality" and talk.municipality_left_at is None:
        _let_municipality_go(tx, talk, now=now)
    elif to in ("relative", "gp"):
        _let_guests_go(tx, talk, to, recipient, now=now)


def _let_guests_go(tx: Tx, talk: Talk, role: str, recipient: str, *, now: int) -> None:
    """Take them off the talk, or, once it was held, keep from them what they could look back at. `recipient` is an id;
    a program may give a name, or none, which means everybody who comes as that."""
    gone = [
        person
        for person in talk.participants
        if person.role == role and recipient in ("", person.id, person.name)
    ]
    if talk.state in LIVE_STATES:
        after = replace(talk, sequence=talk.sequence + 1, stamp=next_stamp(talk, now))
        if gone and talk_changes.update(tx, after, version=talk.version, now=now):
            participants.remove(tx, gone, now=now)
            shut_out(tx, after, gone, now=now)
    else:
        summaries.hide(tx, [person.id for person in gone])
        outbox.drop_of_participants(tx, [person.id for person in gone])


def _let_municipality_go(tx: Tx, talk: Talk, *, now: int) -> None:
    nurses = [person for person in talk.participants if person.role == "nurse"]
    if talk.state not in LIVE_STATES:
        outbox.drop_of_participants(tx, [person.id for person in nurses])
        talk_changes.let_municipality_go(tx, talk, now=now)
        return
    after = replace(
        talk,
        nurse=None,
        state="booked",
        override_reason=None,
        sequence=talk.sequence + 1,
        stamp=next_stamp(talk, now),
    )
    talk_changes.let_municipality_go(tx, after, now=now)
    participants.remove(tx, nurses, now=now)
    shut_out(tx, after, nurses, now=now)
    if talk.ward is not None and talk.state != "asked":
        return
    if talk.state == "asked":
        outbox.drop_of_talk(tx, talk.id)
    else:
        call_off(tx, after, [person for person in talk.participants if person not in nurses], now=now)
    talk_changes.cancel(tx, after, "", now=now)
    links.revoke_of_talk(tx, talk.id, now=now)
