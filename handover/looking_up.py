"""Look up the patient's national id: only who may know more than the initials, and noted every time."""

from __future__ import annotations

from handover.domain.access import Scope
from handover.errors import NotFound
from handover.store import audit, consents, patients, talks
from handover.store.engine import Tx


def look_up_national_id(tx: Tx, talk_id: str, *, by: Scope, now: int) -> bytes:
    """The sealed number of the talk's patient. Raises `NotFound` when there is none, or the patient has said no."""
    talk = talks.get(tx, by, talk_id, "talks:write")
    patient = patients.get(tx, talk.patient)
    allowed = talk.hospital == by.organisation or consents.municipality_may_know(tx, talk.id)
    if patient.national_id is None or not allowed:
        raise NotFound()
    audit.note(tx, by, "patient:look-up", "patient", patient.id, at=now, talk=talk.id)
    return patient.national_id
