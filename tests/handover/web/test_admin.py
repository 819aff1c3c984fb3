"""An administrator sets the organisation up by pages, and only the own organisation."""

from __future__ import annotations

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from handover.store import accounts, places
from handover.store.sqlite import SqliteStore
from tests.booked import book
from tests.cast import Cast
from tests.conftest import Serve
from tests.visitor import Visitor, signed_in

WEEK = {f"day-{day}": "8-12, 12.30-15" for day in range(5)}
PARTICULARS = {"name": "Bo Madsen", "title": "", "phone": "+45 20 00 00 00", "hours": "", "language": "da"}


async def test_new_colleague_gets_a_mail_with_a_link(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    await signed_in(client, "admin@ward.example")
    answer = await client.post(
        "/admin/people/new",
        {"name": "Nina Juul", "email": "Nina@ward.example", "role": "ward", "unit": cast.ward},
    )
    assert answer.status == 303, answer.text
    nina = store.read_now(accounts.by_email, "nina@ward.example")
    assert nina is not None and nina["password_hash"] is None
    assert [row["id"] for row in store.read_now(accounts.units_of, nina["id"])] == [cast.ward]
    letters = store.read_now(lambda tx: tx.all("select letter, account from outbox"))
    assert letters == [{"letter": "password", "account": nina["id"]}]
    shown = await client.get(answer.location)
    assert "Nina Juul" in shown.text and "Has not chosen" in (await client.get("/admin")).text


async def test_address_that_is_taken_is_said_and_what_was_typed_stays(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "admin@ward.example")
    answer = await client.post(
        "/admin/people/new", {"name": "Nina Juul", "email": "astrid@ward.example", "role": "ward"}
    )
    assert answer.status == 409
    assert "There is already an account with astrid@ward.example." in answer.text
    assert 'value="Nina Juul"' in answer.text


async def test_nobody_becomes_a_nurse_in_a_hospital(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "admin@ward.example")
    answer = await client.post(
        "/admin/people/new", {"name": "Nina", "email": "nina@ward.example", "role": "nurse"}
    )
    assert answer.status == 422


async def test_working_hours_are_read_as_people_write_them(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    await signed_in(client, "admin@kommune.example")
    person = f"/admin/people/{cast.bo.actor}"
    assert (await client.post(f"{person}/week", WEEK)).status == 303
    hours = store.read_now(accounts.working_hours_of, cast.bo.actor)
    assert [(row["from_minute"], row["to_minute"]) for row in hours] == [(480, 720), (750, 900)] * 5
    assert 'value="8.00–12.00, 12.30–15.00"' in (await client.get(person)).text
    wrong = await client.post(f"{person}/week", {**WEEK, "day-1": "8-12, 11-13"})
    assert wrong.status == 422 and 'value="8-12, 11-13"' in wrong.text


async def test_somebody_elses_people_and_units_do_not_exist(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "admin@ward.example")
    for path in (
        f"/admin/people/{cast.bo.actor}",
        f"/admin/units/{cast.team}",
        f"/admin/people/{cast.bo.actor}/leave",
    ):
        assert (await client.get(path)).status == 404
    for path in ("", "/week", "/reset", "/leave", "/photo/remove"):
        answer = await client.post(f"/admin/people/{cast.bo.actor}{path}", {**PARTICULARS, **WEEK})
        assert answer.status == 404, path
    assert (await client.post(f"/admin/units/{cast.team}", {"name": "X", "phone": "12345678"})).status == 404
    assert (await client.post("/admin/agreements", {"agree": cast.hospital})).status == 404


async def test_municipality_decides_which_hospitals_may_book(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    await signed_in(client, "admin@kommune.example")

    def bookable() -> set[str]:
        return {row["id"] for row in store.read_now(places.bookable_teams, cast.hospital, "2026-11-30")}

    assert cast.team in bookable()
    await client.post("/admin/agreements", {"end": cast.hospital})
    assert cast.team not in bookable()
    await client.post("/admin/agreements", {"agree": cast.hospital})
    assert cast.team in bookable()
    foreign = await client.post("/admin/agreements", {"agree": cast.haukeland})
    assert foreign.status == 403


async def test_two_who_edit_at_once_do_not_overwrite_each_other(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "admin@kommune.example")
    person = f"/admin/people/{cast.bo.actor}"
    edited = {**PARTICULARS, "email": "bo@kommune.example", "units": cast.team, "version": "1"}
    assert (await client.post(person, {**edited, "title": "Kræftsygeplejerske"})).status == 303
    second = await client.post(person, {**edited, "title": "Leder"})
    assert second.status == 409 and "Somebody else changed this" in second.text
    assert "Kræftsygeplejerske" in (await client.get(person)).text


async def test_nurse_of_another_municipality_can_serve_with_one_calendar(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    await signed_in(client, "admin@kommune.example")
    unit = f"/admin/units/{cast.team}"
    assert (await client.post(f"{unit}/nurses", {"email": "lis@kommune.example"})).status == 303
    assert "Lis Krogh" in {row["name"] for row in store.read_now(accounts.nurses_of, cast.team)}
    assert "Lis Krogh" in (await client.get(unit)).text
    await client.post(f"{unit}/nurses/{cast.lis.actor}/remove")
    assert "Lis Krogh" not in {row["name"] for row in store.read_now(accounts.nurses_of, cast.team)}
    assert (await client.post(f"{unit}/nurses", {"email": "astrid@ward.example"})).status == 422


async def test_team_says_how_it_can_be_booked(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    await signed_in(client, "admin@kommune.example")
    wanted = {
        "name": "Kræftteam",
        "phone": "+45 1234 5678",
        "notice_hours": "24",
        "horizon_days": "90",
        "version": "1",
    }
    assert (await client.post(f"/admin/units/{cast.team}", wanted)).status == 303
    unit = store.read_now(places.unit, cast.team)
    assert unit is not None and (unit["notice_minutes"], unit["horizon_days"]) == (1440, 90)
    wrong = await client.post(f"/admin/units/{cast.team}", {**wanted, "version": "2", "horizon_days": "1e9"})
    assert wrong.status == 422 and "1 to 365" in wrong.text


async def test_ward_is_added_once(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "admin@ward.example")
    ward = {"name": "Hæmatologisk afsnit", "phone": "+45 7411 2233"}
    assert (await client.post("/admin/units/new", ward)).status == 303
    assert (await client.post("/admin/units/new", ward)).status == 303
    assert (await client.get("/admin")).text.count("Hæmatologisk afsnit") == 1
    assert (await client.post("/admin/units/new", {**ward, "phone": "+45 7411 2234"})).status == 409
    assert "Hæmatologisk afsnit" in (await client.get("/admin")).text


async def test_organisation_changes_its_name_and_phone(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "admin@ward.example")
    form = {"name": "Sygehus Syd", "phone": "+45 7400 0001", "version": "1"}
    assert (await client.post("/admin/organisation", form)).status == 303
    assert "Sygehus Syd" in (await client.get("/admin")).text
    assert (
        await client.post("/admin/organisation", {**form, "name": "Sønderborg Kommune", "version": "2"})
    ).status == 409


async def test_closing_an_account_hangs_up_its_sockets(
    serve: Serve, client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    store.write_now(book, cast)
    await signed_in(client, "astrid@ward.example")
    async with client.http.ws_connect("/rooms/ws", headers={"Origin": client.origin}) as socket:
        await socket.send_json({"type": "hello", "version": 1})
        await socket.send_json({"type": "ping"})
        assert (await socket.receive_json())["type"] == "pong"
        admin = await signed_in(await serve(client.app), "admin@ward.example")
        answer = await admin.post(f"/admin/people/{cast.astrid.actor}/leave", {"anyway": "yes"})
        assert answer.status == 303, answer.text
        last = await socket.receive()
        assert (last.type, last.data) == (WSMsgType.CLOSE, 4403)
    with pytest.raises(WSServerHandshakeError):
        await client.http.ws_connect("/rooms/ws", headers={"Origin": client.origin})
