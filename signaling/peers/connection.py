"""One connection of a synthetic participant: made by aiortc, thrown away at the next `make`."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame

from signaling.peers.media import Clip, Picture, Sound, audible

CLOSING_WITHIN = 2.0  # seconds for its threads to finish
CODECS = ("audio/opus", "video/vp8", "video/rtx")  # what is encoded already can be sent as nothing else


class Connection:
    """One RTCPeerConnection of one generation, and what has come over it. Times are the event loop's, in seconds."""

    def __init__(
        self, generation: int, configuration: RTCConfiguration, clip: Clip, changed: Callable[[], None]
    ) -> None:
        self.generation = generation
        self.pictures = 0
        self.sounds = 0  # packets with something to hear
        self.first_picture: float | None = None
        self.first_sound: float | None = None
        self.rtc = RTCPeerConnection(configuration)
        self._changed = changed
        self._tasks: list[asyncio.Task[None]] = []
        self.rtc.on("track", self._receive)
        self.rtc.on("connectionstatechange", changed)
        for track in (Sound(clip), Picture(clip)):
            self.rtc.addTrack(track)
        for transceiver in self.rtc.getTransceivers():
            known = RTCRtpSender.getCapabilities(transceiver.kind).codecs
            transceiver.setCodecPreferences([codec for codec in known if codec.mimeType.lower() in CODECS])

    @property
    def connected(self) -> bool:
        return self.rtc.connectionState == "connected"

    async def describe(self) -> dict[str, str]:
        """An offer, or the answer to the offer that was accepted, with every candidate in it."""
        await self.rtc.setLocalDescription()
        return {"type": self.rtc.localDescription.type, "sdp": self.rtc.localDescription.sdp}

    async def accept(self, description: Mapping[str, str]) -> None:
        """The other side's offer or answer."""
        sdp = resolvable(description["sdp"])
        await self.rtc.setRemoteDescription(RTCSessionDescription(sdp, description["type"]))

    async def add_candidate(self, candidate: Mapping[str, Any] | None) -> None:
        """One of the other side's candidates; that there are no more is not passed on (see `resolvable`)."""
        text = candidate["candidate"] if candidate else ""
        if candidate is None or not text or ".local " in text:
            return
        parsed = candidate_from_sdp(text.removeprefix("candidate:"))
        parsed.sdpMid, parsed.sdpMLineIndex = candidate["sdpMid"], candidate["sdpMLineIndex"]
        await self.rtc.addIceCandidate(parsed)

    async def close(self) -> None:
        """Lets go of its ports and threads."""
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.rtc.close(), CLOSING_WITHIN)

    def _receive(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._count(track)))

    async def _count(self, track: MediaStreamTrack) -> None:
        """Takes everything from a track: what is left there piles up in memory without end."""
        now = asyncio.get_running_loop().time
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if not isinstance(frame, AudioFrame):
                    self.pictures += 1
                    self.first_picture = self.first_picture or now()
                elif audible(frame):
                    self.sounds += 1
                    self.first_sound = self.first_sound or now()
                self._changed()


def resolvable(sdp: str) -> str:
    """The description without `.local` candidates and without the end of candidates.

    aiortc asks the network for such a name for a second in vain, and gives up when it believes to have heard of all
    candidates. Without either it learns the other side's address from the checks that arrive (RFC 8445, 7.3.1.3).
    """
    kept = [
        line
        for line in sdp.splitlines()
        if not (line.startswith("a=candidate:") and ".local " in line) and line != "a=end-of-candidates"
    ]
    return "\r\n".join(kept) + "\r\n"


def configuration(admitted: Mapping[str, Any]) -> RTCConfiguration:
    """Relays are used only where nothing else is allowed: aiortc asks them all before it describes anything, so that
    one that is silent would hold up a call which needs none."""
    if not admitted.get("relay_only"):
        return RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    servers = [RTCIceServer(one["urls"], one["username"], one["credential"]) for one in admitted["ice"]]
    return RTCConfiguration(servers, RTCIceTransportPolicy.RELAY, RTCBundlePolicy.MAX_BUNDLE)
