"""The echo's own process: sends back sound and messages of each browser that tests its line.

`python -m signaling.echo_worker`, one JSON object a line. In: `{"id", "offer", "servers", "relay", "lasts"}` asks for
an answer, `{"id", "close"}` ends a check. Out: `{"id", "answer"}` or `{"id", "refused"}`, then `{"id", "over"}`.
It ends when its standard input does, so that it never outlives the service, however that went.

Only sound and messages come back. A picture would cost twice as much (26 % of a core against 12 %) and show nothing
that the figures do not; what goes out is made anew from what came in, since the library gives no encoded frames.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import signal
import sys
import threading
from typing import Any, BinaryIO

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from aiortc.rtcdatachannel import RTCDataChannel

NICENESS = 10  # the process that lets people meet goes first
MOST_MEMORY = (
    2**31
)  # bytes; ten checks need a quarter of it with their threads, and a flood of packets must end here
MOST_MESSAGES = 200  # of one check, and so long each at most:
LONGEST_MESSAGE = 1024


class Peer:
    """One browser, from its offer until it goes or its time is up."""

    def __init__(self, servers: list[dict[str, Any]], *, relay: bool) -> None:
        policy = RTCIceTransportPolicy.RELAY if relay else RTCIceTransportPolicy.ALL
        # Never None: the library's own default is a STUN server of Google's.
        ice = [RTCIceServer(one["urls"], one["username"], one["credential"]) for one in servers]
        self._relay = relay
        self._messages = 0
        self.over = asyncio.Event()
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=ice, iceTransportPolicy=policy))
        self.connection.on("track", self._send_back)
        self.connection.on("datachannel", self._listen)
        self.connection.on("connectionstatechange", self._changed)

    async def answer(self, offer: str) -> str:
        """The answer with every candidate. Raises ValueError, or whatever the library makes of a strange offer."""
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        answer: str = self.connection.localDescription.sdp
        if self._relay and "typ relay" not in answer:
            raise ValueError("the TURN server gives this machine no relay")
        return answer

    def _send_back(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self.connection.addTrack(track)

    def _listen(self, channel: RTCDataChannel) -> None:
        def message(content: str | bytes) -> None:
            self._messages += 1
            if self._messages <= MOST_MESSAGES and len(content) <= LONGEST_MESSAGE:
                channel.send(content)

        channel.on("message", message)

    def _changed(self) -> None:
        if self.connection.connectionState in ("failed", "closed"):
            self.over.set()


class Worker:
    """All checks of this process."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._peers: dict[int, Peer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, line: bytes) -> None:
        """Do what a line asks for."""
        asked = json.loads(line)
        if "offer" in asked:
            task = asyncio.ensure_future(self._check(asked))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif asked["id"] in self._peers:
            self._peers[asked["id"]].over.set()

    async def _check(self, asked: dict[str, Any]) -> None:
        number = asked["id"]
        peer = self._peers[number] = Peer(asked["servers"], relay=asked["relay"])
        try:
            async with asyncio.timeout(asked["lasts"]):
                self._say({"id": number, "answer": await peer.answer(asked["offer"])})
                await peer.over.wait()
        except TimeoutError:
            pass  # as long as one may take
        except Exception:
            # A stranger's offer can trip the library in any way; the others in this process must not notice.
            self._say({"id": number, "refused": True})
        finally:
            del self._peers[number]
            try:
                await peer.connection.close()
            finally:
                self._say({"id": number, "over": True})

    def _say(self, message: dict[str, object]) -> None:
        self._out.write(json.dumps(message).encode() + b"\n")
        self._out.flush()


async def work(lines: BinaryIO, out: BinaryIO) -> None:
    """Serve until the process ends."""
    worker, loop = Worker(out), asyncio.get_running_loop()
    threading.Thread(target=_listen_or_end, args=(lines, loop, worker), daemon=True).start()
    await asyncio.Event().wait()


def _listen_or_end(lines: BinaryIO, loop: asyncio.AbstractEventLoop, worker: Worker) -> None:
    """Hand over each line. A thread of its own ends the process at once, also while the loop or a decoder hangs."""
    for line in lines:
        loop.call_soon_threadsafe(worker.hear, line)
    os._exit(0)


def main() -> None:
    """Serve standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then closes our input
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    logging.disable()  # what the libraries log has people's network addresses in it
    asyncio.run(work(sys.stdin.buffer, sys.stdout.buffer))


if __name__ == "__main__":
    main()
