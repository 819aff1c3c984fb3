"""What came of a talk, by API."""

from __future__ import annotations

from aiohttp import web

from handover import recording
from handover.domain.outcomes import as_json
from handover.web.api.answers import OutcomeOut
from handover.web.api.models import OutcomeIn
from handover.web.api.openapi import Operation
from handover.web.api.parsing import body_of
from handover.web.doors import program
from handover.web.keys import CLOCK, STORE, scope_of


@program("outcomes:read")
async def read(request: web.Request) -> web.Response:
    """GET /talks/{talk}/outcome"""
    by = scope_of(request)
    _, outcome = await request.app[STORE].read(recording.outcome_of, request.match_info["talk"], by=by)
    return web.json_response(as_json(outcome))


@program("outcomes:write")
async def save(request: web.Request) -> web.Response:
    """PUT /talks/{talk}/outcome"""
    wanted = await body_of(request, OutcomeIn)
    saved = await request.app[STORE].write(
        recording.record,
        request.match_info["talk"],
        wanted.outcome(),
        version=wanted.version,
        by=scope_of(request),
        now=request.app[CLOCK](),
    )
    return web.json_response(as_json(saved))


OPERATIONS = (
    Operation(
        "GET",
        "/talks/{talk}/outcome",
        read,
        "What came of a talk",
        "outcomes:read",
        response=OutcomeOut,
        problems=(404,),
    ),
    Operation(
        "PUT",
        "/talks/{talk}/outcome",
        save,
        "Save what came of a talk",
        "outcomes:write",
        OutcomeIn,
        OutcomeOut,
        problems=(400, 404, 409, 422),
    ),
)
