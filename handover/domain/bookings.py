"""What people ask for when they book or change a talk, and what can be judged of it without looking anything up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal

from handover.domain.days import is_date
from handover.domain.talks import (
    GUEST_ROLES,
    INTERPRETED_MINUTES,
    LONGEST,
    SHORTEST,
    STEP_MINUTES,
    Form,
    MinorChildren,
    Participant,
    ParticipantRole,
)
from handover.errors import N_, FieldError

How = Literal["spoken", "written", "behalf"]
HOWS: tuple[How, ...] = ("spoken", "written", "behalf")
RECIPIENTS = ("municipality", "relative", "association", "gp")
MINOR_CHILDREN: tuple[MinorChildren, ...] = ("yes", "no", "not-asked")


class Keep(Enum):
    """The type of KEEP, which says that a change leaves a field as it is; None would say "empty it"."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True)
class Guest:
    """Somebody to invite. `id` names one who is on the talk already; a `ward` is a colleague, known by the e-mail."""

    role: ParticipantRole
    name: str
    email: str = ""
    phone: str = ""
    relation: str = ""
    language: str | None = None
    id: str | None = None


def as_guest(person: Participant) -> Guest:
    """Somebody who is on the talk, as a line of the list to change."""
    return Guest(
        person.role, person.name, person.email, person.phone, person.relation, person.language, person.id
    )


@dataclass(frozen=True)
class ConsentGiven:
    """What the patient said about one recipient. `recipient` names it when it is not the talk's municipality;
    `basis` says who speaks for a patient who cannot, and by what right."""

    to: str
    given: bool
    how: How
    asked_by: str
    basis: str = ""
    recipient: str = ""


@dataclass(frozen=True)
class PatientFacts:
    """Who the patient is. `reference` is the hospital's own; `national_id` comes encrypted."""

    initials: str
    reference: str
    name: str = ""
    phone: str = ""
    email: str = ""
    language: str | None = None
    sex: str | None = None
    birth_year: int | None = None
    national_id: bytes | None = None
    protected_address: bool = False


@dataclass(frozen=True)
class Wanted:
    """A talk to book. `start` is an instant, so that no hour is skipped or meant twice; without `minutes` a talk takes
    half an hour, an interpreted one an hour. `ward` is an id or a name, `override` the reason for a double booking."""

    municipality: str
    start: int
    programme: str
    language: str
    patient: PatientFacts
    consent: tuple[ConsentGiven, ...]
    minutes: int | None = None
    ward: str | None = None
    team: str | None = None
    place: str = ""
    interpreter: str | None = None
    themes: tuple[str, ...] = ()
    nurse: str | None = None
    discharge_on: str | None = None
    minor_children: MinorChildren = "not-asked"
    intended_form: Form = "video"
    participants: tuple[Guest, ...] = ()
    override: str | None = None

    @property
    def municipality_may_know(self) -> bool:
        """Whether the patient has said yes to the municipality."""
        return any(consent.to == "municipality" and consent.given for consent in self.consent)

    @property
    def length(self) -> int:
        """Minutes the talk will take."""
        return self.minutes or (INTERPRETED_MINUTES if self.interpreter else STEP_MINUTES)


@dataclass(frozen=True)
class Changes:
    """What to change on a talk; KEEP leaves a field alone. `participants` is the whole list of guests, by id."""

    start: int | Keep = KEEP
    minutes: int | Keep = KEEP
    nurse: str | Keep = KEEP
    language: str | Keep = KEEP
    place: str | Keep = KEEP
    interpreter: str | Keep | None = KEEP
    interpreter_state: str | Keep = KEEP
    interpreter_reference: str | Keep | None = KEEP
    themes: tuple[str, ...] | Keep = KEEP
    discharge_on: str | Keep | None = KEEP
    minor_children: MinorChildren | Keep = KEEP
    intended_form: Form | Keep = KEEP
    participants: tuple[Guest, ...] | Keep = KEEP
    override: str | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are to change, by name."""
        return {name: value for name, value in vars(self).items() if value is not KEEP and name != "override"}


def faults_of(wanted: Wanted) -> list[FieldError]:
    """What is wrong with a booking in itself."""
    faults = [*length_faults(wanted.length), *guest_faults(enumerate(wanted.participants))]
    for field, value in (("initials", wanted.patient.initials), ("reference", wanted.patient.reference)):
        if not value.strip():
            faults.append(FieldError(f"patient.{field}", "missing", N_("Fill this in.")))
    faults += value_faults(wanted.minor_children, wanted.discharge_on)
    for number, consent in enumerate(wanted.consent):
        faults += consent_faults(consent, f"consent.{number}.")
    return faults


def consent_faults(consent: ConsentGiven, prefix: str = "") -> list[FieldError]:
    """What is wrong with one consent."""
    faults = []
    if consent.to not in RECIPIENTS:
        faults.append(FieldError(prefix + "to", "unknown", N_("Choose who may know.")))
    if consent.how not in HOWS:
        faults.append(FieldError(prefix + "how", "unknown", N_("Say whether it was spoken or written.")))
    if consent.how == "behalf" and not consent.basis.strip():
        message = N_("Write who speaks for the patient, and on what basis.")
        faults.append(FieldError(prefix + "basis", "missing", message))
    if not consent.asked_by.strip():
        faults.append(FieldError(prefix + "asked_by", "missing", N_("Write who asked the patient.")))
    return faults


def length_faults(minutes: int) -> list[FieldError]:
    """Whether a talk may take so long."""
    shortest, longest = SHORTEST.seconds // 60, LONGEST.seconds // 60
    if shortest <= minutes <= longest:
        return []
    values = (("shortest", str(shortest)), ("longest", str(longest // 60)))
    message = N_("A conversation takes from {shortest} minutes to {longest} hours.")
    return [FieldError("minutes", "out-of-range", message, values)]


def value_faults(minor_children: str, discharge_on: str | None) -> list[FieldError]:
    """What is wrong with the facts that stand on the talk."""
    faults = []
    if minor_children not in MINOR_CHILDREN:
        faults.append(FieldError("minor_children", "unknown", N_("Choose yes, no or not asked.")))
    if discharge_on is not None and not is_date(discharge_on):
        faults.append(FieldError("discharge_on", "not-a-date", N_("Write the date as year-month-day.")))
    return faults


def guest_faults(lines: Iterable[tuple[int, Guest]]) -> list[FieldError]:
    """What is wrong with the people, by their lines: unknown roles, no name, the same person twice, two patients."""
    faults = []
    seen: set[tuple[str, ...]] = set()
    for number, guest in lines:
        field = f"participants.{number}."
        if guest.role not in GUEST_ROLES and guest.role != "ward":
            faults.append(FieldError(field + "role", "unknown", N_("Choose who this is.")))
        if not guest.name.strip():
            faults.append(FieldError(field + "name", "missing", N_("Write the name.")))
        marks: list[tuple[str, ...]] = [(guest.role, "name", guest.name.strip().casefold())]
        if guest.email:
            marks.append((guest.role, "email", guest.email.casefold()))
        if guest.role == "patient":
            marks.append(("patient",))
        if not seen.isdisjoint(marks):
            wrong = "email" if marks[-1] in seen and guest.email else "name"
            faults.append(FieldError(field + wrong, "duplicate", N_("This person is on the list already.")))
        seen.update(marks)
    return faults
