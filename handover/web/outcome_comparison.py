"""Two outcomes side by side, in words: what is saved, and what somebody was about to save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handover import words
from handover.domain.outcomes import Decision, Outcome
from handover.errors import N_
from handover.web.vocabulary import vocabulary


@dataclass(frozen=True)
class Difference:
    """One thing on which the two do not agree."""

    label: str
    saved: str
    mine: str


@dataclass(frozen=True)
class Names:
    """What ids are called: offers, participants, themes, accounts."""

    offers: Mapping[str, str]
    people: Mapping[str, str]
    themes: Mapping[str, str]
    accounts: Mapping[str, str]


def differences(saved: Outcome, mine: Outcome, names: Names, language: str) -> list[Difference]:
    """Everything that would change if `mine` were saved over `saved`."""
    say = words.translations(language).gettext
    word = vocabulary(language)
    keys = dict.fromkeys(one.key for one in (*saved.decisions, *mine.decisions))
    rows = [
        (
            _row(offer, for_whom, names, language),
            _said(saved.of(offer, for_whom), language),
            _said(mine.of(offer, for_whom), language),
        )
        for offer, for_whom in keys
    ]
    rows += [
        (say(N_("Form of the talk")), word.forms[saved.form], word.forms[mine.form]),
        (say(N_("Who was there")), _people(saved, names), _people(mine, names)),
        (say(N_("Contact person")), _contact(saved, names), _contact(mine, names)),
        (say(N_("Follow up on")), _date(saved.follow_up_on, language), _date(mine.follow_up_on, language)),
        (say(N_("In the patient's own words")), saved.words, mine.words),
        (say(N_("Needs without an offer")), _needs(saved, names), _needs(mine, names)),
    ]
    nothing = say(N_("nothing"))
    return [
        Difference(label, theirs or nothing, ours or nothing)
        for label, theirs, ours in rows
        if theirs != ours
    ]


def _row(offer: str, for_whom: str, names: Names, language: str) -> str:
    name = names.offers.get(offer, offer)
    return name if for_whom == "patient" else f"{name}, {vocabulary(language).for_whom[for_whom].lower()}"


def _said(one: Decision | None, language: str) -> str:
    if one is None or one.decision is None:
        return ""
    word = vocabulary(language)
    parts = [word.decisions[one.decision], word.reasons[one.reason] if one.reason else "", one.words]
    return ". ".join(part for part in [*parts[:2], _date(one.ask_again, language), parts[2]] if part)


def _people(outcome: Outcome, names: Names) -> str:
    return ", ".join(sorted(names.people.get(one, "") for one in outcome.present))


def _contact(outcome: Outcome, names: Names) -> str:
    contact = outcome.contact
    if contact.account:
        return names.accounts.get(contact.account, contact.name)
    return ", ".join(part for part in (contact.name, contact.phone, contact.hours) if part)


def _needs(outcome: Outcome, names: Names) -> str:
    needs = sorted(
        f"{names.themes.get(one.theme, one.theme)}: {one.words}".removesuffix(": ") for one in outcome.unmet
    )
    return "; ".join(needs)


def _date(day: str | None, language: str) -> str:
    if not day:
        return ""
    try:
        return words.Speaker(language, "Europe/Copenhagen").short_date(day, year=True)
    except ValueError:
        return day
