"""What the outcome form shows: its rows in words, who can be chosen, what differs from what others saved, the codes."""

from __future__ import annotations

from dataclasses import dataclass

from handover import cataloguing, presenting, recording, summarising
from handover.attending import Facts
from handover.domain.access import Scope
from handover.domain.days import local_date
from handover.domain.offers import Offer
from handover.domain.outcomes import FOR_WHOM, Decision, Outcome
from handover.domain.talks import Talk
from handover.recording import Sheet
from handover.store import accounts, catalogue, outcomes, patients, programmes
from handover.store.engine import Tx
from handover.summarising import Reader
from handover.web.offer_words import OfferWords, in_words
from handover.web.outcome_comparison import Difference, Names, differences
from handover.web.outcome_forms import key_of
from handover.web.vocabulary import vocabulary


@dataclass(frozen=True)
class Row:
    """One offer for one person; `others` are the people it has no row for yet."""

    key: str
    decision: Decision
    offer: OfferWords
    others: tuple[str, ...]


@dataclass(frozen=True)
class OutcomeView:
    """Everything templates/outcomes needs. `people` may have been there: id, name, what they are to the patient."""

    sheet: Sheet
    initials: str
    rows: tuple[Row, ...]
    more_offers: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    nurses: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]
    not_held_because: str | None
    readers: tuple[Reader, ...]
    people: tuple[tuple[str, str, str], ...]

    @property
    def talk(self) -> Talk:
        return self.sheet.talk

    @property
    def writing(self) -> Outcome:
        return self.sheet.writing

    @property
    def facts(self) -> Facts:
        return self.sheet.facts


def gather(tx: Tx, talk: str, *, key: bytes, language: str, by: Scope, now: int) -> OutcomeView:
    """The outcome form of this person in one look at the database."""
    sheet = recording.sheet_of(tx, talk, by=by, now=now)
    patient = patients.get(tx, sheet.talk.patient)
    today = local_date(now, sheet.talk.zone).isoformat()
    known = _offers(tx, sheet)
    themes = programmes.themes(tx, language)
    relations = vocabulary(language).relations
    nurses = {nurse["id"]: nurse["name"] for nurse in accounts.nurses_of(tx, sheet.talk.team)}
    return OutcomeView(
        sheet=sheet,
        initials=patient.initials,
        rows=tuple(_rows(sheet.writing, known, language, today)),
        more_offers=tuple(
            (offer.id, offer.text(language).name)
            for offer in cataloguing.find(
                tx, municipality=sheet.talk.municipality, programme=sheet.talk.programme, language=language
            )
            if offer.id not in known
        ),
        themes=tuple(themes.items()),
        nurses=tuple(nurses.items()),
        differences=tuple(
            differences(
                sheet.saved,
                sheet.draft.outcome,
                Names(
                    {id_: offer.text(language).name for id_, offer in known.items()},
                    {person.id: person.name for person in sheet.talk.participants},
                    themes,
                    nurses,
                ),
                language,
            )
            if sheet.stale and sheet.draft is not None
            else ()
        ),
        not_held_because=outcomes.not_held_because(tx, talk),
        readers=tuple(summarising.readers(tx, talk, key=key, by=by)),
        people=tuple(
            (person.id, person.name, relations.get(person.relation, person.relation))
            for person in sheet.talk.participants
        ),
    )


def _offers(tx: Tx, sheet: Sheet) -> dict[str, Offer]:
    """The offers in the form: as shown, else as decided on, else as they are now."""
    wanted = {one.offer for one in (*sheet.writing.decisions, *sheet.saved.decisions)}
    versions = catalogue.current_versions(tx, sorted(wanted))
    versions |= {
        offer: version for (offer, _), version in outcomes.decided_versions(tx, sheet.talk.id).items()
    }
    versions |= {one.offer.id: one.offer.version for one in presenting.shown(tx, sheet.talk.id)}
    found = catalogue.in_versions(tx, list(versions.values()))
    return {offer: found[version] for offer, version in versions.items() if offer in wanted}


def _rows(outcome: Outcome, known: dict[str, Offer], language: str, today: str) -> list[Row]:
    rows = []
    for one in outcome.decisions:
        if one.offer not in known:
            continue
        last = [other.for_whom for other in outcome.decisions if other.offer == one.offer][-1] == one.for_whom
        others = tuple(person for person in FOR_WHOM if outcome.of(one.offer, person) is None) if last else ()
        rows.append(Row(key_of(one), one, in_words(known[one.offer], language, today=today), others))
    return rows
