"""Rooms behind their sockets, in a process of its own: `python -m tests.bench.room_server`.

A token is `room/participant`: admission, reserved seats, queues and rate limits are those of the product.
"""

from __future__ import annotations

import socket

from aiohttp import web

import signaling.socket
from signaling.hooks import Hooks
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.bench.processes import announce, many_files
from tests.signaling.cast import a_pass

ROLES = {"astrid": "ward", "bo": "nurse", "ellen": "patient", "dag": "relative"}
STAFF = ("astrid", "bo")
PEOPLE = tuple(ROLES)


async def admit(token: str) -> Pass | None:
    """Two of staff enter as they are; patient and relative knock."""
    room, _, participant = token.partition("/")
    if participant not in ROLES:
        return None
    return a_pass(participant, ROLES[participant], staff=participant in STAFF, room=room)


def main() -> None:
    many_files()
    rooms = Rooms(Hooks(), reserved=("ward", "nurse"))

    async def room(request: web.Request) -> web.StreamResponse:
        return await signaling.socket.serve(
            request, request.match_info["room"], rooms, origin=f"http://{request.host}", admit=admit
        )

    app = web.Application()
    signaling.socket.setup(app)
    app.add_routes([web.get("/rooms/{room}/ws", room)])
    announce(app, socket.create_server(("127.0.0.1", 0), backlog=1024))


if __name__ == "__main__":
    main()
