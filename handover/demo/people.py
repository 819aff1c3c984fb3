"""Who works where in the demo, and the catalogue they look in."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher

from handover import cataloguing, setting_up
from handover.demo.courses import with_starts
from handover.domain.access import OPERATOR, Role, Scope
from handover.domain.days import local_date
from handover.domain.passwords import DEMO
from handover.errors import N_, Conflict
from handover.organising import ZONES, WantedOrganisation, add_organisation, add_unit
from handover.staffing import WantedAccount, Week, add_account, set_working_week
from handover.store import accounts, places, sessions
from handover.store.engine import Tx

AGREED_SINCE = "2025-01-01"  # before every talk of the past
WEEK: Week = {day: [(8 * 60, 15 * 60 + 30)] for day in range(4)} | {4: [(8 * 60, 14 * 60)]}


@dataclass(frozen=True)
class Place:
    """An organisation with the name of its one ward or team."""

    wanted: WantedOrganisation
    unit: str = ""
    unit_phone: str = ""


@dataclass(frozen=True)
class Person:
    """A demo account; `place` is a key of PLACES."""

    email: str
    name: str
    role: Role
    place: str
    title: str = ""
    phone: str = ""
    hours: str = ""


PLACES = {
    "sygehus": Place(
        WantedOrganisation("hospital", "Sygehus Sønderjylland", "DK", "+45 74 18 00 00"),
        "Onkologisk afsnit",
        "+45 74 18 25 10",
    ),
    "sønderborg": Place(
        WantedOrganisation("municipality", "Sønderborg Kommune", "DK", "+45 88 72 64 00", "0540"),
        "Kræftteamet",
        "+45 88 72 40 10",
    ),
    "lyngby": Place(
        WantedOrganisation("municipality", "Lyngby-Taarbæk Kommune", "DK", "+45 45 97 30 00", "0173"),
        "Sundhedscentret",
        "+45 45 97 31 20",
    ),
    "haukeland": Place(
        WantedOrganisation("hospital", "Haukeland universitetssjukehus", "NO", "+47 55 97 50 00"),
        "Kreftavdelingen",
        "+47 55 97 20 10",
    ),
    "askøy": Place(
        WantedOrganisation("municipality", "Askøy kommune", "NO", "+47 56 15 80 00", "4627"),
        "Kreftkoordinatoren",
        "+47 56 15 81 10",
    ),
    "kreftforeningen": Place(WantedOrganisation("association", "Kreftforeningen", "NO", "+47 21 49 49 21")),
}
AGREEMENTS = (("sygehus", "sønderborg"), ("sygehus", "lyngby"), ("haukeland", "askøy"))

_OFFICE_DA = "mandag–torsdag kl. 8–15.30, fredag kl. 8–14"
_OFFICE_NB = "mandag–torsdag kl. 8–15.30, fredag kl. 8–14"
ACCOUNTS = (
    Person("astrid@ward.example", "Astrid Lund", "ward", "sygehus", "Sygeplejerske", "+45 74 18 25 11"),
    Person(
        "bo@kommune.example",
        "Bo Madsen",
        "nurse",
        "sønderborg",
        "Kræftsygeplejerske",
        "+45 88 72 40 11",
        _OFFICE_DA,
    ),
    Person(
        "birgit@kommune.example",
        "Birgit Holm",
        "nurse",
        "sønderborg",
        "Sundhedsvejleder",
        "+45 88 72 40 12",
        _OFFICE_DA,
    ),
    Person("ida@kommune.example", "Ida Bang", "coordinator", "sønderborg", "Leder", "+45 88 72 40 01"),
    Person(
        "lis@kommune.example",
        "Lis Krogh",
        "nurse",
        "lyngby",
        "Sundhedsrådgiver",
        "+45 45 97 31 21",
        _OFFICE_DA,
    ),
    Person(
        "kari@kommune.example",
        "Kari Nes",
        "nurse",
        "askøy",
        "Kreftkoordinator",
        "+47 56 15 81 11",
        _OFFICE_NB,
    ),
    Person(
        "oda@forening.example", "Oda Vik", "association", "kreftforeningen", "Rådgiver", "+47 21 49 49 22"
    ),
    Person("siri@ward.example", "Siri Haugen", "ward", "haukeland", "Sykepleier", "+47 55 97 20 11"),
    Person("admin@ward.example", "Mette Dam", "administrator", "sygehus", "", "+45 74 18 25 01"),
    Person("admin@kommune.example", "Jens Toft", "administrator", "sønderborg", "", "+45 88 72 40 02"),
)


def settle(tx: Tx, since: int) -> None:
    """Put places, people and catalogue into an empty database, as if they had been there since then."""
    setting_up.furnish(tx, now=since)
    document = with_starts(setting_up.starting_catalogue(), local_date(since, "Europe/Copenhagen"))
    cataloguing.import_offers(tx, document, by=OPERATOR, now=since)
    organisations, units = _places(tx, since)
    for hospital, municipality in AGREEMENTS:
        places.agree(tx, organisations[hospital], organisations[municipality], AGREED_SINCE)
    _people(tx, organisations, units, since)


def scope_of(tx: Tx, email: str) -> Scope:
    """A demo account as somebody who acts. Raises `Conflict` when whoever tries the demo has closed the account."""
    account = accounts.by_email(tx, email)
    scope = sessions.staff_scope(tx, account["id"]) if account else None
    if scope is None:
        raise Conflict("demo-changed", N_("{email} can no longer sign in to this demo."), email=email)
    return scope


def _places(tx: Tx, now: int) -> tuple[dict[str, str], dict[str, str]]:
    organisations: dict[str, str] = {}
    units: dict[str, str] = {}
    for key, place in PLACES.items():
        zone = ZONES[place.wanted.country]
        today = local_date(now, zone).isoformat()
        organisations[key] = add_organisation(tx, place.wanted, by=OPERATOR, now=now, today=today)
        if place.unit:
            units[key] = add_unit(tx, organisations[key], place.unit, place.unit_phone, by=OPERATOR, now=now)
    return organisations, units


def _people(tx: Tx, organisations: dict[str, str], units: dict[str, str], now: int) -> None:
    # Hashed once: everybody has the same, and hashing is slow by design.
    password_hash = PasswordHasher().hash(DEMO)
    for number, person in enumerate(ACCOUNTS):
        works = (units[person.place],) if person.role in ("ward", "nurse") else ()
        account = add_account(
            tx,
            WantedAccount(
                organisations[person.place],
                person.role,
                person.name,
                person.email,
                password_hash,
                works,
                person.title,
                person.phone,
                person.hours,
            ),
            by=OPERATOR,
            now=now + number,  # the sign-in page lists them in this order
        )
        if person.role == "nurse":
            zone = "Europe/Oslo" if person.place == "askøy" else "Europe/Copenhagen"
            set_working_week(tx, account, WEEK, zone, by=OPERATOR, now=now)
