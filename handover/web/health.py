"""What a monitor asks: is the process alive, can it do its work."""

from __future__ import annotations

from aiohttp import web

from handover.errors import HandoverError
from handover.store import meta, posting
from handover.web.doors import anyone
from handover.web.keys import CLOCK, STORE


@anyone
async def live(request: web.Request) -> web.Response:
    """GET /health/live: the process answers."""
    return web.Response(text="live\n")


@anyone
async def ready(request: web.Request) -> web.Response:
    """GET /health/ready: the database answers too, and how long the oldest mail has waited; 503 when it does not."""
    store = request.app[STORE]
    try:
        await store.read(meta.answers)
        waited = await store.read(posting.oldest_waiting, now=request.app[CLOCK]())
    except HandoverError:
        return web.Response(text="the database does not answer\n", status=503)
    return web.Response(text=f"ready\nthe oldest mail has waited {waited or 0} s\n")


def routes() -> list[web.RouteDef]:
    return [web.get("/health/live", live), web.get("/health/ready", ready)]
