"""The real socket against nonsense, floods and those who do not read: it ends, and nobody else notices."""

import asyncio
import contextlib

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from signaling import socket
from signaling.rooms import Rooms
from tests.signaling.cast import ROOM
from tests.signaling.dialing import ORIGIN, Dial, Line, unread_socket


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


async def test_five_thousand_messages_at_once_end_the_socket_and_the_peer_goes_on(dial: Dial) -> None:
    astrid, bo = await dial("astrid"), await dial("bo")
    generation = (await bo.hear("make"))["generation"]
    with contextlib.suppress(ConnectionError):
        for _ in range(5_000):
            await bo.say("candidate", to="astrid", generation=generation, candidate=None)
    assert (await bo.rest())[1] == 1008
    await astrid.say("ping")
    relayed = 0
    while (heard := await astrid.ws.receive_json(timeout=20))["type"] != "pong":
        relayed += heard["type"] == "candidate"
    assert relayed < 2_000  # the burst, and forty a second for as long as a busy machine took to send


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
