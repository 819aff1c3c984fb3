"""`/admin/people`: colleagues' accounts, working hours and absences; those who come and those who leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from handover import leaving, staffing
from handover.domain.access import ROLES_IN, Role, Scope
from handover.errors import Conflict, HandoverError, Invalid, NotAllowed, NotFound
from handover.store import accounts, places
from handover.store.engine import Row, Tx
from handover.web.account import absence_typed, meanwhile, with_typed
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader, version_in
from handover.web.hanging_up import hang_up, seats_of
from handover.web.keys import CLOCK, STORE, scope_of
from handover.web.pages import page
from handover.web.people_forms import (
    WEEKDAYS,
    read_absence,
    read_particulars,
    read_photo,
    read_week,
    week_as_typed,
)


@staff("accounts")
async def new(request: web.Request) -> web.Response:
    """GET /admin/people/new"""
    return await _new_page(request, {})


@staff("accounts")
async def add(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/new: adds the account; its owner gets a mail with a link to choose a password."""
    by, fields = scope_of(request), await request.post()
    try:
        account = await request.app[STORE].write(
            staffing.invite, _read_new(fields, by), by=by, now=request.app[CLOCK]()
        )
    except (Invalid, Conflict) as error:
        return await _new_page(request, fields, error)
    raise web.HTTPSeeOther(f"/admin/people/{account}?saved=1")


@staff("accounts")
async def show(request: web.Request) -> web.Response:
    """GET /admin/people/{account}"""
    return await _page(request)


@staff("accounts")
async def edit(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}"""
    fields = await request.post()
    units = tuple(str(unit) for unit in fields.getall("units", []))
    try:
        wanted = read_particulars(fields, email=True, units=units)
        await _run(request, staffing.edit_account, version_in(fields), wanted)
    except (Invalid, Conflict) as error:
        return await _page(request, error, fields)
    raise _saved(request)


@staff("accounts")
async def set_week(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/week"""
    fields = await request.post()
    try:
        await _run(request, staffing.set_working_week, read_week(fields), scope_of(request).zone)
    except Invalid as error:
        return await _page(request, error, fields)
    raise _saved(request)


@staff("accounts")
async def add_absence(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/absences"""
    fields = await request.post()
    try:
        starts_at, ends_at = read_absence(fields, scope_of(request).zone)
        await _run(request, staffing.add_absence, starts_at, ends_at, anyway=fields.get("anyway") == "yes")
    except (Invalid, Conflict) as error:
        return await _page(request, error, fields)
    raise _saved(request)


@staff("accounts")
async def end_absence(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/absences/{absence}/end"""
    absence, by = request.match_info["absence"], scope_of(request)
    await request.app[STORE].write(staffing.end_absence, absence, by=by, now=request.app[CLOCK]())
    raise _saved(request)


@staff("accounts")
async def set_photo(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/photo"""
    try:
        picture = await read_photo(request)
        await _run(request, staffing.set_photo, picture.media_type, picture.content)
    except Invalid as error:
        return await _page(request, error)
    raise _saved(request)


@staff("accounts")
async def remove_photo(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/photo/remove"""
    await _run(request, staffing.remove_photo)
    raise _saved(request)


@staff("accounts")
async def reset(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/reset"""
    seats = await seats_of(request, request.match_info["account"])
    await _run(request, staffing.reset_password)
    await hang_up(request, seats)
    raise _saved(request)


@staff("accounts")
async def leave_form(request: web.Request) -> web.Response:
    """GET /admin/people/{account}/leave"""
    return await _leave_page(request)


@staff("accounts")
async def leave(request: web.Request) -> web.StreamResponse:
    """POST /admin/people/{account}/leave"""
    fields = await request.post()
    successor = str(fields.get("successor", "")) or None
    seats = await seats_of(request, request.match_info["account"])
    try:
        await _run(request, leaving.leave, successor, anyway=fields.get("anyway") == "yes")
    except (Invalid, Conflict, NotAllowed) as error:
        return await _leave_page(request, error)
    await hang_up(request, seats)
    raise web.HTTPSeeOther("/admin?saved=1")


async def _run(request: web.Request, story: Any, *what: Any, **how: Any) -> None:
    """A story about the account in the address."""
    account, by = request.match_info["account"], scope_of(request)
    await request.app[STORE].write(story, account, *what, **how, by=by, now=request.app[CLOCK]())


def _saved(request: web.Request) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/admin/people/{request.match_info['account']}?saved=1")


def _read_new(fields: Mapping[str, Any], by: Scope) -> staffing.WantedAccount:
    reader = Reader(fields)
    role = reader.choice("role", ROLES_IN[by.organisation_kind], required=True)
    unit = reader.line("unit")
    wanted = staffing.WantedAccount(
        by.organisation or "",
        cast(Role, role),
        reader.line("name", required=True),
        reader.email("email", required=True),
        units=(unit,) if unit else (),
        title=reader.line("title"),
        phone=reader.phone("phone"),
    )
    reader.done()
    return wanted


def _units(tx: Tx, by: Scope) -> list[Row]:
    return [row for kind in ("ward", "team") for row in places.units_of(tx, by.organisation or "", kind)]


async def _new_page(
    request: web.Request, fields: Mapping[str, Any], error: HandoverError | None = None
) -> web.Response:
    by = scope_of(request)
    names = ("role", "name", "email", "unit", "title", "phone")
    context = {
        "typed": {name: str(fields.get(name, "")) for name in names},
        "roles": ROLES_IN[by.organisation_kind],
        "units": await request.app[STORE].read(_units, by),
        **complaints(request, error),
    }
    return page(request, "admin/new_person.html", context, status=error.status if error else 200)


def _gather(tx: Tx, account: str, by: Scope, now: int) -> dict[str, Any]:
    person = accounts.by_id(tx, account)
    if person is None or not by.administers(person["organisation"]):
        raise NotFound()
    return {
        "person": person,
        "all_units": _units(tx, by),
        "units": [row["id"] for row in accounts.units_of(tx, account)],
        "absences": accounts.absences_of(tx, account, now),
        "week": week_as_typed(accounts.working_hours_of(tx, account)),
        "colleagues": [
            one
            for one in accounts.of_organisation(tx, by.organisation or "")
            if one["role"] == person["role"] and one["disabled_at"] is None and one["id"] != account
        ],
    }


async def _page(
    request: web.Request, error: HandoverError | None = None, fields: Mapping[str, Any] | None = None
) -> web.Response:
    by, account = scope_of(request), request.match_info["account"]
    context = await request.app[STORE].read(_gather, account, by, request.app[CLOCK]())
    given = fields or {}
    context["person"] = with_typed(context["person"], given)
    if "day-0" in given:
        context["week"] = [str(given.get(f"day-{day}", "")) for day in range(7)]
    context |= complaints(request, error) | {
        "absence": absence_typed(given),
        "meanwhile": meanwhile(error),
        "weekdays": WEEKDAYS,
        "saved": "saved" in request.query,
    }
    return page(request, "admin/person.html", context, status=error.status if error else 200)


async def _leave_page(request: web.Request, error: HandoverError | None = None) -> web.Response:
    by, account = scope_of(request), request.match_info["account"]
    context = await request.app[STORE].read(_gather, account, by, request.app[CLOCK]())
    context |= complaints(request, error) | {
        "needs_successor": error is not None and error.code == "needs-successor"
    }
    return page(request, "admin/leave.html", context, status=error.status if error else 200)


def routes() -> list[web.RouteDef]:
    one = "/admin/people/{account}"
    return [
        web.get("/admin/people/new", new),
        web.post("/admin/people/new", add),
        web.get(one, show),
        web.post(one, edit),
        web.post(one + "/week", set_week),
        web.post(one + "/absences", add_absence),
        web.post(one + "/absences/{absence}/end", end_absence),
        web.post(one + "/photo", set_photo),
        web.post(one + "/photo/remove", remove_photo),
        web.post(one + "/reset", reset),
        web.get(one + "/leave", leave_form),
        web.post(one + "/leave", leave),
    ]
