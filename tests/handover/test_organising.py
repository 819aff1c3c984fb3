"""Organisations, wards and teams, agreements and tokens."""

from __future__ import annotations

import pytest

from handover.domain.access import OPERATOR
from handover.errors import Conflict, Invalid, NotAllowed, NotFound
from handover.organising import (
    WantedOrganisation,
    WantedUnit,
    add_organisation,
    add_unit,
    agree,
    edit_unit,
    end_agreement,
    make_token,
)
from handover.store import places, sessions
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, TODAY, Cast


def add(store: SqliteStore, *facts: str, municipality: str | None = None) -> str:
    wanted = WantedOrganisation(*facts, municipality=municipality)
    return store.write_now(add_organisation, wanted, by=OPERATOR, now=NOW, today=TODAY)


def test_municipality_needs_its_code_and_one_of_its_own_country(store: SqliteStore, cast: Cast) -> None:
    for country, code in (("DK", None), ("DK", "9999"), ("DK", "4627"), ("NO", "0540")):
        with pytest.raises(Invalid):
            add(store, "municipality", "Ny Kommune", country, "+45 12 34 56 78", municipality=code)
    with pytest.raises(Invalid):
        add(store, "hospital", "Nyt Sygehus", "DK", "+45 12 34 56 78", municipality="0540")


def test_name_is_taken_once(store: SqliteStore, cast: Cast) -> None:
    with pytest.raises(Conflict):
        add(store, "hospital", "Sygehus Sønderjylland", "DK", "+45 12 34 56 78")


def test_administrators_add_no_organisations(store: SqliteStore, cast: Cast) -> None:
    wanted = WantedOrganisation("hospital", "Nyt Sygehus", "DK", "+45 12 34 56 78")
    with pytest.raises(NotAllowed):
        store.write_now(add_organisation, wanted, by=cast.admin, now=NOW, today=TODAY)


def test_only_hospitals_and_municipalities_have_units(store: SqliteStore, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        store.write_now(add_unit, cast.association, "Lokal", "+47 12345678", by=OPERATOR, now=NOW)
    with pytest.raises(NotFound):
        store.write_now(add_unit, cast.soenderborg, "Team 2", "+45 12345678", by=cast.admin, now=NOW)


def test_unit_is_not_renamed_into_another(store: SqliteStore, cast: Cast) -> None:
    name = WantedUnit("Lungemedicinsk afsnit", "+45 12345678")
    with pytest.raises(Conflict) as taken:
        store.write_now(edit_unit, cast.ward, 1, name, by=cast.admin, now=NOW)
    assert taken.value.code == "name-taken"
    with pytest.raises(Conflict) as stale:
        store.write_now(edit_unit, cast.ward, 7, WantedUnit("A", "+45 12345678"), by=cast.admin, now=NOW)
    assert stale.value.code == "stale-version"


def test_hospital_cannot_let_itself_in(store: SqliteStore, cast: Cast) -> None:
    for story in (agree, end_agreement):
        with pytest.raises(NotFound):
            store.write_now(story, cast.hospital, cast.soenderborg, by=cast.admin, now=NOW, today=TODAY)
        with pytest.raises(NotFound):
            store.write_now(story, cast.lyngby, cast.soenderborg, by=cast.kommune_admin, now=NOW, today=TODAY)


def test_agreeing_twice_keeps_the_first_day(store: SqliteStore, cast: Cast) -> None:
    store.write_now(agree, cast.hospital, cast.soenderborg, by=cast.kommune_admin, now=NOW, today=TODAY)
    rows = store.read_now(places.agreements_of, cast.soenderborg, "DK")
    assert [(row["id"], row["since"], row["until"]) for row in rows] == [(cast.hospital, "2026-01-01", None)]


def test_token_acts_for_its_organisation_and_is_kept_as_a_hash(store: SqliteStore, cast: Cast) -> None:
    token = "t" * 43
    store.write_now(make_token, cast.hospital, ("talks:read",), token, by=OPERATOR, now=NOW)
    program = store.read_now(sessions.program_behind, token)
    assert program is not None
    assert (program.organisation, program.rights) == (cast.hospital, frozenset({"talks:read"}))
    assert token not in store.read_now(lambda tx: tx.value("select token_hash from api_tokens"))
    for scopes in ((), ("talks:read", "everything")):
        with pytest.raises(Invalid):
            store.write_now(make_token, cast.hospital, scopes, "u" * 43, by=OPERATOR, now=NOW)
