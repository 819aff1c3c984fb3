"""A browser as the echo sees one: sends a second of sound and a message, and notes what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

RATE, SAMPLES = 48_000, 960  # 20 ms
PATIENCE = 30.0  # seconds; a machine busy with other tests


async def until(true: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


class SecondOfSound(MediaStreamTrack):
    """Fifty frames, then nothing more: ten of these must fit beside everything else on a small machine."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames = 0

    async def recv(self) -> AudioFrame:
        if self._frames == 50:
            await asyncio.Event().wait()
        await asyncio.sleep(SAMPLES / RATE)
        frame = AudioFrame(format="s16", layout="stereo", samples=SAMPLES)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), self._frames * SAMPLES
        self._frames += 1
        return frame


class EchoPeer:
    """One connection; `frames` and `messages` are what came back."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(SecondOfSound())
        self.channel = self.connection.createDataChannel("echo")
        self.frames = 0
        self.messages: list[str] = []
        self._hearing: set[asyncio.Task[None]] = set()
        self.connection.on("track", self._hear)
        self.channel.on("message", self.messages.append)

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp: str = self.connection.localDescription.sdp
        return sdp

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def hears_itself(self) -> None:
        """Wait until a message and some sound have come back."""
        await until(lambda: self.channel.readyState == "open")
        self.channel.send("are you there?")
        await until(lambda: self.messages == ["are you there?"] and self.frames >= 10)

    async def close(self) -> None:
        await self.connection.close()

    def _hear(self, track: MediaStreamTrack) -> None:
        async def hear() -> None:
            try:
                while True:
                    await track.recv()
                    self.frames += 1
            except MediaStreamError:
                return

        task = asyncio.ensure_future(hear())
        self._hearing.add(task)
        task.add_done_callback(self._hearing.discard)


@asynccontextmanager
async def echo_peer() -> AsyncIterator[EchoPeer]:
    peer = EchoPeer()
    try:
        yield peer
    finally:
        await peer.close()
