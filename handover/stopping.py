"""Cancel a talk and tell everybody, or stop everything about a patient without a word."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from handover.domain.access import Scope
from handover.domain.talks import LIVE_STATES, Talk
from handover.errors import N_, FieldError, refuse
from handover.inviting import call_off, next_stamp
from handover.moving import still_to_come
from handover.store import audit, links, outbox, patients, talk_changes, talks
from handover.store.engine import Tx

Because = Literal["died", "readmitted", "other"]
REASONS: tuple[Because, ...] = ("died", "readmitted", "other")


def cancel(tx: Tx, talk_id: str, reason: str, *, by: Scope, now: int) -> Talk:
    """Cancel a talk and take it out of everybody's calendar. Cancelling again changes nothing and writes to nobody."""
    by.require("talks:write")
    talk = talks.get(tx, by, talk_id, "talks:write")
    if talk.state == "cancelled":
        return talk
    still_to_come(talk)
    cancelled = replace(talk, sequence=talk.sequence + 1, stamp=next_stamp(talk, now))
    talk_changes.cancel(tx, cancelled, reason, now=now)
    links.revoke_of_talk(tx, talk.id, now=now)
    if talk.state == "asked":  # only the team was asked; nobody has it in a calendar
        outbox.drop_of_talk(tx, talk.id)
    else:
        call_off(tx, cancelled, talk.participants, now=now)
    audit.note(tx, by, "talk:cancel", "talk", talk.id, at=now, talk=talk.id, reasoned=bool(reason.strip()))
    return talks.get(tx, by, talk.id, "talks:write")


def stop(tx: Tx, talk_id: str, because: Because, *, by: Scope, now: int) -> Talk:
    """Stop everything silently: no mail, no reminder, no link. Stopping again changes nothing.

    After a death this goes for every talk the patient has, and nothing can be booked until `undo_stop`. A readmission
    is a pause: the talks of this pathway stop, and it stays open for a new one.
    """
    by.require("talks:write")
    talk = talks.get(tx, by, talk_id, "talks:write")
    if because not in REASONS:
        refuse([FieldError("because", "unknown", N_("Choose why it stops."))])
    theirs = [
        other.id
        for other in talks.of_patient(tx, talk.patient)
        if (because == "died" or other.pathway == talk.pathway)
        and (other.stopped_because != because or other.state in LIVE_STATES)
    ]
    if not theirs:
        return talk
    talk_changes.stop(tx, theirs, because, now=now)
    outbox.drop_of_talks(tx, theirs)
    links.revoke_of_talks(tx, theirs, now=now)
    if because == "died":
        patients.close_pathways(tx, talk.patient, because, now=now)
    audit.note(tx, by, "talk:stop", "talk", talk.id, at=now, talk=talk.id, because=because, talks=theirs)
    return talks.get(tx, by, talk.id, "talks:write")


def undo_stop(tx: Tx, talk_id: str, *, by: Scope, now: int) -> Talk:
    """It was a mistake that the patient died: talks can be booked again. What was cancelled stays cancelled."""
    by.require("talks:write")
    talk = talks.get(tx, by, talk_id, "talks:write")
    if patients.reopen_pathways(tx, talk.patient, "died"):
        talk_changes.forget_stop(tx, talk.patient, "died")
        audit.note(tx, by, "talk:undo-stop", "talk", talk.id, at=now, talk=talk.id)
    return talks.get(tx, by, talk.id, "talks:write")
