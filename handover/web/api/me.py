"""`/me`: whose token this is."""

from __future__ import annotations

from aiohttp import web

from handover.store import places
from handover.store.engine import Row, Tx
from handover.web.api.answers import MeOut, Named
from handover.web.api.openapi import Operation
from handover.web.doors import program
from handover.web.keys import STORE, scope_of


@program()
async def me(request: web.Request) -> web.Response:
    """GET /me"""
    by = scope_of(request)
    wards, teams = await request.app[STORE].read(_units, by.organisation or "")
    told = MeOut(
        organisation=Named(id=by.organisation or "", name=by.organisation_name),
        kind=by.organisation_kind,
        wards=[Named(id=row["id"], name=row["name"]) for row in wards],
        teams=[Named(id=row["id"], name=row["name"]) for row in teams],
        scopes=sorted(by.rights),
    )
    return web.json_response(told)


def _units(tx: Tx, organisation: str) -> tuple[list[Row], list[Row]]:
    return places.units_of(tx, organisation, "ward"), places.units_of(tx, organisation, "team")


OPERATIONS = (Operation("GET", "/me", me, "Whose token this is", "any", response=MeOut),)
