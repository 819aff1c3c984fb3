"""Two synthetic participants go through the front door of a running service: link, knock, admission, media."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Callable, Sequence

import aiohttp

from handover.commands.common import CommandError
from handover.smoke_calling import SmokeCall
from signaling.peers import media
from signaling.peers.connection import Connection
from signaling.peers.participant import Gone, Participant

WITHIN = 15.0  # seconds for everything that happens at the service
ENDING = 2.0  # seconds for it to close the room
ENOUGH = {
    "picture": media.RATE,
    "sound": media.PACKETS,
}  # a second's worth: a first picture alone may be the last


class Step:
    """What is being tried just now: `failed` is the sentence to say when that is where it ends."""

    failed: Callable[[], str]

    def is_tried(self, sentence: str) -> None:
        self.failed = lambda: sentence


async def meet(url: str, origins: Sequence[str], call: SmokeCall, token: str, cookie: str) -> list[str]:
    """A line each way; raises `CommandError` with what failed. Comes from the first origin that the service takes."""
    step = Step()
    try:
        async with asyncio.timeout(WITHIN), aiohttp.ClientSession() as web:
            step.is_tried(f"{url} does not answer")
            await _open_link(web, url, token)
            step.is_tried("The nurse was not admitted")
            socket, clip = f"{url}/rooms/{call.id}/ws", media.encode()
            async with contextlib.AsyncExitStack() as stack:
                nurse, origin = await _nurse(stack, web, socket, origins, clip, cookie)
                await nurse.until(lambda: nurse.admitted_at)
                guest = Participant(web, socket, origin=origin, clip=clip, token=token, name="guest")
                await stack.enter_async_context(guest)
                return await _meet(nurse, guest, call, step)
    except TimeoutError:
        raise CommandError(f"{step.failed()} within {WITHIN:g} seconds.") from None
    except Gone as gone:
        raise CommandError(f"{step.failed()}: {gone.reason}.") from gone


async def _open_link(web: aiohttp.ClientSession, url: str, token: str) -> None:
    """The guest opens the page behind their link."""
    try:
        async with web.get(f"{url}/j/{token}", allow_redirects=False) as page:
            status = page.status
    except (aiohttp.ClientError, OSError) as error:
        raise CommandError(f"{url} does not answer: {_reason(error)}.") from error
    if status == 404:
        raise CommandError(
            f"{url} does not know the link: what answers there is not the service of this database and secret file "
            "(a demo's is named with --data)."
        )
    if status != 200:
        raise CommandError(f"{url} answers the link with {status}; is this the address people use?")


def _reason(error: Exception) -> str:
    """Why there is no connection, in the operating system's words where it has some."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "this machine does not trust its certificate"
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno:
        # asyncio puts an address where the reason should stand; a name that is not known has a negative number.
        return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
    return str(cause) or type(cause).__name__


async def _nurse(
    stack: contextlib.AsyncExitStack,
    web: aiohttp.ClientSession,
    socket: str,
    origins: Sequence[str],
    clip: media.Clip,
    cookie: str,
) -> tuple[Participant, str]:
    """The nurse at the room's socket, and the origin that opened it."""
    for origin in origins:
        nurse = Participant(web, socket, origin=origin, clip=clip, headers={"Cookie": cookie})
        try:
            await stack.enter_async_context(nurse)
        except Gone as gone:
            if gone.code != 403:
                raise
            continue
        stack.push_async_callback(_end, nurse)
        return nurse, origin
    raise CommandError(
        f"The service takes no call from {' or '.join(origins)}; does it run with another HANDOVER_BASE_URL?"
    )


async def _end(nurse: Participant) -> None:
    """Closes the room, so that the service keeps nothing of it either."""
    await nurse.end()
    with contextlib.suppress(Gone, TimeoutError):
        async with asyncio.timeout(ENDING):
            await nurse.until(lambda: False)


async def _meet(nurse: Participant, guest: Participant, call: SmokeCall, step: Step) -> list[str]:
    step.is_tried("The guest could not knock")
    await guest.until(lambda: guest.waiting)
    step.is_tried("The nurse was not told of the knock")
    await nurse.until(lambda: call.guest in [one["participant"] for one in nurse.knocking])
    step.is_tried("The guest was not let in")
    let_in_at = asyncio.get_running_loop().time()
    await nurse.admit(call.guest)
    await guest.until(lambda: guest.admitted_at)

    ways = {"guest -> nurse": (nurse, guest.id), "nurse -> guest": (guest, nurse.id)}

    def missing(way: str) -> list[str]:
        one, other = ways[way]
        connection = one.connections.get(other)
        return [f"{what} {way}" for what, enough in ENOUGH.items() if _came(connection, what) < enough]

    def all_there(way: str) -> Callable[[], bool]:
        return lambda: not missing(way)

    step.failed = lambda: (
        "The guest was let in, but this did not come: "
        + ", ".join(one for way in ways for one in missing(way))
    )
    await asyncio.gather(*(one.until(all_there(way)) for way, (one, _) in ways.items()))
    return [f"{way}: {_first(one.connections[other], let_in_at)}" for way, (one, other) in ways.items()]


def _came(connection: Connection | None, what: str) -> int:
    if connection is None:
        return 0
    return connection.pictures if what == "picture" else connection.sounds


def _first(connection: Connection, since: float) -> str:
    picture, sound = (
        round(1000 * ((at or since) - since)) for at in (connection.first_picture, connection.first_sound)
    )
    return f"first frame after {picture} ms, sound after {sound} ms"
