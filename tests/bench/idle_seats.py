"""What a thousand rooms cost in which nobody says anything: memory of a seat, CPU of the heartbeats."""

from __future__ import annotations

import asyncio
import time

from signaling.socket import HEARTBEAT
from tests.bench.client_socket import ClientSocket
from tests.bench.processes import Service, many_files, served
from tests.bench.seat_client import fill

ROOMS, SEATS = 1000, 4
LISTENING = 2 * HEARTBEAT  # seconds: every seat is asked twice
DIALLING_AT_ONCE = 32
SETTLING = 2.0  # seconds for what the joins have left to do


async def hold_seats(service: Service) -> tuple[float, float]:
    """Bytes of the server for each seat, its room's share included; and its CPU over time while all sit still."""
    warm = await fill(
        service.url, rooms=2, called="warm"
    )  # what is loaded with the first room is nobody's seat
    before = service.memory() * 1e6
    filled = await fill(service.url, ROOMS)
    await asyncio.sleep(SETTLING)
    cpu, began = service.cpu(), time.monotonic()
    await asyncio.sleep(LISTENING)
    share = (service.cpu() - cpu) / (time.monotonic() - began)
    each = (service.memory() * 1e6 - before) / (ROOMS * SEATS)
    for clients in (*filled, *warm):
        for client in clients:
            if client.socket.closed.done():
                raise ConnectionError("the server has let a quiet seat go")
            client.socket.drop()
    return each, share


async def hold_sockets(service: Service) -> float:
    """Bytes of the bare echo for each socket."""
    gate = asyncio.Semaphore(DIALLING_AT_ONCE)

    async def dial() -> ClientSocket:
        async with gate:
            return await ClientSocket.dial(service.url + "/")

    await dial()
    before = service.memory() * 1e6
    sockets = await asyncio.gather(*(dial() for _ in range(ROOMS * SEATS)))
    await asyncio.sleep(SETTLING)
    each = (service.memory() * 1e6 - before) / len(sockets)
    for socket in sockets:
        socket.drop()
    return each


def run() -> list[tuple[str, float, str]]:
    many_files()
    with served("tests.bench.bare_echo") as bare:
        least = asyncio.run(hold_sockets(bare))
    with served("tests.bench.room_server") as rooms:
        each, share = asyncio.run(hold_seats(rooms))
    return [
        ("A quiet seat of 4,000, room included, KiB", each / 1024, "≤ 25"),
        ("The same / a quiet socket of a bare echo", each / least, "told"),
        ("CPU with 4,000 quiet seats and their heartbeats, % of a core", share * 100, "≤ 5"),
    ]
