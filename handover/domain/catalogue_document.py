"""A catalogue file as a value: checked row by row, so that somebody can mend all of it at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from handover.domain import offers as terms
from handover.domain.days import is_date
from handover.domain.offers import Facts, Offer, Text
from handover.errors import N_, FieldError

LONGEST_NAME = 200
LONGEST_SUMMARY = 2000
OLDEST = 120
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # ids stand in addresses and in names of form fields
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2})?")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

# The file says which kind of association; figures and rights do not need to know.
PROVIDER_KINDS = {"patient-association": "association"} | {kind: kind for kind in terms.PROVIDER_KINDS}


@dataclass(frozen=True)
class Known:
    """What rows may refer to besides what the file itself brings: ids and codes already in the database."""

    municipalities: Collection[str]
    collaborations: Collection[str] = ()
    providers: Collection[str] = ()
    programmes: Collection[str] = ()
    themes: Collection[str] = ()
    offers: Collection[str] = ()


@dataclass
class CatalogueDocument:
    """A file's parts once read; `errors` has a sentence for each thing that is wrong, and then nothing is of use."""

    programmes: list[dict[str, Any]] = field(default_factory=list)
    themes: list[dict[str, Any]] = field(default_factory=list)
    collaborations: list[dict[str, Any]] = field(default_factory=list)
    providers: list[dict[str, Any]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


def read(document: Mapping[str, Any], known: Known) -> CatalogueDocument:
    """The file's rows. An offer's `version` is empty until the import gives it one."""
    done = CatalogueDocument()
    parts = {part: _rows(document, part, done.errors) for part in _PARTS}
    for part, rows in parts.items():
        for place, row in enumerate(rows):
            check = _Row(f"{part}.{place}", row, done.errors)
            _PARTS[part](check, known, done)
            if check.id and sum(1 for other in rows if other.get("id") == check.id) > 1:
                check.wrong("id", "twice", N_("{row}: this id stands here twice."))
    given = {str(row.get("id")) for row in parts["offers"]} | set(known.offers)
    for place, offer in enumerate(done.offers):
        for step in offer.next_steps:
            if step not in given:
                check = _Row(f"offers.{place}", parts["offers"][place], done.errors)
                check.wrong("next_steps", "unknown", N_("{row}: there is no offer {value}."), step)
    return done


def _rows(document: Mapping[str, Any], part: str, errors: list[FieldError]) -> list[dict[str, Any]]:
    rows = document.get(part, [])
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    errors.append(
        FieldError(part, "not-a-list", N_("{row}: this must be a list of objects."), (("row", part),))
    )
    return []


class _Row:
    """Reads one row; what it cannot use is noted with the row's place and id."""

    def __init__(self, place: str, row: Mapping[str, Any], errors: list[FieldError]) -> None:
        self._place = place
        self._row = row
        self._errors = errors
        self.id = ""
        self.id = self.pattern("id", ID)

    def wrong(self, name: str, code: str, message: str, value: object = "") -> None:
        row = f"{self._place} ({self.id})" if self.id else self._place
        self._errors.append(
            FieldError(
                f"{self._place}.{name}", code, message, (("row", row), ("name", name), ("value", str(value)))
            )
        )

    def pattern(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self._row.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self.wrong(name, "unusable", N_("{row}: {name} cannot be {value}."), value)
            return ""
        return value

    def line(self, name: str, *, required: bool = False, longest: int = LONGEST_NAME) -> str | None:
        value = self._row.get(name)
        if value is None or value == "":
            if required:
                self.wrong(name, "missing", N_("{row}: {name} is missing."))
            return None
        if not isinstance(value, str) or len(value) > longest or any(ord(letter) < 32 for letter in value):
            self.wrong(name, "unusable", N_("{row}: {name} cannot be {value}."), value)
            return None
        return value.strip()

    def one_of(self, name: str, choices: Collection[str], *, required: bool = True) -> str | None:
        value = self.line(name, required=required)
        if value is not None and value not in choices:
            self.wrong(name, "unknown", N_("{row}: {name} cannot be {value}."), value)
            return None
        return value

    def list_of(
        self, name: str, choices: Collection[str] | None = None, *, required: bool = False
    ) -> tuple[str, ...]:
        values = self._row.get(name)
        if values is None:
            values = []
        if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            self.wrong(name, "not-a-list", N_("{row}: {name} must be a list of words."))
            return ()
        if required and not values:
            self.wrong(name, "missing", N_("{row}: {name} is missing."))
        for value in values:
            if choices is not None and value not in choices:
                self.wrong(name, "unknown", N_("{row}: {name} cannot be {value}."), value)
        return tuple(dict.fromkeys(values))

    def number(self, name: str) -> int | None:
        value = self._row.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.wrong(name, "not-a-number", N_("{row}: {name} must be a number, not {value}."), value)
            return None
        return value

    def dates(self, name: str) -> tuple[str, ...]:
        values = self.list_of(name)
        for value in values:
            if not is_date(value):
                self.wrong(
                    name,
                    "not-a-date",
                    N_("{row}: {name} must be a date like 2027-03-15, not {value}."),
                    value,
                )
        return tuple(sorted(values))

    def ages(self) -> tuple[int, int] | None:
        value = self._row.get("age")
        if value is None:
            return None
        whole = isinstance(value, list) and len(value) == 2 and all(type(year) is int for year in value)
        if not whole or not 0 <= value[0] <= value[1] <= OLDEST:
            self.wrong("age", "unusable", N_("{row}: {name} cannot be {value}."), value)
            return None
        return value[0], value[1]

    def names(self, name: str, longest: int) -> dict[str, str]:
        value = self._row.get(name)
        fits = (
            isinstance(value, dict)
            and value
            and all(
                LANGUAGE.fullmatch(str(language))
                and isinstance(text, str)
                and text.strip()
                and len(text) <= longest
                for language, text in value.items()
            )
        )
        if not fits or not isinstance(value, dict):
            self.wrong(name, "unusable", N_("{row}: {name} needs a text in at least one language."))
            return {}
        return {language: text.strip() for language, text in value.items()}


def _programme(row: _Row, known: Known, done: CatalogueDocument) -> None:
    points = row._row.get("talk_points_months")
    if not isinstance(points, list) or not all(type(month) is int and month >= 0 for month in points):
        row.wrong("talk_points_months", "unusable", N_("{row}: {name} must be a list of numbers."))
        points = []
    done.programmes.append(
        {"id": row.id, "name": row.names("name", LONGEST_NAME), "talk_points_months": points}
    )


def _theme(row: _Row, known: Known, done: CatalogueDocument) -> None:
    done.themes.append({"id": row.id, "name": row.names("name", LONGEST_NAME)})


def _collaboration(row: _Row, known: Known, done: CatalogueDocument) -> None:
    done.collaborations.append(
        {
            "id": row.id,
            "name": row.line("name", required=True),
            "country": row.one_of("country", terms.COUNTRIES),
            "municipalities": row.list_of("municipalities", known.municipalities, required=True),
        }
    )


def _provider(row: _Row, known: Known, done: CatalogueDocument) -> None:
    kind = row.one_of("kind", PROVIDER_KINDS)
    done.providers.append(
        {
            "id": row.id,
            "kind": PROVIDER_KINDS.get(kind or ""),
            "name": row.line("name", required=True),
            "municipality": row.one_of("municipality", known.municipalities, required=False),
        }
    )


def _offer(row: _Row, known: Known, done: CatalogueDocument) -> None:
    shared = {one["id"] for one in done.collaborations} | set(known.collaborations)
    providers = {one["id"] for one in done.providers} | set(known.providers)
    names, summaries = row.names("name", LONGEST_NAME), row.names("summary", LONGEST_SUMMARY)
    if names and summaries and names.keys() != summaries.keys():
        row.wrong("summary", "languages", N_("{row}: name and summary must be in the same languages."))
        summaries = dict.fromkeys(names, "")
    checked_on = row.line("checked_on")
    if checked_on is not None and not is_date(checked_on):
        row.wrong(
            "checked_on",
            "not-a-date",
            N_("{row}: {name} must be a date like 2027-03-15, not {value}."),
            checked_on,
        )
    time = row.line("time")
    if time is not None and not CLOCK.fullmatch(time):
        row.wrong("time", "not-a-time", N_("{row}: {name} must be a time like 09:30, not {value}."), time)
    done.offers.append(
        Offer(
            row.id,
            "",
            row.one_of("kind", terms.KINDS) or "",
            row.one_of("provider", providers) or "",
            "",
            "",
            None,
            tuple(Text(language, names[language], summaries.get(language, "")) for language in sorted(names)),
            Facts(
                sex=row.one_of("sex", terms.SEXES, required=False),
                diagnosis=row.list_of("diagnosis"),
                audience=row.list_of("audience", terms.PEOPLE) or ("patient",),
                age=row.ages(),
                format=row.list_of("format", terms.FORMATS),
                place=row.line("place"),
                referral=row.list_of("referral", terms.REFERRALS) or ("none",),
                capacity=row.number("capacity"),
                sessions=row.number("sessions"),
                weekday=row.list_of("weekday", terms.WEEKDAYS),
                time=time,
                starts=row.dates("starts"),
                price=row.one_of("price", terms.PRICES, required=False) or "free",
                source=row.line("source") or "",
            ),
            row.list_of("reach", {*known.municipalities, *shared, *terms.COUNTRIES}, required=True),
            row.list_of(
                "programmes", {one["id"] for one in done.programmes} | set(known.programmes), required=True
            ),
            row.list_of("themes", {one["id"] for one in done.themes} | set(known.themes)),
            row.list_of("next_steps"),
            checked_on,
        )
    )


# In this order: each part may refer to the ones before it.
_PARTS = {
    "programmes": _programme,
    "themes": _theme,
    "collaborations": _collaboration,
    "providers": _provider,
    "offers": _offer,
}
