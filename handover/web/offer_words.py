"""An offer as one reader meets it: its text in their language, its facts in words, for pages and scripts alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from handover import words
from handover.domain.offers import Facts, Offer
from handover.errors import N_
from handover.web.vocabulary import vocabulary

OLDEST_NAMED = 100  # an upper age from here on is not meant as a limit

_FORMATS = {
    "group": N_("in a group"),
    "individual": N_("one to one"),
    "online": N_("online"),
    "phone": N_("by phone"),
    "visit": N_("at home"),
}
_REFERRALS = {
    "none": N_("no referral needed"),
    "hospital": N_("the hospital refers"),
    "gp": N_("the GP refers"),
    "municipality": N_("the municipality refers"),
    "self": N_("you can come without a referral"),
}
_PRICES = {"free": N_("free"), "club fee": N_("membership fee"), "other": N_("ask for the price")}
_WEEKDAYS = {
    "mon": N_("Mondays"),
    "tue": N_("Tuesdays"),
    "wed": N_("Wednesdays"),
    "thu": N_("Thursdays"),
    "fri": N_("Fridays"),
    "sat": N_("Saturdays"),
    "sun": N_("Sundays"),
}
_SEXES = {"female": N_("women"), "male": N_("men")}
_PEOPLE = {"patient": N_("the patient"), "relative": N_("relatives"), "child": N_("children")}
_IN_LANGUAGE = {"da": N_("In Danish"), "nb": N_("In Norwegian"), "en": N_("In English")}


@dataclass(frozen=True)
class OfferWords:
    """Everything a page says about an offer. `lang_note` is empty when the text is in the reader's own language."""

    id: str
    name: str
    summary: str
    lang: str
    lang_note: str
    kind: str
    provider: str
    place: str
    facts: tuple[tuple[str, str], ...]


def in_words(offer: Offer, language: str, *, today: str) -> OfferWords:
    """The offer for somebody who reads `language`; start dates before `today` (YYYY-MM-DD) are left out."""
    say = words.translations(language).gettext
    text = offer.text(language)
    note = "" if text.language == language else say(_IN_LANGUAGE.get(text.language, "")) or text.language
    return OfferWords(
        offer.id,
        text.name,
        text.summary,
        text.language,
        note,
        vocabulary(language).kinds[offer.kind],
        offer.provider_name,
        offer.facts.place or "",
        tuple((label, value) for label, value in _facts(offer.facts, language, today) if value),
    )


def when(facts: Facts, language: str, *, today: str) -> str:
    """On which weekdays, at which hour, and from when; empty when it is agreed with each person."""
    say = words.translations(language).gettext
    days = _joined([say(_WEEKDAYS[day]) for day in facts.weekday], say(N_("{first} and {last}")))
    hour = facts.time if facts.time is None or language == "en" else facts.time.replace(":", ".")
    start = facts.next_start(today)
    parts = []
    if days:
        parts.append(say(N_("{days} at {time}")).format(days=days, time=hour) if hour else days)
    if start:
        day = words.say_short_date(date.fromisoformat(start), language, year=True)
        if hour and not days:
            parts.append(say(N_("first time {date} at {time}")).format(date=day, time=hour))
        else:
            parts.append(say(N_("first time {date}")).format(date=day))
    return _sentence(", ".join(parts))


def _facts(facts: Facts, language: str, today: str) -> list[tuple[str, str]]:
    say = words.translations(language).gettext
    both, either = say(N_("{first} and {last}")), say(N_("{first} or {last}"))
    people = [say(_PEOPLE[one]) for one in facts.audience] if facts.audience != ("patient",) else []
    if facts.sex:
        people.append(say(_SEXES[facts.sex]))
    if facts.age:
        people.append(_ages(facts.age, say))
    return [
        (say(N_("For")), _sentence(_joined(people, both))),
        (say(N_("Where")), facts.place or ""),
        (say(N_("How")), _sentence(_joined([say(_FORMATS[one]) for one in facts.format], either))),
        (say(N_("When")), when(facts, language, today=today)),
        (say(N_("Number of times")), str(facts.sessions) if facts.sessions and facts.sessions > 1 else ""),
        (say(N_("Price")), _sentence(say(_PRICES[facts.price]))),
        (say(N_("Referral")), _sentence(_joined([say(_REFERRALS[one]) for one in facts.referral], either))),
    ]


def _ages(age: tuple[int, int], say: Callable[[str], str]) -> str:
    low, high = age
    if high >= OLDEST_NAMED:
        return say(N_("{age} years and older")).format(age=low)
    if low == 0:
        return say(N_("up to {age} years")).format(age=high)
    return say(N_("{low} to {high} years")).format(low=low, high=high)


def _joined(parts: list[str], joint: str) -> str:
    """`A`, `A and B`, `A, B and C`."""
    if len(parts) < 2:
        return "".join(parts)
    return joint.format(first=", ".join(parts[:-1]), last=parts[-1])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
