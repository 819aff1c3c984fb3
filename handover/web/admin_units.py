"""`/admin/units`: wards and teams, how they can be booked, and nurses of other municipalities who serve them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from handover import organising, staffing
from handover.domain.access import Scope
from handover.errors import N_, Conflict, HandoverError, Invalid
from handover.organising import WantedUnit
from handover.store import accounts
from handover.store.engine import Row, Tx
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader, version_in
from handover.web.keys import CLOCK, STORE, scope_of
from handover.web.pages import page

LONGEST_NOTICE = 14 * 24  # hours
LONGEST_HORIZON = 365  # days


@staff("accounts")
async def new(request: web.Request) -> web.Response:
    """GET /admin/units/new"""
    return _new_page(request, {})


@staff("accounts")
async def add(request: web.Request) -> web.StreamResponse:
    """POST /admin/units/new"""
    by, fields = scope_of(request), await request.post()
    reader = Reader(fields)
    name, phone = reader.line("name", required=True), reader.phone("phone", required=True)
    try:
        reader.done()
        await request.app[STORE].write(
            organising.add_unit, by.organisation or "", name, phone, by=by, now=request.app[CLOCK]()
        )
    except (Invalid, Conflict) as error:
        return _new_page(request, fields, error)
    raise web.HTTPSeeOther("/admin?saved=1")


@staff("accounts")
async def show(request: web.Request) -> web.Response:
    """GET /admin/units/{unit}"""
    return await _page(request, {})


@staff("accounts")
async def edit(request: web.Request) -> web.StreamResponse:
    """POST /admin/units/{unit}"""
    by, fields = scope_of(request), await request.post()
    try:
        wanted = _read(fields)
        await request.app[STORE].write(
            organising.edit_unit,
            request.match_info["unit"],
            version_in(fields),
            wanted,
            by=by,
            now=request.app[CLOCK](),
        )
    except (Invalid, Conflict) as error:
        return await _page(request, fields, error)
    raise web.HTTPSeeOther("/admin?saved=1")


@staff("accounts")
async def share_nurse(request: web.Request) -> web.StreamResponse:
    """POST /admin/units/{unit}/nurses"""
    unit, fields = request.match_info["unit"], await request.post()
    reader = Reader(fields)
    email = reader.email("email", required=True)
    try:
        reader.done()
        await request.app[STORE].write(
            staffing.share_nurse, unit, email, by=scope_of(request), now=request.app[CLOCK]()
        )
    except Invalid as error:
        return await _page(request, {}, error, email)
    raise web.HTTPSeeOther(f"/admin/units/{unit}")


@staff("accounts")
async def stop_sharing_nurse(request: web.Request) -> web.StreamResponse:
    """POST /admin/units/{unit}/nurses/{account}/remove"""
    unit, account = request.match_info["unit"], request.match_info["account"]
    await request.app[STORE].write(
        staffing.stop_sharing_nurse, unit, account, by=scope_of(request), now=request.app[CLOCK]()
    )
    raise web.HTTPSeeOther(f"/admin/units/{unit}")


def _read(fields: Mapping[str, Any]) -> WantedUnit:
    reader = Reader(fields)
    wanted = WantedUnit(
        reader.line("name", required=True),
        reader.phone("phone", required=True),
        _number(reader, "notice_hours", 0, LONGEST_NOTICE) * 60,
        _number(reader, "horizon_days", 1, LONGEST_HORIZON, default=60),
    )
    reader.done()
    return wanted


def _number(reader: Reader, field: str, least: int, most: int, default: int = 0) -> int:
    text = reader.line(field)
    if not text:
        return default
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not least <= value <= most:
        reader.wrong(
            field,
            "out-of-range",
            N_("Write a number from {least} to {most}."),
            least=str(least),
            most=str(most),
        )
    return value


def _new_page(
    request: web.Request, fields: Mapping[str, Any], error: HandoverError | None = None
) -> web.Response:
    by = scope_of(request)
    typed = {name: str(fields.get(name, "")) for name in ("name", "phone")}
    context = {
        "typed": typed,
        "unit_kind": organising.UNIT_OF.get(by.organisation_kind),
        **complaints(request, error),
    }
    return page(request, "admin/new_unit.html", context, status=error.status if error else 200)


async def _page(
    request: web.Request, fields: Mapping[str, Any], error: HandoverError | None = None, email: str = ""
) -> web.Response:
    unit, nurses = await request.app[STORE].read(_gather, request.match_info["unit"], scope_of(request))
    now = {**unit, "notice_hours": unit["notice_minutes"] // 60}
    names = ("name", "phone", "notice_hours", "horizon_days", "version")
    context = {
        "unit": unit,
        "typed": {name: str(fields.get(name, now[name])) for name in names},
        "nurses": nurses,
        "email": email,
        **complaints(request, error),
    }
    return page(request, "admin/unit.html", context, status=error.status if error else 200)


def _gather(tx: Tx, unit_id: str, by: Scope) -> tuple[Row, list[Row]]:
    unit = organising.own_unit(tx, unit_id, by)
    shared = accounts.shared_nurses(tx, unit["organisation"])
    return unit, [one for one in shared if one["unit"] == unit_id]


def routes() -> list[web.RouteDef]:
    return [
        web.get("/admin/units/new", new),
        web.post("/admin/units/new", add),
        web.get("/admin/units/{unit}", show),
        web.post("/admin/units/{unit}", edit),
        web.post("/admin/units/{unit}/nurses", share_nurse),
        web.post("/admin/units/{unit}/nurses/{account}/remove", stop_sharing_nurse),
    ]
