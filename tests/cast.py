"""The people every test knows, and the places they work in.

Astrid books on Onkologisk afsnit, Bo and Birgit are nurses of Sønderborg, Lis of Lyngby-Taarbæk, Kari of Askøy,
Ida counts, Ellen is the patient and Dag her son abroad.
"""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain.access import OPERATOR, Scope
from handover.organising import WantedOrganisation, add_organisation, add_unit
from handover.setting_up import put_municipalities_in
from handover.staffing import WantedAccount, add_account, set_working_week
from handover.store import places, sessions
from handover.store.engine import Tx

NOW = 1796020200  # Monday 30 November 2026, 07:30 in Copenhagen and Oslo
TODAY = "2026-11-30"
OFFICE_WEEK = {day: [(8 * 60, 16 * 60)] for day in range(5)}


@dataclass(frozen=True)
class Cast:
    """Ids of the places, scopes of the people."""

    hospital: str
    ward: str
    other_ward: str
    soenderborg: str
    team: str
    lyngby: str
    lyngby_team: str
    haukeland: str
    haukeland_ward: str
    askoey: str
    askoey_team: str
    association: str
    astrid: Scope
    anton: Scope
    bo: Scope
    birgit: Scope
    ida: Scope
    lis: Scope
    kari: Scope
    oda: Scope
    admin: Scope
    kommune_admin: Scope


def gather(tx: Tx, password_hash: str | None = None, now: int = NOW, today: str = TODAY) -> Cast:
    """Put the cast into an empty database. Everybody's password has the given hash."""
    put_municipalities_in(tx)

    def organisation(kind: str, name: str, country: str, code: str | None = None) -> str:
        wanted = WantedOrganisation(
            kind, name, country, "+45 74 00 00 00" if country == "DK" else "+47 55 00 00 00", code
        )
        return add_organisation(tx, wanted, by=OPERATOR, now=now, today=today)

    def unit(owner: str, name: str) -> str:
        return add_unit(tx, owner, name, "+45 74 11 22 33", by=OPERATOR, now=now)

    def person(
        owner: str, role: str, name: str, email: str, *units: str, zone: str = "Europe/Copenhagen"
    ) -> Scope:
        account = add_account(
            tx,
            WantedAccount(owner, role, name, email, password_hash, units, phone="+45 20 00 00 00"),  # type: ignore[arg-type]
            by=OPERATOR,
            now=now,
        )
        if role == "nurse":
            set_working_week(tx, account, OFFICE_WEEK, zone, by=OPERATOR, now=now)
        scope = sessions.staff_scope(tx, account)
        assert scope is not None
        return scope

    hospital = organisation("hospital", "Sygehus Sønderjylland", "DK")
    ward, other_ward = unit(hospital, "Onkologisk afsnit"), unit(hospital, "Lungemedicinsk afsnit")
    soenderborg = organisation("municipality", "Sønderborg Kommune", "DK", "0540")
    team = unit(soenderborg, "Kræftteam")
    lyngby = organisation("municipality", "Lyngby-Taarbæk Kommune", "DK", "0173")
    lyngby_team = unit(lyngby, "Sundhedscenter")
    haukeland = organisation("hospital", "Haukeland universitetssjukehus", "NO")
    haukeland_ward = unit(haukeland, "Kreftavdelingen")
    askoey = organisation("municipality", "Askøy kommune", "NO", "4627")
    askoey_team = unit(askoey, "Kreftkoordinator")
    association = organisation("association", "Kreftforeningen", "NO")
    places.agree(tx, hospital, soenderborg, "2026-01-01")
    places.agree(tx, hospital, lyngby, "2026-01-01")
    places.agree(tx, haukeland, askoey, "2026-01-01")
    return Cast(
        hospital,
        ward,
        other_ward,
        soenderborg,
        team,
        lyngby,
        lyngby_team,
        haukeland,
        haukeland_ward,
        askoey,
        askoey_team,
        association,
        astrid=person(hospital, "ward", "Astrid Lund", "astrid@ward.example", ward),
        anton=person(hospital, "ward", "Anton Friis", "anton@ward.example", other_ward),
        bo=person(soenderborg, "nurse", "Bo Madsen", "bo@kommune.example", team),
        birgit=person(soenderborg, "nurse", "Birgit Holm", "birgit@kommune.example", team),
        ida=person(soenderborg, "coordinator", "Ida Bang", "ida@kommune.example"),
        lis=person(lyngby, "nurse", "Lis Krogh", "lis@kommune.example", lyngby_team),
        kari=person(askoey, "nurse", "Kari Nes", "kari@kommune.example", askoey_team, zone="Europe/Oslo"),
        oda=person(association, "association", "Oda Vik", "oda@forening.example"),
        admin=person(hospital, "administrator", "Mette Dam", "admin@ward.example"),
        kommune_admin=person(soenderborg, "administrator", "Jens Toft", "admin@kommune.example"),
    )
