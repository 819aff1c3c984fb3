"""A bad line: a small UDP forwarder that loses packets and holds them back, to stand between browsers and a relay."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

AT_ONCE = 64  # packets read before the loop may do something else
LARGEST = 65536


class Shaper:
    """Forwards datagrams to `server` and back. `loss` (0 to 1) and `delay` (seconds) can be changed at any time.

    They hold on the way to the server alone: what one browser sends to another through a relay goes that way once and
    comes back once, so this is the loss and the delay of each direction of the call.
    """

    def __init__(self, host: str, server: tuple[str, int], seed: int = 1) -> None:
        self.loss = 0.0
        self.delay = 0.0
        self.even = (
            False  # lose every so manieth packet of each sender instead of any: short counts come out exact
        )
        self.forwarded = 0
        self.lost = 0
        self._chance = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        self._server = server
        self._front = _socket()
        self._front.bind((host, 0))
        self._ways: dict[tuple[str, int], socket.socket] = {}
        self._owed: dict[tuple[str, int], float] = {}
        self._loop.add_reader(self._front, self._up)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._front.getsockname()
        return str(host), int(port)

    @property
    def url(self) -> str:
        host, port = self.address
        return f"turn:{host}:{port}?transport=udp"

    def close(self) -> None:
        for line in (self._front, *self._ways.values()):
            self._loop.remove_reader(line)
            line.close()

    def _up(self) -> None:
        for _ in range(AT_ONCE):
            try:
                data, client = self._front.recvfrom(LARGEST)
            except OSError:
                return
            way = self._ways.get(client) or self._new_way(client)
            if self._loses(client):
                self.lost += 1
            elif self.delay:
                self._loop.call_later(self.delay, self._send, way, data)
            else:
                self._send(way, data)

    def _loses(self, client: tuple[str, int]) -> bool:
        if not self.even:
            return self._chance.random() < self.loss
        owed = self._owed.get(client, 0.0) + self.loss
        self._owed[client] = owed % 1
        return owed >= 1

    def _new_way(self, client: tuple[str, int]) -> socket.socket:
        way = self._ways[client] = _socket()
        way.connect(self._server)
        self._loop.add_reader(way, partial(self._down, way, client))
        return way

    def _down(self, way: socket.socket, client: tuple[str, int]) -> None:
        for _ in range(AT_ONCE):
            try:
                self._front.sendto(way.recv(LARGEST), client)
            except OSError:
                return

    def _send(self, way: socket.socket, data: bytes) -> None:
        with suppress(OSError):  # closed meanwhile, or full: then this packet is lost as well
            way.send(data)
            self.forwarded += 1


def _socket() -> socket.socket:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setblocking(False)
    return line


@asynccontextmanager
async def shaper(host: str, port: int) -> AsyncIterator[Shaper]:
    """A line to `host:port` that is good until it is told otherwise."""
    line = Shaper(host, (host, port))
    try:
        yield line
    finally:
        line.close()
