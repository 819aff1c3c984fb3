"""The HTTP API, version 1: the same stories as the pages, in JSON."""

from __future__ import annotations

from aiohttp import web

from handover.web.api import me, offers, openapi, outcomes, slots, talks

OPERATIONS = (
    *me.OPERATIONS,
    *slots.OPERATIONS,
    *talks.OPERATIONS,
    *outcomes.OPERATIONS,
    *offers.OPERATIONS,
)


def routes() -> list[web.RouteDef]:
    return [
        *(operation.route for operation in OPERATIONS),
        web.get(openapi.BASE + "/openapi.json", openapi.openapi),
    ]
