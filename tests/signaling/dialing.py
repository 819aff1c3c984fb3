"""A bare server of rooms, and test clients that speak to it over real sockets."""

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
from tests.signaling.cast import ASTRID, BO, ROOM, TOKENS, a_pass

ORIGIN = "https://ward.example"
STAFF = {"astrid": ASTRID, "bo": BO}


async def admit(token: str) -> Pass | None:
    if token == "while the database is busy":
        raise TimeoutError
    others = {
        "elsewhere": a_pass("dag", "relative", room="another"),
        "stale": a_pass("dag", "relative", expires_at=1.0),
    }
    return {**TOKENS, **others}.get(token)


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
        while (message := await self.ws.receive_json(timeout=30))["type"] != type_:
            pass
        return dict(message)

    async def rest(self) -> tuple[list[dict[str, Any]], int | None]:
        """Everything until the close, and its code. The frame has it: when the server has hung up before we answer,
        aiohttp's own `close_code` says 1006."""
        heard = []
        async with asyncio.timeout(30):
            while (frame := await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                heard.append(json.loads(frame.data))
        return heard, frame.data if frame.type is aiohttp.WSMsgType.CLOSE else self.ws.close_code


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
