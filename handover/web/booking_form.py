"""The booking form: what was typed, kept over its three steps, and read into what the story wants."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from handover.domain.access import Scope
from handover.domain.bookings import (
    HOWS,
    MINOR_CHILDREN,
    ConsentGiven,
    Guest,
    PatientFacts,
    Wanted,
    faults_of,
)
from handover.domain.talks import GUEST_ROLES, MinorChildren, ParticipantRole
from handover.entering import consent_missing
from handover.errors import N_, Conflict, Invalid
from handover.sealing import Seal, is_national_id
from handover.web.forms import Reader
from handover.web.time_fields import day_of, minutes_of, start_of
from handover.web.vocabulary import INTERPRETED, vocabulary
from handover.words import LANGUAGES

# Fields of the second step; everything else a story may find fault with was typed in the first.
WHEN_FIELDS = frozenset({"start", "date", "time", "minutes", "team", "nurse", "override", "shown_week"})
GUESTS = (*(role for role in GUEST_ROLES if role != "patient"), "ward")
MOST_PEOPLE = 12
BIRTH_YEARS = range(1890, 2101)
_NOT_KEPT = frozenset({"form_token", "go", "step", "week"})
_ROW = re.compile(r"participants\.(\d{1,2})\.")


class Typed(Mapping[str, str]):
    """What stands in the form, as it was typed: the first value of each field, and `all` of those with several."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self._first = dict(reversed(self.pairs))

    @classmethod
    def posted(cls, fields: Mapping[str, object]) -> Typed:
        """What a browser sent; a file where text belongs is nothing. Empty lines for people close up, so that a line
        has the number that the story knows its person by."""
        found = cls((name, value) for name, value in fields.items() if isinstance(value, str))
        filled = [row for row in found.rows() if found.somebody_in(row)]
        numbers = {old: new for new, old in enumerate(filled)}
        closed_up: list[tuple[str, str]] = []
        for name, value in found.pairs:
            line = _ROW.match(name)
            if line is None:
                closed_up.append((name, value))
            elif int(line[1]) in numbers:
                closed_up.append((f"participants.{numbers[int(line[1])]}.{name[line.end() :]}", value))
        return cls(closed_up)

    def __call__(self, name: str) -> str:
        return self._first.get(name, "")

    def __getitem__(self, name: str) -> str:
        return self._first[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def all(self, name: str) -> list[str]:
        """Every value of a field with several."""
        return [value for one, value in self.pairs if one == name]

    def somebody_in(self, row: int) -> bool:
        """Whether a line for people names anybody who is to come."""
        if self(f"participants.{row}.gone"):
            return False
        return any(self(f"participants.{row}.{part}").strip() for part in ("name", "email", "phone"))

    def rows(self) -> list[int]:
        """The numbers of the lines for people, as they stand in the form."""
        found = {int(match[1]) for name in self._first if (match := _ROW.match(name))}
        return sorted(found)[:MOST_PEOPLE]

    @property
    def time_by_hand(self) -> bool:
        """Whether a time was typed instead of a free one chosen."""
        return bool(self("date") or self("time"))

    def kept(self, step: str) -> list[tuple[str, str]]:
        """What the step does not show and has to carry along."""
        shown_in_who = step == "who"
        return [
            (name, value)
            for name, value in self.pairs
            if name not in _NOT_KEPT
            and (name == "key" or step == "check" or (name in WHEN_FIELDS) == shown_in_who)
        ]

    def without(self, fields: Iterable[str]) -> Typed:
        """The same form with these fields left open."""
        left_open = frozenset(fields)
        return Typed(pair for pair in self.pairs if pair[0] not in left_open)

    def digest(self) -> str:
        """A mark of everything that was typed: whether two presses ask for the same."""
        text = "\0".join(f"{name}\0{value}" for name, value in sorted(self.pairs) if name not in _NOT_KEPT)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def step_of(faults: Iterable[str]) -> str:
    """The step in which the first of these fields can be put right."""
    return "when" if all(field in WHEN_FIELDS for field in faults) else "who"


def only_of_who(error: Invalid | Conflict) -> Invalid | Conflict:
    """The same with the faults that the first step can show; those of the second are told there."""
    if isinstance(error, Conflict):
        return error
    fields = [one for one in error.fields if one.field not in WHEN_FIELDS]
    return Invalid(error.code, error.message, fields, **error.values)


def wanted_from(
    typed: Typed, *, by: Scope, code_of: Callable[[str], str | None], seal: Seal, language: str, timed: bool
) -> Wanted:
    """Read the form; raises `Invalid` with every field that cannot be used. Without `timed` the time is not asked."""
    reader = Reader(typed)
    spoken = reader.choice("language", LANGUAGES, required=True) or by.language
    interpreter = reader.choice("interpreter", INTERPRETED) or None
    place, ward = reader.line("place"), reader.line("ward") or None
    wanted = Wanted(
        municipality=_municipality(reader, code_of),
        start=start_of(reader, by.zone) if timed else 0,
        programme=reader.line("programme", required=True),
        language=spoken,
        patient=_patient(reader, spoken, seal),
        consent=_consent(reader),
        minutes=minutes_of(reader),
        ward=ward,
        team=reader.line("team") or None,
        place=place,
        interpreter=interpreter,
        themes=tuple(typed.all("themes")),
        nurse=reader.line("nurse") or None,
        discharge_on=day_of(reader, "discharge_on"),
        minor_children=children_of(reader),
        participants=tuple(guests_of(reader, typed.rows(), language)),
        override=reader.line("override") or None,
    )
    if reader.errors:
        _rest_of(reader, wanted)
    reader.done()
    return wanted


def _rest_of(reader: Reader, wanted: Wanted) -> None:
    """Add what the story would find wrong with the rest, so that everything is told at once."""
    told = {error.field for error in reader.errors}
    missing = () if wanted.municipality_may_know else consent_missing().fields
    reader.errors += [fault for fault in (*faults_of(wanted), *missing) if fault.field not in told]


def children_of(reader: Reader) -> MinorChildren:
    """Are there minor children: yes, no, not asked."""
    value = reader.choice("minor_children", MINOR_CHILDREN, default="not-asked")
    return next((one for one in MINOR_CHILDREN if one == value), "not-asked")


def guests_of(reader: Reader, rows: Sequence[int], language: str) -> list[Guest]:
    """The people on the lines of the form; a line without name and address is nobody."""
    codes = {word.casefold(): code for code, word in vocabulary(language).relations.items()}
    found = []
    for row in rows:
        field = partial("participants.{}.{}".format, row)
        name, email = reader.line(field("name")), reader.email(field("email"))
        phone, id_ = reader.phone(field("phone")), reader.line(field("id")) or None
        if not (name or email or phone):
            continue
        if not name:
            reader.wrong(field("name"), "missing", N_("Write the name."))
        relation = reader.line(field("relation"))
        found.append(
            Guest(
                role=role_of(reader, field("role")),
                name=name,
                email=email,
                phone=phone,
                relation=codes.get(relation.casefold(), relation),
                language=reader.choice(field("language"), LANGUAGES) or None,
                id=id_,
            )
        )
    return found


def role_of(reader: Reader, field: str) -> ParticipantRole:
    """Who somebody is to the talk."""
    value = reader.choice(field, (*GUESTS, "patient"), default="relative")
    roles: tuple[ParticipantRole, ...] = (*GUEST_ROLES, "ward")
    return next((role for role in roles if role == value), "other")


def _municipality(reader: Reader, code_of: Callable[[str], str | None]) -> str:
    name = reader.line("municipality", required=True)
    code = code_of(name) if name else None
    if name and code is None:
        reader.wrong(
            "municipality", "unknown", N_("We do not know this municipality. Choose it from the list.")
        )
    return code or ""


def _patient(reader: Reader, language: str, seal: Seal) -> PatientFacts:
    national_id = reader.line("patient.national_id")
    if national_id and not is_national_id(national_id):
        reader.wrong(
            "patient.national_id", "not-an-id", N_("A CPR number has 10 digits, a fødselsnummer 11.")
        )
        national_id = ""
    return PatientFacts(
        initials=reader.line("patient.initials", required=True, longest=10),
        reference=reader.line("patient.reference", required=True, longest=64),
        name=reader.line("patient.name"),
        phone=reader.phone("patient.phone"),
        email=reader.email("patient.email"),
        language=language,
        sex=reader.choice("patient.sex", ("female", "male", "other")) or None,
        birth_year=_birth_year(reader),
        national_id=seal.close(national_id) if national_id else None,
        protected_address=reader.line("patient.protected_address") == "yes",
    )


def _birth_year(reader: Reader) -> int | None:
    value = reader.line("patient.birth_year")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) == 4):
        reader.wrong("patient.birth_year", "not-a-year", N_("Write the year with four digits."))
        return None
    if int(value) not in BIRTH_YEARS:
        first, last = str(BIRTH_YEARS[0]), str(BIRTH_YEARS[-1])
        message = N_("Write a year from {first} to {last}.")
        reader.wrong("patient.birth_year", "out-of-range", message, first=first, last=last)
        return None
    return int(value)


def _consent(reader: Reader) -> tuple[ConsentGiven, ...]:
    if reader.line("consent") != "yes":
        return ()
    return (consent_from(reader, "municipality", "consent.0."),)


def consent_from(
    reader: Reader, to: str, prefix: str, *, given: bool = True, recipient: str = ""
) -> ConsentGiven:
    """What the patient said, as the form has it."""
    how = reader.choice(prefix + "how", HOWS, default="spoken")
    return ConsentGiven(
        to=to,
        given=given,
        how=next((one for one in HOWS if one == how), "spoken"),
        asked_by=reader.line(prefix + "asked_by"),
        basis=reader.line(prefix + "basis"),
        recipient=recipient,
    )
