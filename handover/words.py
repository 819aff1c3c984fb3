"""Which language a person reads, the sentences in it, and how it says a date and a time."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_name

LANGUAGES = ("da", "nb", "en")

Day = date | str  # a date, or its `YYYY-MM-DD` as the database keeps it

# Who asks a browser for these has read Danish or Norwegian at school, and would rather have it than English.
_READ_AS = {"da": "da", "fo": "da", "kl": "da", "nb": "nb", "no": "nb", "nn": "nb", "se": "nb", "en": "en"}

_WEEKDAY = {"da": "EEEE 'den' d. MMMM", "nb": "EEEE d. MMMM", "en": "EEEE d MMMM"}
_DAY = {"da": "d. MMMM", "nb": "d. MMMM", "en": "d MMMM"}
_AT = {"da": " kl. ", "nb": " kl. ", "en": " at "}
_CLOCK = {"da": "%H.%M", "nb": "%H.%M", "en": "%H:%M"}
# Nobody on a ward says "Central European Time".
_ZONES = {
    "Europe/Copenhagen": {"da": "dansk tid", "nb": "dansk tid", "en": "Danish time"},
    "Europe/Oslo": {"da": "norsk tid", "nb": "norsk tid", "en": "Norwegian time"},
}


class _Sentences(gettext.GNUTranslations):
    """A catalogue that translates nothing into nothing; gettext itself would answer with the file's header."""

    def gettext(self, message: str) -> str:
        return super().gettext(message) if message else message


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The sentences in `language`; English is what is written in the code."""
    if language not in LANGUAGES or language == "en":
        return gettext.NullTranslations()
    catalogue = files("handover") / "locale" / language / "LC_MESSAGES" / "handover.mo"
    with catalogue.open("rb") as file:
        return _Sentences(file)


def best_language(accept_language: str, otherwise: str = "da") -> str:
    """The first of our languages that an Accept-Language header asks for (RFC 9110, 12.5.4)."""
    asked: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        name, _, weight = part.partition(";")
        language = _READ_AS.get(name.strip().lower().partition("-")[0])
        if language:
            asked.append((_weight(weight), language))
    best = max(asked, key=lambda one: one[0], default=(0.0, otherwise))
    return best[1] if best[0] > 0 else otherwise


def _weight(text: str) -> float:
    name, _, value = text.partition("=")
    if not name.strip():
        return 1.0
    try:
        return min(1.0, float(value)) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


def say_date(day: date, language: str, *, year: bool = False) -> str:
    """`tirsdag den 24. november`, `tirsdag 24. november`, `Tuesday 24 November`; with the year when asked."""
    return format_date(day, _WEEKDAY[language] + (" y" if year else ""), locale=language)


def say_short_date(day: date, language: str, *, year: bool = False) -> str:
    """`24. november`, for sentences that bring their own "den"."""
    return format_date(day, _DAY[language] + (" y" if year else ""), locale=language)


def say_month(day: date, language: str) -> str:
    """`november 2026`: the month that `day` is in."""
    return format_date(day, "MMMM y", locale=language)


@lru_cache(4096)  # a list says the same forty times at each look
def say_time(instant: int, zone: str, language: str) -> str:
    """`10.00` in Danish and Norwegian, `10:00` in English; `instant` is epoch seconds."""
    return _local(instant, zone).strftime(_CLOCK[language])


def say_day_and_time(
    instant: int, zone: str, language: str, *, year: bool = False, name_zone: bool = False
) -> str:
    """`tirsdag den 24. november kl. 10.00`; `name_zone` puts the zone behind it, see `may_be_elsewhere`."""
    day = say_date(_local(instant, zone).date(), language, year=year)
    return (
        f"{day}{_AT[language]}{say_time(instant, zone, language)}{_zone(instant, zone, language, name_zone)}"
    )


def say_period(
    starts: int, ends: int, zone: str, language: str, *, year: bool = False, name_zone: bool = False
) -> str:
    """`tirsdag den 24. november kl. 10.00–10.30`; `name_zone` puts the zone behind it, see `may_be_elsewhere`."""
    day = say_date(_local(starts, zone).date(), language, year=year)
    hours = f"{say_time(starts, zone, language)}–{say_time(ends, zone, language)}"
    return f"{day}{_AT[language]}{hours}{_zone(starts, zone, language, name_zone)}"


def zone_name(instant: int, zone: str, language: str) -> str:
    """`dansk tid`; in the hour that the clock shows twice, which of the two."""
    if zone in _ZONES and not _twice(instant, zone):
        return _ZONES[zone][language]
    return get_timezone_name(_local(instant, zone), width="long", locale=language)


def may_be_elsewhere(language: str, phone: str = "") -> bool:
    """Whether somebody may live by another clock than the ward's, so that their mail should name the zone.

    Denmark and Norway share a clock; a foreign number, or a mail in English, may belong to a son in London.
    """
    number = phone.replace(" ", "").replace("(", "")
    number = "+" + number[2:] if number.startswith("00") else number
    return language not in ("da", "nb") or (number.startswith("+") and not number.startswith(("+45", "+47")))


@dataclass(frozen=True)
class Speaker:
    """Dates and times for one reader: their language, the zone of the talk or of their own organisation, and
    whether to name that zone (`may_be_elsewhere`)."""

    language: str
    zone: str
    name_zone: bool = False

    def today(self, instant: int) -> date:
        """The date it is in the zone."""
        return _local(instant, self.zone).date()

    def date(self, day: Day, *, year: bool = False) -> str:
        return say_date(_day(day), self.language, year=year)

    def short_date(self, day: Day, *, year: bool = False) -> str:
        return say_short_date(_day(day), self.language, year=year)

    def month(self, day: Day) -> str:
        return say_month(_day(day), self.language)

    def time(self, instant: int) -> str:
        return say_time(instant, self.zone, self.language)

    def day_and_time(self, instant: int, *, year: bool = False) -> str:
        return say_day_and_time(instant, self.zone, self.language, year=year, name_zone=self.name_zone)

    def period(self, starts: int, ends: int, *, year: bool = False) -> str:
        return say_period(starts, ends, self.zone, self.language, year=year, name_zone=self.name_zone)

    def machine_time(self, instant: int) -> str:
        """For the `datetime` attribute: RFC 3339 with the zone's offset."""
        return _local(instant, self.zone).isoformat()


def _day(day: Day) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


def _local(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone))


def _twice(instant: int, zone: str) -> bool:
    local = _local(instant, zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _zone(instant: int, zone: str, language: str, name_zone: bool) -> str:
    named = name_zone or _twice(instant, zone)
    return f" ({zone_name(instant, zone, language)})" if named else ""
