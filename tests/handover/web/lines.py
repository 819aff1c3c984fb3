"""Sockets to the rooms, as browsers open them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.booked import Booked
from tests.visitor import Visitor

DEVICE = "d" * 32


class Line:
    """One browser's socket, read in order."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def say(self, kind: str, **members: Any) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **members}))

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; those before it are kept in `heard`."""
        async with asyncio.timeout(30):
            while True:
                frame = await self.socket.receive()
                assert frame.type is WSMsgType.TEXT, (kind, frame, self.socket.close_code)
                message: dict[str, Any] = json.loads(frame.data)
                self.heard.append(message)
                if message["type"] == kind:
                    return message

    async def hear_somebody_knock(self) -> dict[str, Any]:
        """The next list of knocks that is not empty."""
        while not (heard := await self.hear("knocking"))["knocking"]:
            pass
        return heard

    async def close_code(self) -> int | None:
        """The code of the server's close, after whatever it still said. The frame has it: when the server has hung up
        before we answer, aiohttp's own `close_code` says 1006."""
        async with asyncio.timeout(30):
            while (frame := await self.socket.receive()).type is WSMsgType.TEXT:
                self.heard.append(json.loads(frame.data))
        return frame.data if frame.type is WSMsgType.CLOSE else self.socket.close_code


def tampered(token: str) -> str:
    """The token with another letter in it, never by chance the same."""
    return token[:-3] + ("b" if token[-3] == "a" else "a") + token[-2:]


async def dial(visitor: Visitor, talk: Booked, token: str | None, device: str = DEVICE) -> Line:
    """A socket that has said hello: a guest's with a token, else that of the browser's session."""
    socket = await visitor.http.ws_connect(f"/rooms/{talk.talk}/ws", headers={"Origin": visitor.origin})
    line = Line(socket)
    who = {} if token is None else {"token": token}
    await line.say("hello", version=1, device=device, **who)
    return line


Come = Callable[..., Awaitable[Line]]
