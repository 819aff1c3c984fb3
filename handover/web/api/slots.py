"""Free times by API."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from handover import booking
from handover.domain.access import Scope
from handover.errors import N_, FieldError, Invalid, look_again
from handover.picking import alternative
from handover.store import places
from handover.store.engine import Row, Tx
from handover.web.api.answers import SlotsOut, slot_out
from handover.web.api.openapi import Operation, Parameter
from handover.web.api.parsing import YEARS, number_of
from handover.web.doors import program
from handover.web.keys import CLOCK, STORE, scope_of

MUNICIPALITY_ZONES = {"DK": "Europe/Copenhagen", "NO": "Europe/Oslo"}


@program("talks:read")
async def slots(request: web.Request) -> web.Response:
    """GET /slots?municipality=0540&from=2027-03-01&days=5&minutes=30"""
    query = request.query
    try:
        first = date.fromisoformat(query.get("from", ""))
    except ValueError:
        raise _wrong("from", "not-a-date", N_("Write the date as year-month-day.")) from None
    if first.year not in YEARS:
        raise _wrong("from", "year-unusable", N_("Use a year from 2000 to 2100."))
    days = number_of(query.get("days", "5"), "days", 1, booking.MOST_DAYS)
    minutes = number_of(query.get("minutes", "30"), "minutes", 10, 240)
    found, zone = await request.app[STORE].read(
        _free,
        query.get("municipality", ""),
        first,
        days,
        minutes,
        query.get("team") or None,
        by=scope_of(request),
        now=request.app[CLOCK](),
    )
    return web.json_response(SlotsOut(slots=[slot_out(slot, zone) for slot in found], degraded=[]))


def _free(
    tx: Tx, code: str, first: date, days: int, minutes: int, team: str | None, *, by: Scope, now: int
) -> tuple[list[Row], str]:
    found = booking.free_slots(tx, code, first, days, minutes, by=by, now=now, team=team)
    municipality = places.municipality(tx, code)
    assert municipality is not None, "free_slots refuses unknown municipalities"
    return [alternative(slot) for slot in found], MUNICIPALITY_ZONES[municipality["country"]]


def _wrong(field: str, code: str, message: str) -> Invalid:
    return look_again(FieldError(field, code, message))


OPERATIONS = (
    Operation(
        "GET",
        "/slots",
        slots,
        "Free times of a municipality's team",
        "talks:read",
        response=SlotsOut,
        problems=(422,),
        parameters=(
            Parameter("municipality", {"type": "string", "pattern": "^[0-9]{4}$"}, True),
            Parameter("from", {"type": "string", "format": "date"}, True),
            Parameter("days", {"type": "integer", "minimum": 1, "maximum": booking.MOST_DAYS, "default": 5}),
            Parameter("minutes", {"type": "integer", "minimum": 10, "maximum": 240, "default": 30}),
            Parameter("team", {"type": "string"}),
        ),
    ),
)
