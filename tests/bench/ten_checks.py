"""Ten tests of the connection at once, beside a talk: what they add to the time that signaling takes.

`python -m tests.bench.ten_checks ADDRESS` are the ten, out of the way of everything else on the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from aiohttp import ClientSession, CookieJar
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from tests.bench.client_socket import ClientSocket
from tests.bench.processes import served
from tests.bench.restart import prepare
from tests.bench.seat_client import SeatClient
from tests.processes import Service

CHECKS = 10
LAST = 14.0  # seconds; the service ends each after twenty
TIMING = 6.0  # seconds, with the tests and, in two halves around them, without
WARMING_UP = 1.0
PAUSE = 0.03  # seconds between a seat's messages: within the forty a second that it may say
SEATED_WITHIN = 20.0


class Talker(SeatClient):
    """Sends the time to the next in the room, and notes how old the time is that it gets."""

    delays: list[float]

    def tick(self, to: str) -> None:
        self.socket.send(self.candidate(to, f"{time.monotonic()} 1 udp 1677729535 192.0.2.2 51472 typ host"))

    def hear(self, text: bytes) -> None:
        message = json.loads(text)
        if message["type"] == "candidate":
            self.delays.append(time.monotonic() - float(message["candidate"]["candidate"].split(" ", 1)[0]))
        else:
            super().hear(text)


@dataclass
class Delays:
    """Seconds that messages took: those of the talk, and as many to a bare echo and back in the same moments."""

    talk: list[float] = field(default_factory=list)
    echo: list[float] = field(default_factory=list)


async def talk(talkers: list[Talker], echo: ClientSocket, seconds: float, delays: Delays) -> None:
    for talker in talkers:
        talker.delays = delays.talk
    echo.on_text = lambda text: delays.echo.append(time.monotonic() - float(text))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for one, other in zip(talkers, [*talkers[1:], talkers[0]], strict=True):
            one.tick(other.participant)
            echo.send(str(time.monotonic()).encode())
        await asyncio.sleep(PAUSE)
    await asyncio.sleep(PAUSE)


async def measure(folder: Path, bare: str) -> tuple[Delays, Delays]:
    """While nobody tests, and while ten do."""
    talkers = [Talker(one.room, one.participant, **one.way_in) for one in prepare(folder)[0]]
    echo = await ClientSocket.dial(bare + "/")
    alone, beside = Delays(), Delays()
    service = Service(folder, "serve", "--port", "0")
    try:
        url = (await asyncio.to_thread(service.until, "Ready: ")).split()[1].rstrip("/")
        async with asyncio.timeout(SEATED_WITHIN):
            for talker in talkers:
                await talker.dial(url)
            for talker in talkers:
                await talker.complete.wait()
        await talk(talkers, echo, WARMING_UP, Delays())
        await talk(talkers, echo, TIMING / 2, alone)
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, served("tests.bench.ten_checks", url))
            await talk(talkers, echo, TIMING, beside)
            await asyncio.to_thread(stack.close)
        await talk(talkers, echo, TIMING / 2, alone)
        return alone, beside
    finally:
        service.end()
        echo.drop()


async def check(url: str) -> None:
    """Open ten, say so when sound comes back in all of them, and keep them for a while."""
    async with ClientSession(url, cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.get("/help/check") as answer:
            form = re.search(r'data-form-token="([^"]+)"', await answer.text())
        headers = {"X-Form-Token": form[1] if form else "", "Origin": url}

        async def one() -> RTCPeerConnection:
            async with browser.post("/help/check", json={}, headers=headers) as answer:
                begun = await answer.json()
            connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            connection.addTrack(AudioStreamTrack())
            connection.createDataChannel("echo")
            back = asyncio.get_running_loop().create_future()
            connection.on("track", lambda track: back.set_result(track))
            await connection.setLocalDescription(await connection.createOffer())
            offer = {"sdp": connection.localDescription.sdp}
            async with browser.post(f"/help/check/{begun['check']}", json=offer, headers=headers) as answer:
                sdp = (await answer.json())["sdp"]
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            await (await back).recv()
            return connection

        connections = await asyncio.gather(*(one() for _ in range(CHECKS)))
        print(f"ten tests at {url}", flush=True)
        await asyncio.sleep(LAST)
        await asyncio.gather(*(connection.close() for connection in connections))


def nearly_all(delays: list[float]) -> float:
    """What 99 of 100 stay under."""
    return quantiles(delays, n=100)[98]


def run() -> list[tuple[str, float, str]]:
    """Beside a bare echo, since ten tests and ten testers take both cores of a small machine from everybody on it."""
    with TemporaryDirectory() as text, served("tests.bench.bare_echo") as bare:
        alone, beside = asyncio.run(measure(Path(text), bare.url))
    return [
        (
            "99 % of a talk's messages beside ten tests / a bare echo's",
            nearly_all(beside.talk) / nearly_all(beside.echo),
            "≤ 2",
        ),
        ("99 % of a talk's messages beside ten tests, ms", nearly_all(beside.talk) * 1000, "told"),
        ("The same while nobody tests, ms", nearly_all(alone.talk) * 1000, "told"),
    ]


if __name__ == "__main__":
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # elsewhere these are ten other machines
    asyncio.run(check(sys.argv[1]))
