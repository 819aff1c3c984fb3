"""What came out of a talk: a decision on each offer, needs nothing answered, whom to ring, what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from handover.domain.talks import Form

Choice = Literal["accepted", "undecided", "declined", "has-already", "not-relevant"]
ForWhom = Literal["patient", "relative", "child"]

CHOICES: tuple[Choice, ...] = ("accepted", "undecided", "declined", "has-already", "not-relevant")
FOR_WHOM: tuple[ForWhom, ...] = ("patient", "relative", "child")

REASONS = ("too-far", "too-ill", "time", "group", "alone", "cost", "language", "other")
NOT_HELD_REASONS = ("patient-away", "patient-unwilling", "nurse-away", "technical", "other")


@dataclass(frozen=True)
class Decision:
    """What one person said to one offer. `decision` None: it was shown, and nothing was decided.

    `reason` belongs to declined, `ask_again` (YYYY-MM-DD) to undecided.
    """

    offer: str
    for_whom: ForWhom = "patient"
    decision: Choice | None = None
    reason: str | None = None
    ask_again: str | None = None
    words: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """One decision for each offer and person."""
        return self.offer, self.for_whom


@dataclass(frozen=True)
class Unmet:
    """A need that no offer answers: planners want this list most."""

    theme: str
    words: str = ""


@dataclass(frozen=True)
class Contact:
    """Whom the patient may ring. With an `account` the name, phone and hours are that account's own, always fresh."""

    name: str = ""
    phone: str = ""
    hours: str = ""
    account: str | None = None

    @property
    def empty(self) -> bool:
        return not (self.name or self.phone or self.account)


@dataclass(frozen=True)
class Outcome:
    """The whole of it. `version` 0 is an outcome nobody has saved; `present` are participants' ids."""

    form: Form = "video"
    present: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    contact: Contact = Contact()
    follow_up_on: str | None = None
    words: str = ""
    version: int = 0
    saved_at: int | None = None
    saved_by: str = ""

    def of(self, offer: str, for_whom: str = "patient") -> Decision | None:
        """The decision on an offer for somebody; None when it was never shown to them."""
        return next((one for one in self.decisions if one.key == (offer, for_whom)), None)

    def of_offer(self, offer: str) -> Decision | None:
        """The first decision on an offer for anybody."""
        return next((one for one in self.decisions if one.offer == offer), None)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as the API and drafts write it."""
    contact: dict[str, Any] = {
        "name": outcome.contact.name,
        "phone": outcome.contact.phone,
        "hours": outcome.contact.hours,
    }
    if outcome.contact.account:
        contact["account"] = outcome.contact.account
    return {
        "version": outcome.version,
        "form": outcome.form,
        "present": list(outcome.present),
        "decisions": [
            {
                "offer": one.offer,
                "for": one.for_whom,
                "decision": one.decision,
                "reason": one.reason,
                "ask_again": one.ask_again,
                "words": one.words,
            }
            for one in outcome.decisions
        ],
        "unmet": [{"theme": one.theme, "words": one.words} for one in outcome.unmet],
        "contact": contact,
        "follow_up_on": outcome.follow_up_on,
        "words": outcome.words,
    }


def from_json(value: Mapping[str, Any]) -> Outcome:
    """Read back what `as_json` wrote; only for what we wrote ourselves (drafts)."""
    contact = value["contact"]
    return Outcome(
        form=value["form"],
        present=tuple(value["present"]),
        decisions=tuple(
            Decision(one["offer"], one["for"], one["decision"], one["reason"], one["ask_again"], one["words"])
            for one in value["decisions"]
        ),
        unmet=tuple(Unmet(one["theme"], one["words"]) for one in value["unmet"]),
        contact=Contact(contact["name"], contact["phone"], contact["hours"], contact.get("account")),
        follow_up_on=value["follow_up_on"],
        words=value["words"],
        version=value["version"],
    )


@dataclass(frozen=True)
class Suggestion:
    """What stood in the form before anybody touched it: how the talk was held, and who was there."""

    form: Form
    present: tuple[str, ...] = ()


def following(outcome: Outcome, drawn: Suggestion, known: Suggestion) -> Outcome:
    """`outcome`, written into a form that was drawn with one suggestion, brought up to what is known by now.

    Whom somebody ticked or took off by hand stays so, and so does a form somebody chose; the rest follows the facts.
    """
    ticked = [person for person in outcome.present if person not in drawn.present]
    taken_off = set(drawn.present) - set(outcome.present)
    present = dict.fromkeys([*known.present, *ticked])
    return replace(
        outcome,
        form=known.form if outcome.form == drawn.form else outcome.form,
        present=tuple(person for person in present if person not in taken_off),
    )


def gaps_filled(mine: Outcome, saved: Outcome) -> Outcome:
    """`mine` with everything it leaves open taken from `saved`, on top of saved's version.

    Two people often record different halves of one talk; only where both wrote something does one have to choose.
    """
    decisions = []
    for one in mine.decisions:
        theirs = saved.of(*one.key)
        decisions.append(theirs if theirs is not None and one.decision is None else one)
    known = {one.key for one in decisions}
    decisions += [one for one in saved.decisions if one.key not in known]
    unmet = mine.unmet + tuple(one for one in saved.unmet if one not in mine.unmet)
    return replace(
        mine,
        present=mine.present or saved.present,
        decisions=tuple(decisions),
        unmet=unmet,
        contact=saved.contact if mine.contact.empty else mine.contact,
        follow_up_on=mine.follow_up_on or saved.follow_up_on,
        words=mine.words or saved.words,
        version=saved.version,
        saved_at=saved.saved_at,
        saved_by=saved.saved_by,
    )
