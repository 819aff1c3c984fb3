"""A follow-up offer: who gives it, whom it reaches, what it is, and which of its texts a person reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Audience = Literal["everyone", "patient-and-ward"]
AUDIENCES: tuple[Audience, ...] = ("everyone", "patient-and-ward")

KINDS = (
    "rehabilitation", "psychologist", "health-adviser", "dietitian", "smoking-cessation", "patient-course", "group",
    "coordinator", "children-as-relatives", "palliative-care", "gp", "sports-club", "nature-group",
    "volunteer-visit", "counselling", "conversation-group", "back-to-work", "peer-support", "self-help-group",
)  # fmt: skip
PROVIDER_KINDS = ("municipality", "hospital", "association", "civil-society")
FORMATS = ("group", "individual", "online", "phone", "visit")
REFERRALS = ("none", "hospital", "gp", "municipality", "self")
PRICES = ("free", "club fee", "other")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEXES = ("female", "male")
PEOPLE = ("patient", "relative", "child")
COUNTRIES = ("DK", "NO")

# A Dane reads Norwegian more easily than English, and the other way round.
_READ_INSTEAD: Mapping[str, tuple[str, ...]] = {
    "da": ("da", "nb", "en"),
    "nb": ("nb", "da", "en"),
    "en": ("en", "da", "nb"),
}


@dataclass(frozen=True)
class Text:
    """Name and summary in one language."""

    language: str
    name: str
    summary: str


@dataclass(frozen=True)
class Facts:
    """What one version of an offer says besides its texts; the names are those of the catalogue file."""

    sex: str | None = None
    diagnosis: tuple[str, ...] = ()
    audience: tuple[str, ...] = ("patient",)
    age: tuple[int, int] | None = None
    format: tuple[str, ...] = ()
    place: str | None = None
    referral: tuple[str, ...] = ("none",)
    capacity: int | None = None
    sessions: int | None = None
    weekday: tuple[str, ...] = ()
    time: str | None = None
    starts: tuple[str, ...] = ()
    price: str = "free"
    source: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Facts:
        """Facts as the catalogue file and the database write them; null and [] mean the same for lists."""
        age = value.get("age")
        return cls(
            sex=value.get("sex"),
            diagnosis=tuple(value.get("diagnosis") or ()),
            audience=tuple(value.get("audience") or ("patient",)),
            age=(age[0], age[1]) if age else None,
            format=tuple(value.get("format") or ()),
            place=value.get("place"),
            referral=tuple(value.get("referral") or ("none",)),
            capacity=value.get("capacity"),
            sessions=value.get("sessions"),
            weekday=tuple(value.get("weekday") or ()),
            time=value.get("time"),
            starts=tuple(sorted(value.get("starts") or ())),
            price=value.get("price") or "free",
            source=value.get("source") or "",
        )

    def as_json(self) -> dict[str, Any]:
        """The other way round."""
        return {
            "sex": self.sex,
            "diagnosis": list(self.diagnosis),
            "audience": list(self.audience),
            "age": list(self.age) if self.age else None,
            "format": list(self.format),
            "place": self.place,
            "referral": list(self.referral),
            "capacity": self.capacity,
            "sessions": self.sessions,
            "weekday": list(self.weekday),
            "time": self.time,
            "starts": list(self.starts),
            "price": self.price,
            "source": self.source,
        }

    def next_start(self, today: str) -> str | None:
        """The first start date that has not gone by (YYYY-MM-DD)."""
        return next((start for start in self.starts if start >= today), None)


@dataclass(frozen=True)
class Offer:
    """An offer in one version. `version` is the id of that version; `texts` holds every language it has."""

    id: str
    version: str
    kind: str
    provider: str
    provider_name: str
    provider_kind: str
    provider_municipality: str | None
    texts: tuple[Text, ...]
    facts: Facts
    reach: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    checked_on: str | None = None

    def text(self, language: str) -> Text:
        """The text this reader gets: their own language, or the one they read best instead; it says which."""
        by_language = {text.language: text for text in self.texts}
        for wanted in reading_order(language):
            if wanted in by_language:
                return by_language[wanted]
        return self.texts[0]

    def fits(self, themes: Iterable[str]) -> tuple[str, ...]:
        """Which of the needs ticked for a patient it answers."""
        return tuple(theme for theme in themes if theme in self.themes)

    def mentions(self, words: str) -> bool:
        """Whether every word stands somewhere in its texts or its provider's name."""
        haystack = " ".join(
            [self.provider_name, *(f"{text.name} {text.summary}" for text in self.texts)]
        ).casefold()
        return all(word in haystack for word in words.casefold().split())


def reading_order(language: str) -> tuple[str, ...]:
    """The languages to try for a reader, best first."""
    return _READ_INSTEAD.get(language) or (language, *_READ_INSTEAD["en"])


def suits(
    facts: Facts, *, sex: str | None = None, age: int | None = None, diagnosis: str | None = None
) -> bool:
    """Whether an offer is for somebody like this; what is not known about them rules nothing out."""
    if sex in ("female", "male") and facts.sex not in (None, sex):
        return False
    if age is not None and facts.age is not None and not facts.age[0] <= age <= facts.age[1]:
        return False
    return not (diagnosis and facts.diagnosis and diagnosis not in facts.diagnosis)


def ranked(
    offers: Iterable[Offer],
    *,
    themes: Collection[str] = (),
    municipality: str | None = None,
    language: str = "en",
) -> list[Offer]:
    """Most of the ticked needs first, then what is nearest: own municipality, shared with it, whole country."""

    def order(offer: Offer) -> tuple[int, int, str]:
        near = 0 if municipality in offer.reach else 2 if set(offer.reach) & set(COUNTRIES) else 1
        return -len(offer.fits(themes)), near, offer.text(language).name.casefold()

    return sorted(offers, key=order)
