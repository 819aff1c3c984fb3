"""A minute in which a thousand rooms fill: four join each, are let in, and exchange descriptions and candidates."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from typing import Any

from tests.bench.client_socket import ClientSocket
from tests.bench.processes import Service, many_files, served
from tests.bench.room_server import PEOPLE
from tests.bench.seat_client import SeatClient

ROOMS, SEATS = 1000, 4
JOINING = 60.0  # seconds in which all of them join
ONE_ROOM = 4.0  # seconds in which its people come, one after the other
CANDIDATES = 9  # and one description to each of three others: thirty messages a seat
SENT_TO_EACH = CANDIDATES + 1
ARRIVES_WITHIN = 10.0  # seconds after the last has joined
SDP = "v=0\r\n" + "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" * 50  # about 3 KB


@dataclass
class Tally:
    """What was sent, and after how many seconds each of it arrived."""

    sent: int = 0
    delays: list[float] = field(default_factory=list)


class Joiner(SeatClient):
    """Describes itself to everybody it is told to connect with, each message with the time at which it left."""

    def __init__(self, room: str, participant: str, tally: Tally) -> None:
        super().__init__(room, participant)
        self.tally = tally

    def connect(self, peer: str) -> None:
        now = time.monotonic()
        description = {"type": "offer" if self.offers[peer] else "answer", "sdp": f"{now} {SDP}"}
        generation = self.generations[peer]
        said = {"type": "description", "to": peer, "generation": generation, "description": description}
        self.socket.send(
            json.dumps(said).encode(),
            *(
                self.candidate(peer, f"{now} 1 udp 1677729535 192.0.2.2 51472 typ host")
                for _ in range(CANDIDATES)
            ),
        )
        self.tally.sent += SENT_TO_EACH

    def hear(self, text: bytes) -> None:
        arrived = time.monotonic()
        message: dict[str, Any] = json.loads(text)
        if message["type"] == "description":
            self.tally.delays.append(arrived - float(message["description"]["sdp"].split(" ", 1)[0]))
        elif message["type"] == "candidate":
            self.tally.delays.append(arrived - float(message["candidate"]["candidate"].split(" ", 1)[0]))
        else:
            super().hear(text)


async def join(url: str, room: str, starts: float, pauses: list[float], tally: Tally) -> list[Joiner]:
    """Staff first, as they have to let the others in."""
    await asyncio.sleep(starts)
    people = [Joiner(room, participant, tally) for participant in PEOPLE]
    for one, pause in zip(people, pauses, strict=True):
        await one.dial(url)
        await asyncio.sleep(pause)
    for one in people:
        await one.complete.wait()
    return people


@dataclass(frozen=True)
class Minute:
    """What came of it; delays in seconds, shares of a core."""

    lost: int
    delay: float
    delay_of_an_echo: float
    wrong_rosters: int
    cpu: float


async def rush(rooms: Service, bare: Service) -> Minute:
    random, tally = Random(17), Tally()
    cpu, began = rooms.cpu(), time.monotonic()
    lonely = asyncio.create_task(echo_delays(bare))
    async with asyncio.timeout(JOINING + ARRIVES_WITHIN):
        filled = await asyncio.gather(
            *(
                join(
                    rooms.url,
                    f"room-{number}",
                    random.uniform(0, JOINING - ONE_ROOM),
                    [random.uniform(0, ONE_ROOM / SEATS) for _ in range(SEATS)],
                    tally,
                )
                for number in range(ROOMS)
            )
        )
    cpu = (rooms.cpu() - cpu) / (time.monotonic() - began)
    patience = time.monotonic() + ARRIVES_WITHIN
    while len(tally.delays) < ROOMS * SEATS * (SEATS - 1) * SENT_TO_EACH and time.monotonic() < patience:
        await asyncio.sleep(0.1)
    lonely.cancel()
    wrong = sum(set(one.roster) != set(PEOPLE) or bool(one.away) for room in filled for one in room)
    for people in filled:
        for one in people:
            one.socket.drop()
    delays, echoes = (quantiles(some, n=100)[98] for some in (tally.delays, await lonely))
    return Minute(tally.sent - len(tally.delays), delays, echoes, wrong, cpu)


async def echo_delays(bare: Service) -> list[float]:
    """Seconds until a lonely frame is back, all the while: what the machine adds whatever the server is."""
    delays: list[float] = []
    socket = await ClientSocket.dial(bare.url + "/")
    socket.on_text = lambda text: delays.append(time.monotonic() - float(text))
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            socket.send(str(time.monotonic()).encode())
            await asyncio.sleep(0.02)
    socket.drop()
    return delays


def run() -> list[tuple[str, float, str]]:
    many_files()
    with served("tests.bench.bare_echo") as bare, served("tests.bench.room_server") as rooms:
        minute = asyncio.run(rush(rooms, bare))
    return [
        ("1,000 rooms of 4 join in a minute, messages lost of 120,000", minute.lost, "≤ 0"),
        ("99 % of those messages are there within, ms", minute.delay * 1000, "≤ 50"),
        ("99 % of a lonely bare echo in that minute, ms", minute.delay_of_an_echo * 1000, "told"),
        ("Devices whose roster is not exact then", minute.wrong_rosters, "≤ 0"),
        ("CPU of the server in that minute, % of a core", minute.cpu * 100, "≤ 40"),
    ]
