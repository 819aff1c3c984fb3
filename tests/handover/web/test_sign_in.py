"""Signing in and out: who gets in, who is slowed down, what a session is worth."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.sessions import IDLE, LONGEST
from handover.web.throttling import FREE_TRIES
from tests.cast import Cast
from tests.conftest import Serve, service
from tests.visitor import PASSWORD, Clock, Visitor, signed_in

ASTRID = "astrid@ward.example"


async def is_signed_in(client: Visitor) -> bool:
    return (await client.get("/account")).status == 200


async def test_right_password_opens_a_session_that_signing_out_ends(client: Visitor, cast: Cast) -> None:
    await signed_in(client, ASTRID)
    stolen = client.cookies()["session"]
    assert await is_signed_in(client)
    assert (await client.get("/sign-in")).status == 303
    await client.post("/sign-out")
    assert not await is_signed_in(client)
    client.http.session.cookie_jar.update_cookies({"session": stolen}, client.http.make_url("/"))
    assert not await is_signed_in(client)


async def test_case_of_the_address_does_not_matter(client: Visitor, cast: Cast) -> None:
    await signed_in(client, "Astrid@Ward.Example")


async def test_session_that_somebody_else_set_is_replaced(client: Visitor, cast: Cast) -> None:
    client.http.session.cookie_jar.update_cookies({"session": "chosen-by-another"}, client.http.make_url("/"))
    await signed_in(client, ASTRID)
    assert client.cookies()["session"] != "chosen-by-another"


async def test_database_holds_no_usable_session(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    await signed_in(client, ASTRID)
    kept = store.read_now(lambda tx: tx.value("select id_hash from sessions"))
    assert kept and client.cookies()["session"] not in kept


async def test_wrong_password_and_unknown_person_are_answered_alike(client: Visitor, cast: Cast) -> None:
    answers = [
        await client.post("/sign-in", {"email": email, "password": password})
        for email, password in ((ASTRID, "wrong password"), ("nobody@ward.example", PASSWORD))
    ]
    assert {answer.status for answer in answers} == {422}
    texts = [answer.text.replace(ASTRID, "").replace("nobody@ward.example", "") for answer in answers]
    assert texts[0] == texts[1]
    assert "The e-mail or the password is not right." in texts[0]


async def test_next_page_is_never_another_host(client: Visitor, cast: Cast) -> None:
    for asked, led in (
        ("/talks", "/talks"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ):
        answer = await client.post("/sign-in", {"email": ASTRID, "password": PASSWORD, "next": asked})
        assert (answer.status, answer.location) == (303, led)
        await client.post("/sign-out")


async def test_guessing_is_slowed_down_and_even_the_right_password_waits(client: Visitor, cast: Cast) -> None:
    for _ in range(FREE_TRIES):
        assert (await client.post("/sign-in", {"email": ASTRID, "password": "guess"})).status == 422
    answer = await client.post("/sign-in", {"email": ASTRID, "password": PASSWORD})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Wait" in answer.text


async def test_right_password_from_another_network_works_while_one_guesses(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock, cast: Cast
) -> None:
    proxied = replace(settings, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    app = service(proxied, store, clock)
    attacker = await serve(app, **{"X-Forwarded-For": "203.0.113.7"})
    for _ in range(50):
        last = await attacker.post("/sign-in", {"email": ASTRID, "password": "guess"})
    assert last.status == 429
    astrid = await serve(app, **{"X-Forwarded-For": "198.51.100.20"})
    await signed_in(astrid, ASTRID)
    # Believing what the attacker writes into the header would give a new network to every try.
    forger = await serve(app, **{"X-Forwarded-For": "192.0.2.99, 203.0.113.7"})
    assert (await forger.post("/sign-in", {"email": ASTRID, "password": "guess"})).status == 429


async def test_session_ends_after_an_hour_of_nothing_and_after_a_long_shift(
    client: Visitor, cast: Cast, clock: Clock
) -> None:
    await signed_in(client, ASTRID)
    clock.forward(IDLE - 60)
    assert await is_signed_in(client)
    clock.forward(IDLE + 60)
    assert not await is_signed_in(client)
    await signed_in(client, ASTRID)
    for _ in range(LONGEST // (IDLE // 2)):
        clock.forward(IDLE // 2)
        last = await is_signed_in(client)
    assert not last


async def test_page_that_listens_for_guests_does_not_keep_the_session_alive(
    client: Visitor, cast: Cast, clock: Clock
) -> None:
    await signed_in(client, ASTRID)
    clock.forward(IDLE - 60)
    await client.get("/rooms/ws")
    clock.forward(120)
    assert not await is_signed_in(client)


@pytest.mark.parametrize("press", ["reset", "leave"])
async def test_administrator_who_closes_or_resets_an_account_ends_its_sessions(
    serve: Serve, client: Visitor, cast: Cast, press: str
) -> None:
    await signed_in(client, ASTRID)
    admin = await signed_in(await serve(client.app), "admin@ward.example")
    assert (await admin.post(f"/admin/people/{cast.astrid.actor}/{press}")).status == 303
    assert not await is_signed_in(client)
    again = await client.post("/sign-in", {"email": ASTRID, "password": PASSWORD})
    assert again.status == 422


async def test_changed_password_ends_all_other_sessions(serve: Serve, client: Visitor, cast: Cast) -> None:
    await signed_in(client, ASTRID)
    other = await signed_in(await serve(client.app), ASTRID)
    wrong = await client.post(
        "/account/password", {"current": "not it", "password": "four unlikely words here"}
    )
    assert wrong.status == 422 and await is_signed_in(other)
    weak = await client.post("/account/password", {"current": PASSWORD, "password": "password1234"})
    assert weak.status == 422 and "Many people would guess" in weak.text
    assert (
        await client.post("/account/password", {"current": PASSWORD, "password": "four unlikely words here"})
    ).status == 303
    assert await is_signed_in(client)
    assert not await is_signed_in(other)
    await signed_in(other, ASTRID, "four unlikely words here")


async def test_only_a_demo_lists_who_can_sign_in(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock, cast: Cast
) -> None:
    client = await serve(service(replace(settings, demo=True), store, clock))
    page = (await client.get("/sign-in")).text
    assert f'name="as" value="{ASTRID}"' in page
    filled = (await client.get(f"/sign-in?as={ASTRID}")).text
    assert f'value="{ASTRID}" required' in filled and 'value="demo-demo-demo" required' in filled


async def test_otherwise_nobody_is_named(client: Visitor, cast: Cast) -> None:
    page = (await client.get(f"/sign-in?as={ASTRID}")).text
    assert "astrid" not in page.lower() and "demo-demo-demo" not in page
