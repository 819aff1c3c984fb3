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
from tests.signaling.cast import ASTRID, BO, TOKENS, a_pass

HERE = Path(__file__).parent
BROWSER = Path(signaling.errors.__file__).parent / "browser"
# Six enter directly, so that a test of many devices need not let anybody in.
STAFF = {"astrid": ASTRID, "bo": BO} | {
    name: a_pass(name, "relative", staff=True) for name in ("karen", "lise", "mads", "niels")
}


ROOMS = web.AppKey("rooms", list[Rooms])  # one; another in its place is a server that restarted


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
            request,
            request.match_info["room"],
            app[ROOMS][0],
            origin=origin(request),
            admit=admit,
            staff=staff,
        )

    async def watch(request: web.Request) -> web.StreamResponse:
        return await socket.watch(request, app[ROOMS][0], origin=origin(request), passes=[ASTRID])

    app = web.Application()
    app[ROOMS] = [rooms]
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
