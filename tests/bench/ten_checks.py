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
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from aiohttp import ClientSession, CookieJar
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from tests.bench.processes import served
from tests.bench.restart import prepare
from tests.bench.seat_client import SeatClient
from tests.processes import Service

CHECKS = 10
LAST = 14.0  # seconds; the service ends each after twenty
TIMING = 6.0  # seconds, with the tests and, in two halves around them, without
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


async def talk(talkers: list[Talker], seconds: float) -> list[float]:
    """How long each message took."""
    delays: list[float] = []
    for talker in talkers:
        talker.delays = delays
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for one, other in zip(talkers, [*talkers[1:], talkers[0]], strict=True):
            one.tick(other.participant)
        await asyncio.sleep(PAUSE)
    await asyncio.sleep(PAUSE)
    return delays


async def measure(folder: Path) -> tuple[list[float], list[float]]:
    """Delays in seconds while nobody tests, and while ten do."""
    talkers = [Talker(one.room, one.participant, **one.way_in) for one in prepare(folder)[0]]
    service = Service(folder, "serve", "--port", "0")
    try:
        url = (await asyncio.to_thread(service.until, "Ready: ")).split()[1].rstrip("/")
        async with asyncio.timeout(SEATED_WITHIN):
            for talker in talkers:
                await talker.dial(url)
            for talker in talkers:
                await talker.complete.wait()
        await talk(talkers, 1)  # warms up
        alone = await talk(talkers, TIMING / 2)
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, served("tests.bench.ten_checks", url))
            beside = await talk(talkers, TIMING)
            await asyncio.to_thread(stack.close)
        alone += await talk(talkers, TIMING / 2)
        return alone, beside
    finally:
        service.end()


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


def run() -> list[tuple[str, float, str]]:
    with TemporaryDirectory() as text:
        alone, beside = (quantiles(some, n=100)[98] for some in asyncio.run(measure(Path(text))))
    return [
        ("99 % of a talk's messages, beside ten tests / beside none", beside / alone, "≤ 2"),
        ("The same beside none, ms", alone * 1000, "told"),
    ]


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(check(sys.argv[1]))
