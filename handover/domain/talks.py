"""A talk: the conversation before (or after) discharge, its states and the moves between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

State = Literal["asked", "booked", "confirmed", "held", "not-held", "cancelled"]
ParticipantRole = Literal["ward", "nurse", "patient", "relative", "interpreter", "gp", "peer", "other"]
MinorChildren = Literal["yes", "no", "not-asked"]
Form = Literal["video", "phone", "in-person"]
Response = Literal["none", "accepted", "tentative", "declined"]

STATES: tuple[State, ...] = ("asked", "booked", "confirmed", "held", "not-held", "cancelled")
GUEST_ROLES: tuple[ParticipantRole, ...] = ("patient", "relative", "interpreter", "gp", "peer", "other")
STAFF_ROLES: tuple[ParticipantRole, ...] = ("ward", "nurse")
FORMS: tuple[Form, ...] = ("video", "phone", "in-person")
INTERPRETER_STATES = ("needed", "ordered", "confirmed")

# asked: the ward wants it now and no nurse has said yes yet. A held talk is never un-held by a machine.
MOVES: dict[State, frozenset[State]] = {
    "asked": frozenset({"booked", "confirmed", "cancelled"}),
    "booked": frozenset({"asked", "confirmed", "held", "not-held", "cancelled"}),
    "confirmed": frozenset({"asked", "booked", "held", "not-held", "cancelled"}),
    "held": frozenset({"not-held"}),
    "not-held": frozenset({"held"}),
    "cancelled": frozenset(),
}
LIVE_STATES: tuple[State, ...] = ("asked", "booked", "confirmed")

LONGEST = timedelta(hours=4)
SHORTEST = timedelta(minutes=10)
STEP_MINUTES = 30  # talks start on the half hour: two calendars agree sooner on a coarse grid
INTERPRETED_MINUTES = 60  # everything is said twice
LINK_OUTLIVES_TALK = timedelta(hours=24)
ROOM_SHOWN_AFTER = timedelta(hours=1)  # talks run late, and outcomes are saved while people still talk
ROOM_OPENS_BEFORE = timedelta(minutes=30)  # relatives arrive early; wards do not


def may_become(state: State, wanted: State) -> bool:
    """Whether the move is one people make."""
    return wanted in MOVES[state]


@dataclass(frozen=True)
class Participant:
    """Somebody invited. Staff have an `account`; guests have a join link instead."""

    id: str
    role: ParticipantRole
    name: str
    language: str
    account: str | None = None
    email: str = ""
    phone: str = ""
    relation: str = ""
    speaks_for: str | None = None
    response: Response = "none"
    delivery: str = "none"
    may_look_back: bool = False

    @property
    def guest(self) -> bool:
        """Whether they come by link. A ward booked for by a program has no account, and is staff all the same."""
        return self.role in GUEST_ROLES


@dataclass(frozen=True)
class Talk:
    """A talk as its pages and letters need it. Instants are epoch seconds UTC; `zone` is where the ward is."""

    id: str
    uid: str
    state: State
    starts_at: int
    ends_at: int
    zone: str
    language: str
    version: int
    sequence: int
    stamp: int
    hospital: str
    hospital_name: str
    ward: str | None
    ward_name: str
    ward_phone: str
    municipality: str
    municipality_name: str
    team: str
    team_name: str
    team_phone: str
    nurse: str | None
    nurse_name: str
    programme: str
    patient: str
    pathway: str
    place: str
    interpreter: str | None
    interpreter_state: str | None
    interpreter_reference: str | None
    discharge_on: str | None
    minor_children: MinorChildren
    intended_form: Form
    themes: tuple[str, ...]
    participants: tuple[Participant, ...]
    override_reason: str | None = None
    cancel_reason: str | None = None
    stopped_at: int | None = None
    stopped_because: str | None = None
    municipality_left_at: int | None = None  # consent withdrawn: the team no longer sees or hears of the talk

    @property
    def lacks_nurse(self) -> bool:
        """Whether a nurse is still to be found. A team that the patient has sent away does not look for one."""
        return self.state in LIVE_STATES and self.nurse is None and self.municipality_left_at is None

    @property
    def minutes(self) -> int:
        """How long it is planned to last."""
        return (self.ends_at - self.starts_at) // 60

    def participant(self, participant: str) -> Participant | None:
        """The participant with this id, unless removed."""
        return next((person for person in self.participants if person.id == participant), None)
