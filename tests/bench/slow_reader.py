"""One of four stops reading: what that does to the other three, to the server's memory, and to the slow one itself."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass

from tests.bench.processes import Service, many_files, served
from tests.bench.room_server import PEOPLE
from tests.bench.seat_client import SeatClient

SLOW = "dag"
RECEIVE_BUFFER = 16 * 1024  # bytes that the slow one's system takes for it
PAUSE = 0.04  # seconds between two messages of one seat: within the forty a second that it may say
WARMING_UP = 5.0  # seconds in which all read
READING_NOTHING = 12.0  # seconds; a queue that nobody empties is full long before
BACK_WITHIN = 20.0  # seconds
LINE = "We write to each other while one of us is in the lift. " * 15
SDP = "v=0\r\n" + "a=candidate:1 1 udp 2122 192.0.2.2 50000 typ host\r\n" * 700  # about 36 KB


class Writer(SeatClient):
    """Writes to all, and now and then describes itself to the slow one; counts what it reads of each other."""

    def __init__(self, participant: str) -> None:
        super().__init__("room", participant)
        self.written = 0
        self.read = {other: 0 for other in PEOPLE if other != participant}

    def write(self) -> None:
        self.written += 1
        said = [{"type": "text", "line": self.written, "text": LINE, "done": True}]
        if self.written % 5 == 0:
            kind = "offer" if self.offers[SLOW] else "answer"
            described = {
                "to": SLOW,
                "generation": self.generations[SLOW],
                "description": {"type": kind, "sdp": SDP},
            }
            said.append({"type": "description", **described})
        self.say(*said)

    def hear(self, text: bytes) -> None:
        message = json.loads(text)
        if message["type"] == "text":
            self.read[message["from"]] += 1
        elif message["type"] != "description":
            super().hear(text)


@dataclass(frozen=True)
class Outcome:
    """The share of the texts that the others have received, bytes, seconds, and whether the slow one is back."""

    share: float
    grown: float
    closed_after: float
    back: bool


async def measure(service: Service) -> Outcome:
    people = {participant: Writer(participant) for participant in PEOPLE}
    slow, others = people[SLOW], [one for one in people.values() if one.participant != SLOW]
    for one in people.values():
        await one.dial(service.url, receive_buffer=RECEIVE_BUFFER if one is slow else 0)
    for one in people.values():
        await asyncio.wait_for(one.complete.wait(), BACK_WITHIN)
    await write(others, WARMING_UP)
    before = most = service.memory() * 1e6
    slow.socket.pause()
    stopped, closed_after = time.monotonic(), READING_NOTHING
    while time.monotonic() < stopped + READING_NOTHING:
        await write(others, 0.5)
        most = max(most, service.memory() * 1e6)
        if others[0].away == [SLOW]:
            closed_after = min(closed_after, time.monotonic() - stopped)
    slow.socket.resume()
    await asyncio.wait_for(slow.socket.closed, BACK_WITHIN)
    slow.generations.clear()
    await slow.dial(service.url, knocking=False)
    await asyncio.wait_for(slow.complete.wait(), BACK_WITHIN)
    lines = slow.read[others[0].participant]
    await write(others, 1)
    until = time.monotonic() + BACK_WITHIN
    while time.monotonic() < until and not all(all_read(one, others) for one in others):
        await asyncio.sleep(0.05)
    read = sum(one.read[other.participant] for one in others for other in others if one is not other)
    share = read / sum(one.written * (len(others) - 1) for one in others)
    back = slow.read[others[0].participant] > lines and not others[0].away
    for one in people.values():
        one.socket.drop()
    return Outcome(share, most - before, closed_after, back)


async def write(writers: list[Writer], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for one in writers:
            one.write()
        await asyncio.sleep(PAUSE)


def all_read(reader: Writer, writers: list[Writer]) -> bool:
    return all(reader.read[one.participant] == one.written for one in writers if one is not reader)


def run() -> list[tuple[str, float, str]]:
    many_files()
    with served("tests.bench.room_server") as service:
        outcome = asyncio.run(measure(service))
    return [
        ("One slow reader of four: share of all texts the others have", outcome.share, "≥ 1"),
        ("The server's memory grows by, MiB", outcome.grown / 2**20, "≤ 1"),
        ("The slow one is closed after, s", outcome.closed_after, "≤ 5"),
        ("It dials again and has its seat without knocking (1 = yes)", outcome.back, "≥ 1"),
    ]
