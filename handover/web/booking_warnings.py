"""What to think of before a talk is booked. None of it forbids the booking."""

from __future__ import annotations

from handover import words
from handover.domain.access import Scope
from handover.domain.bookings import Wanted
from handover.errors import N_
from handover.store import coming
from handover.store.engine import Tx
from handover.words import Speaker


def warnings(tx: Tx, wanted: Wanted, language: str, *, by: Scope, now: int) -> list[str]:
    """A talk that the patient has already, and one that who books has at the same time."""
    say = words.translations(language).gettext
    found = []
    before = coming.next_of_patient(tx, by, wanted.patient.reference.strip(), now=now)
    if before is not None:
        when = Speaker(language, by.zone).day_and_time(before)
        found.append(say(N_("This patient already has a talk on {when}.")).format(when=when))
    if coming.is_busy(tx, by.actor, wanted.start, wanted.start + wanted.length * 60):
        found.append(say(N_("You have another talk at that time yourself.")))
    return found
