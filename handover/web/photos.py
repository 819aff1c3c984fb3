"""`/photos/{photo}`: the face of a contact person, for colleagues and for patients' summaries."""

from __future__ import annotations

from aiohttp import web

from handover.errors import NotFound
from handover.store import photos
from handover.web.doors import anyone
from handover.web.keys import STORE


@anyone
async def photo(request: web.Request) -> web.Response:
    """GET /photos/{photo}: the address has 128 random bits, and a new photo has a new one."""
    found = await request.app[STORE].read(photos.get, request.match_info["photo"])
    if found is None:
        raise NotFound()
    return web.Response(
        body=found["content"],
        content_type=found["media_type"],
        headers={"Cache-Control": "private, max-age=86400", "Content-Disposition": "inline"},
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/photos/{photo}", photo)]
