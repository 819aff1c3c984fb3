"""A portrait keeps its picture and loses where it was taken."""

from __future__ import annotations

import struct
import zlib

import pytest

from handover.domain.pictures import BIGGEST, NotAPicture, read_picture

WHERE = b"GPS 54.9133 N 9.7922 E"


def jpeg(width: int = 300, height: int = 400, orientation: int = 6) -> bytes:
    """The segments of a camera's JPEG; the picture itself is not looked at."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0) + WHERE
    exif = b"Exif\0\0" + tiff
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    parts = [
        (0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
        (0xE1, exif),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + WHERE),
        (0xFE, b"comment " + WHERE),
        (0xDB, b"\0" * 65),
        (0xC0, frame),
    ]
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in parts)
    return b"\xff\xd8" + head + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + b"picture" + b"\xff\xd9" + WHERE


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 300, height: int = 400) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"eXIf", WHERE)
        + chunk(b"tEXt", b"Comment\0" + WHERE)
        + chunk(b"IDAT", zlib.compress(b"picture"))
        + chunk(b"IEND", b"")
    )


def webp(width: int = 300, height: int = 400) -> bytes:
    extended = (
        bytes([0x08 | 0x04, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    )
    body = b"WEBP"
    for kind, content in ((b"VP8X", extended), (b"VP8 ", b"picture "), (b"EXIF", WHERE), (b"XMP ", WHERE)):
        body += kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("content", "media_type"), [(jpeg(), "image/jpeg"), (png(), "image/png"), (webp(), "image/webp")]
)
def test_where_it_was_taken_is_cut_out(content: bytes, media_type: str) -> None:
    assert WHERE in content
    picture = read_picture(content)
    assert (picture.media_type, picture.width, picture.height) == (media_type, 300, 400)
    assert b"GPS" not in picture.content
    again = read_picture(picture.content)
    assert again == picture


def test_way_the_camera_was_held_stays() -> None:
    kept = read_picture(jpeg(orientation=6)).content
    assert struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) in kept
    assert b"Exif" not in read_picture(jpeg(orientation=1)).content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xff\xd8\xff",
        jpeg()[:120],
        jpeg()[:-30],
        png()[:60],
        png().replace(WHERE, WHERE[::-1], 1),
        webp()[:50],
        jpeg(width=20),
        png(height=60000),
        jpeg() + b"\0" * BIGGEST,
    ],
)
def test_what_is_no_portrait_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_picture(content)
