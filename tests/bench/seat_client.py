"""A device of a room that talks to the server over a real socket, and holds no media."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.bench.client_socket import ClientSocket
from tests.bench.room_server import PEOPLE, STAFF

FILLED_WITHIN = 60.0  # seconds
ROOMS_AT_ONCE = 16


class SeatClient:
    """Says hello, knocks when it must, lets in whoever knocks when it may, and keeps what it was told last."""

    def __init__(self, room: str, participant: str, *, token: str = "", session: str = "") -> None:
        """`token` of a link, or the `session` of somebody on the staff; a bench's own server knows its own tokens."""
        self.room = room
        self.participant = participant
        self.socket: ClientSocket
        self.complete = asyncio.Event()  # in a seat, and told to connect with everybody else
        self.roster: list[str] = []
        self.away: list[str] = []
        self.generations: dict[str, int] = {}
        self.offers: dict[str, bool] = {}
        self._admits = bool(session) or participant == STAFF[0]
        self._session = session
        self._identity = {} if session else {"token": token or f"{room}/{participant}"}

    async def dial(self, url: str, *, knocking: bool = True, receive_buffer: int = 0) -> None:
        """Open the socket, say hello, and knock in case that is needed."""
        self.complete.clear()
        self.socket = await ClientSocket.dial(
            f"{url}/rooms/{self.room}/ws",
            cookie=f"session={self._session}" if self._session else "",
            receive_buffer=receive_buffer,
        )
        self.socket.on_text = self.hear
        hello = {
            "type": "hello",
            "version": 1,
            "device": f"device of {self.participant}, {self.room}"[:64],
            "holding": self.holding(),
            **self._identity,
        }
        self.say(hello, *([{"type": "knock", "name": self.participant, "relation": ""}] if knocking else []))

    def holding(self) -> list[dict[str, Any]]:
        """Connections that outlived the last socket."""
        return []

    def say(self, *messages: dict[str, Any]) -> None:
        self.socket.send(*(json.dumps(message).encode() for message in messages))

    def hear(self, text: bytes) -> None:
        message = json.loads(text)
        match message["type"]:
            case "admitted" | "roster":
                self.roster = [entry["participant"] for entry in message["roster"]]
                self.away = [entry["participant"] for entry in message["roster"] if entry["away"]]
            case "make":
                self.generations[message["peer"]] = message["generation"]
                self.offers[message["peer"]] = message["offerer"] == self.participant
                self.connect(message["peer"])
            case "knocking" if self._admits:
                for entry in message["knocking"]:
                    self.say({"type": "admit", "participant": entry["participant"]})
            case "err" if message["about"] != "admit":  # a knock is listed until its answer is carried out
                raise ValueError(f"refused: {message}")
        if len(self.roster) == len(self.generations) + 1 == len(PEOPLE):
            self.complete.set()

    def connect(self, peer: str) -> None:
        """Called when the server wants a connection with another; here nobody makes one."""

    def candidate(self, to: str, text: str = "") -> bytes:
        """A candidate for another as a browser sends it, about 215 bytes."""
        return json.dumps(
            {
                "type": "candidate",
                "to": to,
                "generation": self.generations[to],
                "candidate": {
                    "candidate": text or "candidate:842163049 1 udp 1677729535 192.0.2.2 51472 typ host",
                    "sdpMid": "0",
                    "sdpMLineIndex": 0,
                    "usernameFragment": "EsAw",
                },
            },
            separators=(",", ":"),
        ).encode()


async def fill(url: str, rooms: int, *, called: str = "room") -> list[list[SeatClient]]:
    """Four devices in each of so many rooms, all admitted and each told of the three others."""
    gate = asyncio.Semaphore(ROOMS_AT_ONCE)

    async def room(name: str) -> list[SeatClient]:
        clients = [SeatClient(name, participant) for participant in PEOPLE]
        async with gate:
            for client in clients:
                await client.dial(url)
            for client in clients:
                await client.complete.wait()
        return clients

    async with asyncio.timeout(FILLED_WITHIN):
        return await asyncio.gather(*(room(f"{called}-{number}") for number in range(rooms)))
