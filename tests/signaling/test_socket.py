"""The real socket: who gets one, what a waiting guest can get out of it, and what floods and slow readers do."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling import socket
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.signaling.cast import ASTRID, BO, ROOM, TOKENS, Diary, a_pass

ORIGIN = "https://ward.example"
STAFF = {"astrid": ASTRID, "bo": BO}


async def admit(token: str) -> Pass | None:
    if token == "while the database is busy":
        raise TimeoutError
    return {**TOKENS, "elsewhere": a_pass("dag", "relative", room="another")}.get(token)


@pytest.fixture
async def server(rooms: Rooms) -> AsyncIterator[TestServer]:
    async def room(request: web.Request) -> web.StreamResponse:
        staff = STAFF.get(request.cookies.get("staff", ""))
        return await socket.serve(
            request, request.match_info["room"], rooms, origin=ORIGIN, admit=admit, staff=staff
        )

    async def watch(request: web.Request) -> web.StreamResponse:
        return await socket.watch(request, rooms, origin=ORIGIN, passes=[ASTRID])

    app = web.Application()
    socket.setup(app)
    app.add_routes([web.get("/rooms/{room}/ws", room), web.get("/watch", watch)])
    async with TestServer(app) as server:
        yield server


class Line:
    """One WebSocket of a test client."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def say(self, type_: str, **fields: Any) -> None:
        await self.ws.send_json({"type": type_, **fields})

    async def hear(self, type_: str) -> dict[str, Any]:
        """The next message of this type; others before it are passed over."""
        while (message := await self.ws.receive_json(timeout=10))["type"] != type_:
            pass
        return dict(message)

    async def rest(self) -> tuple[list[dict[str, Any]], int | None]:
        """Everything until the close, and its code."""
        heard = []
        async with asyncio.timeout(10):
            async for frame in self.ws:
                heard.append(json.loads(frame.data))
        return heard, self.ws.close_code


Dial = Callable[..., Awaitable[Line]]


@pytest.fixture
async def dial(server: TestServer) -> AsyncIterator[Dial]:
    """Opens a socket and says hello: `dial("astrid")` by session, `dial(token="dag")` by link."""
    async with aiohttp.ClientSession(headers={"Origin": ORIGIN}) as session:

        async def dial(
            staff: str = "", *, token: str | None = None, path: str = f"/rooms/{ROOM}/ws", **hello: Any
        ) -> Line:
            cookies = {"Cookie": f"staff={staff}"} if staff else {}
            line = Line(await session.ws_connect(server.make_url(path), headers=cookies, autoping=True))
            if token is not None:
                hello["token"] = token
            await line.say("hello", **{"version": 1, "device": f"device of {staff or token}"} | hello)
            return line

        yield dial


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


@pytest.mark.parametrize("hello", [{"token": "wrong"}, {"token": ""}, {"token": "elsewhere"}, {}])
async def test_bad_tokens_get_one_answer_and_nothing_else(dial: Dial, hello: dict[str, str]) -> None:
    await dial("astrid")
    line = await dial(**hello)
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


@pytest.mark.parametrize(
    "text", ["{", "[" * 30_000, '{"type": NaN}', '{"type":"media","microphone":1}', '{"type":"knock","name":"\\ud800"}']
)  # fmt: skip
async def test_malformed_message_is_answered_and_the_socket_lives_on(dial: Dial, text: str) -> None:
    astrid = await dial("astrid")
    await astrid.hear("admitted")
    await astrid.ws.send_str(text)
    assert (await astrid.hear("err"))["code"] == "malformed"
    await astrid.say("teleport")
    assert (await astrid.hear("err"))["code"] == "unsupported"
    await astrid.say("ping")
    await astrid.hear("pong")


async def test_endless_nonsense_ends_the_socket_and_nobody_else_notices(dial: Dial) -> None:
    astrid, bo = await dial("astrid"), await dial("bo")
    await bo.hear("admitted")
    for _ in range(30):
        await astrid.ws.send_str("nonsense")
    assert (await astrid.rest())[1] == 1008
    await bo.say("ping")
    await bo.hear("pong")


async def test_flood_ends_the_socket(dial: Dial) -> None:
    bo = await dial("bo")
    for _ in range(500):
        await bo.say("ping")
    heard, code = await bo.rest()
    assert code == 1008
    assert sum(message["type"] == "pong" for message in heard) < 200


async def test_burst_from_one_peer_reaches_the_other_whole(dial: Dial) -> None:
    astrid, bo = await dial("astrid"), await dial("bo")
    generation = (await bo.hear("make"))["generation"]
    for number in range(100):
        candidate = {"candidate": f"candidate:{number}"}
        await astrid.say("candidate", to="bo", generation=generation, candidate=candidate)
    heard = [(await bo.hear("candidate"))["candidate"]["candidate"] for _ in range(100)]
    assert heard == [f"candidate:{number}" for number in range(100)]


async def test_binary_frame_ends_the_socket(dial: Dial) -> None:
    bo = await dial("bo")
    await bo.ws.send_bytes(b"\x00")
    assert (await bo.rest())[1] == 1003


async def test_frame_over_64_kib_ends_the_socket(dial: Dial) -> None:
    bo = await dial("bo")
    await bo.ws.send_str("x" * 70_000)
    assert (await bo.rest())[1] == 1009


async def test_silence_instead_of_hello_ends_the_socket(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "HELLO_WITHIN", 0.01)
    async with (
        aiohttp.ClientSession(headers={"Origin": ORIGIN}) as session,
        session.ws_connect(server.make_url(f"/rooms/{ROOM}/ws")) as ws,
    ):
        assert await Line(ws).rest() == ([], 4408)


async def test_anything_else_than_hello_first_ends_the_socket(server: TestServer) -> None:
    async with (
        aiohttp.ClientSession(headers={"Origin": ORIGIN}) as session,
        session.ws_connect(server.make_url(f"/rooms/{ROOM}/ws")) as ws,
    ):
        await ws.send_json({"type": "knock", "name": "Dag", "relation": ""})
        assert await Line(ws).rest() == ([], 4408)


async def test_slow_reader_is_closed_and_others_get_everything(
    dial: Dial, server: TestServer, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "CLOSING_WITHIN", 0.1)
    bo = await dial("bo")
    await bo.hear("admitted")
    writer = await unread_socket(server, "astrid")
    await bo.hear("make")
    told = 0
    async with asyncio.timeout(30):
        while not rooms.present(ROOM)[1].away:
            rooms.tell(ROOM, {"number": told, "padding": "x" * 30_000}, lambda _pass: True)
            assert (await bo.hear("event"))["payload"]["number"] == told
            told += 1
    assert [entry.away for entry in rooms.present(ROOM)] == [False, True]
    writer.close()
    back = await dial("astrid")
    await back.hear("admitted")


async def test_stopping_server_closes_every_socket_with_restart(
    dial: Dial, server: TestServer, rooms: Rooms
) -> None:
    lines = [await dial("astrid"), await dial("bo"), await dial(token="dag"), await dial(path="/watch")]
    await lines[1].hear("make")
    closing = asyncio.gather(*(line.rest() for line in lines))
    await asyncio.wait_for(server.close(), 5)
    assert [code for _, code in await closing] == [1012] * 4


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


async def unread_socket(server: TestServer, staff: str) -> asyncio.StreamWriter:
    """A socket that says hello and then never reads."""
    _reader, writer = await asyncio.open_connection(server.host, server.port, limit=1024)
    writer.write(
        (
            f"GET /rooms/{ROOM}/ws HTTP/1.1\r\nHost: {server.host}\r\nOrigin: {ORIGIN}\r\nCookie: staff={staff}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()
    )
    hello = b'{"type":"hello","version":1}'
    writer.write(b"\x81" + bytes([0x80 | len(hello)]) + b"\x00\x00\x00\x00" + hello)  # masked with zeros
    await writer.drain()
    return writer
