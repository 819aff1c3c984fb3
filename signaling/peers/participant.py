"""One synthetic participant. aiortc knows no ICE restart and no rollback, so a connection that should change is asked
for anew, and only the named offerer ever offers."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWSTimeout, WSMsgType, WSServerHandshakeError
from aiortc import RTCConfiguration

from signaling.messages import VERSION
from signaling.peers.connection import Connection, configuration
from signaling.peers.media import Clip

log = logging.getLogger(__name__)

WATCHDOG = 6.0  # seconds until a connection that has not come up is asked for anew, as browsers do
CLOSING_WITHIN = 2.0  # seconds for the server to answer a goodbye


class Gone(Exception):
    """Not in the room (any more). `code` is the close code, or the HTTP status of a refused socket, or 0."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Participant:
    """One synthetic participant, for as long as `async with` lasts. Guests have a `token` and knock at once; staff are
    known by a session in `headers`."""

    def __init__(
        self,
        session: ClientSession,
        url: str,
        *,
        origin: str,
        clip: Clip,
        token: str | None = None,
        name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.id = ""
        self.waiting = False
        self.admitted_at: float | None = None  # by the event loop's clock
        self.roster: list[dict[str, Any]] = []
        self.knocking: list[dict[str, Any]] = []
        self.connections: dict[str, Connection] = {}  # by peer
        self.gone: Gone | None = None
        self._session = session
        self._url = url
        self._headers = {**(headers or {}), "Origin": origin}
        self._clip = clip
        self._greeting: list[dict[str, Any]] = [
            {"type": "hello", "version": VERSION, "device": secrets.token_hex(16)}
        ]
        if token is not None:
            self._greeting[0]["token"] = token
            self._greeting.append({"type": "knock", "name": name, "relation": ""})
        self._configuration = RTCConfiguration([])
        self._news = asyncio.Event()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Participant":
        """Dials, says hello and knocks; raises `Gone` when there is no socket to be had."""
        closing = ClientWSTimeout(ws_close=CLOSING_WITHIN)
        try:
            self._socket = await self._session.ws_connect(self._url, headers=self._headers, timeout=closing)
        except WSServerHandshakeError as error:
            raise Gone(error.message, error.status) from error
        except (ClientError, OSError) as error:
            raise Gone(str(error)) from error
        for message in self._greeting:
            await self._say(message)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Says goodbye, so that the seat is free at once, and lets go of everything."""
        await self._say({"type": "bye"})
        await asyncio.wait([self._reader], timeout=CLOSING_WITHIN)
        self._reader.cancel()
        for timer in self._timers.values():
            timer.cancel()
        await self._socket.close()
        await asyncio.gather(*(connection.close() for connection in self.connections.values()))

    async def until(self, true: Callable[[], object]) -> None:
        """Waits until it is so; raises `Gone` when the participant is sent away before."""
        while not true():
            if self.gone:
                raise self.gone
            self._news.clear()
            await self._news.wait()

    async def admit(self, participant: str) -> None:
        """A host lets in who knocks."""
        await self._say({"type": "admit", "participant": participant})

    async def end(self) -> None:
        """A host closes the room for everybody."""
        await self._say({"type": "end"})

    async def _say(self, message: Mapping[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):  # the reader tells why the line is down
            await self._socket.send_json(message)

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if frame.type is WSMsgType.TEXT:
                    await self._hear(json.loads(frame.data))
                    self._news.set()
            code = self._socket.close_code or 0
            self.gone = Gone(f"the socket was closed with {code}", code)
        except (KeyError, TypeError, ValueError):
            self.gone = Gone("what answers does not speak the protocol")
        finally:
            self._news.set()

    async def _hear(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "welcome":
                self.id = message["participant"]
            case "waiting":
                self.waiting = True
            case "admitted":
                self._configuration = configuration(message)
                self.roster = message["roster"]
                self.admitted_at = asyncio.get_running_loop().time()
                await self._say({"type": "media", "microphone": True, "camera": True, "pictures": True})
            case "roster":
                self.roster = message["roster"]
            case "knocking":
                self.knocking = message["knocking"]
            case "make":
                await self._make(message)
            case "description" | "candidate":
                connection = self.connections.get(message["from"])
                if connection and connection.generation == message["generation"]:
                    await self._negotiate(connection, message)
            case "restart":
                await self._recreate(message["peer"])

    async def _make(self, message: Mapping[str, Any]) -> None:
        """Whatever there was with this peer is over."""
        peer, old = message["peer"], self.connections.get(message["peer"])
        connection = Connection(message["generation"], self._configuration, self._clip, self._news.set)
        self.connections[peer] = connection
        if old:
            await old.close()
        self._watch(peer)
        if message["offerer"] == self.id:
            await self._step(self._describe(peer, connection))

    async def _negotiate(self, connection: Connection, message: Mapping[str, Any]) -> None:
        peer = message["from"]
        if message["type"] == "candidate":
            await self._step(connection.add_candidate(message["candidate"]))
        elif message["description"]["type"] == "answer":
            await self._step(connection.accept(message["description"]))
        elif connection.rtc.remoteDescription:
            await self._recreate(peer)  # an ICE restart
        else:
            await self._step(connection.accept(message["description"]))
            await self._step(self._describe(peer, connection))

    async def _describe(self, peer: str, connection: Connection) -> None:
        described = await connection.describe()
        await self._say(
            {"type": "description", "to": peer, "generation": connection.generation, "description": described}
        )

    async def _step(self, step: Awaitable[None]) -> None:
        """A step of negotiation that fails, whatever the other side sent, is left to the watchdog."""
        try:
            await step
        except Exception as error:
            log.info("a step of negotiation failed: %s", error)

    async def _recreate(self, peer: str) -> None:
        if connection := self.connections.get(peer):
            await self._say({"type": "recreate", "peer": peer, "generation": connection.generation})

    def _watch(self, peer: str) -> None:
        """Looks after a while whether the connection is up, and asks for another until one is."""
        if timer := self._timers.get(peer):
            timer.cancel()

        def look() -> None:
            connection = self.connections.get(peer)
            if connection and not connection.connected and not self.gone:
                task = asyncio.create_task(self._recreate(peer))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
                self._watch(peer)

        self._timers[peer] = asyncio.get_running_loop().call_later(WATCHDOG, look)
