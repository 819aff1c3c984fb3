"""The real socket: who gets one, what a waiting guest can get out of it, and how it ends."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from signaling.rooms import Rooms
from tests.signaling.cast import ROOM, Diary
from tests.signaling.dialing import ORIGIN, Dial, unread_socket


async def test_guest_knocks_is_let_in_and_gets_servers_only_then(dial: Dial) -> None:
    astrid = await dial("astrid")
    await astrid.hear("admitted")
    dag = await dial(token="dag")
    await dag.say("knock", name="Dag Jensen", relation="son")
    assert await dag.ws.receive_json() == {
        "type": "welcome", "version": 1, "participant": "dag", "name": "Dag", "role": "relative", "admits": False,
    }  # fmt: skip
    assert await dag.ws.receive_json() == {"type": "waiting", "notice": ""}
    while not (await astrid.hear("knocking"))["knocking"]:
        pass
    await astrid.say("admit", participant="dag")
    admitted = await dag.hear("admitted")
    assert admitted["ice"][0]["credential"] == "planted-turn-secret"
    assert [entry["name"] for entry in admitted["roster"]] == ["Astrid", "Dag Jensen"]


async def test_waiting_guest_gets_no_names_servers_or_descriptions_whatever_it_sends(
    dial: Dial, rooms: Rooms
) -> None:
    astrid, bo = await dial("astrid"), await dial("bo")
    await astrid.say("company", people=["Planted Visitor"])
    generation = (await bo.hear("make"))["generation"]
    dag = await dial(token="dag")
    await dag.say("knock", name="Dag", relation="son")
    await dag.hear("waiting")
    offer = {"type": "offer", "sdp": "v=0 planted"}
    attempts: list[dict[str, Any]] = [
        {"type": "description", "to": "bo", "generation": generation, "description": offer},
        {"type": "candidate", "to": "bo", "generation": generation, "candidate": None},
        {"type": "recreate", "peer": "bo", "generation": generation},
        {"type": "admit", "participant": "dag"},
        {"type": "remove", "participant": "bo"},
        {"type": "company", "people": ["planted by dag"]},
        {"type": "end"},
        {"type": "hello", "version": 1, "token": "ellen"},
    ]  # fmt: skip
    for attempt in attempts:
        await dag.ws.send_json(attempt)
    await astrid.say(
        "description", to="bo", generation=generation, description={"type": "offer", "sdp": "v=0"}
    )
    await bo.hear("description")
    rooms.tell(ROOM, {"shown": "planted"}, lambda _pass: True)
    await dag.say("bye")
    heard, code = await dag.rest()
    assert [(message["type"], message["code"], message["about"]) for message in heard] == [
        ("err", "not-allowed", attempt["type"]) for attempt in attempts
    ]
    assert code == 1000
    told_bo = [await bo.ws.receive_json() for _ in range(2)]
    assert "planted by dag" not in str(told_bo) and "v=0 planted" not in str(told_bo)


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "https://ward.example.evil.example", "http://ward.example", "https://ward.example:444"],
)  # fmt: skip
@pytest.mark.parametrize("path", [f"/rooms/{ROOM}/ws", "/watch"])
async def test_socket_of_another_origin_is_refused_before_it_opens(
    server: TestServer, path: str, origin: str | None
) -> None:
    headers = {"Cookie": "staff=astrid", **({"Origin": origin} if origin else {})}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(server.make_url(path), headers=headers)
    assert refused.value.status == 403


@pytest.mark.parametrize("token", ["wrong", "", "dag ", "DAG", "\x00dag", "elsewhere", "stale", None])
async def test_bad_tokens_get_one_answer_and_nothing_else(dial: Dial, token: str | None) -> None:
    """Whether anybody is there, waits, or the room was never opened."""
    held = [{"peer": "astrid", "generation": 1, "offerer": "astrid"}]
    await (await dial("astrid")).hear("admitted")
    for path in (f"/rooms/{ROOM}/ws", "/rooms/never/ws"):
        line = await dial(token=token, path=path, holding=held)
        await line.say("knock", name="Dag", relation="")
        assert await line.rest() == ([], 4401)


async def test_who_cannot_be_looked_up_just_now_is_asked_to_try_again(dial: Dial) -> None:
    line = await dial(token="while the database is busy")
    assert await line.rest() == ([], 1011)


async def test_token_wins_over_a_session(dial: Dial) -> None:
    line = await dial("astrid", token="dag")
    assert (await line.hear("welcome"))["participant"] == "dag"


async def test_staff_of_another_room_get_the_same_answer_as_a_bad_token(dial: Dial) -> None:
    line = await dial("astrid", path="/rooms/another/ws")
    assert await line.rest() == ([], 4401)


async def test_newer_page_is_told_to_load_again(dial: Dial) -> None:
    assert await (await dial("astrid", version=2)).rest() == ([], 4426)


async def test_second_tab_replaces_the_first(dial: Dial, rooms: Rooms) -> None:
    first = await dial("bo")
    await first.hear("admitted")
    second = await dial("bo")
    await second.hear("admitted")
    heard, code = await first.rest()
    assert (heard[-1], code) == ({"type": "replaced"}, 4001)
    assert [entry.participant for entry in rooms.present(ROOM)] == ["bo"]


async def test_two_hosts_admitting_at_once_give_one_result(dial: Dial, diary: Diary) -> None:
    astrid, bo, dag = await dial("astrid"), await dial("bo"), await dial(token="dag")
    await dag.say("knock", name="Dag", relation="")
    await dag.hear("waiting")
    await asyncio.gather(astrid.say("admit", participant="dag"), bo.say("admit", participant="dag"))
    await dag.hear("admitted")
    loser = {("let_in", "astrid", "dag"): bo, ("let_in", "bo", "dag"): astrid}
    let_in = [line for line in diary.lines if line[0] == "let_in"]
    assert len(let_in) == 1
    assert (await loser[let_in[0]].hear("err"))["code"] == "not-waiting"  # type: ignore[index]


async def test_watching_page_sees_the_knock_and_lets_in(dial: Dial) -> None:
    page = await dial(path="/watch")
    dag = await dial(token="dag")
    await dag.say("knock", name="Dag", relation="son")
    knocking = await page.hear("knocking")
    assert [entry["name"] for entry in knocking["knocking"]] == ["Dag"]
    await page.say("admit", room=ROOM, participant="dag")
    await dag.hear("admitted")
    await page.say("end")
    assert (await page.hear("err"))["code"] == "not-allowed"
    await page.say("decline", room="another", participant="dag")
    assert (await page.hear("err"))["code"] == "not-allowed"


async def test_stopping_server_closes_every_socket_with_restart(
    dial: Dial, server: TestServer, rooms: Rooms, diary: Diary
) -> None:
    unread = await unread_socket(server, "astrid")
    bo = await dial("bo")
    await bo.hear("make")
    lines = [bo, await dial(token="dag"), await dial(path="/watch")]
    closing = asyncio.gather(*(line.rest() for line in lines))
    await asyncio.wait_for(server.close(), 20)
    assert [code for _, code in await closing] == [1012] * 3
    unread.close()
    # Nobody left: their calls go on, and they dial the next server.
    assert [entry.away for entry in rooms.present(ROOM)] == [False, False]
    assert diary.forms == ["sound"]


async def test_socket_offers_no_compression(server: TestServer) -> None:
    async with (
        aiohttp.ClientSession(headers={"Origin": ORIGIN}) as session,
        session.ws_connect(server.make_url("/watch"), compress=15) as ws,
    ):
        assert ws.compress == 0


async def test_plain_request_is_refused_without_a_traceback(server: TestServer) -> None:
    async with aiohttp.ClientSession(headers={"Origin": ORIGIN}) as session:
        for method in ("GET", "HEAD"):
            async with session.request(method, server.make_url(f"/rooms/{ROOM}/ws")) as response:
                assert response.status == 400
