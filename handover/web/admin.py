"""`/admin`: what an administrator sees of the organisation, its details, and who may book its nurses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from handover import organising
from handover.domain.access import Scope
from handover.errors import Conflict, HandoverError, Invalid
from handover.store import accounts, places
from handover.store.engine import Tx
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader, version_in
from handover.web.keys import CLOCK, STORE, scope_of
from handover.web.pages import page
from handover.web.people_forms import today_of


@staff("accounts")
async def show(request: web.Request) -> web.Response:
    """GET /admin"""
    by = scope_of(request)
    context = await request.app[STORE].read(_gather, by, today_of(request))
    return page(request, "admin/show.html", context | {"saved": "saved" in request.query})


@staff("accounts")
async def organisation_form(request: web.Request) -> web.Response:
    """GET /admin/organisation"""
    return await _organisation_page(request, {})


@staff("accounts")
async def edit_organisation(request: web.Request) -> web.StreamResponse:
    """POST /admin/organisation"""
    by, fields = scope_of(request), await request.post()
    reader = Reader(fields)
    name, phone = reader.line("name", required=True), reader.phone("phone", required=True)
    try:
        reader.done()
        await request.app[STORE].write(
            organising.edit_organisation,
            by.organisation or "",
            version_in(fields),
            name,
            phone,
            by=by,
            now=request.app[CLOCK](),
        )
    except (Invalid, Conflict) as error:
        return await _organisation_page(request, fields, error)
    raise web.HTTPSeeOther("/admin?saved=1")


@staff("accounts")
async def agree(request: web.Request) -> web.StreamResponse:
    """POST /admin/agreements: let a hospital book, or let it no longer."""
    by, fields = scope_of(request), await request.post()
    story = organising.end_agreement if fields.get("end") else organising.agree
    hospital = str(fields.get("end") or fields.get("agree") or "")
    await request.app[STORE].write(
        story, hospital, by.organisation or "", by=by, now=request.app[CLOCK](), today=today_of(request)
    )
    raise web.HTTPSeeOther("/admin?saved=1#agreements")


def _gather(tx: Tx, by: Scope, today: str) -> dict[str, Any]:
    organisation = places.organisation(tx, by.organisation or "")
    assert organisation is not None
    kind = organising.UNIT_OF.get(organisation["kind"])
    municipality = organisation["kind"] == "municipality"
    return {
        "organisation": organisation,
        "unit_kind": kind,
        "units": places.units_of(tx, organisation["id"], kind) if kind else [],
        "people": accounts.of_organisation(tx, organisation["id"]),
        "shared": accounts.shared_nurses(tx, organisation["id"]),
        "hospitals": places.agreements_of(tx, organisation["id"], organisation["country"])
        if municipality
        else [],
        "teams": places.bookable_teams(tx, organisation["id"], today),
        "today": today,
    }


async def _organisation_page(
    request: web.Request, fields: Mapping[str, Any], error: HandoverError | None = None
) -> web.Response:
    organisation = await request.app[STORE].read(places.organisation, scope_of(request).organisation or "")
    assert organisation is not None
    typed = {name: str(fields.get(name, organisation[name])) for name in ("name", "phone", "version")}
    context = {"typed": typed, **complaints(request, error)}
    return page(request, "admin/organisation.html", context, status=error.status if error else 200)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/admin", show),
        web.get("/admin/organisation", organisation_form),
        web.post("/admin/organisation", edit_organisation),
        web.post("/admin/agreements", agree),
    ]
