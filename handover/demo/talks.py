"""About sixty talks of the last nine months, told by the stories themselves in the order in which they happened."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from handover import booking, presenting, recording, replying, stopping
from handover.demo import invented
from handover.demo.people import scope_of
from handover.domain.access import Scope
from handover.domain.bookings import ConsentGiven, Guest, PatientFacts, Wanted
from handover.domain.days import local_date
from handover.domain.offers import Offer
from handover.domain.outcomes import Choice, Contact, Decision, Outcome, Unmet
from handover.domain.talks import Form, MinorChildren, Talk
from handover.domain.timetable import instants
from handover.store import posting, sessions
from handover.store.engine import Tx

DAY = 24 * 3600
FIRST, LAST = 275, 9  # days ago: the first booking and the last, whose talk is over by today
OFFERS_LOOKED_AT = 7  # of the catalogue as ranked for the patient


@dataclass(frozen=True)
class Side:
    """A ward that books a municipality, and how often it has."""

    booker: str
    municipality: str
    language: str
    zone: str
    patients: int


SIDES = (
    Side("astrid@ward.example", "0540", "da", "Europe/Copenhagen", 34),
    Side("astrid@ward.example", "0173", "da", "Europe/Copenhagen", 9),
    Side("siri@ward.example", "4627", "nb", "Europe/Oslo", 11),
)
# What becomes of the bookings, in turns: mostly a talk, now and then none.
_FATES = ("held",) * 4 + ("cancelled",) + ("held",) * 4 + ("not-held",) + ("held",) * 2
_COMES_AGAIN = 7  # every so many patients have a second talk, three months later
_READMITTED = 17  # which patient of the first ward goes back to hospital before the talk

_CHOICES: tuple[tuple[Choice | None, int], ...] = (
    ("accepted", 52),
    ("undecided", 13),
    ("declined", 17),
    ("has-already", 6),
    ("not-relevant", 3),
    (None, 9),
)
_REASONS = (("alone", 5), ("too-far", 4), ("too-ill", 4), ("group", 4), ("time", 3), ("other", 1))
_NOT_HELD = ("patient-unwilling", "technical", "patient-away", "nurse-away")
_THEMES = (
    "body",
    "fatigue",
    "nutrition",
    "mind",
    "family",
    "work",
    "network",
    "habits",
    "everyday",
    "sexuality",
)
Step = Callable[[int], object]


class Diary:
    """What happens when: each step runs at its own instant, and the mails of then are long since read."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._steps: list[tuple[int, int, Step]] = []
        self._numbers = count()

    def at(self, instant: int, step: Step) -> None:
        """Have `step` run at an instant."""
        heapq.heappush(self._steps, (instant, next(self._numbers), step))

    def run(self) -> None:
        """Run every step, also those that steps add."""
        while self._steps:
            instant, _, step = heapq.heappop(self._steps)
            step(instant)
            deliver(self._tx, instant)


def deliver(tx: Tx, now: int) -> None:
    """Count everything that waits in the outbox as sent: no mail goes out today about what is past."""
    while posting.is_due(tx, now=now):
        for letter, attempt in posting.claim(tx, now=now, lease_until=now + 60, most=100):
            posting.sent(tx, letter, attempt, now=now)


def seed_past(tx: Tx, rng: Random, now: int) -> None:
    """Every talk of the last nine months with what came of it."""
    diary = Diary(tx)
    for side in SIDES:
        for number in range(side.patients):
            days_ago = FIRST - (FIRST - LAST) * number / max(1, side.patients - 1)
            _Patient(tx, rng, diary, side, number, now).comes(now - int(days_ago * DAY))
    diary.run()


class _Patient:
    """One patient's way from the ward to the municipality."""

    def __init__(self, tx: Tx, rng: Random, diary: Diary, side: Side, number: int, now: int) -> None:
        self._tx, self._rng, self._diary, self._side, self._now = tx, rng, diary, side, now
        self._number = number
        self._by = scope_of(tx, side.booker)
        hundreds = SIDES.index(side) * 100
        self._person = invented.patient(
            rng, side.language, hundreds + number, local_date(now, side.zone).year
        )
        self._relative = invented.relative(rng, side.language, self._person) if rng.random() < 0.6 else None
        self._programme = rng.choices(("cancer", "copd", "heart"), (84, 8, 8))[0]
        self._themes = tuple(rng.sample(_THEMES, rng.randint(1, 3)))
        self._children = self._whether_children()

    def comes(self, about: int) -> None:
        """The ward books a talk for them."""
        fate = _FATES[self._number % len(_FATES)]
        if self._side is SIDES[0] and self._number == _READMITTED:
            fate = "readmitted"
        self._diary.at(self._at_work(about), lambda at: self._book(at, fate))

    def _at_work(self, about: int) -> int:
        """A moment of that day when the ward has time to book: on Friday instead of the weekend."""
        day = local_date(about, self._side.zone)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return instants(day, self._rng.randrange(8 * 60, 15 * 60, 5), self._side.zone)[0]

    def _whether_children(self) -> MinorChildren:
        age = local_date(self._now, self._side.zone).year - self._person.birth_year
        if self._rng.random() < 0.12:
            return "not-asked"
        return "yes" if age < 56 and self._rng.random() < 0.6 else "no"

    def _book(self, at: int, fate: str) -> None:
        side, rng = self._side, self._rng
        first = local_date(at, side.zone) + timedelta(days=2)
        slots = booking.free_slots(self._tx, side.municipality, first, 10, 30, by=self._by, now=at)
        start = rng.choice([slot.start for slot in slots if slot.end < self._now - 2 * 3600][:60])
        form: Form = rng.choices(("video", "phone", "in-person"), (70, 20, 10))[0]
        discharge = local_date(start, side.zone) + timedelta(days=rng.randint(0, 3))
        wanted = wanted_talk(
            self._person, self._relative, start, side.municipality, side.language, asked_by=self._by.name
        )
        talk = booking.book(
            self._tx,
            replace(
                wanted,
                programme=self._programme,
                themes=self._themes,
                discharge_on=discharge.isoformat(),
                minor_children=self._children,
                intended_form=form,
            ),
            by=self._by,
            now=at,
        )
        nurse = sessions.staff_scope(self._tx, talk.nurse or "")
        assert nurse is not None
        answered = at + rng.randint(5, 100) * 60
        if answered < start:
            self._diary.at(
                answered, lambda at: replying.answer(self._tx, talk.id, "accepted", by=nurse, now=at)
            )
        self._then(talk, fate, nurse)

    def _then(self, talk: Talk, fate: str, nurse: Scope) -> None:
        tx, rng, diary = self._tx, self._rng, self._diary
        before = talk.starts_at - rng.randint(3, 20) * 3600
        if fate == "cancelled":
            reason = rng.choice(invented.CANCELLED[self._side.language])
            diary.at(before, lambda at: stopping.cancel(tx, talk.id, reason, by=self._by, now=at))
        elif fate == "readmitted":
            diary.at(before, lambda at: stopping.stop(tx, talk.id, "readmitted", by=self._by, now=at))
        elif fate == "not-held":
            reason = _NOT_HELD[self._number // len(_FATES) % len(_NOT_HELD)]
            diary.at(
                talk.starts_at + 20 * 60,
                lambda at: recording.mark_not_held(tx, talk.id, reason, by=nurse, now=at),
            )
        else:
            diary.at(talk.starts_at + 8 * 60, lambda at: self._meet(talk, nurse, at))
            if self._number % _COMES_AGAIN == 0 and talk.starts_at < self._now - 110 * DAY:
                diary.at(self._at_work(talk.starts_at + 88 * DAY), lambda at: self._book(at, "held"))

    def _meet(self, talk: Talk, nurse: Scope, at: int) -> None:
        """Offers are shown while they talk, and what came of it is written down a little after."""
        rng = self._rng
        open_offers = presenting.open_to_patient(
            self._tx, talk.id, language=self._side.language, by=nurse, now=at
        )
        few = open_offers[:OFFERS_LOOKED_AT]
        offered = rng.sample(few, min(len(few), rng.choices((1, 2, 3, 4), (15, 35, 35, 15))[0]))
        if talk.minor_children == "yes":
            offered += [
                one for one in open_offers if one.kind == "children-as-relatives" and one not in offered
            ]
        form: Form = talk.intended_form if rng.random() < 0.9 else "phone"
        if form == "video":
            for number, offer in enumerate(offered):
                self._diary.at(at + number * 3 * 60, self._showing(talk, offer, nurse))
        outcome = self._outcome(talk, form, offered, at)
        self._diary.at(
            talk.ends_at + rng.randint(2, 40) * 60,
            lambda at: recording.record(self._tx, talk.id, outcome, version=0, by=nurse, now=at),
        )

    def _showing(self, talk: Talk, offer: Offer, nurse: Scope) -> Step:
        return lambda at: presenting.show(self._tx, talk.id, offer.id, "everyone", by=nurse, now=at)

    def _outcome(self, talk: Talk, form: Form, offered: list[Offer], at: int) -> Outcome:
        rng, language = self._rng, self._side.language
        day = local_date(at, self._side.zone)
        there = [one for one in talk.participants if one.role != "relative" or rng.random() < 0.8]
        with_relative = any(one.role == "relative" for one in there)
        decisions = [one for offer in offered for one in self._decisions(offer, with_relative, form, day)]
        unmet = [Unmet(*rng.choice(invented.UNMET[language]))] if rng.random() < 0.18 else []
        follow_up = day + timedelta(days=rng.choice((14, 30, 90)))
        return Outcome(
            form=form,
            present=tuple(one.id for one in there),
            decisions=tuple(decisions),
            unmet=tuple(unmet),
            contact=Contact(account=talk.nurse),
            follow_up_on=follow_up.isoformat() if rng.random() < 0.7 else None,
            words=rng.choice(invented.WORDS[language]) if rng.random() < 0.35 else "",
        )

    def _decisions(self, offer: Offer, with_relative: bool, form: Form, day: date) -> list[Decision]:
        if offer.kind == "children-as-relatives":
            return [Decision(offer.id, "child", "accepted")]
        made = []
        choice = self._rng.choices([one for one, _ in _CHOICES], [weight for _, weight in _CHOICES])[0]
        if choice is not None or form != "video":
            reason = ask_again = None
            if choice == "declined":
                reasons, weights = zip(*_REASONS, strict=True)
                reason = self._rng.choices(reasons, weights)[0]
            if choice == "undecided":
                ask_again = (day + timedelta(days=14)).isoformat()
            made.append(Decision(offer.id, "patient", choice, reason, ask_again))
        if with_relative and "relative" in offer.facts.audience and self._rng.random() < 0.6:
            made.append(Decision(offer.id, "relative", "accepted"))
        return made


def wanted_talk(
    person: invented.Patient,
    relative: invented.Relative | None,
    start: int,
    municipality: str,
    language: str,
    *,
    asked_by: str,
) -> Wanted:
    """A half-hour talk about a cancer patient, with the consents that were asked for."""
    consent = [ConsentGiven("municipality", True, "spoken", asked_by)]
    guests = []
    if relative is not None:
        consent.append(ConsentGiven("relative", True, "spoken", asked_by, recipient=relative.name))
        guests.append(Guest("relative", relative.name, relative.email, relation=relative.relation))
    return Wanted(
        municipality,
        start,
        "cancer",
        language,
        PatientFacts(
            person.initials,
            person.reference,
            person.name,
            sex=person.sex,
            birth_year=person.birth_year,
        ),
        tuple(consent),
        minutes=30,
        participants=tuple(guests),
    )
