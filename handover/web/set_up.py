"""`/set-up/{token}`: the first organisation and its administrator, by the link that the first start printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from handover import choosing_password, setting_up
from handover.domain.days import local_date
from handover.errors import N_, HandoverError
from handover.organising import KINDS, ZONES, WantedOrganisation
from handover.setting_up import FirstPeople
from handover.store import places
from handover.store.engine import Tx
from handover.web import sessions
from handover.web.complaints import complaints
from handover.web.doors import anyone
from handover.web.forms import Reader
from handover.web.keys import CLOCK, PASSWORDS, STORE
from handover.web.pages import page
from handover.web.passwords import typed


@anyone
async def form(request: web.Request) -> web.Response:
    """GET /set-up/{token}"""
    await _still_good(request)
    return await _page(request, {})


@anyone
async def submit(request: web.Request) -> web.StreamResponse:
    """POST /set-up/{token}: make both and sign in."""
    await _still_good(request)
    fields = await request.post()
    try:
        wanted, password = await _read(request, fields)
        kept = await request.app[PASSWORDS].hash(password)
        account = await request.app[STORE].write(
            setting_up.set_up,
            request.match_info["token"],
            wanted,
            kept,
            now=request.app[CLOCK](),
            today=_today(request, wanted),
        )
    except HandoverError as error:
        if error.status not in (409, 422):
            raise
        return await _page(request, fields, error)
    response = web.HTTPSeeOther("/")
    await sessions.begin(request, response, account)
    raise response


async def _read(request: web.Request, fields: Mapping[str, Any]) -> tuple[FirstPeople, str]:
    reader = Reader(fields)
    kind = reader.choice("kind", KINDS, required=True)
    country = reader.choice("country", tuple(ZONES), required=True)
    municipality = None
    if kind == "municipality":
        typed_name = reader.line("municipality", required=True)
        known = await request.app[STORE].read(places.municipalities)
        said = typed_name.casefold()
        municipality = next(
            (row["code"] for row in known if said in (row["code"], row["name"].casefold())), None
        )
        if typed_name and municipality is None:
            reader.wrong("municipality", "unknown", N_("Choose a municipality from the list."))
    organisation = WantedOrganisation(
        kind,
        reader.line("organisation", required=True),
        country,
        reader.phone("phone", required=True),
        municipality,
    )
    wanted = FirstPeople(
        organisation, reader.line("name", required=True), reader.email("email", required=True)
    )
    reader.done()
    password = typed(fields)
    choosing_password.refuse_weak(password, wanted.email)
    return wanted, password


async def _still_good(request: web.Request) -> None:
    token, now = request.match_info["token"], request.app[CLOCK]()
    await request.app[STORE].read(setting_up.may_set_up, token, now=now)


def _today(request: web.Request, wanted: FirstPeople) -> str:
    return local_date(request.app[CLOCK](), ZONES[wanted.organisation.country]).isoformat()


async def _page(
    request: web.Request, fields: Mapping[str, Any], error: HandoverError | None = None
) -> web.Response:
    names = ("kind", "country", "municipality", "organisation", "phone", "name", "email")
    context = {
        "typed": {name: str(fields.get(name, "")) for name in names},
        "municipalities": await request.app[STORE].read(_names),
        **complaints(request, error),
    }
    return page(request, "accounts/set_up.html", context, status=error.status if error else 200)


def _names(tx: Tx) -> list[str]:
    return [row["name"] for row in places.municipalities(tx)]


def routes() -> list[web.RouteDef]:
    return [web.get("/set-up/{token}", form), web.post("/set-up/{token}", submit)]
