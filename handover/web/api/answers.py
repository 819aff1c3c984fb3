"""What programs are told: times are RFC 3339 with the offset of the place they are about.

The typed dictionaries are the shapes of the OpenAPI document and of what is sent, both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict

from handover.domain.talks import Participant, Talk


class Named(TypedDict):
    """Something with an id and a name."""

    id: str
    name: str


class ParticipantOut(TypedDict):
    """Somebody who takes part. `join_url` comes once: in the answer to the booking, for guests."""

    id: str
    role: str
    name: str
    relation: str
    language: str
    response: str
    join_url: NotRequired[str]


class TalkOut(TypedDict):
    """A talk."""

    id: str
    uid: str
    sequence: int
    version: int
    state: str
    start: str
    end: str
    minutes: int
    municipality: str
    ward: Named | None
    team: Named
    nurse: Named | None
    programme: str
    language: str
    interpreter: str | None
    themes: list[str]
    place: str
    discharge_on: str | None
    minor_children: str
    override: str | None
    participants: list[ParticipantOut]


class TalkList(TypedDict):
    """A page of talks; `next` asks for the following page, or is null."""

    items: list[TalkOut]
    next: str | None


class SlotOut(TypedDict):
    """A free time and who is free then."""

    start: str
    end: str
    nurses: list[Named]


class SlotsOut(TypedDict):
    """Free times. `degraded` names nurses whose other calendar could not be read."""

    slots: list[SlotOut]
    degraded: list[Named]


class MeOut(TypedDict):
    """Who the token belongs to."""

    organisation: Named
    kind: str
    wards: list[Named]
    teams: list[Named]
    scopes: list[str]


class OfferOut(TypedDict):
    """An offer in the best language there is; `lang` says which it became."""

    id: str
    name: str
    summary: str
    lang: str
    kind: str
    provider: str
    programmes: list[str]
    themes: list[str]
    place: str | None
    price: str
    starts: list[str]


class OfferList(TypedDict):
    """Offers open to somebody who lives there."""

    items: list[OfferOut]
    next: str | None


class DecisionOut(TypedDict):
    """A decision; `for` is patient, relative or child."""

    offer: str
    decision: str | None
    reason: str | None
    ask_again: str | None
    words: str


class OutcomeOut(TypedDict):
    """What came of a talk."""

    version: int
    form: str
    present: list[str]
    decisions: list[DecisionOut]
    unmet: list[dict[str, str]]
    contact: dict[str, str]
    follow_up_on: str | None
    words: str


def moment(instant: int, zone: str) -> str:
    """An instant as RFC 3339 in a zone."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat()


def talk_out(one: Talk, join_urls: Mapping[str, str] | None = None) -> TalkOut:
    """A talk. `join_urls` (participant → address) is given only to the organisation that has just booked it."""
    return TalkOut(
        id=one.id,
        uid=one.uid,
        sequence=one.sequence,
        version=one.version,
        state=one.state,
        start=moment(one.starts_at, one.zone),
        end=moment(one.ends_at, one.zone),
        minutes=one.minutes,
        municipality=one.municipality,
        ward=Named(id=one.ward, name=one.ward_name) if one.ward else None,
        team=Named(id=one.team, name=one.team_name),
        nurse=Named(id=one.nurse, name=one.nurse_name) if one.nurse else None,
        programme=one.programme,
        language=one.language,
        interpreter=one.interpreter,
        themes=list(one.themes),
        place=one.place,
        discharge_on=one.discharge_on,
        minor_children=one.minor_children,
        override=one.override_reason,
        participants=[_participant(person, (join_urls or {}).get(person.id)) for person in one.participants],
    )


def _participant(person: Participant, join_url: str | None) -> ParticipantOut:
    told = ParticipantOut(
        id=person.id,
        role=person.role,
        name=person.name,
        relation=person.relation,
        language=person.language,
        response=person.response,
    )
    if join_url is not None:
        told["join_url"] = join_url
    return told


def slot_out(slot: Mapping[str, Any], zone: str) -> SlotOut:
    """A free time as the stories tell it (instants), with its offset."""
    return SlotOut(
        start=moment(slot["start"], zone), end=moment(slot["end"], zone), nurses=list(slot["nurses"])
    )
