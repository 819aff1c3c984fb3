"""A bare page and server around the library, for tests in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

import signaling.errors
from signaling import socket
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.signaling.cast import ASTRID, BO, TOKENS

HERE = Path(__file__).parent
BROWSER = Path(signaling.errors.__file__).parent / "browser"
STAFF = {"astrid": ASTRID, "bo": BO}


async def admit(token: str) -> Pass | None:
    return TOKENS.get(token)


@asynccontextmanager
async def site(rooms: Rooms) -> AsyncIterator[TestServer]:
    """Serves the page at `/`: `?staff=astrid` enters by session, `?token=dag` knocks."""

    def origin(request: web.Request) -> str:
        return f"http://{request.host}"

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(HERE / "page.html")

    async def room(request: web.Request) -> web.StreamResponse:
        staff = STAFF.get(request.query["staff"])
        return await socket.serve(
            request, request.match_info["room"], rooms, origin=origin(request), admit=admit, staff=staff
        )

    async def watch(request: web.Request) -> web.StreamResponse:
        return await socket.watch(request, rooms, origin=origin(request), passes=[ASTRID])

    app = web.Application()
    socket.setup(app)
    app.add_routes(
        [
            web.get("/", page),
            web.get("/rooms/{room}/ws", room),
            web.get("/watch", watch),
            web.static("/browser", BROWSER),
        ]
    )
    async with TestServer(app, host="127.0.0.1") as server:
        yield server
