"""Set up where people work: organisations, wards and teams, who may book whom, and programs' ways in."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain import presses
from handover.domain.access import API_SCOPES, Scope
from handover.errors import N_, Conflict, FieldError, NotAllowed, NotFound, look_again
from handover.store import api_tokens, audit, places
from handover.store.engine import Row, Tx

ZONES = {"DK": "Europe/Copenhagen", "NO": "Europe/Oslo"}
LANGUAGES = {"DK": "da", "NO": "nb"}
UNIT_OF = {"hospital": "ward", "municipality": "team"}
KINDS = ("hospital", "municipality", "region", "association", "collaboration")


@dataclass(frozen=True)
class WantedOrganisation:
    """A new organisation. `municipality` is the code a municipality's team answers for."""

    kind: str
    name: str
    country: str
    phone: str
    municipality: str | None = None


@dataclass(frozen=True)
class WantedUnit:
    """How a ward or team should be. A team may ask for some notice and close its calendar some weeks ahead."""

    name: str
    phone: str
    notice_minutes: int = 0
    horizon_days: int = 60


def add_organisation(tx: Tx, wanted: WantedOrganisation, *, by: Scope, now: int, today: str) -> str:
    """Add an organisation and return its id. Raises `Conflict` when the name is taken."""
    by.require("accounts")
    if by.kind == "staff":
        raise NotAllowed("operator-only", N_("New organisations are added by whoever runs the server."))
    if places.organisation(tx, wanted.name) is not None:
        raise Conflict("name-taken", N_("There is already an organisation called {name}."), name=wanted.name)
    wrong = _wrong_municipality(tx, wanted)
    if wrong is not None:
        raise look_again(wrong)
    organisation = places.add_organisation(
        tx,
        kind=wanted.kind,
        name=wanted.name,
        country=wanted.country,
        zone=ZONES[wanted.country],
        language=LANGUAGES[wanted.country],
        municipality=wanted.municipality,
        phone=wanted.phone,
        valid_from=today,
        now=now,
    )
    audit.note(tx, by, "organisation:add", "organisation", organisation, at=now, kind=wanted.kind)
    return organisation


def _wrong_municipality(tx: Tx, wanted: WantedOrganisation) -> FieldError | None:
    if wanted.kind != "municipality":
        if wanted.municipality is None:
            return None
        return FieldError("municipality", "not-here", N_("Only a municipality has a municipality code."))
    if wanted.municipality is None:
        return FieldError("municipality", "missing", N_("Say which municipality this is."))
    found = places.municipality(tx, wanted.municipality)
    if found is None or found["country"] != wanted.country:
        return FieldError("municipality", "unknown", N_("There is no municipality with this code."))
    return None


def edit_organisation(
    tx: Tx, organisation: str, version: int, name: str, phone: str, *, by: Scope, now: int
) -> None:
    """Change what an organisation is called and where it is rung."""
    _own(tx, organisation, by)
    namesake = places.organisation(tx, name)
    if namesake is not None and namesake["id"] != organisation:
        raise Conflict("name-taken", N_("There is already an organisation called {name}."), name=name)
    if not places.edit_organisation(tx, organisation, version, name=name, phone=phone):
        raise stale()
    audit.note(tx, by, "organisation:edit", "organisation", organisation, at=now)


def add_unit(tx: Tx, organisation: str, name: str, phone: str, *, by: Scope, now: int) -> str:
    """Add a ward to a hospital or a team to a municipality and return its id. Pressing twice adds one."""
    owner = _own(tx, organisation, by)
    kind = UNIT_OF.get(owner["kind"])
    if kind is None:
        raise NotAllowed("no-units", N_("Only hospitals and municipalities have wards and teams."))
    known = places.unit_added(tx, organisation, name, phone, since=presses.since(now))
    if known is not None:
        return known
    if places.unit_named(tx, organisation, name) is not None:
        raise Conflict("name-taken", N_("There is already one called {name}."), name=name)
    unit = places.add_unit(tx, organisation, kind, name, phone, now=now)
    audit.note(tx, by, "unit:add", "unit", unit, at=now)
    return unit


def edit_unit(tx: Tx, unit: str, version: int, wanted: WantedUnit, *, by: Scope, now: int) -> None:
    """Change a ward's or team's name, phone and how it can be booked."""
    before = own_unit(tx, unit, by)
    namesake = places.unit_named(tx, before["organisation"], wanted.name)
    if namesake is not None and namesake != unit:
        raise Conflict("name-taken", N_("There is already one called {name}."), name=wanted.name)
    if not places.edit_unit(
        tx,
        unit,
        version,
        name=wanted.name,
        phone=wanted.phone,
        notice_minutes=wanted.notice_minutes,
        horizon_days=wanted.horizon_days,
    ):
        raise stale()
    audit.note(tx, by, "unit:edit", "unit", unit, at=now)


def agree(tx: Tx, hospital: str, municipality: str, *, by: Scope, now: int, today: str) -> None:
    """Let a hospital's wards book a municipality's team from today.

    The municipality decides: it is its nurses' time that is given away. Agreeing twice changes nothing.
    """
    _who_may_book(tx, hospital, municipality, by)
    places.agree(tx, hospital, municipality, today)
    audit.note(tx, by, "agreement:add", "organisation", municipality, at=now, hospital=hospital)


def end_agreement(tx: Tx, hospital: str, municipality: str, *, by: Scope, now: int, today: str) -> None:
    """Take no new bookings from a hospital; talks that are booked stay."""
    _who_may_book(tx, hospital, municipality, by)
    places.end_agreement(tx, hospital, municipality, today)
    audit.note(tx, by, "agreement:end", "organisation", municipality, at=now, hospital=hospital)


def _who_may_book(tx: Tx, hospital: str, municipality: str, by: Scope) -> None:
    owner, guest = _own(tx, municipality, by), places.organisation(tx, hospital)
    if owner["kind"] != "municipality" or guest is None or guest["kind"] != "hospital":
        raise NotFound()
    if guest["country"] != owner["country"]:
        raise NotAllowed("other-country", N_("Hospitals and municipalities agree within one country."))


def make_token(tx: Tx, organisation: str, scopes: tuple[str, ...], token: str, *, by: Scope, now: int) -> str:
    """Let a program with `token` (256 random bits) act for an organisation; only its hash is kept. Returns an id."""
    owner = _own(tx, organisation, by)
    unknown = [scope for scope in scopes if scope not in API_SCOPES]
    if unknown or not scopes:
        wrong = FieldError(
            "scope", "unknown", N_("Choose from: {scopes}."), (("scopes", ", ".join(API_SCOPES)),)
        )
        raise look_again(wrong)
    made = api_tokens.add(tx, owner["id"], token, scopes, now=now)
    audit.note(tx, by, "token:add", "token", made, at=now, scopes=list(scopes), organisation=owner["id"])
    return made


def _own(tx: Tx, organisation: str, by: Scope) -> Row:
    """The organisation, when they set it up; `NotFound` otherwise."""
    by.require("accounts")
    found = places.organisation(tx, organisation)
    if found is None or not by.administers(found["id"]):
        raise NotFound()
    return found


def own_unit(tx: Tx, unit: str, by: Scope) -> Row:
    """The ward or team, when they set up its organisation; `NotFound` otherwise."""
    by.require("accounts")
    found = places.unit(tx, unit)
    if found is None or not by.administers(found["organisation"]):
        raise NotFound()
    return found


def stale() -> Conflict:
    """Somebody saved the same thing since this page was opened."""
    return Conflict(
        "stale-version",
        N_("Somebody else changed this a moment ago. Look at it as it is now, then change it again."),
    )
