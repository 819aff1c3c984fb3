from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError, web

from handover import joining
from handover.domain import join_links
from handover.settings import Settings
from handover.store import audit, links, seats, stays
from handover.store.sqlite import SqliteStore
from handover.web.keys import ROOMS, SECRET
from tests import booked
from tests.booked import STARTS_AT, Booked, book
from tests.cast import NOW, Cast
from tests.conftest import service
from tests.handover.web.lines import Come, dial, tampered
from tests.visitor import Clock, Visitor, signed_in

DOORS_OPEN = STARTS_AT - 600


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, turn=("turn:turn.example:3478?transport=udp",), turn_secret="a secret of the relay"
    )


@pytest.fixture
def talk(store: SqliteStore, cast: Cast, clock: Clock) -> Booked:
    clock.now = DOORS_OPEN
    return store.write_now(book, cast)


@pytest.fixture
def token(app: web.Application, store: SqliteStore, talk: Booked) -> str:
    """Dag's."""
    return store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)


def actions(store: SqliteStore, talk: Booked) -> list[tuple[str, str]]:
    return [(row["actor_name"], row["action"]) for row in store.read_now(audit.of_talk, talk.talk)]


async def test_a_guest_knocks_and_is_let_in_by_the_nurse(
    store: SqliteStore, talk: Booked, token: str, come: Come
) -> None:
    bo = await come(email="bo@kommune.example")
    admitted = await bo.hear("admitted")
    assert [one["organisation"] for one in admitted["roster"]] == ["Sønderborg Kommune"]
    dag = await come(token=token)
    welcome = await dag.hear("welcome")
    assert (welcome["name"], welcome["role"], welcome["admits"]) == ("Dag Sørensen", "relative", False)
    await dag.say("knock", name="Dag", relation="son")
    await dag.hear("waiting")
    (knocking,) = (await bo.hear_somebody_knock())["knocking"]
    assert (knocking["participant"], knocking["name"], knocking["relation"], knocking["link"]) == (
        talk.dag,
        "Dag",
        "son",
        "d…@abroad.example",
    )
    assert "Bo" not in json.dumps(dag.heard) and "turn:" not in json.dumps(dag.heard)
    await bo.say("admit", participant=talk.dag)
    inside = await dag.hear("admitted")
    assert sorted(one["name"] for one in inside["roster"]) == ["Bo Madsen", "Dag"]
    assert inside["ice"][0]["urls"] == ["turn:turn.example:3478?transport=udp"]
    assert int(inside["ice"][0]["username"].partition(":")[0]) == booked.ENDS_AT + 3600
    await dag.say("bye")
    assert await dag.close_code() == 1000
    assert actions(store, talk) == [
        ("Bo Madsen", "seat:join"),
        ("Dag Sørensen", "seat:knock"),
        ("Bo Madsen", "seat:let-in"),
        ("Dag Sørensen", "seat:join"),
        ("Dag Sørensen", "seat:leave"),
    ]
    seat = store.read_now(seats.of_participant, talk.dag)
    assert seat is not None and seat["admitted_by"] is not None
    came = {(stay.name, stay.left_at) for stay in store.read_now(stays.of_talk, talk.talk)}
    assert came == {("Bo Madsen", None), ("Dag", DOORS_OPEN)}


@pytest.mark.parametrize("protected", [False, True])
async def test_guests_beside_a_protected_patient_show_their_address_to_the_relay_alone(
    store: SqliteStore, talk: Booked, token: str, come: Come, protected: bool
) -> None:
    if protected:
        store.write_now(lambda tx: tx.run("update patients set protected_address = :now", now=NOW))
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    assert (await bo.hear("admitted"))["relay_only"] is False
    await dag.say("knock", name="Dag", relation="")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    assert (await dag.hear("admitted"))["relay_only"] is protected


async def test_a_link_that_does_not_open_yet_is_no_guess(come: Come, clock: Clock, token: str) -> None:
    clock.now = NOW
    for _ in range(70):
        line = await come(token=token)
        assert await line.close_code() == 4401
        await line.socket.close()
    clock.now = DOORS_OPEN
    await (await come(token=token)).hear("welcome")


async def test_tampered_expired_and_other_talks_tokens_get_one_answer(
    app: web.Application, store: SqliteStore, cast: Cast, clock: Clock, talk: Booked, token: str, come: Come
) -> None:
    other = store.write_now(lambda tx: book(tx, cast, reference="HO-18", nurse=cast.birgit))
    of_another_talk = store.write_now(booked.join_token, app[SECRET], other.talk, other.dag)
    link = store.read_now(links.of_participant, "join", talk.dag)
    assert link is not None
    summary = join_links.token(app[SECRET], "summary", link["id"], 1)
    for wrong in (tampered(token), "x" * 53, of_another_talk, summary):
        line = await come(token=wrong)
        assert (await line.close_code(), line.heard) == (4401, [])
    for now in (NOW, booked.ENDS_AT + 86400):
        clock.now = now
        line = await come(token=token)
        assert (await line.close_code(), line.heard) == (4401, [])


@pytest.mark.parametrize(
    "email", ["anton@ward.example", "lis@kommune.example", "ida@kommune.example", "admin@ward.example", None]
)
async def test_only_staff_of_the_ward_or_team_come_without_a_link(come: Come, email: str | None) -> None:
    line = await come(email=email)
    assert (await line.close_code(), line.heard) == (4401, [])


async def test_a_colleague_of_the_ward_comes_as_themselves(come: Come, cast: Cast, talk: Booked) -> None:
    birgit = await come(email="birgit@kommune.example")
    welcome = await birgit.hear("welcome")
    assert (welcome["participant"], welcome["role"], welcome["admits"]) == (cast.birgit.actor, "nurse", True)
    astrid = await come(email="astrid@ward.example")
    assert (await astrid.hear("welcome"))["participant"] == talk.astrid


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"stopped_at": NOW}])
async def test_nobody_enters_a_talk_that_was_called_off(
    store: SqliteStore, talk: Booked, token: str, come: Come, change: dict[str, Any]
) -> None:
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, **change))
    for who in ({"token": token}, {"email": "bo@kommune.example"}):
        line = await come(**who)
        assert (await line.close_code(), line.heard) == (4401, [])


async def test_a_municipality_that_has_left_enters_no_more(
    store: SqliteStore, talk: Booked, come: Come
) -> None:
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, municipality_left_at=NOW))
    assert await (await come(email="bo@kommune.example")).close_code() == 4401
    await (await come(email="astrid@ward.example")).hear("admitted")


async def test_a_link_taken_back_while_the_guest_waits_cannot_be_let_in(
    store: SqliteStore, talk: Booked, token: str, come: Come
) -> None:
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    await dag.say("knock", name="Dag", relation="")
    await dag.hear("waiting")
    store.write_now(links.revoke_of_participant, talk.dag, now=NOW)
    await bo.say("admit", participant=talk.dag)
    assert (await bo.hear("err"))["code"] == "refused"
    assert [message["type"] for message in dag.heard] == ["welcome", "waiting"]


async def test_a_link_taken_back_while_the_page_is_open_no_longer_knocks(
    store: SqliteStore, talk: Booked, token: str, come: Come
) -> None:
    dag = await come(token=token)
    await dag.hear("welcome")
    store.write_now(links.revoke_of_participant, talk.dag, now=NOW)
    await dag.say("knock", name="Dag", relation="")
    assert (await dag.hear("err"))["code"] == "refused"


async def test_a_protected_address_shows_no_municipality_to_the_others(
    store: SqliteStore, talk: Booked, come: Come
) -> None:
    store.write_now(lambda tx: tx.run("update patients set protected_address = :now", now=NOW))
    bo = await come(email="bo@kommune.example")
    assert [one["organisation"] for one in (await bo.hear("admitted"))["roster"]] == [""]


async def test_the_ward_hears_knocks_on_any_page_and_lets_in_from_there(
    store: SqliteStore, talk: Booked, token: str, come: Come
) -> None:
    astrid = await come(email="astrid@ward.example", path="/rooms/ws")
    lis = await come(email="lis@kommune.example", path="/rooms/ws")
    await lis.say("ping")
    await lis.hear("pong")
    dag = await come(token=token)
    await dag.say("knock", name="Dag", relation="son")
    heard = await astrid.hear_somebody_knock()
    assert (heard["room"], [one["name"] for one in heard["knocking"]]) == (talk.talk, ["Dag"])
    await astrid.say("admit", participant=talk.dag, room=talk.talk)
    await dag.hear("admitted")
    await lis.say("ping")
    await lis.hear("pong")
    assert [message["type"] for message in lis.heard] == ["pong", "pong"]
    assert ("Astrid Lund", "seat:let-in") in actions(store, talk)


async def test_guests_and_strangers_do_not_hear_knocks(client: Visitor, talk: Booked) -> None:
    answer = await client.get("/rooms/ws", headers={"Origin": client.origin})
    assert (answer.status, answer.location) == (303, "/sign-in?next=/rooms/ws")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_a_socket_needs_our_own_origin(
    serve: Any, app: web.Application, talk: Booked, origin: str | None
) -> None:
    visitor = await signed_in(await serve(app), "bo@kommune.example")
    for path in (f"/rooms/{talk.talk}/ws", "/rooms/ws"):
        with pytest.raises(WSServerHandshakeError) as refused:
            await visitor.http.ws_connect(path, headers={"Origin": origin} if origin else {})
        assert refused.value.status == 403


async def test_guessed_tokens_do_not_keep_the_honest_out(come: Come, token: str) -> None:
    for number in range(70):
        line = await come(token=join_links.token(bytes(32), "join", "a" * 26, number))
        assert await line.close_code() == 4401
        await line.socket.close()
    await (await come(token=token)).hear("welcome")


async def test_a_host_sends_a_guest_out_and_ends_the_talk(
    app: web.Application, store: SqliteStore, talk: Booked, token: str, come: Come
) -> None:
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    await dag.say("knock", name="Dag", relation="")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    await dag.hear("admitted")
    await bo.say("remove", participant=talk.dag)
    assert await dag.close_code() == 4403
    seat = store.read_now(seats.of_participant, talk.dag)
    assert seat is not None and seat["admitted_at"] is None
    await bo.say("end")
    assert await bo.close_code() == 4410
    assert app[ROOMS].present(talk.talk) == []
    said = [action for _, action in actions(store, talk)]
    assert said.index("seat:remove") < said.index("room:end")


async def test_tokens_and_names_never_reach_a_log(
    store: SqliteStore, talk: Booked, token: str, come: Come, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    dag = await come(token=token)
    await dag.say("knock", name="Dag Ø. Sørensen", relation="son")
    await dag.hear("waiting")
    await dag.say("nonsense")
    await dag.hear("err")
    await dag.say("bye")
    assert await dag.close_code() == 1000
    wrong = await come(token=tampered(token))
    await wrong.close_code()
    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.partition(".")[0] in ("handover", "signaling")
    ]
    assert ours
    for secret in (token, token[:-2], "Sørensen"):
        assert [line for line in ours if secret in line] == []


async def test_settings_without_a_relay_give_no_servers(
    serve: Any, settings: Settings, store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    visitor = await signed_in(
        await serve(service(replace(settings, turn=(), turn_secret=""), store, clock)), "bo@kommune.example"
    )
    line = await dial(visitor, talk, None)
    assert (await line.hear("admitted"))["ice"] == []
    await line.socket.close()


async def test_who_was_let_in_knocks_again_when_the_talk_is_moved_to_another_day(
    store: SqliteStore, talk: Booked, token: str, come: Come, clock: Clock
) -> None:
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    await dag.say("knock", name="Dag", relation="")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    await dag.hear("admitted")
    await dag.say("bye")
    assert await dag.close_code() == 1000
    day = 20 * 60 * 60
    later = {"starts_at": booked.STARTS_AT + day, "ends_at": booked.ENDS_AT + day}
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, **later))
    clock.forward(day)
    assert store.read_now(joining.admission_of, talk.talk, talk.dag, now=clock.now) is None
    again = await come(token=token)
    await again.say("knock", name="Dag", relation="")
    await again.hear("waiting")
    assert [message["type"] for message in again.heard] == ["welcome", "waiting"]
