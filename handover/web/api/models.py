"""What programs send: one model a request. The same models parse the request and make the OpenAPI document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Literal, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from handover.domain.bookings import Changes, ConsentGiven, Guest, PatientFacts, Wanted, as_guest
from handover.domain.outcomes import Contact, Decision, Outcome, Unmet
from handover.domain.talks import Participant, Talk
from handover.web.api.parsing import YEARS
from handover.web.texts import is_clean, is_email, is_phone

Language = Literal["da", "nb", "en"]
Role = Literal["ward", "nurse", "patient", "relative", "interpreter", "gp", "peer", "other"]


def _clean(text: str) -> str:
    if not is_clean(text):
        raise ValueError("unreadable")
    return text


def _clean_lines(text: str) -> str:
    if not is_clean(text, lines=True):
        raise ValueError("unreadable")
    return text


def _email(text: str) -> str:
    if text and not is_email(text):
        raise ValueError("not-an-address")
    return text


def _phone(text: str) -> str:
    if text and not is_phone(text):
        raise ValueError("not-a-number")
    return text


def _in_our_time(at: datetime) -> datetime:
    """Clocks and calendars are not asked about the year 1 or 9999, which they cannot answer."""
    if at.year not in YEARS:
        raise ValueError("year-unusable")
    return at


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError("not-a-date") from error


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_clean)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_clean_lines)
]
Name = Annotated[Line, StringConstraints(min_length=1)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30), AfterValidator(_phone)]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Id = Annotated[str, StringConstraints(max_length=64), AfterValidator(_clean)]


class Model(BaseModel):
    """Unknown fields are refused: a misspelt `discharge_no` must not vanish silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PatientIn(Model):
    """Who the patient is. `reference` is the hospital's own; nothing here reaches a mail."""

    initials: Annotated[Name, StringConstraints(max_length=10)]
    reference: Annotated[Name, StringConstraints(max_length=64)]
    name: Line = ""
    email: Email = ""
    phone: Phone = ""
    national_id: Annotated[str, StringConstraints(max_length=13)] | None = None
    sex: Literal["female", "male", "other"] | None = None
    birth_year: Annotated[int, Field(ge=1890, le=2100)] | None = None
    protected_address: bool = False

    def facts(self, language: str, sealed: bytes | None) -> PatientFacts:
        """In the domain's words; `sealed` is the encrypted national id."""
        return PatientFacts(
            initials=self.initials,
            reference=self.reference,
            name=self.name,
            phone=self.phone,
            email=self.email,
            language=language,
            sex=self.sex,
            birth_year=self.birth_year,
            national_id=sealed,
            protected_address=self.protected_address,
        )


class ConsentIn(Model):
    """What the patient said about one recipient."""

    to: Literal["municipality", "relative", "association", "gp"]
    given: bool
    how: Literal["spoken", "written", "behalf"] = "spoken"
    asked_by: Name
    basis: Line = ""
    recipient: Line = ""

    def given_consent(self) -> ConsentGiven:
        """In the domain's words."""
        return ConsentGiven(self.to, self.given, self.how, self.asked_by, self.basis, self.recipient)


class ParticipantIn(Model):
    """Somebody to invite; `id` names one who is on the talk already."""

    role: Role
    name: Name
    email: Email = ""
    phone: Phone = ""
    relation: Line = ""
    language: Language | None = None
    id: Id | None = None

    def guest(self) -> Guest:
        """In the domain's words."""
        return Guest(self.role, self.name, self.email, self.phone, self.relation, self.language, self.id)


class ParticipantChange(Model):
    """A line of the new list: somebody new, or by `id` somebody who is on the talk already, with what is to be
    another. A list may be sent back as it was read: `response` is theirs to give and changes nothing."""

    id: Id | None = None
    role: Role | None = None
    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    relation: Line | None = None
    language: Language | None = None
    response: Literal["none", "accepted", "tentative", "declined"] | None = None

    def guest(self, known: Participant | None) -> Guest:
        """In the domain's words; what is left out stays as it was."""
        before = as_guest(known) if known else Guest(cast(Role, ""), "")  # refused unless both are given
        given = self.model_dump(exclude={"response"}, exclude_none=True)
        return replace(before, **given)


class TalkIn(Model):
    """A talk to book."""

    municipality: Annotated[str, StringConstraints(max_length=4)]
    start: Moment
    minutes: Annotated[int, Field(ge=10, le=240)]
    programme: Id
    language: Language
    patient: PatientIn
    consent: list[ConsentIn]
    ward: Line | None = None
    place: Line = ""
    interpreter: Id | None = None
    themes: Annotated[list[Id], Field(max_length=30)] = []
    nurse: Id | None = None
    discharge_on: Day | None = None
    minor_children: Literal["yes", "no", "not-asked"] = "not-asked"
    participants: Annotated[list[ParticipantIn], Field(max_length=20)] = []
    override: Annotated[Line, StringConstraints(min_length=1)] | None = None

    def wanted(self, sealed: bytes | None) -> Wanted:
        """In the domain's words; `sealed` is the patient's encrypted national id."""
        return Wanted(
            municipality=self.municipality,
            start=int(self.start.timestamp()),
            minutes=self.minutes,
            programme=self.programme,
            language=self.language,
            patient=self.patient.facts(self.language, sealed),
            consent=tuple(consent.given_consent() for consent in self.consent),
            ward=self.ward,
            place=self.place,
            interpreter=self.interpreter,
            themes=tuple(self.themes),
            nurse=self.nurse,
            discharge_on=self.discharge_on,
            minor_children=self.minor_children,
            participants=tuple(person.guest() for person in self.participants),
            override=self.override,
        )


class TalkChanges(Model):
    """What to change; a field that is left out stays as it is. `participants` replaces the list, by id."""

    version: int
    start: Moment | None = None
    minutes: Annotated[int, Field(ge=10, le=240)] | None = None
    nurse: Id | None = None
    language: Language | None = None
    place: Line | None = None
    interpreter: Id | None = None
    themes: Annotated[list[Id], Field(max_length=30)] | None = None
    discharge_on: Day | None = None
    minor_children: Literal["yes", "no", "not-asked"] | None = None
    participants: Annotated[list[ParticipantChange], Field(max_length=20)] | None = None
    override: Annotated[Line, StringConstraints(min_length=1)] | None = None

    def changes(self, talk: Talk) -> Changes:
        """In the domain's words, for this talk."""
        given = {}
        for name in self.model_fields_set - {"version", "override"}:
            value = getattr(self, name)
            if value is None and name not in ("interpreter", "discharge_on"):
                continue  # null empties these two; for the others it says nothing
            if name == "start":
                value = int(value.timestamp())
            elif name == "themes":
                value = tuple(value)
            elif name == "participants":
                value = tuple(person.guest(talk.participant(person.id or "")) for person in value)
            given[name] = value
        return Changes(**given, override=self.override)


class CancelIn(Model):
    """Why; `silent` stops everything without a word to anybody (death, readmission)."""

    reason: Line = ""
    silent: bool = False


Reason = Literal["too-far", "too-ill", "time", "group", "alone", "cost", "language", "other"]
OrNothing = BeforeValidator(lambda value: None if value == "" else value)  # empty says as little as null


class DecisionIn(Model):
    """What one person said to one offer; null: shown, nothing decided."""

    offer: Id
    for_: Annotated[Literal["patient", "relative", "child"], Field(alias="for")] = "patient"
    decision: Literal["accepted", "undecided", "declined", "has-already", "not-relevant"] | None = None
    reason: Annotated[Reason | None, OrNothing] = None
    ask_again: Annotated[Day | None, OrNothing] = None
    words: Words = ""


class UnmetIn(Model):
    """A need that no offer answers."""

    theme: Id
    words: Words = ""


class ContactIn(Model):
    """Whom the patient may ring."""

    name: Line = ""
    phone: Phone = ""
    hours: Line = ""
    account: Id | None = None


class OutcomeIn(Model):
    """What came of the talk. `version` is the one that was read (0 when there is none yet)."""

    version: int
    form: Literal["video", "phone", "in-person"] = "video"
    present: Annotated[list[Id], Field(max_length=30)] = []
    decisions: Annotated[list[DecisionIn], Field(max_length=200)] = []
    unmet: Annotated[list[UnmetIn], Field(max_length=30)] = []
    contact: ContactIn = ContactIn()
    follow_up_on: Annotated[Day | None, OrNothing] = None
    words: Words = ""

    def outcome(self) -> Outcome:
        """In the domain's words."""
        return Outcome(
            form=self.form,
            present=tuple(self.present),
            decisions=tuple(
                Decision(one.offer, one.for_, one.decision, one.reason, one.ask_again, one.words)
                for one in self.decisions
            ),
            unmet=tuple(Unmet(one.theme, one.words) for one in self.unmet),
            contact=Contact(self.contact.name, self.contact.phone, self.contact.hours, self.contact.account),
            follow_up_on=self.follow_up_on,
            words=self.words,
            version=self.version,
        )
