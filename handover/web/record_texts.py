"""The outcome in words for the record system: everything that templates/summaries/record.txt says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handover import recording, summarising, words
from handover.domain.access import Scope
from handover.domain.consents import Consent
from handover.domain.outcomes import Decision, Outcome
from handover.domain.talks import Talk
from handover.errors import N_
from handover.store import catalogue, consents, outcomes, participants, patients, programmes
from handover.store.engine import Tx
from handover.web.vocabulary import vocabulary

_HOW = {
    "spoken": N_("spoken"),
    "written": N_("written"),
    "behalf": N_("given by somebody who speaks for the patient"),
}


@dataclass(frozen=True)
class Record:
    """The text's parts, in the reader's language."""

    talk: Talk
    initials: str
    outcome: Outcome
    present: tuple[str, ...]
    consents: tuple[str, ...]
    decisions: tuple[tuple[str, str], ...]
    unmet: tuple[str, ...]
    contact: str


def record_of(tx: Tx, talk: str, language: str, *, by: Scope) -> Record:
    """The record's text for a talk. Raises `Conflict` `no-outcome` before an outcome is saved."""
    found, outcome = recording.outcome_of(tx, talk, by=by)
    if outcome.version == 0:
        raise summarising.no_outcome()
    patient = patients.get(tx, found.patient)
    themes = programmes.themes(tx, language)
    contact = outcome.contact
    return Record(
        found,
        patient.initials,
        outcome,
        tuple(_present(found, outcome, language)),
        tuple(
            _consent(found, one, participants.names(tx, talk), language) for one in consents.of_talk(tx, talk)
        ),
        tuple(_decisions(tx, found, outcome, language)),
        tuple(f"{themes[one.theme]}: {one.words}".removesuffix(": ") for one in outcome.unmet),
        ", ".join(part for part in (contact.name, contact.phone, contact.hours) if part),
    )


def _present(talk: Talk, outcome: Outcome, language: str) -> list[str]:
    roles = vocabulary(language).roles
    people = [talk.participant(one) for one in outcome.present]
    return [f"{person.name} ({roles[person.role].lower()})" for person in people if person is not None]


def _consent(talk: Talk, consent: Consent, names: Mapping[str, str], language: str) -> str:
    """The consent line: to whom, what was said, how, who asked, when."""
    say = words.translations(language).gettext
    if consent.to == "municipality":
        to = talk.municipality_name
    else:
        to = names.get(consent.recipient) or consent.recipient or vocabulary(language).recipients[consent.to]
    speaker = words.Speaker(language, talk.zone)
    sentence = N_("Consent to {to}: given, {how}, asked by {asked_by}, {time}")
    if consent.given_at is None:
        sentence = N_("Consent to {to}: not given, {how}, asked by {asked_by}, {time}")
    line = say(sentence).format(
        to=to,
        how=say(_HOW[consent.how]),
        asked_by=consent.asked_by,
        time=speaker.day_and_time(consent.recorded_at, year=True),
    )
    if consent.basis:
        line += f" ({consent.basis})"
    if consent.withdrawn_at is not None:
        line += ". " + say(N_("Withdrawn {time}")).format(
            time=speaker.day_and_time(consent.withdrawn_at, year=True)
        )
    return line


def _decisions(tx: Tx, talk: Talk, outcome: Outcome, language: str) -> list[tuple[str, str]]:
    versions = catalogue.current_versions(tx, [one.offer for one in outcome.decisions])
    versions |= {offer: version for (offer, _), version in outcomes.decided_versions(tx, talk.id).items()}
    offers = catalogue.in_versions(tx, list(versions.values()))
    word = vocabulary(language)
    lines = []
    for one in outcome.decisions:
        offer = offers[versions[one.offer]]
        name = f"{offer.text(language).name} ({offer.provider_name})"
        if one.for_whom != "patient":
            name += f", {word.for_whom[one.for_whom].lower()}"
        lines.append((name, _said(one, talk, language)))
    return lines


def _said(one: Decision, talk: Talk, language: str) -> str:
    say = words.translations(language).gettext
    word = vocabulary(language)
    parts = [word.decisions[one.decision] if one.decision else say(N_("shown, nothing decided"))]
    if one.reason:
        parts.append(word.reasons[one.reason])
    if one.ask_again:
        day = words.Speaker(language, talk.zone).short_date(one.ask_again, year=True)
        parts.append(say(N_("ask again on {date}")).format(date=day))
    if one.words:
        parts.append(one.words)
    return "; ".join(parts)
