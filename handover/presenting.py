"""Show an offer to the people of a talk, and say what each of them may look back at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from handover.cataloguing import find
from handover.domain.access import Scope
from handover.domain.offers import Audience, Offer
from handover.domain.talks import Participant, Talk
from handover.errors import N_, Conflict, NotFound
from handover.store import audit, catalogue, patients, seats, showings, stays, talks
from handover.store.engine import Tx


@dataclass(frozen=True)
class Showing:
    """An offer on people's screens, in the version that was shown."""

    talk: str
    offer: Offer
    audience: Audience
    shown_at: int


def show(tx: Tx, talk: str, offer: str, audience: Audience, *, by: Scope, now: int) -> Showing:
    """Put an offer on the screens of everyone, or of patient and ward only; showing it again changes nothing.

    With another audience the same showing becomes wider or narrower. When the offer has got a new version since, that
    one is shown from now on.
    """
    by.require("room")
    found = talks.get(tx, by, talk)
    if found.state == "cancelled":
        raise Conflict("talk-cancelled", N_("This talk has been cancelled."))
    wanted = catalogue.get(tx, offer)
    if wanted is None:
        raise NotFound()
    before = {row["offer"]: row for row in showings.of_talk(tx, talk)}.get(offer)
    if before is not None and (before["audience"], before["offer_version"]) == (audience, wanted.version):
        return Showing(talk, wanted, audience, before["shown_at"])
    row = showings.put(tx, talk, offer, wanted.version, audience, by=by.actor, now=now)
    audit.note(
        tx, by, "offer:show", "offer", offer, at=now, talk=talk, audience=audience, version=wanted.version
    )
    return Showing(talk, wanted, audience, row["shown_at"])


def take_away(tx: Tx, talk: str, offer: str, *, by: Scope, now: int) -> None:
    """Take an offer off the screens that was shown by mistake; taking it away again changes nothing.

    What stands in a saved outcome stays shown: `Conflict` (`offer-recorded`).
    """
    by.require("room")
    talks.get(tx, by, talk)
    if showings.recorded(tx, talk, offer):
        raise Conflict(
            "offer-recorded", N_("It stands in the saved outcome, so it stays. Change the decision instead.")
        )
    if showings.remove(tx, talk, offer):
        audit.note(tx, by, "offer:take-away", "offer", offer, at=now, talk=talk)


def shown(tx: Tx, talk: str) -> list[Showing]:
    """Everything that was shown in a talk, newest first. Who asks has been let in to the talk."""
    rows = showings.of_talk(tx, talk)
    offers = catalogue.in_versions(tx, [row["offer_version"] for row in rows])
    return [
        Showing(talk, offers[row["offer_version"]], row["audience"], row["shown_at"])
        for row in reversed(rows)
    ]


def shown_to(tx: Tx, talk: Talk, participant: Participant) -> list[Showing]:
    """What a guest sees of the offers while in the talk, and afterwards: newest first.

    Raises `NotFound` for somebody who was never let in, and, once they have left, for everyone but the patient
    unless the patient has said that they may look back.
    """
    seat = seats.of_participant(tx, participant.id)
    if seat is None or seat["admitted_at"] is None:
        raise NotFound()
    may_look_back = participant.role == "patient" or participant.may_look_back
    if not may_look_back and stays.has_left(tx, talk.id, participant.id):
        raise NotFound()
    return [one for one in shown(tx, talk.id) if _sees(talk, participant, one.audience)]


def open_to_patient(
    tx: Tx, talk: str, *, theme: str | None = None, q: str = "", language: str, by: Scope, now: int
) -> list[Offer]:
    """The catalogue as far as it is for this talk's patient; what answers the needs ticked for them comes first."""
    found = talks.get(tx, by, talk)
    patient = patients.get(tx, found.patient)
    this_year = datetime.fromtimestamp(now, UTC).year
    return find(
        tx,
        municipality=found.municipality,
        programme=found.programme,
        theme=theme,
        q=q,
        sex=patient.sex,
        age=this_year - patient.birth_year if patient.birth_year else None,
        needs=found.themes,
        language=language,
    )


def _sees(talk: Talk, person: Participant, audience: Audience) -> bool:
    """An interpreter reads what the patient reads: they have to put it into words."""
    if audience == "everyone" or person.role in ("ward", "nurse", "patient"):
        return True
    spoken_for = talk.participant(person.speaks_for) if person.speaks_for else None
    return person.role == "interpreter" and spoken_for is not None and spoken_for.role == "patient"
