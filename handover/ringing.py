"""Ring somebody who cannot come by a link: whoever is on the phone takes part, and everybody is told so."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.talks import Participant, Talk
from handover.errors import N_, Conflict, NotFound
from handover.store import audit, consents, seats, stays, talks
from handover.store.engine import Tx


@dataclass(frozen=True)
class Invited:
    """Somebody on the talk, as those see them who may ring. `phone` is empty where there is none to see."""

    person: Participant
    phone: str
    on_phone: bool


@dataclass(frozen=True)
class OnPhone:
    """Somebody who is on the phone, as everybody in the room is told."""

    participant: str
    name: str
    role: str


def invited(tx: Tx, talk: str, *, by: Scope) -> list[Invited]:
    """Everybody on the talk, with the number to ring when they do not come or their line is lost."""
    found = talks.get(tx, by, talk, "room")
    phoning = stays.here(tx, talk, "phone")
    may_know = found.hospital == by.organisation or consents.municipality_may_know(tx, talk)
    return [
        Invited(person, person.phone if may_know else "", person.id in phoning)
        for person in found.participants
    ]


def on_phone(tx: Tx, talk: Talk) -> list[OnPhone]:
    """Who is on the phone now. Who asks has been let in to the talk."""
    phoning = stays.here(tx, talk.id, "phone")
    return [
        OnPhone(person.id, _called(tx, person), person.role)
        for person in talk.participants
        if person.id in phoning
    ]


def ring(
    tx: Tx, talk: str, participant: str, *, line_lost: bool = False, by: Scope, now: int
) -> list[OnPhone]:
    """Note that somebody takes part by phone from now on; noting it again changes nothing. Returns who does.

    Who sits in the room need not be rung, unless their line is lost.
    """
    found = talks.get(tx, by, talk, "room")
    if found.participant(participant) is None:
        raise NotFound()
    if join_links.standing(found, now) == "over":
        raise Conflict("talk-over", N_("This talk is over or called off, so nobody can come to it any more."))
    if not line_lost and participant in stays.here(tx, talk, "device"):
        raise Conflict("already-here", N_("They are in the room already."))
    if participant not in stays.here(tx, talk, "phone"):
        stays.begin(tx, talk, participant, "phone", account=None, now=now)
        audit.note(tx, by, "phone:on", "participant", participant, at=now, talk=talk)
    return on_phone(tx, found)


def hang_up(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> list[OnPhone]:
    """Note that somebody is no longer on the phone; noting it again changes nothing. Returns who still is."""
    found = talks.get(tx, by, talk, "room")
    if found.participant(participant) is None:
        raise NotFound()
    if stays.finish(tx, talk, participant, "phone", now=now):
        audit.note(tx, by, "phone:off", "participant", participant, at=now, talk=talk)
    return on_phone(tx, found)


def come_back(tx: Tx, talk: str, participant: str, *, now: int) -> list[OnPhone] | None:
    """Somebody's line to the others works, so they need no phone. Returns who still is on the phone; None when this one
    was not."""
    if not stays.finish(tx, talk, participant, "phone", now=now):
        return None
    found = talks.load(tx, talk)
    return on_phone(tx, found) if found else []


def _called(tx: Tx, person: Participant) -> str:
    """As they introduced themselves, if they ever did."""
    seat = seats.of_participant(tx, person.id)
    return seat["name"] if seat is not None and seat["name"] else person.name
