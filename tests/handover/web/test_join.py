from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import pytest
from aiohttp import web

from handover.domain import join_links
from handover.store import links, seats
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET
from tests import booked
from tests.booked import STARTS_AT, Booked, book
from tests.cast import NOW, Cast
from tests.visitor import Clock, Visitor, signed_in

DOORS_OPEN = STARTS_AT - 600


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    return store.write_now(book, cast)


@pytest.fixture
def token(app: web.Application, store: SqliteStore, talk: Booked) -> str:
    """Dag's."""
    return store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)


def rows(store: SqliteStore) -> list[Any]:
    """Everything a guest's page could change."""
    tables = ("talks", "participants", "links", "seats", "outbox", "audit")
    return [store.read_now(lambda tx, table=table: tx.all(f"select * from {table}")) for table in tables]


async def test_before_its_hour_a_link_says_when_to_come_back(client: Visitor, token: str) -> None:
    page = await client.get(f"/j/{token}")
    assert page.status == 200
    assert "Monday 30 November at 09:30–10:00 (Danish time)" in page.text
    assert "The link opens at 09:00." in page.text
    assert "+45 74 11 22 33" in page.text
    assert "data-socket" not in page.text


async def test_an_open_link_lets_the_guest_get_ready(
    client: Visitor, clock: Clock, talk: Booked, token: str
) -> None:
    clock.now = DOORS_OPEN
    page = await client.get(f"/j/{token}")
    assert page.status == 200
    assert f'data-socket="/rooms/{talk.talk}/ws"' in page.text
    assert 'value="Dag Sørensen"' in page.text
    assert "I am ready" in page.text and "not recorded" in page.text
    assert "camera=(self)" in page.headers["Permissions-Policy"]


async def test_a_page_before_admission_names_nobody_else(client: Visitor, clock: Clock, token: str) -> None:
    for now in (NOW, DOORS_OPEN):
        clock.now = now
        text = html.unescape((await client.get(f"/j/{token}")).text)
        told = (
            "Bo Madsen",
            "Astrid",
            "Ellen",
            booked.NATIONAL_ID,
            booked.PLACE,
            "Onkologisk",
            "Sønderborg",
            "HO-17",
        )
        assert [word for word in told if word in text] == []


async def test_getting_and_heading_a_link_changes_nothing(
    client: Visitor, store: SqliteStore, clock: Clock, token: str
) -> None:
    before = rows(store)
    for now in (NOW, DOORS_OPEN):
        clock.now = now
        for _ in range(10):
            assert (await client.get(f"/j/{token}")).status == 200
            assert (await client._ask("HEAD", f"/j/{token}")).status == 200
    assert rows(store) == before


async def test_wrong_expired_and_cancelled_links_look_alike(
    client: Visitor, app: web.Application, store: SqliteStore, clock: Clock, talk: Booked, token: str
) -> None:
    link = store.read_now(links.of_participant, "join", talk.dag)
    assert link is not None
    unknown = join_links.token(app[SECRET], "join", "a" * 26, 1)
    tampered = token[:-2] + ("aa" if token[-2:] != "aa" else "ba")
    other_purpose = join_links.token(app[SECRET], "summary", link["id"], 1)
    older = join_links.token(app[SECRET], "join", link["id"], 2)
    answers = [
        await client.get(f"/j/{wrong}")
        for wrong in (unknown, tampered, other_purpose, older, "x", token + "a")
    ]
    clock.now = booked.ENDS_AT + 86400
    answers.append(await client.get(f"/j/{token}"))
    clock.now = DOORS_OPEN
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, state="cancelled"))
    answers.append(await client.get(f"/j/{token}"))
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, state="booked", stopped_at=NOW))
    answers.append(await client.get(f"/j/{token}"))
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, stopped_at=None))
    store.write_now(links.revoke_of_participant, talk.dag, now=NOW)
    answers.append(await client.get(f"/j/{token}"))

    def seen(text: str) -> str:
        return re.sub(r"/j/[a-z2-7x]+|\?lang=", "", text)  # the language links repeat the address one is at

    assert {answer.status for answer in answers} == {404}
    assert len({seen(answer.text) for answer in answers}) == 1
    assert "The link no longer works. We can send you a new one." in answers[0].text
    assert 'href="/new-link"' in answers[0].text


async def test_the_page_speaks_the_invitations_language_unless_another_was_chosen(
    serve: Any, app: web.Application, store: SqliteStore, cast: Cast
) -> None:
    talk = store.write_now(lambda tx: book(tx, cast, dag_language="nb"))
    token = store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)
    visitor = await serve(app, **{"Accept-Language": "da"})
    visitor.http.session.cookie_jar.clear()
    assert '<html lang="nb"' in (await visitor.get(f"/j/{token}")).text
    assert '<html lang="da"' in (await visitor.get(f"/j/{token}?lang=da")).text
    assert '<html lang="da"' in (await visitor.get(f"/j/{token}")).text


async def test_i_am_ready_keeps_name_and_relation_and_admits_nobody(
    client: Visitor, store: SqliteStore, clock: Clock, talk: Booked, token: str
) -> None:
    clock.now = DOORS_OPEN
    answer = await client.post_json(f"/j/{token}", {"name": "Dag Ø. Sørensen", "relation": "son"})
    assert (answer.status, answer.text) == (200, f'{{"socket": "/rooms/{talk.talk}/ws"}}')
    seat = store.read_now(seats.of_participant, talk.dag)
    assert seat is not None
    assert (seat["name"], seat["knocked_at"], seat["admitted_at"]) == ("Dag Ø. Sørensen", None, None)
    assert 'value="Dag Ø. Sørensen"' in (await client.get(f"/j/{token}")).text
    assert (await client.post(f"/j/{token}", {"name": "Dag", "relation": ""})).location == f"/j/{token}"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "missing"),
        ("A\r\nB", "unreadable"),
        ("A\x00", "unreadable"),
        ("\u202eA", "unreadable"),
        ("A" * 81, "too-long"),
    ],
)
async def test_a_name_that_cannot_be_shown_is_refused_in_words(
    client: Visitor, store: SqliteStore, clock: Clock, talk: Booked, token: str, name: str, code: str
) -> None:
    clock.now = DOORS_OPEN
    answer = await client.post_json(f"/j/{token}", {"name": name})
    assert answer.status == 422
    assert f'"code": "{code}"' in answer.text
    assert store.read_now(seats.of_participant, talk.dag) is None


async def test_being_ready_too_early_or_too_late_does_nothing(
    client: Visitor, store: SqliteStore, clock: Clock, token: str
) -> None:
    before = rows(store)
    early = await client.post_json(f"/j/{token}", {"name": "Dag"})
    assert early.status == 409 and "09:00" in early.text
    clock.now = booked.ENDS_AT + 86400
    assert (await client.post_json(f"/j/{token}", {"name": "Dag"})).status == 404
    assert (await client.post(f"/j/{token}", {"name": "Dag"})).status == 404
    assert rows(store) == before


async def test_a_post_from_another_site_or_without_a_form_token_is_refused(
    client: Visitor, store: SqliteStore, clock: Clock, token: str
) -> None:
    clock.now = DOORS_OPEN
    before = rows(store)
    assert (
        await client.post(f"/j/{token}", {"name": "E"}, headers={"Origin": "https://evil.example"})
    ).status == 403
    assert (await client._ask("POST", f"/j/{token}", data={"name": "E"})).status == 403
    assert rows(store) == before


async def test_guessing_is_stopped_and_honest_guests_behind_the_same_address_come_in(
    client: Visitor, app: web.Application, store: SqliteStore, talk: Booked, token: str
) -> None:
    honest = [
        store.write_now(booked.join_token, app[SECRET], talk.talk, guest) for guest in (talk.dag, talk.ellen)
    ]
    statuses = []
    for number in range(300):
        guess = join_links.token(bytes(32), "join", "a" * 26, number)
        statuses.append((await client.get(f"/j/{guess}")).status)
        if number % 50 == 0:
            assert [(await client.get(f"/j/{mine}")).status for mine in honest] == [200, 200]
    assert statuses[0] == 404 and set(statuses[100:]) == {429}
    assert (await client.get(f"/j/{token}")).status == 200


async def test_tokens_and_names_never_reach_a_log(
    client: Visitor, clock: Clock, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    clock.now = DOORS_OPEN
    await client.get(f"/j/{token}")
    await client.post_json(f"/j/{token}", {"name": "Dag Sørensen"})
    await client.post_json(f"/j/{token}", {"name": ""})
    await client.get(f"/j/{token[:-1]}")
    await client.post("/new-link", {"email": "dag@abroad.example"})
    # The test's server writes aiohttp's own access log, which the service switches off for this very reason.
    written = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    assert any("GET /j/{token} 200" in line for line in written)
    for secret in (token, token[:-1], "Dag Sørensen", "dag@abroad.example"):
        assert [line for line in written if secret in line] == []


async def test_asking_for_a_new_link_is_answered_alike_whoever_asks(
    client: Visitor, store: SqliteStore, token: str
) -> None:
    answers = [
        await client.post("/new-link", {"email": address})
        for address in ("dag@abroad.example", "eve@elsewhere.example", "bo@kommune.example")
    ]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    letters = store.read_now(lambda tx: tx.tuples("select letter from outbox"))
    assert letters == [("new-link",)]


async def test_a_slip_of_the_pen_in_the_address_is_told(client: Visitor) -> None:
    page = await client.get("/new-link")
    assert page.status == 200 and 'name="email"' in page.text
    answer = await client.post("/new-link", {"email": "dag@abroad"})
    assert answer.status == 422
    assert 'value="dag@abroad"' in answer.text and "name@example.org" in answer.text


async def test_a_list_of_addresses_cannot_be_tried(client: Visitor, store: SqliteStore, token: str) -> None:
    answers = await asyncio.gather(
        *(client.post("/new-link", {"email": f"guess{number}@abroad.example"}) for number in range(40))
    )
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == 20 and statuses.count(429) == 20


async def test_staff_who_open_a_guests_link_read_their_own_language(
    client: Visitor, clock: Clock, token: str
) -> None:
    clock.now = DOORS_OPEN
    await signed_in(client, "bo@kommune.example")
    client.http.session.cookie_jar.update_cookies({"lang": ""})
    page = await client.get(f"/j/{token}")
    assert page.status == 200 and '<html lang="da"' in page.text
