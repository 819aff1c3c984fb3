"""`/account`: what people change about themselves: particulars, photo, password, days off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from handover import choosing_password, staffing
from handover.domain.access import Scope
from handover.errors import N_, Conflict, FieldError, HandoverError, Invalid, TooMany, look_again
from handover.store import accounts
from handover.store.engine import Row, Tx
from handover.web import sessions
from handover.web.complaints import complaints
from handover.web.doors import signed_in
from handover.web.forms import version_in
from handover.web.keys import CLOCK, PASSWORDS, STORE, scope_of
from handover.web.pages import page
from handover.web.passwords import typed
from handover.web.people_forms import read_absence, read_particulars, read_photo
from handover.web.throttling import THROTTLE, network_of, wait_sentence


@signed_in
async def show(request: web.Request) -> web.Response:
    """GET /account"""
    return await _page(request)


@signed_in
async def edit(request: web.Request) -> web.StreamResponse:
    """POST /account"""
    by, fields = scope_of(request), await request.post()
    try:
        wanted = read_particulars(fields, email=False, units=None)
        await request.app[STORE].write(
            staffing.edit_account, by.actor, version_in(fields), wanted, by=by, now=request.app[CLOCK]()
        )
    except (Invalid, Conflict) as error:
        return await _page(request, error, fields)
    response = web.HTTPSeeOther("/account?saved=1")
    sessions.follow_account_language(response)
    raise response


@signed_in
async def change_password(request: web.Request) -> web.StreamResponse:
    """POST /account/password: needs the one before; every other session ends."""
    by, fields = scope_of(request), await request.post()
    account = await request.app[STORE].read(accounts.by_id, by.actor)
    assert account is not None
    try:
        await _knows_the_old_one(request, account, typed(fields, "current"))
        password = typed(fields)
        choosing_password.refuse_weak(password, account["email"])
    except (Invalid, TooMany) as error:
        return await _page(request, error)
    kept = await request.app[PASSWORDS].hash(password)
    await request.app[STORE].write(choosing_password.change_password, kept, by=by, now=request.app[CLOCK]())
    response = web.HTTPSeeOther("/account?saved=1")
    await sessions.begin(request, response, by.actor)
    raise response


@signed_in
async def set_photo(request: web.Request) -> web.StreamResponse:
    """POST /account/photo"""
    by = scope_of(request)
    try:
        picture = await read_photo(request)
    except Invalid as error:
        return await _page(request, error)
    await request.app[STORE].write(
        staffing.set_photo, by.actor, picture.media_type, picture.content, by=by, now=request.app[CLOCK]()
    )
    raise web.HTTPSeeOther("/account?saved=1")


@signed_in
async def remove_photo(request: web.Request) -> web.StreamResponse:
    """POST /account/photo/remove"""
    by = scope_of(request)
    await request.app[STORE].write(staffing.remove_photo, by.actor, by=by, now=request.app[CLOCK]())
    raise web.HTTPSeeOther("/account?saved=1")


@signed_in
async def add_absence(request: web.Request) -> web.StreamResponse:
    """POST /account/absences"""
    by, fields = scope_of(request), await request.post()
    try:
        starts_at, ends_at = read_absence(fields, by.zone)
        await request.app[STORE].write(
            staffing.add_absence,
            by.actor,
            starts_at,
            ends_at,
            anyway=fields.get("anyway") == "yes",
            by=by,
            now=request.app[CLOCK](),
        )
    except (Invalid, Conflict) as error:
        return await _page(request, error, fields)
    raise web.HTTPSeeOther("/account?saved=1")


@signed_in
async def end_absence(request: web.Request) -> web.StreamResponse:
    """POST /account/absences/{absence}/end"""
    absence, by = request.match_info["absence"], scope_of(request)
    await request.app[STORE].write(staffing.end_absence, absence, by=by, now=request.app[CLOCK]())
    raise web.HTTPSeeOther("/account?saved=1")


async def _knows_the_old_one(request: web.Request, account: Row, password: str) -> None:
    """Somebody at a PC that was left open may not take the account over, nor guess without end."""
    throttle, network = request.app[THROTTLE], network_of(request)
    seconds = throttle.try_now(account["email"], network)
    if seconds:
        raise TooMany(
            "too-many-tries",
            wait_sentence(seconds),
            seconds=seconds,
        )
    if not await request.app[PASSWORDS].fits(password, account["password_hash"]):
        wrong = FieldError("current", "wrong-password", N_("This is not your password so far."))
        raise look_again(wrong)
    throttle.succeeded(account["email"], network)


async def _page(
    request: web.Request, error: HandoverError | None = None, fields: Mapping[str, Any] | None = None
) -> web.Response:
    by = scope_of(request)
    context = await request.app[STORE].read(_gather, by, request.app[CLOCK]())
    context["person"] = with_typed(context["person"], fields or {})
    context |= complaints(request, error) | {
        "absence": absence_typed(fields or {}),
        "meanwhile": meanwhile(error),
        "saved": "saved" in request.query,
    }
    return page(request, "accounts/show.html", context, status=error.status if error else 200)


def _gather(tx: Tx, by: Scope, now: int) -> dict[str, Any]:
    person = accounts.by_id(tx, by.actor)
    assert person is not None
    return {
        "person": person,
        "units": accounts.units_of(tx, by.actor),
        "absences": accounts.absences_of(tx, by.actor, now),
    }


def with_typed(person: Row, fields: Mapping[str, Any]) -> Row:
    """The person as the form that could not be saved says."""
    names = ("name", "title", "phone", "hours", "language", "email", "version")
    return {**person, **{name: str(fields[name]) for name in names if name in fields}}


def absence_typed(fields: Mapping[str, Any]) -> dict[str, str]:
    """The days off that could not be saved."""
    return {name: str(fields.get(name, "")) for name in ("from", "until", "from_time", "until_time")}


def meanwhile(error: HandoverError | None) -> list[Row]:
    """Talks that are booked in the days off, when that was what was wrong."""
    return list(error.details.get("talks", ())) if isinstance(error, Conflict) else []


def routes() -> list[web.RouteDef]:
    return [
        web.get("/account", show),
        web.post("/account", edit),
        web.post("/account/password", change_password),
        web.post("/account/photo", set_photo),
        web.post("/account/photo/remove", remove_photo),
        web.post("/account/absences", add_absence),
        web.post("/account/absences/{absence}/end", end_absence),
    ]
