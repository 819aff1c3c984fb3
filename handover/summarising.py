"""What the patient takes home: the summary, who may see it, the code that opens it, the mail that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from calendars import invites
from calendars.events import Entry
from handover.domain import join_links, presses, summary_codes
from handover.domain.access import Scope
from handover.domain.days import local_date
from handover.domain.offers import Offer
from handover.domain.outcomes import Contact, Decision, Outcome
from handover.domain.patients import Patient
from handover.domain.talks import Participant, Talk
from handover.entering import patient_stopped
from handover.errors import N_, Conflict, Expired, NotFound
from handover.store import (
    accounts,
    audit,
    catalogue,
    links,
    outbox,
    outcomes,
    patients,
    places,
    summaries,
    talks,
)
from handover.store.engine import Row, Tx

EMERGENCY = {"DK": "112", "NO": "113"}


@dataclass(frozen=True)
class Agreed:
    """A decision with the offer it is about, in the version that was shown."""

    decision: Decision
    offer: Offer


@dataclass(frozen=True)
class Summary:
    """Everything on the sheet. `phone` is for when it gets worse, `contact_phone` for all else; `photo` is an id."""

    talk: Talk
    patient: Patient
    outcome: Outcome
    contact: Contact
    contact_title: str
    contact_phone: str
    photo: str | None
    accepted: tuple[Agreed, ...]
    thinking: tuple[Agreed, ...]
    phone: str
    emergency: str

    @property
    def held_on(self) -> date:
        """The day of the talk, where it was held."""
        return local_date(self.talk.starts_at, self.talk.zone)


@dataclass(frozen=True)
class Reader:
    """Somebody who may get the summary by link: the patient, and relatives once the patient has said yes.

    `code` is empty until there is one to tell.
    """

    participant: Participant
    may_see: bool
    code: str
    used_up: bool


@dataclass(frozen=True)
class Refused:
    """A wrong code; `left` more tries."""

    left: int


def summary_of(tx: Tx, talk: str, *, by: Scope) -> Summary:
    """The summary for staff to print. Raises `Conflict` `no-outcome` before one is saved."""
    return _summary(tx, talks.get(tx, by, talk, "outcomes:read"))


def readers(tx: Tx, talk: str, *, key: bytes, by: Scope) -> list[Reader]:
    """Who may get the summary by link, with the code to tell each of them."""
    found = talks.get(tx, by, talk, "outcomes:read")
    rows = {row["participant"]: row for row in summaries.links_of(tx, talk)}
    return [_reader(person, rows.get(person.id), key) for person in _addressees(found)]


def let_see(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> None:
    """Note that the patient says yes: this person may look back and see the summary. Saying it again is fine."""
    found = talks.get(tx, by, talk, "outcomes:write")
    person = _addressee(found, participant)
    if person.may_look_back or person.role == "patient":
        return
    summaries.let_see(tx, person.id, now=now)
    audit.note(tx, by, "summary:let-see", "participant", person.id, at=now, talk=talk)


def new_code(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> None:
    """Give somebody a code to open the summary with; the code before it, if any, opens nothing more."""
    found = talks.get(tx, by, talk, "outcomes:write")
    person = _addressee(found, participant)
    link = links.of_participant(tx, "summary", person.id)
    if link is None:
        links.ensure(tx, "summary", talk, person.id, now=now)
    else:
        summaries.new_code(tx, link["id"])
    audit.note(tx, by, "summary:new-code", "participant", person.id, at=now, talk=talk)


def send(tx: Tx, talk: str, *, by: Scope, now: int) -> list[str]:
    """Write to everybody who may see the summary and has an address that it is ready; returns the names of those who
    get a mail now. Who got one a moment ago gets no second; after a while pressing again writes again.
    """
    found = talks.get(tx, by, talk, "outcomes:write")
    if found.stopped_at is not None:
        raise patient_stopped()
    if found.state != "held":
        raise no_outcome()
    reached = [
        person
        for person in _addressees(found)
        if person.email and (person.role == "patient" or person.may_look_back)
    ]
    if not reached:
        raise Conflict(
            "no-address", N_("Nobody who may see the summary has a mail address. Print it instead.")
        )
    written = outbox.written_since(tx, "summary-ready", [person.id for person in reached], presses.since(now))
    reached = [person for person in reached if person.id not in written]
    if not reached:
        return []
    for person in reached:
        links.ensure(tx, "summary", talk, person.id, now=now)
        outbox.write_letter(tx, "summary-ready", talk=talk, participant=person.id, now=now)
    audit.note(tx, by, "summary:send", "talk", talk, at=now, talk=talk, to=[person.id for person in reached])
    return [person.name for person in reached]


def addressee(tx: Tx, token: str, *, key: bytes, now: int) -> tuple[Talk, Participant]:
    """Whose summary link this is. Raises `Expired` for one that is wrong, has run out or was taken back, all alike."""
    talk, link = _behind(tx, token, key, now)
    person = talk.participant(link["participant"])
    assert person is not None
    return talk, person


def unlock(tx: Tx, token: str, code: str, *, key: bytes, now: int) -> Summary | Refused:
    """The summary for somebody with a good link and the code; every wrong code counts, a right one starts again."""
    talk, link = _behind(tx, token, key, now)
    if summary_codes.used_up(link):
        return Refused(0)
    if not summary_codes.fits(key, link, code):
        summaries.count_try(tx, link["id"])
        return Refused(summary_codes.TRIES - int(link["tries"]) - 1)
    summaries.forget_tries(tx, link["id"])
    person = talk.participant(link["participant"])
    assert person is not None
    audit.note(
        tx, Scope("guest", person.id, person.name), "summary:read", "talk", talk.id, at=now, talk=talk.id
    )
    return _summary(tx, talk)


def dated(summary: Summary) -> list[Agreed]:
    """Accepted offers that begin on a known day."""
    return [one for one in summary.accepted if one.offer.facts.next_start(summary.held_on.isoformat())]


def calendar_of(summary: Summary, language: str) -> bytes:
    """The first times of the accepted offers as a calendar file, in words of `language`."""
    return invites.entries([_entry(summary, one.offer, language) for one in dated(summary)])


def _entry(summary: Summary, offer: Offer, language: str) -> Entry:
    start = offer.facts.next_start(summary.held_on.isoformat())
    assert start is not None
    day = date.fromisoformat(start)
    zone = ZoneInfo(summary.talk.zone)
    return Entry(
        uid=f"{offer.id}-{summary.talk.uid}",
        stamp=datetime.fromtimestamp(summary.outcome.saved_at or summary.talk.ends_at, UTC),
        start=datetime.combine(day, time.fromisoformat(offer.facts.time), zone) if offer.facts.time else day,
        zone=summary.talk.zone,
        summary=offer.text(language).name,
        description=f"{offer.provider_name}\n{summary.contact.name} {summary.contact_phone}".strip(),
        location=offer.facts.place or "",
    )


def _behind(tx: Tx, token: str, key: bytes, now: int) -> tuple[Talk, Row]:
    parsed = join_links.parse(token)
    link = links.by_id(tx, parsed.link) if parsed else None
    if parsed is None or link is None or not join_links.genuine(key, parsed, "summary", link["generation"]):
        raise _over()
    talk = talks.load(tx, link["talk"])
    if talk is None or not summary_codes.may_open(link, talk, now):
        raise _over()
    return talk, link


def _summary(tx: Tx, talk: Talk) -> Summary:
    outcome = outcomes.load(tx, talk.id)
    if not outcome.version:
        raise no_outcome()
    patient, home = patients.get(tx, talk.patient), places.municipality(tx, talk.municipality)
    assert home is not None
    account = accounts.by_id(tx, outcome.contact.account) if outcome.contact.account else None
    return Summary(
        talk,
        patient,
        outcome,
        outcome.contact,
        account["title"] if account else "",
        outcome.contact.phone or talk.team_phone,
        account["photo"] if account else None,
        _agreed(tx, talk, outcome, "accepted"),
        _agreed(tx, talk, outcome, "undecided"),
        talk.ward_phone or talk.team_phone,
        EMERGENCY[home["country"]],
    )


def _agreed(tx: Tx, talk: Talk, outcome: Outcome, decision: str) -> tuple[Agreed, ...]:
    versions = outcomes.decided_versions(tx, talk.id)
    offers = catalogue.in_versions(tx, list(versions.values()))
    return tuple(
        Agreed(one, offers[versions[one.key]]) for one in outcome.decisions if one.decision == decision
    )


def _addressees(talk: Talk) -> list[Participant]:
    return [person for person in talk.participants if person.role in ("patient", "relative")]


def _addressee(talk: Talk, participant: str) -> Participant:
    person = talk.participant(participant)
    if person is None or person not in _addressees(talk):
        raise NotFound()
    return person


def _reader(person: Participant, link: Row | None, key: bytes) -> Reader:
    usable = link is not None and link["revoked_at"] is None
    return Reader(
        person,
        person.role == "patient" or person.may_look_back,
        summary_codes.code(key, link) if link is not None and usable else "",
        link is not None and usable and summary_codes.used_up(link),
    )


def no_outcome() -> Conflict:
    """Nothing has been saved yet that could be told."""
    return Conflict("no-outcome", N_("Save the outcome first. The summary is made from it."))


def _over() -> Expired:
    return Expired("summary-over", N_("This link no longer works. Ring the ward, and ask for the summary."))
