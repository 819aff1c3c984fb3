"""Ids of other people's things inside of one's own: a talk's consents and guests, nurses, wards, accounts, offers."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from handover import setting_up
from handover.booking import book as book_talk
from handover.domain.access import API_SCOPES, OPERATOR
from handover.domain.talks import Talk
from handover.organising import make_token
from handover.staffing import add_absence
from handover.store import accounts, consents
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, wanted
from tests.cast import NOW, Cast
from tests.handover.web.api.conftest import Program, a_booking
from tests.handover.web.booking_pages import filled
from tests.visitor import Visitor, signed_in

PROGRAM = "p" * 43


@pytest.fixture
def own(store: SqliteStore, cast: Cast) -> Talk:
    """Astrid's talk with Bo."""
    store.write_now(setting_up.furnish, now=NOW)
    store.write_now(make_token, cast.hospital, API_SCOPES, PROGRAM, by=OPERATOR, now=NOW)
    return store.write_now(book_talk, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)


@pytest.fixture
def others(store: SqliteStore, cast: Cast, own: Talk) -> Talk:
    """Anton's talk, of the other ward, with Lis of another municipality."""
    return store.write_now(book_talk, wanted(municipality="0173"), by=cast.anton, now=NOW)


@pytest.fixture
async def astrid(client: Visitor, own: Talk) -> Visitor:
    return await signed_in(client, "astrid@ward.example")


def written(store: SqliteStore) -> list[str]:
    """Everything in the database but who looked and when."""
    with sqlite3.connect(store.path) as connection:
        return [line for line in connection.iterdump() if 'INTO "sessions"' not in line]


def guest_of(talk: Talk) -> str:
    return next(one.id for one in talk.participants if one.role == "relative")


def consent_of(talk: Talk) -> Any:
    def first(tx: Tx) -> str:
        return consents.of_talk(tx, talk.id)[0].id

    return first


async def test_a_talks_form_takes_nothing_of_another_talk(
    astrid: Visitor, store: SqliteStore, cast: Cast, own: Talk, others: Talk
) -> None:
    here, version = f"/talks/{own.id}", str(own.version)
    stranger, consent = guest_of(others), store.read_now(consent_of(others))
    line = {"id": stranger, "role": "relative", "name": "Eve", "email": "eve@evil.example"}
    people = {f"participants.0.{name}": value for name, value in line.items()} | {"version": version}
    row = {"version": "0", "form": "video"}
    before = written(store)
    for path, form, status in (
        (f"{here}/consents/{consent}/withdraw", {}, 404),
        (f"{here}/summary/code", {"participant": stranger}, 404),
        (f"{here}/summary/let-see", {"participant": stranger}, 404),
        (f"{here}/people", people, 422),
        (f"{here}/move", {"start": str(TEN), "nurse": cast.lis.actor, "version": version}, 422),
        (f"{here}/move", {"start": str(TEN + 3600), "nurse": cast.astrid.actor, "version": version}, 422),
    ):
        answer = await astrid.post(path, form)
        assert answer.status == status, f"{path} {answer.status}"
    assert written(store) == before
    for more in (
        {"present": stranger},
        {"contact_account": cast.lis.actor},
        {"contact_account": cast.oda.actor},
    ):
        assert (await astrid.post(f"{here}/outcome", row | more)).status == 422, more
    shown = await astrid.post_json(f"{here}/shown", {"offer": others.id})
    assert shown.status in (404, 422)
    slips = await astrid.get(f"{here}/slip?for={stranger}")
    assert "/j/" not in slips.text


async def test_a_booking_names_only_ones_own_wards_and_the_chosen_municipalitys_nurses(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    before = written(store)
    for wrong in (
        {"ward": cast.other_ward},
        {"ward": cast.haukeland_ward},
        {"nurse": cast.lis.actor},
        {"nurse": cast.astrid.actor},
        {"team": cast.lyngby_team},
        {"municipality": "Askøy"},
        {"programme": cast.ward},
        {"themes": cast.ward},
        {"participants__0__role": "nurse"},
    ):
        answer = await astrid.post("/talks/new", filled(step="check", go="book", **wrong))
        assert answer.status in (409, 422), f"{wrong} {answer.status}"
    assert written(store) == before


async def test_a_program_reaches_nothing_through_its_own_talk(
    client: Visitor, store: SqliteStore, cast: Cast, own: Talk, others: Talk
) -> None:
    program, stranger = Program(client, PROGRAM), guest_of(others)
    person = {"role": "relative", "name": "Eve", "email": "eve@evil.example", "id": stranger}
    before = written(store)
    for method, path, body, status in (
        ("PATCH", f"/talks/{own.id}", {"version": own.version, "nurse": cast.lis.actor}, 422),
        ("PATCH", f"/talks/{own.id}", {"version": own.version, "participants": [person]}, 422),
        ("PATCH", f"/talks/{own.id}", {"version": own.version, "hospital": cast.haukeland}, 422),
        ("POST", f"/talks/{own.id}/participants", person, 422),
        ("PUT", f"/talks/{own.id}/outcome", {"version": 0, "present": [stranger]}, 422),
        ("PUT", f"/talks/{own.id}/outcome", {"version": 0, "contact": {"account": cast.lis.actor}}, 422),
        ("POST", "/talks", a_booking(ward=cast.haukeland_ward), 422),
        ("POST", "/talks", a_booking(nurse=cast.lis.actor), 422),
        ("POST", "/talks", a_booking(municipality="4627"), 422),
        ("POST", "/talks", a_booking(booked_by=cast.admin.actor), 422),
    ):
        answer = await program.ask(method, path, body)
        assert answer.status == status, f"{method} {path} {body} {answer.text}"
    assert written(store) == before


async def test_nobody_makes_themselves_more_than_they_are(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    def me(tx: Tx) -> Any:
        return accounts.by_id(tx, cast.astrid.actor), accounts.units_of(tx, cast.astrid.actor)

    before, units = store.read_now(me)
    more = {
        "role": "administrator",
        "organisation": cast.haukeland,
        "units": cast.other_ward,
        "email": "eve@evil.example",
        "id": cast.admin.actor,
        "account": cast.admin.actor,
        "password_hash": "x",
        "photo": "x",
    }
    form = {"name": "Astrid Lund", "phone": "+45 20 00 00 00", "hours": "", "title": "", "language": "da"}
    assert (await astrid.post("/account", form | more | {"version": str(before["version"])})).status == 303
    after, units_after = store.read_now(me)
    assert (after | {"version": 0}, units_after) == (before | {"version": 0}, units)


async def test_an_administrator_reaches_no_other_house(
    client: Visitor, store: SqliteStore, cast: Cast, others: Talk
) -> None:
    admin = await signed_in(client, "admin@ward.example")
    absence = store.write_now(
        add_absence, cast.birgit.actor, NOW + 86400, NOW + 2 * 86400, by=cast.kommune_admin, now=NOW
    )
    person = {"name": "Eve", "email": "eve@evil.example", "role": "ward"}
    own = f"/admin/people/{cast.astrid.actor}"
    before = written(store)
    for path, form, status in (
        (f"{own}/absences/{absence}/end", {}, 404),
        (f"/account/absences/{absence}/end", {}, 404),
        (f"{own}/leave", {"successor": cast.lis.actor}, 422),
        ("/admin/people/new", person | {"unit": cast.team}, 422),
        ("/admin/people/new", person | {"role": "nurse"}, 422),
        (f"/admin/units/{cast.team}", {"name": "x", "phone": "+45 1", "version": "1"}, 404),
        (f"/admin/units/{cast.team}/nurses/{cast.bo.actor}/remove", {}, 404),
        (f"/admin/units/{cast.ward}/nurses", {"email": "bo@kommune.example"}, 422),
        ("/admin/agreements", {"agree": cast.hospital}, 404),
    ):
        answer = await admin.post(path, form)
        assert answer.status == status, f"{path} {answer.status}"
    assert written(store) == before
    invited = await admin.post(
        "/admin/people/new", person | {"organisation": cast.soenderborg, "unit": cast.ward}
    )
    assert invited.status == 303
    eve = store.read_now(accounts.by_email, "eve@evil.example")
    assert eve is not None and (eve["organisation"], eve["role"]) == (cast.hospital, "ward")
    for page in (f"/talks/{others.id}", f"/talks/{others.id}/outcome/text", "/evaluation"):
        assert (await admin.get(page)).status == 403
