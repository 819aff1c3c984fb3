"""A portrait as it was uploaded: is it a picture, is it small enough, and what must not stay in it.

Telephones write where a picture was taken into it. A nurse's home address would go out with the face, so that
everything but the picture and the way it is turned is cut out (JPEG: Exif, ISO 12234-4; PNG: W3C 11.3; WebP: RFC 9649).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Literal

MediaType = Literal["image/jpeg", "image/png", "image/webp"]

BIGGEST = 2 * 1024 * 1024 - 64 * 1024  # bytes; with its form around it, it fits one request
WIDEST = 6000  # pixels a side: more is a mistake, or a picture made to fill a phone's memory
NARROWEST = 40

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"sBIT",
        b"bKGD",
        b"pHYs",
    }
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})
_WEBP_METADATA_FLAGS = 0x08 | 0x04  # Exif, XMP


@dataclass(frozen=True)
class Picture:
    """A picture that may be kept."""

    media_type: MediaType
    content: bytes
    width: int
    height: int


class NotAPicture(ValueError):
    """Not a whole JPEG, PNG or WebP of a size that a portrait has."""


def read_picture(content: bytes) -> Picture:
    """The picture without what its camera wrote beside it. Raises `NotAPicture`."""
    if len(content) > BIGGEST:
        raise NotAPicture("too big")
    try:
        if content.startswith(b"\xff\xd8\xff"):
            picture = _jpeg(content)
        elif content.startswith(_PNG):
            picture = _png(content)
        elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            picture = _webp(content)
        else:
            raise NotAPicture("unknown kind")
    except (struct.error, IndexError) as error:
        raise NotAPicture("cut short") from error
    if not all(NARROWEST <= side <= WIDEST for side in (picture.width, picture.height)):
        raise NotAPicture("wrong size")
    return picture


def _jpeg(content: bytes) -> Picture:
    kept, at, size, turned = bytearray(b"\xff\xd8"), 2, (0, 0), 1
    while True:
        marker, length = content[at + 1], struct.unpack_from(">H", content, at + 2)[0]
        if content[at] != 0xFF or length < 2:
            raise NotAPicture("broken segment")
        segment = content[at : at + 2 + length]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            size = (width, height)
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            turned = _orientation(segment[10:])
        if marker not in (*range(0xE1, 0xEE), 0xEF, 0xFE) or (
            marker == 0xE2 and segment[4:15] == b"ICC_PROFILE"
        ):
            kept += segment
        at += 2 + length
        if marker == 0xDA:  # the picture itself, up to the end
            end = content.rfind(b"\xff\xd9")
            if end < at:
                raise NotAPicture("no end")
            kept += content[at : end + 2]
            break
    if turned != 1:
        kept[2:2] = _exif_with(turned)
    return Picture("image/jpeg", bytes(kept), *size)


def _orientation(tiff: bytes) -> int:
    """How the camera was held: 1 to 8, 1 when it does not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    try:
        first = struct.unpack_from(order + "I", tiff, 4)[0]
        for entry in range(struct.unpack_from(order + "H", tiff, first)[0]):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * entry)
            if tag == 0x0112 and kind == 3:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _exif_with(orientation: int) -> bytes:
    tiff = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return struct.pack(">BBH", 0xFF, 0xE1, 2 + 6 + len(tiff)) + b"Exif\0\0" + tiff


def _png(content: bytes) -> Picture:
    width, height = struct.unpack_from(">II", content, 16)
    kept, at, kind = bytearray(_PNG), len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise NotAPicture("broken chunk")
        if kind in _PNG_KEPT:
            kept += chunk
        at += 12 + length
    return Picture("image/png", bytes(kept), width, height)


def _webp(content: bytes) -> Picture:
    body, at, size = bytearray(b"WEBP"), 12, (0, 0)
    while at < len(content):
        kind, length = struct.unpack_from("<4sI", content, at)
        chunk = bytearray(content[at : at + 8 + length + length % 2])
        if len(chunk) < 8 + length:
            raise NotAPicture("broken chunk")
        if kind == b"VP8X":
            size = (1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little"))
            chunk[8] &= ~_WEBP_METADATA_FLAGS & 0xFF
        elif kind == b"VP8 " and size == (0, 0):
            width, height = struct.unpack_from("<HH", chunk, 14)
            size = (width & 0x3FFF, height & 0x3FFF)
        elif kind == b"VP8L" and size == (0, 0):
            bits = struct.unpack_from("<I", chunk, 9)[0]
            size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        if kind in _WEBP_KEPT:
            body += chunk
        at += len(chunk)
    return Picture("image/webp", struct.pack("<4sI", b"RIFF", len(body)) + bytes(body), *size)
