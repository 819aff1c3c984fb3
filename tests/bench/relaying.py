"""What passing a message on costs the server, to one other and to three; beside a bare aiohttp echo.

Everything is on: tokens, waiting room, one bounded queue a seat, forty messages a second from each.
"""

from __future__ import annotations

import asyncio
import json

from signaling.limits import PER_SECOND
from tests.bench.client_socket import ClientSocket, frame
from tests.bench.processes import Service, many_files, served
from tests.bench.seat_client import SeatClient, fill

ROOMS, SEATS = 100, 4
IN_FLIGHT = 8  # frames of each socket that have not arrived yet: a queue of 64 never overflows
RELAYED, SHARED = 80, 32  # messages of each socket a round, within the 120 that it may say at once
ROUNDS = 5
ROUND_WITHIN = 60.0  # seconds

Batches = list[bytes]  # of one socket; each batch leaves in one write


class Arrivals:
    """The sockets of one room, and how much they are still to receive."""

    def __init__(self, sockets: list[ClientSocket]) -> None:
        self.sockets = sockets
        self._left = 0
        self._all_in = asyncio.Event()
        for socket in sockets:
            socket.on_text = self._one

    def _one(self, text: bytes) -> None:
        self._left -= 1
        if not self._left:
            self._all_in.set()

    async def exchange(self, said: list[Batches], each: int) -> None:
        """All say a batch, and the next when all of it has arrived with `each` receivers."""
        for batches in zip(*said, strict=True):
            self._left = IN_FLIGHT * each * len(self.sockets)
            self._all_in.clear()
            for socket, batch in zip(self.sockets, batches, strict=True):
                socket.write(batch)
            await self._all_in.wait()


def in_batches(frames: list[bytes]) -> Batches:
    return [b"".join(frames[at : at + IN_FLIGHT]) for at in range(0, len(frames), IN_FLIGHT)]


def relayed(clients: list[SeatClient]) -> list[Batches]:
    """Each to the next in the room."""
    neighbours = zip(clients, [*clients[1:], clients[0]], strict=True)
    frames = [frame(one.candidate(other.participant)) for one, other in neighbours]
    return [in_batches([one] * RELAYED) for one in frames]


def shared(clients: list[SeatClient], turn: int) -> list[Batches]:
    """Lines of typed text, none of which makes another one obsolete."""

    def line(number: int) -> bytes:
        text = "He sleeps well now, and the physiotherapist was here this morning. We would like to know who comes "
        said = {"type": "text", "line": turn * SHARED + number, "text": text + "on Saturday.", "done": True}
        return json.dumps(said, separators=(",", ":")).encode()

    return [in_batches([frame(line(number)) for number in range(SHARED)])] * len(clients)


async def cost(service: Service, rooms: list[Arrivals], said: list[list[Batches]], each: int) -> float:
    """CPU seconds of the server for one delivery."""
    before = service.cpu()
    async with asyncio.timeout(ROUND_WITHIN):
        await asyncio.gather(
            *(room.exchange(batches, each) for room, batches in zip(rooms, said, strict=True))
        )
    messages = IN_FLIGHT * sum(len(batches) for room in said for batches in room)
    return (service.cpu() - before) / (messages * each)


async def measure(rooms: Service, bare: Service) -> tuple[list[float], list[float], list[float]]:
    """By turns, so that a busy minute hits all; the first turn warms up."""
    filled = await fill(rooms.url, ROOMS)
    seated = [Arrivals([client.socket for client in clients]) for clients in filled]
    dialled = [[await ClientSocket.dial(bare.url + "/") for _ in range(SEATS)] for _ in range(ROOMS)]
    echoed = [Arrivals(sockets) for sockets in dialled]
    to_one, to_three, to_self = [], [], []
    for turn in range(ROUNDS + 1):
        candidates = [relayed(clients) for clients in filled]
        to_self.append(await cost(bare, echoed, candidates, 1))
        to_one.append(await cost(rooms, seated, candidates, 1))
        await asyncio.sleep(RELAYED / PER_SECOND)  # what a socket has said counts against it for so long
        lines = [shared(clients, turn) for clients in filled]
        to_three.append(await cost(rooms, seated, lines, SEATS - 1))
        await asyncio.sleep(SHARED / PER_SECOND)
    for arrivals in (*seated, *echoed):
        for socket in arrivals.sockets:
            socket.drop()
    return to_self[1:], to_one[1:], to_three[1:]


def run() -> list[tuple[str, float, str]]:
    """A busy machine only ever adds to what a delivery costs, so the least of the rounds is its own."""
    many_files()
    with served("tests.bench.room_server") as rooms, served("tests.bench.bare_echo") as bare:
        to_self, to_one, to_three = map(min, asyncio.run(measure(rooms, bare)))
    return [
        ("Relay to one, deliveries a CPU second / a bare echo", to_self / to_one, "≥ 0.45"),
        ("Fan-out to three, deliveries a CPU second / a bare echo", to_self / to_three, "≥ 0.75"),
    ]
