"""What a synthetic participant sends: a moving picture and a tone, encoded once and played in a circle.

Encoding is four fifths of what a call costs in Python; sending what is encoded already costs next to nothing.
"""

import asyncio
import math
from array import array
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, CodecContext, Packet, VideoFrame
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

WIDTH, HEIGHT = 160, 120  # pixels; some hundred bytes a picture
RATE = 15  # pictures a second
PICTURES = 2 * RATE
BAR, BRIGHT, DARK, GREY = 40, 200, 60, 128  # a bright bar on a dark ground, moving to the right
SAMPLE_RATE = 48_000  # Opus knows no other clock (RFC 7587)
SAMPLES = 960  # a packet: 20 ms
PACKETS = 50
PITCH = 440  # hertz: a whole number of waves in the second that is repeated
LOUD = 8_000  # of 32,767
AUDIBLE = 1_000  # a sample louder than this is no silence


@dataclass(frozen=True)
class Clip:
    """Two seconds of VP8 and one of Opus."""

    pictures: tuple[bytes, ...]
    sounds: tuple[bytes, ...]


def encode() -> Clip:
    """The clip; takes some 25 ms. One is enough for any number of participants."""
    return Clip(_pictures(), _sounds())


def audible(sound: AudioFrame) -> bool:
    """Whether there is anything to hear in 16-bit samples."""
    return max(memoryview(bytes(sound.planes[0])).cast("h"), default=0) > AUDIBLE


class _Looped(MediaStreamTrack):
    """Packets at their own pace, from the first one on, until it is stopped."""

    def __init__(self, packets: tuple[bytes, ...], ticks: int, clock_rate: int) -> None:
        super().__init__()
        self._packets = packets
        self._ticks = ticks
        self._clock_rate = clock_rate
        self._sent = 0
        self._began = 0.0

    async def recv(self) -> "Packet[Any]":
        """The next packet when its time has come."""
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        due = self._began + self._sent * self._ticks / self._clock_rate
        if due > now:
            await asyncio.sleep(due - now)
        if self.readyState != "live":
            raise MediaStreamError
        packet: Packet[Any] = Packet(self._packets[self._sent % len(self._packets)])
        packet.pts = self._sent * self._ticks
        packet.time_base = Fraction(1, self._clock_rate)
        self._sent += 1
        return packet


class Picture(_Looped):
    """The clip's picture as a track; one for each connection."""

    kind = "video"

    def __init__(self, clip: Clip) -> None:
        super().__init__(clip.pictures, 90_000 // RATE, 90_000)


class Sound(_Looped):
    """The clip's tone as a track; one for each connection."""

    kind = "audio"

    def __init__(self, clip: Clip) -> None:
        super().__init__(clip.sounds, SAMPLES, SAMPLE_RATE)


def _pictures() -> tuple[bytes, ...]:
    codec = CodecContext.create("libvpx", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, RATE), Fraction(RATE)
    # Every picture stands alone: encoded beforehand, there is no answering a receiver who asks for a whole one.
    codec.gop_size = 1
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets: list[bytes] = []
    for number in range(PICTURES):
        picture = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        light, *colours = picture.planes
        left = WIDTH * number // PICTURES
        line = bytes(BRIGHT if (x - left) % WIDTH < BAR else DARK for x in range(light.line_size))
        light.update(line * HEIGHT)
        for plane in colours:
            plane.update(bytes([GREY]) * plane.buffer_size)
        picture.pts, picture.time_base = number, Fraction(1, RATE)
        packets += (bytes(packet) for packet in codec.encode(picture))
    return tuple(packets)


def _sounds() -> tuple[bytes, ...]:
    codec = CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate, codec.layout, codec.format = SAMPLE_RATE, "mono", "s16"
    packets: list[bytes] = []
    for first in range(0, PACKETS * SAMPLES, SAMPLES):
        sound = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        turns = (PITCH * sample / SAMPLE_RATE for sample in range(first, first + SAMPLES))
        sound.planes[0].update(
            array("h", (int(LOUD * math.sin(math.tau * turn)) for turn in turns)).tobytes()
        )
        sound.pts, sound.sample_rate, sound.time_base = first, SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        packets += (bytes(packet) for packet in codec.encode(sound))
    return tuple(packets)
