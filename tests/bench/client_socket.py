"""A WebSocket client that costs next to nothing, so that a load leaves the machine to the server it measures."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
OPENS_WITHIN = 20.0  # seconds


def frame(text: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame. RFC 6455 wants a mask; with a key of zeros the server unmasks as always, and we need not."""
    size = len(text)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65536:
        head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + text


class ClientSocket(asyncio.Protocol):
    """One connection. `on_text` is called for every text the server sends, `closed` is the code when it has ended."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.on_text: Callable[[bytes], None] = lambda text: None
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        self._transport: asyncio.Transport
        self._rest = b""
        self._code = 1006

    @classmethod
    async def dial(cls, url: str, *, cookie: str = "", receive_buffer: int = 0) -> ClientSocket:
        """An open socket; raises ConnectionError when the server does not open it. A small `receive_buffer` (bytes)
        makes a client that has little room for what it does not read."""
        address = urlsplit(url)
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.setblocking(False)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(OPENS_WITHIN):
            try:
                await loop.sock_connect(plain, (address.hostname, address.port))
            except OSError:
                plain.close()
                raise
            _, protocol = await loop.create_connection(cls, sock=plain)
            protocol._transport.write(_upgrade(address.netloc, address.path, cookie))
            await protocol.opened
        return protocol

    def send(self, *texts: bytes) -> None:
        """In one write, as a browser's messages of one turn leave."""
        self._transport.write(b"".join(map(frame, texts)))

    def write(self, frames: bytes) -> None:
        """Frames that are made already."""
        self._transport.write(frames)

    def pause(self) -> None:
        """Reads no more."""
        self._transport.pause_reading()

    def resume(self) -> None:
        self._transport.resume_reading()

    def drop(self) -> None:
        """Gone without a word."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before it was open"))
        if not self.closed.done():
            self.closed.set_result(self._code)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self.opened.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(head.partition(b"\r\n")[0].decode()))
                self._transport.abort()
                return
            self.opened.set_result(None)
        at, size = 0, len(data)
        while size - at >= 2:
            start, length = at + 2, data[at + 1]
            if length == 126:
                start, length = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
            elif length == 127:
                start, length = at + 10, int.from_bytes(data[at + 2 : at + 10], "big")
            if start + length > size:
                break
            self._heard(data[at] & 15, data[start : start + length])
            at = start + length
        self._rest = data[at:]

    def _heard(self, opcode: int, content: bytes) -> None:
        if opcode == TEXT:
            self.on_text(content)
        elif opcode == PING:
            self._transport.write(frame(content, PONG))
        elif opcode == CLOSE:
            self._code = int.from_bytes(content[:2], "big") or 1005
            self._transport.write(frame(content[:2], CLOSE))
            self._transport.close()


def _upgrade(host: str, path: str, cookie: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *([f"Cookie: {cookie}"] if cookie else []),
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()
